using System.Diagnostics.Metrics;
using PartnerMatch.Api.Webhooks;

namespace PartnerMatch.Api.Telemetry;

/// <summary>Measures deliveries of webhooks, all receivers together.</summary>
internal sealed class WebhookMeter
{
    public const string Name = "PartnerMatch.Webhooks";

    private readonly TimeProvider _time;
    private readonly Histogram<double> _duration;

    public WebhookMeter(IMeterFactory meters, WebhookStore store, TimeProvider time)
    {
        _time = time;
        var meter = meters.Create(Name);
        _duration = meter.CreateHistogram("partnermatch.webhooks.delivery.duration", "s", "Attempts to deliver a message, by outcome: received, failed (it is tried again), or dead (it is given up).", advice: Buckets.Slow);
        meter.CreateObservableGauge("partnermatch.webhooks.messages", Count, "{message}", "Messages in the outbox, by state: waiting (to be sent yet) or dead (given up).");
        meter.CreateObservableGauge("partnermatch.webhooks.oldest.age", () => store.FindOldestAge().TotalSeconds, "s", "Age of the oldest message that is to be sent yet; 0 where none is.");

        Measurement<long>[] Count()
        {
            var (waiting, dead) = store.CountMessages();
            return [Of(waiting, "waiting"), Of(dead, "dead")];
        }

        static Measurement<long> Of(long messages, string state) => new(messages, new KeyValuePair<string, object?>("state", state));
    }

    public long Begin() => _time.GetTimestamp();

    /// <param name="begun">When the attempt began.</param>
    /// <param name="outcome"><c>received</c>, <c>failed</c> or <c>dead</c>.</param>
    public void End(long begun, string outcome) => _duration.Record(_time.GetElapsedTime(begun).TotalSeconds, new KeyValuePair<string, object?>("outcome", outcome));
}
