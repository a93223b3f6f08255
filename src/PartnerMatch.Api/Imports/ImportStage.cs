using System.Data;
using System.Text.Json;
using Dapper;
using Microsoft.Data.Sqlite;
using PartnerMatch.Api.Enterprises;
using PartnerMatch.Api.Http;
using PartnerMatch.Api.Storage;
using PartnerMatch.Classification;
using PartnerMatch.Ranking.Profiles;

namespace PartnerMatch.Api.Imports;

/// <summary>
/// The rows of one import in a SQLite file of their own, attached to a connection to the database: read into it, compared there with what is
/// stored, and from it stored by a few statements over all rows. The file needs no durability; an import that is interrupted begins anew from its body.
/// </summary>
internal sealed class ImportStage : IAsyncDisposable
{
    private const string Schema =
        """
        create table stage.rows (row integer primary key, given_id text, name_key text not null, only_ru integer not null, country text not null, region text not null, content text not null, target text, refused integer not null default 0);
        create table stage.row_identifiers (row integer not null, scheme text not null, value text not null, primary key (row, scheme, value)) without rowid;
        create table stage.row_keys (key text not null, country text not null, row integer not null, primary key (key, country, row)) without rowid;
        create table stage.known (id text primary key, country text not null, region text not null, name text not null, name_key text not null, name_ru_key text) without rowid;
        create table stage.known_keys (key text not null, country text not null, id text not null, primary key (key, country, id)) without rowid;
        create table stage.candidates (row integer not null, id text not null, primary key (row, id)) without rowid;
        create table stage.planned (row integer primary key, id text not null, created integer not null, status text not null, country text not null, region text not null, name_key text not null, search_text text not null, profile text not null, revision integer not null, created_at integer not null, updated_at integer not null);
        create table stage.planned_codes (code text not null, id text not null, primary key (code, id)) without rowid;
        create table stage.planned_words (folded text not null, id text not null, text text not null, primary key (folded, id)) without rowid;
        create table stage.planned_identifiers (scheme text not null, value text not null, id text not null, primary key (scheme, value)) without rowid;
        create table stage.planned_contacts (id text not null, position integer not null, contact text not null, primary key (id, position)) without rowid;
        """;

    private readonly SqliteConnection _connection;
    private readonly JsonSerializerOptions _json;

    /// <summary>Hashes of the names of all rows: only stored enterprises that may match one are looked at closer.</summary>
    private readonly HashSet<int> _names = [];

    private ImportStage(SqliteConnection connection, JsonSerializerOptions json)
    {
        _connection = connection;
        _json = json;
    }

    public SqliteConnection Connection => _connection;

    public static async Task<ImportStage> CreateAsync(SqliteDatabase database, string file, JsonSerializerOptions json, CancellationToken cancellation)
    {
        File.Delete(file);
        var connection = await database.OpenWithStageAsync(file, cancellation);
        await connection.ExecuteAsync(Schema);
        return new ImportStage(connection, json);
    }

    public void Add(IEnumerable<StagedRow> rows)
    {
        using var transaction = _connection.BeginTransaction(deferred: true);
        using var row = new Insert(transaction, "stage.rows", "row", "given_id", "name_key", "only_ru", "country", "region", "content");
        using var identifier = new Insert(transaction, "stage.row_identifiers", "row", "scheme", "value");
        using var key = new Insert(transaction, "stage.row_keys", "key", "country", "row");
        foreach (var r in rows)
        {
            var nameKey = NameKeys.Whole(r.Request.Name);
            row.Run(r.Number, r.Id, nameKey, r.Entries is { NameEn: null } ? 1 : 0, r.Request.Country, r.Request.Region, JsonSerializer.Serialize(r, _json));
            foreach (var i in r.Request.Identifiers ?? [])
            {
                identifier.Run(r.Number, Kebab.Of(i.Scheme), i.Value);
            }

            _names.Add(HashOf(nameKey));
            foreach (var k in NameKeys.Of(r.Request.Name).Union(NameKeys.Of(r.Request.NameRu)))
            {
                key.Run(k, r.Request.Country, r.Number);
                _names.Add(HashOf(k));
            }
        }

        transaction.Commit();
    }

