using PartnerMatch.Ranking.Taxonomy;

namespace PartnerMatch.Classification;

/// <summary>
/// Maps free text to competencies by their names. A name explains a text as far as its words cover those of the text and the text covers
/// the name; words weigh by how few competencies use them (inverse document frequency, Sparck Jones 1972), the head of the phrase most.
/// Words that the name itself lacks may be explained by the competency's other names or those above it. Logistic models turn
/// the fit into a probability, one for what fits best and one for what comes after it. Immutable and safe for many threads.
/// </summary>
public sealed class CompetencyClassifier
{
    /// <summary>Below this confidence the classifier says nothing.</summary>
    public const double DefaultThreshold = 0.3;

    // What a word of a phrase or name weighs beside its rarity, by its place: the head, what follows a preposition, what stands in brackets,
    // what says only what kind of a business it is, a brand or number that nothing is known of, and the other members of an enumeration.
    private const double HeadWeight = 1.6;
    private const double ModifierWeight = 0.6;
    private const double AsideWeight = 0.3;
    private const double WeakWeight = 0.2;
    private const double UnknownNameWeight = 0.15;
    private const double OtherPartWeight = 0.2;

    /// <summary>An unknown word weighs as if so many competencies had it in a name.</summary>
    private const double UnknownIsNamedBy = 2;

    // The share of a word's weight that is forgiven where it explains nothing but stands beside a head that is understood.
    private const double UnknownBesideHead = 0.6;
    private const double OtherBesideHead = 0.2;

    // How far the competency's other names, and those above it, explain a word.
    private const double OtherNames = 0.8;
    private const double NamesAbove = 0.6;

    /// <summary>How much it counts that a name has words which the text lacks: less than words of the text which the name lacks.</summary>
    private const double NameCoverExponent = 0.5;

    // What remains of a fit where the head of the text is not the head of the name, and where the text does not even mention that.
    private const double HeadNearness = 0.6;
    private const double OtherHead = 0.8;
    private const double MissingHead = 0.5;

    // Below this fit, and beyond so many names that overlap most, nothing is looked at.
    private const double MinScore = 0.2;
    private const int MaxCandidates = 400;

    // The logistic models of the confidence; the lead from which a fit counts as the best.
    private const double IsBest = 0.99;
    private const double BestIntercept = -0.6;
    private const double BestSlope = 2.1;
    private const double OtherIntercept = -1.6;
    private const double OtherSlope = 0.9;

    private readonly CompetencyTree _tree;
    private readonly Vocabulary _vocabulary = new();
    private readonly ReadName[] _own;
    private readonly Name[] _names;
    private readonly int[][] _postings;
    private readonly double[] _weights;
    private readonly double _unknownWeight;
    private readonly Dictionary<string, Dictionary<int, double>> _contexts = new(StringComparer.Ordinal);

    /// <summary>Builds a classifier over the taxonomy's labels and aliases.</summary>
    /// <param name="tree">The taxonomy.</param>
    public CompetencyClassifier(CompetencyTree tree)
        : this(tree ?? throw new ArgumentNullException(nameof(tree)), [.. NamesOf(tree).Select(ReadName.Of)], [])
    {
    }

    private CompetencyClassifier(CompetencyTree tree, ReadName[] own, ReadName[] more)
    {
        _tree = tree;
        _own = own;
        _names = [.. own.Concat(more).Select(ToName).Where(n => n.Stems.Length > 0)];
        _vocabulary.Seal();

        var codesOf = new HashSet<string>[_vocabulary.Count];
        var postings = new List<int>[_vocabulary.Count];
        for (var i = 0; i < _names.Length; i++)
        {
            foreach (var stem in _names[i].Stems)
            {
                (codesOf[stem] ??= new HashSet<string>(StringComparer.Ordinal)).Add(_names[i].Code);
                (postings[stem] ??= []).Add(i);
            }
        }

        _postings = [.. postings.Select(p => p.ToArray())];
        _weights = [.. codesOf.Select(c => Math.Log(1 + (tree.Competencies.Count / (double)c.Count)))];
        _unknownWeight = Math.Log(1 + (tree.Competencies.Count / UnknownIsNamedBy));
        foreach (var group in _names.GroupBy(n => n.Code, StringComparer.Ordinal))
        {
            _contexts[group.Key] = group.SelectMany(n => n.Stems).Distinct().ToDictionary(s => s, _ => OtherNames);
        }

        foreach (var competency in tree.Competencies)
        {
            var context = _contexts[competency.Code];
            for (var above = tree.ParentOf(competency.Code); above is not null; above = tree.ParentOf(above.Code))
            {
                foreach (var stem in _contexts[above.Code].Keys)
                {
                    context.TryAdd(stem, NamesAbove);
                }
            }
        }
    }

