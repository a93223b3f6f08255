using PartnerMatch.Ranking.Profiles;

namespace PartnerMatch.Ranking.Scoring;

/// <summary>Who asks for partners, for what, and under which limits.</summary>
public sealed record RankingQuery
{
    /// <summary>The asking enterprise; it need not be a candidate itself.</summary>
    public required ExpandedProfile Subject { get; init; }

    /// <summary>The weights and the form.</summary>
    public required RankingProfile Profile { get; init; }

    /// <summary>The corridor; the subject belongs to one of its sides.</summary>
    public required Corridor Corridor { get; init; }

    /// <summary>Scarcity in that corridor.</summary>
    public required Scarcity Scarcity { get; init; }

    /// <summary>The subject's role in a directed form; <see cref="PartnerRole.Any"/> in a joint venture.</summary>
    public PartnerRole Role { get; init; } = PartnerRole.Any;

    /// <summary>The lowest score to list, 0 to 100; null takes the profile's threshold.</summary>
    public double? MinScore { get; init; }

    /// <summary>At most so many partners, at least 1.</summary>
    public int Limit { get; init; } = 20;

    /// <summary>Go on after this place; null starts at the top.</summary>
    public RankingPosition? After { get; init; }

    /// <summary>Who must not be listed, whatever the score.</summary>
    public MatchConstraints Constraints { get; init; } = MatchConstraints.None;

    /// <summary>Agreements between the subject and a candidate's id; null where none are known.</summary>
    public Func<string, AgreementRecord?>? AgreementsWith { get; init; }
}

/// <summary>A place in a ranking: the order's own key, so that a list can go on where it stopped.</summary>
/// <param name="Value">The value before the floor.</param>
/// <param name="Confidence">The confidence.</param>
/// <param name="PartnerId">The partner's id.</param>
/// <param name="Rank">Its rank, from 1.</param>
public sealed record RankingPosition(double Value, double Confidence, string PartnerId, int Rank);

/// <summary>Hard constraints: they remove a candidate before scoring.</summary>
/// <param name="ExcludedEnterprises">Ids that must not be paired with the subject.</param>
/// <param name="ExcludedRegions">ISO 3166 codes of regions or countries.</param>
/// <param name="BlockedEnterprises">Ids that must not be recommended to anybody.</param>
public sealed record MatchConstraints(
    IReadOnlySet<string> ExcludedEnterprises,
    IReadOnlySet<string> ExcludedRegions,
    IReadOnlySet<string> BlockedEnterprises)
{
    private static readonly HashSet<string> Nobody = [];

    /// <summary>No constraint besides the profile's status.</summary>
    public static MatchConstraints None { get; } = new(Nobody, Nobody, Nobody);

    /// <summary>Why the candidate is out, or null where it is not.</summary>
    public ExclusionReason? ReasonToExclude(EnterpriseProfile candidate)
    {
        ArgumentNullException.ThrowIfNull(candidate);
        return candidate.Status != ProfileStatus.Published ? ReasonToExclude(candidate.Status, candidate.Region, candidate.Country)
            : BlockedEnterprises.Contains(candidate.Id) ? ExclusionReason.Blocked
            : ExcludedEnterprises.Contains(candidate.Id) ? ExclusionReason.ExcludedPair
            : ReasonToExclude(candidate.Status, candidate.Region, candidate.Country);
    }

    /// <summary>Why whoever is in such a state and place is out, or null where only its id could say so.</summary>
    internal ExclusionReason? ReasonToExclude(ProfileStatus status, string region, string country) => status switch
    {
        ProfileStatus.Ceased => ExclusionReason.Ceased,
        ProfileStatus.Withdrawn => ExclusionReason.Withdrawn,
        ProfileStatus.Draft => ExclusionReason.Draft,
        ProfileStatus.Published => ExcludedRegions.Contains(region) || ExcludedRegions.Contains(country) ? ExclusionReason.ExcludedRegion : null,
    };
}

/// <summary>Why a candidate was removed before scoring.</summary>
public enum ExclusionReason
{
    /// <summary>The pair is excluded.</summary>
    ExcludedPair,

    /// <summary>Its region or country is excluded.</summary>
    ExcludedRegion,

    /// <summary>It must not be recommended to anybody.</summary>
    Blocked,

    /// <summary>Its profile is not public yet.</summary>
    Draft,

    /// <summary>Its profile was withdrawn.</summary>
    Withdrawn,

    /// <summary>It is known to have ceased.</summary>
    Ceased,
}
