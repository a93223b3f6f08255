using PartnerMatch.Classification;

namespace PartnerMatch.Evaluation.Classifier;

/// <summary>
/// Adds the codes of an enterprise's phrases up to a guess at its main activity: each phrase gives a class the confidences of its codes
/// under that class, at most 1 in all, and counts 1/sqrt(position) in its list, for what is named first is the main thing. Codes above the
/// level asked for do not count there.
/// </summary>
internal static class EnterpriseGuess
{
    /// <summary>The codes of the level, the likeliest first.</summary>
    /// <param name="lists">The phrases' codes: one list a language, in the order of the phrases.</param>
    /// <param name="level">The level.</param>
    public static IReadOnlyList<string> Rank(IEnumerable<IReadOnlyList<IReadOnlyList<ClassifiedCompetency>>> lists, CodeLevel level) =>
        [.. lists
            .SelectMany(phrases => phrases.Index())
            .SelectMany(phrase => phrase.Item
                .Where(c => Levels.At(c.Code, level) is not null)
                .GroupBy(c => Levels.At(c.Code, level)!, StringComparer.Ordinal)
                .Select(g => (Code: g.Key, Value: Math.Min(1, g.Sum(c => c.Confidence)) / Math.Sqrt(phrase.Index + 1))))
            .GroupBy(v => v.Code, StringComparer.Ordinal)
            .Select(g => (Code: g.Key, Value: g.Sum(v => v.Value)))
            .OrderByDescending(g => g.Value)
            .ThenBy(g => g.Code, StringComparer.Ordinal)
            .Select(g => g.Code)];
}

/// <summary>A level of the activity classification.</summary>
internal enum CodeLevel
{
    /// <summary>28.</summary>
    Division = 2,

    /// <summary>28.4.</summary>
    Group = 4,

    /// <summary>28.41.</summary>
    Class = 5,
}

/// <summary>Codes seen at a level.</summary>
internal static class Levels
{
    /// <summary>The code cut to the level, or null where it stands above it.</summary>
    public static string? At(string code, CodeLevel level) => code.Length >= (int)level ? code[..(int)level] : null;

    /// <summary>Whether one is the other or contains it.</summary>
    public static bool OnOnePath(string left, string right) =>
        left.StartsWith(right, StringComparison.Ordinal) || right.StartsWith(left, StringComparison.Ordinal);
}
