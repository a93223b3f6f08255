using System.Runtime.CompilerServices;
using Dapper;
using Microsoft.Data.Sqlite;
using PartnerMatch.Api.Matches;
using PartnerMatch.Ranking.Scoring;

namespace PartnerMatch.Api.MatchRuns;

/// <summary>Reads what a run has found.</summary>
internal sealed class MatchRunResults : IDisposable
{
    private const string Columns =
        """
        select r.asking as Asking, r.rank as Rank, r.value as Value, r.confidence as Confidence, r.direction as Direction,
               a.id as AskingId, a.name as AskingName, a.name_ru as AskingNameRu, a.region as AskingRegion, a.city as AskingCity,
               p.id as PartnerId, p.name as PartnerName, p.name_ru as PartnerNameRu, p.region as PartnerRegion, p.city as PartnerCity
        """;

    private readonly SqliteConnection _connection;
    private readonly string _lists;
    private readonly string _columns;

    /// <summary>Opens the file of a run.</summary>
    /// <exception cref="SqliteException">The file is not there.</exception>
    public MatchRunResults(string path)
    {
        // Not read-only: after a crash the first to open the file must take over what SQLite left beside it.
        _connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadWrite, Pooling = false }.ConnectionString);
        _connection.Open();
        var row = _connection.QuerySingle<PinRow>("select version as Version, sequence as Sequence, epoch as Epoch, reference as Reference, complete_above as CompleteAbove, is_balanced as IsBalanced from pin");
        (Name, Version) = (row.Version, new DataVersion(row.Sequence, row.Epoch, row.Reference));
        CompleteAbove = row.CompleteAbove;
        (_lists, _columns) = row.IsBalanced ? ("balanced", Columns + ", r.plain_rank as PlainRank") : ("results", Columns);
    }

    /// <summary>Names what the run worked on.</summary>
    public string Name { get; }

    /// <summary>What the run worked on.</summary>
    public DataVersion Version { get; }

    /// <summary>Every pair of a higher value is there; null where no list was cut, and so every pair that reaches the run's lowest score.</summary>
    public double? CompleteAbove { get; }

    /// <summary>All that the run worked on.</summary>
    public MatchRunPin ReadPin() => new(
        Name,
        Version,
        _connection.Query<(string A, string B)>("select a, b from excluded").Aggregate(PairExclusions.None, (excluded, pair) => excluded.With(pair.A, pair.B)));

    /// <summary>The ids of the asking enterprises, in their order.</summary>
    public IReadOnlyList<string> ReadAsking() => [.. _connection.Query<string>("select id from enterprises where ordinal < (select asking from pin) order by ordinal")];

    /// <summary>Whether this enterprise was among those that ask, and its place among them; null where it was not.</summary>
    public int? FindAsking(string id) => _connection.QuerySingleOrDefault<int?>("select ordinal from enterprises where id = @id and ordinal < (select asking from pin)", new { id });

    /// <summary>The best pairs first.</summary>
    /// <param name="after">The place after which to go on; 0 from the top.</param>
    /// <param name="limit">At most so many.</param>
    public IReadOnlyList<RankedResult> ReadBest(long after, int limit) => [.. _connection.Query<Row>(
        $"""
        {_columns}, b.place as Place from best b join {_lists} r on r.asking = b.asking and r.rank = b.rank
        join enterprises a on a.ordinal = r.asking join enterprises p on p.ordinal = r.partner
        where b.place > @after order by b.place limit @limit
        """,
        new { after, limit }).Select(r => r.ToResult())];

    /// <summary>The lists of the asking enterprises one after another.</summary>
    /// <param name="only">Only the list of this place; null for all.</param>
    /// <param name="after">The place and the rank after which to go on; null from the top.</param>
    /// <param name="limit">At most so many.</param>
    public IReadOnlyList<RankedResult> ReadLists(int? only, (int Asking, int Rank)? after, int limit) => [.. _connection.Query<Row>(
        $"""
        {_columns} from {_lists} r join enterprises a on a.ordinal = r.asking join enterprises p on p.ordinal = r.partner
        where (r.asking, r.rank) > (@asking, @rank) and r.asking <= @last order by r.asking, r.rank limit @limit
        """,
        new { asking = after?.Asking ?? only ?? -1, rank = after?.Rank ?? 0, last = only ?? int.MaxValue, limit }).Select(r => r.ToResult())];

    /// <summary>All results, one at a time: the lists one after another, or the best pairs first.</summary>
    public async IAsyncEnumerable<RankedResult> ReadAllAsync(MatchRunSort sort, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var rows = _connection.QueryUnbufferedAsync<Row>(sort == MatchRunSort.Enterprise
            ? $"{_columns} from {_lists} r join enterprises a on a.ordinal = r.asking join enterprises p on p.ordinal = r.partner order by r.asking, r.rank"
            : $"{_columns} from best b cross join {_lists} r on r.asking = b.asking and r.rank = b.rank join enterprises a on a.ordinal = r.asking join enterprises p on p.ordinal = r.partner order by b.place");
        await foreach (var row in rows.WithCancellation(cancellation))
        {
            yield return row.ToResult();
        }
    }

    /// <summary>How many of the best pairs stand before a pair of another version of this list or of this one: where a list goes on.</summary>
    public long CountBefore(PairsPosition position)
    {
        var (low, high) = (0L, _connection.ExecuteScalar<long>("select count(*) from best"));
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (IsAtOrBefore(ReadBest(middle, 1)[0], position))
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    public void Dispose() => _connection.Dispose();

    /// <summary>By the order of <see cref="MatchRunFile.Finish"/>.</summary>
    private static bool IsAtOrBefore(RankedResult result, PairsPosition position)
    {
        var order = position.Value.CompareTo(result.Value);
        order = order != 0 ? order : position.Confidence.CompareTo(result.Confidence);
        order = order != 0 ? order : string.CompareOrdinal(result.Partner.Id, position.SecondId);
        return (order != 0 ? order : string.CompareOrdinal(result.Enterprise.Id, position.FirstId)) <= 0;
    }

    private sealed record PinRow
    {
        public string Version { get; init; } = "";

        public long Sequence { get; init; }

        public long Epoch { get; init; }

        public string Reference { get; init; } = "";

        public double? CompleteAbove { get; init; }

        public bool IsBalanced { get; init; }
    }

    private sealed record Row
    {
        public int Asking { get; init; }

        public int Rank { get; init; }

        public long Place { get; init; }

        public double Value { get; init; }

        public double Confidence { get; init; }

        public int Direction { get; init; }

        public int? PlainRank { get; init; }

        public string AskingId { get; init; } = "";

        public string AskingName { get; init; } = "";

        public string? AskingNameRu { get; init; }

        public string AskingRegion { get; init; } = "";

        public string? AskingCity { get; init; }

        public string PartnerId { get; init; } = "";

        public string PartnerName { get; init; } = "";

        public string? PartnerNameRu { get; init; }

        public string PartnerRegion { get; init; } = "";

        public string? PartnerCity { get; init; }

        public RankedResult ToResult() => new(
            Asking,
            Rank,
            Place,
            new MatchedEnterprise(AskingId, AskingName, AskingNameRu, AskingRegion, AskingCity),
            new MatchedEnterprise(PartnerId, PartnerName, PartnerNameRu, PartnerRegion, PartnerCity),
            Value,
            Confidence,
            (Direction)Direction,
            PlainRank);
    }
}

/// <summary>One result as it is kept.</summary>
/// <param name="Asking">The place of the asking enterprise among those that ask.</param>
/// <param name="Rank">The partner's rank in its list.</param>
/// <param name="Place">The pair's place among all, where the best are read first; else 0.</param>
/// <param name="Enterprise">The asking enterprise.</param>
/// <param name="Partner">The partner.</param>
/// <param name="Value">The value before the floor at 0.</param>
/// <param name="Confidence">The confidence.</param>
/// <param name="Direction">Who supplies.</param>
/// <param name="PlainRank">Its rank by score alone in a list that is balanced, where it was ranked; else null.</param>
internal sealed record RankedResult(int Asking, int Rank, long Place, MatchedEnterprise Enterprise, MatchedEnterprise Partner, double Value, double Confidence, Direction Direction, int? PlainRank);
