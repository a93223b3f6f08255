using PartnerMatch.Api.Enterprises;
using PartnerMatch.Api.Http;
using PartnerMatch.Api.Tables;

namespace PartnerMatch.Api.Imports;

/// <summary>The columns of CSV and XLSX: what stands in them when an enterprise is exported.</summary>
internal static class SheetColumns
{
    public const string Id = "id";
    public const string NameEn = "name_en";
    public const string NameRu = "name_ru";
    public const string Country = "country";
    public const string Region = "region";
    public const string City = "city";
    public const string Makes = "makes";
    public const string MakesRu = "makes_ru";
    public const string Needs = "needs";
    public const string NeedsRu = "needs_ru";
    public const string Nace = "nace";
    public const string Employees = "employees";
    public const string Founded = "founded";
    public const string Website = "website";
    public const string Markets = "markets";
    public const string Certificates = "certificates";
    public const string Status = "status";
    public const string Sources = "sources";

    /// <summary>All, in the order of the export; one per identifier scheme at the end.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        Id, NameEn, NameRu, Country, Region, City, Makes, MakesRu, Needs, NeedsRu, Nace, Employees, Founded, Website, Markets, Certificates, Status, Sources,
        .. Enum.GetValues<IdentifierScheme>().Select(Kebab.Of),
    ];

    /// <summary>The cells of an enterprise, in the order of <see cref="All"/>.</summary>
    public static IReadOnlyList<object?> ToCells(Enterprise e) =>
    [
        e.Id,
        e.Name,
        e.NameRu,
        e.Country,
        e.Region,
        e.City,
        ToCell(e.Offers.Select(EntryOf), isRussian: false),
        ToCell(e.Offers.Select(EntryOf), isRussian: true),
        ToCell(e.Needs.Select(EntryOf), isRussian: false),
        ToCell(e.Needs.Select(EntryOf), isRussian: true),
        e.Activity,
        e.Employees,
        e.Founded,
        e.Website,
        SpreadsheetCell.JoinList(e.Markets),
        SpreadsheetCell.JoinList(e.Certificates),
        Kebab.Of(e.Status),
        SpreadsheetCell.JoinList(e.Sources),
        .. Enum.GetValues<IdentifierScheme>().Select(scheme => SpreadsheetCell.JoinList(e.Identifiers.Where(i => i.Scheme == scheme).Select(i => i.Value))),
    ];

    /// <summary>How an offer stands in a list: the enterprise's own words, or the code where it has none.</summary>
    public static string EntryOf(Offered offer) => offer.Text?.Trim() is { Length: > 0 } text ? text : offer.Code!;

    /// <summary>How a need stands in a list.</summary>
    public static string EntryOf(Needed need) => need.Text?.Trim() is { Length: > 0 } text ? text : need.Code!;

    /// <summary>Whether an entry belongs to the Russian column: it has a Cyrillic letter.</summary>
    public static bool IsRussian(string entry) => entry.Any(c => c is >= '\u0400' and <= '\u052F');

    private static string ToCell(IEnumerable<string> entries, bool isRussian) =>
        SpreadsheetCell.JoinList(entries.Where(e => IsRussian(e) == isRussian).Distinct(StringComparer.Ordinal));
}
