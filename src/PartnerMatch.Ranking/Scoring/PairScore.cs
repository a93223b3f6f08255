namespace PartnerMatch.Ranking.Scoring;

/// <summary>The score of a pair with its exact explanation.</summary>
public sealed record PairScore
{
    /// <summary>Id of the asking enterprise (of <c>a</c> in a pair).</summary>
    public required string SubjectId { get; init; }

    /// <summary>Id of the partner (of <c>b</c>).</summary>
    public required string PartnerId { get; init; }

    /// <summary>The form scored.</summary>
    public required CooperationForm Form { get; init; }

    /// <summary>Who supplies: <see cref="Direction.Mutual"/> in a joint venture.</summary>
    public required Direction Direction { get; init; }

    /// <summary>0 to 100: the sum of the contributions.</summary>
    public required double Score { get; init; }

    /// <summary>The sum before the floor at 0: what the ranking goes by.</summary>
    public required double ValueBeforeFloor { get; init; }

    /// <summary>How much of the score rests on stated facts rather than on inference or missing fields, 0 to 1. Never scored.</summary>
    public required double Confidence { get; init; }

    /// <summary>One a component that has a weight, and one for the floor where it bites; their points add up to <see cref="Score"/>.</summary>
    public required IReadOnlyList<Contribution> Contributions { get; init; }

    /// <summary>What a reader should know besides the score. Never scored.</summary>
    public required IReadOnlyList<MatchNotice> Flags { get; init; }

    internal PartnerValue ToValue() => new(PartnerId, ValueBeforeFloor, Confidence, Direction);
}

/// <summary>What one component adds to a score.</summary>
public sealed record Contribution
{
    /// <summary>The name of the contribution that lifts a negative sum to 0.</summary>
    public const string Floor = "floor";

    /// <summary>The component's name, or <see cref="Floor"/>.</summary>
    public required string Component { get; init; }

    /// <summary>The normalised weight, negative for rivalry.</summary>
    public required double Weight { get; init; }

    /// <summary>The component's value; null where there is no evidence, which earns nothing.</summary>
    public required double? Value { get; init; }

    /// <summary>100 x weight x value.</summary>
    public required double Points { get; init; }

    /// <summary>Which direction of a directed component was scored; <see cref="Direction.Mutual"/> for the others.</summary>
    public Direction Direction { get; init; } = Direction.Mutual;

    /// <summary>The reasons, largest first.</summary>
    public IReadOnlyList<Term> Terms { get; init; } = [];

    /// <summary>What the component would say the other way round, unscored; null for a component without directions or a directed form.</summary>
    public OtherDirection? Other { get; init; }
}

/// <summary>The unscored direction of a directed component.</summary>
/// <param name="Direction">Which way.</param>
/// <param name="Value">The component's value that way; null where there is no evidence.</param>
/// <param name="Terms">The reasons, largest first; they earn no points.</param>
public sealed record OtherDirection(Direction Direction, double? Value, IReadOnlyList<Term> Terms);

/// <summary>What a reader should know besides the score.</summary>
public enum MatchNotice
{
    /// <summary>Every met need is inferred from what such enterprises usually use; none is stated.</summary>
    InferredOnly,

    /// <summary>The two make the same products for the same market.</summary>
    Rivals,

    /// <summary>One is more than ten times the other's size.</summary>
    SizesFarApart,

    /// <summary>A site's place is known by its region only.</summary>
    LocationApproximate,

    /// <summary>One of the two lists no offers.</summary>
    NoOffers,

    /// <summary>The partner has broken an agreement.</summary>
    BrokenAgreement,

    /// <summary>Rivalry outweighs everything else: the score was lifted to 0.</summary>
    FloorReached,

    /// <summary>The pair is excluded: it stands in no list.</summary>
    Excluded,
}
