using System.Diagnostics;
using System.Net.Http.Json;
using PartnerMatch.Api.Tests;
using PartnerMatch.Soak.Writing;

namespace PartnerMatch.Soak;

/// <summary>
/// kill -9 at random moments while portals write. After each start on the same file every acknowledged write is there, none is there in part,
/// and what had no answer is sent again and is there once.
/// </summary>
internal sealed class Kills : Fault
{
    private const int Portals = 12;
    private const int ShortestMs = 50;
    private const int LongestMs = 1200;

    /// <summary>After so many rounds it is killed once more, with nothing under way: the lists are the same after the start.</summary>
    private const int IdleEach = 5;

    private const int ListsCompared = 20;

    public override string Name => "kills";

    public override async Task<IReadOnlyList<Outcome>> RunAsync(Effort effort)
    {
        using var folder = new TemporaryFolder();
        var (rounds, tally, random) = (effort.RoundsOr(3, 100), new Tally(), new Random(effort.Seed));
        var portals = Enumerable.Range(0, Portals).Select(n => new Portal(n, effort.Seed, tally)).ToArray();
        var (unanswered, compared) = (0, 0);
        List<double> starts = [];
        for (var round = 0; round < rounds; round++)
        {
            using var service = await StartAsync();
            await CheckAsync(service);
            if (round % IdleEach == IdleEach - 1)
            {
                compared += await CompareAsync(service);
                continue;
            }

            var writing = portals.Select(p => p.WriteAsync(service.Client, () => false)).ToArray();
            await Task.Delay(random.Next(ShortestMs, LongestMs));
            await service.KillAsync();
            await Task.WhenAll(writing);
            unanswered += portals.Count(p => p.Pending is not null);
        }

        using (var last = await StartAsync())
        {
            await CheckAsync(last);
            compared += await CompareAsync(last);
        }

        using (var again = await StartAsync())
        {
            await CheckAsync(again);
        }

        return [new Outcome(
            $"kill -9 under {Portals} writers that create, change, delete, decide and import; start on the same file",
            $"{rounds} kills",
            tally,
            FormattableString.Invariant($"{unanswered} writes had no answer, were sent again and are there once; {compared} match lists the same after a start; ready after {starts.Average():0.0} s (longest {starts.Max():0.0} s)"))];

        async Task<ServiceProcess> StartAsync()
        {
            var clock = Stopwatch.StartNew();
            var service = await Service.StartAsync(folder.Path);
            starts.Add(clock.Elapsed.TotalSeconds);
            return service;
        }

        async Task CheckAsync(ServiceProcess service)
        {
            var stored = await StoredState.ReadAsync(service.Client);
            foreach (var portal in portals)
            {
                portal.Check(stored);
            }

            await Task.WhenAll(portals.Select(p => p.SettleAsync(service.Client, stored)));
            await Books.CheckAsync(Service.DatabaseOf(folder.Path), service.Client, tally);
        }

        async Task<int> CompareAsync(ServiceProcess service)
        {
            // Scarcity that is due to be measured anew after writes at once is measured after one more; else the start would do it.
            (await service.Client.PostAsJsonAsync("/v1/enterprises", new { name = "Written alone", country = "BY", region = "BY-HM" })).EnsureSuccessStatusCode();
            var ids = (await StoredState.ReadAsync(service.Client)).EnterpriseIds.ToArray();
            random.Shuffle(ids);
            var lists = await MatchLists.ReadAsync(service.Client, ids.Take(ListsCompared));
            await service.KillAsync();
            using var fresh = await StartAsync();
            await MatchLists.CompareAsync(fresh.Client, lists, tally);
            return lists.Count;
        }
    }
}
