using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;

namespace PartnerMatch.Soak;

/// <summary>What is stored in several places says the same in all of them; looked up in the file itself, besides the change feed as it is answered.</summary>
internal static class Books
{
    private static readonly (string What, string Count)[] Disagreements =
    [
        ("pages of the file that are damaged", "select count(*) from pragma_integrity_check where integrity_check <> 'ok'"),
        ("references to what is not there", "select count(*) from pragma_foreign_key_check"),
        ("enterprises that are not their last revision", """
            select count(*) from enterprises e
            left join enterprise_revisions r on r.enterprise_id = e.id and r.revision = (select max(revision) from enterprise_revisions where enterprise_id = e.id)
            where r.revision is not e.revision or r.operation is 'deleted' or r.profile is not e.profile
            """),
        ("last revisions without their enterprise", """
            select count(*) from (select enterprise_id, operation, max(revision) from enterprise_revisions group by enterprise_id)
            where operation <> 'deleted' and enterprise_id not in (select id from enterprises)
            """),
        ("enterprises whose revisions have gaps", "select count(*) from (select 1 from enterprise_revisions group by enterprise_id having min(revision) <> 1 or max(revision) <> count(*))"),
        ("revisions and changes that do not go together", """
            with a as (select enterprise_id, revision from enterprise_revisions),
                 b as (select subject, data ->> 'revision' from changes where type in ('enterprise.created', 'enterprise.updated', 'enterprise.deleted'))
            select (select count(*) from (select * from a except select * from b)) + (select count(*) from (select * from b except select * from a)) + abs((select count(*) from a) - (select count(*) from b))
            """),
        ("revisions and entries of the audit trail that do not go together", """
            with a as (select enterprise_id, revision from enterprise_revisions),
                 b as (select resource_id, revision from audit_trail where resource = 'enterprise')
            select (select count(*) from (select * from a except select * from b)) + (select count(*) from (select * from b except select * from a)) + abs((select count(*) from a) - (select count(*) from b))
            """),
        ("decisions that changes or the audit trail do not tell once", """
            select count(*) from decisions d
            where (select count(*) from changes where type = 'decision.made' and subject = d.id) <> 1
               or (select count(*) from audit_trail where resource = 'decision' and resource_id = d.id) <> 1
            """),
        ("gaps in the numbers of changes", "select coalesce(max(sequence), 0) - count(*) from changes"),
        ("competencies that the lists look for and the profiles do not name, or the other way round", """
            with a as (
                select e.id, o.value ->> 'code' as code from enterprises e, json_each(e.profile, '$.offers') o where o.value ->> 'code' is not null
                union select e.id, n.value ->> 'code' from enterprises e, json_each(e.profile, '$.needs') n where n.value ->> 'code' is not null),
                 b as (select enterprise_id, code from enterprise_competencies)
            select (select count(*) from (select * from a except select * from b)) + (select count(*) from (select * from b except select * from a))
            """),
        ("enterprises that the search does not find by their profile", "select count(*) from enterprises where instr(search_text, lower(profile ->> 'name')) = 0 or region <> profile ->> 'region' or status <> profile ->> 'status'"),
        ("revisions after the last data version", "select (select coalesce(max(sequence), 0) from enterprise_revisions) - (select sequence from data_versions order by id desc limit 1)"),
    ];

    public static async Task CheckAsync(string database, HttpClient client, Tally tally)
    {
        await using (var connection = new SqliteConnection($"Data Source={database};Pooling=False"))
        {
            await connection.OpenAsync();
            foreach (var (what, count) in Disagreements)
            {
                using var command = connection.CreateCommand();
                command.CommandText = count;
                if ((long)(await command.ExecuteScalarAsync())! is not 0 and var number)
                {
                    tally.Tear($"{number} {what}");
                }
            }
        }

        await FollowAsync(client, tally);
    }

    /// <summary>Reads the whole feed: every number once and in order.</summary>
    private static async Task FollowAsync(HttpClient client, Tally tally)
    {
        for (var after = 0L; ;)
        {
            var page = JsonNode.Parse(await client.GetStringAsync($"/v1/changes?after={after}&limit=100"))!["items"]!.AsArray();
            if (page.Count == 0)
            {
                return;
            }

            foreach (var change in page)
            {
                if ((long)change!["sequence"]! is var sequence && sequence != ++after)
                {
                    tally.Tear($"the feed goes on with {sequence} after {after - 1}");
                    after = sequence;
                }
            }
        }
    }
}
