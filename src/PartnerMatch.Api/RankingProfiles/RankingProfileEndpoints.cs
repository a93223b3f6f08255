using FluentValidation;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using PartnerMatch.Api.Access;
using PartnerMatch.Api.Decisions;
using PartnerMatch.Api.Http;
using PartnerMatch.Api.Idempotency;
using PartnerMatch.Api.Limits;
using PartnerMatch.Api.Reference;
using PartnerMatch.Ranking.Components;
using PartnerMatch.Ranking.Scoring;
using PartnerMatch.Ranking.Weighing;

namespace PartnerMatch.Api.RankingProfiles;

internal static class RankingProfileEndpoints
{
    /// <summary>The same decisions give the same figures.</summary>
    private const ulong LearningSeed = 1;

    public static IServiceCollection AddRankingProfiles(this IServiceCollection services) => services
        .AddSingleton<RankingProfileCatalog>()
        .AddSingleton<RankingProfileStore>()
        .AddSingleton<IValidator<RankingProfileQuery>, RankingProfileQueryValidator>()
        .AddSingleton<IValidator<ProfileVersionQuery>, ProfileVersionQueryValidator>()
        .AddSingleton<IValidator<RankingProfileRequest>, RankingProfileValidator>()
        .AddSingleton<IValidator<ComparisonsRequest>, ComparisonsValidator>()
        .AddSingleton<IValidator<LearningRequest>, LearningValidator>();

    public static void MapRankingProfiles(this IEndpointRouteBuilder v1)
    {
        v1.MapGet("/ranking/components", ListComponents)
            .WithName("ListComponents")
            .Needs(Scope.Match)
            .WithTags("Weights")
            .WithSummary("Lists what a score is made of")
            .WithDescription("Each component with its definition, range and formula, the facts that it needs, and what its terms mean: told by the code that computes it, with the current parameters of the model.")
            .ComparesAnswers();
        var profiles = v1.MapGroup("/ranking-profiles").WithTags("Weights");
        profiles.MapGet("/", ListRankingProfiles)
            .WithName("ListRankingProfiles")
            .Needs(Scope.Match)
            .WithSummary("Lists the weight sets")
            .WithDescription("The current version of each: those of the product first, then in order of age. A key or token that is bound to an owner is not told of those of other owners, but for the version that a form uses.")
            .ComparesAnswers();
        profiles.MapPost("/", CreateRankingProfileAsync)
            .WithName("CreateRankingProfile")
            .Needs(Scope.MissionsWrite)
            .WithSummary("Stores a weight set")
            .WithDescription("Queries can name it as profile. Nothing else changes until a person adopts it. What a key or token makes that is bound to an owner is for that owner and for staff.")
            .GivesVersion()
            .TakesBody()
            .CreatesOnce();
        profiles.MapPost("/from-comparisons", CompareComponentsAsync)
            .WithName("CompareComponents")
            .Needs(Scope.MissionsWrite)
            .WithSummary("Derives a weight set from pairwise comparisons")
            .WithDescription(
                "The Analytic Hierarchy Process (Saaty 2008): the weights are the principal eigenvector of the judgements, and rivalry's subtracts as ever. Comparisons may be missing (Harker 1987) as long as " +
                "the others connect all components. A consistency ratio above 0.1 is refused with the judgement that lies farthest off, unless forced.")
            .GivesVersion()
            .TakesBody()
            .CreatesOnce();
        profiles.MapPost("/from-decisions", LearnWeightsAsync)
            .WithName("LearnWeights")
            .Needs(Scope.MissionsWrite)
            .RanksAtOnce()
            .WithSummary("Learns a weight set from decisions")
            .WithDescription(
                $"Regularised pairwise logistic regression over accepted and rejected candidates of the same enterprise, drawn towards the profile in use; no weight changes its sign. Of each form the latest decision of a pair counts, " +
                $"unless the pair was excluded or that withdrawn since; rejections for already-partners, wrong-data or legal-obstacle are passed over. The answer says what the weights are worth on enterprises held out, beside the profile in use. At least {WeightLearning.FewestDecisions} decisions " +
                $"are needed, {WeightLearning.FewestOfKind} of each kind, of {WeightLearning.FewestEnterprises} enterprises; the latest {DecisionStore.MostLearnt} are taken. Nothing changes until a person adopts the profile.")
            .GivesVersion()
            .TakesBody()
            .CreatesOnce();
        profiles.MapGet("/{profileId}", GetRankingProfile)
            .WithName("GetRankingProfile")
            .Needs(Scope.Match)
            .WithSummary("One weight set")
            .WithDescription("Its current version, or the one asked for. Of a weight set of another owner a key or token that is bound to an owner sees the version that the form uses, and no other.")
            .GivesVersion();
        profiles.MapGet("/{profileId}/versions", ListRankingProfileVersions)
            .WithName("ListRankingProfileVersions")
            .Needs(Scope.Match)
            .WithSummary("Lists the versions of a weight set")
            .WithDescription("The newest first. Of a weight set of another owner a key or token that is bound to an owner sees the version that the form uses, and no other.")
            .ComparesAnswers();
        profiles.MapPut("/{profileId}", ReplaceRankingProfileAsync)
            .WithName("ReplaceRankingProfile")
            .Needs(Scope.MissionsWrite)
            .WithSummary("Makes a new version of a weight set")
            .WithDescription("Earlier versions stay readable. A form that has adopted an earlier version keeps using that one. The profiles of the product cannot be changed; a key or token that is bound to an owner changes its own only.")
            .GivesVersion()
            .TakesBody();
        profiles.MapDelete("/{profileId}", DeleteRankingProfileAsync)
            .WithName("DeleteRankingProfile")
            .Needs(Scope.MissionsWrite)
            .WithSummary("Removes a weight set")
            .WithDescription("One that its form uses must first make way for another; the profiles of the product stay; a key or token that is bound to an owner removes its own only.");
        profiles.MapPost("/{profileId}/adopt", AdoptRankingProfileAsync)
            .WithName("AdoptRankingProfile")
            .Needs(Scope.Admin)
            .WithSummary("Makes a weight set what its form uses")
            .WithDescription(
                "From now on every query of the form that names no profile is answered by this version, until another is adopted; later versions must be adopted again. " +
                "Adopting the form's shipped profile, whose id is the form's name, goes back to it.")
            .GivesVersion();
    }

