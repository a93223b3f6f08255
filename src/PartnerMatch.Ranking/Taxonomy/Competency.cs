namespace PartnerMatch.Ranking.Taxonomy;

/// <summary>A node of the competency taxonomy.</summary>
/// <param name="Code">The CPA 2008 code, two to six digits (see <see cref="CompetencyCode"/>).</param>
/// <param name="LabelEn">A short English name.</param>
/// <param name="LabelRu">A short Russian name, in the nominative.</param>
public sealed record Competency(string Code, string LabelEn, string LabelRu)
{
    /// <summary>What people write in English for it; never null.</summary>
    public IReadOnlyList<string> AliasesEn { get; init; } = [];

    /// <summary>What people write in Russian for it; never null.</summary>
    public IReadOnlyList<string> AliasesRu { get; init; } = [];
}

/// <summary>An offer of <paramref name="Code"/> answers a need for <paramref name="Substitute"/>, though neither lies above the other.</summary>
/// <param name="Code">The competency that is offered.</param>
/// <param name="Substitute">The competency that is needed.</param>
/// <param name="Near">How well it answers, in (0,1].</param>
public sealed record Substitution(string Code, string Substitute, double Near);
