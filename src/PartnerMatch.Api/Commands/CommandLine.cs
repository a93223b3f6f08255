using System.CommandLine;

namespace PartnerMatch.Api.Commands;

/// <summary>What the program does besides serving: <c>dotnet run --project src/PartnerMatch.Api -- COMMAND</c>.</summary>
internal static class CommandLine
{
    /// <summary>A command is a word; what begins with a hyphen is a setting of the service.</summary>
    public static bool IsCommand(string[] args) => args.Length > 0 && (!args[0].StartsWith('-') || args[0] is "--help" or "-h" or "-?");

    /// <summary>Runs a command on the database that <paramref name="configuration"/> names.</summary>
    /// <returns>The exit code: 0 where it did what was asked.</returns>
    public static Task<int> RunAsync(string[] args, IConfiguration configuration, TextWriter output, TextWriter error)
    {
        var root = new RootCommand("Finds joint-venture partners. Without a command it serves the API.")
        {
            BackupCommand.Create(configuration),
            KeyCommands.Create(configuration),
            RestoreCommand.Create(configuration),
        };
        return root.Parse(args).InvokeAsync(new InvocationConfiguration { Output = output, Error = error });
    }
}
