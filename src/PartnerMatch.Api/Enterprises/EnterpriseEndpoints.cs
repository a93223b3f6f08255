using System.Text.Json.Nodes;
using FluentValidation;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using PartnerMatch.Api.Access;
using PartnerMatch.Api.Competencies;
using PartnerMatch.Api.Http;
using PartnerMatch.Api.Idempotency;
using PartnerMatch.Api.Reference;
using PartnerMatch.Ranking.Profiles;

namespace PartnerMatch.Api.Enterprises;

internal static class EnterpriseEndpoints
{
    private const string MergePatchType = "application/merge-patch+json";

    public static IServiceCollection AddEnterprises(this IServiceCollection services) => services
        .AddSingleton<WordsToCodes>()
        .AddSingleton<EnterpriseStore>()
        .AddSingleton<SampleLoader>()
        .AddSingleton<IValidator<EnterpriseRequest>, EnterpriseValidator>()
        .AddSingleton<IValidator<EnterpriseQuery>, EnterpriseQueryValidator>()
        .AddSingleton<IValidator<JsonObject>, MergePatchValidator>();

    public static void MapEnterprises(this IEndpointRouteBuilder v1)
    {
        var enterprises = v1.MapGroup("/enterprises").WithTags("Enterprises");
        enterprises.MapGet("/", ListEnterprisesAsync)
            .WithName("ListEnterprises")
            .Needs(Scope.Read)
            .WithSummary("Lists enterprises")
            .WithDescription("In order of name. Contacts are not part of lists.")
            .ComparesAnswers();
        enterprises.MapPost("/", CreateEnterpriseAsync)
            .WithName("CreateEnterprise")
            .IsNeverStored()
            .Needs(Scope.ProfilesWrite)
            .WithSummary("Stores an enterprise")
            .WithDescription("The service gives the id. The enterprise takes part in matching at once, unless its status says otherwise.")
            .GivesVersion()
            .TakesBody()
            .CreatesOnce();
        enterprises.MapGet("/{id}", GetEnterpriseAsync)
            .WithName("GetEnterprise")
            .IsNeverStored()
            .Needs(Scope.Read)
            .WithSummary("One enterprise")
            .WithDescription("The profile as it is now. Its ETag changes with each change of the profile, also by an import, and when contacts are erased; a caller to whom contacts are hidden has another than one who sees them.")
            .GivesVersion();
        enterprises.MapPut("/{id}", ReplaceEnterpriseAsync)
            .WithName("ReplaceEnterprise")
            .IsNeverStored()
            .Needs(Scope.ProfilesWrite)
            .WithSummary("Replaces an enterprise")
            .WithDescription("What the body leaves out is not known afterwards. If-Match names the version that was seen: of two who change the same one, the second is told (412) and loses nothing of the first's.")
            .GivesVersion()
            .TakesBody();
        enterprises.MapPatch("/{id}", PatchEnterpriseAsync)
            .WithName("PatchEnterprise")
            .IsNeverStored()
            .Needs(Scope.ProfilesWrite)
            .WithSummary("Changes some fields of an enterprise")
            .WithDescription("JSON Merge Patch (RFC 7396): null removes a field, a list is replaced whole. If-Match names the version that was seen.")
            .GivesVersion()
            .Accepts<EnterpriseRequest>(MergePatchType, "application/json")
            .TakesBody();
        enterprises.MapDelete("/{id}", DeleteEnterpriseAsync)
            .WithName("DeleteEnterprise")
            .Needs(Scope.ProfilesWrite)
            .WithSummary("Removes an enterprise")
            .WithDescription("Its contacts are erased; the revisions of its profile are kept, so that earlier scores can be replayed. If-Match names the version that was seen.");
        enterprises.MapDelete("/{id}/contacts", EraseContactsAsync)
            .WithName("EraseContacts")
            .WithSummary("Erases the contacts of an enterprise for good")
            .WithDescription("From the database and its log, and from the answers that are kept for repeated requests. The change feed tells that they were erased, so that copies can be erased too. Backups made before still hold them. Takes no If-Match: who asks to be forgotten is, whatever else was changed.")
            .Needs(Scope.ProfilesWrite);
    }

