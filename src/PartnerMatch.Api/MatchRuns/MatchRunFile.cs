using Dapper;
using Microsoft.Data.Sqlite;
using PartnerMatch.Api.Matches;
using PartnerMatch.Ranking.Profiles;
using PartnerMatch.Ranking.Scoring;

namespace PartnerMatch.Api.MatchRuns;

/// <summary>What a run works on: enough to go on after a restart, and to explain a result later, to the last digit.</summary>
/// <param name="Version">Names it to callers.</param>
/// <param name="Data">The data version.</param>
/// <param name="Exclusions">Pairs of an asking enterprise that were excluded when the run began.</param>
internal sealed record MatchRunPin(string Version, DataVersion Data, PairExclusions Exclusions);

/// <summary>
/// The results of one run that is being computed, in a SQLite file of their own. A chunk of lists and the mark that they are there come in one
/// transaction, so that a stop, however sudden, loses at most the chunks on the way and doubles none.
/// </summary>
internal sealed class MatchRunFile : IDisposable
{
    private const int PageSize = 4096;

    private const string Schema =
        """
        create table pin (version text not null, sequence integer not null, epoch integer not null, reference text not null, asking integer not null, complete_above real, is_balanced integer not null default 0);
        create table excluded (a text not null, b text not null, primary key (a, b)) strict, without rowid;
        create table enterprises (ordinal integer primary key, id text not null unique, name text not null, name_ru text, region text not null, city text) strict;
        create table results (asking integer not null, rank integer not null, partner integer not null, value real not null, confidence real not null, direction integer not null, primary key (asking, rank)) strict, without rowid;
        create table balanced (asking integer not null, rank integer not null, partner integer not null, value real not null, confidence real not null, direction integer not null, plain_rank integer, primary key (asking, rank)) strict, without rowid;
        create table chunks (number integer primary key) strict;
        create table best (place integer primary key, asking integer not null, rank integer not null) strict;
        """;

    private static readonly string[] Leftovers = ["", "-wal", "-shm", "-journal"];
    private static readonly string[] EnterpriseColumns = ["$ordinal", "$id", "$name", "$name_ru", "$region", "$city"];
    private static readonly string[] ResultColumns = ["$asking", "$rank", "$partner", "$value", "$confidence", "$direction"];

    private readonly SqliteConnection _connection;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _ordinals = new(StringComparer.Ordinal);

