namespace PartnerMatch.Evaluation.Statistics;

/// <summary>How well the one right partner of a list is placed.</summary>
/// <param name="Reciprocal">1 / rank.</param>
/// <param name="First">1 where it is the first, else 0.</param>
/// <param name="FirstFive">1 where it is among the first five.</param>
/// <param name="FirstTen">1 where it is among the first ten.</param>
/// <param name="Gain">Normalised discounted cumulative gain at ten: 1 / log2(1 + rank) among the first ten, else 0.</param>
/// <param name="Percentile">The share of the other candidates that it stands above; 1 is the top, 0.5 chance.</param>
internal readonly record struct RankFigures(double Reciprocal, double First, double FirstFive, double FirstTen, double Gain, double Percentile)
{
    private const double Cut = 10;

    /// <summary>The figures of a rank, which may lie between two places where values tie.</summary>
    public static RankFigures Of(double rank, int candidates) => new(
        1 / rank,
        rank <= 1 ? 1 : 0,
        rank <= 5 ? 1 : 0,
        rank <= 10 ? 1 : 0,
        rank <= Cut ? 1 / Math.Log2(1 + rank) : 0,
        candidates > 1 ? 1 - ((rank - 1) / (candidates - 1)) : 1);

    /// <summary>What a random order gives on average, exactly.</summary>
    public static RankFigures OfChance(int candidates) =>
        MeanOf([.. Enumerable.Range(1, candidates).Select(rank => Of(rank, candidates))]);

    public static RankFigures MeanOf(IReadOnlyCollection<RankFigures> figures) => new(
        figures.Average(f => f.Reciprocal),
        figures.Average(f => f.First),
        figures.Average(f => f.FirstFive),
        figures.Average(f => f.FirstTen),
        figures.Average(f => f.Gain),
        figures.Average(f => f.Percentile));
}
