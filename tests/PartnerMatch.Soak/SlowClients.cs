using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using PartnerMatch.Api.Tests;
using PartnerMatch.Soak.Writing;

namespace PartnerMatch.Soak;

/// <summary>
/// Clients that send a byte now and then, go away in the middle of a body or an answer, close one half of their connection, or just hold it:
/// they are cut off, store nothing, and others are served meanwhile.
/// </summary>
internal sealed class SlowClients : Fault
{
    private const int Idle = 500;
    private const int Others = 4;

    // Request headers have 15 seconds, bodies 240 bytes a second after five; the rest is room for a machine that is busy.
    private static readonly TimeSpan Cut = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Return = TimeSpan.FromSeconds(30);

    public override string Name => "slow-clients";

    public override async Task<IReadOnlyList<Outcome>> RunAsync(Effort effort)
    {
        using var folder = new TemporaryFolder();
        using var service = await Service.StartAsync(folder.Path);
        var (tally, each) = (new Tally(), effort.Choose(10, 100));
        var portals = Enumerable.Range(0, Others).Select(n => new Portal(n, effort.Seed, tally)).ToArray();
        var alone = await ServeAsync(service, portals, tally, Task.Delay(effort.Choose(TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(15))));
        var (connections, memory) = (Service.SocketsOf(service), Service.MemoryOf(service));

        var idle = await Task.WhenAll(Enumerable.Range(0, Idle).Select(_ => ConnectAsync(service)));
        var clients = new[]
        {
            Many(SlowHeadersAsync), Many(SlowBodyAsync), Many(HalfClosedAfterRequestAsync), Many(HalfClosedInBodyAsync), Many(GoneInBodyAsync), Many(GoneInFileAsync), Many(GoneInAnswerAsync),
        };
        var beside = await ServeAsync(service, portals, tally, Task.WhenAll(clients));
        var (headers, bodies) = ((await clients[0]).Max(), (await clients[1]).Max());
        var held = Service.SocketsOf(service);
        foreach (var socket in idle)
        {
            socket.Dispose();
        }

        // Its pool of connections to the database may have grown; connections of clients may not be left, but for those that the other portals keep.
        var clock = Stopwatch.StartNew();
        while (Service.SocketsOf(service) > connections + Others && clock.Elapsed < Return)
        {
            await Task.Delay(100);
        }

        if (clock.Elapsed >= Return)
        {
            tally.Fail($"{Service.SocketsOf(service)} sockets are open where {connections} were before");
        }

        if (JsonNode.Parse(await service.Client.GetStringAsync("/v1/enterprises?q=unfinished"))!["items"]!.AsArray().Count is not 0 and var stored)
        {
            tally.Tear($"{stored} enterprises of bodies that broke off are stored");
        }

        if (Directory.EnumerateFiles(Path.Combine(folder.Path, "imports")).Count() is not 0 and var files)
        {
            tally.Tear($"{files} files of bodies that broke off are left");
        }

        foreach (var portal in portals)
        {
            portal.Check(await StoredState.ReadAsync(service.Client));
        }

        return [new Outcome(
            "headers and bodies byte by byte, connections half closed after a request and in a body, clients gone in a body, a file and an answer, and idle ones",
            $"{each} of each at once, beside {Idle} idle",
            tally,
            FormattableString.Invariant($"headers cut off after {headers:0.0} s, bodies after {bodies:0.0} s at most; others {alone} without them, {beside} beside them ({beside.At(0.5) / alone.At(0.5):0.0} times p50); {connections} sockets before, {held} beside, {Service.SocketsOf(service)} after; {memory >> 20} MB before, {Service.MemoryOf(service) >> 20} MB after"))];

        Task<double[]> Many(Func<ServiceProcess, Tally, Task<double>> client) => Task.WhenAll(Enumerable.Range(0, each).Select(_ => client(service, tally)));
    }

    /// <summary>What others ask for, one request after another each, until <paramref name="end"/>.</summary>
    private static async Task<Latencies> ServeAsync(ServiceProcess service, IReadOnlyList<Portal> portals, Tally tally, Task end)
    {
        var latencies = new Latencies();
        await Task.WhenAll(portals.Select(ServeAsync));
        await end;
        return latencies;

        async Task ServeAsync(Portal portal)
        {
            do
            {
                if (await latencies.MeasureAsync(() => portal.WriteOnceAsync(service.Client)) is not HttpStatusCode.OK and var status)
                {
                    tally.Fail($"a write beside them was answered {status}");
                    return;
                }

                using var answer = await latencies.MeasureAsync(() => service.Client.GetAsync("/v1/enterprises?limit=20"));
                if (!answer.IsSuccessStatusCode)
                {
                    tally.Fail($"a list beside them was answered {(int)answer.StatusCode}");
                }
            }
            while (!end.IsCompleted);
        }
    }

