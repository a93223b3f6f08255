using System.Globalization;
using System.Text;

namespace PartnerMatch.Api.Tables;

/// <summary>How a value stands in a cell: nothing that a spreadsheet would run as a formula, and lists as entries between semicolons.</summary>
internal static class SpreadsheetCell
{
    private const string FormulaStarts = "=+-@\t\r\n";

    /// <summary>Puts an apostrophe before what a spreadsheet would run; <see cref="Unescape"/> takes it away again, whatever the text.</summary>
    public static string Escape(string text) => IsRun(text) ? "'" + text : text;

    /// <summary>A text escaped, a number as it is, nothing for null.</summary>
    public static string ToText(object? value) => value switch
    {
        null => "",
        string text => Escape(text),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => Escape(value.ToString()!),
    };

    /// <summary>The value of a cell as it was before <see cref="Escape"/>.</summary>
    public static string Unescape(string cell) => cell.Length > 1 && cell[0] == '\'' && IsRun(cell) ? cell[1..] : cell;

    /// <summary>The entries, trimmed, as one cell; one that holds a semicolon or begins with a quote is quoted.</summary>
    public static string JoinList(IEnumerable<string> entries) => string.Join("; ", entries.Select(e => e.Trim()).Select(e =>
        e.Contains(';', StringComparison.Ordinal) || e.StartsWith('"') ? $"\"{e.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : e));

    /// <summary>The entries of a cell, trimmed, none of them blank or given twice.</summary>
    public static IReadOnlyList<string> SplitList(string? cell)
    {
        if (string.IsNullOrWhiteSpace(cell))
        {
            return [];
        }

        var entries = new List<string>();
        var at = 0;
        while (at < cell.Length)
        {
            while (at < cell.Length && char.IsWhiteSpace(cell[at]))
            {
                at++;
            }

            if (at < cell.Length && cell[at] == '"' && ReadQuoted(cell, at) is { } quoted)
            {
                entries.Add(quoted.Entry.Trim());
                at = quoted.End + 1;
                continue;
            }

            var end = cell.IndexOf(';', at);
            end = end < 0 ? cell.Length : end;
            entries.Add(cell[at..end].Trim());
            at = end + 1;
        }

        return [.. entries.Where(e => e.Length > 0).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>A quoted entry and where its separator stands; null where the quote is part of the text.</summary>
    private static (string Entry, int End)? ReadQuoted(string cell, int start)
    {
        var entry = new StringBuilder();
        for (var at = start + 1; at < cell.Length; at++)
        {
            if (cell[at] != '"')
            {
                entry.Append(cell[at]);
            }
            else if (at + 1 < cell.Length && cell[at + 1] == '"')
            {
                entry.Append('"');
                at++;
            }
            else
            {
                var end = at + 1;
                while (end < cell.Length && char.IsWhiteSpace(cell[end]))
                {
                    end++;
                }

                return end == cell.Length || cell[end] == ';' ? (entry.ToString(), end) : null;
            }
        }

        return null;
    }

    /// <summary>Leading apostrophes count as nothing, so that a text that begins with one comes back as it was.</summary>
    private static bool IsRun(string text)
    {
        var start = text.AsSpan().TrimStart('\'');
        return start.Length > 0 && FormulaStarts.Contains(start[0], StringComparison.Ordinal);
    }
}
