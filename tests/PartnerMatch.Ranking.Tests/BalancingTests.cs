using CsCheck;
using PartnerMatch.Ranking.Balancing;

namespace PartnerMatch.Ranking.Tests;

/// <summary>Lists for a market in which everybody uses theirs at once.</summary>
public sealed class BalancingTests
{
    // Uniform draws: equal scores, whose order is that of the names, do not happen.
    private static readonly Gen<Market> AnyMarket = Gen.Select(Gen.Int[0, 9], Gen.Int[0, 9], Gen.Double[0, 1], Gen.UInt).Select(SparseMarket);

    private static readonly Market Study = StudyMarket();

    [Fact]
    public void The_generator_of_the_study_is_numpys()
    {
        var random = new MersenneTwister(0);
        Assert.Equal([0.5488135039273248, 0.7151893663724195, 0.6027633760716439], [random.NextDouble(), random.NextDouble(), random.NextDouble()]);
    }

    /// <summary>The example market of the RecSys 2024 study on fair reciprocal recommendation, and its expected matches.</summary>
    [Fact]
    public void The_study_is_reproduced()
    {
        var products = Study.Pairs.ToArray().Select(p => p.LeftLikes * p.RightLikes).ToArray();
        Assert.Equal(6.0976, MarketFigures.Of(Study, MarketLists.Plain(Study, 30)).ExpectedMatches, 4);
        Assert.Equal(13.2147, MarketFigures.Of(Study, MarketLists.Balanced(Study, products, 30)).ExpectedMatches, 4);
        Assert.Equal(15.4475, MarketFigures.Of(Study, MarketLists.Balanced(Study, TransferableUtility.Fit(Study).Masses, 30)).ExpectedMatches, 4);
    }

    [Fact]
    public void Balanced_lists_of_the_study_are_fairer_than_plain_ones()
    {
        var plain = MarketFigures.Of(Study, MarketLists.Plain(Study, 5));
        var balanced = MarketFigures.Of(Study, MarketLists.Balanced(Study, TransferableUtility.Fit(Study).Masses, 5, 1));
        Assert.True(balanced.ExpectedMatches > plain.ExpectedMatches);
        Assert.True(balanced.Left.ExposureGini < plain.Left.ExposureGini && balanced.Right.ExposureGini < plain.Right.ExposureGini);
        Assert.True(balanced.Left.OnNoList + balanced.Right.OnNoList < plain.Left.OnNoList + plain.Right.OnNoList);
        Assert.True(balanced.Left.Envious + balanced.Right.Envious < plain.Left.Envious + plain.Right.Envious);
    }

    /// <summary>By hand: both of the left side put the first of the right side first, which prefers the first of the left side.</summary>
    [Fact]
    public void Figures_are_those_of_the_definitions()
    {
        var market = new Market(2, 2, [new(0, 0, 0.8, 0.9), new(0, 1, 0.4, 0.5), new(1, 0, 0.6, 0.7), new(1, 1, 0.2, 0.3)]);
        var figures = MarketFigures.Of(market, MarketLists.Plain(market, 2));
        Assert.Equal(0.8 * 0.9 + 0.4 / 2 * 0.5 + 0.6 * 0.7 / 2 + 0.2 / 2 * 0.3 / 2, figures.ExpectedMatches, 12);

        // Looked at 2 and 1 times on each side: Gini (1 * 2 - 1 * 1) / (2 * 3). The second of each side would take the first one's places.
        Assert.Equal(1.0 / 6, figures.Left.ExposureGini, 12);
        Assert.Equal(1.0 / 6, figures.Right.ExposureGini, 12);
        Assert.Equal(new SideFigures(figures.Left.ExposureGini, 2, 0, 1, 1), figures.Left);
        Assert.Equal(new SideFigures(figures.Right.ExposureGini, 2, 0, 1, 1), figures.Right);
    }

