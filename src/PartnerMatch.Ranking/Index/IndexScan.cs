using System.Collections.Immutable;
using System.Runtime.InteropServices;
using PartnerMatch.Ranking.Profiles;
using PartnerMatch.Ranking.Scoring;

namespace PartnerMatch.Ranking.Index;

/// <summary>
/// One query over one version. A sample tells what the list will probably take; whoever has too little by postings alone is passed over (<see cref="EssentialEntries"/>); one addition an entry
/// rules out most of the others (<see cref="EntrySums"/>); the survivors are bounded more closely (<see cref="CandidateBounds"/>) and scored exactly, best bound first.
/// Where the guess was too high, all is done once more with what was found: so the list is exact, whatever the sample says.
/// </summary>
internal sealed class IndexScan
{
    /// <summary>A sample has so many times the root of all slots, from all over, some together: the more there are, the better a small part tells.</summary>
    private const int SampleShare = 16;

    /// <summary>So many of a sample are bounded closely for each that is wanted of it, and so many more.</summary>
    private const int PromisingPerWanted = 2;
    private const int PromisingMore = 8;

    /// <summary>So many survivors are scored before more are looked for.</summary>
    private const int SurvivorsAtOnce = 4096;

    /// <summary>What is required is raised when the list has risen by so many points.</summary>
    private const double Retouch = 1;
    private const int NearestShown = 5;

    private readonly RankingKnowledge _knowledge;
    private readonly PartnerRanker _ranker;
    private readonly RankingQuery _query;
    private readonly Workspace _workspace;
    private readonly RangeLook _look;
    private readonly int _slots;
    private readonly ImmutableArray<LiveSegment> _segments;
    private readonly List<(int Segment, SlotRange Range)> _otherSide = [];
    private readonly BoundWeights _weights;
    private readonly CandidateBounds?[] _bounds;
    private int _scored;

    public IndexScan(RankingKnowledge knowledge, ImmutableArray<LiveSegment> segments, PartnerRanker ranker, RankingQuery query, Workspace workspace)
    {
        (_knowledge, _segments, _ranker, _query, _workspace, _look) = (knowledge, segments, ranker, query, workspace, workspace.Look);
        var side = query.Corridor.SideOf(query.Subject.Profile);
        _bounds = new CandidateBounds?[segments.Length];
        workspace.Plan.Expand(query);
        _weights = new BoundWeights(query, knowledge.Parameters);
        for (var at = 0; at < segments.Length; at++)
        {
            foreach (var range in segments[at].Segment.Ranges)
            {
                if (query.Corridor.SideOf(range.Region, range.Country) is { } other && other != side)
                {
                    _otherSide.Add((at, range));
                    _slots += range.PublishedTo - range.From;
                    _bounds[at] ??= new CandidateBounds(segments[at].Segment, query, workspace.Plan, _weights, knowledge.Tree.Count);
                }
            }
        }
    }

    public RankedPartners Rank()
    {
        var (candidates, excluded) = CountCandidates();
        var threshold = _query.MinScore ?? _query.Profile.Threshold;
        var found = FindBest(_query.Limit + 1, threshold, IsAfter);
        var firstRank = (_query.After?.Rank ?? 0) + 1;
        RankedPartner[] items = [.. found.Take(_query.Limit).Select((f, i) => new RankedPartner(firstRank + i, Explain(f)))];
        var isEmpty = items.Length == 0 && (_query.After is null || FindBest(1, threshold, _ => true).Count == 0);
        RankedPartner[] nearest = isEmpty ? [.. FindBest(NearestShown, null, _ => true).Select((f, i) => new RankedPartner(i + 1, Explain(f)))] : [];
        return new RankedPartners
        {
            Items = items,
            Candidates = candidates,
            Scored = _scored,
            Excluded = excluded,
            Next = found.Count > items.Length ? PartnerRanker.PositionOf(items[^1]) : null,
            Nearest = nearest,
            Missing = isEmpty ? FindLacks(nearest.FirstOrDefault()?.Score) : [],
        };
    }

    public IReadOnlyList<PartnerValue> RankValues() =>
        [.. FindBest(_query.Limit, _query.MinScore ?? _query.Profile.Threshold, IsAfter).Select(f => f.Value)];

    public PairScore Explain(Found found) => _ranker.Score(
        _query.Subject,
        found.Expanded,
        _query.Profile,
        _query.Corridor,
        _query.Scarcity,
        _query.Role,
        _query.AgreementsWith?.Invoke(found.Profile.Id));

