using CsCheck;
using PartnerMatch.Ranking.Weighing;

namespace PartnerMatch.Ranking.Tests;

/// <summary>Weights from pairwise comparisons, held against published examples and the laws of the method.</summary>
public sealed class ComparisonTests
{
    private static readonly string[] Drinks = ["coffee", "wine", "tea", "beer", "sodas", "milk", "water"];

    /// <summary>Saaty 2008, "Decision making with the analytic hierarchy process": consumption of drinks in the United States.</summary>
    private static readonly double[][] DrinksAbove =
    [
        [9, 5, 2, 1, 1, 1 / 2.0],
        [1 / 3.0, 1 / 9.0, 1 / 9.0, 1 / 9.0, 1 / 9.0],
        [1 / 3.0, 1 / 4.0, 1 / 3.0, 1 / 9.0],
        [1 / 2.0, 1, 1 / 3.0],
        [2, 1 / 2.0],
        [1 / 3.0],
    ];

    [Fact]
    public void The_published_example_of_drinks_comes_out_as_published()
    {
        var compared = PairwiseComparisons.Weigh(Drinks, JudgementsOf(Drinks, DrinksAbove));
        Assert.Equal([0.177, 0.019, 0.042, 0.116, 0.190, 0.129, 0.327], Drinks.Select(d => Math.Round(compared.Weights[d], 3)));
        Assert.Equal(0.022, compared.ConsistencyRatio, 3);
        Assert.Equal(0, compared.Missing);
    }

    [Fact]
    public void Two_criteria_cannot_contradict_each_other()
    {
        var compared = PairwiseComparisons.Weigh(["a", "b"], [new Judgement("b", "a", 4)]);
        Assert.Equal(0.8, compared.Weights["b"], 12);
        Assert.Equal(0, compared.ConsistencyRatio);
    }

    [Fact]
    public void Consistent_judgements_give_back_the_weights_that_they_come_from_whatever_is_missing() => Gen.Select(Gen.Double[0.1, 1].Array[2, 10], Gen.ULong).Sample((weights, seed) =>
    {
        var (criteria, pairs) = ConnectedPairs(weights.Length, seed);
        var judgements = pairs.Select(p => new Judgement(criteria[p.One], criteria[p.Other], weights[p.One] / weights[p.Other])).ToArray();
        var compared = PairwiseComparisons.Weigh(criteria, judgements);
        Assert.All(criteria.Index(), c => Assert.Equal(weights[c.Index] / weights.Sum(), compared.Weights[c.Item], 9));
        Assert.Equal(0, compared.ConsistencyRatio, 9);
        Assert.Equal(1, compared.MostInconsistent.Deviation, 6);
    });

    [Fact]
    public void The_order_of_criteria_and_the_direction_of_judgements_do_not_matter() => Gen.Select(Gen.Int[3, 10], Gen.ULong).Sample((count, seed) =>
    {
        var (criteria, pairs) = ConnectedPairs(count, seed);
        var sequence = new SplitMix(seed);
        var judgements = pairs.Select(p => new Judgement(criteria[p.One], criteria[p.Other], 1 + sequence.NextBelow(9))).ToArray();
        var one = PairwiseComparisons.Weigh(criteria, judgements);
        var turned = PairwiseComparisons.Weigh([.. criteria.Reverse()], [.. judgements.Reverse().Select(j => new Judgement(j.Other, j.Criterion, 1 / j.Intensity))]);
        Assert.All(criteria, c => Assert.Equal(one.Weights[c], turned.Weights[c], 9));
        Assert.Equal(one.ConsistencyRatio, turned.ConsistencyRatio, 9);
        Assert.Equal(1, one.Weights.Values.Sum(), 9);
        Assert.All(one.Weights.Values, w => Assert.True(w > 0));
        Assert.True(one.ConsistencyRatio >= 0);
    });

    [Fact]
    public void A_missing_judgement_is_taken_for_what_the_weights_say()
    {
        // Completing the matrix by the ratio of the weights changes nothing: that is what Harker's method solves.
        Judgement[] known = [new("a", "b", 3), new("b", "c", 2), new("c", "d", 4), new("d", "a", 1 / 9.0), new("a", "c", 7)];
        string[] criteria = ["a", "b", "c", "d"];
        var compared = PairwiseComparisons.Weigh(criteria, known);
        Assert.Equal(1, compared.Missing);
        var completed = PairwiseComparisons.Weigh(criteria, [.. known, new Judgement("b", "d", compared.Weights["b"] / compared.Weights["d"])]);
        Assert.All(criteria, c => Assert.Equal(compared.Weights[c], completed.Weights[c], 9));
        Assert.Equal(compared.PrincipalEigenvalue, completed.PrincipalEigenvalue, 9);
    }

