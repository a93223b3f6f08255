using System.Data;
using Dapper;
using DbUp;
using DbUp.Engine;
using Microsoft.Data.Sqlite;
using PartnerMatch.Api.Telemetry;

namespace PartnerMatch.Api.Storage;

/// <summary>
/// The embedded database: one writer at a time, readers on snapshots (WAL), and an acknowledged write is on disk (synchronous = FULL: the log
/// is flushed before a commit returns, so that a crash or a power cut loses nothing that was answered). The log is taken into the database
/// every 1,000 pages, by whoever commits then, and cut back to 64 MB where a long reader let it grow. Writers of this process wait for each
/// other in memory; for another process (a backup, a restore) they wait up to ten seconds. What is deleted is overwritten with zeros
/// (secure_delete), so that erased contacts are gone.
/// </summary>
internal sealed class SqliteDatabase(string connectionString, StoreMeter? meter = null) : IDisposable
{
    private readonly SemaphoreSlim _writer = new(1, 1);
    private readonly AsyncLocal<HeldWrite?> _held = new();

    // Open as long as the service runs: so that nobody can restore over it meanwhile.
    private SqliteConnection? _anchor;

    // The log holds what was to be gone from it.
    private volatile bool _isLogLeft;

    // Why the last write was refused; null where it was not.
    private WriteRefusal? _lastRefusal;

    private TaskCompletionSource _nextCommit = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public static SqliteDatabase From(IConfiguration configuration, StoreMeter? meter = null) => new(ConnectionStringOf(configuration), meter);

    public static string ConnectionStringOf(IConfiguration configuration) =>
        configuration.GetConnectionString("PartnerMatch") ?? throw new InvalidOperationException("ConnectionStrings:PartnerMatch is not set.");

    /// <summary>
    /// How long those who follow the feed in the background gather commits: many small writes, one after another, do not make them look at each.
    /// </summary>
    public static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(100);

    /// <summary>How long others may have to wait until those who read have made way for the log to be emptied.</summary>
    private static readonly TimeSpan LogPatience = TimeSpan.FromSeconds(1);

    /// <summary>Ends when the next write is committed.</summary>
    public Task NextCommit => Volatile.Read(ref _nextCommit).Task;

    /// <summary>Why no write is taken now; null where they are. Where the last one was refused, that is tried.</summary>
    public async Task<WriteRefusal?> FindRefusalAsync(CancellationToken cancellation)
    {
        if (_lastRefusal is null)
        {
            return null;
        }

        try
        {
            // Says nothing new, and needs room in the log all the same.
            await WriteAsync(t => t.Connection!.ExecuteAsync("update main.audit_context set actor = actor", transaction: t), _ => { }, cancellation);
            return null;
        }
        catch (Exception e) when (StorageFailure.RefusalOf(e) is { } refusal)
        {
            return refusal;
        }
    }

    /// <summary>Whether the request has written what is not committed yet; others who write wait for it.</summary>
    public bool IsWriteHeld => _held.Value is { HasWritten: true };

    public Task<SqliteConnection> OpenAsync(CancellationToken cancellation) => IsWriteHeld
        ? throw new InvalidOperationException("The request's write is not committed yet: what reads now would not see it. Answer from what the write returned.")
        : OpenAsync(connectionString, cancellation);

    /// <summary>
    /// A connection of one's own, with <paramref name="file"/> attached as the schema <c>stage</c>: work of many rows is prepared there without
    /// a lock on the database, and lost with the file.
    /// </summary>
    public async Task<SqliteConnection> OpenWithStageAsync(string file, CancellationToken cancellation)
    {
        // A pooled connection would hand the attached file on to the next user.
        var connection = await OpenAsync(new SqliteConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString, cancellation);
        using var attach = connection.CreateCommand();
        attach.CommandText = "attach database $file as stage; pragma stage.journal_mode = off; pragma stage.synchronous = off; pragma cache_size = -32768; pragma stage.cache_size = -32768;";
        attach.Parameters.AddWithValue("$file", file);
        await attach.ExecuteNonQueryAsync(cancellation);
        return connection;
    }

