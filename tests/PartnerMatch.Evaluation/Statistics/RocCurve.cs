namespace PartnerMatch.Evaluation.Statistics;

/// <summary>The receiver operating characteristic.</summary>
internal static class RocCurve
{
    /// <summary>The probability that a positive scores above a negative, ties counting one half (the Mann-Whitney statistic); one half where one of the two is missing.</summary>
    public static double AreaUnder(IReadOnlyCollection<(double Score, bool IsPositive)> cases)
    {
        double positives = cases.Count(c => c.IsPositive);
        var negatives = cases.Count - positives;
        if (positives == 0 || negatives == 0)
        {
            return 0.5;
        }

        double below = 0;
        double won = 0;
        foreach (var tie in cases.GroupBy(c => c.Score).OrderBy(g => g.Key))
        {
            double tiedPositives = tie.Count(c => c.IsPositive);
            var tiedNegatives = tie.Count() - tiedPositives;
            won += tiedPositives * (below + (tiedNegatives / 2));
            below += tiedNegatives;
        }

        return won / (positives * negatives);
    }
}
