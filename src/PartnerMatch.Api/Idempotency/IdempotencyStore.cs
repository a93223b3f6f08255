using System.Data;
using System.Text.Json;
using Dapper;
using PartnerMatch.Api.Storage;

namespace PartnerMatch.Api.Idempotency;

/// <summary>An answer as it was given.</summary>
/// <param name="Request">The hash of the request.</param>
/// <param name="Status">The status code.</param>
/// <param name="Headers">The headers that belong to the answer.</param>
/// <param name="Body">The body's bytes.</param>
internal sealed record GivenAnswer(byte[] Request, int Status, IReadOnlyDictionary<string, string> Headers, byte[] Body);

/// <summary>Answers to requests with a key, kept for a day.</summary>
internal sealed class IdempotencyStore(SqliteDatabase database, TimeProvider time)
{
    private static readonly TimeSpan Kept = TimeSpan.FromHours(24);

    /// <summary>The answer that a caller's key was given, or null where it is new or older than a day.</summary>
    public async Task<GivenAnswer?> FindAsync(string caller, string key, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        var row = await connection.QuerySingleOrDefaultAsync<Row>(
            "select request as Request, status as Status, headers as Headers, body as Body from idempotency_keys where caller = @caller and key = @key and created_at > @oldest",
            new { caller, key, oldest = Oldest() });
        return row is null ? null : new GivenAnswer(row.Request, row.Status, JsonSerializer.Deserialize<Dictionary<string, string>>(row.Headers)!, row.Body);
    }

    /// <summary>Keeps an answer, within the transaction of the write that it tells of, and drops those that are too old.</summary>
    public Task<int> AddAsync(IDbTransaction transaction, string caller, string key, GivenAnswer answer) => transaction.Connection!.ExecuteAsync(
        """
        delete from idempotency_keys where created_at <= @oldest;
        insert into idempotency_keys (caller, key, request, status, headers, body, created_at)
        values (@caller, @key, @Request, @Status, @headers, @Body, @now)
        """,
        new
        {
            caller,
            key,
            answer.Request,
            answer.Status,
            headers = JsonSerializer.Serialize(answer.Headers),
            answer.Body,
            now = time.GetUtcNow().ToUnixTimeMilliseconds(),
            oldest = Oldest(),
        },
        transaction);

    private long Oldest() => (time.GetUtcNow() - Kept).ToUnixTimeMilliseconds();

    private sealed record Row
    {
        public byte[] Request { get; init; } = [];

        public int Status { get; init; }

        public string Headers { get; init; } = "";

        public byte[] Body { get; init; } = [];
    }
}
