using FluentValidation;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using PartnerMatch.Api.Access;
using PartnerMatch.Api.Corridors;
using PartnerMatch.Api.Enterprises;
using PartnerMatch.Api.Http;
using PartnerMatch.Api.Idempotency;
using PartnerMatch.Api.Matches;
using PartnerMatch.Api.RankingProfiles;
using PartnerMatch.Ranking.Scoring;

namespace PartnerMatch.Api.Watches;

internal static class WatchEndpoints
{
    private const double DefaultMinScore = 60;

    public static IServiceCollection AddWatches(this IServiceCollection services) => services
        .AddSingleton<WatchStore>()
        .AddHostedService<WatchEvaluation>()
        .AddSingleton<IValidator<WatchRequest>, WatchValidator>()
        .AddSingleton<IValidator<WatchQuery>, WatchQueryValidator>();

    public static void MapWatches(this IEndpointRouteBuilder v1)
    {
        var watches = v1.MapGroup("/watches").WithTags("Changes").Needs(Scope.Match);
        watches.MapGet("/", ListWatchesAsync)
            .WithName("ListWatches")
            .WithSummary("Lists saved searches")
            .WithDescription("In order of age.")
            .ComparesAnswers();
        watches.MapPost("/", CreateWatchAsync)
            .WithName("CreateWatch")
            .WithSummary("Saves a search")
            .WithDescription(
                "From now on, when an enterprise that is new or has changed first scores `minScore` or more as a partner of this one, a change `watch.matched` says so, in the feed and to webhooks: its subject is the watch, its data `enterprise`, `partner`, `score` and `dataVersion`. "
                + "Each partner is told once. What scores so well already is in the match list.")
            .TakesBody()
            .CreatesOnce();
        watches.MapGet("/{watchId}", GetWatchAsync)
            .WithName("GetWatch")
            .WithSummary("One saved search")
            .ComparesAnswers();
        watches.MapDelete("/{watchId}", DeleteWatchAsync)
            .WithName("DeleteWatch")
            .WithSummary("Removes a saved search")
            .WithDescription("It goes with its enterprise, too. Takes no If-Match: a watch never changes.");
    }

    private static async Task<Results<Ok<WatchList>, InvalidProblem>> ListWatchesAsync([AsParameters] WatchQuery query, WatchStore store, HttpContext context, CancellationToken cancellation)
    {
        var after = query.Cursor is null ? null : Paging.Decode<WatchPosition>(query.Cursor);
        if (query.Cursor is not null && after is null)
        {
            return Paging.BadCursor();
        }

        var limit = query.Limit ?? Paging.DefaultLimit;
        var found = await store.FindPageAsync(after?.Id, limit + 1, cancellation);
        return TypedResults.Ok(new WatchList(
            [.. found.Take(limit)],
            found.Count > limit ? Paging.Next(context, Paging.Encode(new WatchPosition(found[limit - 1].Id))) : null));
    }

    private static async Task<Results<Created<Watch>, InvalidProblem>> CreateWatchAsync(
        [FromBody] WatchRequest request,
        WatchStore store,
        EnterpriseStore enterprises,
        EnterpriseDirectory directory,
        CorridorStore corridors,
        RankingProfileCatalog profiles,
        TimeProvider time,
        CancellationToken cancellation)
    {
        if (await enterprises.FindAsync(request.Enterprise, cancellation) is null || directory.Current.Index.Find(request.Enterprise) is not { } subject)
        {
            return UnknownEnterprise(request.Enterprise);
        }

        var corridorId = request.Corridor ?? MatchDefaults.Corridor;
        if (await corridors.FindAsync(corridorId, cancellation) is not { } description)
        {
            return MatchDefaults.UnknownCorridor(corridorId, "body");
        }

        if (description.ToCorridor().SideOf(subject) is null)
        {
            return new InvalidProblem(new FieldError("body", "enterprise", $"'{subject.Id}' is on neither side of the corridor '{corridorId}'."));
        }

        var (chosen, problem) = profiles.Choose(request.Profile, request.Form, request.Role, "body");
        if (chosen is null)
        {
            return problem!;
        }

        var now = time.GetUtcNow();
        var watch = new Watch(
            Guid.CreateVersion7(now).ToString("n"),
            request.Name?.Trim(),
            subject.Id,
            corridorId,
            chosen.Profile.Form,
            request.Role ?? PartnerRole.Any,
            request.Profile,
            request.MinScore ?? DefaultMinScore,
            DateTimeOffset.FromUnixTimeMilliseconds(now.ToUnixTimeMilliseconds()));
        return await store.CreateAsync(watch, cancellation) is { } saved
            ? TypedResults.Created($"/v1/watches/{saved.Id}", saved)
            : UnknownEnterprise(request.Enterprise);
    }

    private static async Task<Results<Ok<Watch>, NotFoundProblem>> GetWatchAsync(string watchId, WatchStore store, CancellationToken cancellation) =>
        await store.FindAsync(watchId, cancellation) is { } watch ? TypedResults.Ok(watch) : new NotFoundProblem("watch", watchId);

    private static async Task<Results<NoContent, NotFoundProblem>> DeleteWatchAsync(string watchId, WatchStore store, CancellationToken cancellation) =>
        await store.DeleteAsync(watchId, cancellation) ? TypedResults.NoContent() : new NotFoundProblem("watch", watchId);

    private static InvalidProblem UnknownEnterprise(string id) => new(new FieldError("body", "enterprise", $"No enterprise has the id '{id}'."));
}

/// <summary>Where a list of watches stopped.</summary>
internal sealed record WatchPosition(string Id);

/// <summary>Which watches to list.</summary>
internal sealed record WatchQuery([FromQuery(Name = "limit")] int? Limit, [FromQuery(Name = "cursor")] string? Cursor);

internal sealed class WatchQueryValidator : AbstractValidator<WatchQuery>
{
    public WatchQueryValidator() => RuleFor(q => q.Limit).IsLimit();
}
