using System.Collections.Frozen;
using System.Net;
using System.Text.Json;

namespace PartnerMatch.Api.Tests.Proxy;

/// <summary>Sends what a test sends through Prism, and fails where Prism finds that the answer is not what the document says.</summary>
/// <param name="asked">The rule that the test asked for, if any.</param>
internal sealed class ProxyHandler(Rule? asked) : DelegatingHandler
{
    /// <summary>Headers of one connection, or of the way through the proxy.</summary>
    public static readonly FrozenSet<string> OfConnection = FrozenSet.Create(StringComparer.OrdinalIgnoreCase, "Connection", "Keep-Alive", "Transfer-Encoding", "Host", "Content-Length", "X-Test-Exchange");

    private const string ViolationsHeader = "sl-violations";

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var proxy = await ValidatingProxy.Instance;
        var rule = asked ?? await Rules.FindAsync(request);
        var way = rule?.Way ?? Way.Through;
        if (way == Way.Direct)
        {
            var direct = await base.SendAsync(request, cancellationToken);
            proxy.Count(rule, request, (int)direct.StatusCode);
            return direct;
        }

        var exchange = new Exchange(request, way, base.SendAsync, cancellationToken);
        using var forwarded = await ForwardAsync(request, way);
        HttpResponseMessage shown;
        try
        {
            shown = await proxy.SendAsync(exchange, forwarded, cancellationToken);
        }
        catch (HttpRequestException) when (exchange.Failure is not null)
        {
            throw exchange.Failure;
        }

        if (exchange.Failure is not null)
        {
            throw exchange.Failure;
        }

        var what = $"{request.Method} {request.RequestUri!.PathAndQuery}";
        var answer = exchange.Answer ?? throw new ProxyFindingException($"{what}: Prism answered itself, {(int)shown.StatusCode} {await shown.Content.ReadAsStringAsync(cancellationToken)}");
        what += $" answered {(int)answer.StatusCode}";
        if (FindViolations(shown, answer) is { } violations)
        {
            throw new ProxyFindingException($"{what}, which is not what the document says: {violations}");
        }

        if (shown.StatusCode != answer.StatusCode)
        {
            throw new ProxyFindingException($"{what}, and Prism made {(int)shown.StatusCode} of it: {await shown.Content.ReadAsStringAsync(cancellationToken)}");
        }

        proxy.Count(rule, request, (int)answer.StatusCode);
        if (way == Way.Beside)
        {
            shown.Dispose();
            return answer;
        }

        shown.RequestMessage = request;
        shown.Headers.Remove(ViolationsHeader);
        return shown;
    }

    private static async Task<HttpRequestMessage> ForwardAsync(HttpRequestMessage request, Way way)
    {
        var forwarded = new HttpRequestMessage(request.Method, new Uri(request.RequestUri!.PathAndQuery, UriKind.Relative));
        if (way == Way.Beside)
        {
            return forwarded;
        }

        if (request.Content is not null)
        {
            forwarded.Content = new ByteArrayContent(await request.Content.ReadAsByteArrayAsync());
            foreach (var (name, values) in request.Content.Headers.NonValidated)
            {
                forwarded.Content.Headers.TryAddWithoutValidation(name, values);
            }
        }

        foreach (var (name, values) in request.Headers.NonValidated)
        {
            if (!OfConnection.Contains(name))
            {
                forwarded.Headers.TryAddWithoutValidation(name, values);
            }
        }

        return forwarded;
    }

    /// <summary>What Prism has against the answer. It lists only what it could tell from the document; a path or a method that is not in there it lets pass with a hint.</summary>
    private static string? FindViolations(HttpResponseMessage shown, HttpResponseMessage answer)
    {
        if (!shown.Headers.NonValidated.TryGetValues(ViolationsHeader, out var header))
        {
            return null;
        }

        var text = header.ToString();
        if (!text.StartsWith('['))
        {
            return text;
        }

        var violations = JsonDocument.Parse(text).RootElement.EnumerateArray().ToArray();
        if (violations.Any(v => v.GetProperty("message").GetString() == "Selected route not found"))
        {
            // Strangers are told 401 of whatever they ask, whether there is such a path or not.
            return answer.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed or HttpStatusCode.Unauthorized ? null : "it knows no such path and method";
        }

        var ofAnswer = violations.Where(v => v.GetProperty("location")[0].GetString() == "response").Select(v => v.GetRawText()).ToArray();
        return ofAnswer.Length == 0 ? null : string.Join("; ", ofAnswer);
    }
}

/// <summary>The proxy found an answer that differs from the document.</summary>
internal sealed class ProxyFindingException(string message) : Exception(message);
