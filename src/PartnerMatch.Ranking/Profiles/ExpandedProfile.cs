using System.Collections.Concurrent;
using System.Globalization;
using PartnerMatch.Ranking.Scoring;
using PartnerMatch.Ranking.Taxonomy;

namespace PartnerMatch.Ranking.Profiles;

/// <summary>
/// A profile as the scorer reads it (section 2 of the model): offers expanded over the tree, needs stated and inferred,
/// and the trades that sell its goods, all sorted by the preorder number of the competency. What a pair does not need is not computed.
/// </summary>
public sealed class ExpandedProfile
{
    private readonly RankingKnowledge _knowledge;
    private OfferEntry[]? _offers;
    private InferredNeed[]? _outlets;
    private ProductRange? _range;
    private ConcurrentDictionary<LinkKinds, SubjectTable>? _tables;

    private ExpandedProfile(EnterpriseProfile profile, RankingKnowledge knowledge)
    {
        Profile = profile;
        _knowledge = knowledge;
        RawOffers = RawOffersOf(profile, knowledge.Tree);
        StatedNeeds = StatedNeedsOf(profile, knowledge.Tree);
        Markets = profile.Markets.Count switch
        {
            0 => [profile.Country],
            1 => [profile.Markets[0]],
            _ => [.. profile.Markets.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
        };
    }

    /// <summary>The profile itself.</summary>
    public EnterpriseProfile Profile { get; }

    /// <summary>The markets stated, or the home country.</summary>
    internal string[] Markets { get; }

    /// <summary>Whether <see cref="Markets"/> was stated and not inferred.</summary>
    internal bool MarketsAreStated => Profile.Markets.Count > 0;

    /// <summary>Offers as stated, one a code.</summary>
    internal OfferEntry[] RawOffers { get; }

    /// <summary>Needs as stated, one a code.</summary>
    internal NeedEntry[] StatedNeeds { get; }

    /// <summary>Offers with everything near them.</summary>
    internal OfferEntry[] Offers => _offers ??= ExpandOffers();

    /// <summary>The whole range of its products.</summary>
    internal ProductRange Range => _range ??= new ProductRange(RawOffers, _knowledge.Tree);

    /// <summary>The trades that distribute or sell its goods.</summary>
    internal InferredNeed[] Outlets => _outlets ??= FindOutlets();

    internal static ExpandedProfile Create(EnterpriseProfile profile, RankingKnowledge knowledge)
    {
        ArgumentNullException.ThrowIfNull(profile);
        Check(profile);
        return new ExpandedProfile(profile, knowledge);
    }

    /// <summary>Offers as stated, one a code with its largest strength, in order of code.</summary>
    internal static OfferEntry[] RawOffersOf(EnterpriseProfile profile, CompetencyTree tree)
    {
        var offers = new OfferEntry[profile.Offers.Count];
        var count = 0;
        foreach (var offer in profile.Offers)
        {
            var code = tree.IndexOf(offer.Code);
            Keep(offers, ref count, code, new OfferEntry(code, offer.Strength, code), static o => o.Code, static (known, added) => added.Value > known.Value);
        }

        return offers.Length == count ? offers : offers[..count];
    }

    /// <summary>How well the expanded offers answer a need for the competency, 0 where they do not.</summary>
    internal double OfferedValue(int code) => Find(Offers, code) is >= 0 and var at ? Offers[at].Value : 0;

    /// <summary>The needs that count under the given kinds of link: the larger of the stated and the weakened inferred one.</summary>
    internal NeedEntry[] NeedsOf(LinkKinds kinds) => TableOf(kinds).Needs;

    /// <summary>What the scorer looks up where this is the enterprise that many partners are held against.</summary>
    internal SubjectTable TableOf(LinkKinds kinds)
    {
        // Most profiles are scored as somebody's partner only, and never need one.
        var tables = LazyInitializer.EnsureInitialized(ref _tables);
        return tables.TryGetValue(kinds, out var table) ? table : tables.GetOrAdd(kinds, new SubjectTable(this, kinds, CollectNeeds(kinds), _knowledge));
    }

    /// <summary>Whether it has any need under the given kinds of link.</summary>
    internal bool HasNeeds(LinkKinds kinds)
    {
        if (StatedNeeds.Length > 0)
        {
            return true;
        }

        foreach (var offer in RawOffers)
        {
            foreach (var link in _knowledge.Graph.PurchasesOf(offer.Code))
            {
                if (kinds.Counts(link.Kind))
                {
                    return true;
                }
            }
        }

        return false;
    }

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

    /// <summary>Keeps the first <paramref name="count"/> sorted by key, one entry a key: the one that wins.</summary>
    internal static void Keep<T>(T[] sorted, ref int count, int key, T added, Func<T, int> keyOf, Func<T, T, bool> wins)
    {
        var at = count;
        while (at > 0 && keyOf(sorted[at - 1]) > key)
        {
            at--;
        }

        if (at > 0 && keyOf(sorted[at - 1]) == key)
        {
            sorted[at - 1] = wins(sorted[at - 1], added) ? added : sorted[at - 1];
            return;
        }

        Array.Copy(sorted, at, sorted, at + 1, count - at);
        sorted[at] = added;
        count++;
    }

    private static void Check(EnterpriseProfile profile)
    {
        foreach (var offer in profile.Offers)
        {
            Require(offer.Strength is > 0 and <= 1, offer.Code, "The strength of the offer {0} is outside (0,1].");
        }

        foreach (var need in profile.Needs)
        {
            Require(need.Urgency is > 0 and <= 1, need.Code, "The urgency of the need {0} is outside (0,1].");
        }

        Require(profile.Employees is null or > 0, "", "The number of employees is not above zero.");
        Require(profile.Revenue is null or { Amount: > 0 }, "", "The revenue is not above zero.");
        Require(profile.Location is null or { Latitude: >= -90 and <= 90, Longitude: >= -180 and <= 180 }, "", "The location is not on the globe.");
        Require(profile.Agreements is null or { Kept: >= 0, Broken: >= 0 }, "", "The number of agreements is below zero.");

        void Require(bool holds, string code, string message)
        {
            if (!holds)
            {
                throw new ArgumentException($"{profile.Id}: {string.Format(CultureInfo.InvariantCulture, message, code)}", nameof(profile));
            }
        }
    }

    /// <summary>Needs as stated, one a code with its largest urgency, in order of code.</summary>
    internal static NeedEntry[] StatedNeedsOf(EnterpriseProfile profile, CompetencyTree tree)
    {
        var needs = new NeedEntry[profile.Needs.Count];
        var count = 0;
        foreach (var need in profile.Needs)
        {
            var code = tree.IndexOf(need.Code);
            Keep(needs, ref count, code, new NeedEntry(code, need.Urgency, -1, null), static n => n.Code, static (known, added) => added.Value > known.Value);
        }

        return needs.Length == count ? needs : needs[..count];
    }

    private OfferEntry[] ExpandOffers()
    {
        OfferEntry[] expanded = [];
        foreach (var offer in RawOffers)
        {
            OfferEntry[] near = [.. _knowledge.AnswersOf(offer.Code).Select(a => new OfferEntry(a.Need, offer.Value * a.Near, offer.Code))];
            expanded = expanded.Length == 0 ? near : Merge(expanded, near, static (l, r) => l.Code.CompareTo(r.Code), static (known, added) => added.Value > known.Value);
        }

        return expanded;
    }

    private InferredNeed[] FindOutlets()
    {
        var most = 0;
        foreach (var offer in RawOffers)
        {
            most += _knowledge.Graph.ChannelsOf(offer.Code).Length;
        }

        var outlets = most == 0 ? [] : new InferredNeed[most];
        var count = 0;
        foreach (var offer in RawOffers)
        {
            foreach (var link in _knowledge.Graph.ChannelsOf(offer.Code))
            {
                var outlet = new InferredNeed(link.Input, LinkKind.Channel, link.Weight * offer.Value, offer.Code);
                Keep(outlets, ref count, link.Input, outlet, static o => o.Code, static (known, added) => added.Value > known.Value);
            }
        }

        return outlets.Length == count ? outlets : outlets[..count];
    }

    /// <summary>What making its products takes: of each competency and kind of link the strongest reason.</summary>
    private InferredNeed[] InferNeeds()
    {
        InferredNeed[] needs = [];
        foreach (var offer in RawOffers)
        {
            InferredNeed[] own = [.. _knowledge.Graph.PurchasesOf(offer.Code).Select(l => new InferredNeed(l.Input, l.Kind, InferredNeed.ValueOf(l.Weight, offer.Value, OfferedValue(l.Input)), offer.Code))];
            needs = needs.Length == 0
                ? own
                : Merge(needs, own, static (l, r) => l.Code != r.Code ? l.Code.CompareTo(r.Code) : l.Kind.CompareTo(r.Kind), static (known, added) => added.Value > known.Value);
        }

        return needs;
    }

    private NeedEntry[] CollectNeeds(LinkKinds kinds)
    {
        var inferred = new List<NeedEntry>();
        foreach (var need in InferNeeds())
        {
            if (!kinds.Counts(need.Kind))
            {
                continue;
            }

            // Inferred needs come in order of code: one of the same code is the last that was added.
            var entry = need.Weaken(_knowledge.Parameters);
            if (inferred is [.., var last] && last.Code == need.Code)
            {
                inferred[^1] = entry.Value > last.Value ? entry : last;
            }
            else
            {
                inferred.Add(entry);
            }
        }

        // On equal value the stated need is the one to speak of.
        return Merge([.. inferred], StatedNeeds, static (l, r) => l.Code.CompareTo(r.Code), static (known, stated) => stated.Value >= known.Value);
    }

    /// <summary>Merges two sorted lists; of two entries that compare equal the first, unless the second wins.</summary>
    private static T[] Merge<T>(T[] first, T[] second, Comparison<T> compare, Func<T, T, bool> wins)
    {
        var merged = new T[first.Length + second.Length];
        var (i, j, count) = (0, 0, 0);
        while (i < first.Length && j < second.Length)
        {
            var order = compare(first[i], second[j]);
            merged[count++] = order < 0 || (order == 0 && !wins(first[i], second[j])) ? first[i] : second[j];
            i += order <= 0 ? 1 : 0;
            j += order >= 0 ? 1 : 0;
        }

        for (; i < first.Length; i++)
        {
            merged[count++] = first[i];
        }

        for (; j < second.Length; j++)
        {
            merged[count++] = second[j];
        }

        return count == merged.Length ? merged : merged[..count];
    }
}

/// <summary>An offer that answers a need for <paramref name="Code"/> with <paramref name="Value"/>, because <paramref name="Source"/> is offered.</summary>
internal readonly record struct OfferEntry(int Code, double Value, int Source);

/// <summary>Making <paramref name="Via"/> takes <paramref name="Code"/>.</summary>
internal readonly record struct InferredNeed(int Code, LinkKind Kind, double Value, int Via)
{
    /// <summary>What a maker of the output makes itself it buys less of: halved, not erased.</summary>
    public static double ValueOf(double weight, double strength, double own) => weight * strength * (1 - (0.5 * own));

    /// <summary>As much as an inferred need counts beside a stated one.</summary>
    public static double Weaken(double value, ModelParameters parameters) => parameters.InferredNeed * value;

    /// <summary>The need as it counts beside a stated one.</summary>
    public NeedEntry Weaken(ModelParameters parameters) => new(Code, Weaken(Value, parameters), Via, Kind);
}

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
