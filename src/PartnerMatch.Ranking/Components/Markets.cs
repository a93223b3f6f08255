using PartnerMatch.Ranking.Profiles;
using PartnerMatch.Ranking.Scoring;

namespace PartnerMatch.Ranking.Components;

/// <summary>Where two enterprises sell, compared: shared by the components that look at markets.</summary>
internal static class Markets
{
    /// <summary>The number of markets of <paramref name="partner"/> that <paramref name="seller"/> does not serve; a country covers its regions.</summary>
    public static int CountNewTo(ExpandedProfile seller, ExpandedProfile partner)
    {
        var count = 0;
        foreach (var market in partner.Markets)
        {
            count += IsServed(seller, market) ? 0 : 1;
        }

        return count;
    }

    /// <summary>Those markets.</summary>
    public static IEnumerable<string> NewTo(ExpandedProfile seller, ExpandedProfile partner) => partner.Markets.Where(market => !IsServed(seller, market));

    /// <summary>
    /// The first market in which <paramref name="trade"/> could be a channel that <paramref name="maker"/> does not have yet, or null. A trade that states no
    /// markets serves its own region; and a maker that sells somewhere in a country has not said that it has a channel in each region.
    /// </summary>
    public static string? FirstWithoutChannelOf(ExpandedProfile maker, ExpandedProfile trade)
    {
        if (!trade.MarketsAreStated)
        {
            return Sells(maker, trade.Profile.Region) ? null : trade.Profile.Region;
        }

        foreach (var market in trade.Markets)
        {
            if (!Sells(maker, market))
            {
                return market;
            }
        }

        return null;
    }

    /// <summary>
    /// How far the two sell in the same places, 0 to 1: the shared part of all their markets (Jaccard); 1 inside a common market
    /// unless both list their markets.
    /// </summary>
    public static double Overlap(ExpandedProfile a, ExpandedProfile b, Corridor corridor)
    {
        if (!(a.MarketsAreStated && b.MarketsAreStated) && corridor.IsCommonMarket(a.Profile.Country, b.Profile.Country))
        {
            return 1;
        }

        return Shared(a, b);
    }

    /// <summary>The shared part of all the markets where the two are known to sell, home included where nothing is stated, 0 to 1 (Jaccard).</summary>
    public static double Shared(ExpandedProfile a, ExpandedProfile b)
    {
        var (all, shared) = (a.Markets.Length, 0);
        foreach (var market in a.Markets)
        {
            shared += IsServed(b, market) ? 1 : 0;
        }

        foreach (var market in b.Markets)
        {
            if (!Sells(a, market))
            {
                all++;
                shared += IsServed(a, market) ? 1 : 0;
            }
        }

        return (double)shared / all;
    }

    public static Evidence EvidenceOf(in OrderedPair pair) =>
        pair.Giver.MarketsAreStated && pair.Receiver.MarketsAreStated ? Evidence.Stated : Evidence.Inferred;

    private static bool Sells(ExpandedProfile seller, string market)
    {
        foreach (var sold in seller.Markets)
        {
            if (string.Equals(sold, market, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsServed(ExpandedProfile seller, string market)
    {
        foreach (var served in seller.Markets)
        {
            if (Covers(served, market))
            {
                return true;
            }
        }

        return false;
    }

    private static bool Covers(string served, string market) => string.Equals(served, market, StringComparison.Ordinal)
        || (served.Length == 2 && market.Length > 2 && market[2] == '-' && market.StartsWith(served, StringComparison.Ordinal));
}