    [Fact]
    public void Masses_are_conserved() => AnyMarket.Select(Gen.Double[TransferableUtility.SmallestSpread, 3]).Sample((market, spread) =>
    {
        var matching = TransferableUtility.Fit(market, spread);
        var (left, right) = (matching.LeftUnmatched.ToArray(), matching.RightUnmatched.ToArray());
        for (var pair = 0; pair < market.Pairs.Length; pair++)
        {
            Assert.True(matching.Masses[pair] > 0);
            left[market.Pairs[pair].Left] += matching.Masses[pair];
            right[market.Pairs[pair].Right] += matching.Masses[pair];
        }

        Assert.All(left.Concat(right), sum => Assert.Equal(1, sum, 1e-8));
    });

    [Fact]
    public void The_order_and_the_names_of_enterprises_mean_nothing() => AnyMarket.Select(Gen.Int[0, 8], Gen.Int[0, 8]).Sample((market, turnLeft, turnRight) =>
    {
        MarketPair Turn(MarketPair p) => p with { Left = (p.Left + turnLeft) % market.LeftCount, Right = (p.Right + turnRight) % market.RightCount };
        var turned = new Market(market.LeftCount, market.RightCount, market.Pairs.ToArray().Reverse().Select(Turn));
        var (one, other) = (TransferableUtility.Fit(market), TransferableUtility.Fit(turned));
        var masses = turned.Pairs.ToArray().Zip(other.Masses.ToArray()).ToDictionary(p => (p.First.Left, p.First.Right), p => p.Second);
        foreach (var (pair, mass) in market.Pairs.ToArray().Zip(one.Masses.ToArray()))
        {
            var to = Turn(pair);
            Assert.Equal(mass, masses[(to.Left, to.Right)], 1e-8);
        }

        var (plain, plainTurned) = (MarketFigures.Of(market, MarketLists.Plain(market, 4)), MarketFigures.Of(turned, MarketLists.Plain(turned, 4)));
        Assert.Equal(plain.ExpectedMatches, plainTurned.ExpectedMatches, 1e-9);
        Assert.Equal(plain.Left.Envies, plainTurned.Left.Envies);
        Assert.Equal(plain.Right.ExposureGini, plainTurned.Right.ExposureGini, 1e-9);
    });

    [Fact]
    public void The_sides_of_a_market_can_change_places() => AnyMarket.Sample(market =>
    {
        var mirrored = new Market(market.RightCount, market.LeftCount, market.Pairs.ToArray().Select(p => new MarketPair(p.Right, p.Left, p.RightLikes, p.LeftLikes)));
        var (one, other) = (MarketFigures.Of(market, MarketLists.Plain(market, 4)), MarketFigures.Of(mirrored, MarketLists.Plain(mirrored, 4)));
        Assert.Equal(one.ExpectedMatches, other.ExpectedMatches, 1e-9);
        Assert.Equal((one.Left, one.Right), (other.Right, other.Left));
    });

    [Fact]
    public void No_one_is_on_more_lists_than_its_share_and_no_list_is_short_without_need() => AnyMarket.Select(Gen.Int[1, 6], Gen.Double[1, 3]).Sample((market, length, cap) =>
    {
        var lists = MarketLists.Balanced(market, TransferableUtility.Fit(market).Masses, length, cap);
        Check(lists.Left, market.Pairs.ToArray().ToLookup(p => p.Left, p => p.Right));
        Check(lists.Right, market.Pairs.ToArray().ToLookup(p => p.Right, p => p.Left));

        void Check(IReadOnlyList<IReadOnlyList<int>> owners, ILookup<int, int> candidates)
        {
            var takers = candidates.SelectMany(c => c).Distinct().Count();
            var most = takers == 0 ? 0 : Math.Ceiling(cap * candidates.Sum(c => Math.Min(length, c.Count())) / takers);
            var exposures = owners.SelectMany(list => list).CountBy(other => other).ToDictionary();
            Assert.All(exposures.Values, lists => Assert.True(lists <= most));
            for (var owner = 0; owner < owners.Count; owner++)
            {
                Assert.Equal(owners[owner].Count, owners[owner].Distinct().Count());
                Assert.True(owners[owner].Count <= length);
                var left = candidates[owner].Except(owners[owner]).Where(other => exposures.GetValueOrDefault(other) < most);
                Assert.True(owners[owner].Count == length || !left.Any());
            }
        }
    });

