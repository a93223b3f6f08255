using FluentValidation;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using PartnerMatch.Api.Access;
using PartnerMatch.Api.Corridors;
using PartnerMatch.Api.Http;
using PartnerMatch.Api.Matches;
using PartnerMatch.Api.RankingProfiles;
using PartnerMatch.Api.Reference;
using PartnerMatch.Ranking.Explaining;
using PartnerMatch.Ranking.Gaps;
using PartnerMatch.Ranking.Scoring;

namespace PartnerMatch.Api.Gaps;

internal static class GapEndpoints
{
    public static IServiceCollection AddGaps(this IServiceCollection services) => services
        .AddSingleton<GapReports>()
        .AddSingleton<IValidator<GapParameters>, GapParametersValidator>();

    public static void MapGaps(this IEndpointRouteBuilder v1) => v1.MapGet("/corridors/{corridorId}/gaps", FindGapsAsync)
        .WithName("FindGaps")
        .WithTags("Matches")
        .Needs(Scope.Match)
        .GoesBeforeRuns()
        .WithSummary("What a corridor lacks")
        .WithDescription(
            "Competencies that one side needs and the other supplies hardly or not at all, the largest gap first: needs of at least 0.1, added up, divided by one plus what both sides supply. " +
            "Beside them new avenues: wanted products that nobody in the corridor makes, with the pairs whose main inputs cover most of what goes in, and the competence that would help most.")
        .ComparesAnswers();

    private static async Task<Results<Ok<GapList>, NotFoundProblem, InvalidProblem>> FindGapsAsync(
        string corridorId,
        [AsParameters] GapParameters query,
        ReferenceCatalog reference,
        EnterpriseDirectory directory,
        CorridorStore corridors,
        RankingProfileCatalog profiles,
        GapReports reports,
        HttpContext context,
        CancellationToken cancellation)
    {
        if (await corridors.FindAsync(corridorId, cancellation) is not { } corridor)
        {
            return new NotFoundProblem("corridor", corridorId);
        }

        var (chosen, problem) = profiles.Choose(query.Profile, query.Form?.Value, null, "query");
        if (chosen is null)
        {
            return problem!;
        }

        var fingerprint = $"{corridorId}|{chosen.Profile.Hash}|{query.Side?.Value}";
        var cursor = query.Cursor is null ? null : Paging.Decode<GapCursor>(query.Cursor);
        if (query.Cursor is not null && cursor?.Fingerprint != fingerprint)
        {
            return Paging.BadCursor();
        }

        var snapshot = directory.Current;
        var gaps = reports.Find(snapshot, corridor.ToCorridor(), chosen.Profile);
        var wanted = gaps.Competencies.Where(g => query.Side is null || g.Side == query.Side.Value.Value);
        var limit = query.Limit ?? Paging.DefaultLimit;
        var page = wanted.Where(g => cursor is null || cursor.IsBefore(g)).Take(limit + 1).ToArray();
        var writer = new GapWriter(reference, snapshot, corridor, query.Language?.Value ?? Language.En);
        var firstRank = (cursor?.Rank ?? 0) + 1;
        var next = page.Length > limit ? new GapCursor(fingerprint, page[limit - 1].Value, page[limit - 1].Code, page[limit - 1].Side, firstRank + limit - 1) : null;
        return TypedResults.Ok(new GapList(
            [.. page.Take(limit).Select((g, i) => writer.ToGap(firstRank + i, g))],
            [.. gaps.Avenues.Take(GapList.AvenuesShown).Select((a, i) => writer.ToAvenue(i + 1, a))],
            new GapMeta(chosen.Profile.Form, corridorId, snapshot.Version, chosen.Reference, chosen.Profile.Hash),
            next is null ? null : Paging.Next(context, Paging.Encode(next))));
    }

    /// <summary>The order's own key, so that a list goes on over newer versions.</summary>
    private sealed record GapCursor(string Fingerprint, double Value, string Code, CorridorSide Side, int Rank)
    {
        public bool IsBefore(CompetencyGap gap) => (-Value).CompareTo(-gap.Value) switch
        {
            0 => string.CompareOrdinal(Code, gap.Code) is var byCode && (byCode < 0 || (byCode == 0 && Side < gap.Side)),
            var byValue => byValue < 0,
        };
    }
}

/// <summary>Which gaps to list.</summary>
internal sealed record GapParameters(
    [FromQuery(Name = "side")] EnumParameter<CorridorSide>? Side,
    [FromQuery(Name = "form")] EnumParameter<CooperationForm>? Form,
    [FromQuery(Name = "profile")] string? Profile,
    [FromQuery(Name = "limit")] int? Limit,
    [FromQuery(Name = "cursor")] string? Cursor,
    [FromQuery(Name = "lang")] EnumParameter<Language>? Language);

internal sealed class GapParametersValidator : AbstractValidator<GapParameters>
{
    public GapParametersValidator() => RuleFor(q => q.Limit).IsLimit();
}
