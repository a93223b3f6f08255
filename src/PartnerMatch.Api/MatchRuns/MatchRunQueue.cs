using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using PartnerMatch.Api.Jobs;
using PartnerMatch.Api.Storage;
using PartnerMatch.Api.Telemetry;

namespace PartnerMatch.Api.MatchRuns;

/// <summary>
/// Works on runs one after another, short ones beside long ones, so that a delegation's list does not wait for a whole corridor. A stop of the
/// service, however sudden, leaves a run where it was; the next start goes on from there.
/// </summary>
internal sealed partial class MatchRunQueue(MatchRunStore store, MatchRunWork work, MatchRunSettings settings, RunMeter meter, Preparing preparing, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<MatchRunQueue> log) : BackgroundService
{
    /// <summary>A run of so many pairs takes seconds.</summary>
    private const long ShortRun = 10_000_000;

    /// <summary>A run that was taken up so often and never ended seems to bring the service down; it is given up.</summary>
    private const int MaxAttempts = 20;

    private static readonly TimeSpan WatchInterval = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(15);

    private readonly Channel<string> _short = Channel.CreateUnbounded<string>();
    private readonly Channel<string> _long = Channel.CreateUnbounded<string>();
    private readonly ConcurrentDictionary<string, (MatchRunCounter Counter, CancellationTokenSource Cancellation)> _running = new(StringComparer.Ordinal);

    /// <summary>Adds a run.</summary>
    public async Task AddAsync(MatchRun run, IReadOnlyList<string>? asking, CancellationToken cancellation)
    {
        await store.AddAsync(run, asking, cancellation);

        // It is stored: from here on it is worked on even where the caller goes away.
        await WaitingOf(run).Writer.WriteAsync(run.Id, CancellationToken.None);
    }

    /// <summary>The run, with its progress where it is worked on; null where there is none that the caller may see.</summary>
    public async Task<MatchRun?> FindAsync(string id, CancellationToken cancellation) =>
        await store.FindAsync(id, cancellation) is { } run ? WithProgress(run) : null;

    /// <summary>A page, newest first.</summary>
    public async Task<IReadOnlyList<MatchRun>> FindPageAsync(JobState? state, string? corridor, string? beforeId, int limit, CancellationToken cancellation) =>
        [.. (await store.FindPageAsync(state, corridor, beforeId, limit, cancellation)).Select(WithProgress)];

