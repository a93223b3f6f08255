using System.Collections.Concurrent;
using F23.StringSimilarity;

namespace PartnerMatch.Classification;

/// <summary>The stems of all names, and which of them a word of a text may mean: the same stem, a relative, a slip of the pen, a part of a compound, a transliteration.</summary>
internal sealed class Vocabulary
{
    /// <summary>Stems are of one root from so many letters on...</summary>
    private const int MinRelated = 4;

    /// <summary>...that share at least this part of the longer one, from the start.</summary>
    private const double RelatedShare = 0.68;

    /// <summary>A shorter word with a slip could be any other.</summary>
    private const int MinFuzzy = 5;

    /// <summary>From this length on two slips are forgiven.</summary>
    private const int MinFuzzyTwice = 9;

    /// <summary>What a slip costs, in letters of the word.</summary>
    private const double MisspeltCost = 2;

    /// <summary>The last part of a compound says what it is, the first how it differs.</summary>
    private const double CompoundHead = 0.75;
    private const double CompoundModifier = 0.5;
    private const int MinCompoundPart = 4;

    private const double SynonymNearness = 0.7;
    private const double TransliteratedNearness = 0.9;
    private const double RelatedNearness = 0.95;

    /// <summary>Words remembered; later ones are looked up anew.</summary>
    private const int MaxCached = 50_000;

    /// <summary>Letters added, dropped, changed, or swapped with their neighbour.</summary>
    private static readonly OptimalStringAlignment Slips = new();

    private readonly Dictionary<string, int> _ids = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _spellings = new(StringComparer.Ordinal);
    private readonly List<string> _stems = [];
    private readonly ConcurrentDictionary<string, Meaning[]> _meanings = new(StringComparer.Ordinal);
    private ILookup<string, int> _byPrefix = Array.Empty<int>().ToLookup(_ => "");
    private ILookup<string, int> _byLatin = Array.Empty<int>().ToLookup(_ => "");
    private ILookup<(char First, int Length), KeyValuePair<string, int>> _bySize = Array.Empty<KeyValuePair<string, int>>().ToLookup(_ => (' ', 0));

    public int Count => _stems.Count;

    /// <summary>The number of a word's stem, given when it is first met.</summary>
    public int Add(Word word)
    {
        if (!_ids.TryGetValue(word.Stem, out var id))
        {
            _ids[word.Stem] = id = _stems.Count;
            _stems.Add(word.Stem);
        }

        _spellings[word.Folded] = id;
        return id;
    }

    /// <summary>Ends the filling.</summary>
    public void Seal()
    {
        var all = Enumerable.Range(0, _stems.Count).ToArray();
        _byPrefix = all.Where(i => _stems[i].Length >= MinRelated).ToLookup(i => _stems[i][..MinRelated], StringComparer.Ordinal);
        _bySize = _spellings.Where(s => s.Key.Length >= MinFuzzy - 1).ToLookup(s => (s.Key[0], s.Key.Length));
        _byLatin = _spellings.Where(s => TextAnalysis.IsCyrillic(s.Key))
            .SelectMany(s => Transliteration.KeysOfCyrillic(s.Key).Select(key => (key, s.Value)))
            .ToLookup(s => s.key, s => s.Value, StringComparer.Ordinal);
    }

    /// <summary>What the word may mean, the surest first; empty where it means nothing known.</summary>
    public IReadOnlyList<Meaning> MeaningsOf(Word word)
    {
        if (_meanings.TryGetValue(word.Folded, out var known))
        {
            return known;
        }

        var meanings = Find(word);
        if (_meanings.Count < MaxCached)
        {
            _meanings[word.Folded] = meanings;
        }

        return meanings;
    }

    private Meaning[] Find(Word word)
    {
        var found = new Dictionary<int, double>();
        var isKnown = _ids.TryGetValue(word.Stem, out var same);
        if (isKnown)
        {
            found[same] = 1;
        }

        foreach (var other in Synonyms.Of[word.Stem])
        {
            if (_ids.TryGetValue(other, out var id))
            {
                Keep(found, id, SynonymNearness);
            }
        }

        FindRelated(word.Stem, found);
        if (!isKnown)
        {
            FindTransliterated(word.Folded, found);
            FindMisspelt(word.Folded, found);
            FindParts(word.Folded, found);
        }

        return [.. found.Select(f => new Meaning(f.Key, f.Value)).OrderByDescending(m => m.Nearness).ThenBy(m => m.Stem)];
    }

    private static void Keep(Dictionary<int, double> found, int id, double nearness)
    {
        if (!found.TryGetValue(id, out var known) || nearness > known)
        {
            found[id] = nearness;
        }
    }

    /// <summary>Words of one root: the adjective of a noun, the maker of a product. They share most of their letters from the start.</summary>
    private void FindRelated(string stem, Dictionary<int, double> found)
    {
        if (stem.Length < MinRelated)
        {
            return;
        }

        foreach (var id in _byPrefix[stem[..MinRelated]])
        {
            var other = _stems[id];
            var shared = stem.AsSpan().CommonPrefixLength(other);
            var share = (double)shared / Math.Max(stem.Length, other.Length);
            if (share >= RelatedShare && Math.Min(stem.Length, other.Length) - shared <= 2)
            {
                Keep(found, id, RelatedNearness * share);
            }
        }
    }

    private void FindMisspelt(string word, Dictionary<int, double> found)
    {
        if (word.Length < MinFuzzy || word.Any(char.IsAsciiDigit))
        {
            return;
        }

        var slips = word.Length >= MinFuzzyTwice ? 2 : 1;
        for (var length = word.Length - slips; length <= word.Length + slips; length++)
        {
            foreach (var (spelling, id) in _bySize[(word[0], length)])
            {
                if (Slips.Distance(word, spelling) is var edits && edits <= slips)
                {
                    Keep(found, id, 1 - (MisspeltCost * edits / word.Length));
                }
            }
        }
    }

    /// <summary>A compound that is not listed means its parts: "автокомпонент" is "авто" and "компонент".</summary>
    private void FindParts(string word, Dictionary<int, double> found)
    {
        for (var cut = MinCompoundPart; cut <= word.Length - MinCompoundPart; cut++)
        {
            var last = TextAnalysis.Stem(word[cut..]);
            if (last.Length < MinCompoundPart || !_ids.TryGetValue(last, out var lastId))
            {
                continue;
            }

            Keep(found, lastId, CompoundHead);
            if (_ids.TryGetValue(word[..cut], out var firstId) || _ids.TryGetValue(word[..cut].TrimEnd('о', 'е', 'o'), out firstId))
            {
                Keep(found, firstId, CompoundModifier);
            }
        }
    }

    private void FindTransliterated(string word, Dictionary<int, double> found)
    {
        if (TextAnalysis.IsCyrillic(word) || word.Length < MinRelated)
        {
            return;
        }

        foreach (var id in Transliteration.KeysOfLatin(word).SelectMany(key => _byLatin[key]))
        {
            Keep(found, id, TransliteratedNearness);
        }
    }
}

/// <summary>A stem that a word may mean, and how nearly, in (0,1].</summary>
internal readonly record struct Meaning(int Stem, double Nearness);
