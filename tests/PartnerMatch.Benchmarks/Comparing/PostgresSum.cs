using Npgsql;
using NpgsqlTypes;

namespace PartnerMatch.Benchmarks.Comparing;

/// <summary>The sum as SQL in PostgreSQL: rows in order of competency with a covering index, vacuumed and analysed; the query's terms come as arrays.</summary>
internal sealed class PostgresSum : IContender
{
    private const string Query =
        """
        select sum(query.weight * impacts.impact) as total
        from unnest($1, $2) as query (competency, weight)
        join impacts on impacts.competency = query.competency
        group by impacts.enterprise
        order by total desc
        limit 20
        """;

    private readonly NpgsqlConnection _connection;

    public PostgresSum(PostgresCluster cluster, ImpactTable table)
    {
        _connection = cluster.Source.OpenConnection();
        Execute("drop table if exists impacts; create unlogged table impacts (competency int2 not null, enterprise int4 not null, impact float4 not null)");
        using (var rows = _connection.BeginBinaryImport("copy impacts from stdin (format binary)"))
        {
            for (var code = 0; code < table.Starts.Length - 1; code++)
            {
                for (var at = table.Starts[code]; at < table.Starts[code + 1]; at++)
                {
                    rows.StartRow();
                    rows.Write((short)code, NpgsqlDbType.Smallint);
                    rows.Write(table.Enterprises[at], NpgsqlDbType.Integer);
                    rows.Write(table.Impacts[at], NpgsqlDbType.Real);
                }
            }

            rows.Complete();
        }

        Execute("create index ix_impacts on impacts (competency) include (enterprise, impact)");
        Execute("vacuum (analyze) impacts");
    }

    public string Name => "SQL in PostgreSQL";

    public double[] Best(Subject subject)
    {
        using var command = new NpgsqlCommand(Query, _connection)
        {
            Parameters =
            {
                new NpgsqlParameter { Value = subject.Codes, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Smallint },
                new NpgsqlParameter { Value = subject.Weights, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Real },
            },
        };
        using var rows = command.ExecuteReader();
        var sums = new List<double>(Comparison.Top);
        while (rows.Read())
        {
            sums.Add(rows.GetFloat(0));
        }

        return [.. sums];
    }

    public void Dispose() => _connection.Dispose();

    private void Execute(string sql)
    {
        using var command = new NpgsqlCommand(sql, _connection);
        command.ExecuteNonQuery();
    }
}
