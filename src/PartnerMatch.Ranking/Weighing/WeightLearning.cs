using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.Optimization;
using PartnerMatch.Ranking.Components;
using PartnerMatch.Ranking.Scoring;

namespace PartnerMatch.Ranking.Weighing;

/// <summary>
/// Weights from decisions: pairwise logistic regression. Of two candidates of one enterprise, one accepted and one rejected, the accepted one should score
/// higher; the chance of that is the logistic function of the weighed difference of their component values. The penalty draws the weights towards those
/// of the current profile at the scale that fits best, so that few decisions change little and a component without evidence keeps its place. Every weight is at
/// least 0, rivalry's subtracts: bounds of the optimiser, not corrections afterwards.
/// </summary>
public static class WeightLearning
{
    /// <summary>With fewer decisions nothing is learnt.</summary>
    public const int FewestDecisions = 30;

    /// <summary>Nor with fewer of one kind.</summary>
    public const int FewestOfKind = 10;

    /// <summary>Nor with decisions of fewer enterprises: they are what is held out.</summary>
    public const int FewestEnterprises = 5;

    private const int Folds = 5;

    /// <summary>Below so many enterprises with decisions of both kinds, accepted and rejected pairs are compared across enterprises.</summary>
    private const int FewestMixedEnterprises = 5;

    /// <summary>How far a weight may stray from the current profile's, on the scale of logits, before the penalty is one unit.</summary>
    private const double Stray = 5;

    private const double MostLogits = 1000;
    private const int MostRejectedPerAccepted = 50;

    /// <summary>What is missing for learning, or null where there is enough.</summary>
    public static LearningLack? FindLack(IReadOnlyList<DecidedPair> decisions)
    {
        ArgumentNullException.ThrowIfNull(decisions);
        var accepted = decisions.Count(d => d.IsAccepted);
        return decisions.Count < FewestDecisions ? LearningLack.TooFewDecisions
            : accepted < FewestOfKind || decisions.Count - accepted < FewestOfKind ? LearningLack.TooFewOfOneKind
            : decisions.Select(GroupBySide(decisions)).Distinct(StringComparer.Ordinal).Count() < FewestEnterprises ? LearningLack.TooFewEnterprises
            : null;
    }

    /// <summary>Learns weights for the form of a profile.</summary>
    /// <param name="current">The profile to start from and to compare with.</param>
    /// <param name="decisions">One a pair; the order does not matter.</param>
    /// <param name="seed">Decides which enterprises are held out together.</param>
    /// <exception cref="ArgumentException"><see cref="FindLack"/> names a lack.</exception>
    public static LearntWeights Learn(RankingProfile current, IReadOnlyList<DecidedPair> decisions, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(current);
        ArgumentNullException.ThrowIfNull(decisions);
        if (FindLack(decisions) is { } lack)
        {
            throw new ArgumentException($"The decisions teach nothing: {lack}.", nameof(decisions));
        }

        var enterprise = GroupBySide(decisions);
        var groups = decisions
            .OrderBy(d => d.First, StringComparer.Ordinal).ThenBy(d => d.Second, StringComparer.Ordinal)
            .Select(d => new Example(enterprise(d), ToVector(d), d.IsAccepted))
            .GroupBy(e => e.Enterprise, StringComparer.Ordinal)
            .OrderBy(g => g.Key, StringComparer.Ordinal)
            .Select(g => g.ToArray())
            .ToArray();
        var isWithin = groups.Count(g => g.Any(e => e.IsAccepted) && g.Any(e => !e.IsAccepted)) >= FewestMixedEnterprises;
        var start = ComponentRegistry.Names.Select(n => Math.Abs(current.Weights[n])).ToArray();
        var weights = Fit(groups, isWithin, start);

        // Each enterprise is scored by weights that were learnt without it.
        var heldOut = new List<Scored>();
        Shuffle(groups, seed);
        foreach (var fold in groups.Index().GroupBy(g => g.Index % Folds, g => g.Item))
        {
            var others = groups.Except(fold).ToArray();
            var learnt = others.Any(g => g.Any(e => e.IsAccepted)) && others.Any(g => g.Any(e => !e.IsAccepted)) ? Fit(others, isWithin, start) : start;
            heldOut.AddRange(fold.SelectMany(g => g).Select(e => new Scored(e, Dot(learnt, e.Values), Dot(start, e.Values))));
        }

        return new LearntWeights
        {
            Weights = ComponentRegistry.Names.Zip(weights).ToDictionary(w => w.First, w => w.Second, StringComparer.Ordinal),
            Accepted = decisions.Count(d => d.IsAccepted),
            Rejected = decisions.Count(d => !d.IsAccepted),
            Enterprises = groups.Length,
            IsWithinEnterprises = isWithin,
            Learnt = Measure(heldOut, s => s.Learnt),
            Current = Measure(heldOut, s => s.Current),
        };
    }

