using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.RegularExpressions;
using FluentValidation;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using PartnerMatch.Api.Access;
using PartnerMatch.Api.Enterprises;
using PartnerMatch.Api.Http;
using PartnerMatch.Api.Idempotency;
using PartnerMatch.Api.Reference;

namespace PartnerMatch.Api.Corridors;

internal static class CorridorEndpoints
{
    public static IServiceCollection AddCorridors(this IServiceCollection services) => services
        .AddSingleton<CorridorStore>()
        .AddSingleton<IValidator<CorridorRequest>, CorridorValidator>();

    public static void MapCorridors(this IEndpointRouteBuilder v1)
    {
        var corridors = v1.MapGroup("/corridors").WithTags("Regions and corridors");
        corridors.MapGet("/", ListCorridorsAsync)
            .WithName("ListCorridors")
            .Needs(Scope.Read)
            .WithSummary("Lists the corridors")
            .WithDescription("A corridor names the two sides that are matched.")
            .ComparesAnswers();
        corridors.MapPost("/", CreateCorridorAsync)
            .WithName("CreateCorridor")
            .Needs(Scope.Admin)
            .WithSummary("Adds a corridor")
            .WithDescription("The sides are sets of countries or regions that do not overlap.")
            .TakesBody()
            .CreatesOnce();
    }

    private static async Task<Ok<CorridorList>> ListCorridorsAsync(CorridorStore store, CancellationToken cancellation) =>
        TypedResults.Ok(new CorridorList([.. (await store.FindAllAsync(cancellation)).Select(CorridorItem.From)]));

    private static async Task<Results<Created<CorridorItem>, ConflictProblem>> CreateCorridorAsync(
        [FromBody] CorridorRequest request,
        CorridorStore store,
        ReferenceCatalog reference,
        CancellationToken cancellation)
    {
        var corridor = request.ToDescription(reference);
        return await store.AddAsync(corridor, cancellation)
            ? TypedResults.Created("/v1/corridors", CorridorItem.From(corridor))
            : new ConflictProblem("corridor-exists", "There is a corridor with this id.", $"The corridor '{corridor.Id}' exists.", [new FieldError("body", "id", "The id is taken.")]);
    }
}

/// <summary>All corridors, in order of id.</summary>
internal sealed record CorridorList(IReadOnlyList<CorridorItem> Items);

/// <summary>A corridor.</summary>
internal sealed record CorridorItem(
    string Id,
    string Name,
    string? NameRu,
    IReadOnlyList<string> First,
    IReadOnlyList<string> Second,
    IReadOnlyList<string> CommonMarket,
    double TypicalDistanceKm)
{
    public static CorridorItem From(CorridorDescription c) => new(c.Id, c.Name, c.NameRu, c.First, c.Second, c.CommonMarket, c.TypicalDistanceKm);
}

/// <summary>A corridor to add.</summary>
internal sealed record CorridorRequest
{
    [Required, MaxLength(CorridorValidator.MaxIdLength), RegularExpression(CorridorValidator.IdForm), Description("A short stable id: lower-case letters, digits and hyphens.")]
    public string Id { get; init; } = "";

    [Required, Length(1, CorridorValidator.MaxName), Description("The name in English.")]
    public string Name { get; init; } = "";

    [MaxLength(CorridorValidator.MaxName), Description("The name in Russian.")]
    public string? NameRu { get; init; }

    [Required, Length(1, CorridorValidator.MaxPlaces), Each(Pattern = EnterpriseValidator.PlaceForm), Description("ISO 3166 codes of the countries or regions of one side.")]
    public IReadOnlyList<string> First { get; init; } = [];

    [Required, Length(1, CorridorValidator.MaxPlaces), Each(Pattern = EnterpriseValidator.PlaceForm), Description("ISO 3166 codes of the countries or regions of the other side.")]
    public IReadOnlyList<string> Second { get; init; } = [];

    [MaxLength(CorridorValidator.MaxPlaces), Each(Pattern = EnterpriseValidator.CountryForm), Description("ISO 3166-1 codes of countries that form one market; none where absent.")]
    public IReadOnlyList<string>? CommonMarket { get; init; }

    [Range(CorridorValidator.LeastDistanceKm, CorridorValidator.MaxDistanceKm), Description("The distance at which proximity counts one half; where absent, the mean distance between the regions of the two sides, or 1500.")]
    public double? TypicalDistanceKm { get; init; }

    public CorridorDescription ToDescription(ReferenceCatalog reference) =>
        new(Id, Name, NameRu, First, Second, CommonMarket ?? [], TypicalDistanceKm ?? MeanDistance(reference) ?? 1500);

    private double? MeanDistance(ReferenceCatalog reference)
    {
        var distances = (from a in Centres(First) from b in Centres(Second) select a.Centre.DistanceKmTo(b.Centre)).ToArray();
        return distances.Length > 0 ? Math.Max(1, Math.Round(distances.Average())) : null;

        IEnumerable<Region> Centres(IReadOnlyList<string> side) => reference.Regions.Where(r => side.Contains(r.Code) || side.Contains(r.Country));
    }
}

internal sealed partial class CorridorValidator : AbstractValidator<CorridorRequest>
{
    public const int MaxPlaces = 100;
    public const int MaxName = 200;
    public const int MaxIdLength = 40;
    public const string IdForm = "^[a-z0-9][a-z0-9-]{0,38}[a-z0-9]$";
    public const double LeastDistanceKm = 1;
    public const double MaxDistanceKm = 20_100;

    public CorridorValidator(ReferenceCatalog reference)
    {

        // A line feed at the end is no part of what matches.
        RuleFor(c => c.Id).Must(id => Slug().Match(id) is { Success: true } slug && slug.Length == id.Length).WithMessage("An id has 2 to 40 lower-case letters, digits and hyphens.");
        RuleFor(c => c.Name).NotEmpty().HasAtMost(MaxName);
        RuleFor(c => c.NameRu).HasAtMost(MaxName);
        RuleFor(c => c.First).Must(s => s.Count is >= 1 and <= MaxPlaces).WithMessage($"A side has 1 to {MaxPlaces} places.");
        RuleFor(c => c.Second).Must(s => s.Count is >= 1 and <= MaxPlaces).WithMessage($"A side has 1 to {MaxPlaces} places.");
        RuleForEach(c => c.First).Must(IsPlace).WithMessage("There is no country or region with this ISO 3166 code.");
        RuleForEach(c => c.Second).Must(IsPlace).WithMessage("There is no country or region with this ISO 3166 code.");
        RuleFor(c => c.CommonMarket).Must(m => m is null || m.Count <= MaxPlaces).WithMessage($"A common market has at most {MaxPlaces} countries.");
        RuleForEach(c => c.CommonMarket).Must(c => c is not null && reference.FindCountry(c) is not null).WithMessage("There is no country with this ISO 3166-1 alpha-2 code.");
        RuleFor(c => c.TypicalDistanceKm).InclusiveBetween(LeastDistanceKm, MaxDistanceKm).WithMessage("The distance is 1 to 20,100 km.");
        RuleFor(c => c.Second).Must((c, second) => !second.Any(b => c.First.Any(a => a is not null && b is not null && (a == b || b.StartsWith(a + "-", StringComparison.Ordinal) || a.StartsWith(b + "-", StringComparison.Ordinal)))))
            .WithMessage("The two sides must not overlap.");

        // A list may hold a null, whatever its type says.
        bool IsPlace(string? code) => code is not null && (reference.FindCountry(code) is not null || reference.FindRegion(code) is not null);
    }

    [GeneratedRegex(IdForm)]
    private static partial Regex Slug();
}
