using System.Collections.Concurrent;
using System.Text.Json;
using Dapper;
using Microsoft.Extensions.Options;
using PartnerMatch.Api.Reference;
using PartnerMatch.Api.Replay;
using PartnerMatch.Api.Storage;

namespace PartnerMatch.Api.Corridors;

/// <summary>Corridors in the database; those of the reference data are there from the first start.</summary>
internal sealed class CorridorStore(
    SqliteDatabase database,
    ScarcityEpochs epochs,
    ReferenceCatalog reference,
    TimeProvider time,
    IOptions<Microsoft.AspNetCore.Http.Json.JsonOptions> json)
{
    private const string Insert = "insert into corridors (id, corridor, created_at) values (@Id, @Corridor, @CreatedAt) on conflict (id) do nothing";
    private readonly ConcurrentDictionary<string, CorridorDescription> _found = new(StringComparer.Ordinal);
    private readonly JsonSerializerOptions _json = json.Value.SerializerOptions;

    /// <summary>A corridor, or null. One that was found is not looked up again: corridors are added and never changed.</summary>
    public async ValueTask<CorridorDescription?> FindAsync(string id, CancellationToken cancellation)
    {
        if (_found.TryGetValue(id, out var known))
        {
            return known;
        }

        await using var connection = await database.OpenAsync(cancellation);
        var text = await connection.ExecuteScalarAsync<string?>("select corridor from corridors where id = @id", new { id });
        return text is null ? null : _found.GetOrAdd(id, Parse(text));
    }

    public async Task<IReadOnlyList<CorridorDescription>> FindAllAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        return [.. (await connection.QueryAsync<string>("select corridor from corridors order by id")).Select(Parse)];
    }

    /// <summary>Adds a corridor together with the scarcity in it. False where the id is taken.</summary>
    public async Task<bool> AddAsync(CorridorDescription corridor, CancellationToken cancellation) =>
        await FindAsync(corridor.Id, cancellation) is null
        && await epochs.BeginWithAsync(
            corridor.ToCorridor(),
            async transaction => await transaction.Connection!.ExecuteAsync(Insert, ToRow(corridor), transaction) > 0,
            cancellation);

    /// <summary>At start, before anything is measured.</summary>
    public Task AddReferenceCorridorsAsync(CancellationToken cancellation) => database.WriteAsync(
        transaction => transaction.Connection!.ExecuteAsync(Insert, reference.Corridors.Select(ToRow), transaction),
        _ => { },
        cancellation);

    private object ToRow(CorridorDescription corridor) => new
    {
        corridor.Id,
        Corridor = JsonSerializer.Serialize(corridor, _json),
        CreatedAt = time.GetUtcNow().ToUnixTimeMilliseconds(),
    };

    private CorridorDescription Parse(string text) => JsonSerializer.Deserialize<CorridorDescription>(text, _json)!;
}
