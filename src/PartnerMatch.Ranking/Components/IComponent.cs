using PartnerMatch.Ranking.Profiles;
using PartnerMatch.Ranking.Scoring;

namespace PartnerMatch.Ranking.Components;

/// <summary>One criterion of the score: a stable name, a value with its terms, and what it needs to know.</summary>
internal interface IComponent
{
    /// <summary>Stable kebab-case name.</summary>
    string Name { get; }

    /// <summary>Whether <c>(a,b)</c> and <c>(b,a)</c> may differ.</summary>
    bool IsDirected { get; }

    /// <summary>What it measures, with the parameters at their current values.</summary>
    ComponentDescription Describe(ModelParameters parameters);

    /// <summary>The value for the ordered pair; a symmetric component gives the same for both orders. Terms only where the pair asks for them.</summary>
    ComponentValue Evaluate(in OrderedPair pair);
}

/// <summary>A supplier (giver) and a buyer (receiver) with everything that a component may look at.</summary>
/// <param name="Giver">The supplier.</param>
/// <param name="Receiver">The buyer.</param>
/// <param name="Meeting">What the two have in common, found once for all components.</param>
/// <param name="Knowledge">Taxonomy, links and parameters.</param>
/// <param name="Corridor">The corridor.</param>
/// <param name="Agreements">Agreements between the two, if any are known.</param>
/// <param name="Explains">Somebody will read the terms; values are the same either way.</param>
internal readonly record struct OrderedPair(
    ExpandedProfile Giver,
    ExpandedProfile Receiver,
    Meeting Meeting,
    RankingKnowledge Knowledge,
    Corridor Corridor,
    AgreementRecord? Agreements,
    bool Explains)
{
    public OrderedPair Reversed => this with { Giver = Receiver, Receiver = Giver };

    /// <summary>What the giver brings of what the receiver needs.</summary>
    public MetNeeds MetNeeds => Meeting.GivenBy(Giver);
}

/// <summary>What a component says of a pair.</summary>
/// <param name="Value">In its range, or null: no evidence.</param>
/// <param name="Terms">The reasons, in a fixed order; none where nobody asks for them.</param>
/// <param name="StatedShare">How much of the value rests on stated facts, 0 to 1.</param>
internal readonly record struct ComponentValue(double? Value, IReadOnlyList<Term> Terms, double StatedShare)
{
    public static ComponentValue NoEvidence { get; } = new(null, [], 0);

    /// <summary>There is nothing to say, and everything that was looked at was stated.</summary>
    public static ComponentValue Nothing { get; } = new(0, [], 1);
}

/// <summary>Adds up how much of a value rests on stated facts.</summary>
internal struct StatedShare(double inferredConfidence)
{
    private double _total;
    private double _stated;

    public void Add(double value, Evidence evidence)
    {
        _total += Math.Abs(value);
        _stated += Math.Abs(value) * (evidence == Evidence.Stated ? 1 : inferredConfidence);
    }

    /// <summary>Where nothing was added, everything that was looked at was stated.</summary>
    public readonly double Value => _total > 0 ? _stated / _total : 1;

    /// <summary>The share of a value with one reason.</summary>
    public static double Of(double value, Evidence evidence, double inferredConfidence)
    {
        var share = new StatedShare(inferredConfidence);
        share.Add(value, evidence);
        return share.Value;
    }
}
