using System.Text.Json;
using Dapper;
using Microsoft.Extensions.Options;
using PartnerMatch.Api.Reference;
using PartnerMatch.Api.Storage;

namespace PartnerMatch.Api.Corridors;

/// <summary>Corridors in the database; those of the reference data are there from the first start.</summary>
internal sealed class CorridorStore(SqliteDatabase database, ReferenceCatalog reference, TimeProvider time, IOptions<Microsoft.AspNetCore.Http.Json.JsonOptions> json)
{
    private const string Insert = "insert into corridors (id, corridor, created_at) values (@Id, @Corridor, @CreatedAt) on conflict (id) do nothing";
    private readonly JsonSerializerOptions _json = json.Value.SerializerOptions;

    public async Task<CorridorDescription?> FindAsync(string id, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        var text = await connection.ExecuteScalarAsync<string?>("select corridor from corridors where id = @id", new { id });
        return text is null ? null : Parse(text);
    }

    public async Task<IReadOnlyList<CorridorDescription>> FindAllAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        return [.. (await connection.QueryAsync<string>("select corridor from corridors order by id")).Select(Parse)];
    }

    /// <summary>False where the id is taken.</summary>
    public Task<bool> AddAsync(CorridorDescription corridor, CancellationToken cancellation) => database.WriteAsync(
        async transaction => await transaction.Connection!.ExecuteAsync(Insert, ToRow(corridor), transaction) > 0,
        _ => { },
        cancellation);

    public async Task AddReferenceCorridorsAsync(CancellationToken cancellation)
    {
        foreach (var corridor in reference.Corridors)
        {
            await AddAsync(corridor, cancellation);
        }
    }

    private object ToRow(CorridorDescription corridor) => new
    {
        corridor.Id,
        Corridor = JsonSerializer.Serialize(corridor, _json),
        CreatedAt = time.GetUtcNow().ToUnixTimeMilliseconds(),
    };

    private CorridorDescription Parse(string text) => JsonSerializer.Deserialize<CorridorDescription>(text, _json)!;
}
