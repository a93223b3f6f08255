using System.Collections.Concurrent;
using System.Collections.Immutable;
using PartnerMatch.Api.Reference;
using PartnerMatch.Ranking.Profiles;
using PartnerMatch.Ranking.Scoring;

namespace PartnerMatch.Api.Matches;

/// <summary>
/// All profiles, expanded, in memory. A query works on one immutable snapshot and never waits; a write replaces the snapshot
/// after its commit, in the order of commits.
/// </summary>
internal sealed class EnterpriseDirectory(ReferenceCatalog reference)
{
    private volatile DirectorySnapshot? _current;

    public bool IsReady => _current is not null;

    public DirectorySnapshot Current => _current ?? throw new InvalidOperationException("The directory of enterprises is not loaded yet.");

    public void Load(long sequence, IEnumerable<EnterpriseProfile> profiles)
    {
        var expanded = profiles.ToImmutableSortedDictionary(p => p.Id, reference.Knowledge.Expand, StringComparer.Ordinal);
        _current = new DirectorySnapshot(reference, sequence, expanded, new ScarcityEpoch(reference.Knowledge, sequence, expanded));
    }

    /// <summary>Does beforehand the work that many changes make, so that nobody waits for it once they are committed.</summary>
    public ExpandedProfile[] Prepare(IEnumerable<EnterpriseProfile> profiles) => [.. profiles.AsParallel().AsOrdered().Select(reference.Knowledge.Expand)];

    /// <summary>Takes over committed changes; the caller is the only writer.</summary>
    public void Apply(IEnumerable<(long Sequence, string Id, EnterpriseProfile? Profile)> changes) =>
        Apply(changes.Select(c => (c.Sequence, c.Id, c.Profile is null ? null : reference.Knowledge.Expand(c.Profile))));

    /// <summary>Takes over committed changes that were prepared.</summary>
    public void Apply(IEnumerable<(long Sequence, string Id, ExpandedProfile? Profile)> changes)
    {
        var snapshot = Current;
        var profiles = snapshot.Profiles.ToBuilder();
        var sequence = snapshot.Sequence;
        foreach (var (at, id, profile) in changes)
        {
            sequence = at;
            if (profile is null)
            {
                profiles.Remove(id);
            }
            else
            {
                profiles[id] = profile;
            }
        }

        _current = snapshot.MoveTo(sequence, profiles.ToImmutable());
    }
}

/// <summary>One consistent state of all profiles.</summary>
internal sealed class DirectorySnapshot(
    ReferenceCatalog reference,
    long sequence,
    ImmutableSortedDictionary<string, ExpandedProfile> profiles,
    ScarcityEpoch epoch)
{
    /// <summary>Scarcity is measured anew when more than this share of the profiles has changed since it was frozen.</summary>
    private const double ChangedShare = 0.01;

    /// <summary>The last change that the snapshot contains.</summary>
    public long Sequence => sequence;

    public ImmutableSortedDictionary<string, ExpandedProfile> Profiles => profiles;

    /// <summary>Names everything a score depends on besides weights: last change of a profile, scarcity epoch, reference data.</summary>
    public string Version { get; } = $"p{sequence}.s{epoch.Sequence}.r{reference.Version}";

    public Scarcity ScarcityIn(Corridor corridor) => epoch.In(corridor);

    public DirectorySnapshot MoveTo(long newSequence, ImmutableSortedDictionary<string, ExpandedProfile> newProfiles)
    {
        var isStale = newSequence - epoch.Sequence > newProfiles.Count * ChangedShare;
        return new DirectorySnapshot(reference, newSequence, newProfiles, isStale ? new ScarcityEpoch(reference.Knowledge, newSequence, newProfiles) : epoch);
    }
}

/// <summary>Scarcity frozen at one state of the profiles, per corridor, measured when first asked for.</summary>
internal sealed class ScarcityEpoch(RankingKnowledge knowledge, long sequence, ImmutableSortedDictionary<string, ExpandedProfile> profiles)
{
    private readonly ConcurrentDictionary<string, Scarcity> _byCorridor = new(StringComparer.Ordinal);

    public long Sequence => sequence;

    public Scarcity In(Corridor corridor) => _byCorridor.GetOrAdd(corridor.Id, _ => Scarcity.Measure(knowledge, corridor, profiles.Values));
}
