using System.Collections.Concurrent;
using PartnerMatch.Api.Gaps;
using PartnerMatch.Api.Reference;
using PartnerMatch.Api.Telemetry;
using PartnerMatch.Ranking.Index;
using PartnerMatch.Ranking.Profiles;
using PartnerMatch.Ranking.Scoring;

namespace PartnerMatch.Api.Matches;

/// <summary>
/// All profiles in memory, indexed for ranking. A query works on one immutable snapshot and never waits; a write replaces the snapshot
/// after its commit, in the order of commits. What writes leave in small pieces is merged: little at once, much in the background.
/// </summary>
internal sealed partial class EnterpriseDirectory
{
    /// <summary>A merge of more profiles would keep a writer waiting.</summary>
    private const int MergedAtOnce = 2048;

    private readonly ReferenceCatalog _reference;
    private readonly IndexMeter _meter;
    private readonly ILogger _log;
    private readonly Lock _gate = new();
    private volatile DirectorySnapshot? _current;
    private bool _isMerging;

    public EnterpriseDirectory(ReferenceCatalog reference, IndexMeter meter, ILogger<EnterpriseDirectory> log)
    {
        (_reference, _meter, _log) = (reference, meter, log);
        meter.Observe(() => _current);
    }

    public bool IsReady => _current is not null;

    public DirectorySnapshot Current => _current ?? throw new InvalidOperationException("The directory of enterprises is not loaded yet.");

    /// <summary>Takes all profiles over.</summary>
    /// <param name="sequence">The last change that they contain.</param>
    /// <param name="profiles">The profiles.</param>
    /// <param name="epoch">Scarcity as it was frozen last; measured anew where it is too old for these profiles.</param>
    public void Load(long sequence, IEnumerable<EnterpriseProfile> profiles, ScarcityEpoch epoch)
    {
        var loaded = new DirectorySnapshot(_reference, sequence, EnterpriseIndex.Build(_reference.Knowledge, profiles), epoch, ExcludedPairs.None, GapChanges.Since(sequence));
        _current = loaded.IsStale ? loaded.MoveTo(loaded.MeasureEpoch()) : loaded;
    }

    /// <summary>Takes over scarcity that was measured anew and is kept; the caller is the only writer.</summary>
    public void Adopt(ScarcityEpoch epoch)
    {
        lock (_gate)
        {
            _current = Current.MoveTo(epoch);
        }
    }

    /// <summary>Does beforehand the work that many changes make, so that nobody waits for it once they are committed.</summary>
    public PreparedProfiles Prepare(IEnumerable<EnterpriseProfile> profiles) => EnterpriseIndex.Prepare(_reference.Knowledge, profiles);

    /// <summary>Takes over committed changes; the caller is the only writer.</summary>
    public void Apply(IReadOnlyList<(long Sequence, string Id, EnterpriseProfile? Profile)> changes)
    {
        if (changes.Count > 0)
        {
            MoveTo(changes[^1].Sequence, changes.Select(c => (c.Id, c.Profile)), index => index.With(changes.Select(c => KeyValuePair.Create(c.Id, c.Profile))));
        }
    }

    /// <summary>Takes over committed changes that were prepared.</summary>
    public void Apply(long sequence, PreparedProfiles prepared) => MoveTo(
        sequence,
        prepared.Profiles.Select(p => (p.Id, (EnterpriseProfile?)p)),
        index => index.With(prepared));

    /// <summary>Takes over a committed decision that excludes pairs or lifts that; the caller is the only writer.</summary>
    public void Exclude(long decision, Func<PairExclusions, PairExclusions> change)
    {
        lock (_gate)
        {
            _current = Current.Exclude(new ExcludedPairs(change(Current.Exclusions), decision));
        }
    }

    private void MoveTo(long sequence, IEnumerable<(string Id, EnterpriseProfile? Profile)> changed, Func<EnterpriseIndex, EnterpriseIndex> change)
    {
        var begun = _meter.BeginUpdate();
        lock (_gate)
        {
            var snapshot = Current;
            var gapChanges = snapshot.GapChanges.With(sequence, changed.Select(c => (snapshot.Index.Find(c.Id), c.Profile)));
            var index = change(snapshot.Index);
            while (index.FindMerge(MergedAtOnce) is { } merge)
            {
                index = index.With(merge.Run());
                _meter.CountMerge();
            }

            _current = snapshot.MoveTo(sequence, index, gapChanges);
            _meter.EndUpdate(begun);
            if (!_isMerging && index.FindMerge() is { } large)
            {
                _isMerging = true;
                _ = Task.Run(() => Merge(large));
            }
        }
    }

