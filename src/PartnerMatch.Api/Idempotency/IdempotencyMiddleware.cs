using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using PartnerMatch.Api.Access;
using PartnerMatch.Api.Http;
using PartnerMatch.Api.Storage;

namespace PartnerMatch.Api.Idempotency;

/// <summary>
/// Carries a creating request with an <c>Idempotency-Key</c> out once. Its answer is kept for a day in the transaction of its write; the same
/// request gets the same answer again, another request under the key is refused, and so is one while the first is in progress. A request that
/// was refused has created nothing: it leaves no trace, and is judged anew.
/// </summary>
internal sealed class IdempotencyMiddleware(RequestDelegate next, IdempotencyStore store, SqliteDatabase database)
{
    public const string KeyHeader = "Idempotency-Key";
    public const string ReplayedHeader = "Idempotency-Replayed";
    public const int MaxKeyLength = 255;

    private static readonly string[] AnswerHeaders = ["Content-Type", "Location", "ETag", "Retry-After", "Preference-Applied"];
    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private readonly ConcurrentDictionary<(string Caller, string Key), bool> _inProgress = new();

    public async Task InvokeAsync(HttpContext context)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<CreatesOnceMetadata>() is not { } endpoint || context.Request.Headers[KeyHeader] is not { Count: > 0 } keys)
        {
            await next(context);
            return;
        }

        var key = keys.ToString();
        if (keys.Count > 1 || key.Length is 0 or > MaxKeyLength || key.Any(c => c is <= ' ' or > '~'))
        {
            await Problem.Invalid(new FieldError("header", KeyHeader, $"A key is given once and has 1 to {MaxKeyLength} visible ASCII characters.")).WriteAsync(context);
            return;
        }

        // Where the service runs open all callers are one, and share their keys. One subject of an issuer may call for many portals, whose answers stay apart: a
        // line each, for either may hold blanks.
        var caller = Caller.Current.Owner is { } owner ? $"{Caller.Current.Actor}\n{owner}" : Caller.Current.Actor;
        if (!_inProgress.TryAdd((caller, key), true))
        {
            context.Response.Headers.RetryAfter = "1";
            await Problem.Of(409, "request-in-progress", "A request with this key is in progress.", "Ask again when it is over.").WriteAsync(context);
            return;
        }

        try
        {
            await AnswerAsync(context, endpoint, caller, key);
        }
        finally
        {
            _inProgress.TryRemove((caller, key), out _);
        }
    }

    private async Task AnswerAsync(HttpContext context, CreatesOnceMetadata endpoint, string caller, string key)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{context.Request.Method} {context.Request.Path}{context.Request.QueryString}\n"));
        await using var body = new HashingStream(context.Request.Body, hash);
        if (await store.FindAsync(caller, key, context.RequestAborted) is { } given)
        {
            await ReplayAsync(context, given, await body.FinishAsync(context.RequestAborted));
            return;
        }

        context.Request.Body = body;
        var client = context.Response.Body;
        using var buffer = new MemoryStream();
        context.Response.Body = buffer;
        try
        {
            if (endpoint.IsRepeatable)
            {
                if (await RunAsync() is { } answer)
                {
                    await database.WriteAsync(transaction => store.AddAsync(transaction, caller, key, answer), _ => { }, CancellationToken.None);
                }
            }
            else
            {
                await database.HoldWriteAsync(RunAsync, (transaction, answer) => answer is null ? Task.CompletedTask : store.AddAsync(transaction, caller, key, answer));
            }
        }
        finally
        {
            context.Response.Body = client;
        }

        buffer.Position = 0;
        await buffer.CopyToAsync(client, context.RequestAborted);

        // What the endpoint answers, where it is worth keeping.
        async Task<GivenAnswer?> RunAsync()
        {
            await next(context);
            return context.Response.StatusCode is >= 200 and < 300
                ? new GivenAnswer(await body.FinishAsync(context.RequestAborted), context.Response.StatusCode, HeadersOf(context.Response), WithoutSecret(buffer.ToArray(), endpoint.SecretMember))
                : null;
        }
    }

    private static Dictionary<string, string> HeadersOf(HttpResponse response) => AnswerHeaders
        .Where(response.Headers.ContainsKey)
        .ToDictionary(name => name, name => response.Headers[name].ToString(), StringComparer.Ordinal);

    private static byte[] WithoutSecret(byte[] body, string? member)
    {
        if (member is null)
        {
            return body;
        }

        var answer = JsonNode.Parse(body)!.AsObject();
        answer[member] = null;
        return Encoding.UTF8.GetBytes(answer.ToJsonString(Relaxed));
    }

    private static async Task ReplayAsync(HttpContext context, GivenAnswer given, byte[] request)
    {
        if (!given.Request.AsSpan().SequenceEqual(request))
        {
            await Problem.Of(422, "idempotency-key-reused", "The key belongs to another request.", "Another address or body was sent under this Idempotency-Key within 24 hours.").WriteAsync(context);
            return;
        }

        context.Response.StatusCode = given.Status;
        foreach (var (name, value) in given.Headers)
        {
            context.Response.Headers[name] = value;
        }

        context.Response.Headers[ReplayedHeader] = "true";
        await context.Response.Body.WriteAsync(given.Body, context.RequestAborted);
    }
}
