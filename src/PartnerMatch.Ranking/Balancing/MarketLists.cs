namespace PartnerMatch.Ranking.Balancing;

/// <summary>The lists of every enterprise of a market, each of the other side's enterprises, best first.</summary>
/// <param name="Left">The list of each left enterprise.</param>
/// <param name="Right">The list of each right enterprise.</param>
public sealed record MarketLists(IReadOnlyList<IReadOnlyList<int>> Left, IReadOnlyList<IReadOnlyList<int>> Right)
{
    /// <summary>The lists that look at one enterprise at a time: each by what it gains itself.</summary>
    /// <param name="market">The market.</param>
    /// <param name="length">At most so many on a list, at least 1.</param>
    public static MarketLists Plain(Market market, int length)
    {
        ArgumentNullException.ThrowIfNull(market);
        return new(Draw(market.Left, LikesOf(market.Left), length, null), Draw(market.Right, LikesOf(market.Right), length, null));

        double[] LikesOf(MarketSide side)
        {
            var likes = new double[market.Pairs.Length];
            for (var pair = 0; pair < likes.Length; pair++)
            {
                likes[pair] = side.Likes(pair);
            }

            return likes;
        }
    }

    /// <summary>Lists by a value of each pair that both of its enterprises see alike, with a cap on how many lists one may be on.</summary>
    /// <param name="market">The market.</param>
    /// <param name="values">
    /// The value of each pair in the order of <see cref="Market.Pairs"/>; for balanced lists the <see cref="TransferableUtility.Masses"/>.
    /// </param>
    /// <param name="length">At most so many on a list, at least 1.</param>
    /// <param name="exposureCap">
    /// An enterprise is on at most this many times its fair share of lists, at least 1; null is no cap. The fair share is the number of
    /// places on all lists of the other side, <c>sum_i min(length, candidates of i)</c>, divided by the enterprises that could take one;
    /// the cap is rounded up. Places go to the pairs of highest value first, which reaches at least half of the highest sum of values
    /// that any lists under the caps reach. A list is shorter than it could be only where all its other candidates are at their cap.
    /// </param>
    /// <exception cref="ArgumentException">The values are not one number a pair.</exception>
    public static MarketLists Balanced(Market market, ReadOnlySpan<double> values, int length, double? exposureCap = null)
    {
        ArgumentNullException.ThrowIfNull(market);
        if (values.Length != market.Pairs.Length)
        {
            throw new ArgumentException($"There are {values.Length} values for {market.Pairs.Length} pairs.", nameof(values));
        }

        foreach (var value in values)
        {
            if (!double.IsFinite(value))
            {
                throw new ArgumentException("A value is not a number.", nameof(values));
            }
        }

        var ordered = values.ToArray();
        return new(Draw(market.Left, ordered, length, exposureCap), Draw(market.Right, ordered, length, exposureCap));
    }

    /// <summary>On how many lists of the owners one of the other side may be at most; see <see cref="Balanced"/>.</summary>
    private static int LargestExposure(MarketSide owners, int length, double exposureCap)
    {
        if (!(exposureCap >= 1 && double.IsFinite(exposureCap)))
        {
            throw new ArgumentOutOfRangeException(nameof(exposureCap), exposureCap, "The cap is a number from 1.");
        }

        var places = 0L;
        var takers = new HashSet<int>();
        for (var owner = 0; owner < owners.Count; owner++)
        {
            var pairs = owners.PairsOf(owner);
            places += Math.Min(length, pairs.Length);
            foreach (var pair in pairs)
            {
                takers.Add(owners.Other(pair));
            }
        }

        return takers.Count == 0 ? 0 : (int)Math.Min(int.MaxValue, Math.Ceiling(exposureCap * places / takers.Count));
    }

    private static List<int>[] Draw(MarketSide owners, double[] values, int length, double? exposureCap)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        var cap = exposureCap is { } times ? LargestExposure(owners, length, times) : int.MaxValue;
        var order = new int[values.Length];
        for (var pair = 0; pair < order.Length; pair++)
        {
            order[pair] = pair;
        }

        // A total order: equal values go by enterprise, so that the same market gives the same lists.
        Array.Sort(order, (a, b) => values[a] != values[b] ? values[b].CompareTo(values[a]) : a.CompareTo(b));
        var lists = new List<int>[owners.Count];
        for (var owner = 0; owner < lists.Length; owner++)
        {
            lists[owner] = new List<int>(Math.Min(length, owners.PairsOf(owner).Length));
        }

        var exposures = new int[owners.OtherCount];
        foreach (var pair in order)
        {
            var (list, other) = (lists[owners.Own(pair)], owners.Other(pair));
            if (list.Count < length && exposures[other] < cap)
            {
                list.Add(other);
                exposures[other]++;
            }
        }

        return lists;
    }
}