    private MatchRunFile(string path, long maxSize)
    {
        // The only user of the file: no other process or connection looks at it before the run is done.
        _connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ConnectionString);
        try
        {
            _connection.Open();
            _connection.Execute($"pragma page_size = {PageSize}; pragma locking_mode = exclusive; pragma journal_mode = wal; pragma synchronous = normal; pragma cache_size = -32768; pragma max_page_count = {Math.Max(1, maxSize / PageSize)};");
        }
        catch
        {
            _connection.Dispose();
            throw;
        }
    }

    /// <summary>What the run works on, whatever changes meanwhile.</summary>
    public required MatchRunPin Pin { get; init; }

    /// <summary>The ids of the asking enterprises, in their order.</summary>
    public required IReadOnlyList<string> Asking { get; init; }

    /// <summary>The chunks whose lists are stored.</summary>
    public IReadOnlySet<int> ReadChunks() => _connection.Query<int>("select number from chunks").ToHashSet();

    /// <summary>Begins a file; what was there is gone.</summary>
    public static MatchRunFile Create(string path, long maxSize, MatchRunPin pin, IReadOnlyList<EnterpriseProfile> asking)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        Delete(path);
        var file = new MatchRunFile(path, maxSize) { Pin = pin, Asking = [.. asking.Select(p => p.Id)] };
        try
        {
            using var transaction = file._connection.BeginTransaction();
            file._connection.Execute(Schema, transaction: transaction);
            using var insert = file.PrepareEnterprise(transaction);
            foreach (var profile in asking)
            {
                file.OrdinalOf(profile, insert);
            }

            foreach (var (a, b) in asking.SelectMany(p => pin.Exclusions.PartnersOf(p.Id), (p, partner) => (p.Id, partner)))
            {
                file._connection.Execute("insert into excluded (a, b) values (@a, @b)", new { a, b }, transaction);
            }

            file._connection.Execute(
                "insert into pin (version, sequence, epoch, reference, asking) values (@Version, @Sequence, @Epoch, @Reference, @asking)",
                new { pin.Version, pin.Data.Sequence, pin.Data.Epoch, pin.Data.Reference, asking = asking.Count },
                transaction);
            transaction.Commit();
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Opens what an interrupted run left, or null where that is not even a beginning.</summary>
    public static MatchRunFile? Resume(string path, long maxSize)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        using (var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ConnectionString))
        {
            connection.Open();
            if (connection.ExecuteScalar<int>("select count(*) from sqlite_schema where name = 'pin'") == 0)
            {
                return null;
            }
        }

        var (pin, asking) = ReadPin(path);
        var file = new MatchRunFile(path, maxSize) { Pin = pin, Asking = asking };
        foreach (var (ordinal, id) in file._connection.Query<(int, string)>("select ordinal, id from enterprises"))
        {
            file._ordinals[id] = ordinal;
        }

        return file;
    }

    /// <summary>Removes the file with what SQLite put beside it.</summary>
    public static void Delete(string path)
    {
        foreach (var file in Leftovers.Select(suffix => path + suffix).Where(File.Exists))
        {
            File.Delete(file);
        }
    }

    /// <summary>Stores the lists of a chunk. Any number of threads may call.</summary>
    /// <param name="chunk">Its number.</param>
    /// <param name="lists">The asking enterprises by their place in <see cref="Asking"/>, each with its partners, best first.</param>
    /// <param name="find">The profile of a partner.</param>
    public void Add(int chunk, IReadOnlyList<(int Asking, IReadOnlyList<PartnerValue> Partners)> lists, Func<string, EnterpriseProfile> find)
    {
        lock (_gate)
        {
            using var transaction = _connection.BeginTransaction();
            using var enterprise = PrepareEnterprise(transaction);
            using var result = PrepareInsert(transaction, "results", ResultColumns);
            foreach (var (asking, partners) in lists)
            {
                foreach (var (at, partner) in partners.Index())
                {
                    var ordinal = _ordinals.TryGetValue(partner.PartnerId, out var known) ? known : OrdinalOf(find(partner.PartnerId), enterprise);
                    Set(result, asking, at + 1, ordinal, partner.Value, partner.Confidence, (int)partner.Direction);
                    result.ExecuteNonQuery();
                }
            }

            _connection.Execute("insert into chunks (number) values (@chunk)", new { chunk }, transaction);
            transaction.Commit();
        }
    }

    /// <summary>Every list that was ranked, with its partners by their place in <see cref="Asking"/>: of a run in which both sides ask.</summary>
    public IEnumerable<(int Asking, int Rank, int Partner, double Value, double Confidence, Direction Direction)> ReadLists()
    {
        using var command = _connection.CreateCommand();
        command.CommandText = "select asking, rank, partner, value, confidence, direction from results order by asking, rank";
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            yield return (reader.GetInt32(0), reader.GetInt32(1), reader.GetInt32(2), reader.GetDouble(3), reader.GetDouble(4), (Direction)reader.GetInt32(5));
        }
    }

    /// <summary>Stores the lists that take the place of those that were ranked; what was stored so before is gone.</summary>
    public void Balance(IEnumerable<(int Asking, int Rank, int Partner, double Value, double Confidence, Direction Direction, int? PlainRank)> results)
    {
        using var transaction = _connection.BeginTransaction();
        _connection.Execute("delete from balanced", transaction: transaction);
        using var insert = PrepareInsert(transaction, "balanced", [.. ResultColumns, "$plain_rank"]);
        foreach (var r in results)
        {
            Set(insert, r.Asking, r.Rank, r.Partner, r.Value, r.Confidence, (int)r.Direction, (object?)r.PlainRank ?? DBNull.Value);
            insert.ExecuteNonQuery();
        }

        transaction.Commit();
    }

    /// <summary>Puts all pairs in order, best first, and leaves the file whole and on disk.</summary>
    /// <param name="top">The most partners of an enterprise: longer lists were cut there.</param>
    /// <param name="isBalanced">Whether the balanced lists count.</param>
    /// <returns>How many results there are.</returns>
    public long Finish(int top, bool isBalanced)
    {
        // The order of PartnerRanker for pairs. What lies above the best place at which some list was cut is all there is.
        using (var transaction = _connection.BeginTransaction())
        {
            _connection.Execute(
                $"""
                delete from best;
                insert into best (asking, rank)
                select r.asking, r.rank from {(isBalanced ? "balanced" : "results")} r join enterprises a on a.ordinal = r.asking join enterprises p on p.ordinal = r.partner
                order by r.value desc, r.confidence desc, p.id, a.id;
                update pin set is_balanced = @isBalanced, complete_above = (select max(value) from results where rank = @top);
                """,
                new { top, isBalanced },
                transaction);
            transaction.Commit();
        }

        _connection.Execute("pragma synchronous = full; pragma journal_mode = delete;");
        return _connection.ExecuteScalar<long>("select count(*) from best");
    }

    public void Dispose() => _connection.Dispose();

    private static (MatchRunPin Pin, IReadOnlyList<string> Asking) ReadPin(string path)
    {
        using var results = new MatchRunResults(path);
        return (results.ReadPin(), results.ReadAsking());
    }

    private SqliteCommand PrepareEnterprise(SqliteTransaction transaction) => PrepareInsert(transaction, "enterprises", EnterpriseColumns);

    private SqliteCommand PrepareInsert(SqliteTransaction transaction, string table, string[] parameters)
    {
        var command = _connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = $"insert into {table} ({string.Join(", ", parameters.Select(p => p[1..]))}) values ({string.Join(", ", parameters)})";
        foreach (var name in parameters)
        {
            command.Parameters.Add(new SqliteParameter { ParameterName = name });
        }

        return command;
    }

    private static void Set(SqliteCommand command, params ReadOnlySpan<object> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = values[i];
        }
    }

    private int OrdinalOf(EnterpriseProfile profile, SqliteCommand insert)
    {
        var ordinal = _ordinals.Count;
        Set(insert, ordinal, profile.Id, profile.Name, (object?)profile.NameRu ?? DBNull.Value, profile.Region, (object?)profile.City ?? DBNull.Value);
        insert.ExecuteNonQuery();
        _ordinals[profile.Id] = ordinal;
        return ordinal;
    }
}
