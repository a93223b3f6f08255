using System.Runtime.CompilerServices;
using System.Text;

namespace PartnerMatch.Api.Tables;

/// <summary>JSON texts, one a line. Never holds more than one line.</summary>
internal static class NdjsonLines
{
    public const string ContentType = "application/x-ndjson";

    /// <summary>The lines that are not blank, each as a row of one cell.</summary>
    /// <exception cref="MalformedTableException">A line is too long.</exception>
    public static async IAsyncEnumerable<TableRow> ReadAsync(Stream stream, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var reader = new StreamReader(stream, Encoding.UTF8, detectEncodingFromByteOrderMarks: true, 64 * 1024, leaveOpen: true);
        var buffer = new char[32 * 1024];
        var line = new StringBuilder();
        var number = 1;
        for (int length; (length = await reader.ReadAsync(buffer, cancellation)) > 0;)
        {
            var start = 0;
            for (var i = 0; i < length; i++)
            {
                if (buffer[i] == '\n')
                {
                    line.Append(buffer, start, i - start);
                    if (Take(line, number) is { } row)
                    {
                        yield return row;
                    }

                    number++;
                    start = i + 1;
                }
            }

            line.Append(buffer, start, length - start);
            if (line.Length > TableLimits.MaxRowLength)
            {
                throw new MalformedTableException($"line {number}", $"The line is longer than {TableLimits.MaxRowLength} characters.");
            }
        }

        if (Take(line, number) is { } last)
        {
            yield return last;
        }
    }

    private static TableRow? Take(StringBuilder line, int number)
    {
        var text = line.ToString().Trim();
        line.Clear();
        return text.Length > 0 ? new TableRow(number, [text]) : null;
    }
}
