using System.Collections.Immutable;
using System.Numerics;
using PartnerMatch.Ranking.Profiles;
using PartnerMatch.Ranking.Scoring;

namespace PartnerMatch.Ranking.Index;

/// <summary>
/// One query over one version, in sweeps over ever other blocks of slots. A sweep rules out by one addition an entry whoever cannot enter the list;
/// bounds the survivors more closely; and scores them exactly, best bound first, until no bound left can enter. Each sweep starts from what the ones before it found.
/// Once the list is so good that only candidates with one of a few entries can enter, these are looked up and the sweeps end (the essential lists of MaxScore, Turtle and Flood 1995).
/// </summary>
internal sealed class IndexScan
{
    private const int SlotsPerBlock = 512;

    /// <summary>The first sweep takes about so many slots from all over: few enough to look at closely, enough to know what a good candidate is.</summary>
    private const int SlotsPerSweep = 16 * 1024;

    /// <summary>Looking a slot up costs about as much as sweeping over so many.</summary>
    private const int SlotsPerLookup = 6;

    /// <summary>So many survivors are scored before more are looked for.</summary>
    private const int SurvivorsAtOnce = 512;

    /// <summary>The tangent is laid anew when the list has risen by so many points.</summary>
    private const double Retouch = 1;
    private const int NearestShown = 5;

    private readonly RankingKnowledge _knowledge;
    private readonly PartnerRanker _ranker;
    private readonly RankingQuery _query;
    private readonly Workspace _workspace;
    private readonly ImmutableArray<LiveSegment> _segments;
    private readonly List<(int Segment, RegionRange Range)> _otherSide = [];
    private readonly BoundWeights _weights;
    private readonly CandidateBounds?[] _bounds;
    private int _scored;

