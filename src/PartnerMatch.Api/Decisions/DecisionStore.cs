using System.Data;
using System.Text.Json;
using Dapper;
using Microsoft.Extensions.Options;
using PartnerMatch.Api.Access;
using PartnerMatch.Api.Http;
using PartnerMatch.Api.Matches;
using PartnerMatch.Api.Storage;
using PartnerMatch.Ranking.Scoring;
using PartnerMatch.Ranking.Weighing;

namespace PartnerMatch.Api.Decisions;

/// <summary>
/// Decisions in the database, every one of them; a write that excludes a pair or lifts that moves the directory on. A caller that is bound to an
/// owner has those of pairs of which it keeps an enterprise.
/// </summary>
internal sealed class DecisionStore(SqliteDatabase database, EnterpriseDirectory directory, IOptions<Microsoft.AspNetCore.Http.Json.JsonOptions> json)
{
    /// <summary>Learning takes at most so many decisions, the latest.</summary>
    public const int MostLearnt = 5000;

    private const string Columns =
        """
        select sequence as Sequence, id as Id, a as A, b as B, form as Form, corridor as Corridor, decision as Kind, reason as Reason, comment as Comment,
               decided_by as DecidedBy, a_side as ASide, score as Score, components as Components, data_version as DataVersion, weights_hash as WeightsHash, decided_at as DecidedAt,
               not exists (select 1 from decisions l where l.low = d.low and l.high = d.high and l.sequence > d.sequence) as Stands
        from decisions d
        """;

    private const string Visible = "(@viewer is null or exists (select 1 from enterprises e where e.id in (d.a, d.b) and e.owner = @viewer))";

    private readonly JsonSerializerOptions _json = json.Value.SerializerOptions;