    /// <summary>Finds for each row the stored enterprise that it means: by id, then by identifier, then by name, country and region. Refuses what means none surely.</summary>
    /// <param name="stored">All stored enterprises, in order of id.</param>
    /// <param name="owner">The owner to whose enterprises the import is bound: those of others are not changed, and their drafts not known. Null where it is bound to none.</param>
    public IReadOnlyList<RefusedRow> Match(IEnumerable<EnterpriseProfile> stored, string? owner)
    {
        using var transaction = _connection.BeginTransaction(deferred: true);
        Execute("delete from stage.known; delete from stage.known_keys; delete from stage.candidates; update stage.rows set target = null, refused = 0 where target is not null or refused <> 0;");
        Execute("create index if not exists stage.ix_row_identifiers_value on row_identifiers (scheme, value); create index if not exists stage.ix_rows_name_key on rows (name_key); create index if not exists stage.ix_rows_target on rows (target);");
        var hidden = owner is null ? [] : _connection.Query<string>("select id from main.enterprises where status = 'draft' and owner is not @owner", new { owner }, transaction).ToHashSet(StringComparer.Ordinal);
        AddKnown(transaction, hidden.Count == 0 ? stored : stored.Where(p => !hidden.Contains(p.Id)));
        var refused = new Dictionary<int, RefusedRow>();

        Execute("update stage.rows set target = given_id where exists (select 1 from main.enterprises e where e.id = rows.given_id)");
        Execute(
            """
            update stage.rows set target = f.enterprise_id
            from (select i.row, min(e.enterprise_id) as enterprise_id from stage.row_identifiers i join main.enterprise_identifiers e on e.scheme = i.scheme and e.value = i.value group by i.row) f
            where f.row = rows.row and rows.target is null
            """);
        Refuse(
            """
            select r.row as Row, i.scheme as Field, i.value as Value, e.enterprise_id as Other
            from stage.row_identifiers i join stage.rows r on r.row = i.row join main.enterprise_identifiers e on e.scheme = i.scheme and e.value = i.value
            where e.enterprise_id <> r.target
            """,
            f => hidden.Contains(f.Other)
                ? new RefusedRow(f.Row, f.Field, $"The {f.Field} {f.Value} belongs to another enterprise.")
                : new RefusedRow(f.Row, f.Field, $"The {f.Field} {f.Value} belongs to the enterprise '{f.Other}'.", [f.Other]));

        // An enterprise that a row names surely is not taken by its name for another row, nor one that states another identifier.
        const string Eligible =
            """
            where r.target is null and k.country = r.country and k.region = r.region
              and not exists (select 1 from stage.rows c where c.target = k.id)
              and not exists (select 1 from stage.row_identifiers i join main.enterprise_identifiers e on e.scheme = i.scheme and e.enterprise_id = k.id where i.row = r.row)
            """;
        Execute($"insert into stage.candidates select r.row, k.id from stage.known k join stage.rows r on r.name_key = k.name_key {Eligible}");
        Execute($"insert or ignore into stage.candidates select r.row, k.id from stage.known k join stage.rows r on r.name_key = k.name_ru_key and r.only_ru = 1 {Eligible}");
        Refuse(
            "select row as Row, '' as Field, '' as Value, group_concat(id, ' ') as Other from stage.candidates group by row having count(*) > 1",
            f => new RefusedRow(f.Row, "$", "Several stored enterprises have this name in this region: give the id or an identifier.", [.. f.Other.Split(' ').Take(10)]));
        Execute("update stage.rows set target = c.id from stage.candidates c where c.row = rows.row and rows.refused = 0");

        if (owner is not null)
        {
            Refuse(
                "select r.row as Row, '' as Field, '' as Value, '' as Other from stage.rows r join main.enterprises e on e.id = r.target where r.refused = 0 and e.owner is not @owner",
                f => new RefusedRow(f.Row, "$", "Another owner keeps this enterprise."));
        }

        // One enterprise stands in a file once.
        RefuseRepeated("target", "where target is not null and refused = 0", SheetColumns.Id);
        RefuseRepeated("given_id", "where target is null and given_id is not null and refused = 0", SheetColumns.Id);
        RefuseRepeated("country, region, name_key", "where target is null and given_id is null and refused = 0 and not exists (select 1 from stage.row_identifiers i where i.row = rows.row)", SheetColumns.NameEn);
        Refuse(
            """
            select i.row as Row, i.scheme as Field, i.value as Value, cast(f.first as text) as Other
            from (select scheme, value, min(i.row) as first from stage.row_identifiers i join stage.rows r on r.row = i.row and r.refused = 0 group by scheme, value having count(*) > 1) f
            join stage.row_identifiers i on i.scheme = f.scheme and i.value = f.value and i.row > f.first
            """,
            f => new RefusedRow(f.Row, f.Field, $"The {f.Field} {f.Value} stands in row {f.Other} already."));
        transaction.Commit();
        return [.. refused.Values.OrderBy(r => r.Row)];

        void Execute(string sql) => _connection.Execute(sql, transaction: transaction);

        void RefuseRepeated(string key, string where, string field) => Refuse(
            $"select row as Row, '' as Field, '' as Value, cast(first as text) as Other from (select row, min(row) over (partition by {key}) as first from stage.rows {where}) where row > first",
            f => new RefusedRow(f.Row, field, $"The row means the same enterprise as row {f.Other}."));

        void Refuse(string sql, Func<Finding, RefusedRow> toRow)
        {
            foreach (var finding in _connection.Query<Finding>(sql, new { owner }, transaction).AsList())
            {
                if (refused.TryAdd(finding.Row, toRow(finding)))
                {
                    _connection.Execute("update stage.rows set refused = 1 where row = @Row", finding, transaction);
                }
            }
        }
    }

