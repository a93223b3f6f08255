using System.Globalization;
using System.IO.Compression;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml;

namespace PartnerMatch.Api.Tables;

/// <summary>
/// The first sheet of a workbook (ISO/IEC 29500), read and written as a stream. Written here because the readers at hand trust the file:
/// a stated dimension of a million rows makes them build that many, and a cell of 300 MB costs gigabytes.
/// </summary>
internal static partial class XlsxTable
{
    public const string ContentType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

    /// <summary>The most rows a sheet can have, the header among them.</summary>
    public const int MaxRows = 1_048_576;

    private const string Main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    private const string Relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    private const string Package = "http://schemas.openxmlformats.org/package/2006/";

    /// <summary>Texts that cells share are held in memory while the sheet is read; so much of them, unpacked.</summary>
    private const long MaxSharedTexts = 64L * 1024 * 1024;

    /// <summary>A tag or a text of the XML that is longer is refused before it is put together in memory.</summary>
    private const int MaxTokenBytes = 8 * TableLimits.MaxCellLength;

    /// <summary>Open elements and distinct names are held in memory by the XML reader; workbooks have some dozens of them.</summary>
    private const int MaxLevels = 100;
    private const int MaxNames = 10_000;

    /// <summary>What is wrong with the container, or null: no workbook, or one that unpacks to more than <paramref name="maxUnpacked"/> bytes.</summary>
    public static MalformedTableException? FindContainerError(Stream stream, long maxUnpacked)
    {
        try
        {
            using var zip = new ZipArchive(stream, ZipArchiveMode.Read, leaveOpen: true);

            // The sizes are what the file says: any 64 bits.
            var unpacked = zip.Entries.Sum(e => (decimal)(ulong)e.Length);
            return unpacked > maxUnpacked ? new("$", $"The workbook unpacks to {unpacked} bytes; at most {maxUnpacked} are read.")
                : zip.GetEntry("xl/workbook.xml") is null ? new("$", "This is no XLSX workbook.")
                : null;
        }
        catch (InvalidDataException)
        {
            return new("$", "This is no XLSX workbook, or it is cut off.");
        }
        finally
        {
            stream.Position = 0;
        }
    }

    /// <summary>The rows of the first sheet that have a cell; formulas are read as the values they were saved with.</summary>
    /// <exception cref="MalformedTableException">The workbook is damaged, hostile or too large.</exception>
    public static async IAsyncEnumerable<TableRow> ReadAsync(Stream stream, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var zip = new ZipArchive(stream, ZipArchiveMode.Read, leaveOpen: true);
        await using var rows = ReadSheetAsync(zip, cancellation).GetAsyncEnumerator(cancellation);
        while (await MoveAsync(rows))
        {
            yield return rows.Current;
        }
    }

