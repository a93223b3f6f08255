using System.Collections.Concurrent;
using System.Threading.Channels;
using PartnerMatch.Api.Access;
using PartnerMatch.Api.Jobs;
using PartnerMatch.Api.Storage;
using PartnerMatch.Api.Telemetry;

namespace PartnerMatch.Api.Imports;

/// <summary>
/// Runs imports: those whose caller waits at once, the others one after another. A stop of the service, however sudden, leaves a job as it
/// was; it begins anew at the next start.
/// </summary>
internal sealed partial class ImportQueue(ImportStore store, ImportFiles files, ImportRun run, ImportMeter meter, Preparing preparing, TimeProvider time, ILogger<ImportQueue> log) : BackgroundService
{
    /// <summary>A job that was taken up so often and never ended seems to bring the service down; it is given up.</summary>
    private const int MaxAttempts = 20;

    /// <summary>When a job is tried again that a full disk, or one that takes no writes, was in the way of.</summary>
    private static readonly TimeSpan StorageRetry = TimeSpan.FromSeconds(5);

    private readonly Channel<string> _waiting = Channel.CreateUnbounded<string>();
    private readonly ConcurrentDictionary<string, (ImportCounter Counter, CancellationTokenSource Cancellation)> _running = new(StringComparer.Ordinal);

    /// <summary>Adds a job whose body is kept.</summary>
    public async Task AddAsync(Import import, CancellationToken cancellation)
    {
        await store.AddAsync(import, isJob: true, cancellation);

        // It is stored: from here on it is run even where the caller goes away.
        await _waiting.Writer.WriteAsync(import.Id, CancellationToken.None);
    }

    /// <summary>Runs an import while its caller waits; where the caller goes away it is cancelled, unless it is stored already.</summary>
    public async Task<Import> RunNowAsync(Import import, CancellationToken cancellation)
    {
        await store.AddAsync(import, isJob: false, cancellation);
        try
        {
            await RunAsync(import.Id, cancellation);
        }
        catch (Exception e) when (StorageFailure.IsFull(e) || StorageFailure.IsUnavailable(e))
        {
            // The caller is told why, and sends the file again; that it failed is written down where that is possible.
            await TryFailAsync(import.Id);
            files.Remove(import.Id);
            throw;
        }

        cancellation.ThrowIfCancellationRequested();
        return (await store.FindAsync(import.Id, cancellation))!;
    }

    /// <summary>The import, with its progress where it runs; null where there is none.</summary>
    public async Task<Import?> FindAsync(string id, CancellationToken cancellation)
    {
        var import = await store.FindAsync(id, cancellation);

        // What is stored is over for the caller only when matching sees it too.
        return import is { State: JobState.Running or JobState.Done } && _running.TryGetValue(id, out var running)
            ? import with { State = JobState.Running, FinishedAt = null, Report = null, Progress = running.Counter.ToProgress() }
            : import;
    }

    /// <summary>Ends an import before it is stored; false where it is over already.</summary>
    public async Task<bool> CancelAsync(string id, CancellationToken cancellation)
    {
        if (!await store.FinishAsync(id, JobState.Cancelled, null, null, cancellation))
        {
            return false;
        }

        if (_running.TryGetValue(id, out var running))
        {
            await running.Cancellation.CancelAsync();
        }
        else
        {
            files.Remove(id);
        }

        return true;
    }

