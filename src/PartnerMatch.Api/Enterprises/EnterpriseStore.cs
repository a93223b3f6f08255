using System.Data;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Dapper;
using Microsoft.Extensions.Options;
using PartnerMatch.Api.Access;
using PartnerMatch.Api.Http;
using PartnerMatch.Api.Matches;
using PartnerMatch.Api.Reference;
using PartnerMatch.Api.Replay;
using PartnerMatch.Api.Storage;
using PartnerMatch.Classification;
using PartnerMatch.Ranking.Profiles;

namespace PartnerMatch.Api.Enterprises;

/// <summary>Enterprises in the database; every write keeps its revision in the same transaction and then moves the directory on.</summary>
internal sealed class EnterpriseStore(
    SqliteDatabase database,
    EnterpriseDirectory directory,
    WordsToCodes words,
    DataVersionLog versions,
    ScarcityEpochs epochs,
    ReferenceCatalog reference,
    TimeProvider time,
    IOptions<Microsoft.AspNetCore.Http.Json.JsonOptions> json)
{
    private const string Filtered =
        """
        from enterprises e
        where (@Region is null or e.region = @Region or e.country = @Region)
          and (@Status is null or e.status = @Status)
          and (@Text is null or e.search_text like @Text escape '\')
          and (@Competency is null or exists (
                select 1 from enterprise_competencies c
                where c.enterprise_id = e.id and (c.code = @Competency or c.code like @Competency || '%')))
          and (@Viewer is null or e.status <> 'draft' or e.owner = @Viewer)
          and (@AfterName is null or (e.name_key, e.id) > (@AfterName, @AfterId))
        """;

    private const int RowsAtOnce = 512;

    private readonly JsonSerializerOptions _json = json.Value.SerializerOptions;

    /// <summary>The enterprise with the contacts that the caller may see, or null; also where it is the draft of another owner than the caller's.</summary>
    public async Task<Enterprise?> FindAsync(string id, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        return await FindAsync(connection, null, id) is { } found && found.IsVisibleTo(Caller.Current) ? found.ShownTo(Caller.Current) : null;
    }

    /// <summary>A page in order of name; contacts are not part of lists.</summary>
    public async Task<IReadOnlyList<Enterprise>> FindPageAsync(EnterpriseFilter filter, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        var rows = await connection.QueryAsync<Row>(
            $"""
            select e.profile as Profile
            {Filtered}
            order by e.name_key, e.id
            limit @Limit
            """,
            ToParameters(filter));
        return [.. rows.Select(r => ToEnterprise(r, []))];
    }

    /// <summary>All that a filter lets through, with contacts, in order of name, one at a time from one state of the database.</summary>
    public async IAsyncEnumerable<Enterprise> FindAllAsync(EnterpriseFilter filter, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        var rows = connection.QueryUnbufferedAsync<RowWithContacts>(
            $"""
            select e.profile as Profile,
                   (select json_group_array(json(c.contact)) from (select contact from enterprise_contacts where enterprise_id = e.id order by position) c) as Contacts
            {Filtered}
            order by e.name_key, e.id
            """,
            ToParameters(filter));
        await foreach (var row in rows.WithCancellation(cancellation))
        {
            var enterprise = JsonSerializer.Deserialize<Enterprise>(row.Profile, _json)! with { Contacts = JsonSerializer.Deserialize<Contact[]>(row.Contacts, _json)! };
            yield return enterprise.ShownTo(Caller.Current);
        }
    }

    public async Task<int> CountAsync(EnterpriseFilter filter, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        return await connection.ExecuteScalarAsync<int>($"select count(*) {Filtered}", ToParameters(filter));
    }

    /// <summary>Everything, for the directory; a row that the reference data no longer understands stops the start with its id.</summary>
    /// <param name="onRead">Is told now and then how many of how many profiles have been read.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<(long Sequence, IReadOnlyList<EnterpriseProfile> Profiles)> ReadAllAsync(Action<int, int> onRead, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        using var snapshot = connection.BeginTransaction(deferred: true);
        var sequence = await connection.ExecuteScalarAsync<long>("select coalesce(max(sequence), 0) from enterprise_revisions", transaction: snapshot);
        var total = await connection.ExecuteScalarAsync<int>("select count(*) from enterprises", transaction: snapshot);
        var profiles = new EnterpriseProfile[total];
        var done = 0;

        // In the order in which they lie on disk, read by one and parsed by all processors.
        var rows = connection.QueryUnbufferedAsync<Row>("select profile as Profile from enterprises", transaction: snapshot);
        await Parallel.ForEachAsync(rows.Chunk(RowsAtOnce).Index(), cancellation, (chunk, _) =>
        {
            var first = chunk.Index * RowsAtOnce;
            for (var at = 0; at < chunk.Item.Length; at++)
            {
                profiles[first + at] = ToEnterprise(chunk.Item[at], []).ToProfile(reference);
            }

            onRead(Interlocked.Add(ref done, chunk.Item.Length), total);
            return ValueTask.CompletedTask;
        });
        return (sequence, profiles);
    }

    /// <summary>The enterprise as it was after a change, without contacts; null where there was none.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="sequence">The last change, of whichever enterprise, that had happened.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<Enterprise?> FindRevisionAsync(string id, long sequence, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        var profile = await connection.QuerySingleOrDefaultAsync<string?>(
            "select profile from enterprise_revisions where enterprise_id = @id and sequence <= @sequence order by sequence desc limit 1",
            new { id, sequence });
        return profile is null ? null : ToEnterprise(new Row { Profile = profile }, []);
    }

    /// <summary>Everything as it was after a change of an enterprise, in terms of the reference data of that time.</summary>
    public async Task<IReadOnlyList<EnterpriseProfile>> ReadAllAsOfAsync(long sequence, ReferenceCatalog past, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        var profiles = new List<EnterpriseProfile>();
        var rows = connection.QueryUnbufferedAsync<Row>(
            """
            select profile as Profile from enterprise_revisions
            where sequence in (select max(sequence) from enterprise_revisions where sequence <= @sequence group by enterprise_id) and operation <> 'deleted'
            """,
            new { sequence });
        await foreach (var row in rows.WithCancellation(cancellation))
        {
            profiles.Add(ToEnterprise(row, []).ToProfile(past));
        }

        return profiles;
    }

    /// <summary>Some enterprises as they were after a change of one, in terms of the reference data of that time; those that were not there are left out.</summary>
    public async Task<IReadOnlyDictionary<string, EnterpriseProfile>> FindAsOfAsync(IEnumerable<string> ids, long sequence, ReferenceCatalog past, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        var rows = await connection.QueryAsync<Row>(
            """
            select r.profile as Profile from enterprise_revisions r
            where r.enterprise_id in @ids and r.operation <> 'deleted'
              and r.sequence = (select max(sequence) from enterprise_revisions where enterprise_id = r.enterprise_id and sequence <= @sequence)
            """,
            new { ids = ids.Distinct(StringComparer.Ordinal), sequence });
        return rows.Select(r => ToEnterprise(r, []).ToProfile(past)).ToDictionary(p => p.Id, StringComparer.Ordinal);
    }

    public Task<WriteResult> CreateAsync(EnterpriseRequest request, CancellationToken cancellation) =>
        CreateAsync([(Guid.CreateVersion7().ToString("n"), request)], cancellation);

    /// <summary>Creates all or none, each under the id given with it.</summary>
    public Task<WriteResult> CreateAsync(IReadOnlyList<(string Id, EnterpriseRequest Request)> entries, CancellationToken cancellation) => WriteAsync(
        async transaction =>
        {
            var changes = new List<Change>(entries.Count);
            foreach (var (id, request) in entries)
            {
                if (request.KeptBy(Caller.Current) is not { } kept)
                {
                    return WriteResult.OfOthers;
                }

                if (await FindClashAsync(transaction, id, request) is { } clash)
                {
                    return new WriteResult(null, clash, []);
                }

                var now = Now();
                var enterprise = Enterprise.From(id, words.Map(kept), 1, now, now);
                changes.Add(new Change(await SaveAsync(transaction, enterprise, "created"), id, enterprise));
            }

            return new WriteResult(changes.Count > 0 ? changes[^1].Enterprise : null, null, changes);
        },
        cancellation);

    /// <summary>
    /// Replaces the profile by what <paramref name="change"/> makes of it, where <paramref name="isExpected"/> says so of what is stored; leaves it
    /// where it does not, or where the change is null. Null where there is no such enterprise for the caller.
    /// </summary>
    public async Task<WriteResult?> ReplaceAsync(string id, Func<Enterprise, bool> isExpected, Func<Enterprise, EnterpriseRequest?> change, CancellationToken cancellation)
    {
        var result = await WriteAsync(
            async transaction =>
            {
                var current = await FindAsync(transaction.Connection!, transaction, id);
                if (current?.IsVisibleTo(Caller.Current) != true)
                {
                    return WriteResult.Nothing;
                }

                if (!Caller.Current.MayChange(current.Owner))
                {
                    return WriteResult.OfOthers;
                }

                if (!isExpected(current) || change(current) is not { } request)
                {
                    return new WriteResult(current, null, []);
                }

                if (request.KeptBy(Caller.Current) is not { } kept)
                {
                    return WriteResult.OfOthers;
                }

                if (await FindClashAsync(transaction, id, request) is { } clash)
                {
                    return new WriteResult(null, clash, []);
                }

                var enterprise = Enterprise.From(id, words.Map(kept), await NextRevisionAsync(transaction, id), current.CreatedAt, Now()) with { ContactErasures = current.ContactErasures };
                return new WriteResult(enterprise, null, [new Change(await SaveAsync(transaction, enterprise, "replaced"), id, enterprise)]);
            },
            cancellation);
        return ReferenceEquals(result, WriteResult.Nothing) ? null : result;
    }

    /// <summary>
    /// Removes the enterprise and its contacts, where <paramref name="isExpected"/> says so of what is stored; its revisions stay. Null where there
    /// is no such enterprise for the caller.
    /// </summary>
    public async Task<WriteResult?> DeleteAsync(string id, Func<Enterprise, bool> isExpected, CancellationToken cancellation)
    {
        var result = await WriteAsync(
            async transaction =>
            {
                var connection = transaction.Connection!;
                var current = await FindAsync(connection, transaction, id);
                if (current?.IsVisibleTo(Caller.Current) != true)
                {
                    return WriteResult.Nothing;
                }

                if (!Caller.Current.MayChange(current.Owner))
                {
                    return WriteResult.OfOthers;
                }

                if (!isExpected(current))
                {
                    return new WriteResult(current, null, []);
                }

                var revision = await NextRevisionAsync(transaction, id);
                await ForgetContactsAsync(transaction, id);
                await connection.ExecuteAsync("delete from enterprises where id = @id", new { id }, transaction);

                var sequence = await AppendRevisionAsync(transaction, id, revision, "deleted", null);
                return new WriteResult(null, null, [new Change(sequence, id, null)]);
            },
            cancellation);
        if (result.Changes.Count > 0)
        {
            await database.EmptyLogAsync();
        }

        return ReferenceEquals(result, WriteResult.Nothing) ? null : result;
    }

    /// <summary>
    /// Erases the contacts of an enterprise for good: from the database, from what is kept of answers for repeated requests, and from the log.
    /// Null where there is no such enterprise for the caller.
    /// </summary>
    public async Task<WriteResult?> EraseContactsAsync(string id, CancellationToken cancellation)
    {
        var result = await WriteAsync(
            async transaction =>
            {
                var current = await FindAsync(transaction.Connection!, transaction, id);
                if (current?.IsVisibleTo(Caller.Current) != true)
                {
                    return WriteResult.Nothing;
                }

                if (!Caller.Current.MayChange(current.Owner))
                {
                    return WriteResult.OfOthers;
                }

                await ForgetContactsAsync(transaction, id);
                await transaction.Connection!.ExecuteAsync(
                    """
                    insert into changes (type, subject, data, occurred_at) values ('enterprise.contacts-erased', @id, '{}', @now);
                    update enterprises set contact_erasures = contact_erasures + @erased where id = @id;
                    """,
                    new { id, erased = current.Contacts.Count > 0 ? 1 : 0, now = Now().ToUnixTimeMilliseconds() },
                    transaction);
                return new WriteResult(current with { Contacts = [] }, null, []);
            },
            cancellation);
        await database.EmptyLogAsync();
        return ReferenceEquals(result, WriteResult.Nothing) ? null : result;
    }

    private static Task<int> ForgetContactsAsync(IDbTransaction transaction, string id) => transaction.Connection!.ExecuteAsync(
        """
        delete from enterprise_contacts where enterprise_id = @id;
        update idempotency_keys set body = cast(json_set(cast(body as text), '$.contacts', json('[]')) as blob)
        where case when json_valid(cast(body as text)) then json_extract(cast(body as text), '$.id') end = @id;
        """,
        new { id },
        transaction);

    private static object ToParameters(EnterpriseFilter filter) => new
    {
        filter.Region,
        Status = filter.Status is { } status ? Kebab.Of(status) : null,
        Text = filter.Text is { } text ? $"%{TextFolding.Fold(text)}%" : null,
        filter.Competency,
        Viewer = Caller.Current.Owner,
        AfterName = filter.After?.NameKey,
        AfterId = filter.After?.Id,
        filter.Limit,
    };

    private async Task<WriteResult> WriteAsync(Func<IDbTransaction, Task<WriteResult>> write, CancellationToken cancellation)
    {
        var written = await database.WriteAsync(
            async transaction =>
            {
                var result = await write(transaction);
                if (result.Changes.Count > 0)
                {
                    await versions.AppendAsync(transaction, result.Changes[^1].Sequence);
                }

                return result;
            },
            result => directory.Apply([.. result.Changes.Select(c => (c.Sequence, c.Id, c.Enterprise?.ToProfile(reference)))]),
            cancellation);
        await epochs.MoveOnAsync();
        return written;
    }

    private async Task<Enterprise?> FindAsync(IDbConnection connection, IDbTransaction? transaction, string id)
    {
        using var answers = await connection.QueryMultipleAsync(
            """
            select profile as Profile, contact_erasures as ContactErasures from enterprises where id = @id;
            select contact from enterprise_contacts where enterprise_id = @id order by position;
            """,
            new { id },
            transaction);
        var row = await answers.ReadSingleOrDefaultAsync<Row>();
        var contacts = await answers.ReadAsync<string>();
        return row is null ? null : ToEnterprise(row, [.. contacts.Select(c => JsonSerializer.Deserialize<Contact>(c, _json)!)]);
    }

    private static async Task<FieldError?> FindClashAsync(IDbTransaction transaction, string id, EnterpriseRequest request)
    {
        var identifiers = request.Identifiers ?? [];
        for (var i = 0; i < identifiers.Count; i++)
        {
            var holder = await transaction.Connection!.QuerySingleOrDefaultAsync<Holder>(
                """
                select e.id as Id, (@viewer is null or e.status <> 'draft' or e.owner is @viewer) as IsVisible
                from enterprise_identifiers i join enterprises e on e.id = i.enterprise_id
                where i.scheme = @scheme and i.value = @value and e.id <> @id
                """,
                new { scheme = Kebab.Of(identifiers[i].Scheme), value = identifiers[i].Value, id, viewer = Caller.Current.Owner },
                transaction);
            if (holder is not null)
            {
                var whose = holder.IsVisible ? $"the enterprise '{holder.Id}'" : "another enterprise";
                return new FieldError("body", $"identifiers[{i}].value", $"The {Kebab.Of(identifiers[i].Scheme)} {identifiers[i].Value} belongs to {whose}.");
            }
        }

        return null;
    }

    private static Task<int> NextRevisionAsync(IDbTransaction transaction, string id) => transaction.Connection!.ExecuteScalarAsync<int>(
        "select coalesce(max(revision), 0) + 1 from enterprise_revisions where enterprise_id = @id",
        new { id },
        transaction);

    private async Task<long> SaveAsync(IDbTransaction transaction, Enterprise enterprise, string operation)
    {
        var connection = transaction.Connection!;
        var id = enterprise.Id;
        var profile = JsonSerializer.Serialize(enterprise with { Contacts = [] }, _json);
        await connection.ExecuteAsync(
            """
            insert into enterprises (id, status, country, region, name_key, search_text, profile, revision, created_at, updated_at)
            values (@id, @status, @country, @region, @nameKey, @searchText, @profile, @revision, @createdAt, @updatedAt)
            on conflict (id) do update set status = excluded.status, country = excluded.country, region = excluded.region,
                name_key = excluded.name_key, search_text = excluded.search_text, profile = excluded.profile,
                revision = excluded.revision, updated_at = excluded.updated_at;
            delete from enterprise_competencies where enterprise_id = @id;
            delete from unmapped_words where enterprise_id = @id;
            delete from enterprise_identifiers where enterprise_id = @id;
            delete from enterprise_contacts where enterprise_id = @id;
            """,
            new
            {
                id,
                status = Kebab.Of(enterprise.Status),
                country = enterprise.Country,
                region = enterprise.Region,
                nameKey = EnterpriseFilter.NameKeyOf(enterprise.Name),
                searchText = EnterpriseFilter.SearchTextOf(enterprise),
                profile,
                revision = enterprise.Revision,
                createdAt = enterprise.CreatedAt.ToUnixTimeMilliseconds(),
                updatedAt = enterprise.UpdatedAt.ToUnixTimeMilliseconds(),
            },
            transaction);
        await connection.ExecuteAsync(
            "insert into enterprise_competencies (enterprise_id, code) values (@id, @code)",
            enterprise.Offers.Select(o => o.Code).Union(enterprise.Needs.Select(n => n.Code)).OfType<string>().Select(code => new { id, code }),
            transaction);
        await connection.ExecuteAsync(
            "insert into unmapped_words (folded, enterprise_id, text) values (@folded, @id, @text) on conflict do nothing",
            enterprise.Offers.Where(o => o.Code is null).Select(o => o.Text!).Concat(enterprise.Needs.Where(n => n.Code is null).Select(n => n.Text!))
                .Select(text => new { folded = TextFolding.Fold(text), id, text }),
            transaction);
        await connection.ExecuteAsync(
            "insert into enterprise_identifiers (scheme, value, enterprise_id) values (@scheme, @value, @id)",
            enterprise.Identifiers.Select(i => new { scheme = Kebab.Of(i.Scheme), value = i.Value, id }),
            transaction);
        await connection.ExecuteAsync(
            "insert into enterprise_contacts (enterprise_id, position, contact) values (@id, @position, @contact)",
            enterprise.Contacts.Select((c, position) => new { id, position, contact = JsonSerializer.Serialize(c, _json) }),
            transaction);
        return await AppendRevisionAsync(transaction, id, enterprise.Revision, operation, profile);
    }

    private Task<long> AppendRevisionAsync(IDbTransaction transaction, string id, int revision, string operation, string? profile) =>
        transaction.Connection!.ExecuteScalarAsync<long>(
            """
            insert into enterprise_revisions (enterprise_id, revision, operation, profile, changed_at)
            values (@id, @revision, @operation, @profile, @changedAt) returning sequence
            """,
            new { id, revision, operation, profile, changedAt = Now().ToUnixTimeMilliseconds() },
            transaction);

    private Enterprise ToEnterprise(Row row, IReadOnlyList<Contact> contacts) =>
        JsonSerializer.Deserialize<Enterprise>(row.Profile, _json)! with { Contacts = contacts, ContactErasures = row.ContactErasures };

    /// <summary>Whole milliseconds, as they are stored and answered.</summary>
    private DateTimeOffset Now() => DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());

    private sealed record Row
    {
        public string Profile { get; init; } = "";

        public int ContactErasures { get; init; }
    }

    private sealed record Holder
    {
        public string Id { get; init; } = "";

        public bool IsVisible { get; init; }
    }

    private sealed record RowWithContacts
    {
        public string Profile { get; init; } = "";

        public string Contacts { get; init; } = "";
    }
}

