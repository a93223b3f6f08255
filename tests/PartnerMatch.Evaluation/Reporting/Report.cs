using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace PartnerMatch.Evaluation.Reporting;

/// <summary>What a command found: tables with what they mean, for people as Markdown and for programs as JSON.</summary>
internal sealed class Report
{
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };
    private readonly List<Section> _sections = [];

    public IReadOnlyList<Section> Sections => _sections;

    /// <summary>Adds a table; the note says how its figures are defined.</summary>
    public Section Add(string title, string note, params string[] columns)
    {
        var section = new Section(title, note, columns);
        _sections.Add(section);
        return section;
    }

    public void Append(Report other) => _sections.AddRange(other._sections);

    public string ToMarkdown(int level = 2)
    {
        var text = new StringBuilder();
        foreach (var section in _sections)
        {
            text.Append('#', level).Append(' ').AppendLine(section.Title).AppendLine();
            if (section.Note.Length > 0)
            {
                text.AppendLine(section.Note).AppendLine();
            }

            text.AppendLine(Line(section.Columns)).AppendLine(Line(section.Columns.Select(_ => "---")));
            foreach (var row in section.Rows)
            {
                text.AppendLine(Line(row.Select(Format)));
            }

            text.AppendLine();
        }

        return text.ToString();
    }

    public string ToJson() => JsonSerializer.Serialize(
        _sections.Select(s => new { s.Title, s.Note, s.Columns, Rows = s.Rows.Select(r => s.Columns.Zip(r).ToDictionary(c => c.First, c => c.Second)) }),
        Json);

    /// <summary>As the tables print it.</summary>
    public static string Format(object? cell) => cell switch
    {
        null => "",
        double value => value.ToString("0.000", CultureInfo.InvariantCulture),
        IFormattable value => value.ToString(null, CultureInfo.InvariantCulture),
        _ => cell.ToString()!,
    };

    private static string Line(IEnumerable<string> cells) =>
        "| " + string.Join(" | ", cells.Select(c => c.Replace("|", "\\|", StringComparison.Ordinal).ReplaceLineEndings(" "))) + " |";
}

/// <summary>A table with its title and what it means.</summary>
internal sealed record Section(string Title, string Note, IReadOnlyList<string> Columns)
{
    private readonly List<object?[]> _rows = [];

    public IReadOnlyList<object?[]> Rows => _rows;

    /// <summary>Adds a row: texts, whole numbers, shares, intervals.</summary>
    public void Add(params object?[] cells)
    {
        if (cells.Length != Columns.Count)
        {
            throw new ArgumentException($"'{Title}' has {Columns.Count} columns, not {cells.Length}.", nameof(cells));
        }

        _rows.Add(cells);
    }
}
