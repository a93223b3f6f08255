using PartnerMatch.Ranking.Profiles;
using PartnerMatch.Ranking.Scoring;

namespace PartnerMatch.Ranking.Components;

/// <summary>Where two enterprises sell, compared: shared by the components that look at markets.</summary>
internal static class Markets
{
    /// <summary>The markets of <paramref name="partner"/> that <paramref name="seller"/> does not serve; a country covers its regions.</summary>
    public static IEnumerable<string> NewTo(ExpandedProfile seller, ExpandedProfile partner) =>
        partner.Markets.Where(market => !seller.Markets.Any(served => Covers(served, market)));

    /// <summary>
    /// The markets in which <paramref name="trade"/> could be a channel that <paramref name="maker"/> does not have yet. A trade that states no
    /// markets serves its own region; and a maker that sells somewhere in a country has not said that it has a channel in each region.
    /// </summary>
    public static IEnumerable<string> WithoutChannelOf(ExpandedProfile maker, ExpandedProfile trade) =>
        (trade.MarketsAreStated ? trade.Markets : [trade.Profile.Region]).Where(market => !maker.Markets.Contains(market, StringComparer.Ordinal));

    /// <summary>
    /// How far the two sell in the same places, 0 to 1: the shared part of all their markets (Jaccard); 1 inside a common market
    /// unless both list their markets.
    /// </summary>
    public static double Overlap(in OrderedPair pair)
    {
        var (a, b) = (pair.Giver, pair.Receiver);
        if (!(a.MarketsAreStated && b.MarketsAreStated) && pair.Corridor.IsCommonMarket(a.Profile.Country, b.Profile.Country))
        {
            return 1;
        }

        return Shared(a, b);
    }

    /// <summary>The shared part of all the markets where the two are known to sell, home included where nothing is stated, 0 to 1 (Jaccard).</summary>
    public static double Shared(ExpandedProfile a, ExpandedProfile b)
    {
        var all = a.Markets.Union(b.Markets, StringComparer.Ordinal).ToArray();
        var shared = all.Count(market => a.Markets.Any(m => Covers(m, market)) && b.Markets.Any(m => Covers(m, market)));
        return (double)shared / all.Length;
    }

    public static Evidence EvidenceOf(in OrderedPair pair) =>
        pair.Giver.MarketsAreStated && pair.Receiver.MarketsAreStated ? Evidence.Stated : Evidence.Inferred;

    private static bool Covers(string served, string market) =>
        served == market || (served.Length == 2 && market.StartsWith(served, StringComparison.Ordinal) && market.Length > 2 && market[2] == '-');
}
