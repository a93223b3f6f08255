using System.Globalization;
using PartnerMatch.Ranking.Profiles;
using PartnerMatch.Ranking.Scoring;
using PartnerMatch.Ranking.Taxonomy;

namespace PartnerMatch.Benchmarks.Generating;

/// <summary>
/// Made-up enterprises of one side: offers drawn by Zipf's law over the codes of four digits and more until, with everything near them,
/// they make <see cref="ExpandedOffers"/> competencies; a stated need or none; size, town and markets as patchy as real data have them.
/// The same seed gives the same enterprises.
/// </summary>
internal sealed class EnterpriseGenerator
{
    public const int ExpandedOffers = 24;
    public const string FirstSide = "b";
    public const string SecondSide = "s";
    private const int Draws = 60;
    private static readonly double[] Strengths = [1, 0.9, 0.8, 0.7, 0.6, 0.5];
    private static readonly string[][] Markets = [[], [], [], ["RU"], ["BY", "RU"], ["BY", "RU", "KZ"], ["KZ", "UZ"], ["RU", "CN"]];

    private readonly CompetencyTree _tree;
    private readonly Zipf _zipf;
    private readonly int[] _byPopularity;
    private readonly string[] _inputs;
    private readonly Dictionary<(int Code, int Strength), Offer> _offers = [];

    public EnterpriseGenerator(RankingKnowledge knowledge, int seed)
    {
        _tree = knowledge.Tree;
        _byPopularity = [.. GeneratedKnowledge.Popularity(_tree, seed).Select(_tree.IndexOf)];
        _zipf = new Zipf(_byPopularity.Length, GeneratedKnowledge.Exponent);

        // What others need, a need can be stated for; on the cut of the generated links this keeps needs apart.
        _inputs = [.. knowledge.Graph.Links.Where(l => l.Kind != LinkKind.Channel).Select(l => l.Input).Distinct()];
    }

    /// <summary>The id of the enterprise with that number, from 0.</summary>
    public static string IdOf(string side, int number) => string.Create(CultureInfo.InvariantCulture, $"{side}{number:0000000}");

    /// <summary>Enterprises of Samara Oblast.</summary>
    public IEnumerable<EnterpriseProfile> Second(int count, int seed) => Generate(count, seed, SecondSide, ["RU-SAM"], 53.2, 50.1);

    /// <summary>Enterprises of Belarus.</summary>
    public IEnumerable<EnterpriseProfile> First(int count, int seed) => Generate(count, seed, FirstSide, ["BY-HM", "BY-BR", "BY-HO", "BY-HR", "BY-MA", "BY-MI", "BY-VI"], 53.9, 27.6);

    private IEnumerable<EnterpriseProfile> Generate(int count, int seed, string side, string[] regions, double latitude, double longitude)
    {
        var random = new Random(seed);
        GeoPoint[] towns = [.. Enumerable.Range(0, 30).Select(_ => new GeoPoint(latitude + random.NextDouble() - 0.5, longitude + (2 * random.NextDouble()) - 1))];
        var expanded = new HashSet<int>();
        var own = new HashSet<int>();
        for (var number = 0; number < count; number++)
        {
            var region = regions[random.Next(regions.Length)];
            var offers = Offers(random, expanded, own);
            yield return new EnterpriseProfile
            {
                Id = IdOf(side, number),
                Name = string.Create(CultureInfo.InvariantCulture, $"Works No. {number}"),
                NameRu = string.Create(CultureInfo.InvariantCulture, $"Завод № {number}"),
                Country = region[..2],
                Region = region,
                Location = towns[random.Next(towns.Length)],
                LocationIsApproximate = random.NextDouble() < 0.1,
                Employees = random.NextDouble() < 0.8 ? (int)Math.Exp(Math.Log(5) + (random.NextDouble() * Math.Log(1000))) : null,
                Revenue = random.NextDouble() < 0.2 ? new Money(random.Next(1, 1000) * 100_000, "USD") : null,
                Markets = Markets[random.Next(Markets.Length)],
                Offers = offers,
                Needs = random.NextDouble() < 0.3 ? [new Need(_inputs[random.Next(_inputs.Length)], 0.8)] : [],
            };
        }
    }

    private List<Offer> Offers(Random random, HashSet<int> expanded, HashSet<int> own)
    {
        expanded.Clear();
        own.Clear();
        var offers = new List<Offer>();
        for (var draw = 0; draw < Draws && expanded.Count < ExpandedOffers; draw++)
        {
            var code = _byPopularity[_zipf.Draw(random)];
            var strength = random.Next(Strengths.Length);
            if (own.Contains(code) || expanded.Count + Near(code).Count(c => !expanded.Contains(c)) > ExpandedOffers)
            {
                continue;
            }

            own.Add(code);
            expanded.UnionWith(Near(code));
            if (!_offers.TryGetValue((code, strength), out var offer))
            {
                _offers[(code, strength)] = offer = new Offer(_tree[code].Code, Strengths[strength]);
            }

            offers.Add(offer);
        }

        return offers;
    }

    /// <summary>The code, what lies above and below it, and what it stands in for.</summary>
    private IEnumerable<int> Near(int code)
    {
        for (var up = _tree.ParentIndex(code); up >= 0; up = _tree.ParentIndex(up))
        {
            yield return up;
        }

        for (var down = code; down < _tree.SubtreeEnd(code); down++)
        {
            yield return down;
        }

        foreach (var (target, _) in _tree.SubstitutesOf(code))
        {
            yield return target;
        }
    }
}
