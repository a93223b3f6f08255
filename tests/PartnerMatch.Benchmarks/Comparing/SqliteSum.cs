using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace PartnerMatch.Benchmarks.Comparing;

/// <summary>The sum as SQL in SQLite: the table is its own covering index by competency, in a file, mapped into memory; the query's terms come as JSON.</summary>
internal sealed class SqliteSum : IContender
{
    private const string Schema = "create table impacts (competency integer not null, enterprise integer not null, impact real not null, primary key (competency, enterprise)) strict, without rowid";
    private const string Query =
        """
        with query as materialized (select value ->> 0 as competency, value ->> 1 as weight from json_each($terms))
        select sum(query.weight * impacts.impact) as total
        from query cross join impacts on impacts.competency = query.competency
        group by impacts.enterprise
        order by total desc
        limit $top
        """;

    private readonly string _file = Path.GetTempFileName();
    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _command;

    public SqliteSum(ImpactTable table)
    {
        _connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = _file, Pooling = false }.ConnectionString);
        _connection.Open();
        Execute("pragma journal_mode = off; pragma synchronous = off; pragma temp_store = memory; pragma cache_size = -1000000; pragma mmap_size = 8000000000;");
        Execute(Schema);
        Fill(table);
        Execute("analyze");
        _command = _connection.CreateCommand();
        _command.CommandText = Query;
        _command.Parameters.Add("$terms", SqliteType.Text);
        _command.Parameters.AddWithValue("$top", Comparison.Top);
    }

    public string Name => "SQL in SQLite";

    public double[] Best(Subject subject)
    {
        _command.Parameters["$terms"].Value = JsonSerializer.Serialize(subject.Codes.Zip(subject.Weights, (code, weight) => new[] { code, weight }));
        using var rows = _command.ExecuteReader();
        var sums = new List<double>(Comparison.Top);
        while (rows.Read())
        {
            sums.Add(rows.GetDouble(0));
        }

        return [.. sums];
    }

    public void Dispose()
    {
        _command.Dispose();
        _connection.Dispose();
        File.Delete(_file);
    }

    private void Fill(ImpactTable table)
    {
        using var transaction = _connection.BeginTransaction();
        using var insert = _connection.CreateCommand();
        insert.CommandText = "insert into impacts values ($competency, $enterprise, $impact)";
        var competency = insert.Parameters.Add("$competency", SqliteType.Integer);
        var enterprise = insert.Parameters.Add("$enterprise", SqliteType.Integer);
        var impact = insert.Parameters.Add("$impact", SqliteType.Real);
        for (var code = 0; code < table.Starts.Length - 1; code++)
        {
            competency.Value = code;
            for (var at = table.Starts[code]; at < table.Starts[code + 1]; at++)
            {
                enterprise.Value = table.Enterprises[at];
                impact.Value = (double)table.Impacts[at];
                insert.ExecuteNonQuery();
            }
        }

        transaction.Commit();
    }

    private void Execute(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
