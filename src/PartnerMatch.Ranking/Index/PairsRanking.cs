using PartnerMatch.Ranking.Profiles;
using PartnerMatch.Ranking.Scoring;

namespace PartnerMatch.Ranking.Index;

/// <summary>
/// The ranking of all pairs of a corridor, one enterprise of the first side after another. Any number of threads may take steps at once: the order in which
/// they come changes how much is scored, and never the list.
/// </summary>
public sealed class PairsRanking
{
    private readonly RankingKnowledge _knowledge;
    private readonly EnterpriseIndex _index;
    private readonly PartnerRanker _ranker;
    private readonly PairsQuery _query;
    private readonly SortedDictionary<ExclusionReason, int> _excluded = [];
    private readonly List<EnterpriseProfile> _subjects = [];
    private readonly long _pairs;
    private readonly Comparer<(EnterpriseProfile Subject, Found Partner)> _bestFirst;
    private readonly Lock _gate = new();

    // One page and a pair more; what stands last in it is the threshold for the rest. Replaced as a whole, so that it can be read at any time.
    private volatile (EnterpriseProfile Subject, Found Partner)[] _best = [];
    private int _next = -1;
    private int _ranked;
    private int _excludedPairs;

    internal PairsRanking(RankingKnowledge knowledge, EnterpriseIndex index, PartnerRanker ranker, PairsQuery query)
    {
        (_knowledge, _index, _ranker, _query) = (knowledge, index, ranker, query);
        _bestFirst = Comparer<(EnterpriseProfile Subject, Found Partner)>.Create((left, right) => PartnerRanker.BestPairFirst(
            left.Subject.Id,
            left.Partner.Value,
            new PairsPosition(right.Partner.Value.Value, right.Partner.Value.Confidence, right.Subject.Id, right.Partner.Profile.Id, 0)));
        var others = 0L;
        foreach (var profile in index.Profiles)
        {
            if (query.Corridor.SideOf(profile) is not { } side)
            {
                continue;
            }

            if (MatchConstraints.None.ReasonToExclude(profile) is { } reason)
            {
                _excluded[reason] = _excluded.GetValueOrDefault(reason) + 1;
            }
            else if (side == CorridorSide.First)
            {
                _subjects.Add(profile);
            }
            else
            {
                others++;
            }
        }

        _pairs = _subjects.Count * others;
    }

    /// <summary>Ranks the pairs of one more enterprise.</summary>
    /// <returns>False where none is left to begin; others may still be at work on theirs.</returns>
    public bool RankNext()
    {
        if (Interlocked.Increment(ref _next) is var at && at >= _subjects.Count)
        {
            return false;
        }

        var (subject, best) = (_subjects[at], _best);
        var threshold = _query.MinScore ?? _query.Profile.Threshold;
        if (best.Length > _query.Limit)
        {
            threshold = Math.Max(threshold, best[^1].Partner.Value.Score);
        }

        var partners = _query.Exclusions.PartnersOf(subject.Id);
        var excluded = partners.Count(id => _index.Find(id) is { } partner
            && _query.Corridor.SideOf(partner) == CorridorSide.Second
            && MatchConstraints.None.ReasonToExclude(partner) is null);
        var ranking = new RankingQuery
        {
            Subject = _knowledge.Expand(subject),
            Profile = _query.Profile,
            Corridor = _query.Corridor,
            Scarcity = _query.Scarcity,
            Constraints = MatchConstraints.None with { ExcludedEnterprises = partners },
        };
        var found = _index.Scan(_ranker, ranking, scan => scan.FindBest(
            _query.Limit + 1,
            threshold,
            value => _query.After is null || PartnerRanker.BestPairFirst(subject.Id, value, _query.After) > 0));
        lock (_gate)
        {
            if (found.Count > 0)
            {
                _best = [.. _best.Concat(found.Select(f => (subject, f))).Order(_bestFirst).Take(_query.Limit + 1)];
            }

            _excludedPairs += excluded;
            _ranked++;
        }

        return true;
    }

    /// <summary>The list, once the steps of all threads have ended.</summary>
    /// <exception cref="InvalidOperationException">Some enterprise is not ranked yet.</exception>
    public RankedPairs ToList()
    {
        lock (_gate)
        {
            if (_ranked < _subjects.Count)
            {
                throw new InvalidOperationException($"{_ranked} of {_subjects.Count} enterprises are ranked.");
            }

            var excluded = new SortedDictionary<ExclusionReason, int>(_excluded);
            if (_excludedPairs > 0)
            {
                excluded[ExclusionReason.ExcludedPair] = _excludedPairs;
            }

            var firstRank = (_query.After?.Rank ?? 0) + 1;
            RankedPartner[] items = [.. _best.Take(_query.Limit).Select((b, i) => new RankedPartner(
                firstRank + i,
                _ranker.Score(_knowledge.Expand(b.Subject), b.Partner.Expanded, _query.Profile, _query.Corridor, _query.Scarcity)))];
            return new RankedPairs(items, _pairs - _excludedPairs, excluded, _best.Length > items.Length ? PartnerRanker.PairPositionOf(items[^1]) : null);
        }
    }
}
