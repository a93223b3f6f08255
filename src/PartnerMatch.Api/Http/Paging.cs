using System.Buffers.Text;
using System.Text.Json;
using FluentValidation;

namespace PartnerMatch.Api.Http;

/// <summary>Lists go on by an opaque cursor that names the place where they stopped.</summary>
internal static class Paging
{
    public const int DefaultLimit = 20;
    public const int MaxLimit = 100;
    public const int MaxCursorLength = 1000;

    /// <summary>A cursor of ours has every member; what lacks one would begin anew without a word.</summary>
    private static readonly JsonSerializerOptions WholePositions = new() { RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true };

    public static string Encode<T>(T position) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(position));

    /// <summary>The position, or null where the cursor is not one of ours.</summary>
    public static T? Decode<T>(string cursor)
        where T : class
    {
        if (cursor.Length > MaxCursorLength || !Base64Url.IsValid(cursor))
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize<T>(Base64Url.DecodeFromChars(cursor), WholePositions);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public static InvalidProblem BadCursor() => new(new FieldError("query", "cursor", "This is not a cursor of this list: follow 'next' as it was given, with the same parameters."));

    /// <summary>The address of the next page, also as a Link header (RFC 8288).</summary>
    public static string Next(HttpContext context, string cursor)
    {
        var query = context.Request.Query.Where(q => q.Key != "cursor").Select(q => KeyValuePair.Create(q.Key, q.Value)).Append(new("cursor", cursor));
        var next = context.Request.PathBase + context.Request.Path + QueryString.Create(query);
        context.Response.Headers.Link = $"<{next}>; rel=\"next\"";
        return next;
    }

    public static IRuleBuilderOptions<T, int?> IsLimit<T>(this IRuleBuilder<T, int?> rule) =>
        rule.InclusiveBetween(1, MaxLimit).WithMessage($"The limit must be 1 to {MaxLimit}.");
}
