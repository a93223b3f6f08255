using System.CommandLine;
using Microsoft.Data.Sqlite;
using PartnerMatch.Api.Storage;

namespace PartnerMatch.Api.Commands;

/// <summary>Puts a copy in the place of the database, all of it or nothing.</summary>
internal static class RestoreCommand
{
    public static Command Create(IConfiguration configuration)
    {
        var file = new Argument<FileInfo>("file") { Description = "A copy that backup made." };
        var replace = new Option<bool>("--replace") { Description = "Overwrite the database that is there; what it holds is lost." };
        var command = new Command("restore", "Puts a copy in the place of the database. The service must be stopped.") { file, replace };
        command.SetAction(arguments => Run(configuration, arguments.InvocationConfiguration, arguments.GetRequiredValue(file).FullName, arguments.GetValue(replace)));
        return command;
    }

    private static int Run(IConfiguration configuration, InvocationConfiguration output, string file, bool replace)
    {
        var target = new SqliteConnectionStringBuilder(SqliteDatabase.ConnectionStringOf(configuration)).DataSource;
        if (DatabaseCopy.FindFault(file, Path.Combine(Preparation.DbFolder, "migrations")) is { } fault)
        {
            return Refuse(output, fault);
        }

        if (File.Exists(target) && !replace)
        {
            return Refuse(output, $"{target} exists; --replace overwrites it.");
        }

        if (!DatabaseCopy.TryReplace(file, target))
        {
            return Refuse(output, $"{target} is in use: stop the service first.");
        }

        output.Output.WriteLine($"Restored {file} to {target}.");
        return 0;
    }

    private static int Refuse(InvocationConfiguration output, string reason)
    {
        output.Error.WriteLine(reason + " Nothing was changed.");
        return 1;
    }
}
