using System.Diagnostics.Metrics;
using PartnerMatch.Api.Imports;

namespace PartnerMatch.Api.Telemetry;

/// <summary>Measures imports.</summary>
internal sealed class ImportMeter
{
    public const string Name = "PartnerMatch.Imports";

    private readonly TimeProvider _time;
    private readonly UpDownCounter<int> _running;
    private readonly Histogram<double> _duration;
    private readonly Counter<long> _rows;

    public ImportMeter(IMeterFactory meters, TimeProvider time)
    {
        _time = time;
        var meter = meters.Create(Name);
        _running = meter.CreateUpDownCounter<int>("partnermatch.imports.running", "{import}", "Imports that are worked on.");
        _duration = meter.CreateHistogram("partnermatch.imports.duration", "s", "How long an attempt at an import took.", advice: Buckets.Slow);
        _rows = meter.CreateCounter<long>("partnermatch.imports.rows", "{row}", "Rows of imports that ended, by outcome: created, updated, unchanged, refused, or dropped with an import of which nothing was stored.");
    }

    public long Begin()
    {
        _running.Add(1);
        return _time.GetTimestamp();
    }

    public void End(long begun)
    {
        _running.Add(-1);
        _duration.Record(_time.GetElapsedTime(begun).TotalSeconds);
    }

    public void Count(ImportReport report)
    {
        Count(report.Created, report.Stored ? "created" : "dropped");
        Count(report.Updated, report.Stored ? "updated" : "dropped");
        Count(report.Unchanged, "unchanged");
        Count(report.Refused, "refused");
    }

    private void Count(int rows, string outcome) => _rows.Add(rows, new KeyValuePair<string, object?>("outcome", outcome));
}
