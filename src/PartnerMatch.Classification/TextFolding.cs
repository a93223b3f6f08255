using System.Globalization;
using System.Text;

namespace PartnerMatch.Classification;

/// <summary>One spelling for comparison: composed, lower case, ё as е, Latin diacritics dropped, runs of anything else than letters and digits as one space.</summary>
public static class TextFolding
{
    /// <summary>The folded spelling; empty where the text has neither letter nor digit.</summary>
    public static string Fold(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var folded = new StringBuilder(text.Length);
        // The framework does not normalise a text that holds U+FFFE, which is no character.
        foreach (var c in text.Replace('\uFFFE', ' ').Normalize(NormalizationForm.FormC))
        {
            if (!char.IsLetterOrDigit(c))
            {
                if (folded.Length > 0 && folded[^1] != ' ')
                {
                    folded.Append(' ');
                }

                continue;
            }

            var lower = char.ToLowerInvariant(c);
            folded.Append(lower switch
            {
                'ё' => 'е',
                _ when lower < 'Ͱ' => Base(lower),
                _ => lower,
            });
        }

        return folded.ToString().TrimEnd();
    }

    private static char Base(char c)
    {
        var decomposed = c.ToString(CultureInfo.InvariantCulture).Normalize(NormalizationForm.FormD);
        return decomposed[0];
    }
}
