using System.Collections.Immutable;
using PartnerMatch.Ranking.Components;
using PartnerMatch.Ranking.Profiles;
using PartnerMatch.Ranking.Scoring;

namespace PartnerMatch.Ranking.Index;

/// <summary>
/// One query over one version. A scan adds up what each candidate can reach at most, block by block, and keeps the most promising; they are
/// then scored exactly, best bound first, until no bound left can enter the list.
/// </summary>
internal sealed class IndexScan(RankingKnowledge knowledge, ImmutableArray<LiveSegment> segments, PartnerRanker ranker, RankingQuery query)
{
    private const int FirstPromising = 256;
    private const int NearestShown = 5;

    /// <summary>Sums are single precision and in another order than the scorer's: bounds are lifted by more than that can matter.</summary>
    private const double Slack = 1e-3;

    private readonly QueryPlan _plan = new(query, knowledge);
    private readonly BlockSums _sums = new();
    private readonly Dictionary<string, PairScore> _scored = new(StringComparer.Ordinal);

    public RankedPartners Rank()
    {
        var (candidates, excluded) = CountCandidates();
        var threshold = query.MinScore ?? query.Profile.Threshold;
        var found = FindBest(query.Limit + 1, threshold, s => query.After is null || PartnerRanker.BestFirst(s, query.After) > 0);
        var firstRank = (query.After?.Rank ?? 0) + 1;
        RankedPartner[] items = [.. found.Take(query.Limit).Select((s, i) => new RankedPartner(firstRank + i, s))];
        var isEmpty = items.Length == 0 && (query.After is null || FindBest(1, threshold, _ => true).Count == 0);
        var nearest = isEmpty ? FindBest(NearestShown, null, _ => true) : [];
        return new RankedPartners
        {
            Items = items,
            Candidates = candidates,
            Excluded = excluded,
            Next = found.Count > items.Length ? PartnerRanker.PositionOf(items[^1]) : null,
            Nearest = [.. nearest.Select((s, i) => new RankedPartner(i + 1, s))],
            Missing = isEmpty ? ranker.FindLacks(query, nearest.FirstOrDefault(), IsOffered, IsWanted) : [],
        };
    }

    public IReadOnlyList<PartnerValue> RankValues()
    {
        var found = FindBest(query.Limit, query.MinScore ?? query.Profile.Threshold, s => query.After is null || PartnerRanker.BestFirst(s, query.After) > 0);
        return [.. found.Select(s => new PartnerValue(s.PartnerId, s.ValueBeforeFloor, s.Confidence, s.Direction))];
    }

    private IEnumerable<(LiveSegment Segment, RegionRange Range)> OtherSide()
    {
        var side = query.Corridor.SideOf(query.Subject.Profile);
        foreach (var segment in segments)
        {
            foreach (var range in segment.Segment.Regions)
            {
                if (query.Corridor.SideOf(range.Region, range.Country) is { } other && other != side)
                {
                    yield return (segment, range);
                }
            }
        }
    }

    private (int Candidates, SortedDictionary<ExclusionReason, int> Excluded) CountCandidates()
    {
        var excluded = new SortedDictionary<ExclusionReason, int>();
        var candidates = 0;
        foreach (var ((segment, live), range) in OtherSide())
        {
            for (var slot = range.From; slot < range.To; slot++)
            {
                if (!live[slot])
                {
                    continue;
                }

                if (query.Constraints.ReasonToExclude(segment.Profiles[slot]) is { } reason)
                {
                    excluded[reason] = excluded.GetValueOrDefault(reason) + 1;
                }
                else
                {
                    candidates++;
                }
            }
        }

        return (candidates, excluded);
    }

    /// <summary>The first of the full sort that reach the threshold, if any, and are wanted.</summary>
    public List<PairScore> FindBest(int count, double? threshold, Func<PairScore, bool> isWanted)
    {
        for (var kept = Math.Max(FirstPromising, 4 * count); ; kept *= 8)
        {
            // A threshold of 0 lists whatever the floor lifts, too.
            var promising = new Promising(kept, threshold is > 0 ? threshold.Value : double.NegativeInfinity);
            foreach (var (segment, range) in OtherSide())
            {
                Scan(segment, range, promising);
            }

            var best = new List<PairScore>();
            foreach (var (segment, slot, bound) in promising.BestFirst())
            {
                if (best.Count >= count && best[count - 1].ValueBeforeFloor > bound)
                {
                    return best[..count];
                }

                var score = Score(segment.Profiles[slot]);
                if ((threshold is null || score.Score >= threshold) && isWanted(score))
                {
                    var at = best.BinarySearch(score, Comparer<PairScore>.Create(PartnerRanker.BestFirst));
                    best.Insert(~at, score);
                }
            }

            if (double.IsNegativeInfinity(promising.DroppedBound) || (best.Count >= count && best[count - 1].ValueBeforeFloor > promising.DroppedBound))
            {
                return best.Count > count ? best[..count] : best;
            }
        }
    }

