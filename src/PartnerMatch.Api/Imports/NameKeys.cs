using System.Text.RegularExpressions;
using PartnerMatch.Classification;

namespace PartnerMatch.Api.Imports;

/// <summary>By what a name may be the same as another: without its legal form, and its abbreviation in brackets alone.</summary>
internal static partial class NameKeys
{
    private const int MinLength = 3;

    private static readonly HashSet<string> LegalForms = new(StringComparer.Ordinal)
    {
        "ооо", "оао", "зао", "пао", "ао", "одо", "ип", "чуп", "чтуп", "уп", "руп", "куп", "нао", "тоо",
        "общество", "с", "ограниченной", "дополнительной", "ответственностью", "открытое", "закрытое", "публичное", "акционерное",
        "республиканское", "унитарное", "частное", "предприятие",
        "ooo", "oao", "zao", "pao", "ao", "rup", "ojsc", "cjsc", "pjsc", "jsc", "llc", "ltd", "inc", "co", "plc", "gmbh",
        "open", "closed", "public", "joint", "stock", "limited", "liability", "company",
    };

    /// <summary>The whole name, folded; as it is where it has neither letter nor digit.</summary>
    public static string Whole(string name) => TextFolding.Fold(name) is { Length: > 0 } folded ? folded : name.Trim();

    public static IEnumerable<string> Of(string? name)
    {
        if (name is null)
        {
            return [];
        }

        var bracketed = Bracketed().Match(name);
        return new[] { name, Bracketed().Replace(name, " "), bracketed.Success && !bracketed.Groups[1].Value.Any(char.IsLower) ? bracketed.Groups[1].Value : "" }
            .Select(Bare)
            .Where(key => key.Length >= MinLength)
            .Distinct(StringComparer.Ordinal);
    }

    private static string Bare(string name) => string.Join(' ', TextFolding.Fold(name).Split(' ').Where(word => !LegalForms.Contains(word)));

    [GeneratedRegex(@"\(([^()]*)\)")]
    private static partial Regex Bracketed();
}
