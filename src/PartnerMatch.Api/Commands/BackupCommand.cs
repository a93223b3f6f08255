using System.CommandLine;
using Microsoft.Data.Sqlite;
using PartnerMatch.Api.Storage;

namespace PartnerMatch.Api.Commands;

/// <summary>Copies the database to a file while the service runs.</summary>
internal static class BackupCommand
{
    public static Command Create(IConfiguration configuration)
    {
        var file = new Argument<FileInfo>("file") { Description = "Where to; a file that is there already is not overwritten." };
        var command = new Command("backup", "Copies the database to a file. The service may run meanwhile; the copy is the database at one moment.") { file };
        command.SetAction(arguments => Run(configuration, arguments.InvocationConfiguration, arguments.GetRequiredValue(file).FullName));
        return command;
    }

    private static int Run(IConfiguration configuration, InvocationConfiguration output, string file)
    {
        var connectionString = SqliteDatabase.ConnectionStringOf(configuration);
        if (File.Exists(file))
        {
            return Refuse(output, $"{file} exists already.");
        }

        if (!File.Exists(new SqliteConnectionStringBuilder(connectionString).DataSource))
        {
            return Refuse(output, "There is no database to copy.");
        }

        DatabaseCopy.Write(connectionString, file);
        output.Output.WriteLine($"Copied to {file}: {new FileInfo(file).Length} bytes, checked.");
        return 0;
    }

    private static int Refuse(InvocationConfiguration output, string reason)
    {
        output.Error.WriteLine(reason);
        return 1;
    }
}
