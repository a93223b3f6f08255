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
            "production", "manufacture", "manufacturing", "manufacturer", "manufacturers", "producer", "producers", "maker", "makers", "making", "various", "other", "etc", "including", "type", "types", "kind", "kinds",
            "производство", "производитель", "изготовление", "изготовитель", "выпуск", "прочий", "прочие", "прочая", "различный", "различные", "иной", "иные", "другой", "другие", "вид", "виды", "видов", "тип", "типы", "также", "т", "д",
        ],
        StringComparer.Ordinal);

    /// <summary>What follows one of these says more about the head, which stands before.</summary>
    private static readonly HashSet<string> Prepositions = new(
        ["for", "of", "from", "with", "without", "by", "in", "on", "to", "under", "для", "из", "с", "со", "без", "к", "ко", "на", "в", "во", "от", "под", "по", "при"],
        StringComparer.Ordinal);

    [ThreadStatic]
    private static EnglishStemmer? _english;

    [ThreadStatic]
    private static RussianStemmer? _russian;

    /// <summary>The words of a text in order, without stop words; where nothing else is left, the empty words count after all.</summary>
    public static IReadOnlyList<Word> Analyse(string text)
    {
        var words = new List<Word>();
        var isModifier = false;
        foreach (var match in Token().EnumerateMatches(text))
        {
            var surface = text.Substring(match.Index, match.Length);
            var folded = TextFolding.Fold(surface);
            if (Prepositions.Contains(folded))
            {
                isModifier = words.Count > 0;
            }
            else if (folded.Length > 0 && !Empty.Contains(folded) && !EnglishAnalyzer.DefaultStopSet.Contains(folded) && !RussianAnalyzer.DefaultStopSet.Contains(folded))
            {
                words.Add(new Word(Stem(folded), surface, isModifier));
            }
        }

        MarkHead(words);
        return words;
    }

    /// <summary>Whether the word is written in Cyrillic letters.</summary>
    public static bool IsCyrillic(string word) => word.Length > 0 && word[0] is >= '\u0400' and < '\u0530';

    public static string Stem(string folded)
    {
        if (char.IsAsciiDigit(folded[0]))
        {
            return folded;
        }

        SnowballProgram stemmer = IsCyrillic(folded) ? _russian ??= new RussianStemmer() : _english ??= new EnglishStemmer();
        stemmer.SetCurrent(folded);
        stemmer.Stem();
        return stemmer.Current;
    }

    /// <summary>The head says what the thing is: in English the last word before a preposition, in Russian the first that is no adjective.</summary>
    private static void MarkHead(List<Word> words)
    {
        var russian = words.FindIndex(w => IsCyrillic(w.Stem) && !AdjectiveEnding().IsMatch(w.Surface));
        var head = words.Count > 0 && IsCyrillic(words[0].Stem) && russian >= 0 ? russian : words.FindLastIndex(w => !w.IsModifier);
        if (head >= 0)
        {
            words[head] = words[head] with { IsHead = true };
        }
    }

    [GeneratedRegex(@"[\p{L}\p{Nd}]+")]
    private static partial Regex Token();

    [GeneratedRegex("(ый|ий|ой|ая|яя|ое|ее|ые|ие|ого|его|ых|их|ным|ими|ыми)$", RegexOptions.IgnoreCase)]
    private static partial Regex AdjectiveEnding();
}

/// <summary>A word of a text.</summary>
/// <param name="Stem">What is compared.</param>
/// <param name="Surface">As written.</param>
/// <param name="IsModifier">It follows a preposition.</param>
internal readonly record struct Word(string Stem, string Surface, bool IsModifier)
{
    /// <summary>It says what the thing is.</summary>
    public bool IsHead { get; init; }
}
