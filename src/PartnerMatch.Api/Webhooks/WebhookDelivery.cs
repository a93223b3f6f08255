using System.Collections.Concurrent;
using System.Diagnostics;
using PartnerMatch.Api.Storage;
using PartnerMatch.Api.Telemetry;

namespace PartnerMatch.Api.Webhooks;

/// <summary>
/// Makes messages of changes and sends them, each webhook at its own pace and in the order of changes as long as its receiver answers. Where
/// the service stops after a message was sent and before that was stored, it is sent again under the same id.
/// </summary>
internal sealed partial class WebhookDelivery(WebhookStore store, WebhookSender sender, SqliteDatabase database, WebhookMeter meter, TimeProvider time, ILogger<WebhookDelivery> log) : BackgroundService
{
    /// <summary>The schedule that Standard Webhooks recommends: a message is given up after ten attempts over three days.</summary>
    public static readonly IReadOnlyList<TimeSpan> Delays =
    [
        TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(30), TimeSpan.FromHours(2), TimeSpan.FromHours(5),
        TimeSpan.FromHours(10), TimeSpan.FromHours(14), TimeSpan.FromHours(20), TimeSpan.FromHours(24),
    ];

    /// <summary>By how much a delay is shortened or drawn out at random, so that receivers that failed together are not all tried together.</summary>
    public const double Jitter = 0.2;

    private const int MessagesAtOnce = 20;
    private const int Gone = 410;
    private static readonly TimeSpan NoticeableJump = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestSleep = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(10);

    // The webhooks to which something is being sent; and a signal that one of them is free again.
    private readonly ConcurrentDictionary<string, bool> _busy = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _free = new(0);

    public override void Dispose()
    {
        base.Dispose();
        _free.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var sending = new List<Task>();
        var (wall, ticks) = (time.GetUtcNow(), time.GetTimestamp());
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                sending.RemoveAll(task => task.IsCompleted);

                // Set back, the clock would let messages wait for as long as it went back by.
                var (wallNow, ticksNow) = (time.GetUtcNow(), time.GetTimestamp());
                var jump = wallNow - wall - time.GetElapsedTime(ticks, ticksNow);
                if (jump < -NoticeableJump)
                {
                    LogSetBack(log, -jump);
                    await store.MoveAttemptsAsync(jump, stoppingToken);
                }

                (wall, ticks) = (wallNow, ticksNow);

                // Taken before the look: what is committed in between ends the sleep at once.
                var commit = database.NextCommit;
                var isMore = await store.TakeUpAsync(stoppingToken);

                // Taken before the look, too: what is being sent then may be done and still be found.
                var busy = _busy.Keys.ToHashSet(StringComparer.Ordinal);
                foreach (var messages in (await store.FindDueAsync(MessagesAtOnce, stoppingToken)).Where(m => !busy.Contains(m.WebhookId)).GroupBy(m => m.WebhookId))
                {
                    _busy[messages.Key] = true;
                    sending.Add(SendAsync([.. messages], stoppingToken));
                }

                if (!isMore)
                {
                    await SleepAsync(commit, stoppingToken);
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
#pragma warning disable CA1031 // A database that takes no writes for a while must not end the deliveries.
            catch (Exception e)
#pragma warning restore CA1031
            {
                LogFailed(log, e);
                await Task.Delay(AfterFailure, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        await Task.WhenAll(sending).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Until something is committed, a webhook is free again, or the next attempt is due.</summary>
    private async Task SleepAsync(Task commit, CancellationToken stop)
    {
        // Those to whom something is being sent end the sleep when they are free.
        var next = await store.FindNextAttemptAsync([.. _busy.Keys], stop) - time.GetUtcNow() ?? LongestSleep;
        if (next <= TimeSpan.Zero)
        {
            return;
        }

        var sleep = next < LongestSleep ? next : LongestSleep;
        using var awake = CancellationTokenSource.CreateLinkedTokenSource(stop);
        await Task.WhenAny(commit, _free.WaitAsync(awake.Token), Task.Delay(sleep, time, awake.Token));
        await awake.CancelAsync();
        await Task.Delay(SqliteDatabase.Gathering, stop);
    }

    private async Task SendAsync(IReadOnlyList<WaitingMessage> messages, CancellationToken stop)
    {
        try
        {
            foreach (var message in messages)
            {
                using var span = Spans.Begin("deliver webhook", ActivityKind.Client);
                var begun = meter.Begin();
                var (status, failure) = await sender.SendAsync(message, stop);
                span?.SetTag("http.response.status_code", status);
                if (failure is null)
                {
                    meter.End(begun, "received");
                    await store.SucceedAsync(message, CancellationToken.None);
                    continue;
                }

                // A receiver that fails is left alone with the rest for now.
                span.Fail("delivery");
                var delay = DelayAfter(message.Attempts);
                meter.End(begun, delay is null ? "dead" : "failed");
                await store.FailAsync(message, failure, delay, status == Gone, CancellationToken.None);
                break;
            }
        }
#pragma warning disable CA1031 // A message whose end could not be stored is still there, and is sent again.
        catch (Exception e) when (!stop.IsCancellationRequested)
#pragma warning restore CA1031
        {
            LogFailed(log, e);
        }
        finally
        {
            _busy.TryRemove(messages[0].WebhookId, out _);
            _free.Release();
        }
    }

    private static TimeSpan? DelayAfter(int attempts) => attempts < Delays.Count ? Delays[attempts] * (1 + Jitter * (2 * Random.Shared.NextDouble() - 1)) : null;

    [LoggerMessage(Level = LogLevel.Warning, Message = "The clock was set back by {Time}; messages that wait to be sent again follow it")]
    private static partial void LogSetBack(ILogger log, TimeSpan time);

    [LoggerMessage(Level = LogLevel.Error, Message = "Delivering webhooks failed; it goes on")]
    private static partial void LogFailed(ILogger log, Exception exception);
}
