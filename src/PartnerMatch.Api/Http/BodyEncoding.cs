using Microsoft.Net.Http.Headers;

namespace PartnerMatch.Api.Http;

/// <summary>
/// JSON is UTF-8 (RFC 8259, section 8.1), and not compressed. The framework fails at a charset that it does not know, or that stands in quotes, and reads what says that it is compressed as if
/// it were not.
/// </summary>
internal static class BodyEncoding
{
    private const string Utf8 = "utf-8";
    private const string Identity = "identity";

    public static Task RequirePlainUtf8Async(HttpContext context, RequestDelegate next)
    {
        if (context.Request.HasJsonContentType() && context.Request.Headers.ContentEncoding.Any(e => !StringComparer.OrdinalIgnoreCase.Equals(e, Identity)))
        {
            return Problem.OfStatus(415, "JSON is sent without compression.").WriteAsync(context);
        }

        if (context.Request.HasJsonContentType() && MediaTypeHeaderValue.TryParse(context.Request.ContentType, out var type) && type.Charset.HasValue)
        {
            if (!HeaderUtilities.RemoveQuotes(type.Charset).Equals(Utf8, StringComparison.OrdinalIgnoreCase))
            {
                return Problem.OfStatus(415, "JSON is sent as UTF-8.").WriteAsync(context);
            }

            type.Charset = Utf8;
            context.Request.ContentType = type.ToString();
        }

        return next(context);
    }
}
