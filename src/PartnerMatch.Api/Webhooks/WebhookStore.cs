using System.Data;
using System.Text.Json;
using Dapper;
using PartnerMatch.Api.Changes;
using PartnerMatch.Api.Storage;

namespace PartnerMatch.Api.Webhooks;

/// <summary>Webhooks and their messages in the database.</summary>
internal sealed class WebhookStore(SqliteDatabase database, TimeProvider time)
{
    /// <summary>How long the secret before the last still signs, so that a receiver can change over.</summary>
    public static readonly TimeSpan Overlap = TimeSpan.FromHours(24);

    /// <summary>How many changes become messages in one transaction.</summary>
    private const int Batch = 200;

    private const string Columns =
        """
        w.id as Id, w.url as Url, w.description as Description, w.types as Types, w.is_enabled as IsEnabled, w.position as Position,
        w.last_success_at as LastSuccessAt, w.last_failure_at as LastFailureAt, w.last_failure as LastFailure, w.failures_in_row as FailuresInRow,
        w.revision as Revision, w.created_at as CreatedAt, w.updated_at as UpdatedAt,
        (select count(*) from webhook_messages m where m.webhook_id = w.id and m.state = 'waiting') as Waiting,
        (select count(*) from webhook_messages m where m.webhook_id = w.id and m.state = 'dead') as Dead
        """;

    /// <summary>Registers an address, which is told of what changes from now on. The answer, and no other, has the secret.</summary>
    public Task<Webhook> CreateAsync(WebhookRequest request, CancellationToken cancellation) => WriteAsync(
        async transaction =>
        {
            var (id, secret) = (Guid.CreateVersion7(time.GetUtcNow()).ToString("n"), WebhookSignature.NewSecret());
            await transaction.Connection!.ExecuteAsync(
                """
                insert into webhooks (id, url, description, types, is_enabled, secret, position, revision, created_at, updated_at)
                values (@id, @Url, @Description, @types, @enabled, @secret, (select coalesce(max(sequence), 0) from changes), 1, @now, @now)
                """,
                new { id, request.Url, request.Description, types = TypesOf(request), enabled = request.Enabled ?? true, secret, now = Now() },
                transaction);
            return (await FindAsync(transaction.Connection!, transaction, id))! with { Secret = secret };
        },
        cancellation);

    public async Task<Webhook?> FindAsync(string id, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        return await FindAsync(connection, null, id);
    }