    /// <summary>The new enterprises that may be stored, or stand in the file, under another name or place.</summary>
    public (int Count, IReadOnlyList<PossibleDuplicate> First) FindDuplicates(int limit)
    {
        const string Found =
            """
            with found as (
                select r.row, min(k.id) as id, null as other
                from stage.rows r join stage.row_keys rk on rk.row = r.row join stage.known_keys k on k.key = rk.key and k.country = rk.country
                where r.target is null and r.refused = 0
                group by r.row
                union all
                select r.row, null, min(f.first)
                from stage.rows r join stage.row_keys rk on rk.row = r.row
                join (select n.key, n.country, min(n.row) as first from stage.row_keys n join stage.rows o on o.row = n.row and o.target is null and o.refused = 0
                      group by n.key, n.country having count(*) > 1) f on f.key = rk.key and f.country = rk.country
                where r.target is null and r.refused = 0 and f.first < r.row
                group by r.row
            )
            """;
        var count = _connection.ExecuteScalar<int>($"{Found} select count(distinct row) from found");
        var rows = _connection.Query<DuplicateRow>(
            $"""
            {Found}
            select f.row as Row, json_extract(r.content, '$.request.name') as Name, f.id as Id, f.other as OtherRow,
                   coalesce(k.name, json_extract(o.content, '$.request.name')) as OtherName, coalesce(k.region, o.region) as OtherRegion
            from found f join stage.rows r on r.row = f.row left join stage.known k on k.id = f.id left join stage.rows o on o.row = f.other
            order by f.row limit @limit
            """,
            new { limit });
        return (count, [.. rows.Select(r => new PossibleDuplicate(r.Row, r.Name, r.Id, r.OtherRow, r.OtherName, r.OtherRegion))]);
    }

    /// <summary>The rows that are not refused, in their order, from after <paramref name="after"/>, each with the stored enterprise that it means.</summary>
    public IReadOnlyList<MatchedRow> ReadMatched(int after, int limit)
    {
        // The last revision of an id that was deleted goes on.
        var rows = _connection.Query<ContentRow>(
            """
            select r.row as Row, r.content as Content, e.profile as Profile,
                   case when r.target is null and r.given_id is not null then (select max(v.revision) from main.enterprise_revisions v where v.enterprise_id = r.given_id) end as LastRevision,
                   case when e.id is not null then (select json_group_array(json(contact)) from (select c.contact from main.enterprise_contacts c where c.enterprise_id = e.id order by c.position)) end as Contacts
            from stage.rows r left join main.enterprises e on e.id = r.target
            where r.row > @after and r.refused = 0
            order by r.row limit @limit
            """,
            new { after, limit });
        return [.. rows.Select(r => new MatchedRow(r.Row, r.Content, r.Profile, r.Contacts, r.LastRevision ?? 0))];
    }

