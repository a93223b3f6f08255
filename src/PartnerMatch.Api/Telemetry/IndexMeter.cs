using System.Diagnostics.Metrics;
using PartnerMatch.Api.Matches;

namespace PartnerMatch.Api.Telemetry;

/// <summary>Measures how the index in memory follows the database.</summary>
internal sealed class IndexMeter
{
    public const string Name = "PartnerMatch.Index";

    private readonly TimeProvider _time;
    private readonly Meter _meter;
    private readonly Histogram<double> _lag;
    private readonly Counter<long> _merges;

    public IndexMeter(IMeterFactory meters, TimeProvider time)
    {
        _time = time;
        _meter = meters.Create(Name);
        _lag = _meter.CreateHistogram("partnermatch.index.update.lag", "s", "How long after its commit a change of profiles is ranked.", advice: Buckets.Fast);
        _merges = _meter.CreateCounter<long>("partnermatch.index.merges", "{merge}", "Times that small segments were made one.");
    }

    /// <summary>Shows the version that is ranked by, once there is one.</summary>
    public void Observe(Func<DirectorySnapshot?> current)
    {
        _meter.CreateObservableGauge("partnermatch.index.sequence", () => Of(s => s.Sequence), "{change}", "The last change that is ranked.");
        _meter.CreateObservableGauge("partnermatch.index.enterprises", () => Of(s => s.Index.Count), "{enterprise}", "Profiles in the index, of whatever status.");
        _meter.CreateObservableGauge("partnermatch.index.segments", () => Of(s => s.Index.SegmentCount), "{segment}", "Segments of the index, its base among them.");
        _meter.CreateObservableGauge("partnermatch.index.delta", () => Of(s => s.Index.DeltaCount), "{enterprise}", "Profiles in segments that are not merged into the base yet.");
        _meter.CreateObservableGauge("partnermatch.index.column.size", () => Of(s => s.Index.ColumnBytes), "By", "Size of the columns of the index.");

        IEnumerable<Measurement<long>> Of(Func<DirectorySnapshot, long> value) => current() is { } snapshot ? [new Measurement<long>(value(snapshot))] : [];
    }

    /// <summary>A change was committed just now.</summary>
    public long BeginUpdate() => _time.GetTimestamp();

    /// <summary>It is ranked.</summary>
    public void EndUpdate(long begun) => _lag.Record(_time.GetElapsedTime(begun).TotalSeconds);

    public void CountMerge() => _merges.Add(1);
}
