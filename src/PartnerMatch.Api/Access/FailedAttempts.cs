using System.Threading.RateLimiting;
using PartnerMatch.Api.Limits;

namespace PartnerMatch.Api.Access;

/// <summary>
/// Counts keys and tokens that were not valid, by address. Only further failures are refused: a valid key always passes, so that nobody is
/// locked out by a neighbour behind the same address.
/// </summary>
internal sealed class FailedAttempts(LimitSettings settings) : IDisposable
{
    private readonly PartitionedRateLimiter<HttpContext> _limiter = PartitionedRateLimiter.Create<HttpContext, string>(context =>
        RateLimitPartition.GetTokenBucketLimiter(context.Connection.RemoteIpAddress?.ToString() ?? "", _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = settings.FailedAttemptsPerMinute,
            TokensPerPeriod = 1,
            ReplenishmentPeriod = TimeSpan.FromMinutes(1) / settings.FailedAttemptsPerMinute,
            QueueLimit = 0,
        }));

    /// <summary>Counts one more.</summary>
    /// <returns>Null, or how long to wait where there were too many.</returns>
    public TimeSpan? Count(HttpContext context)
    {
        using var lease = _limiter.AttemptAcquire(context);
        return lease.IsAcquired ? null : lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? wait : TimeSpan.FromMinutes(1);
    }

    public void Dispose() => _limiter.Dispose();
}
