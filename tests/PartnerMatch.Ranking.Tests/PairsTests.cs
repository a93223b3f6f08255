using CsCheck;
using PartnerMatch.Ranking.Index;
using PartnerMatch.Ranking.Profiles;
using PartnerMatch.Ranking.Scoring;
using static PartnerMatch.Ranking.Tests.SmallWorld;

namespace PartnerMatch.Ranking.Tests;

/// <summary>The best pairs of a corridor, held against scoring every pair.</summary>
public sealed class PairsTests
{
    private static readonly Gen<EnterpriseProfile[]> Belarusians = WorldGen.Belarusian.Array[0, 6].Select(p => p.Select((e, i) => e with { Id = $"b{i}", Name = $"b{i}" }).ToArray());

    private static readonly Gen<(int First, int Second)[]> Excluded = Gen.Select(Gen.Int[0, 7], Gen.Int[0, 13]).Array[0, 12];

    [Fact]
    public void Excluded_pairs_are_left_out_and_counted() => Gen.Select(Belarusians, WorldGen.Samarans, Excluded, Gen.Int[1, 9], Gen.Int[0, 40]).Sample((first, second, excluded, limit, minScore) =>
    {
        var exclusions = excluded.Aggregate(PairExclusions.None, (e, pair) => e.With($"s{pair.Second:00}", $"b{pair.First}"));
        var index = EnterpriseIndex.Build(Knowledge, [.. first, .. second]);
        var scarcity = Scarcity.Measure(Knowledge, ByRuSam, [.. first, .. second]);
        var published = second.Where(s => s.Status == ProfileStatus.Published).ToArray();
        var pairs = first.SelectMany(a => published.Select(b => (A: a, B: b))).ToArray();
        var scores = pairs
            .Where(p => !excluded.Contains((int.Parse(p.A.Id[1..], null), int.Parse(p.B.Id[1..], null))))
            .Select(p => Ranker.Score(Knowledge.Expand(p.A), Knowledge.Expand(p.B), JointVenture, ByRuSam, scarcity))
            .ToArray();
        var expected = scores
            .Where(s => s.Score >= minScore)
            .OrderByDescending(s => s.ValueBeforeFloor).ThenByDescending(s => s.Confidence).ThenBy(s => s.SubjectId, StringComparer.Ordinal).ThenBy(s => s.PartnerId, StringComparer.Ordinal)
            .Take(limit)
            .Select(s => (s.SubjectId, s.PartnerId, s.ValueBeforeFloor));
        var ranking = index.RankPairs(Ranker, new PairsQuery { Profile = JointVenture, Corridor = ByRuSam, Scarcity = scarcity, Exclusions = exclusions, MinScore = minScore, Limit = limit });
        Parallel.For(0, 4, _ =>
        {
            while (ranking.RankNext())
            {
            }
        });
        var ranked = ranking.ToList();
        Assert.Equal(expected, ranked.Items.Select(i => (i.Score.SubjectId, i.Score.PartnerId, i.Score.ValueBeforeFloor)));
        Assert.Equal(scores.Length, ranked.Candidates);
        Assert.Equal(pairs.Length - scores.Length, ranked.Excluded.GetValueOrDefault(ExclusionReason.ExcludedPair));
    });

    [Fact]
    public void A_list_of_which_a_part_is_not_ranked_is_refused()
    {
        var ranking = EnterpriseIndex.Build(Knowledge, [Belarusian("a"), Belarusian("b"), Samaran("c")])
            .RankPairs(Ranker, new PairsQuery { Profile = JointVenture, Corridor = ByRuSam, Scarcity = Scarcity.None(Knowledge) });
        Assert.True(ranking.RankNext());
        Assert.Throws<InvalidOperationException>(ranking.ToList);
        Assert.True(ranking.RankNext());
        Assert.False(ranking.RankNext());
        Assert.Equal(2, ranking.ToList().Candidates);
    }

    [Fact]
    public void An_exclusion_holds_both_ways_and_can_be_lifted()
    {
        var one = PairExclusions.None.With("a", "b").With("c", "b");
        Assert.True(one.Contains("a", "b") && one.Contains("b", "a") && one.Contains("b", "c"));
        Assert.False(one.Contains("a", "c"));
        Assert.Equal(["a", "c"], one.PartnersOf("b").Order());
        var lifted = one.Without("b", "a");
        Assert.False(lifted.Contains("a", "b"));
        Assert.True(lifted.Contains("c", "b") && one.Contains("a", "b"));
        Assert.Empty(lifted.Without("c", "b").Without("x", "y").PartnersOf("b"));
    }
}
