using PartnerMatch.Ranking.Scoring;
using PartnerMatch.Ranking.Taxonomy;

namespace PartnerMatch.Ranking.Gaps;

/// <summary>What a corridor lacks.</summary>
/// <param name="Competencies">What one side needs and the other hardly supplies or not at all, the largest gap first.</param>
/// <param name="Avenues">Products that are wanted and that nobody makes, those nearest to being made first.</param>
public sealed record CorridorGaps(IReadOnlyList<CompetencyGap> Competencies, IReadOnlyList<NewAvenue> Avenues);

/// <summary>A competency that one side needs and the other hardly supplies or not at all.</summary>
public sealed record CompetencyGap
{
    /// <summary>The side that needs it.</summary>
    public required CorridorSide Side { get; init; }

    /// <summary>The competency.</summary>
    public required string Code { get; init; }

    /// <summary>
    /// What the ranking goes by: <c>need / (1 + supply + own supply)</c>. The whole need where nobody in the corridor supplies it; half of it where
    /// one enterprise of the needing side does.
    /// </summary>
    public required double Value { get; init; }

    /// <summary>The needs of all of the side, each in (0,1], added up.</summary>
    public required double Need { get; init; }

    /// <summary>How many need it.</summary>
    public required int Needing { get; init; }

    /// <summary>How many of them say so; of the others it is inferred.</summary>
    public required int Stating { get; init; }

    /// <summary>What the other side supplies, added up: 0 to below 1, where 1 were one enterprise whose core product it is.</summary>
    public required double Supply { get; init; }

    /// <summary>What the needing side supplies itself, added up, at least 0.</summary>
    public required double OwnSupply { get; init; }

    /// <summary>Who needs it most.</summary>
    public required IReadOnlyList<NeedingEnterprise> Most { get; init; }
}

/// <summary>An enterprise that needs something.</summary>
/// <param name="EnterpriseId">The enterprise.</param>
/// <param name="Need">How much, in (0,1].</param>
/// <param name="ViaCode">Its product through which the need is inferred; null where it is stated.</param>
/// <param name="Link">The kind of the production link; null where the need is stated.</param>
public sealed record NeedingEnterprise(string EnterpriseId, double Need, string? ViaCode, LinkKind? Link);

/// <summary>A product that is wanted and that nobody in the corridor makes.</summary>
public sealed record NewAvenue
{
    /// <summary>The product, how much it is wanted and why.</summary>
    public required JointProduct Product { get; init; }

    /// <summary>What the ranking goes by, in [0,1]: how much it is wanted times the cover that the closest pair would have with the first of its missing inputs.</summary>
    public required double Value { get; init; }

    /// <summary>The pairs that come closest, the closest first.</summary>
    public required IReadOnlyList<ClosePair> Pairs { get; init; }

    /// <summary>Enterprises of either side that make something of the same class, the nearest to the product first: they could put it together.</summary>
    public required IReadOnlyList<string> NearestMakers { get; init; }
}

/// <summary>A pair that has part of what goes into a product.</summary>
/// <param name="FirstId">The enterprise of the corridor's first side.</param>
/// <param name="SecondId">The enterprise of its second side.</param>
/// <param name="Cover">How much of the product's main inputs the two can supply, 0 to 1.</param>
/// <param name="Brings">What they bring, the weightiest first.</param>
/// <param name="Missing">What they lack, what would help most first.</param>
public sealed record ClosePair(string FirstId, string SecondId, double Cover, IReadOnlyList<BroughtInput> Brings, IReadOnlyList<MissingInput> Missing);

/// <summary>An input that an enterprise can supply.</summary>
/// <param name="Code">The input.</param>
/// <param name="EnterpriseId">Who can supply it best.</param>
public sealed record BroughtInput(string Code, string EnterpriseId);

/// <summary>An input that a pair lacks, or can only supply in part.</summary>
/// <param name="Code">The input.</param>
/// <param name="CoverWith">The pair's cover if it had it.</param>
public sealed record MissingInput(string Code, double CoverWith);
