namespace PartnerMatch.Api.Tables;

/// <summary>A row of a table as it was sent.</summary>
/// <param name="Number">The row's number as a spreadsheet counts: the header is row 1. In NDJSON the line's number.</param>
/// <param name="Cells">The cells in the order of the columns; not unescaped.</param>
internal sealed record TableRow(int Number, IReadOnlyList<string> Cells);

/// <summary>What no table may exceed, so that a row can always be held in memory.</summary>
internal static class TableLimits
{
    /// <summary>Characters of one row with its separators; also the longest line of NDJSON.</summary>
    public const int MaxRowLength = 1024 * 1024;

    /// <summary>Characters of one cell: what 200 entries of 300 characters need.</summary>
    public const int MaxCellLength = 65_536;

    /// <summary>Columns of one row.</summary>
    public const int MaxColumns = 100;
}

/// <summary>A file cannot be read on from some place: what follows it cannot be trusted. Thrown inside a stream of rows, where no other answer is possible.</summary>
/// <param name="place">The place, <c>row 17</c>.</param>
/// <param name="detail">What is wrong there.</param>
internal sealed class MalformedTableException(string place, string detail) : Exception($"{place}: {detail}")
{
    public string Place => place;

    public string Detail => detail;
}
