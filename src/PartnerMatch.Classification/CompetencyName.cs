namespace PartnerMatch.Classification;

/// <summary>A name of a competency: a label, or an alias that people write for it.</summary>
/// <param name="Code">The competency.</param>
/// <param name="Text">The name, in English or Russian.</param>
public sealed record CompetencyName(string Code, string Text);
