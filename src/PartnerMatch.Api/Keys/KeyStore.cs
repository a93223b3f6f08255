using System.Collections.Concurrent;
using System.Data;
using System.Text.Json;
using Dapper;
using PartnerMatch.Api.Access;
using PartnerMatch.Api.Storage;

namespace PartnerMatch.Api.Keys;

/// <summary>Keys in the database. Those in use are kept in memory; a write moves that on before the next writer may start.</summary>
internal sealed class KeyStore(SqliteDatabase database, TimeProvider time)
{
    private const string Columns =
        "id as Id, name as Name, hash as Hash, scopes as Scopes, owner as Owner, created_at as CreatedAt, expires_at as ExpiresAt, last_used_at as LastUsedAt, revoked_at as RevokedAt";

    private readonly ConcurrentDictionary<string, StoredKey> _known = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, long> _used = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private int _changes;

    /// <summary>The key of this secret, or null where there is none that is valid now.</summary>
    public async Task<ApiKey?> FindUsableAsync(string secret, CancellationToken cancellation)
    {
        if (KeySecret.FindId(secret) is not { } id || (_known.TryGetValue(id, out var known) ? known : await LookUpAsync(id, cancellation)) is not { } stored)
        {
            return null;
        }

        var now = time.GetUtcNow();
        if (!KeySecret.Fits(secret, stored.Hash) || !stored.Key.IsUsableAt(now))
        {
            return null;
        }

        _used[id] = now.ToUnixTimeMilliseconds();
        return stored.Key;
    }

