using System.Collections.Concurrent;
using F23.StringSimilarity;

namespace PartnerMatch.Classification;

/// <summary>The stems of all names, and which of them a word of a text may mean: the same stem, a relative, a slip of the pen, a part of a compound, a transliteration.</summary>
internal sealed class Vocabulary
{
    private const int MinRelated = 4;
    private const double RelatedShare = 0.68;
    private const int MinFuzzy = 5;
    private const int MinFuzzyTwice = 9;
    private const int MinCompoundPart = 4;
    private const int MaxCached = 50_000;

    /// <summary>Letters added, dropped, changed, or swapped with their neighbour.</summary>
    private static readonly OptimalStringAlignment Slips = new();

    private readonly Dictionary<string, int> _ids = new(StringComparer.Ordinal);
    private readonly List<string> _stems = [];
    private readonly ConcurrentDictionary<string, Meaning[]> _meanings = new(StringComparer.Ordinal);
    private ILookup<string, int> _byPrefix = Array.Empty<int>().ToLookup(_ => "");
    private ILookup<string, int> _byLatin = Array.Empty<int>().ToLookup(_ => "");
    private ILookup<char, int> _byFirst = Array.Empty<int>().ToLookup(_ => ' ');

    public int Count => _stems.Count;

    /// <summary>The number of a stem, given when it is first met.</summary>
    public int Add(string stem)
    {
        if (!_ids.TryGetValue(stem, out var id))
        {
            _ids[stem] = id = _stems.Count;
            _stems.Add(stem);
        }

        return id;
    }

    /// <summary>Ends the filling.</summary>
    public void Seal()
    {
        var all = Enumerable.Range(0, _stems.Count).ToArray();
        _byPrefix = all.Where(i => _stems[i].Length >= MinRelated).ToLookup(i => _stems[i][..MinRelated], StringComparer.Ordinal);
        _byFirst = all.Where(i => _stems[i].Length >= MinFuzzy - 1).ToLookup(i => _stems[i][0]);
        _byLatin = all.Where(i => TextAnalysis.IsCyrillic(_stems[i])).ToLookup(i => Transliteration.Key(_stems[i]), StringComparer.Ordinal);
    }

    /// <summary>What the stem may mean, the surest first; empty where it means nothing known.</summary>
    public IReadOnlyList<Meaning> MeaningsOf(string stem)
    {
        if (_meanings.TryGetValue(stem, out var known))
        {
            return known;
        }

        var meanings = Find(stem);
        if (_meanings.Count < MaxCached)
        {
            _meanings[stem] = meanings;
        }

        return meanings;
    }

    private Meaning[] Find(string stem)
    {
        var found = new Dictionary<int, double>();
        var isKnown = _ids.TryGetValue(stem, out var same);
        if (isKnown)
        {
            found[same] = 1;
        }

        FindRelated(stem, found);
        if (!isKnown)
        {
            FindTransliterated(stem, found);
            FindMisspelt(stem, found);
            FindParts(stem, found);
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
                Keep(found, id, 0.95 * share);
            }
        }
    }

    private void FindMisspelt(string stem, Dictionary<int, double> found)
    {
        if (stem.Length < MinFuzzy || char.IsAsciiDigit(stem[0]))
        {
            return;
        }

        var slips = stem.Length >= MinFuzzyTwice ? 2 : 1;
        foreach (var id in _byFirst[stem[0]])
        {
            var other = _stems[id];
            if (Math.Abs(other.Length - stem.Length) > slips || other.Length < MinFuzzy - 1)
            {
                continue;
            }

            var edits = Slips.Distance(stem, other);
            if (edits <= slips)
            {
                Keep(found, id, edits <= 1 ? 0.85 : 0.7);
            }
        }
    }

    /// <summary>A compound that is not listed means its parts: "автокомпонент" is "авто" and "компонент".</summary>
    private void FindParts(string stem, Dictionary<int, double> found)
    {
        for (var cut = MinCompoundPart; cut <= stem.Length - MinCompoundPart; cut++)
        {
            var last = TextAnalysis.Stem(stem[cut..]);
            if (last.Length < MinCompoundPart || !_ids.TryGetValue(last, out var lastId))
            {
                continue;
            }

            Keep(found, lastId, 0.7);
            if (_ids.TryGetValue(stem[..cut], out var firstId) || _ids.TryGetValue(stem[..cut].TrimEnd('о', 'е', 'o'), out firstId))
            {
                Keep(found, firstId, 0.7);
            }
        }
    }

    private void FindTransliterated(string stem, Dictionary<int, double> found)
    {
        if (TextAnalysis.IsCyrillic(stem) || stem.Length < MinRelated)
        {
            return;
        }

        foreach (var id in Transliteration.KeysOfLatin(stem).SelectMany(key => _byLatin[key]))
        {
            Keep(found, id, 0.9);
        }
    }
}

/// <summary>A stem that a word may mean, and how nearly, in (0,1].</summary>
internal readonly record struct Meaning(int Stem, double Nearness);
