namespace PartnerMatch.Ranking.Scoring;

/// <summary>Asks for the best pairs of a corridor.</summary>
public sealed record PairsQuery
{
    /// <summary>The weights and the form.</summary>
    public required RankingProfile Profile { get; init; }

    /// <summary>The corridor.</summary>
    public required Corridor Corridor { get; init; }

    /// <summary>Scarcity in that corridor.</summary>
    public required Scarcity Scarcity { get; init; }

    /// <summary>Pairs that must not be listed, whatever the score.</summary>
    public PairExclusions Exclusions { get; init; } = PairExclusions.None;

    /// <summary>The lowest score to list, 0 to 100; null takes the profile's threshold.</summary>
    public double? MinScore { get; init; }

    /// <summary>At most so many pairs, at least 1.</summary>
    public int Limit { get; init; } = 20;

    /// <summary>Go on after this place; null starts at the top.</summary>
    public PairsPosition? After { get; init; }
}

/// <summary>A place in a list of pairs: the order's own key.</summary>
/// <param name="Value">The value before the floor.</param>
/// <param name="Confidence">The confidence.</param>
/// <param name="FirstId">The enterprise of the corridor's first side.</param>
/// <param name="SecondId">The enterprise of its second side.</param>
/// <param name="Rank">Its rank, from 1.</param>
public sealed record PairsPosition(double Value, double Confidence, string FirstId, string SecondId, int Rank);

/// <summary>The best pairs of a corridor.</summary>
/// <param name="Items">Best first; the subject is of the corridor's first side.</param>
/// <param name="Candidates">How many pairs were scored.</param>
/// <param name="Excluded">How many enterprises were removed before scoring, by reason; of excluded pairs how many pairs.</param>
/// <param name="Next">Where to go on, or null at the end.</param>
public sealed record RankedPairs(
    IReadOnlyList<RankedPartner> Items,
    long Candidates,
    IReadOnlyDictionary<ExclusionReason, int> Excluded,
    PairsPosition? Next);
