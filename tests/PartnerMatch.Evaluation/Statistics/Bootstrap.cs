using System.Globalization;

namespace PartnerMatch.Evaluation.Statistics;

/// <summary>A figure with its 95% interval.</summary>
internal readonly record struct Interval(double Value, double Low, double High) : IFormattable
{
    public override string ToString() => ToString(null, CultureInfo.InvariantCulture);

    public string ToString(string? format, IFormatProvider? formatProvider) => string.Create(formatProvider, $"{Value:0.000} [{Low:0.000}, {High:0.000}]");
}

/// <summary>Intervals of means by resampling (Efron 1979), the percentile method; the same values give the same interval.</summary>
internal static class Bootstrap
{
    private const int Resamples = 2000;
    private const int Seed = 20_240_229;

    /// <summary>The mean with its interval; for the difference of two methods give the differences pair by pair.</summary>
    public static Interval MeanOf(IReadOnlyList<double> values)
    {
        var random = new Random(Seed);
        var means = new double[Resamples];
        for (var i = 0; i < Resamples; i++)
        {
            double sum = 0;
            for (var j = 0; j < values.Count; j++)
            {
                sum += values[random.Next(values.Count)];
            }

            means[i] = sum / values.Count;
        }

        Array.Sort(means);
        return new Interval(values.Average(), means[(int)(0.025 * Resamples)], means[(int)(0.975 * Resamples) - 1]);
    }
}