    public async Task<bool> HasUsableAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        return await connection.ExecuteScalarAsync<bool>(
            "select exists (select 1 from api_keys where revoked_at is null and (expires_at is null or expires_at > @now))",
            new { now = time.GetUtcNow().ToUnixTimeMilliseconds() });
    }

    public async Task<ApiKey?> FindAsync(string id, CancellationToken cancellation) => (await FindRowAsync(id, cancellation))?.ToKey();

    /// <summary>A page in order of creation.</summary>
    public async Task<IReadOnlyList<ApiKey>> FindPageAsync(KeyPosition? after, int limit, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        var rows = await connection.QueryAsync<Row>(
            $"select {Columns} from api_keys where @Id is null or (created_at, id) > (@CreatedAt, @Id) order by created_at, id limit @limit",
            new { after?.Id, CreatedAt = after?.CreatedAt ?? 0, limit });
        return [.. rows.Select(r => r.ToKey())];
    }

    /// <summary>Makes a key and hands out its secret, once.</summary>
    public Task<IssuedKey> CreateAsync(string name, IReadOnlyList<Scope> scopes, string? owner, DateTimeOffset? expiresAt, CancellationToken cancellation)
    {
        var (row, secret) = NewRow(name, JsonSerializer.Serialize(scopes.Select(ScopeNames.Of)), owner, expiresAt?.ToUnixTimeMilliseconds());
        return database.WriteAsync(
            async transaction =>
            {
                await InsertAsync(transaction, row);
                return row.ToIssuedKey(secret);
            },
            _ => { },
            cancellation);
    }

    /// <summary>Ends a key at once. False where there is none with this id; a key that was revoked stays so.</summary>
    public Task<bool> RevokeAsync(string id, CancellationToken cancellation) => database.WriteAsync(
        async transaction =>
        {
            await transaction.Connection!.ExecuteAsync("update api_keys set revoked_at = @now where id = @id and revoked_at is null", new { id, now = Now() }, transaction);
            return await transaction.Connection!.ExecuteScalarAsync<bool>("select exists (select 1 from api_keys where id = @id)", new { id }, transaction);
        },
        _ => Forget(id),
        cancellation);

    /// <summary>
    /// Makes a key of the same name, scopes and owner, which lives as long as the old one was to live, and lets the old one be valid for no
    /// longer than <paramref name="overlap"/>. Null where the old one is not valid any more.
    /// </summary>
    public async Task<IssuedKey?> RotateAsync(string id, TimeSpan overlap, CancellationToken cancellation) => await database.WriteAsync(
        async transaction =>
        {
            var old = await transaction.Connection!.QuerySingleOrDefaultAsync<Row>($"select {Columns} from api_keys where id = @id", new { id }, transaction);
            if (old?.ToKey().IsUsableAt(time.GetUtcNow()) != true)
            {
                return null;
            }

            var now = Now();
            var (row, secret) = NewRow(old.Name, old.Scopes, old.Owner, old.ExpiresAt - old.CreatedAt + now);
            await InsertAsync(transaction, row);
            await transaction.Connection!.ExecuteAsync(
                "update api_keys set expires_at = min(coalesce(expires_at, @end), @end) where id = @id",
                new { id, end = now + (long)overlap.TotalMilliseconds },
                transaction);
            return row.ToIssuedKey(secret);
        },
        _ => Forget(id),
        cancellation);

    /// <summary>Writes down when keys were last used, together, so that no request waits for it.</summary>
    public async Task SaveUsesAsync(CancellationToken cancellation)
    {
        var used = _used.ToArray();
        if (used.Length == 0)
        {
            return;
        }

        await database.WriteAsync(
            transaction => transaction.Connection!.ExecuteAsync(
                "update api_keys set last_used_at = @at where id = @id",
                used.Select(u => new { id = u.Key, at = u.Value }),
                transaction),
            _ =>
            {
                foreach (var use in used)
                {
                    // Used again meanwhile, it stays for the next time.
                    _used.TryRemove(use);
                }
            },
            cancellation);
    }

    /// <summary>Another process may have created the key after this one started: a key that is not known is looked for.</summary>
    private async Task<StoredKey?> LookUpAsync(string id, CancellationToken cancellation)
    {
        var changes = Volatile.Read(ref _changes);
        if (await FindRowAsync(id, cancellation) is not { } row)
        {
            return null;
        }

        var stored = new StoredKey(row.ToKey(), row.Hash);
        lock (_gate)
        {
            // A key that was revoked since it was read must not come back.
            if (changes == _changes)
            {
                _known[id] = stored;
            }
        }

        return stored;
    }

    private void Forget(string id)
    {
        lock (_gate)
        {
            _changes++;
            _known.TryRemove(id, out var _);
        }
    }

    private async Task<Row?> FindRowAsync(string id, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        return await connection.QuerySingleOrDefaultAsync<Row>($"select {Columns} from api_keys where id = @id", new { id });
    }

    private (Row Row, string Secret) NewRow(string name, string scopes, string? owner, long? expiresAt)
    {
        var (id, secret) = KeySecret.Create();
        return (new Row { Id = id, Name = name, Hash = KeySecret.HashOf(secret), Scopes = scopes, Owner = owner, CreatedAt = Now(), ExpiresAt = expiresAt }, secret);
    }

    private static Task<int> InsertAsync(IDbTransaction transaction, Row row) => transaction.Connection!.ExecuteAsync(
        "insert into api_keys (id, name, hash, scopes, owner, created_at, expires_at) values (@Id, @Name, @Hash, @Scopes, @Owner, @CreatedAt, @ExpiresAt)",
        row,
        transaction);

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();

    private sealed record StoredKey(ApiKey Key, byte[] Hash);

    private sealed record Row
    {
        public string Id { get; init; } = "";

        public string Name { get; init; } = "";

        public byte[] Hash { get; init; } = [];

        public string Scopes { get; init; } = "";

        public string? Owner { get; init; }

        public long CreatedAt { get; init; }

        public long? ExpiresAt { get; init; }

        public long? LastUsedAt { get; init; }

        public long? RevokedAt { get; init; }

        public ApiKey ToKey() => new()
        {
            Id = Id,
            Name = Name,
            Scopes = ReadScopes(),
            Owner = Owner,
            CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(CreatedAt),
            ExpiresAt = ToTime(ExpiresAt),
            LastUsedAt = ToTime(LastUsedAt),
            RevokedAt = ToTime(RevokedAt),
        };

        public IssuedKey ToIssuedKey(string secret) => new()
        {
            Secret = secret,
            Id = Id,
            Name = Name,
            Scopes = ReadScopes(),
            Owner = Owner,
            CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(CreatedAt),
            ExpiresAt = ToTime(ExpiresAt),
        };

        private Scope[] ReadScopes() => [.. JsonSerializer.Deserialize<string[]>(Scopes)!.Select(n => ScopeNames.ByName[n])];

        private static DateTimeOffset? ToTime(long? milliseconds) => milliseconds is { } ms ? DateTimeOffset.FromUnixTimeMilliseconds(ms) : null;
    }
}

/// <summary>Where a list of keys stopped.</summary>
internal sealed record KeyPosition(long CreatedAt, string Id);