    private static Ok<ComponentList> ListComponents(ReferenceCatalog reference) => TypedResults.Ok(new ComponentList(
        [.. ComponentRegistry.Describe(reference.Knowledge.Parameters).Select(ComponentItem.From)]));

    private static Results<Ok<RankingProfileList>, InvalidProblem> ListRankingProfiles([AsParameters] RankingProfileQuery query, RankingProfileCatalog catalog, HttpContext context)
    {
        var after = query.Cursor is null ? null : Paging.Decode<ProfilePosition>(query.Cursor);
        if (query.Cursor is not null && after is null)
        {
            return Paging.BadCursor();
        }

        var limit = query.Limit ?? Paging.DefaultLimit;
        var found = catalog.All
            .Where(p => query.Form is null || p.Profile.Form == query.Form.Value.Value)
            .Where(p => after is null || ProfilePosition.Of(p).CompareTo(after) > 0)
            .Take(limit + 1)
            .ToArray();
        return TypedResults.Ok(new RankingProfileList(
            [.. found.Take(limit).Select(p => ToItem(p, catalog))],
            found.Length > limit ? Paging.Next(context, Paging.Encode(ProfilePosition.Of(found[limit - 1]))) : null));
    }

    private static async Task<Created<RankingProfileItem>> CreateRankingProfileAsync(
        [FromBody] RankingProfileRequest request,
        RankingProfileStore store,
        RankingProfileCatalog catalog,
        ReferenceCatalog reference,
        HttpContext context,
        CancellationToken cancellation)
    {
        var profile = await store.CreateAsync(request.ToContent(reference), cancellation);
        return TypedResults.Created($"/v1/ranking-profiles/{profile.Id}", Tell(profile, catalog, context));
    }

    private static async Task<Results<Created<RankingProfileItem>, Ok<RankingProfilePreview>, InvalidProblem>> CompareComponentsAsync(
        [FromBody] ComparisonsRequest request,
        RankingProfileStore store,
        RankingProfileCatalog catalog,
        ReferenceCatalog reference,
        HttpContext context,
        CancellationToken cancellation)
    {
        var (compared, problem) = Comparing.Weigh(request);
        if (compared is null)
        {
            return problem!;
        }

        var content = new ProfileContent
        {
            Name = request.Name,
            NameRu = request.NameRu,
            Description = request.Description,
            Form = request.Form,
            Origin = ProfileOrigin.Comparisons,
            Weights = compared.Weights,
            Threshold = request.Threshold ?? reference.FormOf(request.Form).Profile.Threshold,
            Comparisons = ComparisonReport.From(compared, request.FindJudgements().Select(j => j.Judgement)),
        };
        if (request.DryRun == true)
        {
            return TypedResults.Ok(RankingProfilePreview.From(content.ToProfile("", 1, null, reference)));
        }

        var profile = await store.CreateAsync(content, cancellation);
        return TypedResults.Created($"/v1/ranking-profiles/{profile.Id}", Tell(profile, catalog, context));
    }

