using PartnerMatch.Ranking.Taxonomy;

namespace PartnerMatch.Ranking.Scoring;

/// <summary>Whether a term rests on what an enterprise states or on what is usual for its trade.</summary>
public enum Evidence
{
    /// <summary>Stated in a profile.</summary>
    Stated,

    /// <summary>Inferred from a production link, a home market or a region's place.</summary>
    Inferred,
}

/// <summary>What a term says.</summary>
public enum TermKind
{
    /// <summary>An offer of the giver meets a need of the receiver.</summary>
    MetNeed,

    /// <summary>The giver brings an input of a joint product that the receiver lacks.</summary>
    JointInput,

    /// <summary>The receiver trades in the giver's kind of goods.</summary>
    Outlet,

    /// <summary>The receiver serves a market that the giver does not.</summary>
    NewMarket,

    /// <summary>Both make the same or near products for different markets or segments.</summary>
    PooledProduct,

    /// <summary>Both make the same product for the same market.</summary>
    SharedProduct,

    /// <summary>The ratio of the two sizes.</summary>
    SizeRatio,

    /// <summary>The distance between the two sites.</summary>
    Distance,

    /// <summary>Agreements kept and broken.</summary>
    Agreements,
}

/// <summary>One reason inside a component: who brings what to whom, and why it counts.</summary>
public sealed record Term
{
    /// <summary>What the term says.</summary>
    public required TermKind Kind { get; init; }

    /// <summary>How much of the component's raw sum it makes, at least 0 (an agreement term may be below).</summary>
    public required double Value { get; init; }

    /// <summary>Its share of the contribution, in points of the score; filled in by the scorer.</summary>
    public double Points { get; init; }

    /// <summary>Id of the enterprise that gives; null where the term is symmetric.</summary>
    public string? GiverId { get; init; }

    /// <summary>Id of the enterprise that receives; null where the term is symmetric.</summary>
    public string? ReceiverId { get; init; }

    /// <summary>The competency offered.</summary>
    public string? OfferCode { get; init; }

    /// <summary>The competency needed, or the joint product's input.</summary>
    public string? NeedCode { get; init; }

    /// <summary>The receiver's product through which the need is inferred; for a joint input the joint product.</summary>
    public string? ViaCode { get; init; }

    /// <summary>The kind of the production link; null for a stated need.</summary>
    public LinkKind? Link { get; init; }

    /// <summary>Stated or inferred.</summary>
    public required Evidence Evidence { get; init; }

    /// <summary>ISO 3166 code of the market.</summary>
    public string? Market { get; init; }

    /// <summary>Kilometres for a distance, a ratio of at least 1 for sizes.</summary>
    public double? Measure { get; init; }
}