    private static Task<double> SlowHeadersAsync(ServiceProcess service, Tally tally) => DripAsync(service, tally, "GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ");

    private static Task<double> SlowBodyAsync(ServiceProcess service, Tally tally) => DripAsync(service, tally, $"{Head("/v1/enterprises", "application/json")}{{\"name\":\"Unfinished ");

    /// <summary>Sends a byte every half second until the service has enough of it, and tells after how many seconds that was.</summary>
    private static async Task<double> DripAsync(ServiceProcess service, Tally tally, string beginning)
    {
        using var socket = await ConnectAsync(service);
        var clock = Stopwatch.StartNew();
        try
        {
            await socket.SendAsync(Encoding.ASCII.GetBytes(beginning));
            var closed = ReadToEndAsync(socket);
            while (!closed.IsCompleted)
            {
                if (clock.Elapsed > Cut)
                {
                    tally.Fail("a client that sends a byte now and then is not cut off");
                    return clock.Elapsed.TotalSeconds;
                }

                await Task.WhenAny(closed, Task.Delay(500));
                await socket.SendAsync("x"u8.ToArray());
            }
        }
        catch (SocketException)
        {
            // It is cut off.
        }

        return clock.Elapsed.TotalSeconds;
    }

    /// <summary>Kestrel takes who closes its half for gone: it is answered whole or not at all.</summary>
    private static async Task<double> HalfClosedAfterRequestAsync(ServiceProcess service, Tally tally)
    {
        using var socket = await ConnectAsync(service);
        await socket.SendAsync("GET /v1/corridors HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray());
        socket.Shutdown(SocketShutdown.Send);
        if (await ReadToEndAsync(socket) is { Length: > 0 } answer && !answer.Contains("by-ru-sam", StringComparison.Ordinal))
        {
            tally.Fail($"who closed its half after the request got '{answer}'");
        }

        return 0;
    }

    private static async Task<double> HalfClosedInBodyAsync(ServiceProcess service, Tally tally)
    {
        using var socket = await ConnectAsync(service);
        await socket.SendAsync(Encoding.ASCII.GetBytes($"{Head("/v1/enterprises", "application/json")}{{\"name\":\"Unfinished"));
        socket.Shutdown(SocketShutdown.Send);
        if (await ReadToEndAsync(socket) is var answer && answer.StartsWith("HTTP/1.1 2", StringComparison.Ordinal))
        {
            tally.Fail($"a body that broke off was answered '{answer}'");
        }

        return 0;
    }

    private static Task<double> GoneInBodyAsync(ServiceProcess service, Tally tally) =>
        LeaveAsync(service, $"{Head("/v1/enterprises", "application/json")}{{\"name\":\"Unfinished", reads: false);

    private static Task<double> GoneInFileAsync(ServiceProcess service, Tally tally) =>
        LeaveAsync(service, $"{Head("/v1/enterprises/import?mode=partial", "text/csv")}name_en,country,region\nUnfinished A,BY,Minsk\nUnfinished B,BY,", reads: false);

    private static Task<double> GoneInAnswerAsync(ServiceProcess service, Tally tally) => LeaveAsync(service, "GET /v1/enterprises/export?format=ndjson HTTP/1.1\r\nHost: x\r\n\r\n", reads: true);

    /// <summary>Goes away without a word, once the service has begun.</summary>
    private static async Task<double> LeaveAsync(ServiceProcess service, string beginning, bool reads)
    {
        using var socket = await ConnectAsync(service);
        await socket.SendAsync(Encoding.ASCII.GetBytes(beginning));
        if (reads)
        {
            await socket.ReceiveAsync(new byte[100]);
        }
        else
        {
            await Task.Delay(200);
        }

        socket.LingerState = new LingerOption(enable: true, seconds: 0);
        return 0;
    }

    private static string Head(string path, string type) => $"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: {type}\r\nContent-Length: 100000\r\n\r\n";

    private static async Task<Socket> ConnectAsync(ServiceProcess service)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, service.Port);
        return socket;
    }

    private static async Task<string> ReadToEndAsync(Socket socket)
    {
        var (answer, buffer) = (new StringBuilder(), new byte[4096]);
        try
        {
            for (int length; (length = await socket.ReceiveAsync(buffer)) > 0;)
            {
                answer.Append(Encoding.UTF8.GetString(buffer, 0, length));
            }
        }
        catch (SocketException)
        {
            // Cut off.
        }

        return answer.ToString();
    }
}
