using System.Collections.Immutable;
using PartnerMatch.Ranking.Profiles;
using PartnerMatch.Ranking.Scoring;

namespace PartnerMatch.Ranking.Index;

/// <summary>
/// One consistent version of all profiles, indexed for ranking. Immutable: a change makes a new version that shares almost everything with the
/// old one (a large base, small newer segments, and for each the set of slots that are still current), so readers never wait.
/// </summary>
public sealed class EnterpriseIndex
{
    /// <summary>So many segments of about one size are merged into one.</summary>
    private const int SegmentsPerTier = 8;

    private readonly RankingKnowledge _knowledge;
    private readonly ImmutableArray<LiveSegment> _segments;

    private EnterpriseIndex(RankingKnowledge knowledge, ImmutableArray<LiveSegment> segments)
    {
        _knowledge = knowledge;
        _segments = segments;
        Count = segments.Sum(s => s.Live.Count);
    }

    /// <summary>How many profiles the version holds, of whatever status.</summary>
    public int Count { get; }

    /// <summary>How many pieces the version consists of.</summary>
    public int SegmentCount => _segments.Length;

    /// <summary>How many profiles lie outside the largest piece.</summary>
    public int DeltaCount => Count - _segments.Select(s => s.Live.Count).DefaultIfEmpty().Max();

    /// <summary>Bytes of the index's columns, the profiles themselves aside.</summary>
    public long ColumnBytes => _segments.Sum(s => s.Segment.Bytes);

    /// <summary>Bytes of the columns by profile; 0 where there is none.</summary>
    public double BytesPerEnterprise => Count == 0 ? 0 : (double)ColumnBytes / Count;

    /// <summary>All profiles, in no promised order.</summary>
    public IEnumerable<EnterpriseProfile> Profiles => _segments.SelectMany(s => s.Profiles());

    /// <summary>Indexes profiles with distinct ids.</summary>
    /// <exception cref="ArgumentException">A code is unknown to the taxonomy, or an id comes twice.</exception>
    public static EnterpriseIndex Build(RankingKnowledge knowledge, IEnumerable<EnterpriseProfile> profiles)
    {
        ArgumentNullException.ThrowIfNull(knowledge);
        ArgumentNullException.ThrowIfNull(profiles);
        return new EnterpriseIndex(knowledge, [LiveSegment.Of(Segment.Build(knowledge, profiles))]);
    }

    /// <summary>The profile of an id, or null.</summary>
    public EnterpriseProfile? Find(string id)
    {
        ArgumentNullException.ThrowIfNull(id);
        foreach (var (segment, live) in _segments)
        {
            if (segment.SlotOf(id) is >= 0 and var slot && live[slot])
            {
                return segment.Profiles[slot];
            }
        }

        return null;
    }

    /// <summary>The version after some changes.</summary>
    /// <param name="changes">Id and new profile, null where the enterprise is gone; of one id the last counts.</param>
    public EnterpriseIndex With(IEnumerable<KeyValuePair<string, EnterpriseProfile?>> changes)
    {
        ArgumentNullException.ThrowIfNull(changes);
        var last = new Dictionary<string, EnterpriseProfile?>(StringComparer.Ordinal);
        foreach (var (id, profile) in changes)
        {
            last[id] = profile;
        }

        var segments = Without(_segments, last.Keys);
        var added = last.Values.OfType<EnterpriseProfile>().ToArray();
        return new EnterpriseIndex(_knowledge, added.Length == 0 ? segments : segments.Add(LiveSegment.Of(Segment.Build(_knowledge, added))));
    }

    /// <summary>Does beforehand the work that many new or changed profiles make.</summary>
    /// <param name="knowledge">The knowledge of the index that will take them over.</param>
    /// <param name="profiles">With distinct ids.</param>
    /// <returns>What <see cref="With(PreparedProfiles)"/> takes over at once.</returns>
    public static PreparedProfiles Prepare(RankingKnowledge knowledge, IEnumerable<EnterpriseProfile> profiles) => new(LiveSegment.Of(Segment.Build(knowledge, profiles)));

