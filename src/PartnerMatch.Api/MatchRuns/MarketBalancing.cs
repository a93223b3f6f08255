using PartnerMatch.Api.Http;
using PartnerMatch.Ranking.Balancing;
using PartnerMatch.Ranking.Scoring;

namespace PartnerMatch.Api.MatchRuns;

/// <summary>Puts lists that look at the market as a whole in the place of those that look at one enterprise at a time.</summary>
internal static class MarketBalancing
{
    /// <summary>A balanced list is chosen from so many times as many partners.</summary>
    private const int Choice = 2;

    /// <summary>How many partners of each enterprise a market looks at to list so many.</summary>
    public static int ChoiceOf(int top) => Math.Min(Paging.MaxLimit, Choice * top);

    /// <summary>Balances the lists of a run in which both sides ask.</summary>
    /// <param name="file">The run's results.</param>
    /// <param name="firstCount">How many of those that ask are of the first side; they come first.</param>
    /// <param name="top">At most so many partners an enterprise.</param>
    /// <param name="exposureCap">The cap of <see cref="MarketLists.Balanced"/>.</param>
    /// <param name="cancellation">Gives up between the steps.</param>
    /// <returns>What the lists do to the market.</returns>
    public static MatchRunMarket Balance(MatchRunFile file, int firstCount, int top, double exposureCap, CancellationToken cancellation)
    {
        var pairs = ReadPairs(file, firstCount);
        cancellation.ThrowIfCancellationRequested();
        var market = new Market(firstCount, file.Asking.Count - firstCount, pairs.Select(p => new MarketPair(p.First, p.Second, Likes(p), Likes(p))));
        var utility = TransferableUtility.Fit(market);
        cancellation.ThrowIfCancellationRequested();
        var balanced = MarketLists.Balanced(market, utility.Masses, top, exposureCap);
        var figures = new MatchRunMarket(
            utility.Rounds,
            MatchRunFigures.From(MarketFigures.Of(market, MarketLists.Plain(market, top))),
            MatchRunFigures.From(MarketFigures.Of(market, balanced)));
        cancellation.ThrowIfCancellationRequested();
        file.Balance(balanced.Left.Index().SelectMany(list => list.Item.Index().Select(place => ToResult(list.Index, place.Index + 1, place.Item, isFirst: true)))
            .Concat(balanced.Right.Index().SelectMany(list => list.Item.Index().Select(place => ToResult(list.Index, place.Index + 1, place.Item, isFirst: false)))));
        return figures;

        // A score of 100 is a chance of 1; scores stay below it but for the rounding of sums.
        static double Likes(RankedPair pair) => Math.Clamp(pair.Value / 100, 0, 1);

        (int, int, int, double, double, Direction, int?) ToResult(int own, int rank, int other, bool isFirst)
        {
            var (first, second) = isFirst ? (own, other) : (other, own);
            var pair = pairs[Find(pairs, first, second)];
            return isFirst
                ? (first, rank, firstCount + second, pair.Value, pair.Confidence, pair.FromFirst ?? Turn(pair.FromSecond!.Value), pair.FirstRank)
                : (firstCount + second, rank, first, pair.Value, pair.Confidence, pair.FromSecond ?? Turn(pair.FromFirst!.Value), pair.SecondRank);
        }
    }

    /// <summary>The pairs of all lists, each once, by the first side's enterprise and then the second's.</summary>
    private static List<RankedPair> ReadPairs(MatchRunFile file, int firstCount)
    {
        var listed = new List<RankedPair>();
        foreach (var r in file.ReadLists())
        {
            listed.Add(r.Asking < firstCount
                ? new RankedPair(r.Asking, r.Partner - firstCount, r.Value, r.Confidence, r.Direction, null, r.Rank, null)
                : new RankedPair(r.Partner, r.Asking - firstCount, r.Value, r.Confidence, null, r.Direction, null, r.Rank));
        }

        listed.Sort((a, b) => a.First != b.First ? a.First.CompareTo(b.First) : a.Second != b.Second ? a.Second.CompareTo(b.Second) : Nullable.Compare(b.FirstRank, a.FirstRank));
        var pairs = new List<RankedPair>(listed.Count);
        foreach (var pair in listed)
        {
            if (pairs.Count > 0 && pairs[^1].First == pair.First && pairs[^1].Second == pair.Second)
            {
                pairs[^1] = pairs[^1] with { FromSecond = pair.FromSecond, SecondRank = pair.SecondRank };
            }
            else
            {
                pairs.Add(pair);
            }
        }

        return pairs;
    }

    private static int Find(List<RankedPair> pairs, int first, int second)
    {
        var (low, high) = (0, pairs.Count - 1);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (pairs[middle].First < first || (pairs[middle].First == first && pairs[middle].Second < second))
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    private static Direction Turn(Direction direction) => direction switch
    {
        Direction.Mutual => Direction.Mutual,
        Direction.ToPartner => Direction.FromPartner,
        Direction.FromPartner => Direction.ToPartner,
    };

    /// <summary>A pair with its direction and its rank as the list of either enterprise has them; null where that list ends above it.</summary>
    private readonly record struct RankedPair(int First, int Second, double Value, double Confidence, Direction? FromFirst, Direction? FromSecond, int? FirstRank, int? SecondRank);
}