    [Fact]
    public void The_judgement_that_contradicts_the_others_is_named_with_the_value_that_would_fit()
    {
        var compared = PairwiseComparisons.Weigh(["a", "b", "c", "d"], [new("a", "b", 2), new("b", "c", 2), new("c", "d", 2), new("a", "c", 4), new("b", "d", 4), new("a", "d", 1 / 9.0)]);
        Assert.True(compared.ConsistencyRatio > PairwiseComparisons.AcceptableRatio);
        Assert.Equal(("a", "d"), (compared.MostInconsistent.Judgement.Criterion, compared.MostInconsistent.Judgement.Other));
        Assert.Equal(8, compared.MostInconsistent.Fitting);
        var mended = PairwiseComparisons.Weigh(["a", "b", "c", "d"], [new("a", "b", 2), new("b", "c", 2), new("c", "d", 2), new("a", "c", 4), new("b", "d", 4), new("a", "d", compared.MostInconsistent.Fitting)]);
        Assert.True(mended.ConsistencyRatio < compared.ConsistencyRatio);
    }

    /// <summary>The table's own method on fewer matrices: its standard error is about 0.01 here, and what is allowed four times that.</summary>
    [Theory]
    [InlineData(3, 0)]
    [InlineData(4, 1)]
    [InlineData(5, 3)]
    [InlineData(7, 0)]
    [InlineData(7, 8)]
    [InlineData(10, 20)]
    public void The_random_index_is_the_mean_of_random_judgements(int count, int missing)
    {
        var sequence = new SplitMix(20_22);
        double sum = 0;
        double told = 0;
        const int Matrices = 1500;
        for (var done = 0; done < Matrices;)
        {
            var (criteria, pairs) = RandomPairs(count, (count * (count - 1) / 2) - missing, sequence);
            Judgement[] judgements = [.. pairs.Select(p => new Judgement(criteria[p.One], criteria[p.Other], sequence.NextBelow(17) is var scale && scale < 9 ? scale + 1 : 1.0 / (scale - 7)))];
            if (PairwiseComparisons.FindGroups(criteria, judgements).Count == 1)
            {
                var compared = PairwiseComparisons.Weigh(criteria, judgements);
                (sum, told) = (sum + compared.ConsistencyIndex, compared.RandomIndex);
                done++;
            }
        }

        Assert.Equal(sum / Matrices, told, 0.04);
    }

    [Fact]
    public void A_tree_of_comparisons_is_consistent_by_itself() =>
        Assert.Equal(0, PairwiseComparisons.Weigh(["a", "b", "c"], [new("a", "b", 9), new("b", "c", 9)]).ConsistencyRatio);

    [Theory]
    [InlineData("a", "b", 0)]
    [InlineData("a", "b", -2)]
    [InlineData("a", "b", double.NaN)]
    [InlineData("a", "b", double.PositiveInfinity)]
    [InlineData("a", "a", 1)]
    [InlineData("a", "x", 2)]
    [InlineData("c", "b", 2)]
    public void Judgements_that_mean_nothing_are_refused(string criterion, string other, double intensity) =>
        Assert.Throws<ArgumentException>(() => PairwiseComparisons.Weigh(["a", "b", "c"], [new("b", "c", 2), new(criterion, other, intensity)]));

    [Fact]
    public void Groups_that_nothing_compares_are_named_and_refused()
    {
        string[] criteria = ["a", "b", "c", "d"];
        Judgement[] judgements = [new("a", "b", 2), new("c", "d", 2)];
        Assert.Equal([["a", "b"], ["c", "d"]], PairwiseComparisons.FindGroups(criteria, judgements));
        Assert.Throws<ArgumentException>(() => PairwiseComparisons.Weigh(criteria, judgements));
        Assert.Throws<ArgumentException>(() => PairwiseComparisons.Weigh(["a"], []));
        Assert.Throws<ArgumentException>(() => PairwiseComparisons.Weigh(["a", "a"], []));
    }

    private static Judgement[] JudgementsOf(string[] criteria, double[][] above) =>
        [.. above.SelectMany((row, i) => row.Select((value, j) => new Judgement(criteria[i], criteria[i + j + 1], value)))];

    private static (string[] Criteria, (int One, int Other)[] Pairs) ConnectedPairs(int count, ulong seed)
    {
        // A random tree, and any pairs besides.
        var sequence = new SplitMix(seed);
        var tree = Enumerable.Range(1, count - 1).Select(i => (One: sequence.NextBelow(i), Other: i)).ToArray();
        var (criteria, others) = RandomPairs(count, sequence.NextBelow((count * (count - 1) / 2) + 1), sequence);
        return (criteria, [.. tree.Union(others)]);
    }

    private static (string[] Criteria, (int One, int Other)[] Pairs) RandomPairs(int count, int known, SplitMix sequence)
    {
        var all = Enumerable.Range(0, count).SelectMany(i => Enumerable.Range(i + 1, count - i - 1).Select(j => (One: i, Other: j))).ToArray();
        for (var last = all.Length - 1; last > 0; last--)
        {
            var other = sequence.NextBelow(last + 1);
            (all[last], all[other]) = (all[other], all[last]);
        }

        return ([.. Enumerable.Range(0, count).Select(i => $"c{i}")], all[..known]);
    }
}
