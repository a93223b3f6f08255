using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace PartnerMatch.Api.Tests;

/// <summary>The built service as a process of its own.</summary>
internal sealed class ServiceProcess : IDisposable
{
    private readonly Process _process;

    private ServiceProcess(Process process, int port, Func<Uri, HttpClient>? connect)
    {
        _process = process;
        Port = port;
        var address = new Uri($"http://127.0.0.1:{port}");
        Client = connect?.Invoke(address) ?? new HttpClient { BaseAddress = address };
    }

    public int Port { get; }

    public HttpClient Client { get; }

    public int Id => _process.Id;

    /// <summary>Starts it on the database of a folder and waits until it is ready.</summary>
    /// <param name="folder">Where it lives.</param>
    /// <param name="settings">Variables of its environment, which count before those of all.</param>
    /// <param name="connect">Makes its client, if not the plain one.</param>
    public static async Task<ServiceProcess> StartAsync(string folder, IReadOnlyDictionary<string, string>? settings = null, Func<Uri, HttpClient>? connect = null)
    {
        var port = FreePort();
        var start = new ProcessStartInfo("dotnet", [typeof(Program).Assembly.Location, "--urls", $"http://127.0.0.1:{port}"]) { WorkingDirectory = folder };
        start.Environment["ConnectionStrings__PartnerMatch"] = $"Data Source={Path.Combine(folder, "test.db")}";
        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Development";
        start.Environment["PartnerMatch__SampleData"] = "false";
        start.Environment["Logging__LogLevel__Default"] = "Critical";
        foreach (var (name, value) in settings ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        var service = new ServiceProcess(Process.Start(start)!, port, connect);
        for (var i = 0; i < 2400; i++)
        {
            try
            {
                using var ready = await service.Client.GetAsync("/readyz");
                if (ready.IsSuccessStatusCode)
                {
                    return service;
                }
            }
            catch (HttpRequestException)
            {
                // It does not listen yet.
            }

            await Task.Delay(50);
        }

        service.Dispose();
        throw new TimeoutException("The service did not start.");
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
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

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