    /// <summary>The first of the full sort that reach the threshold, if any, and are wanted.</summary>
    public IReadOnlyList<Found> FindBest(int count, double? threshold, Func<PartnerValue, bool> isWanted)
    {
        // A threshold of 0 lists whatever the floor lifts, too.
        var best = new BestFound(count, threshold is > 0 ? threshold.Value : double.NegativeInfinity, isWanted);
        Collect(best);
        return best.InOrder;
    }

    /// <summary>Where a candidate stands among all: whoever cannot reach it is ruled out, whoever can is scored, and nobody but the few told of is kept.</summary>
    public PartnerStanding StandingOf(PartnerValue candidate, int nextAbove)
    {
        var above = new AboveFound(candidate, nextAbove);
        Collect(above);
        return new PartnerStanding { Rank = above.Count + 1, Excluded = null, Candidates = CountCandidates().Candidates, Above = above.InOrder };
    }

    /// <summary>The standing of somebody who is no candidate.</summary>
    public PartnerStanding StandingOf(ExclusionReason reason) => new() { Rank = null, Excluded = reason, Candidates = CountCandidates().Candidates, Above = [] };

    private void Collect(Collector best)
    {
        var (besides, apart) = (0.0, 0.0);
        foreach (var (segment, _) in _otherSide)
        {
            besides = Math.Max(besides, _bounds[segment]!.Most);
            apart = Math.Max(apart, _bounds[segment]!.MostApart);
        }

        _workspace.ForgetScored();
        _workspace.Sums.Lay(_workspace.Plan, _weights, apart);
        var sample = TakeSample(best);
        foreach (var guess in sample?.Guesses ?? [])
        {
            Pass(best, Math.Max(guess, best.Cutoff), besides);
            if (best.Cutoff >= guess)
            {
                return;
            }
        }

        Pass(best, best.Cutoff, besides);
    }

    /// <summary>The best of a sample, which are scored: as much as they have the list will probably take in the end.</summary>
    private BestFound? TakeSample(Collector best)
    {
        var every = Math.Max(1, (int)(Math.Sqrt(_slots) / SampleShare));
        if (best.OfSample(every) is not { } sample)
        {
            return null;
        }

        var closest = _workspace.Sample;
        closest.Clear();
        var (most, turn, least) = ((PromisingPerWanted * sample.Count) + PromisingMore, 0, 0f);
        Span<float> promises = stackalloc float[RangeLook.SlotsTogether];
        for (var at = 0; at < _otherSide.Count; at++)
        {
            var (segment, range) = (_segments[_otherSide[at].Segment].Segment, _otherSide[at].Range);
            for (var from = range.From; from < range.PublishedTo; from += RangeLook.SlotsTogether)
            {
                if (turn++ % every != 0)
                {
                    continue;
                }

                var some = promises[..Math.Min(RangeLook.SlotsTogether, range.PublishedTo - from)];
                _workspace.Sums.Promise(segment.Entries(range)[((from - range.From) * range.Entries)..], range.Entries, some);
                for (var i = 0; i < some.Length; i++)
                {
                    if (closest.Count < most)
                    {
                        closest.Enqueue((at, from + i), some[i]);
                        closest.TryPeek(out _, out least);
                    }
                    else if (some[i] > least)
                    {
                        closest.EnqueueDequeue((at, from + i), some[i]);
                        closest.TryPeek(out _, out least);
                    }
                }
            }
        }

        foreach (var (found, _) in closest.UnorderedItems)
        {
            _look.Survivors.Add(found);
        }

        ScoreSurvivors(sample, double.NegativeInfinity, best);
        return sample;
    }

    /// <summary>Finds whoever can reach the target.</summary>
    private void Pass(Collector best, double target, double besides)
    {
        var sums = _workspace.Sums;
        sums.Require(target, besides);
        for (var at = 0; at < _otherSide.Count; at++)
        {
            _look.Through(at, _otherSide[at].Range, _segments[_otherSide[at].Segment].Segment);
            if (_look.Survivors.Count >= SurvivorsAtOnce)
            {
                ScoreSurvivors(best, target);
                if (best.Cutoff > target + Retouch)
                {
                    sums.Require(target = best.Cutoff, besides);
                }
            }
        }

        ScoreSurvivors(best, target);
    }

    private bool IsAfter(PartnerValue value) => _query.After is null || PartnerRanker.BestFirst(value, _query.After) > 0;

