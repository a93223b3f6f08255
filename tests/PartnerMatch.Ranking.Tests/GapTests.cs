using CsCheck;
using PartnerMatch.Ranking.Explaining;
using PartnerMatch.Ranking.Gaps;
using PartnerMatch.Ranking.Profiles;
using PartnerMatch.Ranking.Scoring;
using PartnerMatch.Ranking.Taxonomy;
using static PartnerMatch.Ranking.Tests.SmallWorld;

namespace PartnerMatch.Ranking.Tests;

/// <summary>What a corridor lacks, by hand and by law.</summary>
public sealed class GapTests
{
    private static readonly Gen<EnterpriseProfile[]> Everybody = Gen.Select(WorldGen.Samarans, WorldGen.Belarusian.Array[0, 6])
        .Select((samarans, belarusians) => samarans.Concat(belarusians.Select((b, i) => b with { Id = $"b{i}" })).ToArray());

    [Fact]
    public void Needs_that_the_other_side_does_not_supply_are_added_up_and_ranked()
    {
        EnterpriseProfile[] everybody =
        [
            Belarusian("bus-1", "29.10.30"),
            Belarusian("bus-2", "29.10.30") with { Needs = [new Need("22.11.13")] },
            Samaran("starters", "29.31.22") with { Offers = [new Offer("29.31.22", 0.5)] },
            Samaran("air", "30.30.34"),
        ];
        var gaps = Find(everybody).Competencies;

        // Tyres: one says so (1), of one it is inferred (0.7 x 0.6). Starters are half the product of one: of the need of 2 x 0.7 x 0.6 two thirds are left.
        Assert.Equal(["22.11.13", "24.42.24", "28.41", "29.31.22", "28.15.10"], gaps.Select(g => g.Code));
        var (tyres, starters) = (gaps[0], gaps[3]);
        Assert.Equal((CorridorSide.First, 2, 1, 0.0, 0.0), (tyres.Side, tyres.Needing, tyres.Stating, tyres.Supply, tyres.OwnSupply));
        Assert.Equal(1.42, tyres.Value, 12);
        Assert.Equal([new NeedingEnterprise("bus-2", 1, null, null), new NeedingEnterprise("bus-1", 0.42, "29.10.30", LinkKind.Component)], tyres.Most);
        Assert.Equal((0.84, 0.5, 0.56), (Math.Round(starters.Need, 12), starters.Supply, Math.Round(starters.Value, 12)));
        Assert.Equal(CorridorSide.Second, gaps[1].Side);
    }

    [Fact]
    public void Of_codes_on_one_path_only_the_largest_gap_is_told()
    {
        var gaps = Find([Belarusian("a", "49.31") with { Needs = [new Need("28.41"), new Need("28.41.21", 0.5), new Need("28.41.2", 0.2)] }]).Competencies;
        Assert.Equal(["28.41"], gaps.Where(g => g.Code.StartsWith("28", StringComparison.Ordinal)).Select(g => g.Code));
    }

    [Fact]
    public void A_gap_is_told_in_both_languages_and_never_as_a_fact_where_it_is_inferred()
    {
        var phrases = new Phrasebook(Tree);
        var gaps = Find([Belarusian("bus-1", "29.10.30"), Belarusian("bus-2", "29.10.30") with { Needs = [new Need("22.11.13")] }]).Competencies;
        Assert.Equal(
            "1 enterprise of Belarus says it needs truck tyres, and what 1 more make or do usually takes it; nobody in Samara supplies it.",
            phrases.Describe(gaps[0], "Belarus", "Samara", Language.En));
        Assert.Equal(
            "Потребность: truck tyres (ru). Беларусь, предприятий: заявили 1, по профилю производства ещё 1. Самара: поставщиков нет.",
            phrases.Describe(gaps[0], "Беларусь", "Самара", Language.Ru));
        Assert.Equal(
            "What 2 enterprises of Belarus make or do usually takes starters; nobody in Samara supplies it.",
            phrases.Describe(gaps[1], "Belarus", "Samara", Language.En));
    }

