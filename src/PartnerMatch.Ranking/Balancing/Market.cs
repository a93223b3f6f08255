namespace PartnerMatch.Ranking.Balancing;

/// <summary>A pair that could match, and how much each of the two would gain.</summary>
/// <param name="Left">The enterprise of the left side, 0 to the side's count less 1.</param>
/// <param name="Right">The enterprise of the right side, 0 to the side's count less 1.</param>
/// <param name="LeftLikes">What the left one gains, 0 to 1: the chance that it accepts the right one when it looks at it. A score is divided by 100.</param>
/// <param name="RightLikes">What the right one gains, 0 to 1; the same number where scores are symmetric, as those of joint ventures are.</param>
public readonly record struct MarketPair(int Left, int Right, double LeftLikes, double RightLikes);

/// <summary>
/// The sparse scores of two sides whose enterprises use their lists at the same time. A pair that is not given scores 0: it is on no list
/// and never matches. The order in which pairs are given means nothing.
/// </summary>
public sealed class Market
{
    private readonly MarketPair[] _pairs;

    /// <summary>Puts a market together.</summary>
    /// <param name="leftCount">Enterprises of the left side, at least 0.</param>
    /// <param name="rightCount">Enterprises of the right side, at least 0.</param>
    /// <param name="pairs">The pairs that could match, each once.</param>
    /// <exception cref="ArgumentException">A pair is of no enterprise, is given twice, or its gains are not within 0 and 1.</exception>
    public Market(int leftCount, int rightCount, IEnumerable<MarketPair> pairs)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(leftCount);
        ArgumentOutOfRangeException.ThrowIfNegative(rightCount);
        _pairs = [.. pairs];
        foreach (var pair in _pairs)
        {
            if ((uint)pair.Left >= (uint)leftCount || (uint)pair.Right >= (uint)rightCount)
            {
                throw new ArgumentException($"The pair ({pair.Left}, {pair.Right}) is outside a market of {leftCount} x {rightCount}.", nameof(pairs));
            }

            if (!(pair.LeftLikes is >= 0 and <= 1 && pair.RightLikes is >= 0 and <= 1))
            {
                throw new ArgumentException($"The gains of the pair ({pair.Left}, {pair.Right}) are not within 0 and 1.", nameof(pairs));
            }
        }

        Array.Sort(_pairs, (a, b) => a.Left != b.Left ? a.Left.CompareTo(b.Left) : a.Right.CompareTo(b.Right));
        for (var pair = 1; pair < _pairs.Length; pair++)
        {
            if (_pairs[pair].Left == _pairs[pair - 1].Left && _pairs[pair].Right == _pairs[pair - 1].Right)
            {
                throw new ArgumentException($"The pair ({_pairs[pair].Left}, {_pairs[pair].Right}) is given twice.", nameof(pairs));
            }
        }

        Left = new MarketSide(_pairs, leftCount, rightCount, isLeft: true);
        Right = new MarketSide(_pairs, rightCount, leftCount, isLeft: false);
    }

    /// <summary>Enterprises of the left side.</summary>
    public int LeftCount => Left.Count;

    /// <summary>Enterprises of the right side.</summary>
    public int RightCount => Right.Count;

    /// <summary>The pairs by left, then right enterprise: what is said of each pair elsewhere follows this order.</summary>
    public ReadOnlySpan<MarketPair> Pairs => _pairs;

    internal MarketSide Left { get; }

    internal MarketSide Right { get; }
}

/// <summary>The market as the enterprises of one side see it. A pair is its place in <see cref="Market.Pairs"/>.</summary>
internal sealed class MarketSide
{
    private readonly MarketPair[] _pairs;
    private readonly int[] _starts;
    private readonly int[] _ordered;
    private readonly bool _isLeft;

    public MarketSide(MarketPair[] pairs, int count, int otherCount, bool isLeft)
    {
        (_pairs, _isLeft, Count, OtherCount) = (pairs, isLeft, count, otherCount);
        _starts = new int[count + 1];
        for (var pair = 0; pair < pairs.Length; pair++)
        {
            _starts[Own(pair) + 1]++;
        }

        for (var own = 0; own < count; own++)
        {
            _starts[own + 1] += _starts[own];
        }

        _ordered = new int[pairs.Length];
        var next = _starts.AsSpan(0, count).ToArray();
        for (var pair = 0; pair < pairs.Length; pair++)
        {
            _ordered[next[Own(pair)]++] = pair;
        }
    }

    public int Count { get; }

    public int OtherCount { get; }

    /// <summary>The pairs of an enterprise, by the other side's enterprise.</summary>
    public ReadOnlySpan<int> PairsOf(int own) => _ordered.AsSpan(_starts[own].._starts[own + 1]);

    public int Own(int pair) => _isLeft ? _pairs[pair].Left : _pairs[pair].Right;

    public int Other(int pair) => _isLeft ? _pairs[pair].Right : _pairs[pair].Left;

    public double Likes(int pair) => _isLeft ? _pairs[pair].LeftLikes : _pairs[pair].RightLikes;

    public double IsLiked(int pair) => _isLeft ? _pairs[pair].RightLikes : _pairs[pair].LeftLikes;

    /// <summary>The pair of two enterprises, or -1 where they are none.</summary>
    public int Find(int own, int other)
    {
        var pairs = PairsOf(own);
        var (low, high) = (0, pairs.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) >> 1;
            var at = Other(pairs[middle]);
            if (at == other)
            {
                return pairs[middle];
            }

            (low, high) = at < other ? (middle + 1, high) : (low, middle - 1);
        }

        return -1;
    }
}
