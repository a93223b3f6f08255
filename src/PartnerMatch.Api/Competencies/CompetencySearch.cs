using PartnerMatch.Classification;
using PartnerMatch.Ranking.Explaining;
using PartnerMatch.Ranking.Taxonomy;

namespace PartnerMatch.Api.Competencies;

/// <summary>Finds competencies by code, label or alias: every word of the query must begin a word of one name of the competency.</summary>
internal sealed class CompetencySearch(IReadOnlyList<Competency> competencies)
{
    private readonly Entry[] _entries = [.. competencies.SelectMany(ToEntries)];

    /// <summary>The best matches first: the whole name, then a name that begins so, then any; broader codes before narrower ones.</summary>
    public IEnumerable<Competency> Find(string query, Language? language)
    {
        var folded = TextFolding.Fold(query);
        var words = folded.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0)
        {
            return [];
        }

        var byCode = competencies.Where(c => c.Code.StartsWith(query.Trim(), StringComparison.Ordinal));
        var byName = _entries
            .Where(e => language is null || e.Language == language)
            .Where(e => words.All(w => e.Words.Any(n => n.StartsWith(w, StringComparison.Ordinal))))
            .OrderBy(e => e.Folded == folded ? 0 : e.Folded.StartsWith(folded, StringComparison.Ordinal) ? 1 : 2)
            .ThenBy(e => e.Words.Length)
            .ThenBy(e => e.Competency.Code, StringComparer.Ordinal)
            .Select(e => e.Competency);
        return byCode.Concat(byName).DistinctBy(c => c.Code);
    }

    private static IEnumerable<Entry> ToEntries(Competency c) => c.AliasesEn.Prepend(c.LabelEn).Select(n => ToEntry(c, n, Language.En))
        .Concat(c.AliasesRu.Prepend(c.LabelRu).Select(n => ToEntry(c, n, Language.Ru)));

    private static Entry ToEntry(Competency competency, string name, Language language)
    {
        var folded = TextFolding.Fold(name);
        return new Entry(competency, language, folded, folded.Split(' '));
    }

    private sealed record Entry(Competency Competency, Language Language, string Folded, string[] Words);
}
