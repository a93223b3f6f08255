using Microsoft.Data.Sqlite;

namespace PartnerMatch.Api.Storage;

/// <summary>Copies of the database by SQLite's online backup: each is one file, complete and checked before it gets its name.</summary>
internal static class DatabaseCopy
{
    private const int Corrupt = 11;
    private const int NotADatabase = 26;
    private const int Busy = 5;

    /// <summary>Copies a database, which may be in use, to a new file.</summary>
    /// <exception cref="InvalidOperationException">The copy is damaged, as the database may be; the file is not there then.</exception>
    public static void Write(string connectionString, string file)
    {
        var part = file + ".part";
        File.Delete(part);
        using (var source = new SqliteConnection(new SqliteConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString))
        using (var copy = Open(part, SqliteOpenMode.ReadWriteCreate))
        {
            source.Open();
            source.BackupDatabase(copy);

            // The log belongs into the file: a copy is one file and no three.
            Execute(copy, "pragma journal_mode = delete");
            if (Execute(copy, "pragma integrity_check") is not "ok" and var damage)
            {
                throw new InvalidOperationException($"The copy is damaged: {damage}");
            }
        }

        Flush(part);
        File.Move(part, file);
    }

    /// <summary>Why a file cannot be restored, or null where it can.</summary>
    public static string? FindFault(string file, string migrations)
    {
        if (!File.Exists(file))
        {
            return $"There is no file {file}.";
        }

        try
        {
            using var copy = Open(file, SqliteOpenMode.ReadOnly);
            if (Execute(copy, "pragma integrity_check") is not "ok")
            {
                return $"{file} is damaged.";
            }

            if (Execute(copy, "select count(*) from sqlite_master where name = 'SchemaVersions'") is not 1L)
            {
                return $"{file} is no database of this program.";
            }

            using var scripts = copy.CreateCommand();
            scripts.CommandText = "select ScriptName from SchemaVersions";
            using var names = scripts.ExecuteReader();
            var known = Directory.EnumerateFiles(migrations).Select(Path.GetFileName).ToHashSet(StringComparer.Ordinal);
            while (names.Read())
            {
                if (!known.Contains(names.GetString(0)))
                {
                    return $"{file} was written by a newer version, which has {names.GetString(0)}.";
                }
            }

            return null;
        }
        catch (SqliteException e) when (e.SqliteErrorCode is NotADatabase or Corrupt)
        {
            return $"{file} is damaged, or no database.";
        }
    }

    /// <summary>Puts a copy of <paramref name="file"/> in the place of <paramref name="target"/>; false where that is in use.</summary>
    public static bool TryReplace(string file, string target)
    {
        var restored = target + ".restored";
        File.Delete(restored);
        Write(new SqliteConnectionStringBuilder { DataSource = file, Mode = SqliteOpenMode.ReadOnly }.ConnectionString, restored);
        try
        {
            if (!File.Exists(target))
            {
                File.Move(restored, target);
                return true;
            }

            // Only the last one who has the database open may take it out of WAL mode, and a service keeps it open: until the new file
            // has its name, nobody else can open the old one.
            using var old = Open(target, SqliteOpenMode.ReadWrite);
            Execute(old, "pragma locking_mode = exclusive");
            Execute(old, "pragma journal_mode = delete");
            Execute(old, "begin exclusive");
            File.Move(restored, target, overwrite: true);
            return true;
        }
        catch (SqliteException e) when (e.SqliteErrorCode == Busy)
        {
            return false;
        }
        finally
        {
            File.Delete(restored);
        }
    }

    private static SqliteConnection Open(string file, SqliteOpenMode mode)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Mode = mode, Pooling = false, DefaultTimeout = 1 }.ConnectionString);
        try
        {
            connection.Open();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private static object? Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }

    private static void Flush(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.ReadWrite);
        stream.Flush(flushToDisk: true);
    }
}