    public IndexScan(RankingKnowledge knowledge, ImmutableArray<LiveSegment> segments, PartnerRanker ranker, RankingQuery query, Workspace workspace)
    {
        (_knowledge, _segments, _ranker, _query, _workspace) = (knowledge, segments, ranker, query, workspace);
        var side = query.Corridor.SideOf(query.Subject.Profile);
        _bounds = new CandidateBounds?[segments.Length];
        workspace.Plan.Expand(query);
        _weights = new BoundWeights(query, workspace.Plan, knowledge.Parameters);
        for (var at = 0; at < segments.Length; at++)
        {
            foreach (var range in segments[at].Segment.Regions)
            {
                if (query.Corridor.SideOf(range.Region, range.Country) is { } other && other != side)
                {
                    _otherSide.Add((at, range));
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
        _knowledge.Expand(found.Profile),
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
        var slots = 0;
        var (besides, apart) = (0.0, 0.0);
        foreach (var (segment, range) in _otherSide)
        {
            slots += range.PublishedTo - range.From;
            besides = Math.Max(besides, _bounds[segment]!.Most);
            apart = Math.Max(apart, _bounds[segment]!.MostApart);
        }

        var points = new EntryPoints(_workspace.Plan, _weights, _workspace.Points, _knowledge.Tree.Count);
        var touched = double.NaN;
        var sweeps = Math.Max(1, slots / SlotsPerSweep);
        for (var sweep = 0; sweep < sweeps; sweep++)
        {
            if (!(best.Cutoff < touched + Retouch))
            {
                points.Touch(touched = best.Cutoff, besides, apart);
            }

            // Counting takes a moment: it is tried after one sweep, two, four, and so on.
            if (BitOperations.IsPow2(sweep) && CountEssential(points, best.Cutoff) * SlotsPerLookup < slots - (slots / sweeps * sweep))
            {
                for (var segment = 0; segment < _segments.Length; segment++)
                {
                    if (_bounds[segment] is not null)
                    {
                        LookUp(segment, points, best, sweep, sweeps);
                    }
                }

                ScoreSurvivors(best);
                break;
            }

            foreach (var (segment, range) in _otherSide)
            {
                Sweep(segment, range, points.Needed(best.Cutoff, _bounds[segment]!.Most), sweep, sweep + 1, sweeps);
            }

            ScoreSurvivors(best);
        }
    }

    /// <summary>Goes over the blocks of a range whose turn comes in some of the sweeps.</summary>
    private void Sweep(int segment, RegionRange range, float needed, int fromSweep, int toSweep, int sweeps)
    {
        for (var block = range.From / SlotsPerBlock; block * SlotsPerBlock < range.PublishedTo; block++)
        {
            var turn = block % sweeps;
            if (turn >= fromSweep && turn < toSweep)
            {
                RuleOut(segment, Math.Max(range.From, block * SlotsPerBlock), Math.Min(range.PublishedTo, (block + 1) * SlotsPerBlock), needed);
            }
            else
            {
                block += turn < fromSweep ? fromSweep - turn - 1 : sweeps - turn + fromSweep - 1;
            }
        }
    }

    /// <summary>How many slots there are to look up: a candidate needs an entry that makes at least an even share of what is needed.</summary>
    private long CountEssential(EntryPoints points, double cutoff)
    {
        long count = 0;
        var counted = -1;
        foreach (var (at, range) in _otherSide)
        {
            var segment = _segments[at].Segment;
            if (segment.Postings is not { } postings)
            {
                count += range.PublishedTo - range.From;
            }
            else if (at != counted)
            {
                // Where nothing is needed, whoever has no entry at all can enter, too.
                counted = at;
                var share = points.Needed(cutoff, _bounds[at]!.Most) / segment.MostEntries;
                if (!(share > 0))
                {
                    return int.MaxValue;
                }

                for (var code = 0; code < _workspace.Points.Length; code++)
                {
                    count += _workspace.Points[code] >= share ? postings.Count(code) : 0;
                }
            }
        }

        return count;
    }

    /// <summary>Looks up, strongest entry first, who has an essential entry and was not met by a sweep. As the list gets better, fewer are essential.</summary>
    private void LookUp(int at, EntryPoints points, Collector best, int sweep, int sweeps)
    {
        var segment = _segments[at].Segment;
        if (segment.Postings is not { } postings)
        {
            foreach (var (_, range) in _otherSide.Where(o => o.Segment == at))
            {
                Sweep(at, range, points.Needed(best.Cutoff, _bounds[at]!.Most), sweep, sweeps, sweeps);
            }

            return;
        }

        var (values, needed) = (_workspace.Points, points.Needed(best.Cutoff, _bounds[at]!.Most));
        var essential = Enumerable.Range(0, values.Length).Where(code => values[code] >= needed / segment.MostEntries).OrderByDescending(code => values[code]);
        foreach (var code in essential)
        {
            if (values[code] < needed / segment.MostEntries)
            {
                break;
            }

            foreach (var (owner, range) in _otherSide)
            {
                if (owner != at)
                {
                    continue;
                }

                foreach (var slot in postings.Slots(code, range.From, range.PublishedTo))
                {
                    if (slot / SlotsPerBlock % sweeps >= sweep && Sums(segment.Codes(slot), code))
                    {
                        _workspace.Survivors.Add((at, slot));
                        if (_workspace.Survivors.Count >= SurvivorsAtOnce)
                        {
                            ScoreSurvivors(best);
                            needed = points.Needed(best.Cutoff, _bounds[at]!.Most);
                        }
                    }
                }
            }
        }

        // A slot is met at its strongest entry only, of equals at the first.
        bool Sums(ReadOnlySpan<ushort> entries, int met)
        {
            float sum = 0;
            foreach (var entry in entries)
            {
                if (values[entry] > values[met] || (values[entry] == values[met] && entry < met))
                {
                    return false;
                }

                sum += values[entry];
            }

            return sum >= needed;
        }
    }

    private bool IsAfter(PartnerValue value) => _query.After is null || PartnerRanker.BestFirst(value, _query.After) > 0;

    /// <summary>Keeps of some slots those whose entries add up to what is needed.</summary>
    private void RuleOut(int segment, int from, int to, float needed)
    {
        var points = _workspace.Points.AsSpan();
        var codes = _segments[segment].Segment.Codes(from, to, out var starts);
        for (var at = 0; at < starts.Length - 1; at++)
        {
            float sum = 0;
            for (var entry = starts[at]; entry < starts[at + 1]; entry++)
            {
                sum += points[codes[entry]];
            }

            if (sum >= needed)
            {
                _workspace.Survivors.Add((segment, from + at));
            }
        }
    }

    /// <summary>Bounds the survivors closely and scores them exactly, best bound first, until no bound left can enter the list.</summary>
    private void ScoreSurvivors(Collector best)
    {
        var promising = _workspace.Promising;
        promising.Clear();
        foreach (var (segment, slot) in _workspace.Survivors)
        {
            var bound = _bounds[segment]!.Of(slot);
            if (bound >= best.Cutoff && _segments[segment].Live[slot])
            {
                promising.Enqueue((segment, slot), bound);
            }
        }

        _workspace.Survivors.Clear();
        while (promising.TryDequeue(out var next, out var bound) && bound >= best.Cutoff)
        {
            var profile = _segments[next.Segment].Segment.Profiles[next.Slot];
            if (_query.Constraints.ReasonToExclude(profile) is null)
            {
                _scored++;
                best.Add(new Found(profile, Score(profile)));
            }
        }
    }

    private PartnerValue Score(EnterpriseProfile candidate) => _ranker.Score(
        _workspace.Meeting,
        _query.Subject,
        _knowledge.Expand(candidate),
        _query.Profile,
        _query.Corridor,
        _query.Scarcity,
        _query.Role,
        _query.AgreementsWith?.Invoke(candidate.Id));

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
                    foreach (var code in segment.Codes(slot))
                    {
                        posted[code] = true;
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
    }

    /// <summary>Whoever stands above a candidate: how many, the best, and the closest.</summary>
    private sealed class AboveFound(PartnerValue candidate, int closest) : Collector
    {
        private readonly List<PartnerValue> _closest = new(closest + 1);
        private PartnerValue? _best;

        public int Count { get; private set; }

        public override double Cutoff => candidate.Value;

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
    private sealed class BestFound(int count, double floor, Func<PartnerValue, bool> isWanted) : Collector
    {
        private readonly List<Found> _found = new(count + 1);

        public override double Cutoff => _found.Count < count ? floor : Math.Max(floor, _found[^1].Value.Value);

        public IReadOnlyList<Found> InOrder => _found;

        public override void Add(in Found found)
        {
            if (found.Value.Value < floor || !isWanted(found.Value))
            {
                return;
            }

            var at = _found.Count;
            while (at > 0 && PartnerRanker.BestFirst(found.Value, _found[at - 1].Value) < 0)
            {
                at--;
            }

            _found.Insert(at, found);
            if (_found.Count > count)
            {
                _found.RemoveAt(count);
            }
        }
    }
}

/// <summary>A candidate with its exact value.</summary>
internal readonly record struct Found(EnterpriseProfile Profile, PartnerValue Value);
