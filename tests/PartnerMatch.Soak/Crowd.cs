using System.Diagnostics;
using PartnerMatch.Api.Tests;
using PartnerMatch.Soak.Writing;

namespace PartnerMatch.Soak;

/// <summary>64 writers and 64 readers at once: nobody is told of a lock or of a failure.</summary>
internal sealed class Crowd : Fault
{
    private const int Of = 64;

    public override string Name => "crowd";

    public override async Task<IReadOnlyList<Outcome>> RunAsync(Effort effort)
    {
        using var folder = new TemporaryFolder();
        using var service = await Service.StartAsync(folder.Path);
        var (tally, time, clock) = (new Tally(), effort.Choose(TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(1)), Stopwatch.StartNew());
        var portals = Enumerable.Range(0, Of).Select(n => new Portal(n, effort.Seed, tally)).ToArray();
        var (written, read) = (new Latencies(), new Latencies());
        await Task.WhenAll(portals.Select(WriteAsync).Concat(Enumerable.Range(0, Of).Select(ReadAsync)));
        var stored = await StoredState.ReadAsync(service.Client);
        foreach (var portal in portals)
        {
            portal.Check(stored);
        }

        await Books.CheckAsync(Service.DatabaseOf(folder.Path), service.Client, tally);
        return [new Outcome(
            $"{Of} writers and {Of} readers at once",
            FormattableString.Invariant($"{time.TotalSeconds:0} s"),
            tally,
            FormattableString.Invariant($"{written.Count / time.TotalSeconds:0} writes/s, {written} (an import until it is done); {read.Count / time.TotalSeconds:0} reads/s, {read}; {Service.PeakOf(service) >> 20} MB at most"))];

        async Task WriteAsync(Portal portal)
        {
            while (clock.Elapsed < time)
            {
                // A refusal that a disk would excuse is none here.
                if (await written.MeasureAsync(() => portal.WriteOnceAsync(service.Client)) is not System.Net.HttpStatusCode.OK and var status)
                {
                    tally.Fail($"a write was answered {status}");
                    return;
                }
            }
        }

        async Task ReadAsync(int reader)
        {
            string[] pages = ["/v1/enterprises?limit=20", $"/v1/enterprises?q=portal {reader}", "/v1/changes?limit=20", "/v1/decisions"];
            for (var i = 0; clock.Elapsed < time; i++)
            {
                var page = pages[i % pages.Length];
                using var answer = await read.MeasureAsync(() => service.Client.GetAsync(page));
                if (!answer.IsSuccessStatusCode)
                {
                    tally.Fail($"{page} was answered {(int)answer.StatusCode}");
                }
            }
        }
    }
}