    /// <summary>The side with more enterprises that have decisions of both kinds: there is more to compare within each.</summary>
    private static Func<DecidedPair, string> GroupBySide(IReadOnlyList<DecidedPair> decisions)
    {
        return CountMixed(d => d.First) >= CountMixed(d => d.Second) ? d => d.First : d => d.Second;

        int CountMixed(Func<DecidedPair, string> side) => decisions.GroupBy(side, StringComparer.Ordinal).Count(g => g.Any(d => d.IsAccepted) && g.Any(d => !d.IsAccepted));
    }

    private static double[] ToVector(DecidedPair decision) =>
        [.. ComponentRegistry.Names.Select(n => (decision.Components.GetValueOrDefault(n) ?? 0) * (n == ComponentRegistry.Subtracted ? -1 : 1))];

    /// <summary>The weights that explain the decisions best under the penalty; the positive ones sum to 1.</summary>
    private static double[] Fit(IReadOnlyList<Example[]> groups, bool isWithin, double[] start)
    {
        var comparisons = isWithin ? groups.SelectMany(CompareWithin).ToArray() : [.. CompareAll([.. groups.SelectMany(g => g)])];
        var total = comparisons.Sum(c => c.Weight);
        var count = start.Length;
        var penalty = 1 / (Stray * Stray * groups.Sum(g => g.Length));

        // The last variable is the scale at which the current weights enter.
        var objective = ObjectiveFunction.Gradient(x => Evaluate(x).Value, x => Evaluate(x).Gradient);
        var initial = Vector<double>.Build.Dense(count + 1, k => k < count ? start[k] * 10 : 10);
        var lower = Vector<double>.Build.Dense(count + 1);
        var upper = Vector<double>.Build.Dense(count + 1, MostLogits);
        var found = new BfgsBMinimizer(1e-7, 1e-9, 1e-12, 2000).FindMinimum(objective, lower, upper, initial).MinimizingPoint;

        // A step may end a rounding below its bound.
        return Normalise([.. found.Take(count).Select(x => Math.Max(0, x))], start);

        (double Value, Vector<double> Gradient) Evaluate(Vector<double> x)
        {
            var gradient = new double[count + 1];
            double value = 0;
            foreach (var (difference, weight) in comparisons)
            {
                double logit = 0;
                for (var k = 0; k < count; k++)
                {
                    logit += x[k] * difference[k];
                }

                // log(1 + exp(-logit)), safe for large ones.
                value += weight / total * (Math.Log(1 + Math.Exp(-Math.Abs(logit))) + Math.Max(0, -logit));
                var slope = -weight / total / (1 + Math.Exp(logit));
                for (var k = 0; k < count; k++)
                {
                    gradient[k] += slope * difference[k];
                }
            }

            for (var k = 0; k < count; k++)
            {
                var strayed = x[k] - (x[count] * start[k]);
                value += penalty / 2 * strayed * strayed;
                gradient[k] += penalty * strayed;
                gradient[count] -= penalty * strayed * start[k];
            }

            return (value, Vector<double>.Build.Dense(gradient));
        }
    }

    /// <summary>Weights of a scale of their own, as shares; those of the current profile where the decisions left nothing but rivalry.</summary>
    private static double[] Normalise(double[] weights, double[] start)
    {
        var subtracted = ComponentRegistry.Names.Index().Single(n => n.Item == ComponentRegistry.Subtracted).Index;
        var positive = weights.Where((_, k) => k != subtracted).Sum();
        return positive > 0 ? [.. weights.Select(w => w / positive)] : start;
    }

    /// <summary>Every accepted with every rejected candidate of one enterprise; together they weigh as many as the rarer kind.</summary>
    private static IEnumerable<(double[] Difference, double Weight)> CompareWithin(Example[] group)
    {
        var (accepted, rejected) = Split(group);
        var weight = (double)Math.Min(accepted.Length, rejected.Length) / Math.Max(1, accepted.Length * rejected.Length);
        return accepted.SelectMany(a => rejected.Select(r => (Subtract(a, r), weight)));
    }

    /// <summary>Every accepted pair with rejected ones, evenly picked where there are many.</summary>
    private static IEnumerable<(double[] Difference, double Weight)> CompareAll(Example[] examples)
    {
        var (accepted, rejected) = Split(examples);
        var step = Math.Max(1, (rejected.Length + MostRejectedPerAccepted - 1) / MostRejectedPerAccepted);
        return accepted.SelectMany((a, i) => rejected.Where((_, j) => j % step == i % step).Select(r => (Subtract(a, r), 1.0)));
    }

