using System.Diagnostics.Metrics;
using Microsoft.Data.Sqlite;
using PartnerMatch.Api.Storage;

namespace PartnerMatch.Api.Telemetry;

/// <summary>Measures the database.</summary>
internal sealed class StoreMeter
{
    public const string Name = "PartnerMatch.Store";

    private readonly TimeProvider _time;
    private readonly Histogram<double> _wait;
    private readonly Histogram<double> _duration;
    private readonly Counter<long> _refusals;
    private readonly Counter<long> _checkpoints;

    public StoreMeter(IMeterFactory meters, TimeProvider time, IConfiguration configuration)
    {
        _time = time;
        var file = new SqliteConnectionStringBuilder(SqliteDatabase.ConnectionStringOf(configuration)).DataSource;
        var meter = meters.Create(Name);
        _wait = meter.CreateHistogram("partnermatch.store.write.wait", "s", "How long a write waited for those before it.", advice: Buckets.Fast);
        _duration = meter.CreateHistogram("partnermatch.store.write.duration", "s", "How long a write took once it was its turn; outcome is committed or undone.", advice: Buckets.Fast);
        _refusals = meter.CreateCounter<long>("partnermatch.store.refusals", "{write}", "Writes that the database refused, by reason: full, or unavailable (read-only, unreadable, or held by another process for ten seconds).");
        _checkpoints = meter.CreateCounter<long>("partnermatch.store.checkpoints", "{checkpoint}", "Times that the log was emptied because personal data was erased. What commits do by themselves is seen by the size of the log.");
        meter.CreateObservableGauge("partnermatch.store.log.size", () => SizeOf(file + "-wal"), "By", "Size of the write-ahead log.");
        meter.CreateObservableGauge("partnermatch.store.database.size", () => SizeOf(file), "By", "Size of the database without its log.");
    }

    public long Now() => _time.GetTimestamp();

    /// <summary>It is a write's turn, for which it has waited since <paramref name="asked"/>.</summary>
    /// <returns>When its turn began.</returns>
    public long EndWait(long asked)
    {
        var now = _time.GetTimestamp();
        _wait.Record(_time.GetElapsedTime(asked, now).TotalSeconds);
        return now;
    }

    public void EndWrite(long begun, bool isCommitted) =>
        _duration.Record(_time.GetElapsedTime(begun).TotalSeconds, new KeyValuePair<string, object?>("outcome", isCommitted ? "committed" : "undone"));

    public void CountRefusal(WriteRefusal refusal) => _refusals.Add(1, new KeyValuePair<string, object?>("reason", Http.Kebab.Of(refusal)));

    public void CountCheckpoint() => _checkpoints.Add(1);

    private static IEnumerable<Measurement<long>> SizeOf(string path) => new FileInfo(path) is { Exists: true } file ? [new Measurement<long>(file.Length)] : [];
}
