using System.Diagnostics.Metrics;

namespace PartnerMatch.Api.Telemetry;

/// <summary>Measures match runs.</summary>
internal sealed class RunMeter
{
    public const string Name = "PartnerMatch.MatchRuns";

    private readonly UpDownCounter<int> _running;
    private readonly Counter<long> _pairs;
    private readonly Counter<long> _lists;
    private readonly Counter<long> _ended;

    public RunMeter(IMeterFactory meters)
    {
        var meter = meters.Create(Name);
        _running = meter.CreateUpDownCounter<int>("partnermatch.runs.running", "{run}", "Match runs that are worked on.");
        _pairs = meter.CreateCounter<long>("partnermatch.runs.pairs", "{pair}", "Pairs that match runs have decided about; its rate is their pace.");
        _lists = meter.CreateCounter<long>("partnermatch.runs.enterprises", "{enterprise}", "Enterprises whose partners match runs have ranked.");
        _ended = meter.CreateCounter<long>("partnermatch.runs.attempts", "{attempt}", "Attempts at match runs that ended, by outcome: done, failed, or stopped (cancelled, or left to the next start).");
    }

    public void Begin() => _running.Add(1);

    public void Add(int lists, long pairs)
    {
        _lists.Add(lists);
        _pairs.Add(pairs);
    }

    /// <param name="outcome"><c>done</c>, <c>failed</c> or <c>stopped</c>.</param>
    public void End(string outcome)
    {
        _running.Add(-1);
        _ended.Add(1, new KeyValuePair<string, object?>("outcome", outcome));
    }
}
