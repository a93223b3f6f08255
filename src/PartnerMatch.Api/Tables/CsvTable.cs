using System.Runtime.CompilerServices;
using System.Text;
using Sylvan.Data.Csv;

namespace PartnerMatch.Api.Tables;

/// <summary>CSV as RFC 4180 has it, in UTF-8; separated by commas or semicolons. Never holds more than one row.</summary>
internal static class CsvTable
{
    public const string ContentType = "text/csv";

    private const int BufferLength = 64 * 1024;
    private static readonly UTF8Encoding Utf8WithMark = new(encoderShouldEmitUTF8Identifier: true);

    /// <summary>The rows with the header first; rows without any content are passed over.</summary>
    /// <exception cref="MalformedTableException">Quotes do not match, or a row or a cell is too long.</exception>
    public static async IAsyncEnumerable<TableRow> ReadAsync(Stream stream, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var delimiter = await DetectDelimiterAsync(stream, cancellation);
        using var text = new StreamReader(stream, Encoding.UTF8, detectEncodingFromByteOrderMarks: true, BufferLength, leaveOpen: true);
        var options = new CsvDataReaderOptions
        {
            HasHeaders = false,
            Delimiter = delimiter,
            BufferSize = BufferLength,
            MaxBufferSize = TableLimits.MaxRowLength,
            OwnsReader = false,
        };
        await using var csv = await OpenAsync(text, options, cancellation);
        while (await ReadRowAsync(csv, cancellation))
        {
            if (csv.RowFieldCount > TableLimits.MaxColumns)
            {
                throw new MalformedTableException($"row {csv.RowNumber}", $"The row has {csv.RowFieldCount} cells; at most {TableLimits.MaxColumns} are read.");
            }

            var cells = new string[csv.RowFieldCount];
            for (var i = 0; i < cells.Length; i++)
            {
                cells[i] = csv.GetString(i);
                if (cells[i].Length > TableLimits.MaxCellLength)
                {
                    throw new MalformedTableException($"row {csv.RowNumber}, column {i + 1}", $"The cell has {cells[i].Length} characters; at most {TableLimits.MaxCellLength} are read. A quote may not be closed.");
                }
            }

            if (cells.Any(c => !string.IsNullOrWhiteSpace(c)))
            {
                yield return new TableRow(csv.RowNumber, cells);
            }
        }
    }

    /// <summary>Writes the rows as they come, with a byte order mark, by which spreadsheets know UTF-8. Cells are escaped.</summary>
    public static async Task WriteAsync(Stream stream, IAsyncEnumerable<IReadOnlyList<object?>> rows, CancellationToken cancellation)
    {
        await using var writer = new StreamWriter(stream, Utf8WithMark, BufferLength, leaveOpen: true);
        var line = new StringBuilder();
        await foreach (var row in rows.WithCancellation(cancellation))
        {
            line.Clear();
            for (var i = 0; i < row.Count; i++)
            {
                line.Append(i > 0 ? "," : "").Append(Quote(SpreadsheetCell.ToText(row[i])));
            }

            await writer.WriteAsync(line.Append("\r\n"), cancellation);
        }
    }

    private static string Quote(string cell) => cell.AsSpan().IndexOfAny(",;\"\r\n") < 0 && !cell.StartsWith(' ') && !cell.EndsWith(' ')
        ? cell
        : $"\"{cell.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static async Task<CsvDataReader> OpenAsync(TextReader text, CsvDataReaderOptions options, CancellationToken cancellation)
    {
        try
        {
            return await CsvDataReader.CreateAsync(text, options, cancellation);
        }
        catch (CsvFormatException e)
        {
            throw ToMalformed(e, 0);
        }
    }

    private static async Task<bool> ReadRowAsync(CsvDataReader csv, CancellationToken cancellation)
    {
        try
        {
            return await csv.ReadAsync(cancellation);
        }
        catch (CsvFormatException e)
        {
            throw ToMalformed(e, csv.RowNumber);
        }
    }

    private static MalformedTableException ToMalformed(CsvFormatException exception, int lastRow) => exception switch
    {
        CsvRecordTooLargeException => new($"row {Math.Max(exception.RowNumber, 1)}", $"The row is longer than {TableLimits.MaxRowLength} characters. A quote may not be closed."),
        _ => new($"row {Math.Max(exception.RowNumber, lastRow)}", "A quote is not closed, or something follows a closed one. Within a quoted cell a quote is written twice."),
    };

    /// <summary>What separates the cells of the first line, and is not within quotes.</summary>
    private static async Task<char> DetectDelimiterAsync(Stream stream, CancellationToken cancellation)
    {
        var start = new byte[4096];
        var length = await stream.ReadAtLeastAsync(start, start.Length, throwOnEndOfStream: false, cancellation);
        stream.Position = 0;
        var (quoted, commas, semicolons) = (false, 0, 0);
        foreach (var c in start.AsSpan(0, length))
        {
            if (c == '"')
            {
                quoted = !quoted;
            }
            else if (c is (byte)'\n' or (byte)'\r' && !quoted)
            {
                break;
            }
            else if (!quoted)
            {
                commas += c == ',' ? 1 : 0;
                semicolons += c == ';' ? 1 : 0;
            }
        }

        return semicolons > commas ? ';' : ',';
    }
}
