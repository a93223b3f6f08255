using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using FluentValidation;
using FluentValidation.Results;
using Microsoft.Extensions.Options;
using PartnerMatch.Api.Enterprises;
using PartnerMatch.Api.Http;
using PartnerMatch.Api.Reference;
using PartnerMatch.Api.Tables;
using PartnerMatch.Ranking.Profiles;
using PartnerMatch.Ranking.Taxonomy;

namespace PartnerMatch.Api.Imports;

/// <summary>Makes of a row what can be stored, or says all that is wrong with it, by column or JSON path.</summary>
internal sealed class RowChecks(ReferenceCatalog reference, IValidator<EnterpriseRequest> validator, WordsToCodes words, IOptions<Microsoft.AspNetCore.Http.Json.JsonOptions> json)
{
    public const int MaxIdLength = 64;
    private const int MaxShown = 60;
    private const int ClassDigits = 4;

    /// <summary>What the service says of a profile, and no request may set; accepted so that what was exported can be sent back.</summary>
    private static readonly string[] Ignored = ["revision", "createdAt", "updatedAt"];

    /// <summary>Ids that would hide an enterprise behind another address, whose letters may be of either case.</summary>
    private static readonly string[] Reserved = ["import", "export", ".", ".."];

    private readonly PlaceNames _places = new(reference);
    private readonly JsonSerializerOptions _json = json.Value.SerializerOptions;

    /// <summary>The columns of a sheet by its header, or why it cannot be read.</summary>
    public static (IReadOnlyDictionary<string, int>? Columns, IReadOnlyList<FieldError> Errors) ReadHeader(TableRow header)
    {
        var columns = new Dictionary<string, int>(StringComparer.Ordinal);
        var errors = new List<FieldError>();
        for (var i = 0; i < header.Cells.Count; i++)
        {
            var written = header.Cells[i].Trim();
            var name = written.ToLowerInvariant();
            if (!SheetColumns.All.Contains(name))
            {
                var hint = written.Contains('\t', StringComparison.Ordinal) ? " Cells are separated by semicolons or commas, not by tabs." : "";
                errors.Add(new FieldError("body", $"row {header.Number}, column {i + 1}", $"There is no column '{Shorten(written)}'.{hint}", SheetColumns.All));
            }
            else if (!columns.TryAdd(name, i))
            {
                errors.Add(new FieldError("body", $"row {header.Number}, column {i + 1}", $"The column '{name}' is there twice."));
            }
        }

        if (errors.Count == 0)
        {
            errors.AddRange(new[] { SheetColumns.Country, SheetColumns.Region }.Where(c => !columns.ContainsKey(c)).Select(c => Lacks(c)));
            if (!columns.ContainsKey(SheetColumns.NameEn) && !columns.ContainsKey(SheetColumns.NameRu))
            {
                errors.Add(Lacks("name_en' or 'name_ru"));
            }
        }

        return errors.Count == 0 ? (columns, errors) : (null, errors);

        FieldError Lacks(string column) => new("body", $"row {header.Number}", $"The header lacks the column '{column}'.");
    }

