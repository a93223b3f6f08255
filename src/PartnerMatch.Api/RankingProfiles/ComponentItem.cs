using PartnerMatch.Ranking.Components;
using PartnerMatch.Ranking.Scoring;

namespace PartnerMatch.Api.RankingProfiles;

/// <summary>The components, in the order in which their points are summed.</summary>
internal sealed record ComponentList(IReadOnlyList<ComponentItem> Items);

/// <summary>One component of the score.</summary>
internal sealed record ComponentItem
{
    /// <summary>Its name in weights and contributions.</summary>
    public required string Name { get; init; }

    /// <summary>What it is called, in English.</summary>
    public required string Label { get; init; }

    /// <summary>What it is called, in Russian.</summary>
    public required string LabelRu { get; init; }

    /// <summary>What it says of a pair (a,b), in English.</summary>
    public required string Definition { get; init; }

    /// <summary>What it says of a pair (a,b), in Russian.</summary>
    public required string DefinitionRu { get; init; }

    /// <summary>Whether (a,b) and (b,a) may differ; a joint venture then scores the larger.</summary>
    public required bool Directed { get; init; }

    /// <summary>Whether its points are subtracted.</summary>
    public required bool Subtracts { get; init; }

    /// <summary>Its values as an interval: a round bracket leaves the end out.</summary>
    public required string Range { get; init; }

    /// <summary>How it is computed.</summary>
    public required string Formula { get; init; }

    /// <summary>The parameters of the model in the formula, at their current values.</summary>
    public required IReadOnlyList<ParameterValue> Parameters { get; init; }

    /// <summary>Where the formula comes from.</summary>
    public required string Source { get; init; }

    /// <summary>The facts that it needs, in English; without them there is no evidence and no points.</summary>
    public required string Facts { get; init; }

    /// <summary>The facts that it needs, in Russian.</summary>
    public required string FactsRu { get; init; }

    /// <summary>The kinds of its terms.</summary>
    public required IReadOnlyList<TermKind> TermKinds { get; init; }

    /// <summary>What one of its terms says, in English.</summary>
    public required string Terms { get; init; }

    /// <summary>What one of its terms says, in Russian.</summary>
    public required string TermsRu { get; init; }

    public static ComponentItem From(ComponentDescription c) => new()
    {
        Name = c.Name,
        Label = c.Label.En,
        LabelRu = c.Label.Ru,
        Definition = c.Definition.En,
        DefinitionRu = c.Definition.Ru,
        Directed = c.IsDirected,
        Subtracts = c.Name == ComponentRegistry.Subtracted,
        Range = c.Range.ToString(),
        Formula = c.Formula,
        Parameters = c.Parameters,
        Source = c.Source,
        Facts = c.Facts.En,
        FactsRu = c.Facts.Ru,
        TermKinds = c.TermKinds,
        Terms = c.Terms.En,
        TermsRu = c.Terms.Ru,
    };
}
