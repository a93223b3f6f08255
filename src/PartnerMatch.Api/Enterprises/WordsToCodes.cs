using PartnerMatch.Api.Competencies;
using PartnerMatch.Classification;

namespace PartnerMatch.Api.Enterprises;

/// <summary>Gives codes to offers and needs that come as words: as many entries as the words have meanings, each with its confidence; one without a code where they have none.</summary>
internal sealed class WordsToCodes(CompetencyVocabulary vocabulary)
{
    public EnterpriseRequest Map(EnterpriseRequest request) => request with
    {
        Offers = Map(request.Offers, o => o.Code, o => o.Text, (o, c) => o with { Code = c.Code, Confidence = c.Confidence }, o => (o.Confidence ?? 1) * (o.Strength ?? 1)),
        Needs = Map(request.Needs, n => n.Code, n => n.Text, (n, c) => n with { Code = c.Code, Confidence = c.Confidence }, n => (n.Confidence ?? 1) * (n.Urgency ?? 1)),
    };

    private List<T>? Map<T>(IReadOnlyList<T>? entries, Func<T, string?> code, Func<T, string?> text, Func<T, ClassifiedCompetency, T> withCode, Func<T, double> value)
        where T : class
    {
        if (entries is null || entries.All(e => code(e) is not null))
        {
            return entries?.ToList();
        }

        var mapped = entries.SelectMany(e => code(e) is not null || vocabulary.Classify(text(e)!) is not { Count: > 0 } found ? [e] : found.Select(c => withCode(e, c))).ToArray();

        // Two phrases may mean one competency: it counts once, with the surer.
        var best = mapped.Where(e => code(e) is not null).GroupBy(e => code(e)!, StringComparer.Ordinal).Select(g => (object)g.MaxBy(value)!).ToHashSet(ReferenceEqualityComparer.Instance);
        return [.. mapped.Where(e => code(e) is null || best.Contains(e))];
    }
}
