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
        var search = new ContenderSearch(index, ranker, knowledge, query);
        var contenders = search.Find(moved);
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

        var entered = Enumerable.Range(0, contenders.Count)
            .Where(c => inTop[c] > 0)
            .ToDictionary(c => contenders[c].PartnerId, c => (Contender: contenders[c], Top: inTop[c], ShortTop: inShortTop[c]), StringComparer.Ordinal);
        var least = entered.Values.Select(e => e.Contender.Under(query.Profile.WeightsInOrder).Value).DefaultIfEmpty(double.PositiveInfinity).Min();
        return [.. search.RankDownTo(least)
            .Select(r => (r.Rank, r.Partner, In: entered.GetValueOrDefault(r.Partner.PartnerId)))
            .Where(r => r.Rank <= Top || r.In.Top > 0)
            .Select(r => new RankStability(r.Rank, r.Partner, (double)r.In.ShortTop / trials, (double)r.In.Top / trials))];
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
}

/// <summary>How stable a rank is.</summary>
/// <param name="Rank">The present rank, from 1.</param>
/// <param name="Partner">Who has it.</param>
/// <param name="ShareInTop5">In which share of the trials it stood among the first five.</param>
/// <param name="ShareInTop10">In which share of the trials it stood among the first ten.</param>
public sealed record RankStability(int Rank, PartnerValue Partner, double ShareInTop5, double ShareInTop10);