    /// <summary>Writes one sheet as the rows come. Cells are texts, and escaped, so that saving the sheet as CSV arms nothing.</summary>
    public static async Task WriteAsync(Stream stream, IAsyncEnumerable<IReadOnlyList<object?>> rows, CancellationToken cancellation)
    {
        await using var zip = await ZipArchive.CreateAsync(stream, ZipArchiveMode.Create, leaveOpen: true, entryNameEncoding: null, cancellation);
        await WritePartAsync("[Content_Types].xml",
            $"""
            <Types xmlns="{Package}content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="{ContentType}.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>
            """);
        await WritePartAsync("_rels/.rels", $"""<Relationships xmlns="{Package}relationships"><Relationship Id="r1" Type="{Relations}/officeDocument" Target="xl/workbook.xml"/></Relationships>""");
        await WritePartAsync("xl/workbook.xml", $"""<workbook xmlns="{Main}" xmlns:r="{Relations}"><sheets><sheet name="PartnerMatch" sheetId="1" r:id="r1"/></sheets></workbook>""");
        await WritePartAsync("xl/_rels/workbook.xml.rels", $"""<Relationships xmlns="{Package}relationships"><Relationship Id="r1" Type="{Relations}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>""");
        await using var sheet = await zip.CreateEntry("xl/worksheets/sheet1.xml", CompressionLevel.Fastest).OpenAsync(cancellation);
        await using var writer = new StreamWriter(sheet, new UTF8Encoding(false), 64 * 1024, leaveOpen: true);
        await writer.WriteAsync($"""<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="{Main}"><sheetData>""".AsMemory(), cancellation);
        var line = new StringBuilder();
        var number = 0;
        await foreach (var row in rows.WithCancellation(cancellation))
        {
            number++;
            line.Clear().Append(CultureInfo.InvariantCulture, $"<row r=\"{number}\">");
            for (var i = 0; i < row.Count; i++)
            {
                var text = SpreadsheetCell.ToText(row[i]);
                if (row[i] is string && text.Length > 0)
                {
                    line.Append(CultureInfo.InvariantCulture, $"<c r=\"{NameOfColumn(i)}{number}\" t=\"inlineStr\"><is><t xml:space=\"preserve\">{ToXml(text)}</t></is></c>");
                }
                else if (text.Length > 0)
                {
                    line.Append(CultureInfo.InvariantCulture, $"<c r=\"{NameOfColumn(i)}{number}\"><v>{text}</v></c>");
                }
            }

            await writer.WriteAsync(line.Append("</row>"), cancellation);
        }

        await writer.WriteAsync("</sheetData></worksheet>".AsMemory(), cancellation);

        async Task WritePartAsync(string name, string xml)
        {
            await using var part = await zip.CreateEntry(name, CompressionLevel.Fastest).OpenAsync(cancellation);
            await part.WriteAsync(Encoding.UTF8.GetBytes("""<?xml version="1.0" encoding="UTF-8"?>""" + xml), cancellation);
        }
    }

    private static async Task<bool> MoveAsync(IAsyncEnumerator<TableRow> rows)
    {
        try
        {
            return await rows.MoveNextAsync();
        }
        catch (XmlException e)
        {
            throw new MalformedTableException("$", $"The workbook is damaged: its XML breaks off or is wrong at line {e.LineNumber}.");
        }
        catch (InvalidDataException)
        {
            throw new MalformedTableException("$", "The workbook is damaged, or a part of it is missing.");
        }
    }

    private static async IAsyncEnumerable<TableRow> ReadSheetAsync(ZipArchive zip, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var texts = await ReadSharedTextsAsync(zip, cancellation);
        var part = await FindFirstSheetAsync(zip);
        using var xml = Open(part);
        var number = 0;
        while (await NextAsync(xml))
        {
            cancellation.ThrowIfCancellationRequested();
            if (xml is { NodeType: XmlNodeType.Element, LocalName: "row" })
            {
                var stated = xml.GetAttribute("r");
                var next = stated is null ? number + 1 : int.TryParse(stated, NumberStyles.None, CultureInfo.InvariantCulture, out var r) ? r : 0;
                number = next > number && next <= MaxRows ? next : throw new MalformedTableException($"row {number + 1}", "The number of the row is wrong.");
                if (!xml.IsEmptyElement && await ReadRowAsync(xml, number, texts) is { Count: > 0 } cells)
                {
                    yield return new TableRow(number, cells);
                }
            }
        }
    }

    private static async Task<List<string>> ReadRowAsync(XmlReader xml, int number, List<string> texts)
    {
        var cells = new List<string>();
        var depth = xml.Depth;
        var column = -1;
        while (await NextAsync(xml) && xml.Depth > depth)
        {
            if (xml is not { NodeType: XmlNodeType.Element, LocalName: "c" })
            {
                continue;
            }

            column = xml.GetAttribute("r") is { } name ? ColumnOf(name) : column + 1;
            if (column is < 0 or >= TableLimits.MaxColumns)
            {
                throw new MalformedTableException($"row {number}", $"A cell stands beyond the first {TableLimits.MaxColumns} columns.");
            }

            var value = xml.IsEmptyElement ? "" : await ReadCellAsync(xml, number, texts);
            if (value.Length > 0)
            {
                while (cells.Count <= column)
                {
                    cells.Add("");
                }

                cells[column] = value;
            }
        }

        return cells;
    }

