using Dapper;
using Microsoft.AspNetCore.Http.HttpResults;
using PartnerMatch.Api.Matches;
using PartnerMatch.Api.Reference;
using PartnerMatch.Api.Storage;

namespace PartnerMatch.Api.Health;

internal static class HealthEndpoints
{
    public static void MapHealth(this IEndpointRouteBuilder app)
    {
        var health = app.MapGroup("/").WithTags("Health").AllowAnonymous();
        health.MapGet("/healthz", () => TypedResults.Ok(new Liveness("alive")))
            .WithName("GetLiveness")
            .WithSummary("Whether the process answers")
            .WithDescription("Says nothing of what the service needs for its work: that is readyz.");
        health.MapGet("/readyz", GetReadinessAsync)
            .WithName("GetReadiness")
            .WithSummary("Whether the service can do its work")
            .WithDescription("The database is migrated and answers, the reference data is loaded, and all profiles are in memory.")
            .Produces<Readiness>(StatusCodes.Status503ServiceUnavailable);
    }

    private static async Task<Results<Ok<Readiness>, JsonHttpResult<Readiness>>> GetReadinessAsync(
        SqliteDatabase database,
        EnterpriseDirectory directory,
        ReferenceCatalog reference,
        CancellationToken cancellation)
    {
        var readiness = new Readiness(
            await AnswersAsync(database, cancellation) ? "migrated" : "unavailable",
            $"{reference.Tree.Competencies.Count} competencies, {reference.Knowledge.Graph.Links.Count} links",
            directory.IsReady ? $"{directory.Current.Index.Count} enterprises" : "not-built");
        return readiness is { Database: "migrated", Index: not "not-built" }
            ? TypedResults.Ok(readiness)
            : TypedResults.Json(readiness, statusCode: StatusCodes.Status503ServiceUnavailable);
    }

    private static async Task<bool> AnswersAsync(SqliteDatabase database, CancellationToken cancellation)
    {
        try
        {
            await using var connection = await database.OpenAsync(cancellation);
            return await connection.ExecuteScalarAsync<long>("select count(*) from corridors") > 0;
        }
        catch (Microsoft.Data.Sqlite.SqliteException)
        {
            return false;
        }
    }
}

/// <summary>The process answers.</summary>
/// <param name="Status">Always <c>alive</c>.</param>
internal sealed record Liveness(string Status);

/// <summary>What the service needs for its work.</summary>
/// <param name="Database"><c>migrated</c> or <c>unavailable</c>.</param>
/// <param name="Reference">What was loaded.</param>
/// <param name="Index">How many enterprises can be ranked, or <c>not-built</c>.</param>
internal sealed record Readiness(string Database, string Reference, string Index);
