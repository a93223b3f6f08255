using System.CommandLine;
using System.Globalization;
using PartnerMatch.Benchmarks.Comparing;

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
        var write = new Option<FileInfo?>("--write") { Description = "Put the tables into this Markdown file, in the place of the former ones." };
        var sizes = new Option<string>("--sizes") { Description = "Numbers of candidates.", DefaultValueFactory = _ => "10000,100000,1000000" };
        var queries = new Option<int>("--queries") { Description = "At most so many queries an engine.", DefaultValueFactory = _ => 300 };
        var seconds = new Option<double>("--seconds") { Description = "At most so many seconds of queries an engine and size.", DefaultValueFactory = _ => 8 };
        var compare = new Command("compare", "The whole ranking, its linear part, a plain loop, Lucene.NET, SQLite and PostgreSQL on the same data.") { sizes, queries, seconds, write };
        compare.SetAction(arguments => new Comparison(arguments.GetValue(queries), TimeSpan.FromSeconds(arguments.GetValue(seconds)))
            .Run(Numbers(arguments.GetRequiredValue(sizes)), "compare --sizes " + arguments.GetRequiredValue(sizes), arguments.GetValue(write)));

        return new RootCommand("Measures the speed of PartnerMatch.") { compare }.Parse(args).Invoke();
    }

    private static int[] Numbers(string list) => [.. list.Split(',').Select(n => int.Parse(n, CultureInfo.InvariantCulture))];
}
