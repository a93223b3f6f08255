using System.Globalization;
using System.Net.Http.Headers;
using PartnerMatch.Benchmarks.Generating;
using PartnerMatch.Benchmarks.Measuring;

namespace PartnerMatch.Benchmarks.Service;

/// <summary>Match lists over HTTP, each of another enterprise, beside an endpoint of the same process that answers a fixed body of the average size.</summary>
internal sealed class HttpComparison(TimeSpan duration, DirectoryInfo? keep)
{
    private const int Sampled = 100;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(4);
    private static readonly string[] Columns = ["enterprises a side", "requests", "bytes", "requests/s", "p50 ms", "p99 ms", "of the fixed body's requests/s"];
    private readonly List<IReadOnlyList<object?>> _rows = [];

    public async Task RunAsync(IReadOnlyList<int> sizes, string command, FileInfo? file)
    {
        foreach (var size in sizes)
        {
            await MeasureAsync(size);
        }

        new Results("HTTP", command)
            .Say($"""
                The service in its own process, `wrk` with {Wrk.Threads} threads and {Wrk.Connections} connections on the same machine, {duration.TotalSeconds:0} s each after a warm-up. `match lists`: GET /v1/enterprises/ID/matches of one enterprise after
                the other, top 20, explained, none asked twice within a round of all; `fixed body`: an endpoint at the end of the same pipeline, which exists in the benchmark's host only, answering one of those
                lists, the one nearest to their mean size, from memory; `unchanged`: lists asked with the ETag that they have, 304. Taxonomy and production links are the product's own.
                """)
            .Table(Columns, _rows)
            .Publish(file);
    }

    private async Task MeasureAsync(int size)
    {
        using var database = await FilledDatabase.CreateAsync(size, keep);
        using var service = await ServiceProcess.StartAsync(database.File, withBenchmarkHost: true);
        var sample = new List<(string Path, byte[] Body, string? ETag, MediaTypeHeaderValue? Type)>();
        foreach (var number in Enumerable.Range(0, Sampled))
        {
            var path = PathOf(number);
            using var answer = await service.Client.GetAsync(path);
            answer.EnsureSuccessStatusCode();
            sample.Add((path, await answer.Content.ReadAsByteArrayAsync(), answer.Headers.ETag?.ToString(), answer.Content.Headers.ContentType));
        }

        var mean = sample.Average(s => s.Body.Length);
        var typical = sample.MinBy(s => Math.Abs(s.Body.Length - mean));
        using (var content = new ByteArrayContent(typical.Body))
        {
            content.Headers.ContentType = typical.Type;
            using var answer = await service.Client.PostAsync(BenchmarkHost.FixedBodyPath, content);
            answer.EnsureSuccessStatusCode();
        }

        var root = service.Client.BaseAddress!;
        var fixedBody = Loaded(new Uri(root, BenchmarkHost.FixedBodyPath));
        Add("fixed body", typical.Body.Length, fixedBody);

        // The warm-up asks for other lists than those that are measured.
        Wrk.Run(root, WarmUp, DistinctLists(size / 2, size));
        Add("match lists", (int)mean, Wrk.Run(root, duration, DistinctLists(0, size)));
        if (sample.All(s => s.ETag is not null))
        {
            Add("unchanged lists", 0, Loaded(root, UnchangedLists(sample.Select(s => (s.Path, s.ETag!)))));
        }
        else
        {
            _rows.Add([size, "unchanged lists", null, null, null, null, "lists carry no ETag yet"]);
        }

        Load Loaded(Uri address, string? script = null)
        {
            Wrk.Run(address, WarmUp, script);
            return Wrk.Run(address, duration, script);
        }

        void Add(string requests, int bytes, Load load)
        {
            _rows.Add([size, requests, bytes, load.RequestsPerSecond, load.P50, load.P99, (load.RequestsPerSecond / fixedBody.RequestsPerSecond).ToString("0.0%", CultureInfo.InvariantCulture)]);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{size,9:N0} a side, {requests,-16} {load.RequestsPerSecond,10:0.0} requests/s  p50 {load.P50:0.00} ms  p99 {load.P99:0.00} ms"));
        }
    }

    private static string PathOf(int number) => $"/v1/enterprises/{EnterpriseGenerator.IdOf(EnterpriseGenerator.FirstSide, number)}/matches";

    /// <summary>Each thread walks its own share of the enterprises, from one of them on.</summary>
    private static string DistinctLists(int from, int size) =>
        $$"""
        local threads = {{from}}
        function setup(thread)
          thread:set("first", threads)
          threads = threads + 1
        end
        function init(args)
          number = first
        end
        function request()
          number = (number + {{Wrk.Threads}}) % {{size}}
          return wrk.format("GET", string.format("/v1/enterprises/{{EnterpriseGenerator.FirstSide}}%07d/matches", number))
        end
        """;

    private static string UnchangedLists(IEnumerable<(string Path, string ETag)> lists) =>
        $$"""
        local requests = {}
        function init(args)
          for _, list in ipairs({ {{string.Join(", ", lists.Select(l => $"{{ '{l.Path}', '{l.ETag}' }}"))}} }) do
            requests[#requests + 1] = wrk.format("GET", list[1], { ["If-None-Match"] = list[2] })
          end
        end
        local number = 0
        function request()
          number = number % #requests + 1
          return requests[number]
        end
        """;
}
