using CsCheck;
using PartnerMatch.Ranking.Index;
using PartnerMatch.Ranking.Profiles;
using PartnerMatch.Ranking.Scoring;
using static PartnerMatch.Ranking.Tests.SmallWorld;

namespace PartnerMatch.Ranking.Tests;

/// <summary>The laws P1 to P8 of the model, over random profiles.</summary>
public sealed class LawTests
{
    private static readonly Gen<(EnterpriseProfile A, EnterpriseProfile B)> Pair = Gen.Select(WorldGen.Belarusian, WorldGen.Samaran);

    private static readonly Gen<RankingProfile> AnyProfile = Gen.Select(Gen.Enum<CooperationForm>(), Gen.Double[0.01, 5].Array[10], (form, weights) =>
        ProfileOf(form, Components.ComponentRegistry.Names.Zip(weights).ToDictionary(w => w.First, w => w.Second)));

    [Fact]
    public void P1_contributions_add_up_to_the_score_and_terms_to_their_contribution() => Gen.Select(Pair, AnyProfile).Sample((pair, profile) =>
    {
        var score = Score(pair.A, pair.B, profile);
        Assert.Equal(score.Score, score.Contributions.Sum(c => c.Points), 1e-6);
        Assert.All(score.Contributions, c => Assert.Equal(c.Points, 100 * c.Weight * (c.Value ?? 0), 1e-9));
        Assert.All(score.Contributions.Where(c => c.Terms.Count > 0), c => Assert.Equal(c.Points, c.Terms.Sum(t => t.Points), 1e-9));
        Assert.InRange(score.Score, 0, 100);
        Assert.InRange(score.Confidence, 0, 1);
    });

    [Fact]
    public void P1_a_negative_sum_is_lifted_by_a_contribution_of_its_own() => Pair.Sample(pair =>
    {
        var rivals = ProfileOf(CooperationForm.Supplier, new() { ["track-record"] = 1, ["rivalry"] = 5 });
        var b = pair.B with { Offers = pair.A.Offers, Markets = [] };
        var score = Score(pair.A, b, rivals);
        Assert.Equal(score.ValueBeforeFloor < 0, score.Contributions.Any(c => c.Component == Contribution.Floor));
        Assert.Equal(Math.Max(0, score.ValueBeforeFloor), score.Score);
        Assert.Equal(score.ValueBeforeFloor < 0, score.Flags.Contains(MatchNotice.FloorReached));
    });

    [Fact]
    public void P2_a_joint_venture_scores_alike_from_both_sides() => Pair.Sample(pair =>
    {
        var there = Score(pair.A, pair.B, JointVenture);
        var back = Score(pair.B, pair.A, JointVenture);
        Assert.Equal(there.ValueBeforeFloor, back.ValueBeforeFloor);
        Assert.Equal(there.Confidence, back.Confidence);
        Assert.Equal(there.Contributions.Select(c => (c.Component, c.Points)), back.Contributions.Select(c => (c.Component, c.Points)));
    });

    [Fact]
    public void P3_supply_never_falls_when_the_supplier_gains_an_offer() => Gen.Select(Pair, WorldGen.Offer).Sample((pair, offer) =>
    {
        var richer = pair.A with { Offers = Gain(pair.A.Offers, offer) };
        AssertNotLower(Value("supply", pair.A, pair.B), Value("supply", richer, pair.B));
    });

    [Fact]
    public void P3_supply_never_falls_when_the_buyer_gains_a_need() => Gen.Select(Pair, WorldGen.Need).Sample((pair, need) =>
    {
        var needier = pair.B with { Needs = [.. pair.B.Needs.Where(n => n.Code != need.Code), need with { Urgency = Math.Max(need.Urgency, UrgencyOf(pair.B, need.Code)) }] };
        AssertNotLower(Value("supply", pair.A, pair.B), Value("supply", pair.A, needier));
    });

