using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Options;
using PartnerMatch.Api.Changes;

namespace PartnerMatch.Api.Webhooks;

/// <summary>
/// Posts messages. The address is looked at when the connection is made, after the name was resolved, so that no name leads into a network
/// of one's own; redirects are not followed, no proxy is used, and nothing of an answer but its status is read.
/// </summary>
internal sealed class WebhookSender : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan ConnectionLife = TimeSpan.FromMinutes(2);
    private readonly HttpClient _client;
    private readonly JsonSerializerOptions _json;
    private readonly TimeProvider _time;

    public WebhookSender(WebhookSettings settings, TimeProvider time, IOptions<Microsoft.AspNetCore.Http.Json.JsonOptions> json)
    {
        (_time, _json) = (time, json.Value.SerializerOptions);
        _client = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            PooledConnectionLifetime = ConnectionLife,
            ConnectCallback = (context, cancellation) => ConnectAsync(context.DnsEndPoint, settings.AllowPrivateTargets, cancellation),
        })
        {
            Timeout = Timeout,
        };
        _client.DefaultRequestHeaders.UserAgent.ParseAdd("PartnerMatch-Webhooks/1");
    }

    /// <summary>Sends a message once.</summary>
    /// <returns>The status, or null where no answer came, and why it counts as failed; no reason where it was received.</returns>
    public async Task<(int? Status, string? Failure)> SendAsync(WaitingMessage message, CancellationToken cancellation)
    {
        var body = JsonSerializer.Serialize(new WebhookBody(message.Change.Type, message.Change.OccurredAt, message.Change), _json);
        var timestamp = _time.GetUtcNow().ToUnixTimeSeconds();
        using var request = new HttpRequestMessage(HttpMethod.Post, message.Url) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Add("webhook-id", message.Id);
        request.Headers.Add("webhook-timestamp", timestamp.ToString(System.Globalization.CultureInfo.InvariantCulture));
        request.Headers.Add("webhook-signature", string.Join(' ', message.Secrets.Select(secret => WebhookSignature.Sign(secret, message.Id, timestamp, body))));
        try
        {
            using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
            return ((int)response.StatusCode, response.IsSuccessStatusCode ? null : FormattableString.Invariant($"The receiver answered {(int)response.StatusCode}."));
        }
        catch (HttpRequestException e)
        {
            return (null, e.InnerException is RefusedTargetException refused ? refused.Message : $"The receiver cannot be reached: {e.HttpRequestError}.");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return (null, FormattableString.Invariant($"The receiver did not answer within {Timeout.TotalSeconds} seconds."));
        }
    }

    public void Dispose() => _client.Dispose();

    private static async ValueTask<Stream> ConnectAsync(DnsEndPoint target, bool allowsPrivate, CancellationToken cancellation)
    {
        var addresses = await Dns.GetHostAddressesAsync(target.Host, cancellation);
        var allowed = allowsPrivate ? addresses : [.. addresses.Where(PublicAddresses.Contains)];
        if (allowed.Length == 0)
        {
            throw new RefusedTargetException();
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(allowed, target.Port, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private sealed class RefusedTargetException() : IOException("The host is not on the public internet.");
}

/// <summary>What a receiver is told.</summary>
/// <param name="Type">The type of the change.</param>
/// <param name="Timestamp">When it was made.</param>
/// <param name="Data">The change, as the feed tells it.</param>
internal sealed record WebhookBody(string Type, DateTimeOffset Timestamp, ChangeItem Data);

/// <summary>A message to send.</summary>
/// <param name="Id">The same at each attempt.</param>
/// <param name="WebhookId">Whose it is.</param>
/// <param name="Url">Where to.</param>
/// <param name="Secrets">The secret, and the one before it as long as that is valid.</param>
/// <param name="Change">What it tells.</param>
/// <param name="Attempts">How often it was sent before.</param>
internal sealed record WaitingMessage(string Id, string WebhookId, string Url, IReadOnlyList<string> Secrets, ChangeItem Change, int Attempts);
