using System.Diagnostics;
using System.Net;
using PartnerMatch.Api.Tests;
using PartnerMatch.Soak.Writing;

namespace PartnerMatch.Soak;

/// <summary>A disk of 8 MB that is full again and again while portals write: they are told so by 507, and write on once there is room.</summary>
internal sealed class FullDisk : Fault
{
    private static readonly DiskTrial Trial = new("a full disk (8 MB in memory)", disk => disk.Fill(), disk => disk.Empty(), HttpStatusCode.InsufficientStorage);

    public override string Name => "full-disk";

    public override string? Obstacle => DiskTrial.Obstacle;

    public override async Task<IReadOnlyList<Outcome>> RunAsync(Effort effort) => [await Trial.RunAsync(effort)];
}

/// <summary>
/// A disk that takes no writes for a while: 503, and reads go on. A file that is open stays writable whatever becomes of its disk, so connections
/// are opened anew for each request here.
/// </summary>
internal sealed class ReadOnlyDisk : Fault
{
    private static readonly DiskTrial Trial = new("a disk mounted read-only while the service runs", disk => disk.MakeReadOnly(), disk => disk.MakeWritable(), HttpStatusCode.ServiceUnavailable);

    public override string Name => "read-only-disk";

    public override string? Obstacle => DiskTrial.Obstacle;

    public override async Task<IReadOnlyList<Outcome>> RunAsync(Effort effort) => [await Trial.RunAsync(effort)];
}

/// <summary>A disk that fails, and works again, under one service that is never started anew.</summary>
internal sealed class DiskTrial(string what, Action<SmallDisk> fail, Action<SmallDisk> recover, HttpStatusCode told)
{
    private const int Portals = 8;
    private const int MostWrites = 100;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static string? Obstacle => SmallDisk.CanBeMade ? null : "only root can mount a small disk.";

    public async Task<Outcome> RunAsync(Effort effort)
    {
        using var disk = new SmallDisk();
        var (rounds, tally) = (effort.RoundsOr(2, 10), new Tally());
        var portals = Enumerable.Range(0, Portals).Select(n => new Portal(n, effort.Seed, tally)).ToArray();
        using var service = await Service.StartAsync(disk.Folder, ("ConnectionStrings__PartnerMatch", $"Data Source={Service.DatabaseOf(disk.Folder)};Pooling=False"));
        var (refused, recoveries) = (0, new List<double>());
        for (var round = 0; round < rounds; round++)
        {
            await Task.WhenAll(portals.Select(p => WriteAsync(p, writes: 5)));
            fail(disk);
            var refusals = await Task.WhenAll(portals.Select(WriteUntilRefusedAsync));
            refused += refusals.Count(isTold => isTold);

            // What is stored can be read, and is what was acknowledged.
            await CheckAsync();
            recover(disk);
            var clock = Stopwatch.StartNew();
            await Task.WhenAll(portals.Select(SettleAsync));
            while (await portals[0].WriteOnceAsync(service.Client) != HttpStatusCode.OK)
            {
                if (clock.Elapsed > Patience)
                {
                    tally.Fail("writes are refused after the disk works again");
                    break;
                }
            }

            recoveries.Add(clock.Elapsed.TotalMilliseconds);
            await CheckAsync();
        }

        return new Outcome(
            $"{what} under {Portals} writers, and its recovery without a restart",
            $"{rounds} times",
            tally,
            FormattableString.Invariant($"{refused} times told by {(int)told}; written again after {recoveries.Max():0} ms at most"));

        async Task WriteAsync(Portal portal, int writes)
        {
            for (var i = 0; i < writes; i++)
            {
                if (await portal.WriteOnceAsync(service.Client) is not HttpStatusCode.OK and var status)
                {
                    tally.Fail($"a write was answered {status} while the disk worked");
                }
            }
        }

        // What is free within the log and the database is used up first.
        async Task<bool> WriteUntilRefusedAsync(Portal portal)
        {
            for (var i = 0; i < MostWrites; i++)
            {
                if (await portal.WriteOnceAsync(service.Client) is var status && status == HttpStatusCode.OK)
                {
                    continue;
                }

                // A job that was taken before the disk failed goes on when it works again.
                if (status != told && portal.Pending?.Job is null)
                {
                    tally.Fail($"{status} where {told} was to be told");
                }

                return status == told;
            }

            tally.Fail($"{MostWrites} writes of one portal were taken");
            return false;
        }

        async Task SettleAsync(Portal portal)
        {
            if (portal.Pending is not null)
            {
                await portal.SettleAsync(service.Client, await StoredState.ReadAsync(service.Client));
            }
        }

        async Task CheckAsync()
        {
            var stored = await StoredState.ReadAsync(service.Client);
            foreach (var portal in portals)
            {
                portal.Check(stored);
            }

            await Books.CheckAsync(Service.DatabaseOf(disk.Folder), service.Client, tally);
        }
    }
}
