using System.Runtime.CompilerServices;
using PartnerMatch.Ranking.Profiles;
using PartnerMatch.Ranking.Scoring;
using PartnerMatch.Ranking.Taxonomy;

namespace PartnerMatch.Ranking.Index;

/// <summary>
/// An immutable set of profiles in columns. Slots lie in order of region, so that a side is a few ranges; in a region those with the same number of entries lie together, and of these
/// those that may be recommended come first, in order of their first offer.
/// </summary>
internal sealed class Segment
{
    /// <summary>With fewer slots in a range it takes longer to look for the right ones than to look at all.</summary>
    private const int FewestPosted = 4096;

    /// <summary>Postings number the slots of a range in 16 bits.</summary>
    private const int MostInRange = ushort.MaxValue + 1;

    /// <summary>So many expanded profiles are kept at most, of a few thousand bytes each.</summary>
    private const int MostRecent = 16_384;

    private readonly Dictionary<string, int> _slots;
    private readonly Entry[] _entries;
    private readonly ExpandedProfile?[] _recent;

    private Segment(RankingKnowledge knowledge, EnterpriseProfile[] profiles, Row[] rows)
    {
        Profiles = profiles;
        _recent = new ExpandedProfile?[Math.Min(profiles.Length, MostRecent)];
        _slots = new Dictionary<string, int>(profiles.Length, StringComparer.Ordinal);
        _entries = new Entry[rows.Sum(r => r.Entries.Length)];
        Facts = new SlotFacts[profiles.Length];
        var places = new Dictionary<GeoPoint, int>();
        var markets = new Dictionary<string, int>(StringComparer.Ordinal);
        var sellers = new List<ExpandedProfile>();
        var ranges = new List<SlotRange>();
        var count = 0;
        for (var slot = 0; slot < profiles.Length; slot++)
        {
            var (profile, row) = (profiles[slot], rows[slot]);
            _slots.Add(profile.Id, slot);
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

            Facts[slot] = new SlotFacts(row.Norm, profile.Employees ?? 0, place, set);
            if (ranges is not [.., var last] || last.Region != profile.Region || last.Country != profile.Country || last.Entries != row.Entries.Length || last.To - last.From == MostInRange)
            {
                ranges.Add(last = new SlotRange(profile.Region, profile.Country, row.Entries.Length, slot, count));
            }

            last.Add(slot, profile.Status);
            row.Entries.CopyTo(_entries, count);
            count += row.Entries.Length;
        }

        foreach (var range in ranges)
        {
            range.Post(this, 2 * knowledge.Tree.Count, FewestPosted);
        }

        Ranges = [.. ranges];
        Sellers = [.. sellers];
        Locations = [.. places.OrderBy(p => p.Value).Select(p => p.Key)];
    }

    /// <summary>By slot.</summary>
    public EnterpriseProfile[] Profiles { get; }

    /// <summary>The slots of each region and number of entries, one after the other.</summary>
    public SlotRange[] Ranges { get; }

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
    public long Bytes => (_entries.Length * (long)Unsafe.SizeOf<Entry>()) + (Profiles.Length * (long)Unsafe.SizeOf<SlotFacts>()) + Ranges.Sum(r => r.Postings?.Bytes ?? 0);

    public static Segment Build(RankingKnowledge knowledge, IEnumerable<EnterpriseProfile> profiles)
    {
        EnterpriseProfile[] all = [.. profiles];
        var regions = all.Select(p => (p.Region, p.Country)).Distinct().OrderBy(r => r.Region, StringComparer.Ordinal).ThenBy(r => r.Country, StringComparer.Ordinal)
            .Select((region, order) => (region, order)).ToDictionary(r => r.region, r => r.order);
        var rows = Array.ConvertAll(all, p => Row.Of(p, knowledge.Tree));
        var order = new int[all.Length];
        var keys = new (int Region, int Entries, bool Hidden, int First)[all.Length];
        for (var i = 0; i < all.Length; i++)
        {
            var profile = all[i];
            order[i] = i;
            keys[i] = (
                regions[(profile.Region, profile.Country)],
                rows[i].Entries.Length,
                profile.Status != ProfileStatus.Published,
                profile.Offers.Count > 0 ? knowledge.Tree.IndexOf(profile.Offers[0].Code) : -1);
        }

        Array.Sort(keys, order);
        return new Segment(knowledge, Array.ConvertAll(order, i => all[i]), Array.ConvertAll(order, i => rows[i]));
    }

