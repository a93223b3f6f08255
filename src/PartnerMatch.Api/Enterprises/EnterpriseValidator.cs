using FluentValidation;
using PartnerMatch.Api.Http;
using PartnerMatch.Api.Reference;
using PartnerMatch.Ranking.Taxonomy;

namespace PartnerMatch.Api.Enterprises;

/// <summary>Every rule that a profile must keep, with the nearest right values where a code is unknown.</summary>
internal sealed class EnterpriseValidator : AbstractValidator<EnterpriseRequest>
{
    public const int MaxEntries = 200;
    public const int MaxText = 300;

    /// <summary>Words may mean five codes: so much longer may lists be that come back with the codes of their words.</summary>
    public const int MaxMeanings = 5 * MaxEntries;
    public const int MaxEmployees = 5_000_000;
    public const int EarliestFounded = 1000;

    /// <summary>As far as the document can tell; years to come are refused.</summary>
    public const int LatestFounded = 9999;
    public const double MaxRevenue = 1e15;
    public const int EarliestRevenueYear = 1900;
    public const int LatestRevenueYear = 2100;
    public const double MaxLatitude = 90;
    public const double MaxLongitude = 180;

    /// <summary>Forms that the document tells; what is of the form must also exist.</summary>
    public const string CountryForm = "^[A-Z]{2}$";
    public const string RegionForm = "^[A-Z]{2}-[0-9A-Z]{1,3}$";
    public const string PlaceForm = "^[A-Z]{2}(-[0-9A-Z]{1,3})?$";
    public const string LanguageForm = "^[a-z]{2}$";
    public const string CurrencyForm = "^[A-Z]{3}$";
    public const string ActivityForm = @"^[0-9]{2}(\.[0-9]{1,2})?$";
    public const string CodeForm = @"^[0-9]{2}(\.[0-9]([0-9](\.[0-9]{1,2})?)?)?$";
    private const string ConfidenceRule = "The confidence is above 0 and at most 1, and goes with a code and the text that means it.";
    private readonly ReferenceCatalog _reference;

