using PartnerMatch.Api.Enterprises;

namespace PartnerMatch.Api.Imports;

/// <summary>A row that was read, checked and mapped, before it is compared with what is stored.</summary>
internal sealed record StagedRow
{
    /// <summary>The row's number as a spreadsheet counts, or the line.</summary>
    public required int Number { get; init; }

    /// <summary>The id that the row gives, or null.</summary>
    public string? Id { get; init; }

    /// <summary>What the row says, its words mapped to codes.</summary>
    public required EnterpriseRequest Request { get; init; }

    /// <summary>The entries of the lists as they were written; null in NDJSON, which gives whole profiles.</summary>
    public SheetEntries? Entries { get; init; }

    /// <summary>
    /// What is to be stored, given what is stored now. NDJSON replaces the profile, as PUT does. A sheet changes what it has columns for and
    /// leaves the rest; words and codes that are stored already keep their codes, strength and confidence, so that what staff has set
    /// right stays so, and a sheet that was exported changes nothing.
    /// </summary>
    public EnterpriseRequest ApplyTo(Enterprise? current, ISet<string> columns)
    {
        if (Entries is null || current is null)
        {
            return Request;
        }

        var stored = current.ToRequest();
        return stored with
        {
            Name = Has(SheetColumns.NameEn) && Entries.NameEn is { } name ? Kept(current.Name, name)! : current.Name,
            NameRu = Has(SheetColumns.NameRu) ? Kept(stored.NameRu, Request.NameRu) : stored.NameRu,
            Country = Request.Country,
            Region = Request.Region,
            City = Has(SheetColumns.City) ? Kept(stored.City, Request.City) : stored.City,
            Activity = Has(SheetColumns.Nace) ? Request.Activity : stored.Activity,
            Employees = Has(SheetColumns.Employees) ? Request.Employees : stored.Employees,
            Founded = Has(SheetColumns.Founded) ? Request.Founded : stored.Founded,
            Website = Has(SheetColumns.Website) ? Kept(stored.Website, Request.Website) : stored.Website,
            Markets = Has(SheetColumns.Markets) ? Request.Markets : stored.Markets,
            Certificates = Has(SheetColumns.Certificates) ? Kept(stored.Certificates, Request.Certificates) : stored.Certificates,
            Sources = Has(SheetColumns.Sources) ? Kept(stored.Sources, Request.Sources) : stored.Sources,
            Status = Request.Status ?? stored.Status,
            Identifiers = MergeIdentifiers(stored.Identifiers!),
            Offers = Merge(
                current.Offers.Select(o => (SheetColumns.EntryOf(o), new OfferEntry { Code = o.Code, Text = o.Text, Strength = o.Strength, Confidence = o.Confidence })),
                Request.Offers!.Select(o => (EntryOf(o.Text, o.Code), o)),
                entry => IsKept(entry, SheetColumns.Makes, Entries.Makes, SheetColumns.MakesRu, Entries.MakesRu),
                o => o.Code,
                o => (o.Strength ?? 1) * (o.Confidence ?? 1)),
            Needs = Merge(
                current.Needs.Select(n => (SheetColumns.EntryOf(n), new NeedEntry { Code = n.Code, Text = n.Text, Urgency = n.Urgency, Confidence = n.Confidence })),
                Request.Needs!.Select(n => (EntryOf(n.Text, n.Code), n)),
                entry => IsKept(entry, SheetColumns.Needs, Entries.Needs, SheetColumns.NeedsRu, Entries.NeedsRu),
                n => n.Code,
                n => (n.Urgency ?? 1) * (n.Confidence ?? 1)),
        };

        bool Has(string column) => columns.Contains(column);

        bool IsKept(string entry, string column, IReadOnlyList<string> entries, string columnRu, IReadOnlyList<string> entriesRu) =>
            !Has(SheetColumns.IsRussian(entry) ? columnRu : column) || entries.Contains(entry) || entriesRu.Contains(entry);

        IReadOnlyList<Identifier> MergeIdentifiers(IReadOnlyList<Identifier> identifiers)
        {
            var given = Request.Identifiers!;
            return [.. identifiers.Where(i => !Has(Http.Kebab.Of(i.Scheme)) || given.Contains(i)), .. given.Except(identifiers)];
        }
    }

    private static string EntryOf(string? text, string? code) => text ?? code!;

    /// <summary>What is stored, where only spaces around it differ.</summary>
    private static string? Kept(string? stored, string? given) => (stored?.Trim() ?? "") == (given ?? "") ? stored : given;

    /// <summary>The same of a list; entries that are one without these spaces stand in a cell once.</summary>
    private static IReadOnlyList<string>? Kept(IReadOnlyList<string>? stored, IReadOnlyList<string>? given) =>
        (stored ?? []).Select(s => s.Trim()).Distinct(StringComparer.Ordinal).SequenceEqual(given ?? [], StringComparer.Ordinal) ? stored : given;

    /// <summary>The stored entries that stay, in their order, then the new ones; of two with one code the surer, the stored one where they are equal.</summary>
    private static List<T> Merge<T>(
        IEnumerable<(string Entry, T Value)> stored,
        IEnumerable<(string Entry, T Value)> given,
        Func<string, bool> isKept,
        Func<T, string?> code,
        Func<T, double> value)
    {
        var known = stored.ToArray();
        var entries = known.Select(s => s.Entry).ToHashSet(StringComparer.Ordinal);
        var merged = known.Where(s => isKept(s.Entry)).Concat(given.Where(g => !entries.Contains(g.Entry))).Select(e => e.Value).ToArray();
        var best = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < merged.Length; i++)
        {
            if (code(merged[i]) is { } c && (!best.TryGetValue(c, out var other) || value(merged[i]) > value(merged[other])))
            {
                best[c] = i;
            }
        }

        return [.. merged.Where((e, i) => code(e) is not { } c || best[c] == i)];
    }
}

/// <summary>What stands in the cells of a sheet's row, where the request alone does not tell it.</summary>
internal sealed record SheetEntries(
    string? NameEn,
    IReadOnlyList<string> Makes,
    IReadOnlyList<string> MakesRu,
    IReadOnlyList<string> Needs,
    IReadOnlyList<string> NeedsRu);