    /// <summary>Forgets what was planned.</summary>
    public void ClearPlan() => _connection.Execute(
        "delete from stage.planned; delete from stage.planned_codes; delete from stage.planned_words; delete from stage.planned_identifiers; delete from stage.planned_contacts;");

    /// <summary>Keeps what is to be stored, in the shapes of the tables.</summary>
    public void Plan(IEnumerable<PlannedRow> rows)
    {
        using var transaction = _connection.BeginTransaction(deferred: true);
        using var planned = new Insert(transaction, "stage.planned", "row", "id", "created", "status", "country", "region", "name_key", "search_text", "profile", "revision", "created_at", "updated_at");
        using var code = new Insert(transaction, "stage.planned_codes", "code", "id");
        using var word = new Insert(transaction, "stage.planned_words", "folded", "id", "text");
        using var identifier = new Insert(transaction, "stage.planned_identifiers", "scheme", "value", "id");
        using var contact = new Insert(transaction, "stage.planned_contacts", "id", "position", "contact");
        foreach (var (row, e, isNew, profile) in rows)
        {
            planned.Run(row, e.Id, isNew ? 1 : 0, Kebab.Of(e.Status), e.Country, e.Region, EnterpriseFilter.NameKeyOf(e.Name), EnterpriseFilter.SearchTextOf(e), profile, e.Revision, e.CreatedAt.ToUnixTimeMilliseconds(), e.UpdatedAt.ToUnixTimeMilliseconds());
            foreach (var c in e.Offers.Select(o => o.Code).Union(e.Needs.Select(n => n.Code)).OfType<string>())
            {
                code.Run(c, e.Id);
            }

            foreach (var text in e.Offers.Where(o => o.Code is null).Select(o => o.Text!).Concat(e.Needs.Where(n => n.Code is null).Select(n => n.Text!)).DistinctBy(TextFolding.Fold))
            {
                word.Run(TextFolding.Fold(text), e.Id, text);
            }

            foreach (var i in e.Identifiers)
            {
                identifier.Run(Kebab.Of(i.Scheme), i.Value, e.Id);
            }

            foreach (var (position, c) in e.Contacts.Index())
            {
                contact.Run(e.Id, position, JsonSerializer.Serialize(c, _json));
            }
        }

        transaction.Commit();
    }

    /// <summary>The last change of any enterprise.</summary>
    public static Task<long> ReadSequenceAsync(IDbTransaction transaction) =>
        transaction.Connection!.ExecuteScalarAsync<long>("select coalesce(max(sequence), 0) from main.enterprise_revisions", transaction: transaction);

    /// <summary>Stores what was planned, within a transaction on this stage's connection.</summary>
    public static Task StoreAsync(IDbTransaction transaction)
    {
        const string Updated = "(select id from stage.planned where created = 0)";
        return transaction.Connection!.ExecuteAsync(
            $"""
            delete from main.enterprise_competencies where enterprise_id in {Updated};
            delete from main.unmapped_words where enterprise_id in {Updated};
            delete from main.enterprise_identifiers where enterprise_id in {Updated};
            delete from main.enterprise_contacts where enterprise_id in {Updated};
            insert into main.enterprises (id, status, country, region, name_key, search_text, profile, revision, created_at, updated_at)
            select id, status, country, region, name_key, search_text, profile, revision, created_at, updated_at from stage.planned where true order by row
            on conflict (id) do update set status = excluded.status, country = excluded.country, region = excluded.region,
                name_key = excluded.name_key, search_text = excluded.search_text, profile = excluded.profile,
                revision = excluded.revision, updated_at = excluded.updated_at;
            insert into main.enterprise_competencies (code, enterprise_id) select code, id from stage.planned_codes order by code, id;
            insert into main.unmapped_words (folded, enterprise_id, text) select folded, id, text from stage.planned_words order by folded, id;
            insert into main.enterprise_identifiers (scheme, value, enterprise_id) select scheme, value, id from stage.planned_identifiers order by scheme, value;
            insert into main.enterprise_contacts (enterprise_id, position, contact) select id, position, contact from stage.planned_contacts order by id, position;
            insert into main.enterprise_revisions (enterprise_id, revision, operation, profile, changed_at)
            select id, revision, iif(created, 'created', 'replaced'), profile, updated_at from stage.planned order by row;
            """,
            transaction: transaction);
    }

