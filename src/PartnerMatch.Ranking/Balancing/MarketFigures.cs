namespace PartnerMatch.Ranking.Balancing;

/// <summary>
/// What lists do to a market when everybody uses theirs at once, as Tomita and Yokoyama measure it ("Fair Reciprocal Recommendation in
/// Matching Markets", RecSys 2024): the enterprise in place <c>r</c> of a list is looked at with chance <c>1/r</c>, and a pair matches
/// when each looks at the other and likes it.
/// </summary>
/// <param name="ExpectedMatches">
/// Sum over all pairs of <c>leftLikes / (place of right in left's list) * rightLikes / (place of left in right's list)</c>; a pair of which
/// one is not on the other's list adds nothing.
/// </param>
/// <param name="Left">How the left side fares.</param>
/// <param name="Right">How the right side fares.</param>
public sealed record MarketFigures(double ExpectedMatches, SideFigures Left, SideFigures Right)
{
    // Sums of the same numbers in another order differ by this much and less: that is no envy.
    private const double EnvyTolerance = 1e-9;

    /// <summary>Measures the lists of a market.</summary>
    /// <param name="market">The market.</param>
    /// <param name="lists">One list an enterprise, of its own pairs, each at most once.</param>
    /// <exception cref="ArgumentException">The lists are not of this market.</exception>
    public static MarketFigures Of(Market market, MarketLists lists)
    {
        ArgumentNullException.ThrowIfNull(market);
        ArgumentNullException.ThrowIfNull(lists);
        var (left, right) = (LooksOf(market.Left, lists.Left, market.Pairs.Length), LooksOf(market.Right, lists.Right, market.Pairs.Length));
        var matches = 0.0;
        for (var pair = 0; pair < left.Length; pair++)
        {
            matches += left[pair] * market.Left.Likes(pair) * right[pair] * market.Right.Likes(pair);
        }

        return new(matches, SideOf(market.Left, left, right, lists.Right), SideOf(market.Right, right, left, lists.Left));
    }

    /// <summary>How likely the owner of each pair looks at the other.</summary>
    private static double[] LooksOf(MarketSide owners, IReadOnlyList<IReadOnlyList<int>> lists, int pairs)
    {
        if (lists.Count != owners.Count)
        {
            throw new ArgumentException($"There are {lists.Count} lists for {owners.Count} enterprises.", nameof(lists));
        }

        var looks = new double[pairs];
        for (var owner = 0; owner < lists.Count; owner++)
        {
            for (var place = 0; place < lists[owner].Count; place++)
            {
                var pair = owners.Find(owner, lists[owner][place]);
                if (pair < 0 || looks[pair] > 0)
                {
                    throw new ArgumentException($"Place {place + 1} of list {owner} is no pair of the market, or listed before.", nameof(lists));
                }

                looks[pair] = 1.0 / (place + 1);
            }
        }

        return looks;
    }

    private static SideFigures SideOf(MarketSide side, double[] looks, double[] isLookedAt, IReadOnlyList<IReadOnlyList<int>> othersLists)
    {
        var exposures = new double[side.Count];
        var onLists = new int[side.Count];
        for (var own = 0; own < side.Count; own++)
        {
            foreach (var pair in side.PairsOf(own))
            {
                exposures[own] += isLookedAt[pair];
                onLists[own] += isLookedAt[pair] > 0 ? 1 : 0;
            }
        }

        var (envious, envies) = EnvyOf(side, looks, othersLists);
        return new SideFigures(GiniOf(exposures), onLists.Length == 0 ? 0 : onLists.Max(), onLists.Count(lists => lists == 0), envious, envies);
    }

    /// <summary>
    /// One envies another of its side where it would expect more matches with the other's places in all lists than with its own, what it
    /// likes and how it is liked being as they are.
    /// </summary>
    private static (int Envious, long Envies) EnvyOf(MarketSide side, double[] looks, IReadOnlyList<IReadOnlyList<int>> othersLists)
    {
        var (envious, envies) = (0, 0L);
        var expected = new double[side.Count];
        var touched = new List<int>();
        for (var own = 0; own < side.Count; own++)
        {
            foreach (var pair in side.PairsOf(own))
            {
                var chance = looks[pair] * side.Likes(pair) * side.IsLiked(pair);
                if (chance == 0)
                {
                    continue;
                }

                var list = othersLists[side.Other(pair)];
                for (var place = 0; place < list.Count; place++)
                {
                    if (expected[list[place]] == 0)
                    {
                        touched.Add(list[place]);
                    }

                    expected[list[place]] += chance / (place + 1);
                }
            }

            var mine = expected[own];
            var envied = touched.Count(peer => expected[peer] > mine + EnvyTolerance);
            envious += envied > 0 ? 1 : 0;
            envies += envied;
            foreach (var peer in touched)
            {
                expected[peer] = 0;
            }

            touched.Clear();
        }

        return (envious, envies);
    }

    /// <summary><c>sum_k (2k - n - 1) x_k / (n * sum x)</c> over the values in ascending order, k from 1.</summary>
    private static double GiniOf(double[] values)
    {
        var ascending = values.Order().ToArray();
        var (weighted, sum) = (0.0, 0.0);
        for (var at = 0; at < ascending.Length; at++)
        {
            weighted += (2.0 * (at + 1) - ascending.Length - 1) * ascending[at];
            sum += ascending[at];
        }

        return sum == 0 ? 0 : weighted / (ascending.Length * sum);
    }
}

/// <summary>How the enterprises of a side fare under lists.</summary>
/// <param name="ExposureGini">
/// How unevenly they are looked at: the Gini coefficient, 0 (all alike) to below 1 (one has all), of the sum over the other side's lists of
/// 1 / (place in the list), enterprises on no list included.
/// </param>
/// <param name="LargestExposure">On how many lists the one that is on most is.</param>
/// <param name="OnNoList">How many are on no list.</param>
/// <param name="Envious">How many envy at least one of their side: they would expect more matches in its places.</param>
/// <param name="Envies">How many pairs of one who envies and one who is envied there are.</param>
public sealed record SideFigures(double ExposureGini, int LargestExposure, int OnNoList, int Envious, long Envies);
