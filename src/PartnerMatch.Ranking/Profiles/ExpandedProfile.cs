using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using PartnerMatch.Ranking.Scoring;
using PartnerMatch.Ranking.Taxonomy;

namespace PartnerMatch.Ranking.Profiles;

/// <summary>
/// A profile as the scorer reads it (section 2 of the model): offers expanded over the tree, needs stated and inferred,
/// and the trades that sell its goods, all sorted by the preorder number of the competency.
/// </summary>
public sealed class ExpandedProfile
{
    private const int Kinds = 5;
    private readonly InferredNeed[] _inferred;
    private readonly ConcurrentDictionary<LinkKinds, NeedEntry[]> _needs = new();
    private readonly double _inferredWeight;

    private ExpandedProfile(EnterpriseProfile profile, OfferEntry[] rawOffers, OfferEntry[] offers, InferredNeed[] inferred, RankingKnowledge knowledge)
    {
        Profile = profile;
        RawOffers = rawOffers;
        Offers = offers;
        _inferred = inferred;
        _inferredWeight = knowledge.Parameters.InferredNeed;
        StatedNeeds = [.. profile.Needs.Select(n => (knowledge.Tree.IndexOf(n.Code), n.Urgency))];
        Markets = profile.Markets.Count > 0 ? [.. profile.Markets.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)] : [profile.Country];
        Range = new ProductRange(rawOffers, knowledge.Tree);
        Outlets = [.. inferred.Where(n => n.Kind == LinkKind.Channel)];
    }

    /// <summary>The profile itself.</summary>
    public EnterpriseProfile Profile { get; }

    /// <summary>The markets stated, or the home country.</summary>
    internal string[] Markets { get; }

    /// <summary>Whether <see cref="Markets"/> was stated and not inferred.</summary>
    internal bool MarketsAreStated => Profile.Markets.Count > 0;

    /// <summary>Offers as stated, one a code.</summary>
    internal OfferEntry[] RawOffers { get; }

    /// <summary>Offers with everything near them.</summary>
    internal OfferEntry[] Offers { get; }

    /// <summary>The whole range of its products.</summary>
    internal ProductRange Range { get; }

    /// <summary>The trades that distribute or sell its goods.</summary>
    internal InferredNeed[] Outlets { get; }

    private (int Code, double Urgency)[] StatedNeeds { get; }

    internal static ExpandedProfile Create(EnterpriseProfile profile, RankingKnowledge knowledge)
    {
        ArgumentNullException.ThrowIfNull(profile);
        Check(profile);
        var raw = RawOffersOf(profile, knowledge.Tree);
        var offers = ExpandOffers(raw, knowledge);
        return new ExpandedProfile(profile, raw, offers, InferNeeds(raw, offers, knowledge.Graph), knowledge);
    }

    /// <summary>The offers of a profile with everything near them, without the rest of the expansion.</summary>
    internal static OfferEntry[] ExpandOffers(EnterpriseProfile profile, RankingKnowledge knowledge) => ExpandOffers(RawOffersOf(profile, knowledge.Tree), knowledge);

    /// <summary>How well the expanded offers answer a need for the competency, 0 where they do not.</summary>
    internal double OfferedValue(int code) => Find(Offers, code) is >= 0 and var at ? Offers[at].Value : 0;

    /// <summary>The needs that count under the given kinds of link: the larger of the stated and the weakened inferred one.</summary>
    internal NeedEntry[] NeedsOf(LinkKinds kinds) => _needs.GetOrAdd(kinds, CollectNeeds);

    internal static int Find(OfferEntry[] offers, int code)
    {
        var low = 0;
        var high = offers.Length - 1;
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            var at = offers[middle].Code;
            if (at == code)
            {
                return middle;
            }

            (low, high) = at < code ? (middle + 1, high) : (low, middle - 1);
        }

        return -1;
    }

    private static void Check(EnterpriseProfile profile)
    {
        foreach (var offer in profile.Offers)
        {
            Require(offer.Strength is > 0 and <= 1, $"The strength of the offer {offer.Code} is outside (0,1].");
        }

        foreach (var need in profile.Needs)
        {
            Require(need.Urgency is > 0 and <= 1, $"The urgency of the need {need.Code} is outside (0,1].");
        }

        Require(profile.Employees is null or > 0, "The number of employees is not above zero.");
        Require(profile.Revenue is null or { Amount: > 0 }, "The revenue is not above zero.");
        Require(profile.Location is null or { Latitude: >= -90 and <= 90, Longitude: >= -180 and <= 180 }, "The location is not on the globe.");
        Require(profile.Agreements is null or { Kept: >= 0, Broken: >= 0 }, "The number of agreements is below zero.");

        void Require(bool holds, string message)
        {
            if (!holds)
            {
                throw new ArgumentException($"{profile.Id}: {message}", nameof(profile));
            }
        }
    }

    private static OfferEntry[] RawOffersOf(EnterpriseProfile profile, CompetencyTree tree) => [.. profile.Offers
        .Select(o => new OfferEntry(tree.IndexOf(o.Code), o.Strength, tree.IndexOf(o.Code)))
        .GroupBy(o => o.Code)
        .Select(g => g.MaxBy(o => o.Value))
        .OrderBy(o => o.Code)];

    private static OfferEntry[] ExpandOffers(OfferEntry[] raw, RankingKnowledge knowledge)
    {
        var tree = knowledge.Tree;
        var best = new Dictionary<int, OfferEntry>();
        foreach (var offer in raw)
        {
            Keep(offer.Code, 1);
            for (var up = tree.ParentIndex(offer.Code); up >= 0; up = tree.ParentIndex(up))
            {
                Keep(up, Math.Pow(knowledge.Parameters.NarrowerNear, tree.Steps(offer.Code, up)));
            }

            for (var down = offer.Code + 1; down < tree.SubtreeEnd(offer.Code); down++)
            {
                Keep(down, Math.Pow(knowledge.Parameters.BroaderNear, tree.Steps(offer.Code, down)));
            }

            foreach (var (target, near) in tree.SubstitutesOf(offer.Code))
            {
                Keep(target, near);
            }

            void Keep(int code, double near)
            {
                var value = offer.Value * near;
                if (!best.TryGetValue(code, out var known) || value > known.Value)
                {
                    best[code] = new OfferEntry(code, value, offer.Code);
                }
            }
        }

        return [.. best.Values.OrderBy(o => o.Code)];
    }

    private static InferredNeed[] InferNeeds(OfferEntry[] raw, OfferEntry[] offers, ProductionGraph graph)
    {
        // The key orders by code and then by kind.
        var best = new Dictionary<int, InferredNeed>(Kinds * raw.Length * 16);
        foreach (var offer in raw)
        {
            foreach (var link in graph.InputsOf(offer.Code))
            {
                // What a maker of the output makes itself it buys less of: halved, not erased.
                var own = link.Kind == LinkKind.Channel ? 0 : Find(offers, link.Input) is >= 0 and var at ? offers[at].Value : 0;
                var value = link.Weight * offer.Value * (1 - (0.5 * own));
                ref var known = ref CollectionsMarshal.GetValueRefOrAddDefault(best, (link.Input * Kinds) + (int)link.Kind, out var exists);
                if (!exists || value > known.Value)
                {
                    known = new InferredNeed(link.Input, link.Kind, value, offer.Code);
                }
            }
        }

        int[] keys = [.. best.Keys];
        InferredNeed[] needs = [.. best.Values];
        Array.Sort(keys, needs);
        return needs;
    }

    private NeedEntry[] CollectNeeds(LinkKinds kinds)
    {
        var needs = new List<NeedEntry>(_inferred.Length + StatedNeeds.Length);
        foreach (var need in _inferred)
        {
            if (need.Kind == LinkKind.Channel || !kinds.Counts(need.Kind))
            {
                continue;
            }

            // Inferred needs come in order of code: one of the same code is the last that was added.
            var entry = new NeedEntry(need.Code, _inferredWeight * need.Value, need.Via, need.Kind);
            if (needs is [.., var last] && last.Code == need.Code)
            {
                needs[^1] = entry.Value > last.Value ? entry : last;
            }
            else
            {
                needs.Add(entry);
            }
        }

        foreach (var (code, urgency) in StatedNeeds)
        {
            var at = needs.FindIndex(n => n.Code >= code);
            at = at < 0 ? needs.Count : at;
            var entry = new NeedEntry(code, urgency, -1, null);
            if (at == needs.Count || needs[at].Code != code)
            {
                needs.Insert(at, entry);
            }
            else if (urgency >= needs[at].Value)
            {
                // On equal value the stated need is the one to speak of.
                needs[at] = entry;
            }
        }

        return [.. needs];
    }
}

/// <summary>An offer that answers a need for <paramref name="Code"/> with <paramref name="Value"/>, because <paramref name="Source"/> is offered.</summary>
internal readonly record struct OfferEntry(int Code, double Value, int Source);

/// <summary>Making <paramref name="Via"/> takes <paramref name="Code"/>.</summary>
internal readonly record struct InferredNeed(int Code, LinkKind Kind, double Value, int Via);

/// <summary>A need with its provenance: stated, or inferred via a product and a kind of link.</summary>
internal readonly record struct NeedEntry(int Code, double Value, int Via, LinkKind? Kind)
{
    public bool IsStated => Kind is null;
}

/// <summary>A set of link kinds.</summary>
internal readonly record struct LinkKinds(int Mask)
{
    public static LinkKinds Of(IEnumerable<LinkKind> kinds) => new(kinds.Aggregate(0, (mask, kind) => mask | (1 << (int)kind)));

    public bool Counts(LinkKind kind) => (Mask & (1 << (int)kind)) != 0;
}