    public EnterpriseValidator(ReferenceCatalog reference, TimeProvider time)
    {
        _reference = reference;
        RuleFor(e => e.Name).NotEmpty().WithMessage("The name is required.");
        RuleForText(e => e.Name);
        RuleForText(e => e.NameRu);
        RuleForText(e => e.NameBe);
        RuleForText(e => e.City);
        RuleForText(e => e.Owner);
        RuleFor(e => e.Country).Custom((country, context) =>
        {
            if (reference.FindCountry(country) is null)
            {
                context.AddFailure(Failure("country", country.Length == 0 ? "The country is required." : $"'{country}' is not an ISO 3166-1 alpha-2 code.", []));
            }
        });
        RuleFor(e => e).Custom((e, context) => CheckRegion(e.Region, e.Country, context));
        RuleFor(e => e.Location).Must(l => l is null or { Latitude: >= -MaxLatitude and <= MaxLatitude, Longitude: >= -MaxLongitude and <= MaxLongitude })
            .WithMessage("Latitude is -90 to 90 and longitude -180 to 180.");
        RuleFor(e => e.Activity).Must(a => a is null || CompetencyCode.IsWellFormed(a) && CompetencyCode.Digits(a) <= 4)
            .WithMessage("The activity is a NACE Rev. 2 division, group or class such as 28.41.");
        RuleFor(e => e.Employees).InclusiveBetween(1, MaxEmployees).WithMessage("The number of employees is 1 to 5,000,000.");
        RuleFor(e => e.Founded).Must(y => y is null || (y >= EarliestFounded && y <= time.GetUtcNow().Year)).WithMessage("The year of foundation lies between 1000 and today.");
        RuleFor(e => e.Revenue).Must(r => r is null or { Amount: > 0 and <= (decimal)MaxRevenue }).WithMessage("The revenue is an amount above zero.");
        RuleFor(e => e.Revenue).Must(r => r is null || (r.Currency.Length == 3 && r.Currency.All(char.IsAsciiLetterUpper))).WithMessage("The currency is an ISO 4217 code such as BYN.");
        RuleFor(e => e.Revenue!.Year).InclusiveBetween(EarliestRevenueYear, LatestRevenueYear).When(e => e.Revenue is not null)
            .OverridePropertyName("revenue.year").WithMessage($"The year of the revenue lies between {EarliestRevenueYear} and {LatestRevenueYear}.");
        RuleFor(e => e.Website).Must(IsWebAddress).WithMessage("The web site is an absolute http or https address.");
        // What is too long is told of once; its entries are not judged one by one.
        When(e => !HasLongLists(e), () =>
        {
            RuleForEach(e => e.Languages).Must(l => l is { Length: 2 } && l.All(char.IsAsciiLetterLower)).WithMessage("A language is an ISO 639-1 code such as ru.");
            RuleForEach(e => e.Certificates).Must(IsText).WithMessage($"A certificate is a text of 1 to {MaxText} characters.");
            RuleForEach(e => e.Sources).Must(IsText).WithMessage($"A source is a text of 1 to {MaxText} characters.");
            RuleForEach(e => e.Markets).Custom((market, context) =>
            {
                // An empty entry is told of by the rule for the list.
                if (market is not null && reference.FindCountry(market) is null && reference.FindRegion(market) is null)
                {
                    context.AddFailure(Failure(context.PropertyPath, $"'{market}' is neither an ISO 3166-1 country nor a known ISO 3166-2 region.", reference.RegionsLike(market, null)));
                }
            });
            RuleForEach(e => e.Identifiers).Custom((identifier, context) =>
            {
                if (identifier is not null && LegalIdentifiers.FindError(identifier.Scheme, identifier.Value) is { } error)
                {
                    context.AddFailure(Failure(context.PropertyPath + ".value", error, null));
                }
            });
            RuleForEach(e => e.Offers).ChildRules(offer =>
            {
                offer.RuleFor(o => o.Code).Custom((code, context) => CheckCode(code, context.InstanceToValidate.Text, context.PropertyPath, context.AddFailure));
                offer.RuleFor(o => o.Confidence).Must((o, c) => c is null || (IsShare(c) && o.Code is not null && o.Text is not null)).WithMessage(ConfidenceRule);
                offer.RuleFor(o => o.Strength).Must(IsShare).WithMessage("The strength is above 0 and at most 1.");
                offer.RuleFor(o => o.Text).Must(t => t is null || IsText(t)).WithMessage($"The text has 1 to {MaxText} characters.");
            });
            RuleForEach(e => e.Needs).ChildRules(need =>
            {
                need.RuleFor(n => n.Code).Custom((code, context) => CheckCode(code, context.InstanceToValidate.Text, context.PropertyPath, context.AddFailure));
                need.RuleFor(n => n.Confidence).Must((n, c) => c is null || (IsShare(c) && n.Code is not null && n.Text is not null)).WithMessage(ConfidenceRule);
                need.RuleFor(n => n.Urgency).Must(IsShare).WithMessage("The urgency is above 0 and at most 1.");
                need.RuleFor(n => n.Text).Must(t => t is null || IsText(t)).WithMessage($"The text has 1 to {MaxText} characters.");
            });
            RuleForEach(e => e.Contacts).ChildRules(contact =>
            {
                contact.RuleFor(c => c.Name).Must(IsText).WithMessage($"The name of a contact has 1 to {MaxText} characters.");
                contact.RuleFor(c => c.Position).Must(t => t is null || IsText(t)).WithMessage($"The position has 1 to {MaxText} characters.");
                contact.RuleFor(c => c.Email).Must(t => t is null || IsText(t)).EmailAddress().WithMessage("This is not an e-mail address.");
                contact.RuleFor(c => c.Phone).Must(t => t is null || IsText(t)).WithMessage($"The telephone number has 1 to {MaxText} characters.");
            });
        });
        RuleForList(e => e.Offers, o => (o.Code, o.Code is null ? o.Text : null), o => o.Text ?? o.Code);
        RuleForList(e => e.Needs, n => (n.Code, n.Code is null ? n.Text : null), n => n.Text ?? n.Code);
        RuleForList(e => e.Identifiers, i => (i.Scheme, i.Value));
        RuleForList(e => e.Markets, m => m);
        RuleForList(e => e.Languages, l => l);
        RuleForList(e => e.Certificates, c => c);
        RuleForList(e => e.Sources, s => s);
        RuleForList(e => e.Contacts, c => c);
    }

