using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace PartnerMatch.Api.Tests.Proxy;

/// <summary>One request of a test and its answer.</summary>
/// <param name="request">As the test sent it.</param>
/// <param name="way">Whether the service gets what Prism forwards, or what the test sent.</param>
/// <param name="send">Sends to the service.</param>
/// <param name="cancellation">That of the test.</param>
internal sealed class Exchange(HttpRequestMessage request, Way way, Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> send, CancellationToken cancellation)
{
    private int _asked;

    /// <summary>What the service answered, before Prism saw it.</summary>
    public HttpResponseMessage? Answer { get; private set; }

    /// <summary>Why the service did not answer.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Gets the answer of the service and gives it to Prism.</summary>
    /// <param name="context">The request of Prism.</param>
    public async Task AnswerAsync(HttpContext context)
    {
        byte[] body;
        try
        {
            if (Interlocked.Increment(ref _asked) > 1)
            {
                throw new InvalidOperationException("Prism asked twice.");
            }

            Answer = await send(way == Way.Through ? await ForwardedAsync(context) : request, cancellation);
            body = Answer.Content.Headers.ContentType?.MediaType == "text/event-stream" ? [] : await Answer.Content.ReadAsByteArrayAsync(cancellation);
        }
        catch (Exception failure)
        {
            Failure = failure;
            context.Abort();
            return;
        }

        context.Response.StatusCode = (int)Answer.StatusCode;
        foreach (var (name, values) in Answer.Headers.NonValidated.Concat(Answer.Content.Headers.NonValidated))
        {
            if (!name.Equals("Transfer-Encoding", StringComparison.OrdinalIgnoreCase))
            {
                context.Response.Headers.Append(name, values.ToArray());
            }
        }

        if (body.Length > 0)
        {
            await context.Response.Body.WriteAsync(body, cancellation);
        }
    }

    private async Task<HttpRequestMessage> ForwardedAsync(HttpContext context)
    {
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var forwarded = new HttpRequestMessage(new HttpMethod(context.Request.Method), request.RequestUri!.GetLeftPart(UriPartial.Authority) + target);
        if (request.Content is not null)
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            forwarded.Content = new ByteArrayContent(body.ToArray());
        }

        foreach (var (name, values) in context.Request.Headers)
        {
            if (!ProxyHandler.OfConnection.Contains(name) && !forwarded.Headers.TryAddWithoutValidation(name, [.. values]))
            {
                forwarded.Content?.Headers.TryAddWithoutValidation(name, [.. values]);
            }
        }

        forwarded.Headers.Host = request.Headers.Host;
        return forwarded;
    }
}
