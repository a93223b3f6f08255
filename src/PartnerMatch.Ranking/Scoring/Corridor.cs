using PartnerMatch.Ranking.Profiles;

namespace PartnerMatch.Ranking.Scoring;

/// <summary>The two sides that are matched.</summary>
/// <param name="Id">Stable identifier, <c>by-ru-sam</c>.</param>
/// <param name="First">ISO 3166 codes of countries or regions of one side.</param>
/// <param name="Second">The same of the other side.</param>
/// <param name="CommonMarket">ISO 3166-1 codes of countries that form one market; empty where none do.</param>
/// <param name="TypicalDistanceKm">The distance at which proximity is one half: typical of partners across this corridor, above 0.</param>
public sealed record Corridor(string Id, IReadOnlyList<string> First, IReadOnlyList<string> Second, IReadOnlyList<string> CommonMarket, double TypicalDistanceKm)
{
    /// <summary>The side that the enterprise belongs to, or null where it belongs to none.</summary>
    public CorridorSide? SideOf(EnterpriseProfile profile)
    {
        ArgumentNullException.ThrowIfNull(profile);
        return SideOf(profile.Region, profile.Country);
    }

    /// <summary>The side that a region of a country belongs to, or null where it belongs to none.</summary>
    public CorridorSide? SideOf(string region, string country) =>
        Holds(First, region, country) ? CorridorSide.First : Holds(Second, region, country) ? CorridorSide.Second : null;

    /// <summary>Whether both countries belong to the common market, or are one.</summary>
    internal bool IsCommonMarket(string country, string other) =>
        country == other || (CommonMarket.Contains(country) && CommonMarket.Contains(other));

    private static bool Holds(IReadOnlyList<string> places, string region, string country) => places.Contains(region) || places.Contains(country);
}

/// <summary>A side of a corridor.</summary>
public enum CorridorSide
{
    /// <summary>The side named first.</summary>
    First,

    /// <summary>The side named second.</summary>
    Second,
}