    public async Task<IReadOnlyList<Webhook>> FindAllAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        return [.. (await connection.QueryAsync<Row>($"select {Columns} from webhooks w order by w.created_at, w.id")).Select(r => r.ToWebhook())];
    }

    /// <summary>Replaces what a webhook is where <paramref name="isExpected"/> says so of what it was; null where there is none, unchanged where it does not.</summary>
    public Task<Webhook?> ReplaceAsync(string id, WebhookRequest request, Func<Webhook, bool> isExpected, CancellationToken cancellation) => WriteAsync(
        async transaction =>
        {
            if (await FindAsync(transaction.Connection!, transaction, id) is not { } current || !isExpected(current))
            {
                return await FindAsync(transaction.Connection!, transaction, id);
            }

            await transaction.Connection!.ExecuteAsync(
                "update webhooks set url = @Url, description = @Description, types = @types, is_enabled = @enabled, failures_in_row = 0, revision = revision + 1, updated_at = @now where id = @id",
                new { id, request.Url, request.Description, types = TypesOf(request), enabled = request.Enabled ?? true, now = Now() },
                transaction);
            return await FindAsync(transaction.Connection!, transaction, id);
        },
        cancellation);

    /// <summary>Gives a webhook a new secret; the one before signs beside it for a day. Null where there is no such webhook.</summary>
    public Task<Webhook?> RotateSecretAsync(string id, CancellationToken cancellation) => WriteAsync(
        async transaction =>
        {
            var secret = WebhookSignature.NewSecret();
            await transaction.Connection!.ExecuteAsync(
                "update webhooks set previous_secret = secret, previous_until = @until, secret = @secret, revision = revision + 1, updated_at = @now where id = @id",
                new { id, secret, until = Now() + (long)Overlap.TotalMilliseconds, now = Now() },
                transaction);
            return await FindAsync(transaction.Connection!, transaction, id) is { } webhook ? webhook with { Secret = secret } : null;
        },
        cancellation);

    /// <summary>Removes a webhook with its messages where <paramref name="isExpected"/> says so of what it is; false where it does not, or there is none.</summary>
    public Task<bool> DeleteAsync(string id, Func<Webhook, bool> isExpected, CancellationToken cancellation) => WriteAsync(
        async transaction => await FindAsync(transaction.Connection!, transaction, id) is { } current && isExpected(current)
            && await transaction.Connection!.ExecuteAsync("delete from webhooks where id = @id", new { id }, transaction) > 0,
        cancellation);

    /// <summary>Messages of a webhook that were given up, in the order of changes.</summary>
    public async Task<IReadOnlyList<DeadLetter>> FindDeadAsync(string id, long after, int limit, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        var rows = await connection.QueryAsync<MessageRow>(
            $"""
            select {MessageRow.Columns}, m.last_failure as LastFailure
            from webhook_messages m join changes c on c.sequence = m.sequence
            where m.webhook_id = @id and m.state = 'dead' and m.sequence > @after
            order by m.sequence limit @limit
            """,
            new { id, after, limit });
        return [.. rows.Select(r => new DeadLetter(r.Id, r.ToChange(), r.Attempts, r.LastFailure))];
    }

    /// <summary>Sets dead letters of a webhook under way again, one or all, as if they were new.</summary>
    public Task<int> RedeliverAsync(string id, string? messageId, CancellationToken cancellation) => WriteAsync(
        transaction => transaction.Connection!.ExecuteAsync(
            "update webhook_messages set state = 'waiting', attempts = 0, next_attempt_at = @now where webhook_id = @id and state = 'dead' and (@messageId is null or id = @messageId)",
            new { id, messageId, now = Now() },
            transaction),
        cancellation);

    /// <summary>Makes messages of what has changed, and moves the positions on with them.</summary>
    /// <returns>Whether there is more.</returns>
    public async Task<bool> TakeUpAsync(CancellationToken cancellation)
    {
        await using (var connection = await database.OpenAsync(cancellation))
        {
            if (!await connection.ExecuteScalarAsync<bool>("select exists (select 1 from webhooks where is_enabled = 1 and position < (select coalesce(max(sequence), 0) from changes))"))
            {
                return false;
            }
        }

        return await WriteAsync(
            async transaction =>
            {
                await transaction.Connection!.ExecuteAsync(
                    """
                    insert into webhook_messages (id, webhook_id, sequence, state, next_attempt_at, created_at)
                    select 'msg_' || w.id || '_' || c.sequence, w.id, c.sequence, 'waiting', @now, @now
                    from webhooks w
                    join changes c on c.sequence > w.position and c.sequence <= w.position + @Batch
                    where w.is_enabled = 1 and (w.types = '[]' or c.type in (select value from json_each(w.types)));
                    update webhooks set position = min(position + @Batch, (select coalesce(max(sequence), 0) from changes)) where is_enabled = 1;
                    """,
                    new { now = Now(), Batch },
                    transaction);
                return await transaction.Connection!.ExecuteScalarAsync<bool>(
                    "select exists (select 1 from webhooks where is_enabled = 1 and position < (select coalesce(max(sequence), 0) from changes))",
                    transaction: transaction);
            },
            cancellation);
    }

    /// <summary>Messages whose time has come, at most a few of each webhook, in the order of changes.</summary>
    public async Task<IReadOnlyList<WaitingMessage>> FindDueAsync(int limitOfEach, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        var rows = await connection.QueryAsync<MessageRow>(
            $"""
            select {MessageRow.Columns}, m.webhook_id as WebhookId, w.url as Url, w.secret as Secret,
                   case when w.previous_until > @now then w.previous_secret end as PreviousSecret
            from (
                select *, row_number() over (partition by webhook_id order by sequence) as place
                from webhook_messages where state = 'waiting' and next_attempt_at <= @now
            ) m
            join webhooks w on w.id = m.webhook_id
            join changes c on c.sequence = m.sequence
            where w.is_enabled = 1 and m.place <= @limitOfEach
            order by m.sequence
            """,
            new { now = Now(), limitOfEach });
        return [.. rows.Select(r => new WaitingMessage(r.Id, r.WebhookId, r.Url, r.PreviousSecret is { } previous ? [r.Secret, previous] : [r.Secret], r.ToChange(), r.Attempts))];
    }

    /// <summary>When the next attempt is due, the webhooks <paramref name="besides"/> left out; null where no message waits.</summary>
    public async Task<DateTimeOffset?> FindNextAttemptAsync(IReadOnlyList<string> besides, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        var next = await connection.ExecuteScalarAsync<long?>(
            """
            select min(m.next_attempt_at) from webhook_messages m join webhooks w on w.id = m.webhook_id
            where m.state = 'waiting' and w.is_enabled = 1 and w.id not in (select value from json_each(@besides))
            """,
            new { besides = JsonSerializer.Serialize(besides) });
        return next is null ? null : DateTimeOffset.FromUnixTimeMilliseconds(next.Value);
    }

    /// <summary>A message was received: it is done.</summary>
    public Task<int> SucceedAsync(WaitingMessage message, CancellationToken cancellation) => WriteAsync(
        transaction => transaction.Connection!.ExecuteAsync(
            """
            delete from webhook_messages where id = @Id;
            update webhooks set last_success_at = @now, failures_in_row = 0 where id = @WebhookId;
            """,
            new { message.Id, message.WebhookId, now = Now() },
            transaction),
        cancellation);

    /// <summary>An attempt failed: the next is due after <paramref name="delay"/>, or the message is given up where that is null.</summary>
    /// <param name="message">The message.</param>
    /// <param name="failure">Why.</param>
    /// <param name="delay">When to try again.</param>
    /// <param name="isGone">Whether the receiver says that it does not exist any more: nothing is sent to it until somebody enables it.</param>
    /// <param name="cancellation">Gives up before the write.</param>
    public Task<int> FailAsync(WaitingMessage message, string failure, TimeSpan? delay, bool isGone, CancellationToken cancellation) => WriteAsync(
        transaction => transaction.Connection!.ExecuteAsync(
            """
            update webhook_messages set attempts = attempts + 1, last_failure = @failure, state = @state, next_attempt_at = @next where id = @Id;
            update webhooks set last_failure_at = @now, last_failure = @failure, failures_in_row = failures_in_row + 1,
                is_enabled = case when @isGone then 0 else is_enabled end, revision = revision + @isGone
            where id = @WebhookId;
            """,
            new { message.Id, message.WebhookId, failure, isGone, state = delay is null ? "dead" : "waiting", now = Now(), next = Now() + (long)(delay ?? TimeSpan.Zero).TotalMilliseconds },
            transaction),
        cancellation);

    /// <summary>How many messages are to be sent yet, and how many were given up.</summary>
    public (long Waiting, long Dead) CountMessages()
    {
        using var connection = database.OpenAsync(CancellationToken.None).GetAwaiter().GetResult();
        return connection.QuerySingle<(long, long)>("select coalesce(sum(state = 'waiting'), 0), coalesce(sum(state = 'dead'), 0) from webhook_messages indexed by ix_webhook_messages_due");
    }

    /// <summary>How long the oldest message that is to be sent yet has waited; zero where none is, or the clock was set back to before it was made.</summary>
    public TimeSpan FindOldestAge()
    {
        using var connection = database.OpenAsync(CancellationToken.None).GetAwaiter().GetResult();
        return connection.ExecuteScalar<long?>("select min(created_at) from webhook_messages where state = 'waiting'") is { } oldest
            ? TimeSpan.FromMilliseconds(Math.Max(0, Now() - oldest))
            : TimeSpan.Zero;
    }

    /// <summary>Moves the times at which waiting messages are due, as the clock was moved.</summary>
    public Task<int> MoveAttemptsAsync(TimeSpan by, CancellationToken cancellation) => WriteAsync(
        transaction => transaction.Connection!.ExecuteAsync(
            "update webhook_messages set next_attempt_at = next_attempt_at + @by where state = 'waiting'",
            new { by = (long)by.TotalMilliseconds },
            transaction),
        cancellation);

    private static string TypesOf(WebhookRequest request) => JsonSerializer.Serialize((request.Types ?? []).Distinct());

    private static async Task<Webhook?> FindAsync(IDbConnection connection, IDbTransaction? transaction, string id) =>
        (await connection.QuerySingleOrDefaultAsync<Row>($"select {Columns} from webhooks w where w.id = @id", new { id }, transaction))?.ToWebhook();

    private Task<T> WriteAsync<T>(Func<IDbTransaction, Task<T>> write, CancellationToken cancellation) => database.WriteAsync(write, _ => { }, cancellation);

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();

    private sealed record Row
    {
        public string Id { get; init; } = "";

        public string Url { get; init; } = "";

        public string? Description { get; init; }

        public string Types { get; init; } = "";

        public bool IsEnabled { get; init; }

        public long Position { get; init; }

        public long? LastSuccessAt { get; init; }

        public long? LastFailureAt { get; init; }

        public string? LastFailure { get; init; }

        public int FailuresInRow { get; init; }

        public int Revision { get; init; }

        public long CreatedAt { get; init; }

        public long UpdatedAt { get; init; }

        public int Waiting { get; init; }

        public int Dead { get; init; }

        public Webhook ToWebhook() => new(
            Id,
            Url,
            Description,
            JsonSerializer.Deserialize<string[]>(Types)!,
            IsEnabled,
            null,
            new WebhookHealth(Position, Waiting, Dead, FailuresInRow, At(LastSuccessAt), At(LastFailureAt), LastFailure),
            Revision,
            DateTimeOffset.FromUnixTimeMilliseconds(CreatedAt),
            DateTimeOffset.FromUnixTimeMilliseconds(UpdatedAt));

        private static DateTimeOffset? At(long? time) => time is null ? null : DateTimeOffset.FromUnixTimeMilliseconds(time.Value);
    }

    private sealed record MessageRow
    {
        public const string Columns = "m.id as Id, m.attempts as Attempts, c.sequence as Sequence, c.type as Type, c.subject as Subject, c.data as Data, c.occurred_at as OccurredAt";

        public string Id { get; init; } = "";

        public int Attempts { get; init; }

        public long Sequence { get; init; }

        public string Type { get; init; } = "";

        public string Subject { get; init; } = "";

        public string Data { get; init; } = "";

        public long OccurredAt { get; init; }

        public string? LastFailure { get; init; }

        public string WebhookId { get; init; } = "";

        public string Url { get; init; } = "";

        public string Secret { get; init; } = "";

        public string? PreviousSecret { get; init; }

        public ChangeItem ToChange() => new(Sequence, Type, Subject, ChangeData.Parse(Data), DateTimeOffset.FromUnixTimeMilliseconds(OccurredAt));
    }
}
