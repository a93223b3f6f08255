using PartnerMatch.Ranking.Profiles;
using PartnerMatch.Ranking.Scoring;

namespace PartnerMatch.Ranking.Index;

/// <summary>
/// An immutable set of profiles in columns. Slots lie in order of region, so that a side is a few ranges; in a region those that may be recommended come first,
/// those with the same number of entries together, and of these those with the same first offer.
/// </summary>
/// <remarks>An entry is an offer or a stated need: its competency, needs numbered on after offers, and its value rounded up to 255ths, so that a bound made of entries is never too small.</remarks>
internal sealed class Segment
{
    /// <summary>With fewer profiles it takes longer to look for the right ones than to look at all.</summary>
    private const int FewestPosted = 4096;

    private readonly Dictionary<string, int> _slots;
    private readonly int[] _starts;
    private readonly ushort[] _codes;
    private readonly byte[] _impacts;

    private Segment(RankingKnowledge knowledge, EnterpriseProfile[] profiles)
    {
        var tree = knowledge.Tree;
        Profiles = profiles;
        _slots = new Dictionary<string, int>(profiles.Length, StringComparer.Ordinal);
        _starts = new int[profiles.Length + 1];
        Facts = new SlotFacts[profiles.Length];
        var (codes, impacts) = (new List<ushort>(4 * profiles.Length), new List<byte>(4 * profiles.Length));
        var places = new Dictionary<GeoPoint, int>();
        var markets = new Dictionary<string, int>(StringComparer.Ordinal);
        var sellers = new List<ExpandedProfile>();
        var ranges = new List<RegionRange>();
        for (var slot = 0; slot < profiles.Length; slot++)
        {
            var profile = profiles[slot];
            _slots.Add(profile.Id, slot);
            var offers = ExpandedProfile.RawOffersOf(profile, tree);
            foreach (var offer in offers)
            {
                codes.Add((ushort)offer.Code);
                impacts.Add(ToImpact(offer.Value));
            }

            foreach (var need in ExpandedProfile.StatedNeedsOf(profile, tree))
            {
                codes.Add((ushort)(tree.Count + need.Code));
                impacts.Add(ToImpact(need.Value));
            }

            _starts[slot + 1] = codes.Count;
            MostEntries = Math.Max(MostEntries, codes.Count - _starts[slot]);
            HasRevenue |= profile.Revenue is not null;
            HasAgreements |= profile.Agreements is not null;
            var place = -1;
            if (profile.Location is { } location && !places.TryGetValue(location, out place))
            {
                places[location] = place = places.Count;
            }

            var key = $"{profile.Region} {profile.Country} {string.Join(' ', profile.Markets)}";
            if (!markets.TryGetValue(key, out var set))
            {
                markets[key] = set = markets.Count;
                sellers.Add(knowledge.Expand(profile));
            }

            Facts[slot] = new SlotFacts((float)new ProductRange(offers, tree).Norm, profile.Employees ?? 0, place, set);
            if (ranges is not [.., var last] || last.Region != profile.Region || last.Country != profile.Country)
            {
                ranges.Add(last = new RegionRange(profile.Region, profile.Country, slot));
            }

            last.Add(slot, profile.Status);
        }

        _codes = [.. codes];
        _impacts = [.. impacts];
        Regions = [.. ranges];
        Sellers = [.. sellers];
        Postings = profiles.Length < FewestPosted ? null : Postings.Of(this, 2 * tree.Count);
        Locations = [.. places.OrderBy(p => p.Value).Select(p => p.Key)];
    }

    /// <summary>By slot.</summary>
    public EnterpriseProfile[] Profiles { get; }

    /// <summary>The slots of each region, one after the other.</summary>
    public RegionRange[] Regions { get; }

    /// <summary>By entry the slots that have it; null in a small segment.</summary>
    public Postings? Postings { get; }

    /// <summary>No slot has more entries.</summary>
    public int MostEntries { get; }