    /// <summary>The run whenever it has moved on, to its end.</summary>
    public async IAsyncEnumerable<MatchRun> WatchAsync(string id, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation, lifetime.ApplicationStopping);
        var (last, told) = ((MatchRun?)null, 0L);
        while (!stop.IsCancellationRequested && await FindAsync(id, cancellation) is { } run)
        {
            if (last?.State != run.State || last.Progress != run.Progress || time.GetElapsedTime(told) > LongestSilence)
            {
                (last, told) = (run, time.GetTimestamp());
                yield return run;
            }

            if (run.FinishedAt is not null)
            {
                yield break;
            }

            await Task.Delay(WatchInterval, time, stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Ends a run; false where it is over already, or not the caller's.</summary>
    public async Task<bool> CancelAsync(string id, CancellationToken cancellation)
    {
        if (!await store.FinishAsync(id, JobState.Cancelled, null, cancellation))
        {
            return false;
        }

        if (_running.TryGetValue(id, out var running))
        {
            await running.Cancellation.CancelAsync();
        }
        else
        {
            TryDelete(id);
        }

        return true;
    }

    /// <summary>Removes a run that is over, with its results; false where it is not over, or not the caller's.</summary>
    public async Task<bool> DeleteAsync(string id, CancellationToken cancellation)
    {
        var deleted = await store.DeleteAsync(id, cancellation);
        if (deleted)
        {
            TryDelete(id);
        }

        return deleted;
    }

    /// <summary>Takes up what a stop left unfinished, before the first request is served, and removes what belongs to no run.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        var known = await store.FindIdsWithFileAsync(cancellationToken);
        if (Directory.Exists(settings.Folder))
        {
            foreach (var file in Directory.EnumerateFiles(settings.Folder, "*.run").Where(f => !known.Contains(Path.GetFileNameWithoutExtension(f))))
            {
                MatchRunFile.Delete(file);
            }
        }

        foreach (var run in await store.FindUnfinishedAsync(cancellationToken))
        {
            LogTakenUp(log, run.Id);
            await WaitingOf(run).Writer.WriteAsync(run.Id, cancellationToken);
        }

        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await preparing.Done.WaitAsync(stoppingToken);
        await Task.WhenAll(WorkAsync(_short), WorkAsync(_long));

        async Task WorkAsync(Channel<string> waiting)
        {
            await foreach (var id in waiting.Reader.ReadAllAsync(stoppingToken))
            {
                await RunAsync(id, stoppingToken);
            }
        }
    }

    private Channel<string> WaitingOf(MatchRun run) => run.Pairs <= ShortRun ? _short : _long;

    private MatchRun WithProgress(MatchRun run) => run.State == JobState.Running && _running.TryGetValue(run.Id, out var running) ? run with { Progress = running.Counter.ToProgress() } : run;

    private async Task RunAsync(string id, CancellationToken stop)
    {
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var counter = new MatchRunCounter(time);
        _running[id] = (counter, cancellation);
        MatchRunFailure? failure = null;
        var outcome = "failed";
        meter.Begin();
        try
        {
            var attempt = await store.StartAsync(id, stop);
            if (attempt > MaxAttempts)
            {
                failure = MatchRunFailure.Interrupted;
            }
            else if (attempt > 0 && await store.FindAsync(id, stop) is { } run)
            {
                await work.RunAsync(run, counter, cancellation.Token);
            }

            outcome = failure is null ? "done" : "failed";
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // A stop of the service leaves the run to the next start; whoever cancelled it has ended it already.
            outcome = "stopped";
        }
        catch (Exception e) when (StorageFailure.IsFull(e))
        {
            LogFailed(log, e, id);
            failure = MatchRunFailure.NoSpace;
        }
#pragma warning disable CA1031 // One run that fails must not end the queue; it is logged and told.
        catch (Exception e)
#pragma warning restore CA1031
        {
            LogFailed(log, e, id);
            failure = MatchRunFailure.Internal;
        }
        finally
        {
            _running.TryRemove(id, out _);
            meter.End(outcome);
        }

        await TidyAsync(id, failure);
    }

    /// <summary>
    /// Keeps the results of a run that is done, and the beginning of one that the next start goes on with. Where not even a failure can be
    /// written down, the next start takes the run up again.
    /// </summary>
    private async Task TidyAsync(string id, MatchRunFailure? failure)
    {
        try
        {
            if (failure is not null)
            {
                // First of all room: the failure is to be written down on the same disk.
                TryDelete(id);
                await store.FinishAsync(id, JobState.Failed, failure, CancellationToken.None);
            }

            var run = await store.FindAsync(id, CancellationToken.None);
            if (run is null or { State: JobState.Failed or JobState.Cancelled })
            {
                TryDelete(id);
            }
            else if (run is { State: JobState.Done, Automatic: true })
            {
                foreach (var older in (await store.FindOfCorridorAsync(run.Corridor, run.WeightsHash, 100, CancellationToken.None))
                    .Where(r => r is { State: JobState.Done, Automatic: true } && r.Owner == run.Owner && string.CompareOrdinal(r.Id, id) < 0 && r.MinScore >= run.MinScore))
                {
                    await DeleteAsync(older.Id, CancellationToken.None);
                }
            }
        }
#pragma warning disable CA1031 // A database that takes no writes must not end the queue either.
        catch (Exception e)
#pragma warning restore CA1031
        {
            LogFailed(log, e, id);
        }
    }

    /// <summary>Removes the results of a run; where that is not possible now, the next start does it.</summary>
    private void TryDelete(string id)
    {
        try
        {
            MatchRunFile.Delete(settings.FileOf(id));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LogFailed(log, e, id);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Takes up the unfinished match run {Id}")]
    private static partial void LogTakenUp(ILogger log, string id);

    [LoggerMessage(Level = LogLevel.Error, Message = "The match run {Id} failed")]
    private static partial void LogFailed(ILogger log, Exception exception, string id);
}
