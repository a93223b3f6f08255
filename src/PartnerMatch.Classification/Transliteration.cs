using System.Text;
using System.Text.RegularExpressions;

namespace PartnerMatch.Classification;

/// <summary>
/// Brings Russian words in Latin letters and in Cyrillic to one key. People mix the systems (BGN/PCGN, GOST 7.79, ISO 9, passports),
/// so the key drops what they differ in: soft and hard signs, the glides, doubled letters.
/// </summary>
internal static partial class Transliteration
{
    private static readonly Dictionary<char, string> Latin = new()
    {
        ['а'] = "a",
        ['б'] = "b",
        ['в'] = "v",
        ['г'] = "g",
        ['д'] = "d",
        ['е'] = "e",
        ['ж'] = "zh",
        ['з'] = "z",
        ['и'] = "i",
        ['й'] = "i",
        ['к'] = "k",
        ['л'] = "l",
        ['м'] = "m",
        ['н'] = "n",
        ['о'] = "o",
        ['п'] = "p",
        ['р'] = "r",
        ['с'] = "s",
        ['т'] = "t",
        ['у'] = "u",
        ['ф'] = "f",
        ['х'] = "h",
        ['ц'] = "c",
        ['ч'] = "ch",
        ['ш'] = "sh",
        ['щ'] = "sh",
        ['ъ'] = "",
        ['ы'] = "i",
        ['ь'] = "",
        ['э'] = "e",
        ['ю'] = "u",
        ['я'] = "a",
    };

    /// <summary>The keys of a Cyrillic word: as a whole, and without its ending.</summary>
    public static IEnumerable<string> KeysOfCyrillic(string cyrillic)
    {
        var key = new StringBuilder(cyrillic.Length + 4);
        foreach (var c in cyrillic)
        {
            key.Append(Latin.GetValueOrDefault(c, ""));
        }

        return Keys(key.ToString());
    }

    /// <summary>The keys that a Latin word may stand for: as a whole, and without a Russian ending.</summary>
    public static IEnumerable<string> KeysOfLatin(string latin) => Keys(latin
        .Replace("shch", "sh", StringComparison.Ordinal)
        .Replace("sch", "sh", StringComparison.Ordinal)
        .Replace("kh", "h", StringComparison.Ordinal)
        .Replace("ts", "c", StringComparison.Ordinal)
        .Replace("ya", "a", StringComparison.Ordinal)
        .Replace("ia", "a", StringComparison.Ordinal)
        .Replace("ja", "a", StringComparison.Ordinal)
        .Replace("yu", "u", StringComparison.Ordinal)
        .Replace("iu", "u", StringComparison.Ordinal)
        .Replace("ju", "u", StringComparison.Ordinal)
        .Replace('y', 'i')
        .Replace('j', 'i'));

    private static IEnumerable<string> Keys(string key) => new[] { Collapse(key), Collapse(Ending().Replace(key, "")) }.Distinct();

    private static string Collapse(string key)
    {
        var collapsed = new StringBuilder(key.Length);
        foreach (var c in key)
        {
            if (collapsed.Length == 0 || collapsed[^1] != c)
            {
                collapsed.Append(c);
            }
        }

        return collapsed.ToString();
    }

    [GeneratedRegex("(ie|ii|oe|aa|aia|oi|ih|imi|i|e|a|o|u|ov|ei|am|ah)$")]
    private static partial Regex Ending();
}
