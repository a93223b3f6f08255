using System.Text.Json;
using Dapper;
using Microsoft.Extensions.Options;
using PartnerMatch.Api.Access;
using PartnerMatch.Api.Http;
using PartnerMatch.Api.Jobs;
using PartnerMatch.Api.Storage;
using PartnerMatch.Ranking.Scoring;

namespace PartnerMatch.Api.MatchRuns;

/// <summary>
/// Runs in the database: one small row each, written when a run is asked for, begins and ends. Its results lie in a file of their own
/// (<see cref="MatchRunFile"/>), so that millions of them neither keep other writers waiting nor swell the database, and go with one unlink.
/// A caller that is bound to an owner has its own runs only, and sees the automatic ones that are nobody's.
/// </summary>
internal sealed class MatchRunStore(SqliteDatabase database, TimeProvider time, IOptions<Microsoft.AspNetCore.Http.Json.JsonOptions> json)
{
    private const string Columns =
        """
        id as Id, state as State, corridor as Corridor, form as Form, role as Role, side as Side, top as Top, min_score as MinScore, weights as Weights,
        profile as Profile, weights_hash as WeightsHash, balance as Balance, exposure_cap as ExposureCap, market as Market, is_automatic as IsAutomatic, owner as Owner, enterprises as Enterprises, pairs as Pairs, data_version as DataVersion, items as Items,
        failure as Failure, created_at as CreatedAt, started_at as StartedAt, finished_at as FinishedAt
        """;

    private const string Own = "(@viewer is null or owner = @viewer)";

    private const string Visible = $"({Own} or (is_automatic = 1 and owner is null))";

    private readonly JsonSerializerOptions _json = json.Value.SerializerOptions;

    /// <summary>Adds a run that waits.</summary>
    /// <param name="run">The run.</param>
    /// <param name="asking">The ids listed; null where a whole side asks.</param>
    /// <param name="cancellation">Gives up.</param>
    public Task AddAsync(MatchRun run, IReadOnlyList<string>? asking, CancellationToken cancellation) => ExecuteAsync(
        """
        insert into match_runs (id, state, corridor, form, role, side, asking, top, min_score, profile, weights, weights_hash, balance, exposure_cap, is_automatic, owner, enterprises, pairs, created_at)
        values (@Id, 'queued', @Corridor, @Form, @Role, @Side, @Asking, @Top, @MinScore, @Profile, @Weights, @WeightsHash, @Balance, @ExposureCap, @Automatic, @Owner, @Enterprises, @Pairs, @CreatedAt)
        """,
        new
        {
            run.Id,
            run.Corridor,
            Form = Kebab.Of(run.Form),
            Role = Kebab.Of(run.Role),
            Side = run.Side is { } side ? Kebab.Of(side) : null,
            Asking = asking is null ? null : JsonSerializer.Serialize(asking, _json),
            run.Top,
            run.MinScore,
            run.Profile,
            Weights = run.Weights is null ? null : JsonSerializer.Serialize(run.Weights, _json),
            run.WeightsHash,
            Balance = Kebab.Of(run.Balance),
            run.ExposureCap,
            run.Automatic,
            run.Owner,
            run.Enterprises,
            run.Pairs,
            CreatedAt = run.CreatedAt.ToUnixTimeMilliseconds(),
        },
        cancellation);

    /// <summary>The run; null where there is none that the caller may see.</summary>
    public async Task<MatchRun?> FindAsync(string id, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        return (await connection.QuerySingleOrDefaultAsync<Row>($"select {Columns} from match_runs where id = @id and {Visible}", new { id, viewer = Caller.Current.Owner }))?.ToRun(_json);
    }

    /// <summary>The ids that were listed, or null where a whole side asks.</summary>
    public async Task<IReadOnlyList<string>?> FindAskingAsync(string id, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        return await connection.ExecuteScalarAsync<string?>("select asking from match_runs where id = @id", new { id }) is { } asking ? JsonSerializer.Deserialize<string[]>(asking, _json) : null;
    }

    /// <summary>A page, newest first: ids grow with time.</summary>
    public async Task<IReadOnlyList<MatchRun>> FindPageAsync(JobState? state, string? corridor, string? beforeId, int limit, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        var rows = await connection.QueryAsync<Row>(
            $"""
            select {Columns} from match_runs
            where (@state is null or state = @state) and (@corridor is null or corridor = @corridor) and (@beforeId is null or id < @beforeId) and {Visible}
            order by id desc limit @limit
            """,
            new { state = state is { } s ? Kebab.Of(s) : null, corridor, beforeId, limit, viewer = Caller.Current.Owner });
        return [.. rows.Select(r => r.ToRun(_json))];
    }

    /// <summary>Runs of the whole first side under these weights that the caller may see, that kept what the score asks for, and are done or will be; newest first.</summary>
    public async Task<IReadOnlyList<MatchRun>> FindOfCorridorAsync(string corridor, string weightsHash, double minScore, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        var rows = await connection.QueryAsync<Row>(
            $"""
            select {Columns} from match_runs
            where corridor = @corridor and weights_hash = @weightsHash and side = 'first' and role = 'any' and top >= @top and min_score <= @minScore
              and state in ('queued', 'running', 'done') and {Visible}
            order by id desc
            """,
            new { corridor, weightsHash, minScore, top = MatchRunRequest.DefaultTop, viewer = Caller.Current.Owner });
        return [.. rows.Select(r => r.ToRun(_json))];
    }

