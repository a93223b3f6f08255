using FluentValidation;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using PartnerMatch.Api.Access;
using PartnerMatch.Api.Http;
using PartnerMatch.Api.Reference;

namespace PartnerMatch.Api.Regions;

internal static class RegionEndpoints
{
    public static IServiceCollection AddRegions(this IServiceCollection services) => services.AddSingleton<IValidator<RegionQuery>, RegionQueryValidator>();

    public static void MapRegions(this IEndpointRouteBuilder v1) => v1.MapGet("/regions", ListRegions)
        .WithName("ListRegions")
        .Needs(Scope.Read)
        .WithTags("Regions and corridors")
        .WithSummary("Lists the regions that enterprises can belong to")
        .WithDescription("Regions of Belarus and Russia by ISO 3166-2. Enterprises of other countries take any well-formed code of theirs.")
        .ComparesAnswers();

    private static Ok<RegionList> ListRegions([AsParameters] RegionQuery query, ReferenceCatalog reference) => TypedResults.Ok(new RegionList(
        [.. reference.Regions
            .Where(r => query.Country is null || r.Country == query.Country)
            .Select(r => new RegionItem(r.Code, r.Country, r.En, r.Ru))]));
}

/// <summary>Which regions to list.</summary>
internal sealed record RegionQuery([FromQuery(Name = "country")] string? Country);

internal sealed class RegionQueryValidator : AbstractValidator<RegionQuery>
{
    public RegionQueryValidator(ReferenceCatalog reference) =>
        RuleFor(q => q.Country).Must(c => c is null || reference.FindCountry(c) is not null).WithMessage("There is no country with this ISO 3166-1 alpha-2 code.");
}

/// <summary>All regions, in order of code.</summary>
internal sealed record RegionList(IReadOnlyList<RegionItem> Items);

/// <summary>A region.</summary>
/// <param name="Code">ISO 3166-2 code.</param>
/// <param name="Country">ISO 3166-1 alpha-2 code.</param>
/// <param name="Name">Its English name.</param>
/// <param name="NameRu">Its Russian name.</param>
internal sealed record RegionItem(string Code, string Country, string Name, string NameRu);