    /// <summary>The slot of an id, or -1.</summary>
    public int SlotOf(string id) => _slots.GetValueOrDefault(id, -1);

    /// <summary>The entries of a slot of a range: offers in order of code, then needs.</summary>
    public ReadOnlySpan<Entry> Entries(SlotRange range, int slot) => _entries.AsSpan(range.FirstEntry + ((slot - range.From) * range.Entries), range.Entries);

    /// <summary>Those of all slots of a range that may be recommended, one after the other.</summary>
    public ReadOnlySpan<Entry> Entries(SlotRange range) => _entries.AsSpan(range.FirstEntry, range.Entries * (range.PublishedTo - range.From));

    /// <summary>The profile of a slot as the scorer reads it. Some partners are scored for very many: what was read lately is kept.</summary>
    public ExpandedProfile Expand(int slot, RankingKnowledge knowledge)
    {
        ref var recent = ref _recent[slot % _recent.Length];
        var expanded = recent;
        return ReferenceEquals(expanded?.Profile, Profiles[slot]) ? expanded! : recent = knowledge.Expand(Profiles[slot]);
    }

    /// <summary>What a profile adds to the columns.</summary>
    private readonly record struct Row(Entry[] Entries, float Norm)
    {
        public static Row Of(EnterpriseProfile profile, CompetencyTree tree)
        {
            var (offers, needs) = (ExpandedProfile.RawOffersOf(profile, tree), ExpandedProfile.StatedNeedsOf(profile, tree));
            var entries = new Entry[offers.Length + needs.Length];
            var norm = new ProductRange(offers, tree).Norm;
            for (var i = 0; i < offers.Length; i++)
            {
                entries[i] = Entry.Of(offers[i].Code, offers[i].Value, offers[i].Value / norm);
            }

            for (var i = 0; i < needs.Length; i++)
            {
                entries[offers.Length + i] = Entry.Of(tree.Count + needs[i].Code, needs[i].Value, 0);
            }

            return new Row(entries, (float)norm);
        }
    }
}

/// <summary>An offer or a stated need.</summary>
/// <param name="Code">Its competency, needs numbered on after offers.</param>
/// <param name="Impact">Its value rounded up to 255ths, so that a bound made of entries is never too small.</param>
/// <param name="Share">The part of it in the length of the range of products as a vector, rounded up alike; 0 for a need.</param>
internal readonly record struct Entry(ushort Code, byte Impact, byte Share)
{
    public static Entry Of(int code, double value, double share) => new(checked((ushort)code), Quantise(value), Quantise(share));

    private static byte Quantise(double value) => (byte)Math.Clamp((int)Math.Ceiling(value * byte.MaxValue), 0, byte.MaxValue);
}

/// <summary>What a bound needs to know of a candidate besides its entries; together, because they are looked up together.</summary>
/// <param name="Norm">The length of its range of products as a vector.</param>
/// <param name="Employees">0 where unknown.</param>
/// <param name="Place">The number of its location; -1 where unknown.</param>
/// <param name="MarketSet">The number of its set of markets.</param>
internal readonly record struct SlotFacts(float Norm, int Employees, int Place, int MarketSet);

/// <summary>The slots of one region of one country with one number of entries.</summary>
internal sealed record SlotRange(string Region, string Country, int Entries, int From, int FirstEntry)
{
    private readonly int[] _byStatus = new int[Enum.GetValues<ProfileStatus>().Length];

    /// <summary>One past the last slot.</summary>
    public int To { get; private set; } = From;

    /// <summary>One past the last slot that may be recommended: they come first.</summary>
    public int PublishedTo => From + this[ProfileStatus.Published];

    /// <summary>By entry the slots that have it; null where there are few.</summary>
    public Postings? Postings { get; private set; }

    /// <summary>How many have a status.</summary>
    public int this[ProfileStatus status] => _byStatus[(int)status];

    public void Add(int slot, ProfileStatus status)
    {
        To = slot + 1;
        _byStatus[(int)status]++;
    }

    /// <summary>Posts the entries, once all slots are there and if they are not few.</summary>
    public void Post(Segment segment, int codes, int fewest) => Postings = Entries == 0 || PublishedTo - From < fewest ? null : Postings.Of(segment, this, codes);
}
