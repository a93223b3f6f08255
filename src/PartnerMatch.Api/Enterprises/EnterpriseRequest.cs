using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using PartnerMatch.Api.Http;
using PartnerMatch.Ranking.Profiles;

namespace PartnerMatch.Api.Enterprises;

/// <summary>An enterprise as it is sent: only <c>name</c>, <c>country</c> and <c>region</c> are required.</summary>
internal sealed record EnterpriseRequest
{
    [Required, Length(1, EnterpriseValidator.MaxText), Description("The name in English or in Latin letters.")]
    public string Name { get; init; } = "";

    [MaxLength(EnterpriseValidator.MaxText), Description("The name in Russian.")]
    public string? NameRu { get; init; }

    [MaxLength(EnterpriseValidator.MaxText), Description("The name in Belarusian.")]
    public string? NameBe { get; init; }

    [Required, RegularExpression(EnterpriseValidator.CountryForm), Description("ISO 3166-1 alpha-2 code of the country.")]
    public string Country { get; init; } = "";

    [Required, RegularExpression(EnterpriseValidator.RegionForm), Description("ISO 3166-2 code of the region; it belongs to the country.")]
    public string Region { get; init; } = "";

    [MaxLength(EnterpriseValidator.MaxText), Description("The town, in English or Russian.")]
    public string? City { get; init; }

    [Description("Where the site is; where absent, the town's or the region's place is taken.")]
    public Location? Location { get; init; }

    [RegularExpression(EnterpriseValidator.ActivityForm), Description("The main activity as a NACE Rev. 2 class, 28.41.")]
    public string? Activity { get; init; }

    [MaxLength(EnterpriseValidator.MaxEntries), Description("Legal identifiers; check digits are verified, and a value belongs to one enterprise only.")]
    public IReadOnlyList<Identifier>? Identifiers { get; init; }

    [Range(1, EnterpriseValidator.MaxEmployees), Description("Number of employees.")]
    public int? Employees { get; init; }

    [Description("Yearly revenue.")]
    public Revenue? Revenue { get; init; }

    [Range(EnterpriseValidator.EarliestFounded, EnterpriseValidator.LatestFounded), Description("Year of foundation; none to come.")]
    public int? Founded { get; init; }

    [Length(1, EnterpriseValidator.MaxText), Description("Address of the web site, http or https.")]
    public string? Website { get; init; }

    [MaxLength(EnterpriseValidator.MaxEntries), Each(Pattern = EnterpriseValidator.LanguageForm), Description("Languages spoken in business, ISO 639-1.")]
    public IReadOnlyList<string>? Languages { get; init; }

    [MaxLength(EnterpriseValidator.MaxEntries), Each(Pattern = EnterpriseValidator.PlaceForm), Description("Where it sells: ISO 3166 codes of countries or regions. Where nothing is stated, its home country is inferred.")]
    public IReadOnlyList<string>? Markets { get; init; }

    [MaxLength(EnterpriseValidator.MaxEntries), Each(MinLength = 1, MaxLength = EnterpriseValidator.MaxText), Description("Certificates held, by name.")]
    public IReadOnlyList<string>? Certificates { get; init; }

    [MaxLength(EnterpriseValidator.MaxMeanings), Description("What it makes or does.")]
    public IReadOnlyList<OfferEntry>? Offers { get; init; }

    [MaxLength(EnterpriseValidator.MaxMeanings), Description("What it looks for; needs that its products imply are inferred and need not be stated.")]
    public IReadOnlyList<NeedEntry>? Needs { get; init; }

    [Description("Only published enterprises are recommended; published where absent.")]
    public ProfileStatus? Status { get; init; }

    [MaxLength(EnterpriseValidator.MaxText), Description("Who keeps the profile.")]
    public string? Owner { get; init; }

    [MaxLength(EnterpriseValidator.MaxEntries), Description("People to turn to; kept apart from the profile and never part of its history.")]
    public IReadOnlyList<Contact>? Contacts { get; init; }

