using System.Diagnostics.Metrics;

namespace PartnerMatch.Api.Telemetry;

/// <summary>Counts requests that were turned away, and readers that follow the change feed. What was answered is measured by the framework.</summary>
internal sealed class TrafficMeter
{
    public const string Name = "PartnerMatch.Traffic";

    private readonly Counter<long> _refusals;
    private readonly UpDownCounter<int> _readers;

    public TrafficMeter(IMeterFactory meters)
    {
        var meter = meters.Create(Name);
        _refusals = meter.CreateCounter<long>("partnermatch.requests.refused", "{request}", "Requests turned away, by reason: budget, streams or failed-attempts (429), rankings-waiting, too-slow or preparing (503).");
        _readers = meter.CreateUpDownCounter<int>("partnermatch.changes.readers", "{reader}", "Readers that wait for the next change, by kind: stream or poll.");
    }

    /// <param name="reason">Out of those that the counter's description lists.</param>
    public void CountRefusal(string reason) => _refusals.Add(1, new KeyValuePair<string, object?>("reason", reason));

    /// <summary>A reader waits for changes, until the result is disposed.</summary>
    public IDisposable FollowChanges(string kind)
    {
        var tag = new KeyValuePair<string, object?>("kind", kind);
        _readers.Add(1, tag);
        return new Reader(_readers, tag);
    }

    private sealed class Reader(UpDownCounter<int> readers, KeyValuePair<string, object?> tag) : IDisposable
    {
        public void Dispose() => readers.Add(-1, tag);
    }
}
