using FluentValidation;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using PartnerMatch.Api.Access;
using PartnerMatch.Api.Corridors;
using PartnerMatch.Api.Enterprises;
using PartnerMatch.Api.Http;
using PartnerMatch.Api.Idempotency;
using PartnerMatch.Api.Imports;
using PartnerMatch.Api.Matches;
using PartnerMatch.Api.RankingProfiles;
using PartnerMatch.Api.Reference;
using PartnerMatch.Ranking.Components;
using PartnerMatch.Ranking.Scoring;

namespace PartnerMatch.Api.Decisions;

internal static class DecisionEndpoints
{
    private static readonly Dictionary<string, double> Everything = ComponentRegistry.Names.ToDictionary(n => n, _ => 1.0, StringComparer.Ordinal);

    public static IServiceCollection AddDecisions(this IServiceCollection services) => services
        .AddSingleton<DecisionStore>()
        .AddSingleton<IValidator<DecisionRequest>, DecisionValidator>()
        .AddSingleton<IValidator<DecisionQuery>, DecisionQueryValidator>()
        .AddSingleton<IValidator<PairDecisionQuery>, PairDecisionQueryValidator>();

    public static void MapDecisions(this IEndpointRouteBuilder v1)
    {
        var ofPair = v1.MapGroup("/pairs/{a}/{b}/decisions").WithTags("Decisions").Needs(Scope.MissionsWrite);
        ofPair.MapPost("/", DecideAsync)
            .WithName("DecidePair")
            .WithSummary("Keeps what was decided of a pair")
            .WithDescription(
                "The latest decision of a pair stands; earlier ones are its history. An excluded pair is left out of every list of every form at once, until a later decision, such as withdraw, stands. " +
                "The values of all components are kept with it, so that weights can be learnt from decisions. A key or token that is bound to an owner decides of, and sees, only pairs of which it keeps an enterprise.")
            .TakesBody()
            .CreatesOnce();
        ofPair.MapGet("/", ListPairDecisionsAsync)
            .WithName("ListPairDecisions")
            .WithSummary("Lists what was decided of a pair")
            .WithDescription("The newest first, whichever way round the pair was named.")
            .AnswersOfAnyId()
            .ComparesAnswers();
        var decisions = v1.MapGroup("/decisions").WithTags("Decisions").Needs(Scope.MissionsWrite);
        decisions.MapGet("/", ListDecisionsAsync)
            .WithName("ListDecisions")
            .WithSummary("Lists decisions")
            .WithDescription("The newest first. A key or token that is bound to an owner is told of pairs of which it keeps an enterprise.")
            .ComparesAnswers();
        decisions.MapGet("/{decisionId}", GetDecisionAsync)
            .WithName("GetDecision")
            .WithSummary("One decision")
            .WithDescription("What was decided, why, and what the pair scored at that moment.")
            .ComparesAnswers();
    }

    private static async Task<Results<Created<Decision>, NotFoundProblem, ConflictProblem, ForbiddenProblem, InvalidProblem>> DecideAsync(
        string a,
        string b,
        [FromBody] DecisionRequest request,
        DecisionStore store,
        EnterpriseStore enterprises,
        ReferenceCatalog reference,
        EnterpriseDirectory directory,
        CorridorStore corridors,
        RankingProfileCatalog profiles,
        PartnerRanker ranker,
        TimeProvider time,
        CancellationToken cancellation)
    {
        var snapshot = directory.Current;
        foreach (var id in new[] { a, b })
        {
            if (snapshot.Index.Find(id) is not { } found)
            {
                return new NotFoundProblem("enterprise", id);
            }

            if (MatchEndpoints.NotMatchable(found) is { } conflict)
            {
                return conflict;
            }
        }

        if (Caller.Current.Owner is not null && !await KeepsAsync(a) && !await KeepsAsync(b))
        {
            return new ForbiddenProblem("The key or token is bound to an owner: it decides only of pairs of which this owner keeps an enterprise.");
        }

        var corridorId = request.Corridor ?? MatchDefaults.Corridor;
        if (await corridors.FindAsync(corridorId, cancellation) is not { } description)
        {
            return MatchDefaults.UnknownCorridor(corridorId, "body");
        }

        var corridor = description.ToCorridor();
        var (first, second) = (reference.Knowledge.Expand(snapshot[a]), reference.Knowledge.Expand(snapshot[b]));
        if (corridor.SideOf(first.Profile) is not { } side || corridor.SideOf(second.Profile) is not { } other || side == other)
        {
            return MatchDefaults.NotOpposite(a, b, corridorId);
        }

        var (chosen, problem) = profiles.Choose(request.Profile, request.Form, null, "body");
        if (chosen is null)
        {
            return problem!;
        }

        var decision = new Decision
        {
            Id = Guid.CreateVersion7().ToString("n"),
            A = a,
            B = b,
            Form = chosen.Profile.Form,
            Corridor = corridorId,
            Kind = request.Decision,
            Reason = request.Reason,
            Comment = request.Comment,
            By = request.By,
            Stands = true,
            Score = Score(chosen.Profile).Score,
            Components = Score(chosen.Profile.WithWeights(Everything)).Contributions.Where(c => c.Component != Contribution.Floor).ToDictionary(c => c.Component, c => c.Value),
            DataVersion = snapshot.DataVersion.ToString(),
            WeightsHash = chosen.Profile.Hash,
            DecidedAt = DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds()),
        };
        await store.AddAsync(decision, side, cancellation);
        return TypedResults.Created($"/v1/decisions/{decision.Id}", decision);