    [MaxLength(EnterpriseValidator.MaxEntries), Each(MinLength = 1, MaxLength = EnterpriseValidator.MaxText), Description("Where the facts come from, and of what date.")]
    public IReadOnlyList<string>? Sources { get; init; }
}

/// <summary>A point in degrees, WGS 84.</summary>
internal sealed record Location(
    [property: Range(-EnterpriseValidator.MaxLatitude, EnterpriseValidator.MaxLatitude)] double Latitude,
    [property: Range(-EnterpriseValidator.MaxLongitude, EnterpriseValidator.MaxLongitude)] double Longitude);

/// <summary>A legal identifier.</summary>
internal sealed record Identifier(IdentifierScheme Scheme, [property: RegularExpression(LegalIdentifiers.Form)] string Value);

/// <summary>The registries whose identifiers are verified.</summary>
internal enum IdentifierScheme
{
    /// <summary>Belarusian taxpayer number, nine digits.</summary>
    Unp,

    /// <summary>Russian taxpayer number, ten digits (twelve for an entrepreneur).</summary>
    Inn,

    /// <summary>Russian state registration number, thirteen digits (fifteen for an entrepreneur).</summary>
    Ogrn,

    /// <summary>Legal Entity Identifier, ISO 17442.</summary>
    Lei,
}

/// <summary>An amount of money and the year it was earned.</summary>
internal sealed record Revenue(
    [property: Range(0.0, EnterpriseValidator.MaxRevenue, MinimumIsExclusive = true)] decimal Amount,
    [property: RegularExpression(EnterpriseValidator.CurrencyForm)] string Currency,
    [property: Range(EnterpriseValidator.EarliestRevenueYear, EnterpriseValidator.LatestRevenueYear)] int? Year = null);

/// <summary>A competency offered.</summary>
internal sealed record OfferEntry
{
    [RegularExpression(EnterpriseValidator.CodeForm), Description("A code of the competency taxonomy, CPA 2008; where absent, the service maps the text.")]
    public string? Code { get; init; }

    [Length(1, EnterpriseValidator.MaxText), Description("The enterprise's own words for it; required where there is no code.")]
    public string? Text { get; init; }

    [Range(0.0, 1.0, MinimumIsExclusive = true), Description("How surely the text means the code, in (0,1], as a previous answer gave it; absent where the code was stated.")]
    public double? Confidence { get; init; }

    [Range(0.0, 1.0, MinimumIsExclusive = true), Description("In (0,1]; 1, a core product, where absent.")]
    public double? Strength { get; init; }
}

/// <summary>A competency looked for.</summary>
internal sealed record NeedEntry
{
    [RegularExpression(EnterpriseValidator.CodeForm), Description("A code of the competency taxonomy, CPA 2008; where absent, the service maps the text.")]
    public string? Code { get; init; }

    [Length(1, EnterpriseValidator.MaxText), Description("The enterprise's own words for it; required where there is no code.")]
    public string? Text { get; init; }

    [Range(0.0, 1.0, MinimumIsExclusive = true), Description("How surely the text means the code, in (0,1], as a previous answer gave it; absent where the code was stated.")]
    public double? Confidence { get; init; }

    [Range(0.0, 1.0, MinimumIsExclusive = true), Description("In (0,1]; 1 where absent.")]
    public double? Urgency { get; init; }
}

/// <summary>A person to turn to.</summary>
internal sealed record Contact
{
    [Required, Length(1, EnterpriseValidator.MaxText), Description("The person's name.")]
    public string Name { get; init; } = "";

    [Length(1, EnterpriseValidator.MaxText), Description("The person's position.")]
    public string? Position { get; init; }

    [Length(1, EnterpriseValidator.MaxText), Description("E-mail address.")]
    public string? Email { get; init; }

    [Length(1, EnterpriseValidator.MaxText), Description("Telephone number.")]
    public string? Phone { get; init; }

    [Description("Whether the person agreed to be shown to portals that do not keep the enterprise; not shown to them where absent.")]
    public bool? Shared { get; init; }
}