    [Fact]
    public void P3_rivalry_never_falls_when_either_gains_an_offer() => Gen.Select(Pair, WorldGen.Offer).Sample((pair, offer) =>
    {
        var before = Value("rivalry", pair.A, pair.B);
        AssertNotLower(before, Value("rivalry", pair.A with { Offers = Gain(pair.A.Offers, offer) }, pair.B));
        AssertNotLower(before, Value("rivalry", pair.A, pair.B with { Offers = Gain(pair.B.Offers, offer) }));
    });

    [Fact]
    public void Components_stay_in_their_ranges() => Gen.Select(Pair, AnyProfile).Sample((pair, profile) =>
        Assert.All(
            Score(pair.A, pair.B, profile).Contributions.Where(c => c.Component != Contribution.Floor && c.Value is not null),
            c => Assert.InRange(c.Value!.Value, c.Component == "track-record" ? -1 : 0, 1)));

    [Fact]
    public void P5_the_same_input_gives_the_same_ranking_in_whatever_order_it_comes() => Gen.Select(WorldGen.Belarusian, WorldGen.Samarans, AnyProfile).Sample((subject, others, profile) =>
    {
        var forward = Rank(subject, others, profile);
        var backward = Rank(subject, others.Reverse(), profile);
        Assert.Equal(forward.Items.Select(Key), backward.Items.Select(Key));
    });

    [Fact]
    public void P6_an_empty_list_says_what_came_closest_and_what_lacked() => Gen.Select(WorldGen.Belarusian, WorldGen.Samarans).Sample((subject, others) =>
    {
        var ranked = Rank(subject, others, JointVenture, q => q with { MinScore = 100 });
        Assert.Empty(ranked.Items);
        Assert.Equal(Math.Min(5, ranked.Candidates), ranked.Nearest.Count);
        Assert.True(ranked.Candidates > 0 || ranked.Missing.Any(m => m.Kind == LackKind.NoCandidates));
        Assert.Equal(subject.Offers.Count == 0, ranked.Missing.Any(m => m.Kind == LackKind.NoOffers));
    });

    [Fact]
    public void P7_pages_joined_equal_the_full_sort() => Gen.Select(WorldGen.Belarusian, WorldGen.Samarans, AnyProfile, Gen.Int[1, 5], Gen.Double[0, 30]).Sample((subject, others, profile, limit, minScore) =>
    {
        var bruteForce = others.Where(o => o.Status == ProfileStatus.Published)
            .Select(o => Score(subject, o, profile))
            .Where(s => s.Score >= minScore)
            .OrderByDescending(s => s.ValueBeforeFloor).ThenByDescending(s => s.Confidence).ThenBy(s => s.PartnerId, StringComparer.Ordinal)
            .Select((s, i) => (i + 1, s.PartnerId, s.Score));
        var paged = new List<RankedPartner>();
        RankingPosition? position = null;
        do
        {
            var page = Rank(subject, others, profile, q => q with { Limit = limit, MinScore = minScore, After = position });
            paged.AddRange(page.Items);
            position = page.Next;
        }
        while (position is not null);
        Assert.Equal(bruteForce, paged.Select(Key));
    });

    [Fact]
    public void P7_the_best_pairs_equal_the_full_sort() => Gen.Select(WorldGen.Samarans, WorldGen.Belarusian.Array[1, 4], Gen.Int[1, 7]).Sample((samarans, belarusians, limit) =>
    {
        belarusians = [.. belarusians.Select((b, i) => b with { Id = $"b{i}" })];
        var bruteForce = belarusians.SelectMany(b => samarans.Where(s => s.Status == ProfileStatus.Published).Select(s => Score(b, s, JointVenture)))
            .OrderByDescending(s => s.ValueBeforeFloor).ThenByDescending(s => s.Confidence)
            .ThenBy(s => s.SubjectId, StringComparer.Ordinal).ThenBy(s => s.PartnerId, StringComparer.Ordinal)
            .Select(s => (s.SubjectId, s.PartnerId));
        var paged = new List<RankedPartner>();
        PairsPosition? position = null;
        do
        {
            var ranking = EnterpriseIndex.Build(Knowledge, belarusians.Concat(samarans)).RankPairs(
                Ranker,
                new PairsQuery { Profile = JointVenture, Corridor = ByRuSam, Scarcity = Scarcity.None(Knowledge), Limit = limit, MinScore = 0, After = position });
            while (ranking.RankNext())
            {
            }

            var page = ranking.ToList();
            paged.AddRange(page.Items);
            position = page.Next;
        }
        while (position is not null);
        Assert.Equal(bruteForce, paged.Select(p => (p.Score.SubjectId, p.Score.PartnerId)));
    });