    [Fact]
    public void The_same_market_gives_the_same_lists() => AnyMarket.Sample(market =>
    {
        var (one, other) = (TransferableUtility.Fit(market), TransferableUtility.Fit(market));
        Assert.Equal(one.Masses.ToArray(), other.Masses.ToArray());
        Assert.Equal(MarketLists.Balanced(market, one.Masses, 3, 1).Left, MarketLists.Balanced(market, other.Masses, 3, 1).Left);
    });

    [Fact]
    public void A_market_without_pairs_has_empty_lists_and_no_matches()
    {
        var market = new Market(2, 3, []);
        var matching = TransferableUtility.Fit(market);
        Assert.Equal([1, 1], matching.LeftUnmatched.ToArray());
        var figures = MarketFigures.Of(market, MarketLists.Balanced(market, matching.Masses, 5, 1));
        Assert.Equal(new MarketFigures(0, new SideFigures(0, 0, 2, 0, 0), new SideFigures(0, 0, 3, 0, 0)), figures);
    }

    [Theory]
    [InlineData(2, 0, 0.5, 0.5)]
    [InlineData(0, -1, 0.5, 0.5)]
    [InlineData(0, 0, 1.5, 0.5)]
    [InlineData(0, 0, 0.5, double.NaN)]
    public void Pairs_that_mean_nothing_are_refused(int left, int right, double leftLikes, double rightLikes) =>
        Assert.Throws<ArgumentException>(() => new Market(2, 2, [new(left, right, leftLikes, rightLikes)]));

    [Fact]
    public void What_does_not_fit_a_market_is_refused()
    {
        var market = new Market(1, 1, [new(0, 0, 0.5, 0.5)]);
        Assert.Throws<ArgumentException>(() => new Market(1, 1, [new(0, 0, 0.5, 0.5), new(0, 0, 0.4, 0.4)]));
        Assert.Throws<ArgumentOutOfRangeException>(() => TransferableUtility.Fit(market, TransferableUtility.SmallestSpread / 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => TransferableUtility.Fit(market, double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => MarketLists.Plain(market, 0));
        Assert.Throws<ArgumentException>(() => MarketLists.Balanced(market, [], 1));
        Assert.Throws<ArgumentException>(() => MarketLists.Balanced(market, [double.NaN], 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => MarketLists.Balanced(market, [1], 1, 0.5));
        Assert.Throws<ArgumentException>(() => MarketFigures.Of(market, new MarketLists([], [])));
        Assert.Throws<ArgumentException>(() => MarketFigures.Of(market, new MarketLists([[0, 0]], [[0]])));
        Assert.Throws<ArgumentException>(() => MarketFigures.Of(market, new MarketLists([[1]], [[0]])));
    }

    private static Market SparseMarket(int left, int right, double density, uint seed)
    {
        var random = new MersenneTwister(seed);
        return new Market(left, right, Enumerable.Range(0, left)
            .SelectMany(i => Enumerable.Range(0, right).Select(j => new MarketPair(i, j, random.NextDouble(), random.NextDouble())))
            .Where(_ => random.NextDouble() <= density));
    }

    private static Market StudyMarket()
    {
        var random = new MersenneTwister(0);
        var left = Draw(30, 20);
        var right = Draw(20, 30);
        return new Market(30, 20, Enumerable.Range(0, 30).SelectMany(i => Enumerable.Range(0, 20).Select(j => new MarketPair(i, j, left[i][j], right[j][i]))));

        double[][] Draw(int rows, int columns) => [.. Enumerable.Range(0, rows).Select(_ => Enumerable.Range(0, columns)
            .Select(column => 0.5 * random.NextDouble() + 0.5 * (1 - (double)column / (columns - 1)))
            .ToArray())];
    }
}
