using System.Collections.Concurrent;
using PartnerMatch.Api.Reference;
using PartnerMatch.Ranking.Index;
using PartnerMatch.Ranking.Profiles;
using PartnerMatch.Ranking.Scoring;

namespace PartnerMatch.Api.Matches;

/// <summary>
/// All profiles in memory, indexed for ranking. A query works on one immutable snapshot and never waits; a write replaces the snapshot
/// after its commit, in the order of commits. What writes leave in small pieces is merged: little at once, much in the background.
/// </summary>
internal sealed partial class EnterpriseDirectory(ReferenceCatalog reference, ILogger<EnterpriseDirectory> log)
{
    /// <summary>A merge of more profiles would keep a writer waiting.</summary>
    private const int MergedAtOnce = 2048;

    private readonly Lock _gate = new();
    private volatile DirectorySnapshot? _current;
    private bool _isMerging;

    public bool IsReady => _current is not null;

    public DirectorySnapshot Current => _current ?? throw new InvalidOperationException("The directory of enterprises is not loaded yet.");

    public void Load(long sequence, IEnumerable<EnterpriseProfile> profiles)
    {
        var index = EnterpriseIndex.Build(reference.Knowledge, profiles);
        _current = new DirectorySnapshot(reference, sequence, index, new ScarcityEpoch(reference.Knowledge, sequence, index));
    }

    /// <summary>Does beforehand the work that many changes make, so that nobody waits for it once they are committed.</summary>
    public PreparedProfiles Prepare(IEnumerable<EnterpriseProfile> profiles) => EnterpriseIndex.Prepare(reference.Knowledge, profiles);

    /// <summary>Takes over committed changes; the caller is the only writer.</summary>
    public void Apply(IReadOnlyList<(long Sequence, string Id, EnterpriseProfile? Profile)> changes)
    {
        if (changes.Count > 0)
        {
            MoveTo(changes[^1].Sequence, index => index.With(changes.Select(c => KeyValuePair.Create(c.Id, c.Profile))));
        }
    }

    /// <summary>Takes over committed changes that were prepared.</summary>
    public void Apply(long sequence, PreparedProfiles prepared) => MoveTo(sequence, index => index.With(prepared));

    private void MoveTo(long sequence, Func<EnterpriseIndex, EnterpriseIndex> change)
    {
        lock (_gate)
        {
            var snapshot = Current;
            var index = change(snapshot.Index);
            while (index.FindMerge(MergedAtOnce) is { } merge)
            {
                index = index.With(merge.Run());
            }

            _current = snapshot.MoveTo(sequence, index);
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
                    _current = snapshot.MoveTo(snapshot.Sequence, snapshot.Index.With(next));
                    next = _current.Index.FindMerge();
                }
            }
        }
        catch (Exception e)
        {
            // Unmerged pieces answer as exactly, only slower; the next write tries again.
            LogMergeFailed(log, e);
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
internal sealed class DirectorySnapshot(ReferenceCatalog reference, long sequence, EnterpriseIndex index, ScarcityEpoch epoch)
{
    /// <summary>Scarcity is measured anew when more than this share of the profiles has changed since it was frozen.</summary>
    private const double ChangedShare = 0.01;

    /// <summary>The last change that the snapshot contains.</summary>
    public long Sequence => sequence;

    public EnterpriseIndex Index => index;

    /// <summary>Names everything a score depends on besides weights: last change of a profile, scarcity epoch, reference data.</summary>
    public string Version { get; } = $"p{sequence}.s{epoch.Sequence}.r{reference.Version}";

    public Scarcity ScarcityIn(Corridor corridor) => epoch.In(corridor);

    /// <summary>The profile of an enterprise that is known to be there.</summary>
    public EnterpriseProfile this[string id] => index.Find(id) ?? throw new KeyNotFoundException($"The snapshot has no enterprise '{id}'.");

    public DirectorySnapshot MoveTo(long newSequence, EnterpriseIndex newIndex)
    {
        var isStale = newSequence - epoch.Sequence > newIndex.Count * ChangedShare;
        return new DirectorySnapshot(reference, newSequence, newIndex, isStale ? new ScarcityEpoch(reference.Knowledge, newSequence, newIndex) : epoch);
    }
}

/// <summary>Scarcity frozen at one state of the profiles, per corridor, measured when first asked for.</summary>
internal sealed class ScarcityEpoch(RankingKnowledge knowledge, long sequence, EnterpriseIndex index)
{
    private readonly ConcurrentDictionary<string, Lazy<Scarcity>> _byCorridor = new(StringComparer.Ordinal);

    public long Sequence => sequence;

    public Scarcity In(Corridor corridor) =>
        _byCorridor.GetOrAdd(corridor.Id, _ => new Lazy<Scarcity>(() => Scarcity.Measure(knowledge, corridor, index.Profiles))).Value;
}