    /// <summary>Bounds the survivors closely and scores them exactly, best bound first, until no bound left can enter the list.</summary>
    private void ScoreSurvivors(Collector best, double target, Collector? also = null)
    {
        var promising = _workspace.Promising;
        promising.Clear();
        var survivors = CollectionsMarshal.AsSpan(_look.Survivors);
        for (var from = 0; from < survivors.Length; from += RangeLook.SlotsTogether)
        {
            var some = survivors[from..Math.Min(survivors.Length, from + RangeLook.SlotsTogether)];
            foreach (var (at, slot) in some)
            {
                _look.Touched += _segments[_otherSide[at].Segment].Segment.Facts[slot].Place;
            }

            foreach (var (at, slot) in some)
            {
                var (segment, range) = _otherSide[at];
                var bound = _bounds[segment]!.Of(range, slot);
                if (bound >= Math.Max(target, best.Cutoff) && _segments[segment].Live[slot])
                {
                    promising.Enqueue((at, slot), bound);
                }
            }
        }

        _look.Survivors.Clear();
        while (promising.TryDequeue(out var next, out var bound) && bound >= best.Cutoff)
        {
            var segment = _segments[_otherSide[next.Range].Segment].Segment;
            if (_query.Constraints.ReasonToExclude(segment.Profiles[next.Slot]) is null && _workspace.Scored.Add(next))
            {
                _scored++;
                var candidate = segment.Expand(next.Slot, _knowledge);
                var found = new Found(candidate, Score(candidate));
                best.Add(found);
                also?.Add(found);
            }
        }
    }

    private PartnerValue Score(ExpandedProfile candidate) => _ranker.Score(
        _workspace.Meeting,
        _query.Subject,
        candidate,
        _query.Profile,
        _query.Corridor,
        _query.Scarcity,
        _query.Role,
        _query.AgreementsWith?.Invoke(candidate.Profile.Id));

    /// <summary>Counts from what each range knows of itself: only what a newer segment replaced, or the query names, is looked at one by one.</summary>
    private (int Candidates, SortedDictionary<ExclusionReason, int> Excluded) CountCandidates()
    {
        var excluded = new SortedDictionary<ExclusionReason, int>();
        var candidates = 0;
        foreach (var (segment, range) in _otherSide)
        {
            foreach (var status in Enum.GetValues<ProfileStatus>())
            {
                Count(_query.Constraints.ReasonToExclude(status, range.Region, range.Country), range[status]);
            }

            foreach (var gone in _segments[segment].Live.IsWhole ? [] : _segments[segment].Live.Gaps())
            {
                if (gone >= range.From && gone < range.To)
                {
                    Count(_query.Constraints.ReasonToExclude(_segments[segment].Segment.Profiles[gone].Status, range.Region, range.Country), -1);
                }
            }
        }

        foreach (var id in _query.Constraints.ExcludedEnterprises.Union(_query.Constraints.BlockedEnterprises))
        {
            if (FindCandidate(id) is { } profile)
            {
                Count(_query.Constraints.ReasonToExclude(profile.Status, profile.Region, profile.Country), -1);
                Count(_query.Constraints.ReasonToExclude(profile), 1);
            }
        }

        return (candidates, excluded);

        void Count(ExclusionReason? reason, int count)
        {
            if (reason is null)
            {
                candidates += count;
            }
            else if ((excluded[reason.Value] = excluded.GetValueOrDefault(reason.Value) + count) == 0)
            {
                excluded.Remove(reason.Value);
            }
        }
    }

    private EnterpriseProfile? FindCandidate(string id)
    {
        foreach (var (segment, range) in _otherSide)
        {
            if (_segments[segment].Segment.SlotOf(id) is >= 0 and var slot && _segments[segment].Live[slot] && slot >= range.From && slot < range.To)
            {
                return _segments[segment].Segment.Profiles[slot];
            }
        }

        return null;
    }

    private List<Lack> FindLacks(PairScore? closest)
    {
        var (offered, needed) = FindEntries();
        return _ranker.FindLacks(_query, closest, need => IsOffered(need, offered), offer => IsWanted(offer, offered, needed));
    }

    /// <summary>The competencies that some candidate offers, and those that some candidate says it needs.</summary>
    private (bool[] Offered, bool[] Needed) FindEntries()
    {
        var codes = _knowledge.Tree.Count;
        var posted = new bool[2 * codes];
        foreach (var (at, range) in _otherSide)
        {
            var (segment, live) = _segments[at];
            for (var slot = range.From; slot < range.PublishedTo; slot++)
            {
                if (live[slot] && _query.Constraints.ReasonToExclude(segment.Profiles[slot]) is null)
                {
                    foreach (var entry in segment.Entries(range, slot))
                    {
                        posted[entry.Code] = true;
                    }
                }
            }
        }

        return (posted[..codes], posted[codes..]);
    }