    private static async Task<Results<Created<RankingProfileItem>, Ok<RankingProfilePreview>, ConflictProblem>> LearnWeightsAsync(
        [FromBody] LearningRequest request,
        RankingProfileStore store,
        RankingProfileCatalog catalog,
        DecisionStore decisions,
        ReferenceCatalog reference,
        HttpContext context,
        CancellationToken cancellation)
    {
        var decided = await decisions.FindLearnableAsync(request.Form, cancellation);
        if (WeightLearning.FindLack(decided) is { } lack)
        {
            return LearningLacks.ToProblem(lack, decided);
        }

        var current = catalog.DefaultOf(request.Form);
        var learnt = WeightLearning.Learn(current.Profile, decided, LearningSeed);
        var content = new ProfileContent
        {
            Name = request.Name,
            NameRu = request.NameRu,
            Description = request.Description,
            Form = request.Form,
            Origin = ProfileOrigin.Decisions,
            Weights = learnt.Weights,
            Threshold = request.Threshold ?? current.Profile.Threshold,
            Learning = LearningReport.From(learnt, current),
        };
        if (request.DryRun == true)
        {
            return TypedResults.Ok(RankingProfilePreview.From(content.ToProfile("", 1, null, reference)));
        }

        var profile = await store.CreateAsync(content, cancellation);
        return TypedResults.Created($"/v1/ranking-profiles/{profile.Id}", Tell(profile, catalog, context));
    }

    private static Results<Ok<RankingProfileItem>, NotModified, NotFoundProblem> GetRankingProfile(
        string profileId,
        [AsParameters] ProfileVersionQuery query,
        [FromHeader(Name = "If-None-Match")] string? ifNoneMatch,
        RankingProfileCatalog catalog,
        HttpContext context)
    {
        if (catalog.Find(profileId, query.Version) is not { } profile)
        {
            return NotFound(profileId, query.Version);
        }

        return context.FindUnchanged(ifNoneMatch, VersionOf(profile, catalog)) is { } unchanged ? unchanged : TypedResults.Ok(ToItem(profile, catalog));
    }

    private static Results<Ok<RankingProfileVersions>, NotFoundProblem> ListRankingProfileVersions(string profileId, RankingProfileCatalog catalog) =>
        catalog.VersionsOf(profileId) is { Count: > 0 } versions
            ? TypedResults.Ok(new RankingProfileVersions([.. versions.Reverse().Select(p => ToItem(p, catalog))]))
            : NotFound(profileId);

    private static async Task<Results<Ok<RankingProfileItem>, NotFoundProblem, ConflictProblem, ForbiddenProblem, PreconditionProblem, InvalidProblem>> ReplaceRankingProfileAsync(
        string profileId,
        [FromHeader(Name = "If-Match")] string? ifMatch,
        [FromBody] RankingProfileRequest request,
        RankingProfileStore store,
        RankingProfileCatalog catalog,
        ReferenceCatalog reference,
        HttpContext context,
        CancellationToken cancellation)
    {
        switch (catalog.Find(profileId))
        {
            case null:
                return NotFound(profileId);
            case { Origin: ProfileOrigin.Shipped }:
                return Shipped(profileId);
            case { Owner: var owner } when !Caller.Current.MayChange(owner):
                return KeptByOthers();
            case { Profile.Form: var form } when form != request.Form:
                return new InvalidProblem(new FieldError("body", "form", $"The profile weighs {Kebab.Of(form)}; another form takes another profile.", [Kebab.Of(form)]));
        }

        PreconditionProblem? refused = null;
        var replaced = await store.ReplaceAsync(
            profileId,
            request.ToContent(reference),
            current => (refused = Preconditions.Check(ifMatch, VersionOf(current, catalog))) is null,
            cancellation);
        return replaced is not null ? TypedResults.Ok(Tell(replaced, catalog, context)) : refused is not null ? refused : NotFound(profileId);
    }

