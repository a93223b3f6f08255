using System.Collections.Immutable;

namespace PartnerMatch.Ranking.Scoring;

/// <summary>Pairs that must not be matched, whoever asks. Immutable: a change makes a new set.</summary>
public sealed class PairExclusions
{
    private readonly ImmutableDictionary<string, ImmutableHashSet<string>> _partners;

    private PairExclusions(ImmutableDictionary<string, ImmutableHashSet<string>> partners) => _partners = partners;

    /// <summary>No pair is excluded.</summary>
    public static PairExclusions None { get; } = new(ImmutableDictionary<string, ImmutableHashSet<string>>.Empty.WithComparers(StringComparer.Ordinal));

    /// <summary>The ids that must not be paired with this one.</summary>
    public IReadOnlySet<string> PartnersOf(string id) => _partners.GetValueOrDefault(id, ImmutableHashSet<string>.Empty);

    /// <summary>Whether the pair is excluded, in either order.</summary>
    public bool Contains(string first, string second) => PartnersOf(first).Contains(second);

    /// <summary>The set with one pair more.</summary>
    public PairExclusions With(string first, string second) => new(Add(Add(_partners, first, second), second, first));

    /// <summary>The set without the pair.</summary>
    public PairExclusions Without(string first, string second) => new(Remove(Remove(_partners, first, second), second, first));

    private static ImmutableDictionary<string, ImmutableHashSet<string>> Add(ImmutableDictionary<string, ImmutableHashSet<string>> partners, string id, string partner) =>
        partners.SetItem(id, partners.GetValueOrDefault(id, ImmutableHashSet.Create<string>(StringComparer.Ordinal)).Add(partner));

    private static ImmutableDictionary<string, ImmutableHashSet<string>> Remove(ImmutableDictionary<string, ImmutableHashSet<string>> partners, string id, string partner)
    {
        var left = partners.GetValueOrDefault(id, ImmutableHashSet<string>.Empty).Remove(partner);
        return left.IsEmpty ? partners.Remove(id) : partners.SetItem(id, left);
    }
}
