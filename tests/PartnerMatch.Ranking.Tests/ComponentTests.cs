using PartnerMatch.Ranking.Profiles;
using PartnerMatch.Ranking.Scoring;
using PartnerMatch.Ranking.Taxonomy;
using static PartnerMatch.Ranking.Tests.SmallWorld;

namespace PartnerMatch.Ranking.Tests;

/// <summary>Numbers worked out by hand from the definitions of the model, with its default parameters.</summary>
public sealed class ComponentTests
{
    private const int Digits = 9;

    [Fact]
    public void Supply_counts_an_inferred_need_met_by_a_narrower_offer()
    {
        // Aircraft take machine tools, 0.8; inferred needs count 0.7; a milling machine is two levels narrower, 0.9^2.
        var supply = Component("supply", Belarusian("a", "28.41.22"), Samaran("b", "30.30.34"));
        Assert.Equal(1 - Math.Exp(-0.8 * 0.7 * 0.81), supply.Value!.Value, Digits);
        var term = Assert.Single(supply.Terms);
        Assert.Equal(("28.41.22", "28.41", "30.30.34", LinkKind.Equipment, Evidence.Inferred), (term.OfferCode, term.NeedCode, term.ViaCode, term.Link, term.Evidence));
        Assert.Equal(("a", "b"), (term.GiverId, term.ReceiverId));
    }

    [Fact]
    public void Supply_counts_a_stated_need_by_its_urgency()
    {
        var b = Samaran("b") with { Needs = [new Need("28.41.21", 0.6)] };
        Assert.Equal(1 - Math.Exp(-0.6), Component("supply", Belarusian("a", "28.41.21"), b).Value!.Value, Digits);
    }

    [Fact]
    public void Supply_lets_a_broad_offer_answer_a_narrow_need_weakly()
    {
        var b = Samaran("b") with { Needs = [new Need("28.41.21")] };
        Assert.Equal(1 - Math.Exp(-0.25), Component("supply", Belarusian("a", "28.41"), b).Value!.Value, Digits);
    }

    [Fact]
    public void Supply_accepts_a_named_substitute()
    {
        var b = Samaran("b") with { Needs = [new Need("28.15.10")] };
        Assert.Equal(1 - Math.Exp(-0.4), Component("supply", Belarusian("a", "28.15.24"), b).Value!.Value, Digits);
    }

    [Fact]
    public void Supply_counts_needs_on_one_path_once_and_needs_beside_each_other_both()
    {
        var a = Belarusian("a", "28.41.21");
        var onePath = Samaran("b") with { Needs = [new Need("28.4", 1), new Need("28.41.21", 1)] };
        Assert.Equal(1 - Math.Exp(-1), Component("supply", a, onePath).Value!.Value, Digits);
        var twoBranches = Samaran("b") with { Needs = [new Need("28.4", 1), new Need("28.15.10", 1), new Need("28.41.21", 1)] };
        Assert.Equal(1 - Math.Exp(-2), Component("supply", Belarusian("a", "28.41.21", "28.15.10"), twoBranches).Value!.Value, Digits);
    }

    [Fact]
    public void Supply_halves_a_need_that_the_buyer_makes_itself()
    {
        var b = Samaran("b", "29.10.30", "29.31.22");
        Assert.Equal(1 - Math.Exp(-0.6 * 0.7 * 0.5), Component("supply", Belarusian("a", "29.31.22"), b).Value!.Value, Digits);
    }

    [Fact]
    public void Supply_counts_only_the_kinds_of_the_form()
    {
        var tools = Component("supply", Belarusian("a", "28.41.22"), Samaran("b", "30.30.34"), [LinkKind.Material]);
        Assert.Equal(0, tools.Value);
    }

    [Fact]
    public void Supply_has_no_evidence_without_offers_or_without_needs()
    {
        Assert.Null(Component("supply", Belarusian("a"), Samaran("b", "30.30.34")).Value);
        Assert.Null(Component("supply", Belarusian("a", "28.41.22"), Samaran("b", "22.11.13")).Value);
    }

    [Fact]
    public void Reciprocity_is_the_harmonic_mean_of_both_directions_and_0_where_one_is_0()
    {
        var a = Belarusian("a", "28.41.21") with { Needs = [new Need("22.11.13", 0.5)] };
        var b = Samaran("b", "22.11.13") with { Needs = [new Need("28.41.21", 1)] };
        var (give, take) = (1 - Math.Exp(-1), 1 - Math.Exp(-0.5));
        Assert.Equal(2 * give * take / (give + take), Component("reciprocity", a, b).Value!.Value, Digits);
        Assert.Equal(0, Component("reciprocity", Belarusian("a", "28.41.22"), Samaran("b", "30.30.34", "46.62")).Value);
    }

