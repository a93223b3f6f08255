using System.Globalization;
using System.Text;

namespace PartnerMatch.Api.Reference;

/// <summary>One spelling for comparison: composed, lower case, ё as е, Latin diacritics dropped, runs of anything else than letters and digits as one space.</summary>
internal static class TextFolding
{
    public static string Fold(string text)
    {
        var folded = new StringBuilder(text.Length);
        foreach (var c in text.Normalize(NormalizationForm.FormC))
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
