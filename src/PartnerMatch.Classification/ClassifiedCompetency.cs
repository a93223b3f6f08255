namespace PartnerMatch.Classification;

/// <summary>A competency that a text means.</summary>
/// <param name="Code">Its code.</param>
/// <param name="Confidence">How probably the text means it or something under it, in (0,1]; calibrated on phrases of real enterprises.</param>
/// <param name="Words">The words of the text that decided, as written, most telling first.</param>
public sealed record ClassifiedCompetency(string Code, double Confidence, IReadOnlyList<string> Words);
