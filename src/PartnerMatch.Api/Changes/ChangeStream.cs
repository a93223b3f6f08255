using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using PartnerMatch.Api.Access;
using PartnerMatch.Api.Telemetry;

namespace PartnerMatch.Api.Changes;

/// <summary>Changes as server-sent events, until the reader goes away or is no longer let in, or the service stops.</summary>
internal sealed class ChangeStream(ChangeStore store, TrafficMeter meter, long after, CancellationToken stopping) : IResult
{
    public const string ContentType = "text/event-stream";
    private const int Batch = 100;

    /// <summary>How often a quiet feed shows that it lives.</summary>
    public static readonly TimeSpan Alive = TimeSpan.FromSeconds(15);

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        using var following = meter.FollowChanges("stream");
        using var over = CancellationTokenSource.CreateLinkedTokenSource(httpContext.RequestAborted, stopping);
        try
        {
            await TypedResults.ServerSentEvents(ReadAsync(httpContext, over.Token)).ExecuteAsync(httpContext);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The reader reconnects with the id of the last event that it has.
        }
    }

    private async IAsyncEnumerable<SseItem<ChangeItem?>> ReadAsync(HttpContext context, [EnumeratorCancellation] CancellationToken cancellation)
    {
        for (var last = after; ;)
        {
            var found = await store.WaitAfterAsync(last, Batch, Alive, hurry: CancellationToken.None, cancellation);
            if (!await Credentials.AreStillGoodAsync(context))
            {
                yield break;
            }

            last = found.Last ?? last;
            if (found.Items.Count == 0)
            {
                yield return new SseItem<ChangeItem?>(null, "alive");
            }

            foreach (var change in found.Items)
            {
                yield return new SseItem<ChangeItem?>(change, change.Type) { EventId = change.Sequence.ToString(System.Globalization.CultureInfo.InvariantCulture) };
            }
        }
    }
}