    /// <summary>By slot what a bound needs besides entries.</summary>
    public SlotFacts[] Facts { get; }

    /// <summary>The distinct locations.</summary>
    public GeoPoint[] Locations { get; }

    /// <summary>For each distinct set of markets one who sells there.</summary>
    public ExpandedProfile[] Sellers { get; }

    /// <summary>Somebody states a revenue.</summary>
    public bool HasRevenue { get; }

    /// <summary>Somebody has a record of agreements.</summary>
    public bool HasAgreements { get; }

    /// <summary>Bytes of the columns, the profiles aside.</summary>
    public long Bytes => (_codes.Length * (long)(sizeof(ushort) + sizeof(byte))) + (Profiles.Length * 5L * sizeof(int)) + (Postings?.Bytes ?? 0);

    public static Segment Build(RankingKnowledge knowledge, IEnumerable<EnterpriseProfile> profiles)
    {
        EnterpriseProfile[] all = [.. profiles];
        var regions = all.Select(p => (p.Region, p.Country)).Distinct().OrderBy(r => r.Region, StringComparer.Ordinal).ThenBy(r => r.Country, StringComparer.Ordinal)
            .Select((region, order) => (region, order)).ToDictionary(r => r.region, r => r.order);
        var keys = new (int Region, bool Hidden, int Entries, int First)[all.Length];
        for (var i = 0; i < all.Length; i++)
        {
            var profile = all[i];
            keys[i] = (
                regions[(profile.Region, profile.Country)],
                profile.Status != ProfileStatus.Published,
                profile.Offers.Count + profile.Needs.Count,
                profile.Offers.Count > 0 ? knowledge.Tree.IndexOf(profile.Offers[0].Code) : -1);
        }

        Array.Sort(keys, all);
        return new Segment(knowledge, all);
    }

    /// <summary>The slot of an id, or -1.</summary>
    public int SlotOf(string id) => _slots.GetValueOrDefault(id, -1);

    /// <summary>The entries of a slot: offers in order of code, then needs.</summary>
    public ReadOnlySpan<ushort> Codes(int slot) => _codes.AsSpan(_starts[slot], _starts[slot + 1] - _starts[slot]);

    /// <summary>Their values in 255ths, rounded up.</summary>
    public ReadOnlySpan<byte> Impacts(int slot) => _impacts.AsSpan(_starts[slot], _starts[slot + 1] - _starts[slot]);

    /// <summary>The entries of the slots from <paramref name="from"/> to before <paramref name="to"/>, one after the other, and where each starts.</summary>
    public ReadOnlySpan<ushort> Codes(int from, int to, out ReadOnlySpan<int> starts)
    {
        starts = _starts.AsSpan(from, to - from + 1);
        return _codes;
    }

    private static byte ToImpact(double value) => (byte)Math.Clamp((int)Math.Ceiling(value * byte.MaxValue), 1, byte.MaxValue);
}

/// <summary>What a bound needs to know of a candidate besides its entries; together, because they are looked up together.</summary>
/// <param name="Norm">The length of its range of products as a vector.</param>
/// <param name="Employees">0 where unknown.</param>
/// <param name="Place">The number of its location; -1 where unknown.</param>
/// <param name="MarketSet">The number of its set of markets.</param>
internal readonly record struct SlotFacts(float Norm, int Employees, int Place, int MarketSet);

/// <summary>The slots of one region of one country.</summary>
internal sealed record RegionRange(string Region, string Country, int From)
{
    private readonly int[] _byStatus = new int[Enum.GetValues<ProfileStatus>().Length];

    /// <summary>One past the last slot.</summary>
    public int To { get; private set; } = From;

    /// <summary>One past the last slot that may be recommended: they come first.</summary>
    public int PublishedTo => From + this[ProfileStatus.Published];

    /// <summary>How many have a status.</summary>
    public int this[ProfileStatus status] => _byStatus[(int)status];

    public void Add(int slot, ProfileStatus status)
    {
        To = slot + 1;
        _byStatus[(int)status]++;
    }
}
