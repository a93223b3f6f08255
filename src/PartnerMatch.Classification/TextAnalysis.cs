using System.Text.RegularExpressions;
using Lucene.Net.Analysis.En;
using Lucene.Net.Analysis.Ru;
using Lucene.Net.Tartarus.Snowball;
using Lucene.Net.Tartarus.Snowball.Ext;

namespace PartnerMatch.Classification;

/// <summary>Cuts text into words and reduces them to stems, each by the rules of the alphabet that it is written in (Snowball stemmers and stop words of Lucene).</summary>
internal static partial class TextAnalysis
{
    /// <summary>Words that say that something is made, sold or wanted, but not what.</summary>
    private static readonly HashSet<string> Empty = new(
        [
            "production", "manufacture", "manufacturing", "manufacturer", "manufacturers", "producer", "producers", "maker", "makers", "making", "various", "other", "etc", "including",
            "type", "types", "kind", "kinds", "new", "model", "company", "ltd", "llc", "own",
            "производство", "производства", "производитель", "изготовление", "изготовитель", "выпуск", "прочий", "прочие", "прочая", "прочее", "различный", "различные", "иной", "иные",
            "другой", "другие", "вид", "виды", "видов", "тип", "типы", "типа", "также", "новый", "новая", "новое", "новые", "модель", "модели", "т", "д", "г", "в", "шт", "ооо", "оао", "зао", "собственный",
        ],
        StringComparer.Ordinal);

    /// <summary>Words that say what kind of a business it is, or in what respect: they tell little, and are the head only of a phrase without any other.</summary>
    private static readonly HashSet<string> Weak = new(
        [
            "factory", "factories", "plant", "plants", "works", "mill", "mills", "enterprise", "enterprises", "division", "business", "brand", "brands", "technology", "technologies", "market", "markets",
            "group", "holding", "firm", "workshop", "specialty", "special", "advanced", "modern", "high", "quality", "complex", "full", "cycle", "range",
            "завод", "заводы", "фабрика", "фабрики", "комбинат", "комбинаты", "предприятие", "предприятия", "цех", "холдинг", "группа", "компания", "фирма", "бренд", "марка", "технология", "технологии",
            "рынок", "полный", "цикл", "специальный", "специальные", "современный", "современные", "качественный", "ассортимент", "широкий",
        ],
        StringComparer.Ordinal);

    /// <summary>What follows one of these says more about the head, which stands before.</summary>
    private static readonly HashSet<string> Prepositions = new(
        ["for", "of", "from", "with", "without", "by", "in", "on", "to", "under", "для", "из", "с", "со", "без", "к", "ко", "на", "в", "во", "от", "под", "по", "при"],
        StringComparer.Ordinal);

    private static readonly HashSet<string> Conjunctions = new(["and", "or", "и", "или"], StringComparer.Ordinal);

    [ThreadStatic]
    private static EnglishStemmer? _english;

    [ThreadStatic]
    private static RussianStemmer? _russian;

    /// <summary>The words of a name or text in order, without stop words; their heads are marked.</summary>
    public static IReadOnlyList<Word> Analyse(string text)
    {
        var words = new List<Word>();
        var part = 0;
        var isModifier = false;
        var depth = 0;
        foreach (var match in Token().EnumerateMatches(text))
        {
            var surface = text.Substring(match.Index, match.Length);
            switch (surface[0])
            {
                case '(' or '[':
                    depth++;
                    continue;
                case ')' or ']':
                    depth = Math.Max(0, depth - 1);
                    continue;
                case ',' or ';' or '/' or '&' or '+' or ':':
                    part++;
                    isModifier = false;
                    continue;
                default:
                    break;
            }

            var folded = TextFolding.Fold(surface);
            if (Prepositions.Contains(folded))
            {
                isModifier = words.Count > 0;
            }
            else if (Conjunctions.Contains(folded))
            {
                part++;
            }
            else if (folded.Length > 0 && !Empty.Contains(folded) && !EnglishAnalyzer.DefaultStopSet.Contains(folded) && !RussianAnalyzer.DefaultStopSet.Contains(folded))
            {
                var isAside = depth > 0;
                words.Add(new Word(Stem(folded), folded, surface, part, isModifier, isAside, IsName(surface, words.Count), Weak.Contains(folded)));
            }
        }

        MarkHeads(words);
        return words;
    }

    /// <summary>Whether the word is written in Cyrillic letters.</summary>
    public static bool IsCyrillic(string word) => word.Length > 0 && word[0] is >= '\u0400' and < '\u0530';

    public static string Stem(string folded)
    {
        if (folded.Any(char.IsAsciiDigit))
        {
            return folded;
        }

        SnowballProgram stemmer = IsCyrillic(folded) ? _russian ??= new RussianStemmer() : _english ??= new EnglishStemmer();
        stemmer.SetCurrent(folded);
        stemmer.Stem();
        return stemmer.Current;
    }

    /// <summary>A capital letter inside a sentence, or digits: a brand, a model, a number.</summary>
    private static bool IsName(string surface, int at) =>
        surface.Any(char.IsDigit) || (at > 0 && char.IsUpper(surface[0]) && surface.Skip(1).Any(char.IsLower));

    /// <summary>The head says what the thing is: in English the last word before a preposition, in Russian the first that is no adjective.</summary>
    private static void MarkHeads(List<Word> words)
    {
        for (var from = 0; from < words.Count;)
        {
            var to = words.FindIndex(from, w => w.Part != words[from].Part);
            to = to < 0 ? words.Count : to;
            var head = FindHead(words, from, to, weak: false) is >= 0 and var strong ? strong : FindHead(words, from, to, weak: true);
            if (head >= 0)
            {
                words[head] = words[head] with { IsHead = true };
            }

            from = to;
        }
    }

    private static int FindHead(List<Word> words, int from, int to, bool weak)
    {
        var head = -1;
        for (var i = from; i < to; i++)
        {
            var isCandidate = !words[i].IsModifier && !words[i].IsAside && (weak || !words[i].IsWeak);
            var isRussian = IsCyrillic(words[i].Stem);
            if (isCandidate && (isRussian ? head < 0 && !AdjectiveEnding().IsMatch(words[i].Surface) : head < 0 || !IsCyrillic(words[head].Stem)))
            {
                head = i;
            }
        }

        return head;
    }

    [GeneratedRegex(@"[\p{L}\p{Nd}]+|[()\[\],;/&+:]")]
    private static partial Regex Token();

    [GeneratedRegex("(ый|ий|ой|ая|яя|ое|ее|ые|ие|ого|его|ых|их|ным|ими|ыми)$", RegexOptions.IgnoreCase)]
    private static partial Regex AdjectiveEnding();
}

/// <summary>A word of a text.</summary>
/// <param name="Stem">What is compared.</param>
/// <param name="Folded">In one spelling.</param>
/// <param name="Surface">As written.</param>
/// <param name="Part">The number of the member of an enumeration that it belongs to.</param>
/// <param name="IsModifier">It follows a preposition.</param>
/// <param name="IsAside">It stands in brackets.</param>
/// <param name="IsName">It looks like a brand, a model or a number.</param>
/// <param name="IsWeak">It says what kind of a business it is rather than what that makes.</param>
internal readonly record struct Word(string Stem, string Folded, string Surface, int Part, bool IsModifier, bool IsAside, bool IsName, bool IsWeak)
{
    /// <summary>It says what the thing is.</summary>
    public bool IsHead { get; init; }
}