    /// <summary>The version after profiles that were prepared have come or changed.</summary>
    public EnterpriseIndex With(PreparedProfiles prepared)
    {
        ArgumentNullException.ThrowIfNull(prepared);
        return new EnterpriseIndex(_knowledge, Without(_segments, prepared.Profiles.Select(p => p.Id)).Add(prepared.Segment));
    }

    /// <summary>The segments that a merge would make one, or null where nothing is worth merging.</summary>
    /// <param name="atMost">Only a merge of at most so many profiles.</param>
    /// <returns>A merge to run wherever time is to spare; its result goes to <see cref="With(SegmentMerge)"/>.</returns>
    public SegmentMerge? FindMerge(int atMost = int.MaxValue)
    {
        var tier = _segments
            .Where(s => s.Live.Count <= atMost / SegmentsPerTier)
            .GroupBy(s => (int)Math.Log(Math.Max(1, s.Live.Count), SegmentsPerTier))
            .OrderBy(g => g.Key)
            .FirstOrDefault(g => g.Count() >= SegmentsPerTier);
        var half = _segments.FirstOrDefault(s => s.Live.Count <= atMost && s.Segment.Profiles.Length > SegmentsPerTier && s.Live.Count < s.Segment.Profiles.Length / 2);
        return tier is not null ? new SegmentMerge(_knowledge, [.. tier]) : half is not null ? new SegmentMerge(_knowledge, [half]) : null;
    }

    /// <summary>The version in which a finished merge has taken the place of its segments. What changed meanwhile stays changed.</summary>
    public EnterpriseIndex With(SegmentMerge merge)
    {
        ArgumentNullException.ThrowIfNull(merge);
        var current = _segments.ToDictionary(s => s.Segment, s => s.Live);
        var overtaken = merge.Sources.SelectMany(source => source.Profiles()
            .Where(p => !current.TryGetValue(source.Segment, out var live) || !live[source.Segment.SlotOf(p.Id)])
            .Select(p => p.Id));
        var replaced = merge.Sources.Select(s => s.Segment).ToHashSet();
        var merged = Without([merge.Result], overtaken);
        return new EnterpriseIndex(_knowledge, [.. merged, .. _segments.Where(s => !replaced.Contains(s.Segment))]);
    }

    /// <summary>Ranks the candidates on the other side of the corridor: exactly the first of the full sort.</summary>
    /// <inheritdoc cref="PartnerRanker.Rank(RankingQuery, IEnumerable{ExpandedProfile})" path="/returns|/exception"/>
    /// <param name="ranker">The scorer of the same knowledge.</param>
    /// <param name="query">Who asks, for what.</param>
    public RankedPartners Rank(PartnerRanker ranker, RankingQuery query) => Scan(ranker, query, scan => scan.Rank());

    /// <summary>
    /// The same list without its reasons: what a run over many subjects keeps. Any number of threads may ask at once.
    /// </summary>
    /// <returns>Exactly the items of <see cref="Rank"/>, in their order.</returns>
    /// <inheritdoc cref="Rank" path="/param|/exception"/>
    public IReadOnlyList<PartnerValue> RankScores(PartnerRanker ranker, RankingQuery query) => Scan(ranker, query, scan => scan.RankValues());

