using PartnerMatch.Ranking.Profiles;
using PartnerMatch.Ranking.Scoring;
using PartnerMatch.Ranking.Taxonomy;

namespace PartnerMatch.Ranking.Tests;

/// <summary>A world small enough to work out by hand: machine tools, aircraft, buses and those who use and sell them.</summary>
internal static class SmallWorld
{
    public static readonly CompetencyTree Tree = new(
        new (string Code, string Label)[]
        {
            ("22", "Rubber"), ("22.1", "Rubber goods"), ("22.11", "Tyres"), ("22.11.13", "Truck tyres"),
            ("24", "Metals"), ("24.4", "Non-ferrous metals"), ("24.42", "Aluminium"), ("24.42.24", "Aluminium sheet"),
            ("28", "Machinery"), ("28.1", "General machinery"), ("28.15", "Bearings and gears"), ("28.15.10", "Bearings"), ("28.15.24", "Gears"),
            ("28.4", "Machine tools"), ("28.41", "Metalworking machine tools"), ("28.41.2", "Cutting machines"), ("28.41.21", "Lathes"), ("28.41.22", "Milling machines"),
            ("29", "Vehicles"), ("29.1", "Motor vehicles"), ("29.10", "Vehicles and engines"), ("29.10.30", "Buses"),
            ("29.3", "Vehicle parts"), ("29.31", "Vehicle electrics"), ("29.31.22", "Starters"),
            ("30", "Transport equipment"), ("30.3", "Aircraft"), ("30.30", "Aircraft and parts"), ("30.30.34", "Airliners"),
            ("46", "Wholesale"), ("46.6", "Machinery wholesale"), ("46.62", "Machine tool wholesale"),
            ("49", "Land transport"), ("49.3", "Passenger transport"), ("49.31", "City transport"),
        }.Select(c => new Competency(c.Code, c.Label, c.Label + " (ru)")),
        [new Substitution("28.15.24", "28.15.10", 0.4)]);

    public static readonly ProductionGraph Graph = new(
        Tree,
        [
            new("28.41", "30.30", LinkKind.Equipment, 0.8),
            new("24.42.24", "30.30", LinkKind.Material, 0.9),
            new("28.15.10", "28.41", LinkKind.Component, 0.5),
            new("28.15.10", "29.10", LinkKind.Component, 0.3),
            new("29.31.22", "29.10", LinkKind.Component, 0.6),
            new("22.11.13", "29.10.30", LinkKind.Component, 0.6),
            new("29.10.30", "49.31", LinkKind.Equipment, 1),
            new("46.62", "28.41", LinkKind.Channel, 1),
        ]);

    public static readonly RankingKnowledge Knowledge = new(Tree, Graph, [new JointProduct("29.10.30", 0.8, "Buses are wanted.")], new ModelParameters { SupplyScale = 1 });

    public static readonly Corridor ByRuSam = new("by-ru-sam", ["BY"], ["RU-SAM"], ["BY", "RU"], 1000);

    public static readonly PartnerRanker Ranker = new(Knowledge);

    public static readonly LinkKind[] AllKinds = [LinkKind.Material, LinkKind.Component, LinkKind.Equipment, LinkKind.Service];

    public static readonly RankingProfile JointVenture = ProfileOf(CooperationForm.JointVenture, new()
    {
        ["supply"] = 0.5,
        ["reciprocity"] = 0.1,
        ["joint-product"] = 0.1,
        ["channel"] = 0.05,
        ["market-access"] = 0.05,
        ["pooling-scale"] = 0.05,
        ["rivalry"] = 0.3,
        ["scale-fit"] = 0.05,
        ["proximity"] = 0.05,
        ["track-record"] = 0.05,
    });

    public static readonly RankingProfile Supplier = ProfileOf(CooperationForm.Supplier, new() { ["supply"] = 1 });

    public static RankingProfile ProfileOf(CooperationForm form, Dictionary<string, double> weights, LinkKind[]? kinds = null, double threshold = 0) =>
        new(form, weights, kinds ?? AllKinds, threshold, Knowledge.Parameters);

    public static EnterpriseProfile Belarusian(string id, params string[] offers) => Of(id, "BY", "BY-HM", offers);

    public static EnterpriseProfile Samaran(string id, params string[] offers) => Of(id, "RU", "RU-SAM", offers);

    public static EnterpriseProfile Of(string id, string country, string region, params string[] offers) => new()
    {
        Id = id,
        Name = id,
        Country = country,
        Region = region,
        Offers = [.. offers.Select(o => new Offer(o))],
    };

    public static PairScore Score(EnterpriseProfile a, EnterpriseProfile b, RankingProfile profile, PartnerRole role = PartnerRole.Any, AgreementRecord? agreements = null) =>
        Ranker.Score(Knowledge.Expand(a), Knowledge.Expand(b), profile, ByRuSam, Scarcity.None(Knowledge), role, agreements);

    /// <summary>One component alone, from a to b where it has directions.</summary>
    public static Contribution Component(string name, EnterpriseProfile a, EnterpriseProfile b, LinkKind[]? kinds = null, AgreementRecord? agreements = null)
    {
        // Rivalry cannot stand alone: it subtracts from something.
        var weights = name == "rivalry" ? new Dictionary<string, double> { ["proximity"] = 1, [name] = 1 } : new() { [name] = 1 };
        var score = Score(a, b, ProfileOf(CooperationForm.Supplier, weights, kinds), PartnerRole.Supplier, agreements);
        return score.Contributions.Single(c => c.Component == name);
    }

    public static RankedPartners Rank(EnterpriseProfile subject, IEnumerable<EnterpriseProfile> others, RankingProfile profile, Func<RankingQuery, RankingQuery>? adapt = null)
    {
        var expanded = others.Select(Knowledge.Expand).ToArray();
        var query = new RankingQuery
        {
            Subject = Knowledge.Expand(subject),
            Profile = profile,
            Corridor = ByRuSam,
            Scarcity = Scarcity.None(Knowledge),
        };
        return Ranker.Rank(adapt?.Invoke(query) ?? query, expanded);
    }
}
