using System.Data;
using System.Text.Json;
using Dapper;
using Microsoft.Extensions.Options;
using PartnerMatch.Api.Access;
using PartnerMatch.Api.Http;
using PartnerMatch.Api.Jobs;
using PartnerMatch.Api.Storage;

namespace PartnerMatch.Api.Imports;

/// <summary>Imports in the database. An import ends in the transaction that stores its rows, so that it is done exactly once.</summary>
internal sealed class ImportStore(SqliteDatabase database, TimeProvider time, IOptions<Microsoft.AspNetCore.Http.Json.JsonOptions> json)
{
    private const string Columns =
        """
        id as Id, state as State, format as Format, mode as Mode, dry_run as DryRun, is_job as IsJob, size as Size, attempts as Attempts,
        report as Report, failure as Failure, created_at as CreatedAt, started_at as StartedAt, finished_at as FinishedAt
        """;

    private readonly JsonSerializerOptions _json = json.Value.SerializerOptions;

    public Task AddAsync(Import import, bool isJob, CancellationToken cancellation) => ExecuteAsync(
        """
        insert into imports (id, state, format, mode, dry_run, is_job, size, created_at, caller)
        values (@Id, 'queued', @Format, @Mode, @DryRun, @isJob, @Size, @CreatedAt, @caller)
        """,
        new
        {
            import.Id,
            Format = Kebab.Of(import.Format),
            Mode = Kebab.Of(import.Mode),
            import.DryRun,
            isJob,
            import.Size,
            CreatedAt = import.CreatedAt.ToUnixTimeMilliseconds(),
            caller = JsonSerializer.Serialize(Caller.Current),
        },
        cancellation);

    /// <summary>On whose behalf the import is done.</summary>
    public async Task<Caller> FindCallerAsync(string id, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        return await connection.ExecuteScalarAsync<string?>("select caller from imports where id = @id", new { id }) is { } caller
            ? JsonSerializer.Deserialize<Caller>(caller)!
            : Caller.Service;
    }

    /// <summary>Null where there is none, also where it was made for another owner than the caller's.</summary>
    public async Task<Import?> FindAsync(string id, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        return (await connection.QuerySingleOrDefaultAsync<Row>(
            $"select {Columns} from imports where id = @id and (@viewer is null or json_extract(caller, '$.Owner') = @viewer)",
            new { id, viewer = Caller.Current.Owner }))?.ToImport(_json);
    }

    /// <summary>Takes up an import that waits, or that was interrupted.</summary>
    /// <returns>How often it was taken up, this time included; 0 where it is over.</returns>
    public async Task<int> StartAsync(string id, CancellationToken cancellation) => await database.WriteAsync(
        transaction => transaction.Connection!.ExecuteScalarAsync<int>(
            """
            update imports set state = 'running', attempts = attempts + 1, started_at = coalesce(started_at, @now)
            where id = @id and state in ('queued', 'running') returning attempts
            """,
            new { id, now = Now() },
            transaction),
        _ => { },
        cancellation);

    /// <summary>Ends an import that is not over; false where it is.</summary>
    public async Task<bool> FinishAsync(string id, JobState state, ImportReport? report, ImportFailure? failure, CancellationToken cancellation) => await database.WriteAsync(
        transaction => FinishAsync(transaction, id, state, report, failure),
        _ => { },
        cancellation);

    /// <summary>The same within a transaction that does more.</summary>
    public async Task<bool> FinishAsync(IDbTransaction transaction, string id, JobState state, ImportReport? report, ImportFailure? failure) => await transaction.Connection!.ExecuteAsync(
        "update imports set state = @state, report = @report, failure = @failure, finished_at = @now where id = @id and state in ('queued', 'running')",
        new
        {
            id,
            state = Kebab.Of(state),
            report = report is null ? null : JsonSerializer.Serialize(report, _json),
            failure = failure is null ? null : JsonSerializer.Serialize(failure, _json),
            now = Now(),
        },
        transaction) > 0;

    /// <summary>What a stop of the service left unfinished: jobs, and imports whose caller was waiting.</summary>
    public async Task<IReadOnlyList<(string Id, bool IsJob)>> FindUnfinishedAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        var rows = await connection.QueryAsync<Row>($"select {Columns} from imports where state in ('queued', 'running') order by created_at, id");
        return [.. rows.Select(r => (r.Id, r.IsJob))];
    }

    private Task<int> ExecuteAsync(string sql, object parameters, CancellationToken cancellation) =>
        database.WriteAsync(transaction => transaction.Connection!.ExecuteAsync(sql, parameters, transaction), _ => { }, cancellation);

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();

    private sealed record Row
    {
        public string Id { get; init; } = "";

        public string State { get; init; } = "";

        public string Format { get; init; } = "";

        public string Mode { get; init; } = "";

        public bool DryRun { get; init; }

        public bool IsJob { get; init; }

        public long Size { get; init; }

        public string? Report { get; init; }

        public string? Failure { get; init; }

        public long CreatedAt { get; init; }

        public long? StartedAt { get; init; }

        public long? FinishedAt { get; init; }

        public Import ToImport(JsonSerializerOptions json) => new()
        {
            Id = Id,
            State = Enum.Parse<JobState>(State, ignoreCase: true),
            Format = Enum.Parse<ImportFormat>(Format, ignoreCase: true),
            Mode = Enum.Parse<ImportMode>(Mode, ignoreCase: true),
            DryRun = DryRun,
            Size = Size,
            CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(CreatedAt),
            StartedAt = StartedAt is { } started ? DateTimeOffset.FromUnixTimeMilliseconds(started) : null,
            FinishedAt = FinishedAt is { } finished ? DateTimeOffset.FromUnixTimeMilliseconds(finished) : null,
            Report = Report is null ? null : JsonSerializer.Deserialize<ImportReport>(Report, json),
            Failure = Failure is null ? null : JsonSerializer.Deserialize<ImportFailure>(Failure, json),
        };
    }
}
