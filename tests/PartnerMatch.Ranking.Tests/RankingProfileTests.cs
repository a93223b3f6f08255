using PartnerMatch.Ranking.Scoring;
using static PartnerMatch.Ranking.Tests.SmallWorld;

namespace PartnerMatch.Ranking.Tests;

public sealed class RankingProfileTests
{
    [Fact]
    public void Weights_are_normalised_and_rivalry_subtracts()
    {
        var profile = ProfileOf(CooperationForm.Supplier, new() { ["supply"] = 3, ["proximity"] = 1, ["rivalry"] = 2 });
        Assert.Equal(0.75, profile.Weights["supply"]);
        Assert.Equal(0.25, profile.Weights["proximity"]);
        Assert.Equal(-0.5, profile.Weights["rivalry"]);
    }

    [Fact]
    public void Equal_weights_have_one_hash_whatever_their_scale()
    {
        var one = ProfileOf(CooperationForm.Supplier, new() { ["supply"] = 1, ["proximity"] = 1 });
        Assert.Equal(one.Hash, ProfileOf(CooperationForm.Supplier, new() { ["proximity"] = 2, ["supply"] = 2 }).Hash);
        Assert.NotEqual(one.Hash, ProfileOf(CooperationForm.Supplier, new() { ["proximity"] = 1, ["supply"] = 2 }).Hash);
        Assert.NotEqual(one.Hash, ProfileOf(CooperationForm.Manufacturing, new() { ["supply"] = 1, ["proximity"] = 1 }).Hash);
        Assert.NotEqual(one.Hash, new RankingProfile(one.Form, one.Weights, one.CountedKinds, 0, one.Parameters with { SupplyScale = 2 }).Hash);
    }

    [Theory]
    [InlineData("supply", -1)]
    [InlineData("supply", double.NaN)]
    [InlineData("supply", double.PositiveInfinity)]
    [InlineData("supply", 0)]
    [InlineData("rivalry", 1)]
    [InlineData("charm", 1)]
    public void Weights_that_mean_nothing_are_refused(string component, double weight) =>
        Assert.Throws<ArgumentException>(() => ProfileOf(CooperationForm.Supplier, new() { [component] = weight }));
}