    [Fact]
    public void A_wanted_product_that_nobody_makes_is_told_with_the_closest_pair_and_what_it_lacks()
    {
        // Buses take tyres (0.6), starters (0.6) and bearings (0.6): the main inputs of this world.
        var knowledge = Wanted(
            new("22.11.13", "29.10.30", LinkKind.Component, 0.6),
            new("29.31.22", "29.10.30", LinkKind.Component, 0.6),
            new("28.15.10", "29.10.30", LinkKind.Component, 0.6));
        EnterpriseProfile[] everybody = [Belarusian("tyres", "22.11.13"), Samaran("bearings", "28.15.10"), Samaran("gears", "28.15.24"), Samaran("idle", "46.62")];
        var avenue = Assert.Single(new GapFinder(knowledge).Find(JointVenture, ByRuSam, everybody).Avenues);
        var pair = avenue.Pairs[0];
        Assert.Equal(("tyres", "bearings"), (pair.FirstId, pair.SecondId));
        Assert.Equal(1.2 / 1.8, pair.Cover, 12);
        Assert.Equal([new BroughtInput("22.11.13", "tyres"), new BroughtInput("28.15.10", "bearings")], pair.Brings);
        Assert.Equal(("29.31.22", 1.0), (pair.Missing.Single().Code, Math.Round(pair.Missing.Single().CoverWith, 12)));
        Assert.Equal(0.8, avenue.Value, 12);
        Assert.Equal(
            "Nobody on record makes buses. tyres and bearings could supply 67% of its main inputs, and 100% with starters.",
            new Phrasebook(Tree).Describe(avenue, everybody[0], everybody[1], Language.En));

        // Once somebody makes it, it is no new avenue; and without a pair nobody comes close.
        Assert.Empty(new GapFinder(knowledge).Find(JointVenture, ByRuSam, [.. everybody, Samaran("maker", "29.10.30")]).Avenues);
        Assert.Empty(new GapFinder(knowledge).Find(JointVenture, ByRuSam, everybody[1..]).Avenues);
    }

    [Fact]
    public void The_closest_pair_is_the_closest_of_all() => Everybody.Sample(everybody =>
    {
        var knowledge = Wanted(
            new("22.11", "29.10.30", LinkKind.Component, 0.6),
            new("29.31", "29.10.30", LinkKind.Component, 0.7),
            new("24.42.24", "29.10.30", LinkKind.Material, 0.8),
            new("28.15", "29.10.30", LinkKind.Component, 0.6));
        var inputs = knowledge.Graph.LinksInto("29.10.30").Where(l => l.Kind is LinkKind.Material or LinkKind.Component).ToArray();
        var published = everybody.Where(e => e.Status == ProfileStatus.Published).ToArray();
        var covers =
            from a in published.Where(e => e.Country == "BY")
            from b in published.Where(e => e.Country == "RU")
            select inputs.Sum(i => i.Weight * Math.Max(Offers(a, i.Input), Offers(b, i.Input))) / inputs.Sum(i => i.Weight);
        var avenue = new GapFinder(knowledge).Find(JointVenture, ByRuSam, everybody).Avenues.SingleOrDefault();
        if (avenue is not null)
        {
            Assert.Equal(covers.Max(), avenue.Pairs[0].Cover, 12);
            Assert.DoesNotContain(published, e => Offers(e, "29.10.30") >= 0.5);
        }

        double Offers(EnterpriseProfile enterprise, string code) => enterprise.Offers.Max(o => (double?)(o.Strength * Near(o.Code, code))) ?? 0;
    });

