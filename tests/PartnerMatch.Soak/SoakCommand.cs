using System.CommandLine;
using System.Diagnostics;
using System.Globalization;

namespace PartnerMatch.Soak;

/// <summary>Tries all faults one after another and writes the table.</summary>
internal static class SoakCommand
{
    private const int DefaultSeed = 20260721;

    public static IReadOnlyList<Fault> All { get; } = [new Kills(), new FullDisk(), new ReadOnlyDisk(), new ClockJumps(), new Crowd(), new SlowClients(), new LargeImport()];

    public static Task<int> Main(string[] args)
    {
        var rounds = new Option<int?>("--rounds") { Description = "How often what comes in rounds is repeated: 100 kills, 10 of the others where absent." };
        var only = new Option<string[]>("--only") { Description = $"Only these faults: {string.Join(", ", All.Select(f => f.Name))}.", AllowMultipleArgumentsPerToken = true };
        only.AcceptOnlyFromAmong([.. All.Select(f => f.Name)]);
        var seed = new Option<int>("--seed") { Description = "What writes and moments are drawn from.", DefaultValueFactory = _ => DefaultSeed };
        var isShort = new Option<bool>("--short") { Description = "As much as the tests try." };
        var results = new Option<FileInfo?>("--results") { Description = "Also write the table to this file." };
        var command = new RootCommand("Tries what goes wrong around the service, and tells what was lost. Ends with 1 where anything was.") { rounds, only, seed, isShort, results };
        command.SetAction((arguments, _) => RunAsync(
            [.. All.Where(f => arguments.GetValue(only) is not { Length: > 0 } names || names.Contains(f.Name))],
            new Effort(arguments.GetValue(seed), arguments.GetValue(isShort), arguments.GetValue(rounds)),
            arguments.GetValue(results)));
        return command.Parse(args).InvokeAsync();
    }

    private static async Task<int> RunAsync(IReadOnlyList<Fault> faults, Effort effort, FileInfo? results)
    {
        List<Outcome> outcomes = [];
        List<string> notTried = [];
        var brokeOff = false;
        var clock = Stopwatch.StartNew();
        foreach (var fault in faults)
        {
            if (fault.Obstacle is { } obstacle)
            {
                notTried.Add($"{fault.Name} was not tried: {obstacle}");
                continue;
            }

            var began = clock.Elapsed;
            IReadOnlyList<Outcome> rows;
            try
            {
                rows = await fault.RunAsync(effort);
            }
            catch (Exception exception)
            {
                // What the other faults showed is worth telling all the same.
                await Console.Error.WriteLineAsync(exception.ToString());
                notTried.Add($"**{fault.Name} broke off**: {exception.Message}");
                brokeOff = true;
                continue;
            }

            outcomes.AddRange(rows);
            await Console.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{fault.Name}: {(clock.Elapsed - began).TotalSeconds:0} s"));
            foreach (var told in rows.SelectMany(r => r.Tally.Told))
            {
                await Console.Error.WriteLineAsync("  " + told);
            }
        }

        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"{Outcome.ToTable(outcomes)}\n{string.Concat(notTried.Select(n => n + "\n\n"))}Seed {effort.Seed}, {clock.Elapsed.TotalMinutes:0.0} minutes on {Environment.ProcessorCount} processors, {DateTime.UtcNow:yyyy-MM-dd}.\n");
        Console.Write(text);
        if (results is not null)
        {
            await File.WriteAllTextAsync(results.FullName, $"# What was tried, and what was lost\n\nWritten by `dotnet run --project tests/PartnerMatch.Soak -c Release -- --results tests/PartnerMatch.Soak/RESULTS.md`.\n\n{text}");
        }

        return !brokeOff && outcomes.All(o => o.Tally.IsClean) ? 0 : 1;
    }
}
