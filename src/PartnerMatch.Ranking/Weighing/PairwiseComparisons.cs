using MathNet.Numerics.LinearAlgebra;

namespace PartnerMatch.Ranking.Weighing;

/// <summary>
/// Weights from pairwise comparisons of criteria: the Analytic Hierarchy Process of Saaty (1977, 2008). The weights are the principal
/// eigenvector of the matrix of judgements. Comparisons may be missing as long as the others connect all criteria: a missing one is taken
/// for what the weights themselves say (Harker 1987), which the eigenvector of a matrix with zeros in its place and, on the diagonal, one
/// more for each missing comparison of the row solves at once.
/// </summary>
public static class PairwiseComparisons
{
    /// <summary>Up to this ratio Saaty calls judgements consistent enough.</summary>
    public const double AcceptableRatio = 0.1;

    /// <summary>The strongest judgement: extremely more important.</summary>
    public const double Strongest = 9;

    /// <summary>Weighs the criteria.</summary>
    /// <param name="criteria">At least two, at most as many as there are random indices for, each once.</param>
    /// <param name="judgements">At most one a pair, in either order; together they connect all criteria.</param>
    /// <exception cref="ArgumentException">A judgement names an unknown criterion, or one twice, or a pair is judged twice, an intensity is not above 0 and finite, or the judgements leave groups apart.</exception>
    public static ComparedWeights Weigh(IReadOnlyList<string> criteria, IReadOnlyList<Judgement> judgements)
    {
        ArgumentNullException.ThrowIfNull(criteria);
        ArgumentNullException.ThrowIfNull(judgements);
        var count = criteria.Count;
        if (count is < 2 or > RandomIndex.MostCriteria || criteria.Distinct(StringComparer.Ordinal).Count() < count)
        {
            throw new ArgumentException($"There are 2 to {RandomIndex.MostCriteria} criteria, each named once.", nameof(criteria));
        }

        var matrix = ToMatrix(criteria, judgements);
        if (FindGroups(criteria, judgements).Count > 1)
        {
            throw new ArgumentException("The judgements leave groups of criteria that nothing compares.", nameof(judgements));
        }

        var missing = (count * (count - 1) / 2) - judgements.Count;
        var (eigenvalue, weights) = FindPrincipal(matrix);
        var index = Math.Max(0, (eigenvalue - count) / (count - 1));
        var random = RandomIndex.Of(count, missing);

        // Two criteria, or a tree of comparisons, cannot contradict themselves.
        var ratio = random > 0 ? index / random : 0;
        var byName = criteria.Zip(weights).ToDictionary(w => w.First, w => w.Second, StringComparer.Ordinal);
        return new ComparedWeights
        {
            Weights = byName,
            PrincipalEigenvalue = eigenvalue,
            Missing = missing,
            ConsistencyIndex = index,
            RandomIndex = random,
            ConsistencyRatio = ratio,
            MostInconsistent = FindDoubtful(criteria, judgements, byName),
        };
    }

    /// <summary>The groups of criteria that the judgements connect; one where all hang together.</summary>
    public static IReadOnlyList<IReadOnlyList<string>> FindGroups(IReadOnlyList<string> criteria, IReadOnlyList<Judgement> judgements)
    {
        ArgumentNullException.ThrowIfNull(criteria);
        ArgumentNullException.ThrowIfNull(judgements);
        var groups = criteria.Select(c => new List<string> { c }).ToList();
        foreach (var judgement in judgements)
        {
            var one = groups.Find(g => g.Contains(judgement.Criterion))!;
            var other = groups.Find(g => g.Contains(judgement.Other))!;
            if (one != other)
            {
                one.AddRange(other);
                groups.Remove(other);
            }
        }

        return groups;
    }

    /// <summary>The judgement farthest from the weights. What fits in its place is told by the others alone, where they still connect everything: its own pull would hide it.</summary>
    private static DoubtfulJudgement FindDoubtful(IReadOnlyList<string> criteria, IReadOnlyList<Judgement> judgements, Dictionary<string, double> weights)
    {
        var doubtful = judgements.MaxBy(j => Math.Abs(Math.Log(j.Intensity / (weights[j.Criterion] / weights[j.Other]))))!;
        Judgement[] others = [.. judgements.Where(j => j != doubtful)];
        var ratio = weights[doubtful.Criterion] / weights[doubtful.Other];
        if (FindGroups(criteria, others).Count == 1)
        {
            var (_, without) = FindPrincipal(ToMatrix(criteria, others));
            var byName = criteria.Zip(without).ToDictionary(w => w.First, w => w.Second, StringComparer.Ordinal);
            ratio = byName[doubtful.Criterion] / byName[doubtful.Other];
        }

        return DoubtfulJudgement.Of(doubtful, ratio);
    }