        async Task<bool> KeepsAsync(string id) => Caller.Current.MayChange((await enterprises.FindAsync(id, cancellation))?.Owner);

        PairScore Score(RankingProfile profile) =>
            ranker.Score(first, second, profile, corridor, snapshot.ScarcityIn(corridor), profile.Form.IsDirected() ? PartnerRole.Supplier : PartnerRole.Any);
    }

    private static Task<Results<Ok<DecisionList>, InvalidProblem>> ListPairDecisionsAsync(
        string a,
        string b,
        [AsParameters] PairDecisionQuery query,
        DecisionStore store,
        HttpContext context,
        CancellationToken cancellation) => ListAsync(store, context, new DecisionFilter((a, b), null, null, null, null, query.Limit ?? Paging.DefaultLimit), query.Cursor, cancellation);

    private static Task<Results<Ok<DecisionList>, InvalidProblem>> ListDecisionsAsync(
        [AsParameters] DecisionQuery query,
        DecisionStore store,
        HttpContext context,
        CancellationToken cancellation) => ListAsync(
            store,
            context,
            new DecisionFilter(null, query.Enterprise, query.Form?.Value, query.Kind?.Value, null, query.Limit ?? Paging.DefaultLimit),
            query.Cursor,
            cancellation);

    private static async Task<Results<Ok<Decision>, NotFoundProblem>> GetDecisionAsync(string decisionId, DecisionStore store, CancellationToken cancellation) =>
        await store.FindAsync(decisionId, cancellation) is { } decision ? TypedResults.Ok(decision) : new NotFoundProblem("decision", decisionId);

    private static async Task<Results<Ok<DecisionList>, InvalidProblem>> ListAsync(DecisionStore store, HttpContext context, DecisionFilter filter, string? cursor, CancellationToken cancellation)
    {
        var before = cursor is null ? null : Paging.Decode<DecisionPosition>(cursor);
        if (cursor is not null && before is null)
        {
            return Paging.BadCursor();
        }

        var found = await store.FindPageAsync(filter with { Before = before?.Sequence, Limit = filter.Limit + 1 }, cancellation);
        return TypedResults.Ok(new DecisionList(
            [.. found.Take(filter.Limit).Select(f => f.Decision)],
            found.Count > filter.Limit ? Paging.Next(context, Paging.Encode(new DecisionPosition(found[filter.Limit - 1].Sequence))) : null));
    }

    private sealed record DecisionPosition(long Sequence);
}

/// <summary>A page of decisions.</summary>
/// <param name="Items">The newest first.</param>
/// <param name="Next">The address of the next page, or null at the end.</param>
internal sealed record DecisionList(IReadOnlyList<Decision> Items, string? Next);

/// <summary>Which decisions of a pair to list.</summary>
internal sealed record PairDecisionQuery([FromQuery(Name = "limit")] int? Limit, [FromQuery(Name = "cursor")] string? Cursor);

internal sealed class PairDecisionQueryValidator : AbstractValidator<PairDecisionQuery>
{
    public PairDecisionQueryValidator() => RuleFor(q => q.Limit).IsLimit();
}

/// <summary>Which decisions to list.</summary>
internal sealed record DecisionQuery(
    [FromQuery(Name = "enterprise")] string? Enterprise,
    [FromQuery(Name = "form")] EnumParameter<CooperationForm>? Form,
    [FromQuery(Name = "decision")] EnumParameter<DecisionKind>? Kind,
    [FromQuery(Name = "limit")] int? Limit,
    [FromQuery(Name = "cursor")] string? Cursor);

internal sealed class DecisionQueryValidator : AbstractValidator<DecisionQuery>
{
    public DecisionQueryValidator()
    {
        RuleFor(q => q.Limit).IsLimit();
        RuleFor(q => q.Enterprise).HasAtMost(RowChecks.MaxIdLength);
    }
}
