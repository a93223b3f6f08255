using System.Diagnostics;
using Npgsql;

namespace PartnerMatch.Benchmarks.Comparing;

/// <summary>A throw-away PostgreSQL in a temporary folder, reachable through a socket there and nowhere else; gone when disposed.</summary>
internal sealed class PostgresCluster : IDisposable
{
    private const string Owner = "postgres";
    private readonly string _folder;
    private readonly string _programs;
    private bool _isGone;

    private PostgresCluster(string programs)
    {
        _programs = programs;
        _folder = Directory.CreateTempSubdirectory("partnermatch-postgres-").FullName;
        if (Environment.IsPrivilegedProcess)
        {
            Run("chown", Owner, _folder);
        }

        RunAsOwner("initdb", "--pgdata", Data, "--username", Owner, "--auth", "trust", "--encoding", "UTF8", "--no-sync");
        RunAsOwner("pg_ctl", "start", "--wait", "--pgdata", Data, "--log", Path.Combine(_folder, "log"), "--options", $"-c listen_addresses='' -c unix_socket_directories='{_folder}' -c fsync=off -c wal_level=minimal -c max_wal_senders=0 -c max_wal_size=8GB -c shared_buffers=2GB -c work_mem=256MB -c maintenance_work_mem=1GB -c effective_cache_size=8GB");
        // The server would outlive a run that is ended early.
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Dispose();
        Source = NpgsqlDataSource.Create($"Host={_folder};Username={Owner};Database=postgres;Command Timeout=600");
    }

    public NpgsqlDataSource Source { get; }

    private string Data => Path.Combine(_folder, "data");

    /// <summary>Starts one, or says why not.</summary>
    public static PostgresCluster? Start(out string reason)
    {
        var programs = Directory.Exists("/usr/lib/postgresql")
            ? Directory.EnumerateDirectories("/usr/lib/postgresql").Select(d => Path.Combine(d, "bin")).Where(d => File.Exists(Path.Combine(d, "initdb"))).Order(StringComparer.Ordinal).LastOrDefault()
            : null;
        if (programs is null)
        {
            reason = "PostgreSQL was left out: there is no initdb under /usr/lib/postgresql (Debian: apt-get install postgresql).";
            return null;
        }

        reason = "";
        return new PostgresCluster(programs);
    }

    public void Dispose()
    {
        if (_isGone)
        {
            return;
        }

        _isGone = true;
        Source.Dispose();
        RunAsOwner("pg_ctl", "stop", "--mode", "immediate", "--pgdata", Data);
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>The server refuses to run as root.</summary>
    private void RunAsOwner(string program, params string[] arguments)
    {
        if (Environment.IsPrivilegedProcess)
        {
            Run("runuser", ["-u", Owner, "--", Path.Combine(_programs, program), .. arguments]);
        }
        else
        {
            Run(Path.Combine(_programs, program), arguments);
        }
    }

    private void Run(string program, params string[] arguments)
    {
        // The server inherits what pg_ctl is given: a pipe would never end.
        using var process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "exec \"$0\" \"$@\" >>\"$OUT\" 2>&1 </dev/null", program, .. arguments])
        {
            WorkingDirectory = _folder,
            Environment = { ["OUT"] = Path.Combine(_folder, "out") },
        })!;
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} failed: {File.ReadAllText(Path.Combine(_folder, "out"))}");
        }
    }
}
