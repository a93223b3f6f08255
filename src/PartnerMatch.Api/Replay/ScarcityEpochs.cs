using System.Data;
using System.IO.Compression;
using System.Text.Json;
using Dapper;
using PartnerMatch.Api.Matches;
using PartnerMatch.Api.Reference;
using PartnerMatch.Api.Storage;
using PartnerMatch.Ranking.Scoring;

namespace PartnerMatch.Api.Replay;

/// <summary>
/// Measures scarcity anew when enough has changed, and keeps every epoch before it is served, so that no score rests on one that a restart would
/// forget. One epoch is begun at a time.
/// </summary>
internal sealed partial class ScarcityEpochs(
    SqliteDatabase database,
    EnterpriseDirectory directory,
    DataVersionLog versions,
    ReferenceCatalog reference,
    TimeProvider time,
    ILogger<ScarcityEpochs> log) : IDisposable
{
    /// <summary>Measuring more profiles would keep a writer waiting: that is done in the background.</summary>
    private const int MeasuredAtOnce = 2048;

    private readonly SemaphoreSlim _turn = new(1, 1);

    /// <summary>The epoch that was served last, where it serves still; else one that must be measured anew.</summary>
    /// <param name="corridors">All corridors.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<ScarcityEpoch> FindLastAsync(IReadOnlyList<Corridor> corridors, CancellationToken cancellation)
    {
        var last = await versions.FindLastAsync(cancellation);
        if (last?.Reference == reference.Version)
        {
            var measured = new List<(Corridor, Scarcity)>();
            foreach (var corridor in corridors)
            {
                if (await FindAsync(last, corridor.Id, reference.Knowledge, cancellation) is { } scarcity)
                {
                    measured.Add((corridor, scarcity));
                }
            }

            if (measured.Count == corridors.Count)
            {
                return new ScarcityEpoch(last.Epoch, measured);
            }
        }

        return ScarcityEpoch.Unmeasured(reference.Knowledge, corridors);
    }

    /// <summary>Scarcity in a corridor as it was frozen, or null where the corridor was not there yet.</summary>
    /// <param name="version">The data version.</param>
    /// <param name="corridor">The corridor's id.</param>
    /// <param name="knowledge">The knowledge of the version's reference data.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<Scarcity?> FindAsync(DataVersion version, string corridor, RankingKnowledge knowledge, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        var row = await connection.QuerySingleOrDefaultAsync<Row>(
            "select suppliers as Suppliers, supply as Supply from scarcity_epochs where reference = @Reference and epoch = @Epoch and corridor = @corridor",
            new { version.Reference, version.Epoch, corridor });
        return row is null ? null : Scarcity.Of(knowledge, (int)row.Suppliers, Unpack(row.Supply));
    }

    /// <summary>Keeps what the service starts with.</summary>
    public Task KeepAsync(CancellationToken cancellation) => database.WriteAsync(t => SaveAsync(t, directory.Current.Epoch), _ => { }, cancellation);

    /// <summary>After a write of profiles: measures anew where that is due. Nothing of it fails the write, which is done.</summary>
    public async Task MoveOnAsync()
    {
        if (!directory.Current.IsStale || !await _turn.WaitAsync(0))
        {
            return;
        }

        // The measuring is no part of the request, whose write may still be held: it then waits its turn, and nobody for it.
        Task measuring;
        using (ExecutionContext.SuppressFlow())
        {
            measuring = Task.Run(MeasureAsync);
        }

        if (directory.Current.Index.Count <= MeasuredAtOnce && !database.IsWriteHeld)
        {
            await measuring;
        }
    }

    /// <summary>Begins an epoch that knows a new corridor, in the transaction that stores the corridor.</summary>
    /// <param name="corridor">The corridor.</param>
    /// <param name="add">Stores it; false where there is nothing to store, and then no epoch begins.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>What <paramref name="add"/> returned.</returns>
    public async Task<bool> BeginWithAsync(Corridor corridor, Func<IDbTransaction, Task<bool>> add, CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation);
        try
        {
            var epoch = directory.Current.MeasureEpoch(corridor);
            return await database.WriteAsync(
                async transaction => await add(transaction) && await SaveAsync(transaction, epoch),
                isAdded =>
                {
                    if (isAdded)
                    {
                        directory.Adopt(epoch);
                    }
                },
                cancellation);
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    private async Task MeasureAsync()
    {
        try
        {
            var epoch = directory.Current.MeasureEpoch();
            await database.WriteAsync(t => SaveAsync(t, epoch), _ => directory.Adopt(epoch), CancellationToken.None);
        }
        catch (Exception e)
        {
            // The epoch before goes on being served; the next write tries again.
            LogNotMeasured(log, e);
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<bool> SaveAsync(IDbTransaction transaction, ScarcityEpoch epoch)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();

        // The same profiles and reference data always measure the same: what is kept is right.
        await transaction.Connection!.ExecuteAsync(
            """
            insert into scarcity_epochs (reference, epoch, corridor, suppliers, supply, measured_at)
            values (@Reference, @Epoch, @Corridor, @Suppliers, @Supply, @now) on conflict do nothing
            """,
            epoch.Corridors.Select(c => (Corridor: c, Scarcity: epoch.In(c))).Select(m => new
            {
                Reference = reference.Version,
                Epoch = epoch.Sequence,
                Corridor = m.Corridor.Id,
                m.Scarcity.Suppliers,
                Supply = Pack(m.Scarcity.Supply),
                now,
            }),
            transaction);
        await versions.AppendAsync(transaction, epoch.Sequence, reference.Version);
        return true;
    }

    private static byte[] Pack(IReadOnlyDictionary<string, double> supply)
    {
        using var packed = new MemoryStream();
        using (var brotli = new BrotliStream(packed, CompressionLevel.Fastest))
        {
            JsonSerializer.Serialize(brotli, supply);
        }

        return packed.ToArray();
    }

    private static Dictionary<string, double> Unpack(byte[] packed)
    {
        using var brotli = new BrotliStream(new MemoryStream(packed), CompressionMode.Decompress);
        return JsonSerializer.Deserialize<Dictionary<string, double>>(brotli)!;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Scarcity was not measured anew")]
    private static partial void LogNotMeasured(ILogger log, Exception exception);

    private sealed record Row
    {
        public long Suppliers { get; init; }

        public byte[] Supply { get; init; } = [];
    }
}
