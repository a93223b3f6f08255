using System.Data;
using Dapper;
using PartnerMatch.Api.Access;
using PartnerMatch.Api.Http;
using PartnerMatch.Api.Storage;
using PartnerMatch.Ranking.Scoring;

namespace PartnerMatch.Api.Watches;

/// <summary>
/// Watches, what each was told, and how far they have come, in the database. A caller that is bound to an owner has its own watches only.
/// </summary>
internal sealed class WatchStore(SqliteDatabase database, TimeProvider time)
{
    private const string Columns =
        "id as Id, name as Name, enterprise_id as Enterprise, corridor as Corridor, form as Form, role as Role, profile as Profile, min_score as MinScore, after as After, owner as Owner, created_at as CreatedAt";

    private const string Visible = "(@viewer is null or owner = @viewer)";

    /// <summary>Saves a search; null where its enterprise is not there any more.</summary>
    public Task<Watch?> CreateAsync(Watch watch, CancellationToken cancellation) => database.WriteAsync(
        async transaction => await transaction.Connection!.ExecuteAsync(
            """
            insert into watches (id, name, enterprise_id, corridor, form, role, profile, min_score, after, owner, created_at)
            select @Id, @Name, @Enterprise, @Corridor, @Form, @Role, @Profile, @MinScore, (select coalesce(max(sequence), 0) from changes), @owner, @CreatedAt from enterprises where id = @Enterprise
            """,
            new { watch.Id, watch.Name, watch.Enterprise, watch.Corridor, Form = Kebab.Of(watch.Form), Role = Kebab.Of(watch.Role), watch.Profile, watch.MinScore, owner = Caller.Current.Owner, CreatedAt = watch.CreatedAt.ToUnixTimeMilliseconds() },
            transaction) > 0 ? watch : null,
        _ => { },
        cancellation);

    public async Task<Watch?> FindAsync(string id, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        return (await connection.QuerySingleOrDefaultAsync<Row>($"select {Columns} from watches where id = @id and {Visible}", new { id, viewer = Caller.Current.Owner }))?.ToWatch();
    }

    /// <summary>Watches in order of age, which is that of their ids.</summary>
    public async Task<IReadOnlyList<Watch>> FindPageAsync(string? afterId, int limit, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        var rows = await connection.QueryAsync<Row>($"select {Columns} from watches where id > @afterId and {Visible} order by id limit @limit", new { afterId = afterId ?? "", limit, viewer = Caller.Current.Owner });
        return [.. rows.Select(r => r.ToWatch())];
    }

    /// <summary>Removes a watch; false where there is none.</summary>
    public Task<bool> DeleteAsync(string id, CancellationToken cancellation) => database.WriteAsync(
        async transaction => await transaction.Connection!.ExecuteAsync($"delete from watches where id = @id and {Visible}", new { id, viewer = Caller.Current.Owner }, transaction) > 0,
        _ => { },
        cancellation);

    /// <summary>Up to which change watches have certainly been looked through.</summary>
    public async Task<long> FindPositionAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        return await connection.ExecuteScalarAsync<long>("select sequence from watch_position");
    }

    /// <summary>Keeps what watches have found, each enterprise once, and moves on with it: a stop in between finds it again and tells it once.</summary>
    public Task<int> AddMatchesAsync(IEnumerable<(string WatchId, string EnterpriseId, double Score)> matches, string dataVersion, long reached, CancellationToken cancellation) => database.WriteAsync(
        async transaction =>
        {
            var now = time.GetUtcNow().ToUnixTimeMilliseconds();
            foreach (var (watchId, enterpriseId, score) in matches)
            {
                // A watch or an enterprise that was removed meanwhile is told of nothing.
                await transaction.Connection!.ExecuteAsync(
                    """
                    insert into watch_matches (watch_id, enterprise_id, score, data_version, matched_at)
                    select w.id, e.id, @score, @dataVersion, @now from watches w, enterprises e where w.id = @watchId and e.id = @enterpriseId
                    on conflict (watch_id, enterprise_id) do nothing
                    """,
                    new { watchId, enterpriseId, score, dataVersion, now },
                    transaction);
            }

            return await transaction.Connection!.ExecuteAsync("update watch_position set sequence = @reached where sequence < @reached", new { reached }, transaction);
        },
        _ => { },
        cancellation);

    private sealed record Row
    {
        public string Id { get; init; } = "";

        public string? Name { get; init; }

        public string Enterprise { get; init; } = "";

        public string Corridor { get; init; } = "";

        public string Form { get; init; } = "";

        public string Role { get; init; } = "";

        public string? Profile { get; init; }

        public double MinScore { get; init; }

        public long After { get; init; }

        public string? Owner { get; init; }

        public long CreatedAt { get; init; }

        public Watch ToWatch() => new(
            Id,
            Name,
            Enterprise,
            Corridor,
            Kebab.Parse<CooperationForm>(Form),
            Kebab.Parse<PartnerRole>(Role),
            Profile,
            MinScore,
            DateTimeOffset.FromUnixTimeMilliseconds(CreatedAt))
        { After = After, Owner = Owner };
    }
}
