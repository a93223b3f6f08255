using PartnerMatch.Ranking.Explaining;
using PartnerMatch.Ranking.Profiles;
using PartnerMatch.Ranking.Scoring;
using static PartnerMatch.Ranking.Tests.SmallWorld;

namespace PartnerMatch.Ranking.Tests;

public sealed class RankerTests
{
    private static readonly Phrasebook Phrases = new(Tree);

    [Fact]
    public void A_directed_form_goes_by_the_role_and_says_who_supplies()
    {
        var (maker, plant) = (Belarusian("maker", "28.41.22"), Samaran("plant", "30.30.34"));
        Assert.Equal(Direction.ToPartner, Score(maker, plant, Supplier).Direction);
        Assert.Equal(Direction.FromPartner, Score(plant, maker, Supplier).Direction);
        Assert.Equal(Score(maker, plant, Supplier).Score, Score(plant, maker, Supplier, PartnerRole.Buyer).Score);
        Assert.Equal(0, Score(plant, maker, Supplier, PartnerRole.Supplier).Score);
    }

    [Fact]
    public void A_joint_venture_scores_the_larger_direction_and_shows_the_other_unscored()
    {
        var a = Belarusian("a", "28.41.22") with { Needs = [new Need("24.42.24", 0.2)] };
        var b = Samaran("b", "30.30.34", "24.42.24");
        var supply = Score(a, b, JointVenture).Contributions.Single(c => c.Component == "supply");
        Assert.Equal(Direction.ToPartner, supply.Direction);
        Assert.Equal(Direction.FromPartner, supply.Other!.Direction);
        Assert.Equal(1 - Math.Exp(-0.2), supply.Other.Value!.Value, 9);
        Assert.All(supply.Other.Terms, t => Assert.Equal(0, t.Points));
    }

    [Fact]
    public void A_role_is_refused_for_a_joint_venture() =>
        Assert.Throws<ArgumentException>(() => Rank(Belarusian("a"), [], JointVenture, q => q with { Role = PartnerRole.Buyer }));

    [Fact]
    public void A_subject_outside_the_corridor_is_refused() =>
        Assert.Throws<ArgumentException>(() => Rank(Of("k", "KZ", "KZ-75"), [], JointVenture));

    [Fact]
    public void A_machine_tool_maker_finds_the_plant_that_uses_its_machines_before_the_foundry_that_feeds_it()
    {
        var ranked = Rank(Belarusian("maker", "28.41.22"), [Samaran("plant", "30.30.34"), Samaran("bearings", "28.15.10"), Samaran("tyres", "22.11.13")], JointVenture);
        Assert.Equal(["plant", "bearings"], ranked.Items.Take(2).Select(i => i.Score.PartnerId));
    }

    [Fact]
    public void A_stated_need_is_told_as_a_statement_and_an_inferred_one_as_a_custom()
    {
        var maker = Belarusian("maker", "28.41.22");
        var plant = Samaran("plant", "30.30.34");
        var inferred = Phrases.Summarise(Score(maker, plant, Supplier), maker, plant, Language.En);
        Assert.Equal("Maker offers milling machines, and makers of airliners usually use metalworking machine tools.", inferred);
        var asking = plant with { Needs = [new Need("28.41.22")] };
        var stated = Phrases.Summarise(Score(maker, asking, Supplier), maker, asking, Language.En);
        Assert.Equal("Maker offers milling machines, and plant says it needs them.", stated);
        Assert.Contains("plant указывает потребность: milling machines (ru)", Phrases.Summarise(Score(maker, asking, Supplier), maker, asking, Language.Ru), StringComparison.Ordinal);
    }

    [Fact]
    public void Stated_needs_raise_confidence_above_inferred_ones()
    {
        var maker = Belarusian("maker", "28.41.22");
        var plant = Samaran("plant", "30.30.34");
        Assert.True(Score(maker, plant with { Needs = [new Need("28.41.22")] }, JointVenture).Confidence > Score(maker, plant, JointVenture).Confidence);
        Assert.Contains(MatchNotice.InferredOnly, Score(maker, plant, JointVenture).Flags);
    }
}
