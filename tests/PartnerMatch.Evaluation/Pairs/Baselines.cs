using Lucene.Net.Analysis;
using Lucene.Net.Analysis.En;
using Lucene.Net.Analysis.Ru;
using Lucene.Net.Analysis.TokenAttributes;
using Lucene.Net.Util;
using PartnerMatch.Api.Enterprises;
using PartnerMatch.Ranking.Taxonomy;

namespace PartnerMatch.Evaluation.Pairs;

/// <summary>What a naive product would rank by.</summary>
internal sealed class Baselines(IEnumerable<Enterprise> everybody, CompetencyTree tree)
{
    private const double Saturation = 1.2;
    private const double LengthShare = 0.75;
    private readonly Dictionary<string, (Dictionary<string, double> Vector, List<string> Words)> _known =
        everybody.ToDictionary(e => e.Id, e => (VectorOf(e), WordsOf(e, tree)), StringComparer.Ordinal);

    /// <summary>The cosine of the two vectors of activity and offered codes, each code with all its prefixes that are levels of the tree.</summary>
    public Func<string, double> Cosine(string subject)
    {
        var mine = _known[subject].Vector;
        return candidate =>
        {
            var other = _known[candidate].Vector;
            var product = mine.Sum(m => m.Value * other.GetValueOrDefault(m.Key));
            return product == 0 ? 0 : product / (NormOf(mine) * NormOf(other));
        };
    }

    /// <summary>BM25 (Robertson 1994) of the subject's words over those of the candidates, stemmed.</summary>
    public Func<string, double> SharedWords(string subject, IReadOnlyCollection<string> candidates)
    {
        var meanLength = candidates.Average(c => _known[c].Words.Count);
        var query = _known[subject].Words.Distinct().Select(w => (Word: w, In: candidates.Count(c => _known[c].Words.Contains(w)))).ToArray();
        return candidate =>
        {
            var words = _known[candidate].Words;
            return query.Sum(q =>
            {
                double times = words.Count(w => w == q.Word);
                var rarity = Math.Log(1 + ((candidates.Count - q.In + 0.5) / (q.In + 0.5)));
                return rarity * times * (Saturation + 1) / (times + (Saturation * (1 - LengthShare + (LengthShare * words.Count / meanLength))));
            });
        };
    }

    private static Dictionary<string, double> VectorOf(Enterprise enterprise)
    {
        var vector = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var (code, value) in enterprise.Offers.Where(o => o.Code is not null).Select(o => (o.Code!, o.Strength * (o.Confidence ?? 1))).Append((enterprise.Activity ?? "", 1)))
        {
            for (var length = 2; length <= code.Length; length++)
            {
                if (code[length - 1] != '.')
                {
                    vector[code[..length]] = Math.Max(vector.GetValueOrDefault(code[..length]), value);
                }
            }
        }

        return vector;
    }

    private static double NormOf(Dictionary<string, double> vector) => Math.Sqrt(vector.Values.Sum(v => v * v));

    /// <summary>The words of what it makes: its own, or the labels of its codes where it came with codes.</summary>
    private static List<string> WordsOf(Enterprise enterprise, CompetencyTree tree)
    {
        var texts = enterprise.Offers.Select(o => o.Text ?? tree.Find(o.Code!)!.LabelEn).Distinct();
        var words = new List<string>();
        using var english = new EnglishAnalyzer(LuceneVersion.LUCENE_48);
        using var russian = new RussianAnalyzer(LuceneVersion.LUCENE_48);
        foreach (var text in texts)
        {
            Analyzer analyzer = text.Any(c => c is >= '\u0400' and < '\u0530') ? russian : english;
            using var tokens = analyzer.GetTokenStream("makes", text);
            var term = tokens.GetAttribute<ICharTermAttribute>();
            tokens.Reset();
            while (tokens.IncrementToken())
            {
                words.Add(term.ToString());
            }

            tokens.End();
        }

        return words;
    }
}