    [Fact]
    public void P8_excluded_candidates_are_counted_and_never_listed() => Gen.Select(WorldGen.Belarusian, WorldGen.Samarans).Sample((subject, others) =>
    {
        var constraints = new MatchConstraints(new HashSet<string> { "s03" }, new HashSet<string>(), new HashSet<string> { "s04" });
        var ranked = Rank(subject, others, JointVenture, q => q with { MinScore = 0, Limit = 100, Constraints = constraints });
        var open = others.Where(o => o.Status == ProfileStatus.Published && o.Id is not "s03" and not "s04").Select(o => o.Id);
        Assert.Equal(open.Order(), ranked.Items.Select(i => i.Score.PartnerId).Order());
        Assert.Equal(others.Length, ranked.Candidates + ranked.Excluded.Values.Sum());
        Assert.Equal(others.Count(o => o.Status == ProfileStatus.Ceased), ranked.Excluded.GetValueOrDefault(ExclusionReason.Ceased));
        Assert.Equal(others.Count(o => o is { Id: "s04", Status: ProfileStatus.Published }), ranked.Excluded.GetValueOrDefault(ExclusionReason.Blocked));
    });

    [Fact]
    public void P8_an_excluded_region_removes_everybody_in_it()
    {
        var constraints = MatchConstraints.None with { ExcludedRegions = new HashSet<string> { "RU-SAM" } };
        var ranked = Rank(Belarusian("a", "28.41.22"), [Samaran("b", "30.30.34")], JointVenture, q => q with { Constraints = constraints });
        Assert.Equal(1, ranked.Excluded[ExclusionReason.ExcludedRegion]);
        Assert.Equal(0, ranked.Candidates);
    }

    [Fact]
    public void Missing_facts_earn_nothing_and_lower_confidence() => Pair.Sample(pair =>
    {
        var known = pair.B with { Employees = 100, Location = new GeoPoint(53, 50) };
        var unknown = known with { Employees = null, Location = null, Agreements = null };
        var a = pair.A with { Employees = 100, Location = new GeoPoint(53, 28), Agreements = null };
        Assert.True(Score(a, unknown, JointVenture).ValueBeforeFloor <= Score(a, known with { Agreements = null }, JointVenture).ValueBeforeFloor);
    });

    private static double? Value(string component, EnterpriseProfile a, EnterpriseProfile b) => Component(component, a, b).Value;

    private static Offer[] Gain(IReadOnlyList<Offer> offers, Offer gained)
    {
        var known = offers.FirstOrDefault(o => o.Code == gained.Code)?.Strength ?? 0;
        return [.. offers.Where(o => o.Code != gained.Code), gained with { Strength = Math.Max(known, gained.Strength) }];
    }

    private static double UrgencyOf(EnterpriseProfile profile, string code) => profile.Needs.FirstOrDefault(n => n.Code == code)?.Urgency ?? 0;

    private static void AssertNotLower(double? before, double? after) => Assert.True((after ?? 0) >= (before ?? 0) - 1e-12, $"{before} fell to {after}");

    private static (int, string, double) Key(RankedPartner p) => (p.Rank, p.Score.PartnerId, p.Score.Score);
}
