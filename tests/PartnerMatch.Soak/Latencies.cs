using System.Collections.Concurrent;
using System.Diagnostics;

namespace PartnerMatch.Soak;

/// <summary>How long requests took.</summary>
internal sealed class Latencies
{
    private readonly ConcurrentBag<double> _milliseconds = [];

    public int Count => _milliseconds.Count;

    public async Task<T> MeasureAsync<T>(Func<Task<T>> request)
    {
        var clock = Stopwatch.StartNew();
        var answer = await request();
        _milliseconds.Add(clock.Elapsed.TotalMilliseconds);
        return answer;
    }

    /// <summary>The time within which a share of them were over, in milliseconds; 0 where there were none.</summary>
    public double At(double share)
    {
        var sorted = _milliseconds.Order().ToArray();
        return sorted.Length == 0 ? 0 : sorted[Math.Min(sorted.Length - 1, (int)(sorted.Length * share))];
    }

    public override string ToString() => FormattableString.Invariant($"p50 {At(0.5):0.0} ms, p99 {At(0.99):0.0} ms");
}
