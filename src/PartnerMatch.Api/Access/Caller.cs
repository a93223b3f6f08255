using System.Security.Claims;
using PartnerMatch.Api.Telemetry;

namespace PartnerMatch.Api.Access;

/// <summary>On whose behalf work is done: of a request, or of a job that a request left behind.</summary>
/// <param name="Actor"><c>key:</c> with the key's id, <c>token:</c> with the token's subject, <c>anyone</c> where the service runs open, <c>command</c>, or <c>service</c>.</param>
/// <param name="Owner">The portal whose enterprises alone the caller may create and change; null for callers that are bound to none.</param>
/// <param name="Address">The address that the request came from.</param>
/// <param name="UserAgent">The program that the caller says it is.</param>
/// <param name="TraceId">Names the request in the log.</param>
internal sealed record Caller(string Actor, string? Owner = null, string? Address = null, string? UserAgent = null, string? TraceId = null)
{
    private const int MaxUserAgent = 200;
    private static readonly AsyncLocal<Caller?> Ambient = new();

    /// <summary>The service itself: its start, its jobs, its upkeep.</summary>
    public static Caller Service { get; } = new("service");

    /// <summary>The caller of the request or job that is being worked on.</summary>
    public static Caller Current => Ambient.Value ?? Service;

    /// <summary>Lets the rest of the calling asynchronous method, and all that it calls, work on behalf of <paramref name="caller"/>.</summary>
    public static void ActFor(Caller caller) => Ambient.Value = caller;

    /// <summary>Whether the caller may change what <paramref name="owner"/> keeps.</summary>
    public bool MayChange(string? owner) => Owner is null || Owner == owner;

    public static Caller Of(HttpContext context)
    {
        var agent = context.Request.Headers.UserAgent.ToString();
        return new Caller(
            Identities.ActorOf(context.User),
            context.User.FindFirstValue(Identities.OwnerClaim),
            context.Connection.RemoteIpAddress?.ToString(),
            agent.Length == 0 ? null : agent.Length > MaxUserAgent ? agent[..MaxUserAgent] : agent,
            Spans.TraceIdOf(context));
    }
}
