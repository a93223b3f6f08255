namespace PartnerMatch.Ranking.Scoring;

/// <summary>The answer to a <see cref="RankingQuery"/>.</summary>
public sealed record RankedPartners
{
    /// <summary>The partners, best first.</summary>
    public required IReadOnlyList<RankedPartner> Items { get; init; }

    /// <summary>How many candidates were scored.</summary>
    public required int Candidates { get; init; }

    /// <summary>How often a candidate's score was computed: what the list cost. An index rules out most candidates without it.</summary>
    public required int Scored { get; init; }

    /// <summary>How many were removed before scoring, by reason.</summary>
    public required IReadOnlyDictionary<ExclusionReason, int> Excluded { get; init; }

    /// <summary>Where to go on, or null at the end.</summary>
    public required RankingPosition? Next { get; init; }

    /// <summary>What came closest, where nothing reached the threshold; else empty.</summary>
    public required IReadOnlyList<RankedPartner> Nearest { get; init; }

    /// <summary>What was lacking, where nothing reached the threshold; else empty.</summary>
    public required IReadOnlyList<Lack> Missing { get; init; }
}

/// <summary>A partner with its place in the list.</summary>
/// <param name="Rank">From 1.</param>
/// <param name="Score">The explained score.</param>
public sealed record RankedPartner(int Rank, PairScore Score);

/// <summary>A partner's score without the reasons.</summary>
/// <param name="PartnerId">The partner.</param>
/// <param name="Value">The value before the floor at 0: what the ranking goes by.</param>
/// <param name="Confidence">How much of the score rests on stated facts, 0 to 1.</param>
/// <param name="Direction">Who supplies: <see cref="Direction.Mutual"/> in a joint venture.</param>
public readonly record struct PartnerValue(string PartnerId, double Value, double Confidence, Direction Direction)
{
    /// <summary>0 to 100.</summary>
    public double Score => Math.Max(0, Value);
}

/// <summary>Where a partner stands among all candidates.</summary>
public sealed record PartnerStanding
{
    /// <summary>One more than the candidates that stand above it; null where it is no candidate.</summary>
    public required int? Rank { get; init; }

    /// <summary>Why it is no candidate; null where it is one.</summary>
    public required ExclusionReason? Excluded { get; init; }

    /// <summary>How many candidates there are.</summary>
    public required int Candidates { get; init; }

    /// <summary>What stands above it, the best first; of many the first and those just above it.</summary>
    public required IReadOnlyList<(int Rank, PartnerValue Value)> Above { get; init; }
}

/// <summary>Why nothing reached the threshold.</summary>
/// <param name="Kind">What lacks.</param>
/// <param name="Code">The competency that lacks, where it is one.</param>
/// <param name="Component">The component that has no evidence, where it is one.</param>
public sealed record Lack(LackKind Kind, string? Code = null, string? Component = null);

/// <summary>What lacks.</summary>
public enum LackKind
{
    /// <summary>The other side has no candidate at all.</summary>
    NoCandidates,

    /// <summary>The profile says nothing of what the enterprise makes or does.</summary>
    NoOffers,

    /// <summary>The profile has no need, stated or inferred.</summary>
    NoNeeds,

    /// <summary>A need that nobody on the other side meets.</summary>
    UnmetNeed,

    /// <summary>An offer that nobody on the other side needs.</summary>
    UnwantedOffer,

    /// <summary>A component that had no evidence for what came closest.</summary>
    NoEvidence,
}
