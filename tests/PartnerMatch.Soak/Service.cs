using System.Globalization;
using PartnerMatch.Api.Tests;

namespace PartnerMatch.Soak;

/// <summary>The service as the faults find it: budgets out of the way, for it is not them that are tried.</summary>
internal static class Service
{
    private const string NoLimit = "1000000000";

    public static Task<ServiceProcess> StartAsync(string folder, params (string Name, string Value)[] settings)
    {
        var all = new Dictionary<string, string>
        {
            ["PartnerMatch__Limits__ReadsPerMinute"] = NoLimit,
            ["PartnerMatch__Limits__MatchesPerMinute"] = NoLimit,
            ["PartnerMatch__Limits__WritesPerMinute"] = NoLimit,
        };
        foreach (var (name, value) in settings)
        {
            all[name] = value;
        }

        return ServiceProcess.StartAsync(folder, all);
    }

    public static string DatabaseOf(string folder) => Path.Combine(folder, "test.db");

    /// <summary>The most memory that a process ever held, in bytes.</summary>
    public static long PeakOf(ServiceProcess service) => ReadMemory(service, "VmHWM");

    /// <summary>The memory that it holds now, in bytes.</summary>
    public static long MemoryOf(ServiceProcess service) => ReadMemory(service, "VmRSS");

    /// <summary>How many sockets it has open.</summary>
    public static int SocketsOf(ServiceProcess service) => Directory.EnumerateFiles($"/proc/{service.Id}/fd").Count(f => new FileInfo(f).LinkTarget?.StartsWith("socket:", StringComparison.Ordinal) == true);

    private static long ReadMemory(ServiceProcess service, string what)
    {
        var line = File.ReadLines($"/proc/{service.Id}/status").Single(l => l.StartsWith(what, StringComparison.Ordinal));
        return 1024 * long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }
}
