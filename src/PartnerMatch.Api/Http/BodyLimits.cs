namespace PartnerMatch.Api.Http;

/// <summary>What every endpoint with a body may answer besides its own.</summary>
internal static class BodyLimits
{
    /// <summary>The largest body taken, in bytes.</summary>
    public const long MaxBodySize = 2 * 1024 * 1024;

    public static RouteHandlerBuilder TakesBody(this RouteHandlerBuilder builder) => builder
        .WithMetadata(new ProducesProblemMetadata(413, $"The body is larger than {MaxBodySize} bytes."))
        .WithMetadata(new ProducesProblemMetadata(415, "The body is not JSON, or not UTF-8."));
}