    /// <summary>A classifier that knows further names, too; those of the taxonomy are not read anew.</summary>
    /// <param name="names">Further names of competencies of the taxonomy.</param>
    /// <exception cref="ArgumentException">A name belongs to an unknown code.</exception>
    public CompetencyClassifier With(IEnumerable<CompetencyName> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        var more = names.ToArray();
        return more.FirstOrDefault(n => !_tree.Contains(n.Code)) is { } unknown
            ? throw new ArgumentException($"'{unknown.Code}' is not a code of the taxonomy.", nameof(names))
            : new CompetencyClassifier(_tree, _own, [.. more.Select(ReadName.Of)]);
    }

    /// <summary>The competencies that a text means, the surest first; empty where it means none that is known.</summary>
    /// <param name="text">A phrase in English or Russian, or both; what alphabet a word is written in decides how it is read.</param>
    /// <param name="limit">At most so many, at least 1.</param>
    /// <param name="threshold">The least confidence, in (0,1].</param>
    public IReadOnlyList<ClassifiedCompetency> Classify(string text, int limit = 5, double threshold = DefaultThreshold)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        var words = TextAnalysis.Analyse(text);
        if (words.Count == 0)
        {
            return [];
        }

        return [.. Weigh(words).Select(j => new ClassifiedCompetency(OnlyChildOf(j.Fit.Code), Calibrate(j), j.Fit.Words))
            .OrderByDescending(c => c.Confidence).ThenBy(c => c.Code, StringComparer.Ordinal)
            .Where(c => c.Confidence >= threshold)
            .Take(limit)];
    }

    /// <summary>Logistic models of the confidence, one for what fits best and one for what comes after it; fitted on labelled phrases that are no names of the taxonomy.</summary>
    internal static double Calibrate(Judged judged)
    {
        var score = Math.Clamp(judged.Fit.Score, 0.01, 0.99);
        var odds = Math.Log(score / (1 - score));
        return judged.Lead >= IsBest
            ? Logistic(BestIntercept + (BestSlope * odds))
            : Logistic(OtherIntercept + (OtherSlope * odds));

        static double Logistic(double x) => 1 / (1 + Math.Exp(-x));
    }

    /// <summary>What a text may mean: the whole of it, and each member where it enumerates; of one path of the tree only what fits best.</summary>
    internal IEnumerable<Judged> Weigh(IReadOnlyList<Word> words)
    {
        var meanings = words.Select(_vocabulary.MeaningsOf).ToArray();
        var parts = words.Select(w => w.Part).Distinct().ToArray();
        var judged = Judge(Fit(words, meanings, null));
        if (parts.Length > 1)
        {
            judged = judged.Concat(parts.SelectMany(part => Judge(Fit(words, meanings, part))));
        }

        return WithoutRelatives(judged.OrderByDescending(Calibrate).ThenBy(j => j.Fit.Code, StringComparer.Ordinal), j => j.Fit.Code);
    }

    /// <summary>A group that has one class only means that class.</summary>
    private string OnlyChildOf(string code)
    {
        while (code.Length < 5 && _tree.ChildrenOf(code).ToArray() is [var only])
        {
            code = only.Code;
        }

        return code;
    }

    private static IEnumerable<CompetencyName> NamesOf(CompetencyTree tree) =>
        tree.Competencies.SelectMany(c => c.AliasesEn.Prepend(c.LabelEn).Concat(c.AliasesRu.Prepend(c.LabelRu)).Select(n => new CompetencyName(c.Code, n)));

    private Name ToName(ReadName name)
    {
        var heads = name.Words.Where(w => w.IsHead).Select(_vocabulary.Add).ToArray();
        return new Name(name.Code, [.. name.Words.Select(_vocabulary.Add)], [.. name.Words.Select(WeightOf)], heads);
    }

    private static double WeightOf(Word word) => (word.IsHead ? HeadWeight : word.IsModifier ? ModifierWeight : 1) * (word.IsAside ? AsideWeight : 1) * (word.IsWeak ? WeakWeight : 1);

    /// <summary>How well each competency's best name fits, best first.</summary>
    /// <param name="words">The words of the text.</param>
    /// <param name="meanings">What each may mean.</param>
    /// <param name="part">The member of an enumeration that is read; the other members then only lend it context.</param>
    private List<Fit> Fit(IReadOnlyList<Word> words, IReadOnlyList<Meaning>[] meanings, int? part)
    {
        var weights = new double[words.Count];
        double total = 0;
        for (var i = 0; i < words.Count; i++)
        {
            var known = meanings[i] is [var first, ..] ? _weights[first.Stem] : _unknownWeight * (words[i].IsName ? UnknownNameWeight : 1);
            weights[i] = WeightOf(words[i]) * known * (part is null || words[i].Part == part ? 1 : OtherPartWeight);
            total += weights[i];
        }

        var overlaps = new Dictionary<int, double>();
        for (var i = 0; i < words.Count; i++)
        {
            var seen = new HashSet<int>();
            foreach (var meaning in meanings[i])
            {
                foreach (var name in _postings[meaning.Stem])
                {
                    if (seen.Add(name))
                    {
                        overlaps[name] = overlaps.GetValueOrDefault(name) + (weights[i] * meaning.Nearness);
                    }
                }
            }
        }

        var best = new Dictionary<string, Fit>(StringComparer.Ordinal);
        foreach (var (at, _) in overlaps.OrderByDescending(o => o.Value).ThenBy(o => o.Key).Take(MaxCandidates))
        {
            var fit = Evaluate(_names[at], words, meanings, weights, total);
            if (fit.Score >= MinScore && (!best.TryGetValue(fit.Code, out var known) || fit.Score > known.Score))
            {
                best[fit.Code] = fit;
            }
        }

        return [.. best.Values.OrderByDescending(f => f.Score).ThenBy(f => f.Code, StringComparer.Ordinal)];
    }

    private Fit Evaluate(Name name, IReadOnlyList<Word> words, IReadOnlyList<Meaning>[] meanings, double[] weights, double total)
    {
        var context = _contexts[name.Code];
        Span<double> covered = stackalloc double[name.Stems.Length];
        covered.Clear();
        double explained = 0;
        double beside = 0;
        var headsAgree = false;
        var telling = new List<(string Word, double Weight)>();
        for (var i = 0; i < words.Count; i++)
        {
            double nearness = 0;
            foreach (var meaning in meanings[i])
            {
                headsAgree |= words[i].IsHead && meaning.Nearness >= HeadNearness && Array.IndexOf(name.Heads, meaning.Stem) >= 0;
                var at = Array.IndexOf(name.Stems, meaning.Stem);
                if (at >= 0)
                {
                    nearness = Math.Max(nearness, meaning.Nearness);
                    covered[at] = Math.Max(covered[at], meaning.Nearness);
                }
                else if (context.TryGetValue(meaning.Stem, out var near))
                {
                    nearness = Math.Max(nearness, near * meaning.Nearness);
                }
            }

            if (nearness > 0)
            {
                explained += weights[i] * nearness;
                telling.Add((words[i].Surface, weights[i] * nearness));
            }
            else if (!words[i].IsHead)
            {
                beside += weights[i] * (meanings[i].Count == 0 ? UnknownBesideHead : OtherBesideHead);
            }
        }

        double nameTotal = 0;
        double nameCovered = 0;
        var headIsCovered = name.Heads.Length == 0;
        for (var j = 0; j < name.Stems.Length; j++)
        {
            var weight = name.Weights[j] * _weights[name.Stems[j]];
            nameTotal += weight;
            nameCovered += weight * covered[j];
            headIsCovered |= covered[j] >= HeadNearness && Array.IndexOf(name.Heads, name.Stems[j]) >= 0;
        }

        // What stands beside a head that is understood narrows it down; without the head it may mean anything.
        var counted = headsAgree ? total - beside : total;
        var agreement = headsAgree || name.Heads.Length == 0 ? 1 : headIsCovered ? OtherHead : MissingHead;
        var score = Math.Min(1, explained / counted) * Math.Pow(nameCovered / nameTotal, NameCoverExponent) * agreement;
        return new Fit(name.Code, score, [.. telling.OrderByDescending(t => t.Weight).Select(t => t.Word)]);
    }

    /// <summary>The fits beside the best that competes for the same words.</summary>
    private static IEnumerable<Judged> Judge(List<Fit> fits) => WithoutRelatives(fits, f => f.Code).Select(fit => new Judged(fit, fit.Score / fits[0].Score));

    /// <summary>Of what lies on one path of the tree only the first.</summary>
    private static IEnumerable<T> WithoutRelatives<T>(IEnumerable<T> items, Func<T, string> codeOf)
    {
        var kept = new List<string>();
        foreach (var item in items)
        {
            var code = codeOf(item);
            if (!kept.Exists(k => k == code || CompetencyCode.IsUnder(code, k) || CompetencyCode.IsUnder(k, code)))
            {
                kept.Add(code);
                yield return item;
            }
        }
    }

    /// <summary>A name with its words: to read them takes most of the time.</summary>
    private sealed record ReadName(string Code, IReadOnlyList<Word> Words)
    {
        public static ReadName Of(CompetencyName name) => new(name.Code, TextAnalysis.Analyse(name.Text));
    }

    private sealed record Name(string Code, int[] Stems, double[] Weights, int[] Heads);
}

/// <summary>How well a competency's best name fits a text.</summary>
internal sealed record Fit(string Code, double Score, IReadOnlyList<string> Words);

/// <summary>A fit beside its competitors.</summary>
/// <param name="Fit">The fit.</param>
/// <param name="Lead">Its score over that of the best fit to the same words, in (0,1].</param>
internal sealed record Judged(Fit Fit, double Lead);
