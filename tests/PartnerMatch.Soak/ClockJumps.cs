using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using PartnerMatch.Api.Tests;
using PartnerMatch.Soak.Writing;

namespace PartnerMatch.Soak;

/// <summary>
/// The wall clock of the service jumps, by libfaketime and a file that holds the offset, while portals write: the feed keeps its order, answers
/// to repeated requests stay, keys end when their time has come, and messages that wait to be sent again are not left waiting.
/// </summary>
internal sealed class ClockJumps : Fault
{
    private const int Portals = 4;
    private const int WritesEach = 10;
    private const string Library = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private static readonly (string What, TimeSpan Offset)[] Jumps =
    [
        ("back by a day", TimeSpan.FromDays(-1)), ("on by a day", TimeSpan.FromDays(1)), ("on by a year", TimeSpan.FromDays(365)), ("back to now", TimeSpan.Zero),
    ];

    public override string Name => "clock-jumps";

    public override string? Obstacle => File.Exists(Library) ? null : "libfaketime is not installed (Debian: apt-get install faketime).";

    public override async Task<IReadOnlyList<Outcome>> RunAsync(Effort effort)
    {
        using var folder = new TemporaryFolder();
        var clock = Path.Combine(folder.Path, "clock");
        await JumpAsync(clock, TimeSpan.Zero);
        var refusals = new Refusals();
        await using var receiver = await Receiver.StartAsync(refusals.Answer);
        using var service = await Service.StartAsync(
            folder.Path,
            ("LD_PRELOAD", Library),
            ("FAKETIME_TIMESTAMP_FILE", clock),
            ("FAKETIME_NO_CACHE", "1"),
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
            ("PartnerMatch__Webhooks__AllowPrivateTargets", "true"));
        var tally = new Tally();
        var portals = Enumerable.Range(0, Portals).Select(n => new Portal(n, effort.Seed, tally)).ToArray();
        (await service.Client.PostAsJsonAsync("/v1/webhooks", new { url = receiver.Url })).EnsureSuccessStatusCode();
        var key = await CreateKeyAsync(service, TimeSpan.FromDays(2));
        var rounds = effort.RoundsOr(1, 3);
        List<double> waits = [];
        for (var round = 0; round < rounds; round++)
        {
            foreach (var (what, offset) in Jumps)
            {
                // A message fails before the jump, and is due within seconds by the clock of before.
                var retried = refusals.RefuseNext();
                (await service.Client.PostAsJsonAsync("/v1/enterprises", new { name = "To be told of", country = "BY", region = "BY-HM" })).EnsureSuccessStatusCode();
                await retried.Refused.WaitAsync(Patience);
                await JumpAsync(clock, offset);
                await Task.WhenAll(portals.Select(WriteAsync));
                var began = System.Diagnostics.Stopwatch.StartNew();
                if (await Task.WhenAny(retried.Taken, Task.Delay(Patience)) != retried.Taken)
                {
                    tally.Fail($"a message that failed before the clock went {what} is not sent again");
                }

                waits.Add(began.Elapsed.TotalSeconds);
                await CheckTimeAsync(what, offset);
                await CheckAsync(what, key, isUsable: offset < TimeSpan.FromDays(2));
            }
        }

        return [new Outcome(
            $"the wall clock goes {string.Join(", ", Jumps.Select(j => j.What))} under {Portals} writers, with a webhook whose message failed before",
            $"{rounds * Jumps.Length} jumps",
            tally,
            FormattableString.Invariant($"a failed message was taken {waits.Max():0} s after the jump at most"))];

        async Task WriteAsync(Portal portal)
        {
            for (var i = 0; i < WritesEach; i++)
            {
                if (await portal.WriteOnceAsync(service.Client) is not HttpStatusCode.OK and var status)
                {
                    tally.Fail($"a write was answered {status}");
                    return;
                }
            }
        }

        // The service lives by the clock that jumped, or nothing was tried.
        async Task CheckTimeAsync(string what, TimeSpan offset)
        {
            using var answer = await service.Client.PostAsJsonAsync("/v1/enterprises", new { name = "At what time", country = "BY", region = "BY-HM" });
            var enterprise = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
            var at = DateTimeOffset.Parse((string)enterprise["createdAt"]!, CultureInfo.InvariantCulture);
            if ((at - DateTimeOffset.UtcNow - offset).Duration() > TimeSpan.FromMinutes(5))
            {
                tally.Fail($"the clock went {what}, and an enterprise was made at {at:u}");
            }
        }

        async Task CheckAsync(string what, string secret, bool isUsable)
        {
            var stored = await StoredState.ReadAsync(service.Client);
            foreach (var portal in portals)
            {
                portal.Check(stored);
            }

            await Books.CheckAsync(Service.DatabaseOf(folder.Path), service.Client, tally);
            using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/enterprises?limit=1");
            request.Headers.Authorization = new("Bearer", secret);
            using var answer = await service.Client.SendAsync(request);
            if (answer.IsSuccessStatusCode != isUsable)
            {
                tally.Fail($"a key for two days was answered {(int)answer.StatusCode} after the clock went {what}");
            }
        }
    }

    private static async Task<string> CreateKeyAsync(ServiceProcess service, TimeSpan lasts)
    {
        using var answer = await service.Client.PostAsJsonAsync("/v1/keys", new { name = "clock", scopes = new[] { "read" }, expiresAt = DateTimeOffset.UtcNow + lasts });
        return (string)JsonNode.Parse(await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync())!["secret"]!;
    }

    /// <summary>The library reads the file at each look at the clock; it never finds it half written.</summary>
    private static async Task JumpAsync(string file, TimeSpan offset)
    {
        await File.WriteAllTextAsync(file + ".new", string.Create(CultureInfo.InvariantCulture, $"{offset.TotalSeconds:+0;-0;+0}\n"));
        File.Move(file + ".new", file, overwrite: true);
    }

    /// <summary>What a receiver answers that refuses a message where it was asked to, and takes it when it comes again.</summary>
    private sealed class Refusals
    {
        private readonly ConcurrentQueue<Retry> _toRefuse = new();
        private readonly ConcurrentDictionary<string, Retry> _refused = new(StringComparer.Ordinal);

        public Retry RefuseNext()
        {
            var retry = new Retry();
            _toRefuse.Enqueue(retry);
            return retry;
        }

        public int Answer(HttpContext context)
        {
            var id = context.Request.Headers["webhook-id"].ToString();
            if (_refused.TryRemove(id, out var again))
            {
                again.Take();
            }
            else if (_toRefuse.TryDequeue(out var retry))
            {
                _refused[id] = retry;
                retry.Refuse();
                return StatusCodes.Status503ServiceUnavailable;
            }

            return StatusCodes.Status204NoContent;
        }
    }

    /// <summary>A message that is refused once and then taken.</summary>
    private sealed class Retry
    {
        private readonly TaskCompletionSource _refused = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _taken = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Refused => _refused.Task;

        public Task Taken => _taken.Task;

        public void Refuse() => _refused.SetResult();

        public void Take() => _taken.SetResult();
    }
}
