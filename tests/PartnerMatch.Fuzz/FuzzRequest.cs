using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace PartnerMatch.Fuzz;

/// <summary>A request in parts, so that each can be changed by itself.</summary>
public sealed record FuzzRequest(string Method, string Path)
{
    /// <summary>What was changed, in words.</summary>
    public string Change { get; init; } = "as the example has it";

    /// <summary>Name and value, both escaped where they are to be.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Query { get; init; } = [];

    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    public string? ContentType { get; init; }

    /// <summary>The body as JSON, where it is JSON.</summary>
    public JsonNode? Json { get; init; }

    /// <summary>The body where it is not.</summary>
    public byte[]? Bytes { get; init; }

    /// <summary>Whether the body's length is told beforehand, and the body sent only when it is asked for.</summary>
    public bool? TellsLength { get; init; }

    /// <summary>The body as it is sent.</summary>
    public byte[]? Body => Bytes ?? (Json is null ? null : Encoding.UTF8.GetBytes(Json.ToJsonString()));

    public string Target => Query.Count == 0 ? Path : $"{Path}?{string.Join('&', Query.Select(q => $"{q.Key}={q.Value}"))}";

    public FuzzRequest With(string change) => this with { Change = change };

    public FuzzRequest WithHeader(string name, string value) => this with { Headers = [.. WithoutHeader(name).Headers, new(name, value)] };

    public FuzzRequest WithoutHeader(string name) => this with { Headers = [.. Headers.Where(h => !string.Equals(h.Key, name, StringComparison.OrdinalIgnoreCase))] };

    public FuzzRequest WithQuery(string name, string value) => this with { Query = [.. WithoutQuery(name).Query, new(name, Uri.EscapeDataString(value))] };

    public FuzzRequest WithoutQuery(string name) => this with { Query = [.. Query.Where(q => q.Key != name)] };

    public FuzzRequest WithText(string body) => this with { Json = null, Bytes = Encoding.UTF8.GetBytes(body) };

    /// <summary>The path and the query of an address.</summary>
    public static FuzzRequest To(string method, string address)
    {
        var mark = address.IndexOf('?', StringComparison.Ordinal);
        return mark < 0 ? new FuzzRequest(method, address) : new FuzzRequest(method, address[..mark])
        {
            Query = [.. address[(mark + 1)..].Split('&').Select(p => p.Split('=', 2)).Select(p => KeyValuePair.Create(p[0], p[1]))],
        };
    }

    public HttpRequestMessage ToMessage(Uri server)
    {
        // The address goes out as it is written: the client must not mend what the service has to refuse.
        var address = new Uri(server.GetLeftPart(UriPartial.Authority) + Target, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        var message = new HttpRequestMessage(new HttpMethod(Method), address);
        message.Headers.ExpectContinue = TellsLength;
        message.Headers.TransferEncodingChunked = TellsLength is false ? true : null;
        if (Body is { } bytes)
        {
            message.Content = new ByteArrayContent(bytes);
            if (ContentType is not null)
            {
                message.Content.Headers.TryAddWithoutValidation("Content-Type", ContentType);
            }
        }

        foreach (var (name, value) in Headers)
        {
            message.Headers.TryAddWithoutValidation(name, value);
        }

        return message;
    }

    /// <summary>Enough to send it again by hand.</summary>
    public override string ToString()
    {
        var text = new StringBuilder().Append(Method).Append(' ').Append(Shorten(Target));
        foreach (var (name, value) in Headers)
        {
            text.Append("\n    ").Append(name).Append(": ").Append(Shorten(value));
        }

        if (ContentType is not null)
        {
            text.Append("\n    Content-Type: ").Append(ContentType);
        }

        return text.Append("\n    ").Append(Shorten(Json?.ToJsonString() ?? (Bytes is null ? "" : Encoding.UTF8.GetString(Bytes)))).Append("\n    change: ").Append(Change).ToString();
    }

    private static string Shorten(string text) => text.Length <= 1500 ? text : $"{text[..1500]}... ({text.Length} characters)";
}

/// <summary>An answer, read whole.</summary>
public sealed record FuzzAnswer(int Status, string? MediaType, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    public static async Task<FuzzAnswer> ReadAsync(HttpResponseMessage response)
    {
        var headers = response.Headers.Concat(response.Content.Headers).ToDictionary(h => h.Key, h => string.Join(", ", h.Value), StringComparer.OrdinalIgnoreCase);
        var type = headers.TryGetValue("Content-Type", out var written) && MediaTypeHeaderValue.TryParse(written, out var parsed) ? parsed.MediaType : null;
        return new FuzzAnswer((int)response.StatusCode, type, headers, type == "text/event-stream" ? await ReadEventsAsync(response) : await response.Content.ReadAsByteArrayAsync());
    }

    /// <summary>What comes of a stream that may have no end until nothing more comes for a while.</summary>
    private static async Task<byte[]> ReadEventsAsync(HttpResponseMessage response)
    {
        await using var events = await response.Content.ReadAsStreamAsync();
        using var read = new MemoryStream();
        var buffer = new byte[16 * 1024];
        try
        {
            while (true)
            {
                using var silence = new CancellationTokenSource(TimeSpan.FromMilliseconds(500));
                var count = await events.ReadAsync(buffer, silence.Token);
                if (count == 0)
                {
                    break;
                }

                read.Write(buffer, 0, count);
            }
        }
        catch (OperationCanceledException)
        {
            // The stream goes on; what came is enough.
        }

        return read.ToArray();
    }

    public bool IsAccepted => Status is (>= 200 and < 300) or 304;

    public bool IsRefused => Status is >= 400 and < 500;

    public JsonNode? Json => JsonNode.Parse(Body);

    public override string ToString()
    {
        var text = Encoding.UTF8.GetString(Body);
        return $"{Status} {MediaType} {(text.Length <= 1500 ? text : text[..1500] + "...")}";
    }
}
