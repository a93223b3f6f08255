using System.Diagnostics;

namespace PartnerMatch.Benchmarks.Measuring;

/// <summary>How long each query of one kind took.</summary>
internal sealed class Latencies
{
    private readonly double[] _sorted;

    private Latencies(IEnumerable<double> milliseconds) => _sorted = [.. milliseconds.Order()];

    public int Count => _sorted.Length;

    public double P50 => At(0.5);

    /// <summary>The slowest where there are fewer than a hundred.</summary>
    public double P99 => At(0.99);

    public double Most => _sorted[^1];

    public static Latencies Of(IEnumerable<double> milliseconds) => new(milliseconds);

    /// <summary>Runs the queries one after the other, unmeasured for <paramref name="warmUp"/> and then measured until <paramref name="budget"/> is used up.</summary>
    /// <param name="queries">How many there are.</param>
    /// <param name="run">Runs one, by its number.</param>
    /// <param name="warmUp">For the runtime to compile and for caches to fill; one query at least.</param>
    /// <param name="budget">A few queries are measured however long they take.</param>
    public static Latencies Measure(int queries, Action<int> run, TimeSpan warmUp, TimeSpan budget)
    {
        const int fewest = 3;
        var clock = Stopwatch.StartNew();
        var warm = 0;
        do
        {
            run(warm++ % queries);
        }
        while (clock.Elapsed < warmUp);

        GC.Collect();
        var taken = new List<double>(queries);
        clock.Restart();
        for (var query = 0; query < queries && (query < fewest || clock.Elapsed < budget); query++)
        {
            var began = Stopwatch.GetTimestamp();
            run(query);
            taken.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }

        return new Latencies(taken);
    }

    /// <summary>By nearest rank.</summary>
    private double At(double share) => _sorted[Math.Clamp((int)Math.Ceiling(share * _sorted.Length) - 1, 0, _sorted.Length - 1)];
}
