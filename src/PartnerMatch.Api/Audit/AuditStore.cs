using System.Text.Json;
using Dapper;
using PartnerMatch.Api.Storage;

namespace PartnerMatch.Api.Audit;

/// <summary>
/// Reads the audit trail. Nothing here writes it: triggers do, in the transaction of the change, with the caller that
/// <see cref="SqliteDatabase"/> names to them.
/// </summary>
internal sealed class AuditStore(SqliteDatabase database)
{
    /// <summary>A page, the newest first.</summary>
    public async Task<IReadOnlyList<AuditEntry>> FindPageAsync(AuditFilter filter, CancellationToken cancellation)
    {
        // Only what is asked for stands in the query, so that the indexes of a long trail serve it.
        (bool IsAsked, string Sql)[] conditions =
        [
            (filter.Resource is not null, "t.resource = @Resource"),
            (filter.ResourceId is not null, "t.resource_id = @ResourceId"),
            (filter.Actor is not null, "t.actor = @Actor"),
            (filter.From is not null, "t.at >= @From"),
            (filter.To is not null, "t.at < @To"),
            (filter.Before is not null, "t.sequence < @Before"),
        ];
        var asked = conditions.Where(c => c.IsAsked).Select(c => c.Sql).DefaultIfEmpty("true");
        await using var connection = await database.OpenAsync(cancellation);
        var rows = await connection.QueryAsync<Row>(
            $"""
            select t.sequence as Sequence, t.at as At, t.actor as Actor, k.name as ActorName, t.address as Address, t.user_agent as UserAgent, t.trace_id as TraceId,
                   t.resource as Resource, t.resource_id as ResourceId, t.operation as Operation, t.revision as Revision,
                   coalesce(t.before, earlier.profile) as Before, coalesce(t.after, later.profile) as After
            from audit_trail t
            left join api_keys k on t.actor = 'key:' || k.id
            left join enterprise_revisions later on t.resource = 'enterprise' and later.enterprise_id = t.resource_id and later.revision = t.revision
            left join enterprise_revisions earlier on t.resource = 'enterprise' and earlier.enterprise_id = t.resource_id and earlier.revision = t.revision - 1
            where {string.Join(" and ", asked)}
            order by t.sequence desc
            limit @Limit
            """,
            new
            {
                filter.Resource,
                filter.ResourceId,
                filter.Actor,
                From = filter.From?.ToUnixTimeMilliseconds(),
                To = filter.To?.ToUnixTimeMilliseconds(),
                filter.Before,
                filter.Limit,
            });
        return [.. rows.Select(r => r.ToEntry())];
    }

    private sealed record Row
    {
        public long Sequence { get; init; }

        public long At { get; init; }

        public string Actor { get; init; } = "";

        public string? ActorName { get; init; }

        public string? Address { get; init; }

        public string? UserAgent { get; init; }

        public string? TraceId { get; init; }

        public string Resource { get; init; } = "";

        public string ResourceId { get; init; } = "";

        public string Operation { get; init; } = "";

        public int? Revision { get; init; }

        public string? Before { get; init; }

        public string? After { get; init; }

        public AuditEntry ToEntry() => new()
        {
            Sequence = Sequence,
            At = DateTimeOffset.FromUnixTimeMilliseconds(At),
            Actor = Actor,
            ActorName = ActorName,
            Address = Address,
            UserAgent = UserAgent,
            TraceId = TraceId,
            Resource = Resource,
            ResourceId = ResourceId,
            Operation = Enum.Parse<AuditOperation>(Operation, ignoreCase: true),
            Revision = Revision,
            Before = Parse(Before),
            After = Parse(After),
        };

        private static JsonElement? Parse(string? json) => json is null ? null : JsonSerializer.Deserialize<JsonElement>(json);
    }
}

/// <summary>Which changes to list; null does not filter.</summary>
internal sealed record AuditFilter(string? Resource, string? ResourceId, string? Actor, DateTimeOffset? From, DateTimeOffset? To, long? Before, int Limit);
