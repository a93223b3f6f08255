using System.Threading.RateLimiting;
using PartnerMatch.Api.Access;

namespace PartnerMatch.Api.Limits;

/// <summary>What a caller has to spend; one does not use up another.</summary>
internal enum Budget
{
    Reads,
    Matches,
    Writes,
}

/// <summary>A token bucket for each caller and budget. A caller is a key or a token's subject; who is not known is an address.</summary>
internal sealed class Budgets(LimitSettings settings) : IDisposable
{
    private readonly PartitionedRateLimiter<HttpContext> _limiter = PartitionedRateLimiter.Create<HttpContext, (Budget?, string)>(context => BudgetOf(context) is { } budget
        ? RateLimitPartition.GetTokenBucketLimiter<(Budget?, string)>((budget, CallerOf(context)), key => ToBucket(QuotaOf(settings, key.Item1!.Value)))
        : RateLimitPartition.GetNoLimiter<(Budget?, string)>((null, "")));

    public PartitionedRateLimiter<HttpContext> Limiter => _limiter;

    /// <summary>
    /// Tells the caller what it has left: <c>RateLimit-Policy</c> and <c>RateLimit</c> as structured fields, by draft-ietf-httpapi-ratelimit-headers-10.
    /// <c>q</c> requests in <c>w</c> seconds; <c>r</c> are left, and after <c>t</c> seconds without a request all are there again.
    /// </summary>
    public void Tell(HttpContext context)
    {
        if (BudgetOf(context) is not { } budget || _limiter.GetStatistics(context) is not { } statistics)
        {
            return;
        }

        var quota = QuotaOf(settings, budget);
        var left = statistics.CurrentAvailablePermits;
        var name = NameOf(budget);
        context.Response.Headers["RateLimit-Policy"] = FormattableString.Invariant($"\"{name}\";q={quota};w=60");
        context.Response.Headers["RateLimit"] = FormattableString.Invariant($"\"{name}\";r={left};t={Math.Ceiling((quota - left) * 60.0 / quota)}");
    }

    public void Dispose() => _limiter.Dispose();

    public static string NameOf(Budget budget) => budget switch
    {
        Budget.Reads => "reads",
        Budget.Matches => "matches",
        Budget.Writes => "writes",
    };

    public static Budget Of(Scope scope) => scope switch
    {
        Scope.Read or Scope.Metrics => Budget.Reads,
        Scope.Match => Budget.Matches,
        Scope.ProfilesWrite or Scope.MissionsWrite or Scope.Admin => Budget.Writes,
    };

    private static Budget? BudgetOf(HttpContext context) => context.GetEndpoint()?.Metadata.GetMetadata<NeededScope>() is { } needed ? Of(needed.Scope) : null;

    /// <summary>Whom a request counts for.</summary>
    public static string CallerOf(HttpContext context) => Identities.IsKnown(context.User) ? Identities.ActorOf(context.User) : context.Connection.RemoteIpAddress?.ToString() ?? "";

    private static int QuotaOf(LimitSettings settings, Budget budget) => budget switch
    {
        Budget.Reads => settings.ReadsPerMinute,
        Budget.Matches => settings.MatchesPerMinute,
        Budget.Writes => settings.WritesPerMinute,
    };

    /// <summary>Filled evenly: every second where the quota is large enough, else token by token.</summary>
    private static TokenBucketRateLimiterOptions ToBucket(int quota) => new()
    {
        TokenLimit = quota,
        TokensPerPeriod = Math.Max(1, quota / 60),
        ReplenishmentPeriod = quota >= 60 ? TimeSpan.FromSeconds(1) : TimeSpan.FromSeconds(60.0 / quota),
        QueueLimit = 0,
    };
}