    [Fact]
    public void Every_gap_is_needed_and_scarce_and_the_order_of_enterprises_does_not_matter() => Everybody.Sample(everybody =>
    {
        var gaps = Find(everybody);
        Assert.Equal(gaps.Competencies.Select(g => g.Value).OrderDescending(), gaps.Competencies.Select(g => g.Value));
        Assert.All(gaps.Competencies, g =>
        {
            Assert.InRange(g.Supply, 0, 0.999999999);
            Assert.InRange(g.Need, 0.1, g.Needing);
            Assert.InRange(g.Stating, 0, g.Needing);
            Assert.Equal(g.Need / (1 + g.Supply + g.OwnSupply), g.Value);
            Assert.Equal(Math.Min(5, g.Needing), g.Most.Count);
        });
        var turned = Find([.. everybody.Reverse()]);
        Assert.Equal(gaps.Competencies.Select(Key), turned.Competencies.Select(Key));

        static (CorridorSide, string, double) Key(CompetencyGap gap) => (gap.Side, gap.Code, gap.Value);
    });

    [Fact]
    public void Gaps_and_avenues_are_those_of_the_definition() => Gen.Select(Everybody, Gen.Enum<LinkKind>().Array[1, 4]).Sample((everybody, kinds) =>
    {
        var profile = ProfileOf(CooperationForm.JointVenture, new() { ["supply"] = 1 }, [.. kinds.Where(k => k != LinkKind.Channel).Distinct().DefaultIfEmpty(LinkKind.Component)]);
        var gaps = new GapFinder(Wide).Find(profile, ByRuSam, everybody);
        var definition = new GapDefinition(Wide, profile.CountedKinds, everybody);
        Assert.Equal(definition.Gaps().Select(Text), gaps.Competencies.Select(Text));
        Assert.Equal(definition.Avenues(), gaps.Avenues.Select(Text));

        static string Text(object gap) => gap switch
        {
            CompetencyGap g => FormattableString.Invariant($"{g.Side} {g.Code} {g.Value:R} {g.Need:R} {g.Needing} {g.Stating} {g.Supply:R} {g.OwnSupply:R} {string.Join(", ", g.Most)}"),
            NewAvenue a => GapDefinition.Text(a.Product.Code, a.Value, a.Pairs.Select(p => (p.FirstId, p.SecondId, p.Cover)), a.NearestMakers),
            _ => throw new ArgumentException("Neither a gap nor an avenue.", nameof(gap)),
        };
    });

    [Fact]
    public void What_does_not_matter_changes_nothing() => Gen.Select(Everybody, WorldGen.Belarusian, Gen.Int[0, 5]).Sample((everybody, other, change) =>
    {
        foreach (var (before, at) in everybody.Select((e, i) => (e, i)))
        {
            var after = change switch
            {
                0 => before with { Name = "another", Employees = 7, Markets = ["KZ"], City = "Minsk" },
                1 => before with { Offers = [.. other.Offers] },
                2 => before with { Needs = [.. other.Needs] },
                3 => before with { Status = ProfileStatus.Withdrawn },
                4 => before with { Region = other.Region, Country = other.Country },
                _ => before with { Offers = [.. before.Offers], Needs = [.. before.Needs] },
            };
            Assert.Equal(GapFinder.Matters(before, after), GapFinder.Matters(after, before));
            Assert.True(change is not (0 or 5) || !GapFinder.Matters(before, after));
            if (!GapFinder.Matters(before, after))
            {
                Assert.Equivalent(Find(everybody), Find([.. everybody[..at], after, .. everybody[(at + 1)..]]), strict: true);
            }
        }

        Assert.Equal(other.Status == ProfileStatus.Published, GapFinder.Matters(null, other));
    });

    private static CorridorGaps Find(EnterpriseProfile[] everybody) => new GapFinder(Knowledge).Find(JointVenture, ByRuSam, everybody);

