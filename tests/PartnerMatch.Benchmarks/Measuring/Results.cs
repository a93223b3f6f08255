using System.Globalization;
using System.Text;

namespace PartnerMatch.Benchmarks.Measuring;

/// <summary>One command's part of RESULTS.md: a title, how the figures came about, tables.</summary>
internal sealed class Results(string title, string command)
{
    private readonly StringBuilder _text = new StringBuilder()
        .AppendLine(CultureInfo.InvariantCulture, $"## {title}").AppendLine()
        .AppendLine(CultureInfo.InvariantCulture, $"`{Program.Run} {command}`").AppendLine()
        .AppendLine(CultureInfo.InvariantCulture, $"{DateTime.UtcNow:yyyy-MM-dd HH:mm} UTC; {Machine.Describe()}.").AppendLine();

    public Results Say(string text)
    {
        _text.AppendLine(text).AppendLine();
        return this;
    }

    public Results Table(IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<object?>> rows)
    {
        _text.AppendLine(Line(columns)).AppendLine(Line(columns.Select(_ => "---")));
        foreach (var row in rows)
        {
            _text.AppendLine(Line(row.Select(Format)));
        }

        _text.AppendLine();
        return this;
    }

    /// <summary>Prints the part, and puts it in the place of the former one where a file is given.</summary>
    public void Publish(FileInfo? file)
    {
        var part = _text.ToString().TrimEnd() + "\n";
        Console.WriteLine();
        Console.Write(part);
        if (file is null)
        {
            return;
        }

        var old = file.Exists ? File.ReadAllText(file.FullName) : Program.Preface;
        var from = old.IndexOf($"## {title}\n", StringComparison.Ordinal);
        var to = from < 0 ? -1 : old.IndexOf("\n## ", from, StringComparison.Ordinal);
        File.WriteAllText(
            file.FullName,
            from < 0 ? old.TrimEnd() + "\n\n" + part : old[..from] + part + (to < 0 ? "" : old[to..]));
    }

    private static string Format(object? cell) => cell switch
    {
        null => "",
        double value => value.ToString(Math.Abs(value) >= 100 ? "0" : Math.Abs(value) >= 10 ? "0.0" : "0.00", CultureInfo.InvariantCulture),
        int value => value.ToString("N0", CultureInfo.InvariantCulture),
        long value => value.ToString("N0", CultureInfo.InvariantCulture),
        IFormattable value => value.ToString(null, CultureInfo.InvariantCulture),
        _ => cell.ToString()!,
    };

    private static string Line(IEnumerable<string> cells) => $"| {string.Join(" | ", cells)} |";
}