    /// <summary>Takes up what a stop left unfinished, before the first request is served.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        var unfinished = await store.FindUnfinishedAsync(cancellationToken);
        files.RemoveOthers([.. unfinished.Where(u => u.IsJob).Select(u => u.Id)]);
        foreach (var (id, isJob) in unfinished)
        {
            if (isJob && files.Exists(id))
            {
                LogTakenUp(log, id);
                await _waiting.Writer.WriteAsync(id, cancellationToken);
            }
            else
            {
                await store.FinishAsync(id, JobState.Failed, null, ImportFailure.Of(ImportFailure.InterruptedType, "The service was stopped while the caller waited. Nothing is stored; send the file again."), cancellationToken);
            }
        }

        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await preparing.Done.WaitAsync(stoppingToken);
        await foreach (var id in _waiting.Reader.ReadAllAsync(stoppingToken))
        {
            while (!await TryRunAsync(id, stoppingToken))
            {
                await Task.Delay(StorageRetry, time, stoppingToken);
            }
        }
    }

    /// <summary>Runs a job; false where the disk or the database was in the way: what was promised is tried again when they may be well.</summary>
    private async Task<bool> TryRunAsync(string id, CancellationToken stop)
    {
        try
        {
            await RunAsync(id, stop);
            return true;
        }
        catch (Exception e) when (StorageFailure.IsFull(e) || StorageFailure.IsUnavailable(e))
        {
            LogPutOff(log, e, id);
            return false;
        }
    }

    /// <exception cref="Exception">The disk or the database was in the way; the import is as it was.</exception>

    private async Task RunAsync(string id, CancellationToken stop)
    {
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var counter = new ImportCounter(time);
        _running[id] = (counter, cancellation);
        var isOver = true;
        using var span = Spans.Begin("import");
        var begun = meter.Begin();
        try
        {
            Caller.ActFor(await store.FindCallerAsync(id, stop));
            var attempt = await store.StartAsync(id, stop);
            if (attempt > MaxAttempts)
            {
                await store.FinishAsync(id, JobState.Failed, null, ImportFailure.Of(ImportFailure.InterruptedType, "The service was stopped each time it ran this import. Nothing is stored."), CancellationToken.None);
            }
            else if (attempt > 0 && await store.FindAsync(id, stop) is { } import)
            {
                await run.RunAsync(import, counter, cancellation.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // A stop of the service leaves the job to the next start; whoever cancelled it has ended it already.
            isOver = !stop.IsCancellationRequested || !await IsJobAsync(id);
            if (stop.IsCancellationRequested && isOver)
            {
                await store.FinishAsync(id, JobState.Cancelled, null, null, CancellationToken.None);
            }
        }
        catch (Exception e) when (StorageFailure.IsFull(e) || StorageFailure.IsUnavailable(e))
        {
            isOver = false;
            throw;
        }
#pragma warning disable CA1031 // One import that fails must not end the queue; it is logged and told.
        catch (Exception e)
#pragma warning restore CA1031
        {
            LogFailed(log, e, id);
            span.Fail("internal");
            isOver = await TryFailAsync(id);
        }
        finally
        {
            // Whoever is told that it is over finds its file gone.
            if (isOver)
            {
                files.Remove(id);
            }

            _running.TryRemove(id, out _);
            meter.End(begun);
        }
    }

    /// <summary>Says that the import failed; where not even that can be stored, the next start takes it up again.</summary>
    private async Task<bool> TryFailAsync(string id)
    {
        try
        {
            await store.FinishAsync(id, JobState.Failed, null, ImportFailure.Of(ImportFailure.InternalType, "The service failed. Nothing is stored."), CancellationToken.None);
            return true;
        }
#pragma warning disable CA1031 // A database that takes no writes must not end the queue either.
        catch (Exception e)
#pragma warning restore CA1031
        {
            LogFailed(log, e, id);
            return false;
        }
    }

    private async Task<bool> IsJobAsync(string id) => (await store.FindUnfinishedAsync(CancellationToken.None)).Any(u => u.Id == id && u.IsJob);

    [LoggerMessage(Level = LogLevel.Information, Message = "Takes up the interrupted import {Id}")]
    private static partial void LogTakenUp(ILogger log, string id);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The import {Id} is put off: the disk or the database takes no writes")]
    private static partial void LogPutOff(ILogger log, Exception exception, string id);

    [LoggerMessage(Level = LogLevel.Error, Message = "The import {Id} failed")]
    private static partial void LogFailed(ILogger log, Exception exception, string id);
}
