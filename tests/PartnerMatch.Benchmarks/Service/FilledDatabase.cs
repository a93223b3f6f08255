namespace PartnerMatch.Benchmarks.Service;

/// <summary>A database with generated enterprises over the product's own taxonomy, stored by the product's own store.</summary>
internal sealed class FilledDatabase : IDisposable
{
    private readonly string _folder;
    private readonly bool _isKept;

    private FilledDatabase(string folder, bool isKept) => (_folder, _isKept) = (folder, isKept);

    public string File => Path.Combine(_folder, "benchmark.db");

    /// <summary>Fills one, or takes the one that an earlier run left in <paramref name="keep"/>.</summary>
    public static async Task<FilledDatabase> CreateAsync(int perSide, DirectoryInfo? keep)
    {
        var folder = keep is null ? Directory.CreateTempSubdirectory("partnermatch-benchmark-").FullName : keep.CreateSubdirectory($"{perSide}-a-side").FullName;
        var database = new FilledDatabase(folder, keep is not null);
        var done = Path.Combine(folder, "filled");
        if (!System.IO.File.Exists(done))
        {
            System.IO.File.Delete(database.File);
            Console.WriteLine($"Storing {perSide:N0} enterprises a side ...");
            using (var service = await ServiceProcess.StartAsync(database.File, withBenchmarkHost: true))
            {
                using var answer = await service.Client.PostAsync($"{BenchmarkHost.FillPath}?perSide={perSide}", null);
                answer.EnsureSuccessStatusCode();
            }

            System.IO.File.WriteAllText(done, "");
        }

        return database;
    }

    public void Dispose()
    {
        if (!_isKept)
        {
            Directory.Delete(_folder, recursive: true);
        }
    }
}
