using System.Diagnostics;
using System.Globalization;
using PartnerMatch.Api.Matches;
using PartnerMatch.Benchmarks.Comparing;
using PartnerMatch.Benchmarks.Generating;
using PartnerMatch.Benchmarks.Measuring;
using PartnerMatch.Ranking.Profiles;
using PartnerMatch.Ranking.Scoring;

namespace PartnerMatch.Benchmarks.Updating;

/// <summary>Whole rankings, one after the other, without and with a steady stream of changed profiles that the service's own directory takes over.</summary>
internal sealed class UpdateMeasurement(int rate, TimeSpan duration)
{
    private const int Subjects = 300;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(2);
    private readonly World _world = World.Generated();

    public void Run(IReadOnlyList<int> sizes, string command, FileInfo? file)
    {
        var rows = sizes.Select(Measure).ToList();
        new Results("Updates beside queries", command)
            .Say($"""
                One thread ranks (the whole joint venture, explained) for {duration.TotalSeconds:0} s undisturbed, and as long beside another that hands {rate:N0} changed profiles a second, one at a time, to the directory of the
                service, which merges and measures scarcity anew as it does there. Each change replaces a candidate's offers, needs and facts. Visible: from the moment at which the change was due, waiting
                included, until a query that starts then sees it. The two threads, the merges and the collector share the machine's cores.
                """)
            .Table(
                ["candidates", "updates/s asked for", "updates/s done", "queries", "p50 ms", "p99 ms", "p50 with updates", "p99 with updates", "p99 grows", "visible p50 ms", "visible p99 ms", "visible at most ms"],
                rows)
            .Publish(file);
    }

    private object?[] Measure(int size)
    {
        var subjects = _world.Subjects(Subjects);
        var directory = _world.Directory(_world.Candidates(size).Concat(subjects));
        var whole = new WholeRanking(_world, directory, new PartnerRanker(_world.Knowledge));
        Query(whole, subjects, WarmUp);
        var quiet = Query(whole, subjects, duration);
        using var stop = new CancellationTokenSource();
        var changes = _world.Changes(size).GetEnumerator();
        var updating = Task.Factory.StartNew(() => Update(directory, changes, stop.Token), TaskCreationOptions.LongRunning);
        var disturbed = Query(whole, subjects, duration);
        stop.Cancel();
        var visible = updating.GetAwaiter().GetResult();
        var done = visible.Count / duration.TotalSeconds;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{size,9:N0} p99 {quiet.P99:0.0} ms, {disturbed.P99:0.0} ms beside {done:0} updates/s, visible after p50 {visible.P50:0.00} ms, p99 {visible.P99:0.00} ms"));
        return [size, rate, (int)done, disturbed.Count, quiet.P50, quiet.P99, disturbed.P50, disturbed.P99, disturbed.P99 / quiet.P99, visible.P50, visible.P99, visible.Most];
    }

    private static Latencies Query(WholeRanking whole, EnterpriseProfile[] subjects, TimeSpan duration)
    {
        var taken = new List<double>();
        var clock = Stopwatch.StartNew();
        for (var query = 0; query == 0 || clock.Elapsed < duration; query++)
        {
            var began = Stopwatch.GetTimestamp();
            whole.Answer(subjects[query % subjects.Length]);
            taken.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }

        return Latencies.Of(taken);
    }

    /// <summary>Hands over each change when it is due, however late the ones before it were.</summary>
    private Latencies Update(EnterpriseDirectory directory, IEnumerator<EnterpriseProfile> changes, CancellationToken stop)
    {
        var visible = new List<double>();
        var clock = Stopwatch.StartNew();
        for (var sequence = 1; !stop.IsCancellationRequested; sequence++)
        {
            var due = TimeSpan.FromSeconds((double)sequence / rate);
            while (clock.Elapsed < due)
            {
                Thread.Sleep(1);
            }

            changes.MoveNext();
            directory.Apply([(sequence, changes.Current.Id, changes.Current)]);
            visible.Add((clock.Elapsed - due).TotalMilliseconds);
        }

        return Latencies.Of(visible);
    }
}
