using System.Diagnostics.Metrics;

namespace PartnerMatch.Api.Telemetry;

/// <summary>Bounds of histograms of durations, in seconds.</summary>
internal static class Buckets
{
    /// <summary>For what takes from a tenth of a millisecond to some seconds.</summary>
    public static readonly InstrumentAdvice<double> Fast = new()
    {
        HistogramBucketBoundaries = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    };

    /// <summary>For work in the background and over the network.</summary>
    public static readonly InstrumentAdvice<double> Slow = new()
    {
        HistogramBucketBoundaries = [0.01, 0.05, 0.1, 0.5, 1, 2.5, 5, 10, 15, 30, 60, 300, 900, 3600],
    };
}
