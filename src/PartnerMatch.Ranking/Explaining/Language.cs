namespace PartnerMatch.Ranking.Explaining;

/// <summary>The languages that a match is explained in.</summary>
public enum Language
{
    /// <summary>English.</summary>
    En,

    /// <summary>Russian.</summary>
    Ru,
}