    [Fact]
    public void Joint_product_measures_what_two_cover_beyond_the_better_one()
    {
        // Buses take bearings 0.3, starters 0.6, tyres 0.6: 1.5 in all. One brings starters, the other tyres: 1.2 against 0.6; value 0.8.
        var fit = Component("joint-product", Belarusian("a", "29.31.22"), Samaran("b", "22.11.13"));
        Assert.Equal(2 * 0.8 * (1.2 - 0.6) / 1.5, fit.Value!.Value, Digits);
        Assert.Equal(["22.11.13", "29.31.22"], fit.Terms.Select(t => t.OfferCode).Order());
        Assert.All(fit.Terms, t => Assert.Equal("29.10.30", t.ViaCode));
    }

    [Fact]
    public void Joint_product_needs_something_from_each_side_that_the_other_lacks()
    {
        Assert.Equal(0, Component("joint-product", Belarusian("a", "29.31.22", "22.11.13"), Samaran("b", "22.11.13")).Value);
    }

    [Fact]
    public void Channel_finds_the_trade_that_sells_a_makers_goods()
    {
        var channel = Component("channel", Belarusian("a", "28.41.22"), Samaran("b", "46.62"));
        Assert.Equal(1, channel.Value!.Value, Digits);
        Assert.Equal("RU-SAM", Assert.Single(channel.Terms).Market);
    }

    [Fact]
    public void Channel_is_0_where_the_maker_already_has_one()
    {
        var a = Belarusian("a", "28.41.22") with { Markets = ["BY", "RU-SAM"] };
        Assert.Equal(0, Component("channel", a, Samaran("b", "46.62")).Value);
        Assert.Equal(0, Component("channel", a, Samaran("b", "46.62") with { Markets = ["RU-SAM"] }).Value);
    }

    [Fact]
    public void A_maker_that_sells_in_a_country_still_lacks_a_channel_in_its_regions()
    {
        var exporter = Belarusian("a", "28.41.22") with { Markets = ["BY", "RU"] };
        Assert.Equal(1, Component("channel", exporter, Samaran("b", "46.62")).Value!.Value, Digits);
        Assert.Equal(0, Component("channel", exporter, Samaran("b", "46.62") with { Markets = ["RU"] }).Value);
    }

    [Fact]
    public void Market_access_grows_with_the_markets_that_are_new()
    {
        var b = Samaran("b", "46.62") with { Markets = ["RU", "KZ", "UZ"] };
        Assert.Equal(1 - Math.Exp(-3 / 2.0), Component("market-access", Belarusian("a", "28.41.22"), b).Value!.Value, Digits);
        Assert.Equal(0, Component("market-access", Belarusian("a", "28.41.22"), Samaran("b", "29.31.22")).Value);
    }

    [Fact]
    public void Pooling_scale_takes_near_products_and_the_same_product_only_for_other_markets()
    {
        // Nearest: five shared digits, 0.8. Ranges: four of five levels shared, cosine 4/5. Home markets differ.
        var lathes = Belarusian("a", "28.41.21");
        Assert.Equal(1 - Math.Exp(-(0.8 + 0.8) / 2), Component("pooling-scale", lathes, Samaran("b", "28.41.22")).Value!.Value, Digits);
        Assert.Equal(1 - Math.Exp(-1), Component("pooling-scale", lathes, Samaran("b", "28.41.21")).Value!.Value, Digits);

        // One market of two is shared: half of what the same product could pool remains.
        var (wide, narrow) = (lathes with { Markets = ["BY", "RU"] }, Samaran("b", "28.41.21") with { Markets = ["RU"] });
        Assert.Equal(1 - Math.Exp(-0.5), Component("pooling-scale", wide, narrow).Value!.Value, Digits);
        Assert.Equal(0, Component("pooling-scale", wide, narrow with { Markets = ["BY", "RU"] }).Value);
    }

    [Fact]
    public void Pooling_scale_sees_the_whole_range_besides_the_nearest_products()
    {
        // A second, foreign product: eight levels of 1 against five, of which five are shared; cosine 5 / sqrt(5 * 9).
        var broad = Samaran("b", "28.41.21", "29.31.22");
        Assert.Equal(1 - Math.Exp(-(1 + (5 / Math.Sqrt(5 * 9))) / 2), Component("pooling-scale", Belarusian("a", "28.41.21"), broad).Value!.Value, Digits);
        Assert.Equal(0, Component("pooling-scale", Belarusian("a", "28.15.10"), Samaran("b", "28.41.21")).Value);
    }

