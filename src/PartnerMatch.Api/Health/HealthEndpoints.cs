using Dapper;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Data.Sqlite;
using PartnerMatch.Api.Http;
using PartnerMatch.Api.Imports;
using PartnerMatch.Api.Matches;
using PartnerMatch.Api.MatchRuns;
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
            .WithDescription(
                "Each part that it needs, and of one that is not ready why: `database` (it is migrated and answers), `reference` (what was loaded), `index` (all profiles are in memory; `loading 3000 of 10000` before), " +
                "`writes` (the last one was not refused, by a full disk for example; where it was, one is tried), `imports` and `matchRuns` (somebody works on them). 503 where one is not.")
            .Produces<Readiness>(StatusCodes.Status503ServiceUnavailable);
    }

    private static async Task<Results<Ok<Readiness>, JsonHttpResult<Readiness>>> GetReadinessAsync(
        SqliteDatabase database,
        EnterpriseDirectory directory,
        ReferenceCatalog reference,
        Preparing preparing,
        ImportQueue imports,
        MatchRunQueue runs,
        CancellationToken cancellation)
    {
        var readiness = new Readiness
        {
            Database = await AnswersAsync(database, cancellation) ? new(true, "migrated") : new(false, "unavailable"),
            Reference = new(true, $"{reference.Tree.Competencies.Count} competencies, {reference.Knowledge.Graph.Links.Count} links"),
            Index = IndexOf(preparing, directory),
            Writes = await database.FindRefusalAsync(cancellation) is { } refusal ? new(false, "refused: " + Kebab.Of(refusal)) : new(true, "accepted"),
            Imports = WorkOf(imports),
            MatchRuns = WorkOf(runs),
        };
        return readiness.Ready ? TypedResults.Ok(readiness) : TypedResults.Json(readiness, statusCode: StatusCodes.Status503ServiceUnavailable);
    }

    private static ReadinessPart IndexOf(Preparing preparing, EnterpriseDirectory directory) => preparing switch
    {
        { Done.IsCompletedSuccessfully: true } => new(true, $"{directory.Current.Index.Count} enterprises"),
        { Profiles: var (read, total) } => new(false, $"loading {read} of {total}"),
        _ => new(false, "loading"),
    };

    private static ReadinessPart WorkOf(BackgroundService queue) => queue.ExecuteTask is { IsCompleted: false } ? new(true, "working") : new(false, "stopped");

    private static async Task<bool> AnswersAsync(SqliteDatabase database, CancellationToken cancellation)
    {
        try
        {
            await using var connection = await database.OpenAsync(cancellation);
            return await connection.ExecuteScalarAsync<long>("select count(*) from corridors") > 0;
        }
        catch (SqliteException)
        {
            return false;
        }
    }
}

/// <summary>The process answers.</summary>
/// <param name="Status">Always <c>alive</c>.</param>
internal sealed record Liveness(string Status);

/// <summary>What the service needs for its work.</summary>
internal sealed record Readiness
{
    /// <summary>Whether all parts are ready.</summary>
    public bool Ready => Database.Ready && Reference.Ready && Index.Ready && Writes.Ready && Imports.Ready && MatchRuns.Ready;

    /// <summary><c>migrated</c> or <c>unavailable</c>.</summary>
    public required ReadinessPart Database { get; init; }

    /// <summary>The reference data that was loaded.</summary>
    public required ReadinessPart Reference { get; init; }

    /// <summary>How many enterprises can be ranked, or how many of them are loaded.</summary>
    public required ReadinessPart Index { get; init; }

    /// <summary><c>accepted</c>, or why the last write was refused: <c>refused: full</c> or <c>refused: unavailable</c>.</summary>
    public required ReadinessPart Writes { get; init; }

    /// <summary>Whether imports are worked on: <c>working</c> or <c>stopped</c>.</summary>
    public required ReadinessPart Imports { get; init; }

    /// <summary>Whether match runs are worked on: <c>working</c> or <c>stopped</c>.</summary>
    public required ReadinessPart MatchRuns { get; init; }
}

/// <summary>One thing that the service needs.</summary>
/// <param name="Ready">Whether it is there.</param>
/// <param name="State">How it is, in words.</param>
internal sealed record ReadinessPart(bool Ready, string State);