    private static bool HasLongLists(EnterpriseRequest e) =>
        new[] { e.Identifiers?.Count, e.Languages?.Count, e.Markets?.Count, e.Certificates?.Count, e.Sources?.Count, e.Contacts?.Count }.Any(count => count > MaxEntries)
        || e.Offers?.Count > MaxMeanings
        || e.Needs?.Count > MaxMeanings;

    private static bool IsShare(double? value) => value is null or (> 0 and <= 1);

    private static bool IsText(string text) => !string.IsNullOrWhiteSpace(text) && text.CountCharacters() <= MaxText && !text.Contains('\0', StringComparison.Ordinal);

    private static bool IsWebAddress(string? text) =>
        text is null || (IsText(text) && Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https");

    private static FluentValidation.Results.ValidationFailure Failure(string path, string message, IReadOnlyList<string>? suggestions) =>
        new(path, message) { CustomState = suggestions is { Count: > 0 } ? suggestions : null };

    private void RuleForText(System.Linq.Expressions.Expression<Func<EnterpriseRequest, string?>> text) =>
        RuleFor(text).Must(t => string.IsNullOrEmpty(t) || IsText(t)).WithMessage($"The text has 1 to {MaxText} characters and is not blank.");

    private void RuleForList<T, TKey>(System.Linq.Expressions.Expression<Func<EnterpriseRequest, IReadOnlyList<T>?>> list, Func<T, TKey> key, Func<T, string?>? written = null)
    {
        // Words that mean several codes are one entry as it was written; the profile that is answered can be sent back.
        RuleFor(list).Must(l => l is null || l.Count <= MaxEntries || (written is not null && l.Count <= MaxMeanings && l.Where(e => e is not null).DistinctBy(written).Count() <= MaxEntries)).WithMessage($"At most {MaxEntries} entries.");
        RuleFor(list).Must(l => l is null || l.Where(e => e is not null).DistinctBy(key).Count() == l.Count).WithMessage("An entry is empty or given twice.");
    }

    private void CheckCode(string? code, string? text, string path, Action<FluentValidation.Results.ValidationFailure> fail)
    {
        if (code is null)
        {
            if (string.IsNullOrWhiteSpace(text))
            {
                fail(Failure(path, "Give a code, or words in text.", null));
            }
            else if (CompetencyCode.IsWellFormed(text.Trim()) && text.Contains('.', StringComparison.Ordinal))
            {
                fail(Failure(path, $"'{text.Trim()}' is no words: give a code as the code.", null));
            }
        }
        else if (!_reference.Tree.Contains(code))
        {
            var nearest = _reference.Tree.NearestTo(code).Select(c => c.Code).ToArray();
            var detail = code.Length == 0 ? "Give a code, or words in text." : $"'{code}' is not a code of the competency taxonomy.";
            fail(Failure(path, nearest.Length > 0 ? $"{detail} Nearest: {string.Join(", ", nearest)}." : detail, nearest));
        }
    }

    private void CheckRegion(string region, string country, ValidationContext<EnterpriseRequest> context)
    {
        if (region.Length == 0)
        {
            context.AddFailure(Failure("region", "The region is required.", _reference.RegionsLike("", country)));
        }
        else if (_reference.FindRegion(region) is { } known ? known.Country != country : _reference.ListsRegionsOf(country) || !IsForeignRegion(region, country))
        {
            var suggestions = _reference.RegionsLike(region, country);
            context.AddFailure(Failure("region", $"'{region}' is not an ISO 3166-2 region of {(country.Length > 0 ? country : "the country")}.", suggestions));
        }
    }

    /// <summary>Regions of other countries are not listed; their form is checked.</summary>
    private static bool IsForeignRegion(string region, string country) =>
        region.Length is >= 4 and <= 6 && region.StartsWith(country + "-", StringComparison.Ordinal) && region[3..].All(c => char.IsAsciiDigit(c) || char.IsAsciiLetterUpper(c));
}