    /// <summary>Reads a row of a sheet.</summary>
    /// <param name="row">The row.</param>
    /// <param name="columns">Where each column stands.</param>
    /// <param name="isPadded">Whether empty cells at the end may be missing, as workbooks have it.</param>
    public (StagedRow? Row, RefusedRow? Refused) CheckSheet(TableRow row, IReadOnlyDictionary<string, int> columns, bool isPadded)
    {
        if (row.Cells.Count != columns.Count && !(isPadded && row.Cells.Count < columns.Count))
        {
            return (null, new RefusedRow(row.Number, "$", $"The row has {row.Cells.Count} cells, the header {columns.Count}. A cell that holds a separator is to be quoted."));
        }

        var errors = new List<RefusedField>();
        var country = Required(SheetColumns.Country) is { } writtenCountry ? CountryOf(writtenCountry) : null;
        var entries = new SheetEntries(Cell(SheetColumns.NameEn), List(SheetColumns.Makes), List(SheetColumns.MakesRu), List(SheetColumns.Needs), List(SheetColumns.NeedsRu));
        var identifiers = Enum.GetValues<IdentifierScheme>().SelectMany(scheme => List(Kebab.Of(scheme)).Select(value => new Identifier(scheme, value))).ToArray();
        if (entries.NameEn is null && Cell(SheetColumns.NameRu) is null)
        {
            errors.Add(new RefusedField(columns.ContainsKey(SheetColumns.NameEn) ? SheetColumns.NameEn : SheetColumns.NameRu, "The name is required, in English or Russian."));
        }

        var request = new EnterpriseRequest
        {
            Name = entries.NameEn ?? Cell(SheetColumns.NameRu) ?? "",
            NameRu = Cell(SheetColumns.NameRu),
            Country = country ?? "",
            Region = RegionOf(country) ?? "",
            City = Cell(SheetColumns.City),
            Offers = [.. Union(entries.Makes, entries.MakesRu).Select(e => CompetencyCode.IsWellFormed(e) ? new OfferEntry { Code = e } : new OfferEntry { Text = e })],
            Needs = [.. Union(entries.Needs, entries.NeedsRu).Select(e => CompetencyCode.IsWellFormed(e) ? new NeedEntry { Code = e } : new NeedEntry { Text = e })],
            Activity = Cell(SheetColumns.Nace) is { } nace ? ActivityOf(nace) : null,
            Employees = Number(SheetColumns.Employees),
            Founded = Number(SheetColumns.Founded),
            Website = Cell(SheetColumns.Website),
            Markets = [.. List(SheetColumns.Markets).Select(m => _places.FindMarket(m) ?? m).Distinct(StringComparer.Ordinal)],
            Certificates = List(SheetColumns.Certificates),
            Status = Cell(SheetColumns.Status) is { } status ? StatusOf(status) : null,
            Sources = List(SheetColumns.Sources),
            Identifiers = identifiers,
        };
        return Check(row.Number, Cell(SheetColumns.Id), SheetColumns.Id, request, entries, errors, ColumnOf);

        string? Cell(string column) => columns.TryGetValue(column, out var at) && at < row.Cells.Count && SpreadsheetCell.Unescape(row.Cells[at].Trim()).Trim() is { Length: > 0 } cell ? cell : null;

        IReadOnlyList<string> List(string column) => SpreadsheetCell.SplitList(Cell(column));

        string? Required(string column)
        {
            if (Cell(column) is { } cell)
            {
                return cell;
            }

            errors.Add(new RefusedField(column, $"The {column} is required."));
            return null;
        }

        string? CountryOf(string written)
        {
            if (_places.FindCountry(written) is { } code)
            {
                return code;
            }

            errors.Add(new RefusedField(SheetColumns.Country, $"'{Shorten(written)}' is neither the ISO 3166-1 code of a country nor its name in English or Russian.", OrNull(_places.CountriesNear(written))));
            return null;
        }

        string? RegionOf(string? ofCountry)
        {
            var written = Cell(SheetColumns.Region) ?? "";
            if (ofCountry is null)
            {
                return null;
            }

            if (written.Length > 0 && (_places.FindRegion(written, ofCountry) ?? (reference.ListsRegionsOf(ofCountry) ? null : written)) is { } code)
            {
                return code;
            }

            var near = _places.RegionsNear(written, ofCountry, Cell(SheetColumns.City));
            var hint = near.Count == 1 ? $" {_places.Describe(near[0])}?" : "";
            errors.Add(written.Length == 0
                ? new RefusedField(SheetColumns.Region, $"The region is required, as a code or a name.{hint}", OrNull(near))
                : new RefusedField(SheetColumns.Region, $"'{Shorten(written)}' is neither the ISO 3166-2 code of a region of {ofCountry} nor its name in English or Russian.{hint}", OrNull(near)));
            return null;
        }

        int? Number(string column)
        {
            if (Cell(column) is not { } written)
            {
                return null;
            }

            var digits = written.Replace(" ", "", StringComparison.Ordinal).Replace("\u00A0", "", StringComparison.Ordinal);
            if (decimal.TryParse(digits, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number == Math.Truncate(number) && Math.Abs(number) <= int.MaxValue)
            {
                return (int)number;
            }

            errors.Add(new RefusedField(column, $"'{Shorten(written)}' is not a whole number."));
            return null;
        }

        ProfileStatus? StatusOf(string written)
        {
            if (EnumParameter<ProfileStatus>.TryParse(written.ToLowerInvariant(), null, out var status))
            {
                return status.Value;
            }

            errors.Add(new RefusedField(SheetColumns.Status, $"'{Shorten(written)}' is not a status.", [.. EnumParameter<ProfileStatus>.Names]));
            return null;
        }

        string ColumnOf(string path)
        {
            var at = path.IndexOf('[', StringComparison.Ordinal) is var bracket && bracket > 0 ? int.Parse(path[(bracket + 1)..path.IndexOf(']', bracket)], CultureInfo.InvariantCulture) : 0;
            return path.Split('[', '.')[0] switch
            {
                "name" => entries.NameEn is null ? SheetColumns.NameRu : SheetColumns.NameEn,
                "nameRu" => SheetColumns.NameRu,
                "activity" => SheetColumns.Nace,
                "offers" => at < entries.Makes.Count ? SheetColumns.Makes : SheetColumns.MakesRu,
                "needs" => at < entries.Needs.Count ? SheetColumns.Needs : SheetColumns.NeedsRu,
                "identifiers" => at < identifiers.Length ? Kebab.Of(identifiers[at].Scheme) : path,
                var column => column,
            };
        }
    }

    /// <summary>Reads a line of NDJSON: a profile as the service answers it.</summary>
    public (StagedRow? Row, RefusedRow? Refused) CheckLine(int number, string line)
    {
        string? id = null;
        EnterpriseRequest request;
        try
        {
            if (JsonNode.Parse(line, null, new JsonDocumentOptions { AllowDuplicateProperties = false }) is not JsonObject profile)
            {
                return (null, new RefusedRow(number, "$", "The line is not a JSON object."));
            }

            if (profile["id"] is { } given && (given is not JsonValue value || !value.TryGetValue(out id)))
            {
                return (null, new RefusedRow(number, "id", "The value is of the wrong type."));
            }

            foreach (var name in Ignored.Append("id"))
            {
                profile.Remove(name);
            }

            request = profile.Deserialize<EnterpriseRequest>(_json)!;
        }
        catch (JsonException e)
        {
            var error = ProblemHandling.Locate(e);
            return (null, new RefusedRow(number, error.Path, error.Detail));
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair, "\ud800", is no character.
            return (null, new RefusedRow(number, "$", "A text of the line is not well-formed Unicode."));
        }

        return Check(number, id, "id", request, null, [], path => path);
    }

    private (StagedRow? Row, RefusedRow? Refused) Check(int number, string? id, string idField, EnterpriseRequest request, SheetEntries? entries, List<RefusedField> errors, Func<string, string> fieldOf)
    {
        if (id is not null && (id.Length is 0 or > MaxIdLength || !id.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '~') || Reserved.Contains(id, StringComparer.OrdinalIgnoreCase)))
        {
            errors.Insert(0, new RefusedField(idField, $"An id has 1 to {MaxIdLength} letters, digits and - _ . ~, and is not one of {string.Join(", ", Reserved)}."));
        }

        var result = validator.Validate(request);
        foreach (var (field, failure) in result.Errors.Select(e => (fieldOf(e.PropertyName), e)))
        {
            // What could not even be read is told of already, and a region cannot be judged without its country.
            if (!errors.Any(e => e.Field == field || (e.Field == SheetColumns.Country && field == SheetColumns.Region)))
            {
                errors.Add(new RefusedField(field, failure.ErrorMessage, SuggestionsOf(failure)));
            }
        }

        return errors.Count > 0
            ? (null, RefusedRow.From(number, errors))
            : (new StagedRow { Number = number, Id = id, Request = words.Map(request), Entries = entries }, null);
    }

    private IReadOnlyList<string>? SuggestionsOf(ValidationFailure failure) => failure switch
    {
        { PropertyName: "website", AttemptedValue: string address } when Uri.TryCreate("https://" + address, UriKind.Absolute, out var uri) && uri.Host.Contains('.', StringComparison.Ordinal) => ["https://" + address],
        { PropertyName: "activity", AttemptedValue: string activity } => OrNull([.. reference.Tree.NearestTo(activity).Select(c => c.Code).Where(c => CompetencyCode.Digits(c) <= ClassDigits)]),
        _ => failure.CustomState as IReadOnlyList<string>,
    };

    /// <summary>2841 is written for 28.41.</summary>
    private static string ActivityOf(string written) => written.Length is 3 or 4 && written.All(char.IsAsciiDigit) ? $"{written[..2]}.{written[2..]}" : written;

    private static IEnumerable<string> Union(IReadOnlyList<string> first, IReadOnlyList<string> second) => first.Union(second, StringComparer.Ordinal);

    private static IReadOnlyList<string>? OrNull(IReadOnlyList<string> list) => list.Count > 0 ? list : null;

    private static string Shorten(string text) => text.Length > MaxShown ? text[..MaxShown] + "…" : text;
}
