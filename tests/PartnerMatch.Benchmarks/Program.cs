using System.CommandLine;
using System.Globalization;
using PartnerMatch.Benchmarks.Comparing;
using PartnerMatch.Benchmarks.Kernels;
using PartnerMatch.Benchmarks.Service;
using PartnerMatch.Benchmarks.Updating;

namespace PartnerMatch.Benchmarks;

/// <summary>Measures the speed of PartnerMatch beside whatever else could do the same; nothing here is a test.</summary>
internal static class Program
{
    /// <summary>How a command starts, from the root of the repository.</summary>
    public const string Run = "dotnet run -c Release --project tests/PartnerMatch.Benchmarks --";

    /// <summary>What RESULTS.md begins with.</summary>
    public const string Preface =
        """
        # Results

        Written by the benchmarks themselves (`--write tests/PartnerMatch.Benchmarks/RESULTS.md`), each part under the command that reproduces it, from the root of the
        repository. Every random step is seeded. Only figures of one run belong beside each other; nothing here is asserted anywhere.

        """;

    public static int Main(string[] args)
    {
        if (args is ["serve", .. var rest])
        {
            return BenchmarkHost.Serve(rest);
        }

        var write = new Option<FileInfo?>("--write") { Description = "Put the tables into this Markdown file, in the place of the former ones." };
        var sizes = new Option<string>("--sizes") { Description = "Numbers of candidates.", DefaultValueFactory = _ => "10000,100000,1000000" };
        var queries = new Option<int>("--queries") { Description = "At most so many queries an engine.", DefaultValueFactory = _ => 300 };
        var budget = new Option<double>("--seconds") { Description = "At most so many seconds of queries an engine and size.", DefaultValueFactory = _ => 8 };
        var compare = new Command("compare", "The whole ranking, its linear part, a plain loop, Lucene.NET, SQLite and PostgreSQL on the same data.") { sizes, queries, budget, write };
        compare.SetAction(arguments => new Comparison(arguments.GetValue(queries), TimeSpan.FromSeconds(arguments.GetValue(budget)))
            .Run(Numbers(arguments.GetRequiredValue(sizes)), "compare --sizes " + arguments.GetRequiredValue(sizes), arguments.GetValue(write)));

        var keep = new Option<DirectoryInfo?>("--keep") { Description = "Keep the filled databases in this folder, or take them from it." };
        var sides = new Option<string>("--sizes") { Description = "Numbers of enterprises a side.", DefaultValueFactory = _ => "10000,100000" };
        var duration = new Option<int>("--duration") { Description = "Seconds of each load.", DefaultValueFactory = _ => 10 };
        var http = new Command("http", "Match lists over HTTP beside an endpoint with a fixed body, by wrk.") { sides, duration, keep, write };
        http.SetAction(arguments => new HttpComparison(TimeSpan.FromSeconds(arguments.GetValue(duration)), arguments.GetValue(keep))
            .RunAsync(Numbers(arguments.GetRequiredValue(sides)), "http --sizes " + arguments.GetRequiredValue(sides), arguments.GetValue(write)));

        var totals = new Option<string>("--sizes") { Description = "Numbers of enterprises, both sides together.", DefaultValueFactory = _ => "100000,1000000" };
        var start = new Command("start", "Time to ready and memory of the service over a filled database.") { totals, keep, write };
        start.SetAction(arguments => new StartMeasurement(arguments.GetValue(keep))
            .RunAsync(Numbers(arguments.GetRequiredValue(totals)), "start --sizes " + arguments.GetRequiredValue(totals), arguments.GetValue(write)));

        var candidates = new Option<string>("--sizes") { Description = sizes.Description, DefaultValueFactory = _ => "100000,1000000" };
        var rate = new Option<int>("--rate") { Description = "Changed profiles a second.", DefaultValueFactory = _ => 1000 };
        var seconds = new Option<int>("--duration") { Description = "Seconds of queries without, and again with updates.", DefaultValueFactory = _ => 20 };
        var updates = new Command("updates", "Queries beside a stream of changed profiles.") { candidates, rate, seconds, write };
        updates.SetAction(arguments => new UpdateMeasurement(arguments.GetValue(rate), TimeSpan.FromSeconds(arguments.GetValue(seconds)))
            .Run(Numbers(arguments.GetRequiredValue(candidates)), "updates --sizes " + arguments.GetRequiredValue(candidates), arguments.GetValue(write)));

        var kernels = new Command("kernels", "Single steps, by BenchmarkDotNet; takes its arguments, --filter *.") { write };
        kernels.TreatUnmatchedTokensAsErrors = false;
        kernels.SetAction(arguments => KernelRun.Run([.. arguments.UnmatchedTokens], arguments.GetValue(write)));

        return new RootCommand("Measures the speed of PartnerMatch.") { compare, updates, http, start, kernels }.Parse(args).Invoke();
    }

    private static int[] Numbers(string list) => [.. list.Split(',').Select(n => int.Parse(n, CultureInfo.InvariantCulture))];
}
