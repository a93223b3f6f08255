using CsCheck;
using PartnerMatch.Ranking.Components;
using PartnerMatch.Ranking.Index;
using PartnerMatch.Ranking.Profiles;
using PartnerMatch.Ranking.Scoring;
using PartnerMatch.Ranking.Weighing;
using static PartnerMatch.Ranking.Tests.SmallWorld;

namespace PartnerMatch.Ranking.Tests;

/// <summary>Shares of trials, held against ranking everybody in each trial.</summary>
public sealed class SensitivityTests
{
    private static readonly Gen<RankingProfile> AnyProfile = Gen.Select(Gen.Enum<CooperationForm>(), Gen.Double[0, 5].Array[10], (form, weights) =>
        ProfileOf(form, ComponentRegistry.Names.Zip(weights).ToDictionary(w => w.First, w => w.Second + 0.01)));

    [Fact]
    public void Shares_equal_those_of_ranking_everybody_again() => Gen.Select(WorldGen.Belarusian, WorldGen.Samaran.Array[1, 25], AnyProfile, Gen.Double[0.01, 0.6]).Sample(
        (subject, samarans, profile, shift) => AssertSame(subject, Named(samarans), profile, shift, trials: 6),
        iter: 60);

    [Fact]
    public void Nobody_who_could_enter_is_passed_over_among_many() => Gen.Select(WorldGen.Belarusian, WorldGen.Samaran.Array[700], AnyProfile).Sample(
        (subject, samarans, profile) => AssertSame(subject, Named(samarans), profile, 0.1, trials: 4),
        iter: 3);

    [Fact]
    public void Nobody_who_could_enter_is_passed_over_in_many_trials() => Gen.Select(WorldGen.Belarusian, WorldGen.Samaran.Array[300], AnyProfile, Gen.Double[0.05, 0.9]).Sample(
        (subject, samarans, profile, shift) => AssertSame(subject, Named(samarans), profile, shift, trials: 40),
        iter: 2);

    [Fact]
    public void A_crowd_of_which_all_say_the_same_stands_in_order_of_id() => Gen.Select(WorldGen.Belarusian, WorldGen.Samaran.Array[3], Gen.Int[0, 2].Array[90], AnyProfile).Sample(
        (subject, kinds, ofKind, profile) => AssertSame(subject, Named([.. ofKind.Select(k => kinds[k])]), profile, 0.2, trials: 10),
        iter: 10);

    [Fact]
    public void A_partner_far_ahead_stays_and_the_sequence_decides_alone()
    {
        var maker = Belarusian("maker", "28.41.22");
        EnterpriseProfile[] others = [Samaran("plant", "30.30.34") with { Needs = [new Need("28.41.22")] }, .. Enumerable.Range(0, 20).Select(i => Samaran($"x{i:00}", "49.31"))];
        var index = EnterpriseIndex.Build(Knowledge, others);
        var query = QueryOf(maker, JointVenture);
        var measured = RankSensitivity.Measure(index, Ranker, Knowledge, query, 0.1, 50, new SplitMix(1));
        Assert.Equal(("plant", 1.0, 1.0), (measured[0].Partner.PartnerId, measured[0].ShareInTop5, measured[0].ShareInTop10));
        Assert.Equal(measured.Select(Key), RankSensitivity.Measure(index, Ranker, Knowledge, query, 0.1, 50, new SplitMix(1)).Select(Key));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(double.NaN)]
    public void A_shift_that_is_none_or_could_turn_a_weight_off_is_refused(double shift) =>
        Assert.ThrowsAny<ArgumentException>(() => RankSensitivity.Measure(EnterpriseIndex.Build(Knowledge, []), Ranker, Knowledge, QueryOf(Belarusian("b"), JointVenture), shift, 1, new SplitMix(1)));

    private static void AssertSame(EnterpriseProfile subject, EnterpriseProfile[] others, RankingProfile profile, double shift, int trials)
    {
        var query = QueryOf(subject, profile);
        var measured = RankSensitivity.Measure(EnterpriseIndex.Build(Knowledge, others), Ranker, Knowledge, query, shift, trials, new SplitMix(7));
        var expanded = others.Select(Knowledge.Expand).ToArray();
        var sequence = new SplitMix(7);
        var lists = Enumerable.Range(0, trials).Select(_ =>
        {
            var moved = ComponentRegistry.Names.ToDictionary(n => n, n => Math.Abs(profile.Weights[n]) * (1 + (shift * ((2 * sequence.NextShare()) - 1))));
            return Top(query with { Profile = profile.WithWeights(moved) });
        }).ToArray();
        var expected = Top(query)
            .Union(lists.SelectMany(l => l))
            .ToDictionary(id => id, id => (lists.Count(l => l.Take(5).Contains(id)) / (double)trials, lists.Count(l => l.Contains(id)) / (double)trials));
        Assert.Equal(expected, measured.ToDictionary(m => m.Partner.PartnerId, m => (m.ShareInTop5, m.ShareInTop10)));
        Assert.Equal(measured.Select(m => m.Rank).Order(), measured.Select(m => m.Rank));

        string[] Top(RankingQuery asked) => [.. Ranker.Rank(asked with { MinScore = 0, Limit = 10 }, expanded).Items.Select(i => i.Score.PartnerId)];
    }

    private static RankingQuery QueryOf(EnterpriseProfile subject, RankingProfile profile) =>
        new() { Subject = Knowledge.Expand(subject), Profile = profile, Corridor = ByRuSam, Scarcity = Scarcity.None(Knowledge) };

    private static EnterpriseProfile[] Named(EnterpriseProfile[] profiles) => [.. profiles.Select((p, i) => p with { Id = $"s{i:000}", Name = $"s{i:000}" })];

    private static (string, double, double) Key(RankStability s) => (s.Partner.PartnerId, s.ShareInTop5, s.ShareInTop10);
}
