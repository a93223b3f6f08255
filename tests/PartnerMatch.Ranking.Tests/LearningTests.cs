using CsCheck;
using PartnerMatch.Ranking.Components;
using PartnerMatch.Ranking.Scoring;
using PartnerMatch.Ranking.Weighing;
using static PartnerMatch.Ranking.Tests.SmallWorld;

namespace PartnerMatch.Ranking.Tests;

/// <summary>Decisions made by hidden weights are learnt.</summary>
public sealed class LearningTests
{
    /// <summary>Somebody who cares for a joint product and nearness, and hates rivals: not what the profile of this world says.</summary>
    private static readonly RankingProfile Hidden = ProfileOf(CooperationForm.JointVenture, new() { ["joint-product"] = 0.6, ["proximity"] = 0.4, ["rivalry"] = 0.8 });

    [Fact]
    public void Hidden_weights_are_learnt_and_beat_the_current_ones_on_enterprises_held_out()
    {
        var learnt = WeightLearning.Learn(JointVenture, Decide(Hidden, enterprises: 20, candidates: 10, seed: 3), 1);
        Assert.True(learnt.IsWithinEnterprises);
        Assert.True(learnt.Learnt.Auc > 0.95, $"{learnt.Learnt}");
        Assert.True(learnt.Learnt.Auc > learnt.Current.Auc + 0.1, $"{learnt.Learnt} against {learnt.Current}");
        Assert.True(learnt.Learnt.NdcgAt10 > learnt.Current.NdcgAt10);
        Assert.Equal(["joint-product", "proximity", "rivalry"], learnt.Weights.OrderByDescending(w => w.Value).Take(3).Select(w => w.Key).Order());
        Assert.Equal((200, 20), (learnt.Accepted + learnt.Rejected, learnt.Enterprises));
    }

    [Fact]
    public void Signs_are_kept_whatever_was_decided() => Gen.Select(Gen.ULong, Gen.Double[0, 1].Array[10]).Sample(
        (seed, weights) =>
        {
            // The decisions of somebody who loves rivals and hates whatever else counts.
            var perverse = Decide(ProfileOf(CooperationForm.JointVenture, ComponentRegistry.Names.Zip(weights).ToDictionary(w => w.First, w => w.Second + 0.01)), 8, 6, seed, turned: true);
            var learnt = WeightLearning.Learn(JointVenture, perverse, seed);
            Assert.All(learnt.Weights.Values, w => Assert.True(w >= 0 && double.IsFinite(w)));
            var profile = JointVenture.WithWeights(learnt.Weights);
            Assert.True(profile.Weights["rivalry"] <= 0);
            Assert.Equal(1, profile.Weights.Where(w => w.Key != "rivalry").Sum(w => w.Value), 9);
        },
        iter: 20);

    [Fact]
    public void Decisions_that_agree_with_the_current_weights_change_little_and_a_silent_component_keeps_its_place()
    {
        var decisions = Decide(JointVenture, 12, 8, seed: 5, silent: "track-record");
        var learnt = JointVenture.WithWeights(WeightLearning.Learn(JointVenture, decisions, 1).Weights);
        Assert.True(learnt.Weights["track-record"] > JointVenture.Weights["track-record"] / 3);
        Assert.True(Math.Abs(learnt.Weights["supply"] - JointVenture.Weights["supply"]) < 0.25, $"{learnt.Weights["supply"]}");
    }

    [Fact]
    public void The_order_of_decisions_does_not_matter()
    {
        var decisions = Decide(Hidden, 8, 6, seed: 11);
        var one = WeightLearning.Learn(JointVenture, decisions, 4);
        var other = WeightLearning.Learn(JointVenture, [.. decisions.Reverse()], 4);
        Assert.Equal(one.Weights, other.Weights);
        Assert.Equal(one.Learnt, other.Learnt);
    }

    [Fact]
    public void Where_each_enterprise_has_decisions_of_one_kind_pairs_are_compared_across_enterprises()
    {
        var decisions = Decide(Hidden, 40, 1, seed: 2);
        var learnt = WeightLearning.Learn(JointVenture, decisions, 1);
        Assert.False(learnt.IsWithinEnterprises);
        Assert.Null(learnt.Learnt.NdcgAt10);
        Assert.True(learnt.Learnt.Auc > 0.8, $"{learnt.Learnt}");
    }

    [Fact]
    public void Candidates_are_compared_on_the_side_that_has_more_to_compare()
    {
        // One plant of the second side, looked at from many of the first.
        var turned = Decide(Hidden, 8, 6, seed: 9).Select(d => d with { First = d.Second, Second = d.First }).ToArray();
        Assert.Equal(8, WeightLearning.Learn(JointVenture, turned, 1).Enterprises);
    }

    [Fact]
    public void Too_few_decisions_teach_nothing()
    {
        var decisions = Decide(Hidden, 20, 10, seed: 3);
        var accepted = decisions.Where(d => d.IsAccepted).ToArray();
        var rejected = decisions.Where(d => !d.IsAccepted).ToArray();
        Assert.Equal(LearningLack.TooFewDecisions, WeightLearning.FindLack([.. accepted.Take(14), .. rejected.Take(15)]));
        Assert.Equal(LearningLack.TooFewOfOneKind, WeightLearning.FindLack([.. accepted.Take(9), .. rejected]));
        Assert.Equal(LearningLack.TooFewOfOneKind, WeightLearning.FindLack([.. accepted, .. rejected.Take(9)]));
        Assert.Equal(LearningLack.TooFewEnterprises, WeightLearning.FindLack([.. Decide(Hidden, 4, 20, seed: 1)]));
        Assert.Null(WeightLearning.FindLack([.. accepted.Where((_, i) => i % 6 == 0).Take(15), .. rejected.Where((_, i) => i % 6 == 0).Take(15)]));
        Assert.Throws<ArgumentException>(() => WeightLearning.Learn(JointVenture, accepted, 1));
    }

    /// <summary>The better half of random candidates is accepted.</summary>
    private static IReadOnlyList<DecidedPair> Decide(RankingProfile by, int enterprises, int candidates, ulong seed, bool turned = false, string? silent = null)
    {
        var sequence = new SplitMix(seed);
        var looked = Enumerable.Range(0, enterprises).SelectMany(e => Enumerable.Range(0, candidates).Select(c =>
        {
            var values = ComponentRegistry.Names.ToDictionary(n => n, n => n == silent || sequence.NextBelow(5) == 0 ? (double?)null : sequence.NextShare() * sequence.NextShare());
            return (First: $"b{e:00}", Second: $"s{e:00}-{c:00}", Values: values, Score: by.Weights.Sum(w => w.Value * (values[w.Key] ?? 0)) * (turned ? -1 : 1));
        })).ToArray();
        var middle = looked.Select(l => l.Score).Order().ElementAt(looked.Length / 2);
        return [.. looked.Select(l => new DecidedPair(l.First, l.Second, l.Values, l.Score > middle))];
    }
}
