namespace PartnerMatch.Api.Matches;

/// <summary>Between what every score lies, and so what may be asked of one.</summary>
internal static class ScoreBounds
{
    public const double Lowest = 0;
    public const double Highest = 100;
}
