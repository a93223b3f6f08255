using System.Net.Http.Headers;
using System.Text;

namespace PartnerMatch.Soak.Writing;

/// <summary>One request that writes: all that it touches has the new mark afterwards, or the old one where it was not carried out.</summary>
/// <param name="Method">The method.</param>
/// <param name="Path">The address.</param>
/// <param name="Body">The body, or null.</param>
/// <param name="Touches">What it writes.</param>
/// <param name="Mark">The mark afterwards; null where it deletes.</param>
internal sealed record Write(HttpMethod Method, string Path, string? Body, IReadOnlyList<Kept> Touches, int? Mark)
{
    public string ContentType { get; init; } = "application/json";

    /// <summary>Under which it may be sent again; null where it says the same each time.</summary>
    public string? Key { get; init; }

    /// <summary>Whether it asks for a job, which may go on after the answer.</summary>
    public bool IsJob { get; init; }

    /// <summary>Where the job that was promised is found.</summary>
    public string? Job { get; set; }

    public HttpRequestMessage ToRequest()
    {
        var request = new HttpRequestMessage(Method, Path);
        if (Body is not null)
        {
            request.Content = new StringContent(Body, Encoding.UTF8);
            request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(ContentType);
        }

        if (Key is not null)
        {
            request.Headers.Add("Idempotency-Key", Key);
        }
        else
        {
            // Where no version was answered, as after an import, any will do: nobody else writes to it.
            request.Headers.TryAddWithoutValidation("If-Match", Touches[0].Version ?? "*");
        }

        if (IsJob)
        {
            request.Headers.Add("Prefer", "respond-async");
        }

        return request;
    }
}
