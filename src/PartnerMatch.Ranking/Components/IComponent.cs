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

    /// <summary>The value for the ordered pair; a symmetric component gives the same for both orders.</summary>
    ComponentValue Evaluate(in OrderedPair pair);
}

/// <summary>A supplier (giver) and a buyer (receiver) with everything that a component may look at.</summary>
internal readonly record struct OrderedPair(
    ExpandedProfile Giver,
    ExpandedProfile Receiver,
    RankingKnowledge Knowledge,
    LinkKinds Kinds,
    Corridor Corridor,
    Scarcity Scarcity,
    AgreementRecord? Agreements)
{
    public OrderedPair Reversed => this with { Giver = Receiver, Receiver = Giver };
}

/// <summary>What a component says of a pair.</summary>
/// <param name="Value">In its range, or null: no evidence.</param>
/// <param name="Terms">The reasons, in a fixed order.</param>
/// <param name="StatedShare">How much of the value rests on stated facts, 0 to 1.</param>
internal readonly record struct ComponentValue(double? Value, IReadOnlyList<Term> Terms, double StatedShare)
{
    public static ComponentValue NoEvidence { get; } = new(null, [], 0);

    /// <summary>A value whose stated share follows from its terms' evidence; without terms, everything that was looked at was stated.</summary>
    public static ComponentValue From(double value, IReadOnlyList<Term> terms, double inferredConfidence)
    {
        double total = 0;
        double stated = 0;
        foreach (var term in terms)
        {
            total += Math.Abs(term.Value);
            stated += Math.Abs(term.Value) * (term.Evidence == Evidence.Stated ? 1 : inferredConfidence);
        }

        return new ComponentValue(value, terms, total > 0 ? stated / total : 1);
    }
}
