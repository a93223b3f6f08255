using Dapper;
using PartnerMatch.Api.Access;
using PartnerMatch.Api.Storage;

namespace PartnerMatch.Api.Changes;

/// <summary>A piece of the feed.</summary>
/// <param name="Items">The changes of it that the caller may see.</param>
/// <param name="Last">How far it goes; null where nothing is there yet.</param>
internal sealed record ChangePage(IReadOnlyList<ChangeItem> Items, long? Last);

/// <summary>
/// Reads the change feed; triggers of the database write it. A caller that is bound to an owner is told nothing of the drafts, runs and
/// watches of others, nor of decisions about their pairs; when a draft is published, that is a change.
/// </summary>
internal sealed class ChangeStore(SqliteDatabase database, TimeProvider time)
{
    /// <summary>Changes after a place, in order.</summary>
    public async Task<ChangePage> FindAfterAsync(long after, int limit, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        var rows = await connection.QueryAsync<Row>(
            """
            select c.sequence as Sequence, c.type as Type, c.subject as Subject, c.data as Data, c.occurred_at as OccurredAt,
                   @viewer is not null and (
                       c.type like 'enterprise.%' and (
                           exists (select 1 from enterprises e where e.id = c.subject and e.status = 'draft' and e.owner is not @viewer)
                           or not exists (select 1 from enterprises e where e.id = c.subject) and not exists (
                               select 1 from enterprise_revisions r
                               where r.enterprise_id = c.subject and (r.profile ->> 'status' <> 'draft' or r.profile ->> 'owner' = @viewer)))
                       or (c.type like 'match-run.%' or c.type = 'watch.matched') and not c.is_for_all and c.owner is not @viewer
                       or c.type = 'decision.made' and not exists (select 1 from enterprises e where e.id in (c.data ->> 'a', c.data ->> 'b') and e.owner = @viewer)) as IsHidden
            from changes c where c.sequence > @after order by c.sequence limit @limit
            """,
            new { after, limit, viewer = Caller.Current.Owner });
        var found = rows.AsList();
        return new ChangePage(
            [.. found.Where(r => !r.IsHidden).Select(r => new ChangeItem(r.Sequence, r.Type, r.Subject, ChangeData.Parse(r.Data), DateTimeOffset.FromUnixTimeMilliseconds(r.OccurredAt)))],
            found.Count > 0 ? found[^1].Sequence : null);
    }

    /// <summary>The same, waiting for the next change where there is none yet; empty where none came in time, or before <paramref name="hurry"/>.</summary>
    public async Task<ChangePage> WaitAfterAsync(long after, int limit, TimeSpan wait, CancellationToken hurry, CancellationToken cancellation)
    {
        using var timer = new CancellationTokenSource(wait, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, hurry, cancellation);
        var reached = (long?)null;
        while (true)
        {
            // Taken before the look: a commit in between is not missed.
            var commit = database.NextCommit;
            var page = await FindAfterAsync(reached ?? after, limit, cancellation);
            if (page.Items.Count > 0)
            {
                return page;
            }

            if (page.Last is { } last)
            {
                reached = last;
                continue;
            }

            try
            {
                await commit.WaitAsync(either.Token);
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                return new ChangePage([], reached);
            }
        }
    }

    private sealed record Row
    {
        public long Sequence { get; init; }

        public string Type { get; init; } = "";

        public string Subject { get; init; } = "";

        public string Data { get; init; } = "";

        public long OccurredAt { get; init; }

        public bool IsHidden { get; init; }
    }
}