    /// <summary>Tells the directory at start which pairs are excluded.</summary>
    public async Task LoadAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        using var answers = await connection.QueryMultipleAsync(
            """
            select low as A, high as B from decisions d
            where decision = 'exclude' and not exists (select 1 from decisions l where l.low = d.low and l.high = d.high and l.sequence > d.sequence);
            select coalesce(max(sequence), 0) from (
                select sequence, decision, lag(decision) over (partition by low, high order by sequence) as before from decisions)
            where decision = 'exclude' or before = 'exclude';
            """);
        var pairs = await answers.ReadAsync<Row>();
        directory.Exclude(await answers.ReadSingleAsync<long>(), _ => pairs.Aggregate(PairExclusions.None, (e, p) => e.With(p.A, p.B)));
    }

    /// <summary>Keeps a decision. It stands from now on, and an earlier one of the pair no longer does.</summary>
    /// <param name="decision">The decision.</param>
    /// <param name="sideOfA">The side of the corridor that <see cref="Decision.A"/> is of.</param>
    /// <param name="cancellation">Gives up before the commit.</param>
    public Task AddAsync(Decision decision, CorridorSide sideOfA, CancellationToken cancellation)
    {
        var (low, high) = InOrder(decision.A, decision.B);
        return database.WriteAsync(
            transaction => transaction.Connection!.ExecuteScalarAsync<long>(
                """
                insert into decisions (id, a, b, low, high, form, decision, reason, comment, decided_by, corridor, a_side, score, components, data_version, weights_hash, decided_at)
                values (@Id, @A, @B, @low, @high, @form, @kind, @reason, @Comment, @By, @Corridor, @side, @Score, @components, @DataVersion, @WeightsHash, @decidedAt)
                returning sequence
                """,
                new
                {
                    decision.Id,
                    decision.A,
                    decision.B,
                    low,
                    high,
                    form = Kebab.Of(decision.Form),
                    kind = Kebab.Of(decision.Kind),
                    reason = decision.Reason is { } reason ? Kebab.Of(reason) : null,
                    decision.Comment,
                    decision.By,
                    decision.Corridor,
                    side = Kebab.Of(sideOfA),
                    decision.Score,
                    components = JsonSerializer.Serialize(decision.Components, _json),
                    decision.DataVersion,
                    decision.WeightsHash,
                    decidedAt = decision.DecidedAt.ToUnixTimeMilliseconds(),
                },
                transaction),
            sequence =>
            {
                if (decision.Kind == DecisionKind.Exclude)
                {
                    directory.Exclude(sequence, pairs => pairs.With(low, high));
                }
                else if (directory.Current.Exclusions.Contains(low, high))
                {
                    directory.Exclude(sequence, pairs => pairs.Without(low, high));
                }
            },
            cancellation);
    }

    /// <summary>The decision; null where there is none that the caller may see.</summary>
    public async Task<Decision?> FindAsync(string id, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        var row = await connection.QuerySingleOrDefaultAsync<Row>($"{Columns} where id = @id and {Visible}", new { id, viewer = Caller.Current.Owner });
        return row is null ? null : ToDecision(row);
    }

    /// <summary>A page, the newest first, each with its place in the order.</summary>
    public async Task<IReadOnlyList<(long Sequence, Decision Decision)>> FindPageAsync(DecisionFilter filter, CancellationToken cancellation)
    {
        var (low, high) = filter.Pair is { } pair ? InOrder(pair.A, pair.B) : (null, null);
        await using var connection = await database.OpenAsync(cancellation);
        var rows = await connection.QueryAsync<Row>(
            $"""
            {Columns}
            where (@low is null or (low = @low and high = @high))
              and (@Enterprise is null or a = @Enterprise or b = @Enterprise)
              and (@form is null or form = @form)
              and (@kind is null or decision = @kind)
              and (@before is null or sequence < @before)
              and {Visible}
            order by sequence desc
            limit @Limit
            """,
            new
            {
                low,
                high,
                filter.Enterprise,
                form = filter.Form is { } form ? Kebab.Of(form) : null,
                kind = filter.Kind is { } kind ? Kebab.Of(kind) : null,
                before = filter.Before,
                filter.Limit,
                viewer = Caller.Current.Owner,
            });
        return [.. rows.Select(r => (r.Sequence, ToDecision(r)))];
    }

    /// <summary>Whether the pair was excluded at a time.</summary>
    public async Task<bool> IsExcludedAsync(string a, string b, DateTimeOffset asOf, CancellationToken cancellation)
    {
        var (low, high) = InOrder(a, b);
        await using var connection = await database.OpenAsync(cancellation);
        return await connection.ExecuteScalarAsync<string?>(
            "select decision from decisions where low = @low and high = @high and decided_at <= @asOf order by sequence desc limit 1",
            new { low, high, asOf = asOf.ToUnixTimeMilliseconds() }) == Kebab.Of(DecisionKind.Exclude);
    }

    /// <summary>
    /// What the decisions that the caller may see teach of a form: the latest of each pair that accepts, or rejects for a reason that says how well the two fit, unless the pair was
    /// excluded or that withdrawn since.
    /// </summary>
    public async Task<IReadOnlyList<DecidedPair>> FindLearnableAsync(CooperationForm form, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        var rows = await connection.QueryAsync<Row>(
            $"""
            {Columns}
            where form = @form
              and {Visible}
              and (decision = 'accept' or (decision = 'reject' and reason not in ('already-partners', 'wrong-data', 'legal-obstacle')))
              and not exists (
                select 1 from decisions l
                where l.low = d.low and l.high = d.high and l.sequence > d.sequence and (l.form = d.form or l.decision in ('exclude', 'withdraw')))
            order by sequence desc
            limit {MostLearnt}
            """,
            new { form = Kebab.Of(form), viewer = Caller.Current.Owner });
        return [.. rows.Select(r =>
        {
            var (first, second) = r.ASide == Kebab.Of(CorridorSide.First) ? (r.A, r.B) : (r.B, r.A);
            return new DecidedPair(first, second, JsonSerializer.Deserialize<Dictionary<string, double?>>(r.Components, _json)!, Read<DecisionKind>(r.Kind) == DecisionKind.Accept);
        })];
    }

    private static (string Low, string High) InOrder(string a, string b) => string.CompareOrdinal(a, b) < 0 ? (a, b) : (b, a);

    private Decision ToDecision(Row row) => new()
    {
        Id = row.Id,
        A = row.A,
        B = row.B,
        Form = Read<CooperationForm>(row.Form),
        Corridor = row.Corridor,
        Kind = Read<DecisionKind>(row.Kind),
        Reason = row.Reason is null ? null : Read<DecisionReason>(row.Reason),
        Comment = row.Comment,
        By = row.DecidedBy,
        Stands = row.Stands,
        Score = row.Score,
        Components = JsonSerializer.Deserialize<Dictionary<string, double?>>(row.Components, _json)!,
        DataVersion = row.DataVersion,
        WeightsHash = row.WeightsHash,
        DecidedAt = DateTimeOffset.FromUnixTimeMilliseconds(row.DecidedAt),
    };

    private static T Read<T>(string text)
        where T : struct, Enum => EnumParameter<T>.TryParse(text, null, out var value) ? value.Value : throw new InvalidDataException($"'{text}' is no {typeof(T).Name}.");

    private sealed record Row
    {
        public long Sequence { get; init; }

        public string Id { get; init; } = "";

        public string A { get; init; } = "";

        public string B { get; init; } = "";

        public string Form { get; init; } = "";

        public string Corridor { get; init; } = "";

        public string ASide { get; init; } = "";

        public string Kind { get; init; } = "";

        public string? Reason { get; init; }

        public string? Comment { get; init; }

        public string? DecidedBy { get; init; }

        public bool Stands { get; init; }

        public double Score { get; init; }

        public string Components { get; init; } = "";

        public string DataVersion { get; init; } = "";

        public string WeightsHash { get; init; } = "";

        public long DecidedAt { get; init; }
    }
}

/// <summary>Which decisions to list.</summary>
internal sealed record DecisionFilter((string A, string B)? Pair, string? Enterprise, CooperationForm? Form, DecisionKind? Kind, long? Before, int Limit);
