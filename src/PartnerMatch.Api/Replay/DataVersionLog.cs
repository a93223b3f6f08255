using System.Data;
using Dapper;
using PartnerMatch.Api.Matches;
using PartnerMatch.Api.Storage;

namespace PartnerMatch.Api.Replay;

/// <summary>Which data version was served from when. Whoever writes profiles adds the version to come in the same transaction.</summary>
internal sealed class DataVersionLog(SqliteDatabase database, TimeProvider time)
{
    private const string Columns = "sequence as Sequence, epoch as Epoch, reference as Reference, served_from as ServedFrom";

    /// <summary>Profiles have changed; scarcity and reference data stay what they are.</summary>
    public Task AppendAsync(IDbTransaction transaction, long sequence) => transaction.Connection!.ExecuteAsync(
        """
        insert into data_versions (sequence, epoch, reference, served_from)
        select @sequence, epoch, reference, @now from data_versions order by id desc limit 1
        """,
        new { sequence, now = Now() },
        transaction);

    /// <summary>Scarcity is measured anew, or the service starts; what is served already is not told twice.</summary>
    /// <param name="transaction">The transaction.</param>
    /// <param name="epoch">The epoch from now on.</param>
    /// <param name="reference">The reference data from now on.</param>
    public Task AppendAsync(IDbTransaction transaction, long epoch, string reference) => transaction.Connection!.ExecuteAsync(
        """
        insert into data_versions (sequence, epoch, reference, served_from)
        select sequence, @epoch, @reference, @now from (select coalesce(max(sequence), 0) as sequence from enterprise_revisions) as latest
        where (sequence, @epoch, @reference) is not (select sequence, epoch, reference from data_versions order by id desc limit 1)
        """,
        new { epoch, reference, now = Now() },
        transaction);

    /// <summary>The version that was served at a time, or null before the first.</summary>
    public async Task<DataVersion?> FindAsync(DateTimeOffset asOf, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        var row = await connection.QuerySingleOrDefaultAsync<Row>(
            $"select {Columns} from data_versions where served_from <= @asOf order by served_from desc, id desc limit 1",
            new { asOf = asOf.ToUnixTimeMilliseconds() });
        return row is null ? null : new DataVersion(row.Sequence, row.Epoch, row.Reference);
    }

    /// <summary>From when on versions are known; the service has served one before it answers anything.</summary>
    public async Task<DateTimeOffset> FindFirstTimeAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        return DateTimeOffset.FromUnixTimeMilliseconds(await connection.ExecuteScalarAsync<long>("select min(served_from) from data_versions"));
    }

    /// <summary>The version that was served last, or null in a new database.</summary>
    public async Task<DataVersion?> FindLastAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        var row = await connection.QuerySingleOrDefaultAsync<Row>($"select {Columns} from data_versions order by id desc limit 1");
        return row is null ? null : new DataVersion(row.Sequence, row.Epoch, row.Reference);
    }

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();

    private sealed record Row
    {
        public long Sequence { get; init; }

        public long Epoch { get; init; }

        public string Reference { get; init; } = "";

        public long ServedFrom { get; init; }
    }
}
