using PartnerMatch.Ranking.Profiles;
using PartnerMatch.Ranking.Scoring;
using PartnerMatch.Ranking.Taxonomy;

namespace PartnerMatch.Ranking.Index;

/// <summary>An immutable set of profiles in columns. Slots lie in order of region and then of the first offer, so that a side is a few ranges.</summary>
internal sealed class Segment
{
    private readonly Dictionary<string, int> _slots;

    private Segment(RankingKnowledge knowledge, EnterpriseProfile[] profiles)
    {
        var tree = knowledge.Tree;
        Profiles = profiles;
        _slots = new Dictionary<string, int>(profiles.Length, StringComparer.Ordinal);
        Employees = new int[profiles.Length];
        Places = new int[profiles.Length];
        Norms = new float[profiles.Length];
        var places = new Dictionary<GeoPoint, int>();
        var ranges = new List<RegionRange>();
        for (var slot = 0; slot < profiles.Length; slot++)
        {
            var profile = profiles[slot];
            _slots.Add(profile.Id, slot);
            Employees[slot] = profile.Employees ?? 0;
            HasRevenue |= profile.Revenue is not null;
            HasAgreements |= profile.Agreements is not null;
            Places[slot] = profile.Location is not { } location ? -1 : places.TryGetValue(location, out var place) ? place : places[location] = places.Count;
            if (ranges is [.., var last] && last.Region == profile.Region && last.Country == profile.Country)
            {
                ranges[^1] = last with { To = slot + 1 };
            }
            else
            {
                ranges.Add(new RegionRange(profile.Region, profile.Country, slot, slot + 1));
            }
        }

        Regions = [.. ranges];
        Locations = [.. places.OrderBy(p => p.Value).Select(p => p.Key)];
        Offers = Postings.Build(tree.Count, profiles.Length, (slot, list) => Keep(list, OffersOf(slot)));
        Ranges = Postings.Build(tree.Count, profiles.Length, (slot, list) =>
        {
            Keep(list, OffersOf(slot).SelectMany(o => Upwards(tree, o)));
            Norms[slot] = (float)Math.Sqrt(list.Sum(e => e.Value * e.Value));
        });
        Needs = Postings.Build(tree.Count, profiles.Length, (slot, list) => Keep(list, Published(slot)?.Needs.Select(n => (tree.IndexOf(n.Code), n.Urgency)) ?? []));

        IEnumerable<(int Code, double Value)> OffersOf(int slot) => Published(slot)?.Offers.Select(o => (tree.IndexOf(o.Code), o.Strength)) ?? [];

        // Who may not be recommended has no postings: the scan never meets it.
        EnterpriseProfile? Published(int slot) => Profiles[slot].Status == ProfileStatus.Published ? Profiles[slot] : null;
    }

    /// <summary>By slot.</summary>
    public EnterpriseProfile[] Profiles { get; }

    /// <summary>The slots of each region, one after the other.</summary>
    public RegionRange[] Regions { get; }

    /// <summary>Offers as stated.</summary>
    public Postings Offers { get; }

    /// <summary>Under each competency whoever offers it or something under it, with the strongest such offer: the range of products.</summary>
    public Postings Ranges { get; }

    /// <summary>Needs as stated.</summary>
    public Postings Needs { get; }

    /// <summary>By slot; 0 where unknown.</summary>
    public int[] Employees { get; }

    /// <summary>By slot the number of its location; -1 where unknown.</summary>
    public int[] Places { get; }

    /// <summary>By slot the length of its range of products as a vector.</summary>
    public float[] Norms { get; }

    /// <summary>The distinct locations.</summary>
    public GeoPoint[] Locations { get; }

    /// <summary>Somebody states a revenue.</summary>
    public bool HasRevenue { get; }

    /// <summary>Somebody has a record of agreements.</summary>
    public bool HasAgreements { get; }

    /// <summary>Bytes of the columns, the profiles aside.</summary>
    public long Bytes => Offers.Bytes + Ranges.Bytes + Needs.Bytes + (Profiles.Length * 4L * sizeof(int));

    public static Segment Build(RankingKnowledge knowledge, IEnumerable<EnterpriseProfile> profiles) => new(knowledge, [.. profiles
        .Select(p => (Profile: p, First: p.Offers.Count > 0 ? p.Offers[0].Code : ""))
        .OrderBy(p => p.Profile.Region, StringComparer.Ordinal)
        .ThenBy(p => p.Profile.Country, StringComparer.Ordinal)
        .ThenBy(p => p.First, StringComparer.Ordinal)
        .ThenBy(p => p.Profile.Id, StringComparer.Ordinal)
        .Select(p => p.Profile)]);

    /// <summary>The slot of an id, or -1.</summary>
    public int SlotOf(string id) => _slots.GetValueOrDefault(id, -1);

    private static IEnumerable<(int Code, double Value)> Upwards(CompetencyTree tree, (int Code, double Value) offer)
    {
        for (var node = offer.Code; node >= 0; node = tree.ParentIndex(node))
        {
            yield return (node, offer.Value);
        }
    }

    /// <summary>Each competency once, with its largest value.</summary>
    private static void Keep(List<(int Code, double Value)> list, IEnumerable<(int Code, double Value)> entries)
    {
        foreach (var (code, value) in entries)
        {
            var at = list.FindIndex(e => e.Code == code);
            if (at < 0)
            {
                list.Add((code, value));
            }
            else if (value > list[at].Value)
            {
                list[at] = (code, value);
            }
        }
    }
}

/// <summary>The slots of one region of one country, <paramref name="From"/> to before <paramref name="To"/>.</summary>
internal sealed record RegionRange(string Region, string Country, int From, int To);
