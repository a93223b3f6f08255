using CsCheck;
using PartnerMatch.Ranking.Counterfactuals;
using PartnerMatch.Ranking.Explaining;
using PartnerMatch.Ranking.Profiles;
using PartnerMatch.Ranking.Scoring;
using static PartnerMatch.Ranking.Tests.SmallWorld;

namespace PartnerMatch.Ranking.Tests;

/// <summary>Each change that is told gives the score that is told with it.</summary>
public sealed class CounterfactualTests
{
    private static readonly CounterfactualSearch Search = new(Knowledge, Ranker);

    [Fact]
    public void Every_score_is_that_of_the_changed_profile_and_gains_are_positive_and_in_order() =>
        Gen.Select(WorldGen.Belarusian, WorldGen.Samaran, Gen.Enum<CooperationForm>()).Sample((a, b, form) =>
        {
            var profile = ProfileOf(form, JointVenture.Weights.ToDictionary(w => w.Key, w => Math.Abs(w.Value)));
            var before = Score(a, b, profile, RoleOf(profile)).Score;
            var found = Find(a, b, profile);
            Assert.All(found, c =>
            {
                var changedA = c.Change.EnterpriseId == a.Id ? c.Change.ApplyTo(a) : a;
                var changedB = c.Change.EnterpriseId == b.Id ? c.Change.ApplyTo(b) : b;
                Assert.Equal(Score(changedA, changedB, profile, RoleOf(profile)).Score, c.Score.Score);
                Assert.Equal(c.Score.Score - before, c.Gain);
                Assert.True(c.Gain > 0);
            });
            Assert.Equal(found.Select(c => c.Gain).OrderDescending(), found.Select(c => c.Gain));
            Assert.All(found.GroupBy(c => c.Change.EnterpriseId), g => Assert.InRange(g.Count(), 1, CounterfactualSearch.MostShown));
            Assert.Equal(found.Count, found.Select(c => c.Change).Distinct().Count());
        });

    [Fact]
    public void An_offer_near_the_trade_that_the_partner_needs_is_told_and_one_of_another_trade_is_not()
    {
        var maker = Belarusian("maker", "28.41.21");
        var buyer = Samaran("buyer", "49.31") with { Needs = [new Need("28.41.22"), new Need("24.42.24")] };
        var offers = Find(maker, buyer, Supplier).Where(c => c.Change.Kind == ChangeKind.Offer && c.Change.EnterpriseId == "maker").Select(c => c.Change.Code);
        Assert.Equal(["28.41.22"], offers);
    }

    [Fact]
    public void A_need_that_is_only_inferred_is_worth_stating_and_one_that_nothing_hints_at_is_not()
    {
        var maker = Belarusian("maker", "28.41.21", "49.31");
        var user = Samaran("user", "30.30.34");
        var needs = Find(maker, user, Supplier).Where(c => c.Change.Kind == ChangeKind.Need);
        Assert.All(needs, n => Assert.Equal("user", n.Change.EnterpriseId));
        Assert.Equal("28.41.21", needs.First().Change.Code);
    }

    [Fact]
    public void A_fact_that_is_missing_is_told_with_the_most_that_it_can_bring()
    {
        var sized = ProfileOf(CooperationForm.JointVenture, new() { ["scale-fit"] = 1, ["proximity"] = 1 });
        var known = Samaran("known", "28.41.22") with { Employees = 500, Location = new GeoPoint(53, 50) };
        var found = Find(Belarusian("unknown", "28.41.21"), known, sized);
        Assert.Equal([ChangeKind.Employees, ChangeKind.Location], found.Select(c => c.Change.Kind).Order());
        Assert.All(found, c => Assert.True(c.Change.IsUpperBound));
        Assert.Equal(500, found.Single(c => c.Change.Kind == ChangeKind.Employees).Change.Employees);
        Assert.Empty(Find(known with { Id = "other", Country = "BY", Region = "BY-HM" }, known, sized));
    }

    [Fact]
    public void A_change_is_told_in_both_languages()
    {
        var maker = Belarusian("maker", "28.41.21") with { NameRu = "Завод" };
        var buyer = Samaran("buyer", "49.31") with { Needs = [new Need("28.41.22")] };
        var best = Find(maker, buyer, Supplier)[0];
        var phrases = new Phrasebook(Tree);
        Assert.Equal("If maker also offered milling machines, the score would be 63.2 (+63.2).", phrases.Describe(best, maker, Language.En));
        Assert.Equal("Оценка составит 63,2 (+63,2), если предприятие Завод добавит предложение: milling machines (ru).", phrases.Describe(best, maker, Language.Ru));
    }

    private static IReadOnlyList<Counterfactual> Find(EnterpriseProfile a, EnterpriseProfile b, RankingProfile profile) =>
        Search.Find(a, b, profile, ByRuSam, Scarcity.None(Knowledge), RoleOf(profile));

    private static PartnerRole RoleOf(RankingProfile profile) => profile.Form.IsDirected() ? PartnerRole.Supplier : PartnerRole.Any;
}