    /// <summary>Two wanted products with main inputs at several levels of the tree, some in common.</summary>
    private static readonly RankingKnowledge Wide = new(
        Tree,
        new ProductionGraph(
            Tree,
            [
                .. Graph.Links,
                new("22.11", "29.10.30", LinkKind.Component, 0.6),
                new("29.31", "29.10.30", LinkKind.Component, 0.7),
                new("24.42.24", "29.10.30", LinkKind.Material, 0.8),
                new("24.42", "30.30.34", LinkKind.Component, 0.6),
                new("28.15", "30.30.34", LinkKind.Component, 0.7),
                new("22.1", "28.41.21", LinkKind.Component, 0.6),
                new("28.15", "28.41.21", LinkKind.Component, 0.9),
                new("24.42.24", "28.41.21", LinkKind.Component, 0.9),
            ]),
        [new("29.10.30", 0.8, "Buses are wanted."), new("30.30.34", 1, "Airliners are wanted."), new("28.41.21", 0.6, "Lathes are wanted.")],
        Knowledge.Parameters);

    private static RankingKnowledge Wanted(params ProductionLink[] links) =>
        new(Tree, new ProductionGraph(Tree, links), [new JointProduct("29.10.30", 0.8, "Buses are wanted.")], Knowledge.Parameters);

    /// <summary>How well an offer answers a need, by the definition of the model.</summary>
    internal static double Near(string offer, string need) =>
        offer == need ? 1
        : CompetencyCode.IsUnder(offer, need) ? Math.Pow(Knowledge.Parameters.NarrowerNear, CompetencyCode.Digits(offer) - CompetencyCode.Digits(need))
        : CompetencyCode.IsUnder(need, offer) ? Math.Pow(Knowledge.Parameters.BroaderNear, CompetencyCode.Digits(need) - CompetencyCode.Digits(offer))
        : (offer, need) == ("28.15.24", "28.15.10") ? 0.4
        : 0;
}

/// <summary>What a corridor lacks, straight from the definition: every enterprise for every competency, every pair for every product.</summary>
internal sealed class GapDefinition(RankingKnowledge knowledge, IReadOnlyCollection<LinkKind> kinds, IEnumerable<EnterpriseProfile> everybody)
{
    private const double MainWeight = 0.6;
    private readonly EnterpriseProfile[] _published = [.. everybody.Where(e => e.Status == ProfileStatus.Published).OrderBy(e => e.Id, StringComparer.Ordinal)];

    public IEnumerable<CompetencyGap> Gaps()
    {
        var gaps =
            from competency in knowledge.Tree.Competencies
            from side in new[] { CorridorSide.First, CorridorSide.Second }
            let gap = GapOf(competency.Code, side)
            where gap is { Needing: > 0, Supply: < 1 } && CompetencyCode.Digits(gap.Code) >= 4
            orderby gap.Value descending
            select gap;
        var told = new List<CompetencyGap>();
        foreach (var gap in gaps)
        {
            if (!told.Any(t => t.Side == gap.Side && (t.Code.StartsWith(gap.Code, StringComparison.Ordinal) || gap.Code.StartsWith(t.Code, StringComparison.Ordinal))))
            {
                told.Add(gap);
            }
        }

        return told;
    }