    private PairScore Score(EnterpriseProfile candidate)
    {
        if (!_scored.TryGetValue(candidate.Id, out var score))
        {
            _scored[candidate.Id] = score = ranker.Score(
                query.Subject,
                knowledge.Expand(candidate),
                query.Profile,
                query.Corridor,
                query.Scarcity,
                query.Role,
                query.AgreementsWith?.Invoke(candidate.Id));
        }

        return score;
    }

    private void Scan(LiveSegment live, RegionRange range, Promising promising)
    {
        var segment = live.Segment;
        var bounds = new BoundColumns(segment, query, _plan);
        var sums = _sums;
        for (var from = range.From; from < range.To; from += BlockSums.Slots)
        {
            var to = Math.Min(range.To, from + BlockSums.Slots);
            sums.Clear(to - from);
            BlockSums.Add(segment.Ranges, _plan.ProductGives, sums.Gives, from, to);
            BlockSums.Add(segment.Ranges, _plan.ProductTrades, sums.Extras, from, to);
            BlockSums.Add(segment.Ranges, _plan.Range, sums.Ranges, from, to);
            BlockSums.Add(segment.Needs, _plan.NeedGives, sums.Gives, from, to);
            BlockSums.Add(segment.Offers, _plan.OfferGives, sums.Takes, from, to);
            BlockSums.Add(segment.Offers, _plan.OfferTrades, sums.Extras, from, to);
            BlockSums.Raise(segment.Offers, _plan.OfferKin, sums.Kin, from, to);
            for (var slot = from; slot < to; slot++)
            {
                var bound = bounds.Of(slot, sums, slot - from, promising.Cutoff);
                if (bound >= promising.Cutoff && live.Live[slot] && query.Constraints.ReasonToExclude(segment.Profiles[slot]) is null)
                {
                    promising.Add(segment, slot, bound);
                }
            }
        }
    }

    /// <summary>Whether some candidate's offers answer a need for the competency.</summary>
    private bool IsOffered(int need)
    {
        var tree = knowledge.Tree;
        var answers = Enumerable.Range(need, tree.SubtreeEnd(need) - need).Concat(tree.SubstitutesFor(need)).ToList();
        for (var up = tree.ParentIndex(need); up >= 0; up = tree.ParentIndex(up))
        {
            answers.Add(up);
        }

        return answers.Any(code => IsPosted(s => s.Offers, code));
    }

    /// <summary>Whether some candidate needs what the offer answers.</summary>
    private bool IsWanted(int offer)
    {
        for (var need = 0; need < knowledge.Tree.Count; need++)
        {
            if (QueryPlan.Near(knowledge, offer, need) > 0
                && (IsPosted(s => s.Needs, need)
                    || knowledge.Graph.UsersOf(need).Any(user => knowledge.Graph.OwnInputsOf(user).Any(l => l.Input == need && query.Profile.Kinds.Counts(l.Kind)) && IsPosted(s => s.Ranges, user))))
            {
                return true;
            }
        }

        return false;
    }