    private static async Task<Results<NoContent, NotFoundProblem, ConflictProblem, ForbiddenProblem, PreconditionProblem>> DeleteRankingProfileAsync(
        string profileId,
        [FromHeader(Name = "If-Match")] string? ifMatch,
        RankingProfileStore store,
        RankingProfileCatalog catalog,
        CancellationToken cancellation)
    {
        switch (catalog.Find(profileId))
        {
            case { Origin: ProfileOrigin.Shipped }:
                return Shipped(profileId);
            case { Owner: var owner } when !Caller.Current.MayChange(owner):
                return KeptByOthers();
        }

        PreconditionProblem? refused = null;
        var isUsed = false;
        var removed = await store.RemoveAsync(
            profileId,
            current =>
            {
                refused = Preconditions.Check(ifMatch, VersionOf(current, catalog));
                isUsed = catalog.AdoptedVersionOf(current) is not null;
                return refused is null && !isUsed;
            },
            cancellation);
        return removed ? TypedResults.NoContent()
            : refused is not null ? refused
            : isUsed ? new ConflictProblem("profile-in-use", "The form uses this profile.", $"'{profileId}' is what its form uses: adopt another first.")
            : NotFound(profileId);
    }

    private static async Task<Results<Ok<RankingProfileItem>, NotFoundProblem>> AdoptRankingProfileAsync(
        string profileId,
        [AsParameters] ProfileVersionQuery query,
        RankingProfileStore store,
        RankingProfileCatalog catalog,
        HttpContext context,
        CancellationToken cancellation) =>
        await store.AdoptAsync(profileId, query.Version, cancellation) is { } profile ? TypedResults.Ok(Tell(profile, catalog, context)) : NotFound(profileId, query.Version);

    private static RankingProfileItem Tell(StoredProfile profile, RankingProfileCatalog catalog, HttpContext context)
    {
        context.TellVersion(VersionOf(profile, catalog));
        return ToItem(profile, catalog);
    }

    private static RankingProfileItem ToItem(StoredProfile profile, RankingProfileCatalog catalog) => RankingProfileItem.From(profile, catalog.AdoptedVersionOf(profile));

    /// <summary>What an answer says of a profile depends on its version, on the one adopted, and for a shipped one on the reference data.</summary>
    private static string VersionOf(StoredProfile profile, RankingProfileCatalog catalog) =>
        FormattableString.Invariant($"{profile.Version}.{catalog.AdoptedVersionOf(profile) ?? 0}.{profile.Profile.Hash}");

    private static NotFoundProblem NotFound(string id, int? version = null) => new("ranking profile", version is null ? id : FormattableString.Invariant($"{id}@{version}"));

    private static ForbiddenProblem KeptByOthers() => new("The key or token is bound to an owner: it changes only weight sets that it made.");

    private static ConflictProblem Shipped(string id) =>
        new("shipped-profile", "The profiles of the product cannot be changed.", $"'{id}' is part of the product: store a profile of your own and adopt it.");

    private sealed record ProfilePosition(bool IsStored, string Id) : IComparable<ProfilePosition>
    {
        public static ProfilePosition Of(StoredProfile profile) => new(profile.Origin != ProfileOrigin.Shipped, profile.Id);

        public int CompareTo(ProfilePosition? other) => IsStored != other!.IsStored ? IsStored.CompareTo(other.IsStored) : string.CompareOrdinal(Id, other.Id);
    }
}

/// <summary>A page of weight sets.</summary>
/// <param name="Items">The shipped ones first, then in order of age.</param>
/// <param name="Next">The address of the next page, or null at the end.</param>
internal sealed record RankingProfileList(IReadOnlyList<RankingProfileItem> Items, string? Next);

/// <summary>All versions of a weight set.</summary>
/// <param name="Items">The newest first.</param>
internal sealed record RankingProfileVersions(IReadOnlyList<RankingProfileItem> Items);

/// <summary>Which weight sets to list.</summary>
internal sealed record RankingProfileQuery(
    [FromQuery(Name = "form")] EnumParameter<CooperationForm>? Form,
    [FromQuery(Name = "limit")] int? Limit,
    [FromQuery(Name = "cursor")] string? Cursor);

internal sealed class RankingProfileQueryValidator : AbstractValidator<RankingProfileQuery>
{
    public RankingProfileQueryValidator() => RuleFor(q => q.Limit).IsLimit();
}

/// <summary>Which version of a weight set.</summary>
internal sealed record ProfileVersionQuery([FromQuery(Name = "version")] int? Version);

internal sealed class ProfileVersionQueryValidator : AbstractValidator<ProfileVersionQuery>
{
    public ProfileVersionQueryValidator() => RuleFor(q => q.Version).GreaterThanOrEqualTo(1).WithMessage("Versions count from 1.");
}
