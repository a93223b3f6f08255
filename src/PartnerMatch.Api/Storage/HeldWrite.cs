using System.Data;
using System.Diagnostics;
using Microsoft.Data.Sqlite;
using PartnerMatch.Api.Telemetry;

namespace PartnerMatch.Api.Storage;

/// <summary>A write transaction that stays open until more is added to it; no one else writes meanwhile.</summary>
internal sealed class HeldWrite(SemaphoreSlim writer, StoreMeter? meter) : IAsyncDisposable
{
    private SqliteConnection? _connection;
    private SqliteTransaction? _transaction;
    private Activity? _span;
    private Action? _onCommitted;
    private long _begun;
    private bool _isCommitted;

    public bool HasWritten => _transaction is not null && !IsOver;

    /// <summary>Whether it is committed or undone. Work that a request leaves behind may outlive it, and writes by itself then.</summary>
    public bool IsOver { get; private set; }

    public async Task<T> WriteAsync<T>(SqliteConnection connection, Func<IDbTransaction, Task<T>> write, Action<T> onCommitted, CancellationToken cancellation)
    {
        _connection = connection;
        _span = Spans.Begin("write");
        var asked = meter?.Now() ?? 0;
        await writer.WaitAsync(cancellation);
        _begun = meter?.EndWait(asked) ?? 0;
        try
        {
            _transaction = connection.BeginTransaction(IsolationLevel.Serializable, deferred: false);
        }
        catch
        {
            writer.Release();
            throw;
        }

        var isChanged = false;
        var result = await AuditWriter.RunAsync(_transaction, async transaction =>
        {
            var before = CountChanges();
            var written = await write(transaction);
            isChanged = CountChanges() != before;
            return written;
        });
        _onCommitted = () => onCommitted(result);
        if (!isChanged)
        {
            // Nothing was written: there is nothing to hold back, and the work may go on to ask why.
            await CommitAsync(_ => Task.CompletedTask);
            await EndAsync();
        }

        return result;
    }

    public async Task CommitAsync(Func<IDbTransaction, Task> finish)
    {
        if (_transaction is not null)
        {
            await finish(_transaction);
            _transaction.Commit();
            _isCommitted = true;

            // Work that is left behind now is no part of the request.
            using (ExecutionContext.SuppressFlow())
            {
                _onCommitted!();
            }
        }
    }

    /// <summary>Says in the span that the database refused the write.</summary>
    public void TellRefusal() => _span.Fail("database");

    /// <summary>Undoes what was not committed, and lets the next writer in.</summary>
    public ValueTask DisposeAsync()
    {
        IsOver = true;
        return EndAsync();
    }

    private long CountChanges()
    {
        using var count = _connection!.CreateCommand();
        count.CommandText = "select total_changes()";
        count.Transaction = _transaction;
        return (long)count.ExecuteScalar()!;
    }

    private async ValueTask EndAsync()
    {
        if (_transaction is not null)
        {
            await _transaction.DisposeAsync();
            _transaction = null;
            writer.Release();
            meter?.EndWrite(_begun, _isCommitted);
        }

        if (_connection is not null)
        {
            await _connection.DisposeAsync();
            _connection = null;
            _span?.Dispose();
            _span = null;
        }
    }
}
