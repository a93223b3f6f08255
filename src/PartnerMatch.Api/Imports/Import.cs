using System.Text.Json.Serialization;
using PartnerMatch.Api.Http;
using PartnerMatch.Api.Jobs;

namespace PartnerMatch.Api.Imports;

/// <summary>One import of a file: what was asked, how far it is, and what came of it.</summary>
internal sealed record Import
{
    public required string Id { get; init; }

    public required JobState State { get; init; }

    public required ImportFormat Format { get; init; }

    public required ImportMode Mode { get; init; }

    /// <summary>Whether it only reports.</summary>
    public required bool DryRun { get; init; }

    /// <summary>Bytes of the file.</summary>
    public required long Size { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>How far it is; null before it starts and when it is over.</summary>
    public ImportProgress? Progress { get; init; }

    /// <summary>What came of it, once it is over; null where the file could not be read to its end.</summary>
    public ImportReport? Report { get; init; }

    /// <summary>Why it failed, where it did.</summary>
    public ImportFailure? Failure { get; init; }
}

/// <summary>How the file is written.</summary>
internal enum ImportFormat
{
    /// <summary>text/csv.</summary>
    Csv,

    /// <summary>application/x-ndjson: one enterprise a line.</summary>
    Ndjson,

    /// <summary>A workbook, whose first sheet is read.</summary>
    Xlsx,
}

/// <summary>What a refused row means for the others.</summary>
internal enum ImportMode
{
    /// <summary>Nothing is stored.</summary>
    All,

    /// <summary>The others are stored.</summary>
    Partial,
}

/// <summary>What an import is doing.</summary>
internal enum ImportPhase
{
    /// <summary>Reads and checks rows.</summary>
    Reading,

    /// <summary>Compares them with what is stored.</summary>
    Comparing,

    /// <summary>Stores them, in one transaction.</summary>
    Storing,
}

/// <summary>How far an import is.</summary>
/// <param name="Phase">What it is doing.</param>
/// <param name="RowsRead">Rows read and checked.</param>
/// <param name="RowsRefused">Those of them that were refused.</param>
/// <param name="RowsDone">Rows compared with what is stored, ready to be stored together.</param>
/// <param name="RowsPerSecond">Rows read a second, since the start.</param>
/// <param name="SecondsLeft">Estimated from the part of the file that was read; null until there is something to go by.</param>
internal sealed record ImportProgress(ImportPhase Phase, int RowsRead, int RowsRefused, int RowsDone, double RowsPerSecond, double? SecondsLeft);

/// <summary>What came of an import.</summary>
internal sealed record ImportReport
{
    /// <summary>The most entries that each list of a report holds; the counts beside the lists are complete.</summary>
    public const int MaxEntries = 1000;

    /// <summary>Rows read, the header not among them.</summary>
    public required int Rows { get; init; }

    /// <summary>Enterprises that were new.</summary>
    public required int Created { get; init; }

    /// <summary>Enterprises that were stored already and changed.</summary>
    public required int Updated { get; init; }

    /// <summary>Enterprises that were stored already as the file has them.</summary>
    public required int Unchanged { get; init; }

    /// <summary>Rows that were refused.</summary>
    public required int Refused { get; init; }

    /// <summary>Whether anything of it was stored: not in a dry run, nor where a refused row stopped all or nothing was new or changed.</summary>
    public required bool Stored { get; init; }

    /// <summary>The refused rows in their order; at most the first 1000.</summary>
    public required IReadOnlyList<RefusedRow> RefusedRows { get; init; }

    /// <summary>How many words mean no competency yet.</summary>
    public required int Unmapped { get; init; }

    /// <summary>The words that mean no competency yet; they are stored and wait for an alias. At most the first 1000.</summary>
    public required IReadOnlyList<UnmappedText> UnmappedWords { get; init; }

    /// <summary>How many of the new enterprises may be stored under another name or place already.</summary>
    public required int Duplicates { get; init; }

    /// <summary>New enterprises that may be the same as another; they are not merged. At most the first 1000.</summary>
    public required IReadOnlyList<PossibleDuplicate> PossibleDuplicates { get; init; }
}

/// <summary>A row that was refused, and why.</summary>
/// <param name="Row">As a spreadsheet counts: the header is row 1. In NDJSON the line.</param>
/// <param name="Field">The column, or in NDJSON the JSON path.</param>
/// <param name="Detail">What is wrong.</param>
/// <param name="Suggestions">The nearest valid values, where some are near; else absent.</param>
/// <param name="Also">What else is wrong in the row; absent where nothing is.</param>
internal sealed record RefusedRow(
    int Row,
    string Field,
    string Detail,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<string>? Suggestions = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<RefusedField>? Also = null)
{
    private const int MaxFields = 20;

    public static RefusedRow From(int row, IReadOnlyList<RefusedField> errors) => new(
        row,
        errors[0].Field,
        errors[0].Detail,
        errors[0].Suggestions,
        errors.Count > 1 ? [.. errors.Skip(1).Take(MaxFields)] : null);

    public FieldError ToError() => new("body", $"row {Row}, {Field}", Detail, Suggestions);
}

/// <summary>One thing that is wrong in a row.</summary>
/// <param name="Field">The column, or in NDJSON the JSON path.</param>
/// <param name="Detail">What is wrong.</param>
/// <param name="Suggestions">The nearest valid values, where some are near; else absent.</param>
internal sealed record RefusedField(
    string Field,
    string Detail,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<string>? Suggestions = null);

/// <summary>Words of a row that mean no competency yet.</summary>
/// <param name="Row">The row.</param>
/// <param name="Field">offers or needs.</param>
/// <param name="Text">The words.</param>
internal sealed record UnmappedText(int Row, string Field, string Text);

/// <summary>A new enterprise that may be the same as another.</summary>
/// <param name="Row">The row.</param>
/// <param name="Name">The enterprise's name.</param>
/// <param name="EnterpriseId">The stored enterprise that it may be; null where it is another row.</param>
/// <param name="OtherRow">The row that it may be the same as.</param>
/// <param name="OtherName">The other's name.</param>
/// <param name="OtherRegion">The other's region.</param>
internal sealed record PossibleDuplicate(int Row, string Name, string? EnterpriseId, int? OtherRow, string OtherName, string OtherRegion);

/// <summary>Why an import failed; the same as the problem that is answered where the import is done at once.</summary>
/// <param name="Type">Stable name of the kind of failure.</param>
/// <param name="Detail">What went wrong.</param>
/// <param name="Errors">One entry per place; of refused rows the first ten, the report has them all.</param>
internal sealed record ImportFailure(string Type, string Detail, IReadOnlyList<FieldError> Errors)
{
    private const int ShownRows = 10;

    public const string RefusedType = "import-refused";
    public const string UnreadableType = "invalid-request";
    public const string InterruptedType = "import-interrupted";
    public const string InternalType = "internal-error";

    public static ImportFailure Of(string type, string detail, params IReadOnlyList<FieldError> errors) => new("urn:partnermatch:problem:" + type, detail, errors);

    public static ImportFailure Unreadable(string place, string detail) => Of(UnreadableType, $"{place}: {detail}", new FieldError("body", place, detail));

    public static ImportFailure Refused(ImportReport report) => Of(
        RefusedType,
        $"{report.Refused} of {report.Rows} rows are refused; nothing is stored. mode=partial stores the others.",
        [.. report.RefusedRows.Take(ShownRows).Select(r => r.ToError())]);
}