    private static async Task<string> ReadCellAsync(XmlReader xml, int number, List<string> texts)
    {
        var type = xml.GetAttribute("t");
        var depth = xml.Depth;
        var value = new StringBuilder();
        while (await NextAsync(xml) && xml.Depth > depth)
        {
            if (xml is { NodeType: XmlNodeType.Element, LocalName: "rPh" or "f" })
            {
                await PassOverAsync(xml);
            }
            else if (xml.NodeType is XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.SignificantWhitespace)
            {
                value.Append(xml.Value);
                if (value.Length > TableLimits.MaxCellLength)
                {
                    throw new MalformedTableException($"row {number}", $"A cell is longer than {TableLimits.MaxCellLength} characters.");
                }
            }
        }

        return type switch
        {
            "s" => int.TryParse(value.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var at) && at < texts.Count
                ? texts[at]
                : throw new MalformedTableException($"row {number}", "A cell refers to a text that the workbook does not have."),
            "e" => throw new MalformedTableException($"row {number}", $"A formula of the row came to an error, {value}."),
            "b" => value.ToString() == "1" ? "true" : "false",
            "inlineStr" or "str" => FromXml(value.ToString()),
            _ => ToPlainNumber(value.ToString()),
        };
    }

    private static async Task PassOverAsync(XmlReader xml)
    {
        var depth = xml.Depth;
        while (!xml.IsEmptyElement && await NextAsync(xml) && xml.Depth > depth)
        {
        }
    }

    private static async Task<List<string>> ReadSharedTextsAsync(ZipArchive zip, CancellationToken cancellation)
    {
        var texts = new List<string>();
        if (zip.GetEntry("xl/sharedStrings.xml") is not { } part)
        {
            return texts;
        }

        if (part.Length > MaxSharedTexts)
        {
            throw new MalformedTableException("$", $"The texts of the workbook come to {part.Length} bytes; at most {MaxSharedTexts} are read. Send a file of this size as CSV.");
        }

        using var xml = Open(part);
        var text = new StringBuilder();
        while (await NextAsync(xml))
        {
            cancellation.ThrowIfCancellationRequested();
            if (xml is not { NodeType: XmlNodeType.Element, LocalName: "si" })
            {
                continue;
            }

            var depth = xml.Depth;
            text.Clear();
            while (!xml.IsEmptyElement && await NextAsync(xml) && xml.Depth > depth)
            {
                if (xml is { NodeType: XmlNodeType.Element, LocalName: "rPh" })
                {
                    await PassOverAsync(xml);
                }
                else if (xml.NodeType is XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.SignificantWhitespace)
                {
                    text.Append(xml.Value);
                }
            }

            texts.Add(text.Length <= TableLimits.MaxCellLength ? FromXml(text.ToString()) : throw new MalformedTableException("$", $"A text of the workbook is longer than {TableLimits.MaxCellLength} characters."));
        }

        return texts;
    }

    private static async Task<ZipArchiveEntry> FindFirstSheetAsync(ZipArchive zip)
    {
        string? relation = null;
        using (var workbook = Open(zip.GetEntry("xl/workbook.xml") ?? throw new InvalidDataException()))
        {
            while (relation is null && await NextAsync(workbook))
            {
                relation = workbook is { NodeType: XmlNodeType.Element, LocalName: "sheet" }
                    ? workbook.GetAttribute("id", Relations) ?? workbook.GetAttribute("id", "http://purl.oclc.org/ooxml/officeDocument/relationships")
                    : null;
            }
        }

        using var relations = Open(zip.GetEntry("xl/_rels/workbook.xml.rels") ?? throw new InvalidDataException());
        while (await NextAsync(relations))
        {
            if (relations is { NodeType: XmlNodeType.Element, LocalName: "Relationship" } && relations.GetAttribute("Id") == relation && relations.GetAttribute("Target") is { } target)
            {
                return zip.GetEntry(target.StartsWith('/') ? target[1..] : "xl/" + target) ?? throw new InvalidDataException();
            }
        }

        throw new InvalidDataException();
    }

    private static XmlReader Open(ZipArchiveEntry part) => XmlReader.Create(
        new BoundedTokens(part.Open()),
        new XmlReaderSettings { Async = true, DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, IgnoreProcessingInstructions = true, NameTable = new BoundedNames() });