    /// <summary>Where one partner stands among all candidates, however low: exactly its place in the full sort.</summary>
    /// <param name="ranker">The scorer of the same knowledge.</param>
    /// <param name="query">Who asks, for what; its limit, threshold and place do not count.</param>
    /// <param name="partnerId">An enterprise of the other side.</param>
    /// <param name="nextAbove">At most so many of those just above it.</param>
    /// <exception cref="ArgumentException">There is no such enterprise, or it is not of the other side.</exception>
    public PartnerStanding StandingOf(PartnerRanker ranker, RankingQuery query, string partnerId, int nextAbove = 3)
    {
        ArgumentNullException.ThrowIfNull(ranker);
        ArgumentNullException.ThrowIfNull(query);
        var partner = Find(partnerId);
        if (partner is null || query.Corridor.SideOf(partner) is not { } side || side == query.Corridor.SideOf(query.Subject.Profile))
        {
            throw new ArgumentException($"'{partnerId}' is not of the other side.", nameof(partnerId));
        }

        if (query.Constraints.ReasonToExclude(partner) is { } reason)
        {
            return Scan(ranker, query, scan => scan.StandingOf(reason));
        }

        var score = ranker.Score(query.Subject, _knowledge.Expand(partner), query.Profile, query.Corridor, query.Scarcity, query.Role, query.AgreementsWith?.Invoke(partnerId));
        return Scan(ranker, query, scan => scan.StandingOf(score.ToValue(), nextAbove));
    }

    /// <summary>The best pairs of a whole corridor: exactly the first of the full sort over all pairs that reach the threshold.</summary>
    /// <param name="ranker">The scorer of the same knowledge.</param>
    /// <param name="query">The corridor, the form and the limits.</param>
    /// <returns>The ranking, to be worked through by as many threads as there are to spare.</returns>
    public PairsRanking RankPairs(PartnerRanker ranker, PairsQuery query)
    {
        ArgumentNullException.ThrowIfNull(ranker);
        ArgumentNullException.ThrowIfNull(query);
        return new PairsRanking(_knowledge, this, ranker, query);
    }

    internal T Scan<T>(PartnerRanker ranker, RankingQuery query, Func<IndexScan, T> scan)
    {
        ArgumentNullException.ThrowIfNull(ranker);
        ArgumentNullException.ThrowIfNull(query);
        var workspace = ranker.Borrow();
        try
        {
            return scan(new IndexScan(_knowledge, _segments, ranker, query, workspace));
        }
        finally
        {
            ranker.GiveBack(workspace);
        }
    }

    private static ImmutableArray<LiveSegment> Without(ImmutableArray<LiveSegment> segments, IEnumerable<string> ids)
    {
        var all = ids.ToArray();
        return [.. segments.Select(s =>
        {
            var slots = all.Select(s.Segment.SlotOf).Where(slot => slot >= 0 && s.Live[slot]).ToArray();
            return slots.Length == 0 ? s : s with { Live = s.Live.Without(slots) };
        }).Where(s => s.Live.Count > 0)];
    }
}

/// <summary>Profiles that were indexed before they are taken over.</summary>
public sealed class PreparedProfiles
{
    internal PreparedProfiles(LiveSegment segment) => Segment = segment;

    internal LiveSegment Segment { get; }

    /// <summary>The profiles.</summary>
    public IEnumerable<EnterpriseProfile> Profiles => Segment.Profiles();
}

/// <summary>A merge of some segments into one; <see cref="Run"/> takes its time, everything else does not.</summary>
public sealed class SegmentMerge
{
    private readonly RankingKnowledge _knowledge;
    private LiveSegment? _result;

    internal SegmentMerge(RankingKnowledge knowledge, IReadOnlyList<LiveSegment> sources) => (_knowledge, Sources) = (knowledge, sources);

    internal IReadOnlyList<LiveSegment> Sources { get; }

    internal LiveSegment Result => _result ?? throw new InvalidOperationException("The merge has not run yet.");

    /// <summary>Builds the merged segment.</summary>
    /// <returns>This merge.</returns>
    public SegmentMerge Run()
    {
        _result = LiveSegment.Of(Segment.Build(_knowledge, Sources.SelectMany(s => s.Profiles())));
        return this;
    }
}

/// <summary>A segment with those of its slots that are current.</summary>
internal sealed record LiveSegment(Segment Segment, SlotSet Live)
{
    public static LiveSegment Of(Segment segment) => new(segment, SlotSet.All(segment.Profiles.Length));

    public IEnumerable<EnterpriseProfile> Profiles()
    {
        for (var slot = 0; slot < Segment.Profiles.Length; slot++)
        {
            if (Live[slot])
            {
                yield return Segment.Profiles[slot];
            }
        }
    }
}
