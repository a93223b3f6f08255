using PartnerMatch.Benchmarks.Generating;
using PartnerMatch.Benchmarks.Measuring;

namespace PartnerMatch.Benchmarks.Service;

/// <summary>How long the service takes from its start to its readiness over a filled database, and how much memory.</summary>
internal sealed class StartMeasurement(DirectoryInfo? keep)
{
    private const int Asked = 50;

    public async Task RunAsync(IReadOnlyList<int> sizes, string command, FileInfo? file)
    {
        var rows = new List<IReadOnlyList<object?>>();
        foreach (var size in sizes)
        {
            using var database = await FilledDatabase.CreateAsync(size / 2, keep);
            using var service = await ServiceProcess.StartAsync(database.File, withBenchmarkHost: false);
            var (resident, peak) = (service.ResidentMegabytes, service.PeakMegabytes);
            for (var number = 0; number < Asked; number++)
            {
                using var answer = await service.Client.GetAsync($"/v1/enterprises/{EnterpriseGenerator.IdOf(EnterpriseGenerator.FirstSide, number)}/matches");
                answer.EnsureSuccessStatusCode();
            }

            rows.Add([size, new FileInfo(database.File).Length / (1024.0 * 1024), service.TimeToReady.TotalSeconds, resident, peak, service.ResidentMegabytes, service.PeakMegabytes, service.PeakMegabytes * 1024 * 1024 / size]);
        }

        new Results("Start", command)
            .Say($"""
                The product's own program in a process of its own over a SQLite file that its import has filled, half of the enterprises a side: from the start of the process to the first 200 of `/readyz`, and
                resident memory (`VmRSS`, `VmHWM` of /proc) then and after {Asked} match queries.
                """)
            .Table(["enterprises", "file MB", "ready after s", "resident MB", "peak MB", "resident MB after queries", "peak MB after queries", "peak bytes an enterprise"], rows)
            .Publish(file);
    }
}