    private void Merge(SegmentMerge merge)
    {
        try
        {
            for (var next = merge; next is not null;)
            {
                next.Run();
                lock (_gate)
                {
                    var snapshot = Current;
                    _current = snapshot.MoveTo(snapshot.Sequence, snapshot.Index.With(next), snapshot.GapChanges);
                    next = _current.Index.FindMerge();
                    _meter.CountMerge();
                }
            }
        }
        catch (Exception e)
        {
            // Unmerged pieces answer as exactly, only slower; the next write tries again.
            LogMergeFailed(_log, e);
        }
        finally
        {
            lock (_gate)
            {
                _isMerging = false;
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Merging the index failed")]
    private static partial void LogMergeFailed(ILogger log, Exception exception);
}

/// <summary>One consistent state of all profiles.</summary>
internal sealed class DirectorySnapshot(
    ReferenceCatalog reference,
    long sequence,
    EnterpriseIndex index,
    ScarcityEpoch epoch,
    ExcludedPairs excluded,
    GapChanges gapChanges)
{
    private readonly ConcurrentDictionary<string, PublishedCounts> _published = new(StringComparer.Ordinal);

    /// <summary>Scarcity is measured anew when more than this share of the profiles has changed since it was frozen.</summary>
    private const double ChangedShare = 0.01;

    /// <summary>The last change that the snapshot contains.</summary>
    public long Sequence => sequence;

    public EnterpriseIndex Index => index;

    /// <summary>The last changes that may matter to what a corridor lacks.</summary>
    public GapChanges GapChanges => gapChanges;

    public ScarcityEpoch Epoch => epoch;

    /// <summary>
    /// Names everything a list depends on besides weights: the data version, and, once a pair was excluded, the last decision that excluded one or lifted
    /// that.
    /// </summary>
    public string Version => excluded.Decision > 0 ? $"{DataVersion}.x{excluded.Decision}" : DataVersion.ToString();

    /// <summary>Pairs that staff excluded.</summary>
    public PairExclusions Exclusions => excluded.Pairs;

    /// <summary>Names everything a score depends on besides weights.</summary>
    public DataVersion DataVersion { get; } = new(sequence, epoch.Sequence, reference.Version);

    /// <summary>Whether so much has changed since scarcity was frozen that it should be measured anew.</summary>
    public bool IsStale => sequence - epoch.Sequence > index.Count * ChangedShare;

    public Scarcity ScarcityIn(Corridor corridor) => epoch.In(corridor);

    /// <summary>How many published enterprises each side of a corridor has; counted when first asked for.</summary>
    public PublishedCounts PublishedIn(Corridor corridor) => _published.GetOrAdd(corridor.Id, _ => PublishedCounts.Of(index, corridor));

    /// <summary>The profile of an enterprise that is known to be there.</summary>
    public EnterpriseProfile this[string id] => index.Find(id) ?? throw new KeyNotFoundException($"The snapshot has no enterprise '{id}'.");

    public DirectorySnapshot MoveTo(long newSequence, EnterpriseIndex newIndex, GapChanges newGapChanges) =>
        new(reference, newSequence, newIndex, epoch, excluded, newGapChanges);

    public DirectorySnapshot MoveTo(ScarcityEpoch newEpoch) => new(reference, sequence, index, newEpoch, excluded, gapChanges);

    /// <summary>Measures scarcity in this state, in the corridors of the current epoch and in those that are added.</summary>
    public ScarcityEpoch MeasureEpoch(params IEnumerable<Corridor> added) => new(
        sequence,
        [.. epoch.Corridors.Concat(added).Select(c => (c, Scarcity.Measure(reference.Knowledge, c, index.Profiles)))]);

    public DirectorySnapshot Exclude(ExcludedPairs pairs) => new(reference, sequence, index, epoch, pairs, gapChanges);
}

/// <summary>How many published enterprises, which are the candidates of the other side, each side of a corridor has.</summary>
internal sealed record PublishedCounts(int First, int Second)
{
    /// <summary>Pairs of one of each side.</summary>
    public long Pairs => (long)First * Second;

    public static PublishedCounts Of(EnterpriseIndex index, Corridor corridor)
    {
        var sides = new int[2];
        foreach (var profile in index.Profiles)
        {
            if (profile.Status == ProfileStatus.Published && corridor.SideOf(profile) is { } side)
            {
                sides[(int)side]++;
            }
        }

        return new PublishedCounts(sides[(int)CorridorSide.First], sides[(int)CorridorSide.Second]);
    }

    /// <summary>How many candidates an enterprise of this side has.</summary>
    public long CandidatesOf(CorridorSide side) => side == CorridorSide.First ? Second : First;
}

/// <summary>Names everything a score depends on besides weights.</summary>
/// <param name="Sequence">The last change of a profile.</param>
/// <param name="Epoch">The last change before scarcity was frozen.</param>
/// <param name="Reference">The version of the reference data.</param>
internal sealed record DataVersion(long Sequence, long Epoch, string Reference)
{
    public override string ToString() => FormattableString.Invariant($"p{Sequence}.s{Epoch}.r{Reference}");
}

/// <summary>Scarcity frozen at one state of the profiles, in every corridor.</summary>
internal sealed class ScarcityEpoch(long sequence, IReadOnlyList<(Corridor Corridor, Scarcity Scarcity)> measured)
{
    private readonly Dictionary<string, Scarcity> _byCorridor = measured.ToDictionary(m => m.Corridor.Id, m => m.Scarcity, StringComparer.Ordinal);

    /// <summary>The last change that it was measured after.</summary>
    public long Sequence => sequence;

    public IEnumerable<Corridor> Corridors => measured.Select(m => m.Corridor);

    /// <summary>An epoch that is too old for any state, and knows the corridors in which to measure.</summary>
    public static ScarcityEpoch Unmeasured(RankingKnowledge knowledge, IEnumerable<Corridor> corridors) =>
        new(long.MinValue / 2, [.. corridors.Select(c => (c, Scarcity.None(knowledge)))]);

    public Scarcity In(Corridor corridor) => _byCorridor[corridor.Id];
}

/// <summary>The pairs that staff excluded.</summary>
/// <param name="Pairs">The pairs.</param>
/// <param name="Decision">The last decision that changed them, 0 before the first.</param>
internal sealed record ExcludedPairs(PairExclusions Pairs, long Decision)
{
    public static ExcludedPairs None { get; } = new(PairExclusions.None, 0);
}