    [Fact]
    public void Supply_lets_a_main_purchase_outweigh_small_ones_where_the_parameters_say_so()
    {
        var knowledge = new RankingKnowledge(Tree, Graph, [], new ModelParameters { SupplyScale = 1, NeedEmphasis = 2 });
        var profile = ProfileOf(CooperationForm.Supplier, new() { ["supply"] = 1 });
        var b = knowledge.Expand(Samaran("b") with { Needs = [new Need("28.41.21", 0.8), new Need("28.15.10", 0.6)] });
        var score = new PartnerRanker(knowledge).Score(knowledge.Expand(Belarusian("a", "28.41.21", "28.15.10")), b, profile, ByRuSam, Scarcity.None(knowledge), PartnerRole.Supplier);
        Assert.Equal(100 * (1 - Math.Exp(-Math.Sqrt((0.8 * 0.8) + (0.6 * 0.6)))), score.Score, Digits);
        Assert.Equal([0.64, 0.36], score.Contributions[0].Terms.Select(t => Math.Round(t.Value, 9)));
    }

    [Fact]
    public void Rivalry_needs_the_same_product_and_the_same_market()
    {
        var a = Belarusian("a") with { Offers = [new("28.41.21", 0.8), new("28.15.10", 0.5)] };
        var b = Samaran("b") with { Offers = [new("28.41.21", 1), new("28.15.10", 1)] };
        Assert.Equal(1 - (0.2 * 0.5), Component("rivalry", a, b).Value!.Value, Digits);
        Assert.Equal(0, Component("rivalry", a, Samaran("b", "28.41.22")).Value);
        var half = Component("rivalry", a with { Markets = ["BY", "RU"] }, b with { Markets = ["RU"] });
        Assert.Equal(0.5 * (1 - (0.2 * 0.5)), half.Value!.Value, Digits);
    }

    [Fact]
    public void Scale_fit_falls_with_the_ratio_of_sizes()
    {
        var a = Belarusian("a", "28.41.21") with { Employees = 100 };
        Assert.Equal(1, Component("scale-fit", a, Samaran("b") with { Employees = 100 }).Value!.Value, Digits);
        Assert.Equal(Math.Exp(-1), Component("scale-fit", a, Samaran("b") with { Employees = 1000 }).Value!.Value, Digits);
        Assert.Null(Component("scale-fit", a, Samaran("b")).Value);
    }

    [Fact]
    public void Scale_fit_compares_revenue_only_in_one_currency()
    {
        var a = Belarusian("a") with { Revenue = new Money(10, "USD") };
        Assert.Equal(Math.Exp(-2), Component("scale-fit", a, Samaran("b") with { Revenue = new Money(1000, "USD") }).Value!.Value, Digits);
        Assert.Null(Component("scale-fit", a, Samaran("b") with { Revenue = new Money(1000, "RUB") }).Value);
    }

    [Fact]
    public void Proximity_is_one_half_at_the_corridors_typical_distance()
    {
        // One degree of latitude on the mean sphere is 111.195 km.
        var a = Belarusian("a") with { Location = new GeoPoint(50, 30) };
        var b = Samaran("b") with { Location = new GeoPoint(50 + (1000 / 111.19508), 30) };
        Assert.Equal(0.5, Component("proximity", a, b).Value!.Value, 6);
        Assert.Equal(1, Component("proximity", a, b with { Location = a.Location }).Value!.Value, Digits);
        Assert.Null(Component("proximity", a, Samaran("b")).Value);
    }

    [Fact]
    public void Track_record_puts_broken_agreements_below_unknown()
    {
        var (a, b) = (Belarusian("a"), Samaran("b"));
        Assert.Null(Component("track-record", a, b).Value);
        Assert.Equal(0.6, Component("track-record", a, b, agreements: new AgreementRecord(3, 0)).Value!.Value, Digits);
        Assert.Equal(-1 / 3.0, Component("track-record", a, b, agreements: new AgreementRecord(0, 1)).Value!.Value, Digits);
        var known = b with { Agreements = new AgreementRecord(1, 1) };
        Assert.Equal(0.25, Component("track-record", a with { Agreements = new AgreementRecord(2, 0) }, known).Value!.Value, Digits);
    }

    [Fact]
    public void Scarcity_falls_as_more_enterprises_offer_the_same()
    {
        // Three suppliers, two of them of tyres: ln(1 + 3/2) / ln(4) for tyres, 1 for the single starter maker.
        var market = new[] { Belarusian("x", "22.11.13"), Samaran("y", "22.11.13"), Belarusian("z", "29.31.22") };
        var scarcity = Scarcity.Measure(Knowledge, ByRuSam, market);
        double Supplied(string code) => Ranker.Score(
            Knowledge.Expand(Belarusian("a", code)),
            Knowledge.Expand(Samaran("b") with { Needs = [new Need(code)] }),
            Supplier, ByRuSam, scarcity, PartnerRole.Supplier).Contributions.Single().Value!.Value;
        Assert.Equal(1 - Math.Exp(-Math.Log(2.5) / Math.Log(4)), Supplied("22.11.13"), Digits);
        Assert.Equal(1 - Math.Exp(-1), Supplied("29.31.22"), Digits);
    }
}