    private bool IsPosted(Func<Segment, Postings> postings, int code)
    {
        foreach (var (segment, range) in OtherSide())
        {
            foreach (var slot in postings(segment.Segment).Slots(code, range.From, range.To, out _))
            {
                if (segment.Live[slot] && query.Constraints.ReasonToExclude(segment.Segment.Profiles[slot]) is null)
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>The candidates with the largest bounds.</summary>
    private sealed class Promising(int limit, double floor)
    {
        private readonly PriorityQueue<(Segment Segment, int Slot, double Bound), double> _smallestFirst = new();

        /// <summary>A smaller bound is not worth keeping.</summary>
        public double Cutoff => _smallestFirst.Count < limit ? floor : Math.Max(floor, _smallestFirst.Peek().Bound);

        /// <summary>Whatever was not kept has at most this bound; below any where all that can reach the threshold was kept.</summary>
        public double DroppedBound => _smallestFirst.Count < limit ? double.NegativeInfinity : _smallestFirst.Peek().Bound;

        public void Add(Segment segment, int slot, double bound)
        {
            if (_smallestFirst.Count < limit)
            {
                _smallestFirst.Enqueue((segment, slot, bound), bound);
            }
            else
            {
                _smallestFirst.EnqueueDequeue((segment, slot, bound), bound);
            }
        }

        public IEnumerable<(Segment Segment, int Slot, double Bound)> BestFirst() => _smallestFirst.UnorderedItems.Select(i => i.Element).OrderByDescending(e => e.Bound);
    }

    /// <summary>Turns sums into an upper bound of the value, in points.</summary>
    private sealed class BoundColumns
    {
        private readonly Segment _segment;
        private readonly QueryPlan _plan;
        private readonly double[] _proximity;
        private readonly double _supply;
        private readonly double _reciprocity;
        private readonly double _scaleFit;
        private readonly double _constant;
        private readonly double _pooling;
        private readonly double _inverseScale;
        private readonly double _inverseEmphasis;
        private readonly double _inversePoolingScale;
        private readonly int _employees;
        private readonly double _most;

        public BoundColumns(Segment segment, RankingQuery query, QueryPlan plan)
        {
            var subject = query.Subject.Profile;
            _segment = segment;
            _plan = plan;
            _supply = plan.Weight("supply");
            _reciprocity = plan.Weight("reciprocity");
            _scaleFit = plan.Weight("scale-fit");
            _pooling = plan.Weight("pooling-scale");
            _inverseScale = 1 / query.Profile.Parameters.SupplyScale;
            _inverseEmphasis = 1 / query.Profile.Parameters.NeedEmphasis;
            _inversePoolingScale = 1 / query.Profile.Parameters.PoolingScale;
            _employees = subject.Employees ?? 0;
            var anyFit = segment.HasRevenue && subject.Revenue is not null ? _scaleFit : 0;
            var track = segment.HasAgreements || subject.Agreements is not null || query.AgreementsWith is not null ? plan.Weight("track-record") : 0;
            _constant = plan.Constant + anyFit + track + Slack;
            _proximity = [.. segment.Locations.Select(l => subject.Location is { } place ? plan.Weight("proximity") * Proximity.Of(place.DistanceKmTo(l), query.Corridor) : 0)];
            _most = _constant + _scaleFit + (_proximity.Length > 0 ? _proximity.Max() : 0);
        }

        /// <summary>At least the candidate's value; anything below the cutoff where it cannot reach that.</summary>
        public double Of(int slot, BlockSums sums, int at, double cutoff)
        {
            var (gives, takes, extras) = (sums.Gives[at], sums.Takes[at], sums.Extras[at]);
            var likeness = sums.Kin[at] == 0 ? 0 : (sums.Kin[at] + Math.Min(1, sums.Ranges[at] / _segment.Norms[slot])) / 2;
            var larger = Math.Pow(Math.Max(_plan.CountsGiving ? gives : 0, _plan.CountsTaking ? takes : 0), _inverseEmphasis) * _inverseScale;

            // 1 - exp(-x) is at most x and at most 1: most candidates are settled without an exponential.
            var quick = ((_supply + _reciprocity) * Math.Min(1, larger)) + (_pooling * Math.Min(1, likeness * _inversePoolingScale)) + extras + _most;
            if (quick < cutoff)
            {
                return quick;
            }

            var give = 1 - Math.Exp(-Math.Pow(gives, _inverseEmphasis) * _inverseScale);
            var take = 1 - Math.Exp(-Math.Pow(takes, _inverseEmphasis) * _inverseScale);
            var harmonic = give + take > 0 ? 2 * give * take / (give + take) : 0;
            var supply = Math.Max(_plan.CountsGiving ? give : 0, _plan.CountsTaking ? take : 0);
            var place = _segment.Places[slot];
            var employees = _segment.Employees[slot];
            return (_supply * supply)
                + (_reciprocity * harmonic)
                + (_pooling * (1 - Math.Exp(-likeness * _inversePoolingScale)))
                + extras
                + (place < 0 ? 0 : _proximity[place])
                + (employees > 0 && _employees > 0 ? _scaleFit : 0)
                + _constant;
        }
    }
}