    /// <summary>The profiles that were planned, in their order, one at a time.</summary>
    public IEnumerable<Enterprise> ReadPlanned()
    {
        using var command = _connection.CreateCommand();
        command.CommandText = "select profile from stage.planned order by row";
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            yield return JsonSerializer.Deserialize<Enterprise>(reader.GetString(0), _json)!;
        }
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private void AddKnown(SqliteTransaction transaction, IEnumerable<EnterpriseProfile> stored)
    {
        using var known = new Insert(transaction, "stage.known", "id", "country", "region", "name", "name_key", "name_ru_key");
        using var knownKey = new Insert(transaction, "stage.known_keys", "key", "country", "id");
        foreach (var profile in stored)
        {
            var nameKey = NameKeys.Whole(profile.Name);
            var nameRuKey = profile.NameRu is null ? null : NameKeys.Whole(profile.NameRu);
            var keys = NameKeys.Of(profile.Name).Union(NameKeys.Of(profile.NameRu)).Where(k => _names.Contains(HashOf(k))).ToArray();
            if (keys.Length > 0 || _names.Contains(HashOf(nameKey)) || (nameRuKey is not null && _names.Contains(HashOf(nameRuKey))))
            {
                known.Run(profile.Id, profile.Country, profile.Region, profile.Name, nameKey, nameRuKey);
                foreach (var key in keys)
                {
                    knownKey.Run(key, profile.Country, profile.Id);
                }
            }
        }
    }

    private static int HashOf(string text) => text.GetHashCode(StringComparison.Ordinal);

    /// <summary>A prepared insert.</summary>
    private sealed class Insert : IDisposable
    {
        private readonly SqliteCommand _command;

        public Insert(SqliteTransaction transaction, string table, params string[] columns)
        {
            _command = transaction.Connection!.CreateCommand();
            _command.Transaction = transaction;
            _command.CommandText = $"insert into {table} ({string.Join(", ", columns)}) values ({string.Join(", ", columns.Select(c => "$" + c))})";
            foreach (var column in columns)
            {
                _command.Parameters.Add(new SqliteParameter { ParameterName = "$" + column });
            }

            _command.Prepare();
        }

        public void Run(params ReadOnlySpan<object?> values)
        {
            for (var i = 0; i < values.Length; i++)
            {
                _command.Parameters[i].Value = values[i] ?? DBNull.Value;
            }

            _command.ExecuteNonQuery();
        }

        public void Dispose() => _command.Dispose();
    }

    private sealed record Finding
    {
        public int Row { get; init; }

        public string Field { get; init; } = "";

        public string Value { get; init; } = "";

        public string Other { get; init; } = "";
    }

    private sealed record DuplicateRow
    {
        public int Row { get; init; }

        public string Name { get; init; } = "";

        public string? Id { get; init; }

        public int? OtherRow { get; init; }

        public string OtherName { get; init; } = "";

        public string OtherRegion { get; init; } = "";
    }

    private sealed record ContentRow
    {
        public int Row { get; init; }

        public string Content { get; init; } = "";

        public string? Profile { get; init; }

        public int? LastRevision { get; init; }

        public string? Contacts { get; init; }
    }
}

/// <summary>A row as JSON beside the stored enterprise that it means, whose profile and contacts are null where it is new.</summary>
internal sealed record MatchedRow(int Row, string Content, string? Profile, string? Contacts, int LastRevision);

/// <summary>An enterprise that is to be stored, with its profile as it will be kept.</summary>
internal sealed record PlannedRow(int Row, Enterprise Enterprise, bool IsNew, string Profile);