    private static async Task<Results<Ok<EnterpriseList>, InvalidProblem>> ListEnterprisesAsync(
        [AsParameters] EnterpriseQuery query,
        EnterpriseStore store,
        HttpContext context,
        CancellationToken cancellation)
    {
        var after = query.Cursor is null ? null : Paging.Decode<EnterprisePosition>(query.Cursor);
        if (query.Cursor is not null && after is null)
        {
            return Paging.BadCursor();
        }

        var limit = query.Limit ?? Paging.DefaultLimit;
        var filter = new EnterpriseFilter(query.Region, query.Competency, query.Text, query.Status?.Value, after, limit + 1);
        var found = await store.FindPageAsync(filter, cancellation);
        var items = found.Take(limit).ToArray();
        var next = found.Count > limit
            ? Paging.Next(context, Paging.Encode(new EnterprisePosition(EnterpriseFilter.NameKeyOf(items[^1].Name), items[^1].Id)))
            : null;
        return TypedResults.Ok(new EnterpriseList(items, next));
    }

    private static async Task<Results<Created<Enterprise>, ConflictProblem, ForbiddenProblem>> CreateEnterpriseAsync(
        [FromBody] EnterpriseRequest request,
        EnterpriseStore store,
        HttpContext context,
        CancellationToken cancellation)
    {
        var result = await store.CreateAsync(request, cancellation);
        return result switch
        {
            { Clash: { } clash } => IdentifierTaken(clash),
            { IsOfOthers: true } => KeptByOthers(),
            _ => TypedResults.Created($"/v1/enterprises/{result.Enterprise!.Id}", Tell(result.Enterprise, context)),
        };
    }

    private static async Task<Results<Ok<Enterprise>, NotModified, NotFoundProblem>> GetEnterpriseAsync(
        string id,
        [FromHeader(Name = "If-None-Match")] string? ifNoneMatch,
        EnterpriseStore store,
        HttpContext context,
        CancellationToken cancellation)
    {
        if (await store.FindAsync(id, cancellation) is not { } enterprise)
        {
            return new NotFoundProblem("enterprise", id);
        }

        return context.FindUnchanged(ifNoneMatch, enterprise.Version) is { } unchanged ? unchanged : TypedResults.Ok(enterprise);
    }

    private static async Task<Results<Ok<Enterprise>, NotFoundProblem, ConflictProblem, ForbiddenProblem, PreconditionProblem>> ReplaceEnterpriseAsync(
        string id,
        [FromHeader(Name = "If-Match")] string? ifMatch,
        [FromBody] EnterpriseRequest request,
        EnterpriseStore store,
        HttpContext context,
        CancellationToken cancellation)
    {
        PreconditionProblem? outdated = null;
        var result = await store.ReplaceAsync(id, current => (outdated = Preconditions.Check(ifMatch, current.Version)) is null, _ => request, cancellation);
        return outdated is not null ? outdated : result switch
        {
            null => new NotFoundProblem("enterprise", id),
            { Clash: { } clash } => IdentifierTaken(clash),
            { IsOfOthers: true } => KeptByOthers(),
            _ => TypedResults.Ok(Tell(result.Enterprise!, context)),
        };
    }

