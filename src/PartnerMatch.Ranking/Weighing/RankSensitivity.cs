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

    /// <summary>More than rounding can move a value of at most 100.</summary>
    private const double Slack = 1e-6;

    private static readonly Dictionary<string, double> Everything = ComponentRegistry.Names.ToDictionary(n => n, _ => 1.0, StringComparer.Ordinal);

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
        var contenders = FindContenders(index, ranker, query, shift).Select(c => new Contender(c, index, ranker, knowledge, query)).ToArray();
        var (inTop, inShortTop) = (new int[contenders.Length], new int[contenders.Length]);
        for (var trial = 0; trial < trials; trial++)
        {
            var moved = ComponentRegistry.Names.ToDictionary(n => n, n => Math.Abs(query.Profile.Weights[n]) * (1 + (shift * ((2 * sequence.NextShare()) - 1))), StringComparer.Ordinal);
            var profile = query.Profile.WithWeights(moved);
            var order = Rank(contenders, profile);
            for (var at = 0; at < Math.Min(Top, order.Length); at++)
            {
                inTop[order[at]]++;
                inShortTop[order[at]] += at < ShortTop ? 1 : 0;
            }
        }

        return [.. contenders
            .Select((c, i) => new RankStability(c.Item, (double)inShortTop[i] / trials, (double)inTop[i] / trials))
            .Where(s => s.Item.Rank <= Top || s.ShareInTop10 > 0)];
    }

    /// <summary>
    /// Whoever can stand among the first ten in some trial. With A the sum of a candidate's points whatever their sign, a trial leaves its value v within v - shift A
    /// and v + shift A, but for a factor that all candidates share; and A is at most v plus twice what can be subtracted. So nobody can enter whose
    /// upper end lies below the tenth of the lower ends, and the list of values, longest first, need be read no further than that.
    /// </summary>
    private static IReadOnlyList<RankedPartner> FindContenders(EnterpriseIndex index, PartnerRanker ranker, RankingQuery query, double shift)
    {
        var subtracted = ComponentRegistry.Describe(query.Profile.Parameters)
            .Sum(c => 100 * Math.Max(0, -Math.Min(query.Profile.Weights[c.Name] * c.Range.From, query.Profile.Weights[c.Name] * c.Range.To)));
        for (var limit = FirstPage; ; limit *= 4)
        {
            var page = index.Rank(ranker, query with { Limit = limit, MinScore = 0, After = null });
            var lower = page.Items.Select(i => i.Score.ValueBeforeFloor - (shift * GrossOf(i.Score))).OrderDescending().ElementAtOrDefault(Top - 1);
            var cutoff = ((lower - (2 * shift * subtracted)) / (1 + shift)) - Slack;
            if (page.Next is null || page.Items[^1].Score.ValueBeforeFloor < cutoff)
            {
                return page.Next is null && page.Items.Count < Top ? page.Items : [.. page.Items.Where(i => i.Score.ValueBeforeFloor >= cutoff)];
            }
        }
    }

    private static double GrossOf(PairScore score) => score.Contributions.Where(c => c.Component != Contribution.Floor).Sum(c => Math.Abs(c.Points));

    private static int[] Rank(Contender[] contenders, RankingProfile profile)
    {
        double[] weights = [.. ComponentRegistry.Names.Select(n => profile.Weights[n])];
        double[] values = [.. contenders.Select(c => c.ValueUnder(weights))];
        var order = Enumerable.Range(0, contenders.Length).ToArray();
        Array.Sort(order, (left, right) => values[right].CompareTo(values[left]) is not 0 and var byValue ? byValue : Contender.CompareTied(contenders[left], contenders[right], profile));
        return order;
    }

    /// <summary>A candidate with the values of its components, one row a direction that is scored.</summary>
    private sealed class Contender
    {
        private readonly double[][] _directions;
        private readonly Func<RankingProfile, PairScore> _score;

        public Contender(RankedPartner item, EnterpriseIndex index, PartnerRanker ranker, RankingKnowledge knowledge, RankingQuery query)
        {
            Item = item;
            var partner = knowledge.Expand(index.Find(item.Score.PartnerId)!);
            var agreements = query.AgreementsWith?.Invoke(item.Score.PartnerId);
            PartnerRole[] roles = query.Profile.Form.IsDirected() && query.Role == PartnerRole.Any ? [PartnerRole.Supplier, PartnerRole.Buyer] : [query.Role];
            _score = profile => Score(profile, query.Role);
            _directions = [.. roles.Select(role =>
            {
                var values = Score(query.Profile.WithWeights(Everything), role).Contributions.ToDictionary(c => c.Component, c => c.Value ?? 0, StringComparer.Ordinal);
                return ComponentRegistry.Names.Select(n => values[n]).ToArray();
            })];

            PairScore Score(RankingProfile profile, PartnerRole role) =>
                ranker.Score(query.Subject, partner, profile, query.Corridor, query.Scarcity, role, agreements);
        }

        public RankedPartner Item { get; }

        /// <summary>The sum that the scorer makes, in its order.</summary>
        public double ValueUnder(double[] weights)
        {
            var best = double.NegativeInfinity;
            foreach (var values in _directions)
            {
                double sum = 0;
                for (var k = 0; k < weights.Length; k++)
                {
                    sum += 100 * weights[k] * values[k];
                }

                best = Math.Max(best, sum);
            }

            return best;
        }

        /// <summary>The promised order of equal values: confidence, which weights move too, then id.</summary>
        public static int CompareTied(Contender left, Contender right, RankingProfile profile)
        {
            // Where no component says anything confidence is 0 whatever the weights.
            var silent = left.IsSilent && right.IsSilent;
            return left == right ? 0
                : silent ? string.CompareOrdinal(left.Item.Score.PartnerId, right.Item.Score.PartnerId)
                : PartnerRanker.BestFirst(left._score(profile), right._score(profile));
        }

        private bool IsSilent => _directions.All(d => d.All(v => v == 0));
    }
}

/// <summary>How stable a rank is.</summary>
/// <param name="Item">The partner at its present rank.</param>
/// <param name="ShareInTop5">In which share of the trials it stood among the first five.</param>
/// <param name="ShareInTop10">In which share of the trials it stood among the first ten.</param>
public sealed record RankStability(RankedPartner Item, double ShareInTop5, double ShareInTop10);
