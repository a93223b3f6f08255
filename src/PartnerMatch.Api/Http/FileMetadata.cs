namespace PartnerMatch.Api.Http;

/// <summary>Documents that the body is a file, in one of several formats.</summary>
internal sealed class TakesFileMetadata(params IReadOnlyList<(string ContentType, string Description)> formats)
{
    public IReadOnlyList<(string ContentType, string Description)> Formats => formats;
}

/// <summary>Documents that a 200 answer is, or can be had as, a file in one of several formats.</summary>
internal sealed class GivesFileMetadata(params IReadOnlyList<string> contentTypes)
{
    public IReadOnlyList<string> ContentTypes => contentTypes;
}
