using PartnerMatch.Ranking.Components;
using PartnerMatch.Ranking.Index;
using PartnerMatch.Ranking.Scoring;

namespace PartnerMatch.Ranking.Weighing;

/// <summary>
/// Finds whoever can stand among the first in some trial of other weights. Those who now come first have so much in a trial, and less is of no use to anybody. Trials
/// whose weights are much alike are asked together: whoever has enough in one of them has it, too, under the largest weight that each component has in any.
/// </summary>
internal sealed class ContenderSearch(EnterpriseIndex index, PartnerRanker ranker, RankingKnowledge knowledge, RankingQuery query)
{
    private const int FirstPage = 64;

    /// <summary>Trials are parted so often, each time by the weight in which they differ most, before those of a part are asked together.</summary>
    private const int Partings = 2;

    /// <summary>A page that is full is followed by one so many times as long.</summary>
    private const int Growth = 8;

    /// <summary>More than rounding can move a value of at most 100.</summary>
    private const double Slack = 1e-6;

    private readonly double[] _lowest = [.. ComponentRegistry.Describe(query.Profile.Parameters).Select(c => Math.Min(0, c.Range.From))];
    private readonly IReadOnlyList<PartnerValue> _first = index.RankScores(ranker, query with { Limit = FirstPage, MinScore = 0, After = null });

    /// <summary>Whoever can, and some more.</summary>
    /// <param name="trials">The weights of each, in the registry's order.</param>
    public Contenders Find(double[][] trials)
    {
        var first = ToContenders(_first.Select(p => p.PartnerId));
        if (_first.Count < FirstPage)
        {
            return first;
        }

        var found = _first.Select(p => p.PartnerId).ToHashSet(StringComparer.Ordinal);
        Collect([.. trials.Select(weights => new Trial(weights, first.FindTop(weights)[^1].Value))], found, Partings);
        return ToContenders(found);
    }

    /// <summary>All in their present order, at least as far as there is so much.</summary>
    public IEnumerable<(int Rank, PartnerValue Partner)> RankDownTo(double value)
    {
        var page = _first.Count < FirstPage || _first[^1].Value < value ? _first : Find(query, value);
        return page.Select((partner, at) => (at + 1, partner));
    }

    private void Collect(Span<Trial> trials, HashSet<string> found, int partings)
    {
        var (most, least) = ((double[])[.. trials[0].Weights], (double[])[.. trials[0].Weights]);
        var enough = trials[0].Enough;
        foreach (var trial in trials)
        {
            enough = Math.Min(enough, trial.Enough);
            for (var at = 0; at < most.Length; at++)
            {
                (most[at], least[at]) = (Math.Max(most[at], trial.Weights[at]), Math.Min(least[at], trial.Weights[at]));
            }
        }

        if (partings > 0 && trials.Length > 1)
        {
            var widest = Enumerable.Range(0, most.Length).MaxBy(at => most[at] - least[at]);
            trials.Sort((left, right) => left.Weights[widest].CompareTo(right.Weights[widest]));
            Collect(trials[..(trials.Length / 2)], found, partings - 1);
            Collect(trials[(trials.Length / 2)..], found, partings - 1);
            return;
        }

        // Where a component itself counts against somebody, its smallest weight does so least.
        for (var at = 0; at < most.Length; at++)
        {
            enough += Tally.PointsOf(most[at] - least[at]) * _lowest[at];
        }

        var profile = query.Profile.WithWeights(ComponentRegistry.Names.Zip(most).ToDictionary(w => w.First, w => Math.Abs(w.Second), StringComparer.Ordinal));
        found.UnionWith(Find(query with { Profile = profile }, enough / most.Where(w => w > 0).Sum()).Select(p => p.PartnerId));
    }

    /// <summary>Whoever has at least so much.</summary>
    private IReadOnlyList<PartnerValue> Find(RankingQuery asked, double value)
    {
        for (var limit = FirstPage * Growth; ; limit *= Growth)
        {
            var page = index.RankScores(ranker, asked with { Limit = limit, MinScore = Math.Max(0, value - Slack), After = null });
            if (page.Count < limit)
            {
                return page;
            }
        }
    }

    private Contenders ToContenders(IEnumerable<string> ids) =>
        new(ids.Select(id => new Contender(id, ranker.Evaluate(query, knowledge.Expand(index.Find(id)!)))), query.Profile);

    /// <param name="Weights">In the registry's order.</param>
    /// <param name="Enough">As much as the last of the first have, or less.</param>
    private readonly record struct Trial(double[] Weights, double Enough);
}