    public IEnumerable<string> Avenues() => knowledge.JointProducts
        .Where(p => !_published.Any(e => Offered(e, p.Code) >= 0.5))
        .Select(p =>
        {
            var inputs = knowledge.Graph.LinksInto(p.Code)
                .Where(l => l.Kind is LinkKind.Material or LinkKind.Component && l.Weight >= MainWeight)
                .GroupBy(l => l.Input)
                .OrderBy(g => g.Key, StringComparer.Ordinal)
                .Select(g => (Input: g.Key, Weight: g.Max(l => l.Weight)))
                .ToArray();
            var pairs =
                from first in Best(CorridorSide.First)
                from second in Best(CorridorSide.Second)
                let cover = inputs.Sum(i => i.Weight * Math.Max(Offered(first, i.Input), Offered(second, i.Input))) / inputs.Sum(i => i.Weight)
                orderby cover descending, first.Id, second.Id
                select (first.Id, second.Id, Cover: cover, Lacks: inputs.Max(i => i.Weight * (1 - Math.Max(Offered(first, i.Input), Offered(second, i.Input)))) / inputs.Sum(i => i.Weight));
            var closest = pairs.Take(3).ToArray();
            var makers =
                from enterprise in _published
                from offer in enterprise.Offers
                let shared = CompetencyCode.SharedDigits(offer.Code, p.Code)
                where shared >= 4
                orderby shared descending, offer.Strength descending, enterprise.Id
                select enterprise.Id;
            return (p.Code, Value: closest.Length == 0 ? 0 : p.Value * (closest[0].Cover + closest[0].Lacks), Pairs: closest.Select(c => (c.Item1, c.Item2, c.Cover)), Makers: makers.Distinct().Take(3), HasInputs: inputs.Length >= 3);

            // Who is no better at any input than another of its side is passed over; of two that are alike the second.
            EnterpriseProfile[] Best(CorridorSide side)
            {
                var ours = OnSide(side).Where(e => inputs.Any(i => Offered(e, i.Input) > 0)).ToArray();
                return [.. ours.Where(e => !ours.Any(o => o != e && inputs.All(i => Offered(o, i.Input) >= Offered(e, i.Input))
                    && (inputs.Any(i => Offered(o, i.Input) > Offered(e, i.Input)) || string.CompareOrdinal(o.Id, e.Id) < 0)))];
            }
        })
        .Where(a => a.HasInputs && a.Pairs.Any())
        .OrderByDescending(a => a.Value)
        .Select(a => Text(a.Code, a.Value, a.Pairs, a.Makers));

    public static string Text(string code, double value, IEnumerable<(string First, string Second, double Cover)> pairs, IEnumerable<string> makers) =>
        FormattableString.Invariant($"{code} {value:0.000000000} {string.Join(", ", pairs.Select(p => FormattableString.Invariant($"{p.First} + {p.Second} {p.Cover:0.000000000}")))}; {string.Join(", ", makers)}");

    private CompetencyGap GapOf(string code, CorridorSide side)
    {
        var (own, other) = (OnSide(side), OnSide(side == CorridorSide.First ? CorridorSide.Second : CorridorSide.First));
        var needs = own.Select(e => NeedOf(e, code)).Where(n => n is { Need: >= 0.1 }).Select(n => n!).ToArray();
        var (need, supply, ownSupply) = (needs.Sum(n => n.Need), other.Sum(e => Offered(e, code)), own.Sum(e => Offered(e, code)));
        return new CompetencyGap
        {
            Side = side,
            Code = code,
            Value = need / (1 + supply + ownSupply),
            Need = need,
            Needing = needs.Length,
            Stating = needs.Count(n => n.Link is null),
            Supply = supply,
            OwnSupply = ownSupply,
            Most = [.. needs.OrderByDescending(n => n.Need).Take(5)],
        };
    }

    private NeedingEnterprise? NeedOf(EnterpriseProfile enterprise, string code)
    {
        var inferred =
            from offer in enterprise.Offers.OrderBy(o => o.Code, StringComparer.Ordinal)
            from link in knowledge.Graph.LinksInto(offer.Code)
            where link.Input == code && kinds.Contains(link.Kind)
            let need = link.Weight * offer.Strength * (1 - (0.5 * Offered(enterprise, code)))
            orderby knowledge.Parameters.InferredNeed * need descending, link.Kind, need descending
            select new NeedingEnterprise(enterprise.Id, knowledge.Parameters.InferredNeed * need, offer.Code, link.Kind);
        var most = inferred.FirstOrDefault();
        var stated = enterprise.Needs.SingleOrDefault(n => n.Code == code);
        return stated is not null && stated.Urgency >= (most?.Need ?? 0) ? new NeedingEnterprise(enterprise.Id, stated.Urgency, null, null) : most;
    }

    private EnterpriseProfile[] OnSide(CorridorSide side) => [.. _published.Where(e => ByRuSam.SideOf(e) == side)];

    private static double Offered(EnterpriseProfile enterprise, string code) => enterprise.Offers.Max(o => (double?)(o.Strength * GapTests.Near(o.Code, code))) ?? 0;
}
