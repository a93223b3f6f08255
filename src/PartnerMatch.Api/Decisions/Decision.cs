using System.Text.Json.Serialization;
using PartnerMatch.Ranking.Scoring;

namespace PartnerMatch.Api.Decisions;

/// <summary>What staff decide of a pair.</summary>
internal enum DecisionKind
{
    /// <summary>The two shall meet.</summary>
    Accept,

    /// <summary>The two do not fit.</summary>
    Reject,

    /// <summary>The two must not be matched, in whatever form: they stand in no list from now on.</summary>
    Exclude,

    /// <summary>What was decided before no longer holds.</summary>
    Withdraw,
}

/// <summary>Why a pair was rejected or excluded.</summary>
internal enum DecisionReason
{
    /// <summary>What one offers the other does not need.</summary>
    NotNeeded,

    /// <summary>The supplier has no capacity left.</summary>
    NoCapacity,

    /// <summary>They compete.</summary>
    Competitors,

    /// <summary>Quality, certificates or technology do not suffice.</summary>
    Quality,

    /// <summary>Price or terms do not suffice.</summary>
    Price,

    /// <summary>They lie too far apart.</summary>
    TooFar,

    /// <summary>Their sizes differ too much.</summary>
    SizesApart,

    /// <summary>The market that one would open is closed or of no use to the other.</summary>
    Market,

    /// <summary>Earlier agreements went badly.</summary>
    BadExperience,

    /// <summary>One was asked, and does not want.</summary>
    NotInterested,

    /// <summary>They are partners already. Says nothing of how well they fit: learning passes it over.</summary>
    AlreadyPartners,

    /// <summary>A profile is wrong. Learning passes it over.</summary>
    WrongData,

    /// <summary>Law, sanctions or ownership stand against it. Learning passes it over.</summary>
    LegalObstacle,

    /// <summary>Another reason, told in the comment.</summary>
    Other,
}

/// <summary>What was decided of a pair, with what the pair scored at that moment.</summary>
internal sealed record Decision
{
    public required string Id { get; init; }

    /// <summary>One enterprise; the supplier in a directed form.</summary>
    public required string A { get; init; }

    /// <summary>The other enterprise.</summary>
    public required string B { get; init; }

    /// <summary>The form that was looked at.</summary>
    public required CooperationForm Form { get; init; }

    /// <summary>The corridor in which the pair was scored.</summary>
    public required string Corridor { get; init; }

    /// <summary>What was decided.</summary>
    [JsonPropertyName("decision")]
    public required DecisionKind Kind { get; init; }

    /// <summary>Why; null where the kind takes no reason.</summary>
    public required DecisionReason? Reason { get; init; }

    /// <summary>In words.</summary>
    public required string? Comment { get; init; }

    /// <summary>The role or account that decided.</summary>
    public required string? By { get; init; }

    /// <summary>Whether it is the latest of the pair; an earlier one is history.</summary>
    public required bool Stands { get; init; }

    /// <summary>The score at that moment, 0 to 100.</summary>
    public required double Score { get; init; }

    /// <summary>The value of every component at that moment, whatever it weighed; null: no evidence.</summary>
    public required IReadOnlyDictionary<string, double?> Components { get; init; }

    /// <summary>The data that were scored.</summary>
    public required string DataVersion { get; init; }

    /// <summary>The weights that scored them.</summary>
    public required string WeightsHash { get; init; }

    public required DateTimeOffset DecidedAt { get; init; }
}
