using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace PartnerMatch.Benchmarks.Service;

/// <summary>The service in a process of its own on a free port of loopback, over a database file.</summary>
internal sealed class ServiceProcess : IDisposable
{
    private const int MegaByte = 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);
    private readonly Process _process;

    private ServiceProcess(string database, bool withBenchmarkHost)
    {
        var port = FreePort();
        Client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = Timeout.InfiniteTimeSpan };
        var program = Path.Combine(AppContext.BaseDirectory, withBenchmarkHost ? "PartnerMatch.Benchmarks.dll" : "PartnerMatch.Api.dll");
        _process = Process.Start(new ProcessStartInfo("dotnet", [program, .. withBenchmarkHost ? ["serve"] : Array.Empty<string>(), "--urls", Client.BaseAddress.ToString(), "--contentRoot", AppContext.BaseDirectory])
        {
            Environment =
            {
                ["DOTNET_ENVIRONMENT"] = "Development",
                // Unchanged lists are asked for faster than the budgets of development allow.
                ["PartnerMatch__Limits__ReadsPerMinute"] = "1000000000",
                ["PartnerMatch__Limits__MatchesPerMinute"] = "1000000000",
                ["ConnectionStrings__PartnerMatch"] = $"Data Source={database}",
                ["PartnerMatch__SampleData"] = "false",
                ["Logging__LogLevel__Default"] = "Warning",
            },
        })!;
    }

    public HttpClient Client { get; }

    /// <summary>From the start of the process to the first 200 of /readyz.</summary>
    public TimeSpan TimeToReady { get; private set; }

    /// <summary>Resident memory now, in MB.</summary>
    public double ResidentMegabytes => Status("VmRSS");

    /// <summary>The most resident memory so far, in MB.</summary>
    public double PeakMegabytes => Status("VmHWM");

    public static async Task<ServiceProcess> StartAsync(string database, bool withBenchmarkHost)
    {
        var clock = Stopwatch.StartNew();
        var service = new ServiceProcess(database, withBenchmarkHost);
        while (!await service.IsReadyAsync())
        {
            if (service._process.HasExited || clock.Elapsed > Patience)
            {
                service.Dispose();
                throw new InvalidOperationException("The service did not start.");
            }

            await Task.Delay(20);
        }

        service.TimeToReady = clock.Elapsed;
        return service;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
        Client.Dispose();
    }

    private async Task<bool> IsReadyAsync()
    {
        try
        {
            using var answer = await Client.GetAsync("/readyz");
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private double Status(string name) => double.Parse(
        File.ReadLines($"/proc/{_process.Id}/status").First(l => l.StartsWith(name, StringComparison.Ordinal)).Split(':')[1].Replace("kB", "", StringComparison.Ordinal),
        CultureInfo.InvariantCulture) / MegaByte;

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