/// <summary>What a write did: the enterprise as stored, or the clash for which nothing was stored.</summary>
internal sealed record WriteResult(Enterprise? Enterprise, FieldError? Clash, IReadOnlyList<Change> Changes)
{
    /// <summary>There is no such enterprise for the caller; nothing was stored.</summary>
    public static WriteResult Nothing { get; } = new(null, null, []);

    /// <summary>It is, or would be, kept by another owner than the caller's; nothing was stored.</summary>
    public static WriteResult OfOthers { get; } = new(null, null, []) { IsOfOthers = true };

    public bool IsOfOthers { get; private init; }
}

/// <summary>One step of the order in which profiles change; null where the enterprise was deleted.</summary>
internal sealed record Change(long Sequence, string Id, Enterprise? Enterprise);

/// <summary>Which enterprises to list.</summary>
internal sealed record EnterpriseFilter(string? Region, string? Competency, string? Text, ProfileStatus? Status, EnterprisePosition? After, int Limit)
{
    public static string NameKeyOf(string name) => TextFolding.Fold(name);

    public static string SearchTextOf(Enterprise enterprise) => TextFolding.Fold(string.Join(' ', enterprise.Name, enterprise.NameRu, enterprise.NameBe, enterprise.City));
}

/// <summary>Where a list of enterprises stopped.</summary>
internal sealed record EnterprisePosition(string NameKey, string Id);