    private static (Example[] Accepted, Example[] Rejected) Split(Example[] examples) => ([.. examples.Where(e => e.IsAccepted)], [.. examples.Where(e => !e.IsAccepted)]);

    private static double[] Subtract(Example accepted, Example rejected) => [.. accepted.Values.Zip(rejected.Values, (a, r) => a - r)];

    private static double Dot(double[] weights, double[] values) => weights.Zip(values, (w, v) => w * v).Sum();

    private static void Shuffle<T>(T[] items, ulong seed)
    {
        var sequence = new SplitMix(seed);
        for (var last = items.Length - 1; last > 0; last--)
        {
            var other = sequence.NextBelow(last + 1);
            (items[last], items[other]) = (items[other], items[last]);
        }
    }

    private static LearningFigures Measure(List<Scored> scored, Func<Scored, double> score)
    {
        var accepted = scored.Where(s => s.Example.IsAccepted).Select(score).ToArray();
        var rejected = scored.Where(s => !s.Example.IsAccepted).Select(score).ToArray();
        var won = accepted.Sum(a => rejected.Sum(r => a > r ? 1 : a == r ? 0.5 : 0));
        var gains = scored
            .GroupBy(s => s.Example.Enterprise, StringComparer.Ordinal)
            .Where(g => g.Any(s => s.Example.IsAccepted) && g.Any(s => !s.Example.IsAccepted))
            .Select(g => NdcgAt10([.. g.OrderByDescending(score).Select(s => s.Example.IsAccepted)]))
            .ToArray();
        return new LearningFigures(won / ((double)accepted.Length * rejected.Length), gains.Length > 0 ? gains.Average() : null);
    }

    /// <summary>Normalised discounted cumulative gain of the first ten (Jarvelin and Kekalainen 2002), an accepted pair gaining 1.</summary>
    private static double NdcgAt10(bool[] isAccepted)
    {
        return Gain(isAccepted) / Gain(isAccepted.OrderDescending());

        static double Gain(IEnumerable<bool> order) => order.Take(10).Index().Sum(i => i.Item ? 1 / Math.Log2(i.Index + 2) : 0);
    }

    private sealed record Example(string Enterprise, double[] Values, bool IsAccepted);

    private readonly record struct Scored(Example Example, double Learnt, double Current);
}

/// <summary>A pair that was accepted or rejected.</summary>
/// <param name="First">The enterprise of the corridor's first side.</param>
/// <param name="Second">The enterprise of its second side.</param>
/// <param name="Components">Component to value when it was decided; null or absent: no evidence.</param>
/// <param name="IsAccepted">Accepted, or else rejected.</param>
public sealed record DecidedPair(string First, string Second, IReadOnlyDictionary<string, double?> Components, bool IsAccepted);

/// <summary>Why decisions teach nothing yet.</summary>
public enum LearningLack
{
    /// <summary>There are fewer than <see cref="WeightLearning.FewestDecisions"/>.</summary>
    TooFewDecisions,

    /// <summary>Fewer than <see cref="WeightLearning.FewestOfKind"/> accept, or reject.</summary>
    TooFewOfOneKind,

    /// <summary>They are of fewer than <see cref="WeightLearning.FewestEnterprises"/> enterprises.</summary>
    TooFewEnterprises,
}

/// <summary>Weights that were learnt, with what they are worth.</summary>
public sealed record LearntWeights
{
    /// <summary>Component to weight, each at least 0; rivalry's is meant to subtract.</summary>
    public required IReadOnlyDictionary<string, double> Weights { get; init; }

    /// <summary>How many pairs were accepted.</summary>
    public required int Accepted { get; init; }

    /// <summary>How many were rejected.</summary>
    public required int Rejected { get; init; }

    /// <summary>Of how many enterprises they are candidates.</summary>
    public required int Enterprises { get; init; }

    /// <summary>Whether candidates of the same enterprise were compared; else accepted with rejected pairs of any, as too few enterprises have both.</summary>
    public required bool IsWithinEnterprises { get; init; }

    /// <summary>What weights learnt in the same way are worth on enterprises that were held out (five folds).</summary>
    public required LearningFigures Learnt { get; init; }

    /// <summary>What the current profile is worth on the same.</summary>
    public required LearningFigures Current { get; init; }
}

/// <summary>How well scores agree with decisions.</summary>
/// <param name="Auc">The chance that an accepted pair scores above a rejected one, 0 to 1; one half is no better than chance.</param>
/// <param name="NdcgAt10">How near the accepted candidates stand to the top ten's top, 0 to 1, in the mean of the enterprises with decisions of both kinds; null where there is none.</param>
public sealed record LearningFigures(double Auc, double? NdcgAt10);