    private static async Task<Results<Ok<Enterprise>, NotFoundProblem, ConflictProblem, InvalidProblem, ForbiddenProblem, PreconditionProblem>> PatchEnterpriseAsync(
        string id,
        [FromHeader(Name = "If-Match")] string? ifMatch,
        [FromBody] JsonObject patch,
        EnterpriseStore store,
        IValidator<EnterpriseRequest> validator,
        IOptions<Microsoft.AspNetCore.Http.Json.JsonOptions> json,
        HttpContext context,
        CancellationToken cancellation)
    {
        PreconditionProblem? outdated = null;
        List<FieldError> errors = [];
        var result = await store.ReplaceAsync(id, current => (outdated = Preconditions.Check(ifMatch, current.Version)) is null, Patched, cancellation);
        return outdated is not null ? outdated : errors.Count > 0 ? new InvalidProblem(errors) : result switch
        {
            null => new NotFoundProblem("enterprise", id),
            { Clash: { } clash } => IdentifierTaken(clash),
            { IsOfOthers: true } => KeptByOthers(),
            _ => TypedResults.Ok(Tell(result.Enterprise!, context)),
        };

        EnterpriseRequest? Patched(Enterprise current)
        {
            var patched = MergePatch.Apply(patch, current.ToRequest(), json.Value.SerializerOptions, out var error);
            errors.AddRange(error is null
                ? validator.Validate(patched!).Errors.Select(e => new FieldError("body", e.PropertyName, e.ErrorMessage, e.CustomState as IReadOnlyList<string>))
                : [error]);
            return errors.Count == 0 ? patched : null;
        }
    }

    private static async Task<Results<NoContent, NotFoundProblem, ForbiddenProblem, PreconditionProblem>> DeleteEnterpriseAsync(
        string id,
        [FromHeader(Name = "If-Match")] string? ifMatch,
        EnterpriseStore store,
        CancellationToken cancellation)
    {
        PreconditionProblem? outdated = null;
        var result = await store.DeleteAsync(id, current => (outdated = Preconditions.Check(ifMatch, current.Version)) is null, cancellation);
        return outdated is not null ? outdated : result switch
        {
            null => new NotFoundProblem("enterprise", id),
            { IsOfOthers: true } => KeptByOthers(),
            _ => TypedResults.NoContent(),
        };
    }

    private static Enterprise Tell(Enterprise enterprise, HttpContext context)
    {
        context.TellVersion(enterprise.Version);
        return enterprise;
    }

    private static ForbiddenProblem KeptByOthers() => new("The key or token is bound to an owner: it creates and changes only enterprises that this owner keeps.");

    private static async Task<Results<NoContent, NotFoundProblem, ForbiddenProblem>> EraseContactsAsync(string id, EnterpriseStore store, CancellationToken cancellation) =>
        await store.EraseContactsAsync(id, cancellation) switch
        {
            null => new NotFoundProblem("enterprise", id),
            { IsOfOthers: true } => KeptByOthers(),
            _ => TypedResults.NoContent(),
        };

    private static ConflictProblem IdentifierTaken(FieldError clash) =>
        new("identifier-taken", "Another enterprise has this identifier.", clash.Detail, [clash]);
}

/// <summary>A page of enterprises.</summary>
/// <param name="Items">In order of name.</param>
/// <param name="Next">The address of the next page, or null at the end.</param>
internal sealed record EnterpriseList(IReadOnlyList<Enterprise> Items, string? Next);

/// <summary>Which enterprises to list.</summary>
internal sealed record EnterpriseQuery(
    [FromQuery(Name = "region")] string? Region,
    [FromQuery(Name = "competency")] string? Competency,
    [FromQuery(Name = "q")] string? Text,
    [FromQuery(Name = "status")] EnumParameter<ProfileStatus>? Status,
    [FromQuery(Name = "limit")] int? Limit,
    [FromQuery(Name = "cursor")] string? Cursor);

internal sealed class EnterpriseQueryValidator : AbstractValidator<EnterpriseQuery>
{
    public EnterpriseQueryValidator(ReferenceCatalog reference)
    {
        RuleFor(q => q.Limit).IsLimit();
        RuleFor(q => q.Region).IsKnownPlace(reference);
        RuleFor(q => q.Competency).IsKnownCompetency(reference);
        RuleFor(q => q.Text).IsSearchable().OverridePropertyName("q");
    }
}

internal static class PlaceRules
{
    public static IRuleBuilderOptions<T, string?> IsKnownPlace<T>(this IRuleBuilder<T, string?> rule, ReferenceCatalog reference) =>
        rule.Must(r => r is null || reference.FindRegion(r) is not null || reference.FindCountry(r) is not null)
            .WithMessage("There is no region or country with this ISO 3166 code.");
}