    private static async Task<bool> NextAsync(XmlReader xml) => await xml.ReadAsync()
        && (xml.Depth <= MaxLevels ? true : throw new MalformedTableException("$", $"The XML of the workbook has more than {MaxLevels} levels."));

    /// <summary>The number of a column by its name, AB12 is 27; -1 where it is none.</summary>
    private static int ColumnOf(string name)
    {
        var column = 0;
        var at = 0;
        for (; at < name.Length && char.IsAsciiLetterUpper(name[at]); at++)
        {
            column = (column * 26) + name[at] - 'A' + 1;
            if (column > 20_000)
            {
                return -1;
            }
        }

        return at > 0 && at < name.Length ? column - 1 : -1;
    }

    private static string NameOfColumn(int column) => column < 26 ? $"{(char)('A' + column)}" : $"{(char)('A' + (column / 26) - 1)}{(char)('A' + (column % 26))}";

    /// <summary>Numbers are stored as doubles, 1.0E2 or 28.410000000000001: what the sheet shows is the shortest form that reads back.</summary>
    private static string ToPlainNumber(string text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && Math.Abs(number) < 1e15
        ? ((decimal)number).ToString(CultureInfo.InvariantCulture)
        : text;

    /// <summary>What XML cannot hold stands as _xHHHH_.</summary>
    private static string ToXml(string text)
    {
        var xml = new StringBuilder(text.Length);
        foreach (var c in EscapedCharacter().Replace(text, "_x005F_x$1_"))
        {
            _ = c switch
            {
                '<' => xml.Append("&lt;"),
                '>' => xml.Append("&gt;"),
                '&' => xml.Append("&amp;"),
                '\t' or '\n' => xml.Append(c),
                < ' ' or '\uFFFE' or '\uFFFF' => xml.Append(CultureInfo.InvariantCulture, $"_x{(int)c:X4}_"),
                _ => xml.Append(c),
            };
        }

        return xml.ToString();
    }

    private static string FromXml(string text) => text.Contains("_x", StringComparison.Ordinal)
        ? EscapedCharacter().Replace(text, m => (char)int.Parse(m.Groups[1].Value, NumberStyles.HexNumber, CultureInfo.InvariantCulture) is var c && char.IsSurrogate(c) ? "\uFFFD" : c.ToString())
        : text;

    [GeneratedRegex("_x([0-9A-Fa-f]{4})_")]
    private static partial Regex EscapedCharacter();

    /// <summary>Refuses more names than any workbook has: a reader keeps each to its end.</summary>
    private sealed class BoundedNames : NameTable
    {
        private int _count;

        public override string Add(char[] key, int start, int len) => Get(key, start, len) ?? Counted(base.Add(key, start, len));

        public override string Add(string key) => Get(key) ?? Counted(base.Add(key));

        private string Counted(string name) => ++_count <= MaxNames ? name
            : throw new MalformedTableException("$", $"The XML of the workbook has more than {MaxNames} names.");
    }

    /// <summary>Refuses a tag or a text that is too long while it passes: the XML reader would put it together in memory first.</summary>
    private sealed class BoundedTokens(Stream source) : Stream
    {
        private int _length;
        private bool _opened;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count) => Check(buffer.AsSpan(offset), source.Read(buffer, offset, count));

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var count = await source.ReadAsync(buffer, cancellationToken);
            return Check(buffer.Span, count);
        }

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                source.Dispose();
            }

            base.Dispose(disposing);
        }

        private int Check(Span<byte> buffer, int count)
        {
            foreach (var b in buffer[..count])
            {
                _length = b == '<' ? 0 : _length + 1;
                if (b == 0 || (_opened && b == '!'))
                {
                    throw new MalformedTableException("$", "The XML of the workbook is not plain UTF-8: declarations, comments and CDATA are not read.");
                }

                if (_length > MaxTokenBytes)
                {
                    throw new MalformedTableException("$", $"A tag or a text of the workbook is longer than {MaxTokenBytes} bytes.");
                }

                _opened = b == '<';
            }

            return count;
        }
    }
}