    /// <summary>Whether some candidate's offers answer a need for the competency.</summary>
    private bool IsOffered(int need, bool[] offered)
    {
        for (var offer = 0; offer < offered.Length; offer++)
        {
            if (offered[offer] && _knowledge.Near(offer, need) > 0)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether some candidate needs what the offer answers: it says so, or makes something that takes it.</summary>
    private bool IsWanted(int offer, bool[] offered, bool[] needed) => _knowledge.AnswersOf(offer).Any(answer =>
        needed[answer.Need]
        || offered.Index().Any(o => o.Item && _knowledge.Graph.PurchasesOf(o.Index).Any(l => l.Input == answer.Need && _query.Profile.Kinds.Counts(l.Kind))));

    /// <summary>Takes what is found, and says what is still worth finding.</summary>
    private abstract class Collector
    {
        /// <summary>Whoever has less than this is not wanted.</summary>
        public abstract double Cutoff { get; }

        public abstract void Add(in Found found);

        /// <summary>What to collect of a sample, one slot of so many, to guess what this will take in the end; null where that is known.</summary>
        public abstract BestFound? OfSample(int every);
    }

    /// <summary>Whoever stands above a candidate: how many, the best, and the closest.</summary>
    private sealed class AboveFound(PartnerValue candidate, int closest) : Collector
    {
        private readonly List<PartnerValue> _closest = new(closest + 1);
        private PartnerValue? _best;

        public int Count { get; private set; }

        public override double Cutoff => candidate.Value;

        public override BestFound? OfSample(int every) => null;

        public IReadOnlyList<(int Rank, PartnerValue Value)> InOrder =>
        [
            .. Count > closest ? [(1, _best!.Value)] : Array.Empty<(int, PartnerValue)>(),
            .. _closest.Select((value, i) => (Count - _closest.Count + 1 + i, value)),
        ];

        public override void Add(in Found found)
        {
            var value = found.Value;
            if (PartnerRanker.BestFirst(value, candidate) >= 0)
            {
                return;
            }

            Count++;
            _best = _best is { } best && PartnerRanker.BestFirst(best, value) < 0 ? best : value;
            var at = _closest.FindIndex(c => PartnerRanker.BestFirst(value, c) < 0);
            _closest.Insert(at < 0 ? _closest.Count : at, value);
            if (_closest.Count > closest)
            {
                _closest.RemoveAt(0);
            }
        }
    }

    /// <summary>The best so far.</summary>
    /// <param name="count">How many are wanted.</param>
    /// <param name="floor">Nobody below it is.</param>
    /// <param name="isWanted">Who else is not.</param>
    /// <param name="isPart">They are of a sample, and the list is to be of all.</param>
    private sealed class BestFound(int count, double floor, Func<PartnerValue, bool> isWanted, bool isPart = false) : Collector
    {
        /// <summary>A sample holds so many times what is guessed from first.</summary>
        private const int Margin = 3;
        private static readonly Comparer<PartnerValue> BestFirst = Comparer<PartnerValue>.Create(PartnerRanker.BestFirst);
        private static readonly Comparer<PartnerValue> LastFirst = Comparer<PartnerValue>.Create((left, right) => PartnerRanker.BestFirst(right, left));
        private readonly PriorityQueue<Found, PartnerValue> _found = new(LastFirst);
        private double _lastOfAll = double.NegativeInfinity;

        public override double Cutoff => Math.Max(floor, _lastOfAll);

        public IReadOnlyList<Found> InOrder => [.. _found.UnorderedItems.Select(i => i.Element).OrderBy(f => f.Value, BestFirst)];

        /// <summary>How many are wanted.</summary>
        public int Count => count;

        /// <summary>What a list will take of which this is a sample: probably, and if not then nearly surely.</summary>
        public IEnumerable<double> Guesses => _found.Count < count
            ? []
            : isPart ? [InOrder[(count - 1) / Margin].Value.Value, _lastOfAll] : [_lastOfAll];

        // Two more than the sample's part of the list: then there are enough better ones elsewhere in nearly every case.
        public override BestFound? OfSample(int every) => new(every == 1 ? count : Margin * ((count / every) + 2), floor, isWanted, every > 1);

        public override void Add(in Found found)
        {
            if (found.Value.Value < floor || !isWanted(found.Value))
            {
                return;
            }

            if (_found.Count < count)
            {
                _found.Enqueue(found, found.Value);
            }
            else
            {
                _found.EnqueueDequeue(found, found.Value);
            }

            if (_found.Count == count)
            {
                _lastOfAll = _found.Peek().Value.Value;
            }
        }
    }
}

/// <summary>A candidate with its exact value.</summary>
internal readonly record struct Found(ExpandedProfile Expanded, PartnerValue Value)
{
    public EnterpriseProfile Profile => Expanded.Profile;
}