    private static async Task<SqliteConnection> OpenAsync(string connectionString, CancellationToken cancellation)
    {
        var connection = new SqliteConnection(connectionString);
        try
        {
            await connection.OpenAsync(cancellation);
            using var pragmas = connection.CreateCommand();
            pragmas.CommandText = "pragma foreign_keys = on; pragma busy_timeout = 10000; pragma synchronous = full; pragma wal_autocheckpoint = 1000; pragma journal_size_limit = 67108864; pragma secure_delete = on;";
            await pragmas.ExecuteNonQueryAsync(cancellation);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Runs one write transaction (BEGIN IMMEDIATE), then <paramref name="onCommitted"/> before the next writer may start, so that what
    /// is kept in memory follows the database in its order. A failure before the commit leaves nothing.
    /// </summary>
    public async Task<T> WriteAsync<T>(Func<IDbTransaction, Task<T>> write, Action<T> onCommitted, CancellationToken cancellation)
    {
        if (_held.Value is { IsOver: false } held)
        {
            return await held.WriteAsync(await OpenAsync(cancellation), write, onCommitted, cancellation);
        }

        await using var connection = await OpenAsync(cancellation);
        return await WriteAsync(connection, write, onCommitted, cancellation);
    }

    /// <summary>
    /// Runs <paramref name="work"/>, which writes at most once and does not use the database after it, and commits that write together with
    /// what <paramref name="finish"/> adds: all is stored, or nothing is. Where the work fails, its write is undone.
    /// </summary>
    public async Task HoldWriteAsync<T>(Func<Task<T>> work, Func<IDbTransaction, T, Task> finish)
    {
        await using var held = new HeldWrite(_writer, meter);
        _held.Value = held;
        try
        {
            var result = await work();
            await held.CommitAsync(transaction => finish(transaction, result));
        }
        catch (Exception e) when (StorageFailure.RefusalOf(e) is { } refusal)
        {
            held.TellRefusal();
            TellRefusal(refusal);
            throw;
        }

        await held.DisposeAsync();
        await FollowCommitAsync();
    }

    /// <summary>The same on a connection that is open; <paramref name="prepare"/> runs before the transaction while no one else may write.</summary>
    public async Task<T> WriteAsync<T>(
        SqliteConnection connection,
        Func<IDbTransaction, Task<T>> write,
        Action<T> onCommitted,
        CancellationToken cancellation,
        Action? prepare = null)
    {
        using var span = Spans.Begin("write");
        var begun = meter?.Now() ?? 0;
        await _writer.WaitAsync(cancellation);
        begun = meter?.EndWait(begun) ?? 0;
        var isCommitted = false;
        T result;
        try
        {
            prepare?.Invoke();
            using var transaction = connection.BeginTransaction(IsolationLevel.Serializable, deferred: false);
            result = await AuditWriter.RunAsync(transaction, write);
            transaction.Commit();
            isCommitted = true;
            onCommitted(result);
        }
        catch (Exception e) when (StorageFailure.RefusalOf(e) is { } refusal)
        {
            span.Fail("database");
            TellRefusal(refusal);
            throw;
        }
        finally
        {
            _writer.Release();
            meter?.EndWrite(begun, isCommitted);
        }

        await FollowCommitAsync();
        return result;
    }

    /// <summary>
    /// Takes the log into the database and empties it: until then it still holds what was deleted. What was committed is done, so nothing here
    /// fails: where a full disk or one who reads for long is in the way, each later commit tries again.
    /// </summary>
    public Task EmptyLogAsync() => EmptyLogAsync(LogPatience);

    private async Task EmptyLogAsync(TimeSpan patience)
    {
        _isLogLeft = true;
        await _writer.WaitAsync();
        try
        {
            await using var connection = await OpenAsync(connectionString, CancellationToken.None);
            using var checkpoint = connection.CreateCommand();
            checkpoint.CommandText = $"pragma busy_timeout = {patience.TotalMilliseconds:0}; pragma wal_checkpoint(truncate);";

            // Zero: nobody was in the way. The first answer is that of the time-out.
            using var answer = checkpoint.ExecuteReader();
            _isLogLeft = !(answer.NextResult() && answer.Read() && answer.GetInt64(0) == 0);
            meter?.CountCheckpoint();
        }
        catch (Exception e) when (StorageFailure.IsFull(e) || StorageFailure.IsUnavailable(e))
        {
            // It is still to be emptied.
        }
        finally
        {
            _writer.Release();
        }
    }

    /// <summary>Tells those who wait for a commit, and empties the log where that was not possible before.</summary>
    private Task FollowCommitAsync()
    {
        _lastRefusal = null;
        Interlocked.Exchange(ref _nextCommit, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
        return _isLogLeft ? EmptyLogAsync(TimeSpan.Zero) : Task.CompletedTask;
    }

    private void TellRefusal(WriteRefusal refusal)
    {
        _lastRefusal = refusal;
        meter?.CountRefusal(refusal);
    }

    /// <summary>Brings the schema up to date, or throws with the script that failed. Scripts run in one transaction.</summary>
    public void Migrate(string folder)
    {
        var file = new SqliteConnectionStringBuilder(connectionString).DataSource;
        if (Path.GetDirectoryName(Path.GetFullPath(file)) is { } directory)
        {
            Directory.CreateDirectory(directory);
        }

        _anchor ??= new SqliteConnection(connectionString);
        _anchor.Open();
        using (var wal = _anchor.CreateCommand())
        {
            wal.CommandText = "pragma journal_mode = wal; select count(*) from sqlite_master;";
            wal.ExecuteNonQuery();
        }

        var scripts = Directory.EnumerateFiles(folder, "*.sqlite.sql")
            .Order(StringComparer.Ordinal)
            .Select(path => new SqlScript(Path.GetFileName(path), File.ReadAllText(path)))
            .ToArray();
        var upgrade = DeployChanges.To.SqliteDatabase(connectionString).WithScripts(scripts).WithTransaction().LogToNowhere().Build();
        var unknown = upgrade.GetExecutedScripts().Except(scripts.Select(s => s.Name), StringComparer.Ordinal).ToArray();
        if (unknown.Length > 0)
        {
            throw new InvalidOperationException($"The database was migrated by a newer version ({string.Join(", ", unknown)}); this one would not understand it.");
        }

        var result = upgrade.PerformUpgrade();
        if (!result.Successful)
        {
            throw new InvalidOperationException($"The migration {result.ErrorScript?.Name} failed.", result.Error);
        }
    }

    public void Dispose()
    {
        _anchor?.Dispose();
        _writer.Dispose();
    }
}
