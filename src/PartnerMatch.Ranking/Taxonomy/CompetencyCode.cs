namespace PartnerMatch.Ranking.Taxonomy;

/// <summary>The form of a competency code: two to six digits, <c>28</c>, <c>28.4</c>, <c>28.41</c>, <c>28.41.2</c>, <c>28.41.21</c> (CPA 2008).</summary>
public static class CompetencyCode
{
    /// <summary>The digits of a division, the shortest code.</summary>
    public const int MinDigits = 2;

    /// <summary>The digits of a subcategory, the longest code.</summary>
    public const int MaxDigits = 6;

    /// <summary>Whether <paramref name="text"/> has the form of a code; says nothing of whether the taxonomy knows it.</summary>
    public static bool IsWellFormed(string? text)
    {
        if (text is null || text.Length is < 2 or > 8)
        {
            return false;
        }

        for (var i = 0; i < text.Length; i++)
        {
            var isPoint = i is 2 or 5;
            if (isPoint ? text[i] != '.' : !char.IsAsciiDigit(text[i]))
            {
                return false;
            }
        }

        return text[^1] != '.';
    }

    /// <summary>The number of digits of a well-formed code, 2 to 6: its level in the tree.</summary>
    public static int Digits(string code)
    {
        ArgumentNullException.ThrowIfNull(code);
        return code.Length - (code.Length > 5 ? 2 : code.Length > 2 ? 1 : 0);
    }

    /// <summary>Whether <paramref name="code"/> lies strictly below <paramref name="ancestor"/> in the code's own prefix tree.</summary>
    public static bool IsUnder(string code, string ancestor)
    {
        ArgumentNullException.ThrowIfNull(code);
        ArgumentNullException.ThrowIfNull(ancestor);
        return code.Length > ancestor.Length && code.StartsWith(ancestor, StringComparison.Ordinal);
    }

    /// <summary>The number of leading digits that two codes share, 0 to 6.</summary>
    public static int SharedDigits(string left, string right)
    {
        ArgumentNullException.ThrowIfNull(left);
        ArgumentNullException.ThrowIfNull(right);
        var shared = 0;
        var length = Math.Min(left.Length, right.Length);
        for (var i = 0; i < length && left[i] == right[i]; i++)
        {
            if (left[i] != '.')
            {
                shared++;
            }
        }

        return shared;
    }
}