    /// <summary>What a stop of the service left unfinished, oldest first.</summary>
    public async Task<IReadOnlyList<MatchRun>> FindUnfinishedAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        var rows = await connection.QueryAsync<Row>($"select {Columns} from match_runs where state in ('queued', 'running') order by id");
        return [.. rows.Select(r => r.ToRun(_json))];
    }

    /// <summary>The ids of runs whose file is kept: those that are done, or go on.</summary>
    public async Task<IReadOnlySet<string>> FindIdsWithFileAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        return (await connection.QueryAsync<string>("select id from match_runs where state in ('queued', 'running', 'done')")).ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>Takes up a run that waits, or that was interrupted.</summary>
    /// <returns>How often it was taken up, this time included; 0 where it is over.</returns>
    public async Task<int> StartAsync(string id, CancellationToken cancellation) => await database.WriteAsync(
        transaction => transaction.Connection!.ExecuteScalarAsync<int>(
            """
            update match_runs set state = 'running', attempts = attempts + 1, started_at = coalesce(started_at, @now)
            where id = @id and state in ('queued', 'running') returning attempts
            """,
            new { id, now = Now() },
            transaction),
        _ => { },
        cancellation);

    /// <summary>Says what a run works on.</summary>
    public Task PinAsync(string id, string dataVersion, string weightsHash, int enterprises, long pairs, CancellationToken cancellation) => ExecuteAsync(
        "update match_runs set data_version = @dataVersion, weights_hash = @weightsHash, enterprises = @enterprises, pairs = @pairs where id = @id",
        new { id, dataVersion, weightsHash, enterprises, pairs },
        cancellation);

    /// <summary>Ends a run that is not over without results; false where it is over, or not the caller's.</summary>
    public Task<bool> FinishAsync(string id, JobState state, MatchRunFailure? failure, CancellationToken cancellation) => FinishAsync(id, state, null, null, failure, cancellation);

    /// <summary>Ends a run whose results are there; false where it is over already.</summary>
    public Task<bool> FinishAsync(string id, long items, MatchRunMarket? market, CancellationToken cancellation) => FinishAsync(id, JobState.Done, items, market, null, cancellation);

    /// <summary>Removes a run that is over; false where it is not, or not the caller's.</summary>
    public async Task<bool> DeleteAsync(string id, CancellationToken cancellation) =>
        await ExecuteAsync($"delete from match_runs where id = @id and state in ('done', 'failed', 'cancelled') and {Own}", new { id, viewer = Caller.Current.Owner }, cancellation) > 0;

    private async Task<bool> FinishAsync(string id, JobState state, long? items, MatchRunMarket? market, MatchRunFailure? failure, CancellationToken cancellation) => await ExecuteAsync(
        $"""
        update match_runs set state = @state, items = @items, market = @market, failure = @failure, finished_at = @now
        where id = @id and state in ('queued', 'running') and {Own}
        """,
        new
        {
            id,
            viewer = Caller.Current.Owner,
            state = Kebab.Of(state),
            items,
            market = market is null ? null : JsonSerializer.Serialize(market, _json),
            failure = failure is null ? null : JsonSerializer.Serialize(failure, _json),
            now = Now(),
        },
        cancellation) > 0;

    private Task<int> ExecuteAsync(string sql, object parameters, CancellationToken cancellation) =>
        database.WriteAsync(transaction => transaction.Connection!.ExecuteAsync(sql, parameters, transaction), _ => { }, cancellation);

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();

    private sealed record Row
    {
        public string Id { get; init; } = "";

        public string State { get; init; } = "";

        public string Corridor { get; init; } = "";

        public string Form { get; init; } = "";

        public string Role { get; init; } = "";

        public string? Side { get; init; }

        public int Top { get; init; }

        public double MinScore { get; init; }

        public string? Profile { get; init; }

        public string? Weights { get; init; }

        public string WeightsHash { get; init; } = "";

        public string Balance { get; init; } = "";

        public double? ExposureCap { get; init; }

        public string? Market { get; init; }

        public bool IsAutomatic { get; init; }

        public string? Owner { get; init; }

        public int Enterprises { get; init; }

        public long Pairs { get; init; }

        public string? DataVersion { get; init; }

        public long? Items { get; init; }

        public string? Failure { get; init; }

        public long CreatedAt { get; init; }

        public long? StartedAt { get; init; }

        public long? FinishedAt { get; init; }

        public MatchRun ToRun(JsonSerializerOptions json) => new()
        {
            Id = Id,
            State = Enum.Parse<JobState>(State, ignoreCase: true),
            Corridor = Corridor,
            Form = Kebab.Parse<CooperationForm>(Form),
            Role = Kebab.Parse<PartnerRole>(Role),
            Side = Side is null ? null : Kebab.Parse<MatchRunSide>(Side),
            Top = Top,
            MinScore = MinScore,
            Profile = Profile,
            Weights = Weights is null ? null : JsonSerializer.Deserialize<Dictionary<string, double>>(Weights, json),
            WeightsHash = WeightsHash,
            Balance = Kebab.Parse<MatchBalance>(Balance),
            ExposureCap = ExposureCap,
            Market = Market is null ? null : JsonSerializer.Deserialize<MatchRunMarket>(Market, json),
            Automatic = IsAutomatic,
            Owner = Owner,
            Enterprises = Enterprises,
            Pairs = Pairs,
            DataVersion = DataVersion,
            Results = Items,
            CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(CreatedAt),
            StartedAt = StartedAt is { } started ? DateTimeOffset.FromUnixTimeMilliseconds(started) : null,
            FinishedAt = FinishedAt is { } finished ? DateTimeOffset.FromUnixTimeMilliseconds(finished) : null,
            Failure = Failure is null ? null : JsonSerializer.Deserialize<MatchRunFailure>(Failure, json),
        };
    }
}