    private static double[,] ToMatrix(IReadOnlyList<string> criteria, IReadOnlyList<Judgement> judgements)
    {
        var count = criteria.Count;
        var places = criteria.Index().ToDictionary(c => c.Item, c => c.Index, StringComparer.Ordinal);
        var matrix = new double[count, count];
        foreach (var (criterion, other, intensity) in judgements)
        {
            if (!places.TryGetValue(criterion, out var row) || !places.TryGetValue(other, out var column) || row == column || matrix[row, column] != 0)
            {
                throw new ArgumentException($"The judgement of '{criterion}' against '{other}' names no two criteria, or comes twice.", nameof(judgements));
            }

            if (intensity <= 0 || !double.IsFinite(intensity) || !double.IsFinite(1 / intensity))
            {
                throw new ArgumentException("An intensity is above 0 and finite.", nameof(judgements));
            }

            matrix[row, column] = intensity;
            matrix[column, row] = 1 / intensity;
        }

        for (var row = 0; row < count; row++)
        {
            var missing = Enumerable.Range(0, count).Count(column => column != row && matrix[row, column] == 0);
            matrix[row, row] = 1 + missing;
        }

        return matrix;
    }

    /// <summary>The matrix is not negative, connected and has a positive diagonal: its largest eigenvalue is real and simple, and the vector positive (Perron and Frobenius).</summary>
    private static (double Value, double[] Vector) FindPrincipal(double[,] matrix)
    {
        var evd = Matrix<double>.Build.DenseOfArray(matrix).Evd();
        var largest = evd.EigenValues.Index().MaxBy(e => e.Item.Real);
        var vector = evd.EigenVectors.Column(largest.Index);
        return (largest.Item.Real, [.. vector / vector.Sum()]);
    }
}

/// <summary>One comparison of two criteria.</summary>
/// <param name="Criterion">A criterion.</param>
/// <param name="Other">Another one.</param>
/// <param name="Intensity">How many times as important as the other it is, on Saaty's scale: 1 equal, 3 moderately, 5 strongly, 7 very strongly, 9 extremely more; below 1 the reciprocal.</param>
public sealed record Judgement(string Criterion, string Other, double Intensity);

/// <summary>What comparisons say together.</summary>
public sealed record ComparedWeights
{
    /// <summary>Criterion to weight; they sum to 1.</summary>
    public required IReadOnlyDictionary<string, double> Weights { get; init; }

    /// <summary>The number of criteria where the judgements are consistent, more where they are not.</summary>
    public required double PrincipalEigenvalue { get; init; }

    /// <summary>How many pairs were not compared.</summary>
    public required int Missing { get; init; }

    /// <summary>How far the eigenvalue lies above the number of criteria n, divided by n - 1.</summary>
    public required double ConsistencyIndex { get; init; }

    /// <summary>What random judgements of that many criteria, with so many missing, have on average.</summary>
    public required double RandomIndex { get; init; }

    /// <summary>The consistency index over the random index, 0 where the judgements cannot contradict each other.</summary>
    public required double ConsistencyRatio { get; init; }

    /// <summary>The judgement that lies farthest from what all of them say together.</summary>
    public required DoubtfulJudgement MostInconsistent { get; init; }
}

/// <summary>A judgement beside what the others say of its two criteria.</summary>
/// <param name="Judgement">The judgement.</param>
/// <param name="Implied">The ratio of the two weights that the others alone give, or all together where the others leave criteria apart.</param>
/// <param name="Fitting">The value of Saaty's scale that lies nearest to that ratio.</param>
/// <param name="Deviation">How many times the judgement lies above or below the ratio, at least 1.</param>
public sealed record DoubtfulJudgement(Judgement Judgement, double Implied, double Fitting, double Deviation)
{
    internal static DoubtfulJudgement Of(Judgement judgement, double implied)
    {
        var strength = Math.Round(Math.Clamp(Math.Max(implied, 1 / implied), 1, PairwiseComparisons.Strongest));
        return new(judgement, implied, implied >= 1 ? strength : 1 / strength, Math.Exp(Math.Abs(Math.Log(judgement.Intensity / implied))));
    }
}
