namespace PartnerMatch.Evaluation.Statistics;

/// <summary>A claim made with some confidence, and whether it was right.</summary>
internal readonly record struct Claim(double Confidence, bool IsRight);

/// <summary>How far confidences are what they say: claims in bins of equal width over (0,1].</summary>
internal static class Calibration
{
    private const int Bins = 10;

    /// <summary>The bins that hold anything, lowest first.</summary>
    public static IReadOnlyList<CalibrationBin> BinsOf(IReadOnlyCollection<Claim> claims) =>
        [.. claims
            .GroupBy(c => Math.Clamp((int)Math.Ceiling(c.Confidence * Bins) - 1, 0, Bins - 1))
            .OrderBy(g => g.Key)
            .Select(g => new CalibrationBin((double)g.Key / Bins, (g.Key + 1.0) / Bins, g.Count(), g.Average(c => c.Confidence), g.Average(c => c.IsRight ? 1.0 : 0)))];

    /// <summary>The mean distance between confidence and share of right claims, weighed by the size of the bins; 0 where nothing was claimed.</summary>
    public static double ExpectedError(IReadOnlyCollection<Claim> claims) =>
        claims.Count == 0 ? 0 : BinsOf(claims).Sum(b => Math.Abs(b.Right - b.Confidence) * b.Claims / claims.Count);
}

/// <summary>Claims of like confidence.</summary>
internal sealed record CalibrationBin(double From, double To, int Claims, double Confidence, double Right);
