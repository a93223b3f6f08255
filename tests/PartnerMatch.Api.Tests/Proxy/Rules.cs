using System.Text;
using System.Text.Json;

namespace PartnerMatch.Api.Tests.Proxy;

/// <summary>How a request goes.</summary>
internal enum Way
{
    /// <summary>The service gets what Prism forwards, and the test gets what Prism answers.</summary>
    Through,

    /// <summary>Service and test get what the other sent; Prism is shown the request without its body, and the answer, and finds what differs.</summary>
    Beside,

    /// <summary>Prism does not see it.</summary>
    Direct,
}

/// <summary>A reason for which a request does not go through.</summary>
/// <param name="Name">Its name in the tally.</param>
/// <param name="Way">How it goes instead.</param>
internal sealed record Rule(string Name, Way Way);

/// <summary>What Prism (5.16) cannot carry, and why.</summary>
internal static class Rules
{
    /// <summary>Prism reads JSON and writes it anew, with other escapes and numbers; a test that compares bytes asks for this.</summary>
    public static readonly Rule ExactBytes = new("exact bytes", Way.Beside);

    /// <summary>Prism reads an answer to its end at once; a test that lets the service wait for its reader asks for this.</summary>
    public static readonly Rule UnreadAnswer = new("unread answer", Way.Direct);

    /// <summary>Prism takes no larger body than 10 MiB, and writes JSON anew without blanks: what is too large for the service may come to it small.</summary>
    private const int LargestBody = 1 << 20;

    /// <summary>Prism reads bodies as UTF-8, and as JSON where they say so, and refuses what is none.</summary>
    private static readonly Rule Body = new("body that is large, or no text, or no JSON", Way.Beside);

    private static readonly (Rule Rule, Func<HttpRequestMessage, bool> Holds)[] OfRequests =
    [
        // Prism reads an answer to its end before it passes anything on, and a stream has none before the test has seen it: it is shown the head.
        (new("event stream", Way.Beside), r => r.Headers.Accept.Any(a => a.MediaType == "text/event-stream") || r.RequestUri!.AbsolutePath.EndsWith("/events", StringComparison.Ordinal)),

        // Prism follows redirects itself, and pages for people are not in the document.
        (new("page", Way.Direct), r => r.RequestUri!.AbsolutePath == "/" || r.RequestUri.AbsolutePath.StartsWith("/swagger", StringComparison.Ordinal)),

        // Browsers ask by themselves what a page of another origin may do; a document of OpenAPI says nothing of it.
        (new("preflight", Way.Direct), r => r.Method == HttpMethod.Options),

        // The document holds neither itself nor what is not for integrators: there is nothing to compare.
        (new("not in the document", Way.Direct), r => r.RequestUri!.AbsolutePath is "/metrics" or "/openapi/v1.json"),

        // Prism reads every answer as UTF-8.
        (new("workbook", Way.Beside), r => r.Headers.Accept.Any(a => a.MediaType!.Contains("spreadsheet", StringComparison.Ordinal)) || r.RequestUri!.Query.Contains("format=xlsx", StringComparison.Ordinal)),

        // Prism decodes and encodes addresses anew.
        (new("address that is not UTF-8", Way.Beside), r => Uri.UnescapeDataString(r.RequestUri!.PathAndQuery).AsSpan().ContainsAny('%', '\uFFFD')),

        // HTTP allows none, and only a service in the same process can be sent one.
        (new("header that is not ASCII", Way.Beside), r => r.Headers.NonValidated.Any(h => !Ascii.IsValid(h.Value.ToString()))),

        // Prism refuses it.
        (new("GET with a body", Way.Beside), r => r.Method == HttpMethod.Get && r.Content is not null),
    ];

    /// <summary>Finds the rule by which a request does not go through, if any.</summary>
    /// <param name="request">The request.</param>
    public static async Task<Rule?> FindAsync(HttpRequestMessage request)
    {
        foreach (var (rule, holds) in OfRequests)
        {
            if (holds(request))
            {
                return rule;
            }
        }

        return request.Content is null || await IsCarriedAsync(request.Content) ? null : Body;
    }

    /// <summary>Whether a body is the same after Prism read it as UTF-8, and as JSON where it says so, and wrote it again.</summary>
    private static async Task<bool> IsCarriedAsync(HttpContent content)
    {
        if (content.Headers.ContentEncoding.Count > 0 || content.Headers.ContentLength is not { } length || length > LargestBody)
        {
            return false;
        }

        var body = await content.ReadAsByteArrayAsync();
        var type = content.Headers.ContentType;
        if (type?.CharSet is { } charset && !charset.Trim('"').Equals("utf-8", StringComparison.OrdinalIgnoreCase)
            || !Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(body)).AsSpan().SequenceEqual(body))
        {
            return false;
        }

        if (type?.MediaType is not { } media || media != "application/json" && !media.EndsWith("+json", StringComparison.Ordinal))
        {
            return true;
        }

        try
        {
            using var json = JsonDocument.Parse(body, new JsonDocumentOptions { AllowDuplicateProperties = false });
            return json.RootElement.ValueKind is JsonValueKind.Object or JsonValueKind.Array;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
