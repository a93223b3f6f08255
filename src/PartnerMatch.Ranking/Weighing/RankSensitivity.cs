using PartnerMatch.Ranking.Components;
using PartnerMatch.Ranking.Index;
using PartnerMatch.Ranking.Scoring;

namespace PartnerMatch.Ranking.Weighing;

/// <summary>
/// How stable ranks are when weights move a little. Each trial multiplies every weight by a factor of its own, evenly spread over 1 - shift to 1 + shift,
/// and ranks anew. The values of components do not depend on weights, so a trial only adds them up again; and only candidates that some trial
/// could lift into the first ten are looked at.
/// </summary>
public static class RankSensitivity
{
    /// <summary>The longer of the two tops that are told.</summary>
    public const int Top = 10;

    /// <summary>The shorter one.</summary>
    public const int ShortTop = 5;

    private const int FirstPage = 64;

    /// <summary>A page that does not hold all contenders is followed by one so many times as long.</summary>
    private const int Growth = 8;

    /// <summary>More than rounding can move a value of at most 100.</summary>
    private const double Slack = 1e-6;

    /// <summary>Ranks again and again under weights that move.</summary>
    /// <param name="index">The candidates.</param>
    /// <param name="ranker">The scorer of the same knowledge.</param>
    /// <param name="knowledge">The knowledge of both.</param>
    /// <param name="query">Who asks; limit, threshold and place are those of a list and do not matter here.</param>
    /// <param name="shift">The largest relative change of a weight, above 0 and below 1.</param>
    /// <param name="trials">How many times, at least 1.</param>
    /// <param name="sequence">The factors.</param>
    /// <returns>In order of rank: the first ten, and whoever stood among them in some trial.</returns>
    public static IReadOnlyList<RankStability> Measure(
        EnterpriseIndex index,
        PartnerRanker ranker,
        RankingKnowledge knowledge,
        RankingQuery query,
        double shift,
        int trials,
        SplitMix sequence)
    {
        ArgumentNullException.ThrowIfNull(index);
        ArgumentNullException.ThrowIfNull(ranker);
        ArgumentNullException.ThrowIfNull(knowledge);
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(sequence);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(shift);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(shift, 1);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(trials);
        double[][] moved = [.. Enumerable.Range(0, trials).Select(_ => Move(query.Profile, shift, sequence))];
        var contenders = FindContenders(index, ranker, knowledge, query, moved);
        var (inTop, inShortTop) = (new int[contenders.Count], new int[contenders.Count]);
        foreach (var weights in moved)
        {
            var top = contenders.FindTop(weights);
            for (var at = 0; at < top.Length; at++)
            {
                inTop[top[at].Contender]++;
                inShortTop[top[at].Contender] += at < ShortTop ? 1 : 0;
            }
        }

        return [.. Enumerable.Range(0, contenders.Count)
            .Where(c => contenders.RankOf(c) <= Top || inTop[c] > 0)
            .Select(c => new RankStability(contenders.RankOf(c), contenders[c], (double)inShortTop[c] / trials, (double)inTop[c] / trials))];
    }

    /// <summary>The weights of one trial, in the registry's order.</summary>
    private static double[] Move(RankingProfile profile, double shift, SplitMix sequence)
    {
        var weights = profile.WeightsInOrder.ToArray();
        foreach (ref var weight in weights.AsSpan())
        {
            weight = Math.Abs(weight) * (1 + (shift * ((2 * sequence.NextShare()) - 1)));
        }

        RankingProfile.Normalise(weights);
        return weights;
    }

    /// <summary>
    /// Whoever can stand among the first ten in some trial. Ten of those who now come first have at least so much in the trial, and less is of no use to
    /// anybody; so much, in turn, takes at least some value now, and whoever has that is found in the index.
    /// </summary>
    private static Contenders FindContenders(EnterpriseIndex index, PartnerRanker ranker, RankingKnowledge knowledge, RankingQuery query, double[][] moved)
    {
        var first = Find(FirstPage, 0);
        var contenders = ToContenders(first);
        if (first.Count < FirstPage)
        {
            return contenders;
        }

        var need = new LeastValue(query.Profile);
        var least = moved.Min(weights => need.ToReach(contenders.FindTop(weights)[^1].Value, weights)) - Slack;
        if (first[^1].Value < least)
        {
            return contenders;
        }

        for (var limit = FirstPage * Growth; ; limit *= Growth)
        {
            var page = Find(limit, Math.Max(0, least));
            if (page.Count < limit)
            {
                return ToContenders(page);
            }
        }

        IReadOnlyList<PartnerValue> Find(int limit, double minScore) => index.RankScores(ranker, query with { Limit = limit, MinScore = minScore, After = null });

        Contenders ToContenders(IReadOnlyList<PartnerValue> partners) =>
            Contenders.Of(partners, query.Profile, partner => ranker.Evaluate(query, knowledge.Expand(index.Find(partner.PartnerId)!)));
    }

    /// <summary>
    /// What value a candidate must have now to have so much when weights have moved. It gains most where its points lie in components whose weight has grown
    /// most, and each component holds as many as its range allows.
    /// </summary>
    private sealed class LeastValue(RankingProfile profile)
    {
        private readonly (int Component, double Weight, double From, double To)[] _points =
        [
            .. ComponentRegistry.Describe(profile.Parameters)
                .Select((c, at) => (Component: at, Weight: profile.Weights[c.Name], c.Range))
                .Where(c => c.Weight != 0)
                .Select(c => (c.Component, c.Weight, Tally.PointsOf(c.Weight) * c.Range.From, Tally.PointsOf(c.Weight) * c.Range.To))
                .Select(p => (p.Component, p.Weight, Math.Min(p.Item3, p.Item4), Math.Max(p.Item3, p.Item4))),
        ];

        public double ToReach(double target, double[] moved)
        {
            Span<double> growth = stackalloc double[_points.Length];
            Span<int> order = stackalloc int[_points.Length];
            var (value, reached) = (0.0, 0.0);
            for (var at = 0; at < _points.Length; at++)
            {
                (growth[at], order[at]) = (moved[_points[at].Component] / _points[at].Weight, at);
                value += _points[at].From;
                reached += growth[at] * _points[at].From;
            }

            growth.Sort(order, static (left, right) => right.CompareTo(left));
            for (var at = 0; at < order.Length && reached < target; at++)
            {
                var (_, _, from, to) = _points[order[at]];
                var taken = Math.Min(to - from, (target - reached) / growth[at]);
                value += taken;
                reached += growth[at] * taken;
            }

            return value;
        }
    }
}

/// <summary>How stable a rank is.</summary>
/// <param name="Rank">The present rank, from 1.</param>
/// <param name="Partner">Who has it.</param>
/// <param name="ShareInTop5">In which share of the trials it stood among the first five.</param>
/// <param name="ShareInTop10">In which share of the trials it stood among the first ten.</param>
public sealed record RankStability(int Rank, PartnerValue Partner, double ShareInTop5, double ShareInTop10);
