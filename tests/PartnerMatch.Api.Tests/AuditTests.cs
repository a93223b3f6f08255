using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Dapper;
using Microsoft.Data.Sqlite;

namespace PartnerMatch.Api.Tests;

/// <summary>Who changed what, when and from where.</summary>
public sealed class AuditTests(ProductionFixture api) : IClassFixture<ProductionFixture>
{
    /// <summary>Tables whose changes are not audited, and why. A new table is audited by triggers or stands here.</summary>
    private static readonly Dictionary<string, string> Unaudited = new(StringComparer.Ordinal)
    {
        ["SchemaVersions"] = "written by migrations only",
        ["audit_context"] = "who is writing",
        ["audit_trail"] = "the trail itself",
        ["enterprises"] = "every change has its row in enterprise_revisions",
        ["enterprise_competencies"] = "part of the profile",
        ["enterprise_identifiers"] = "part of the profile",
        ["unmapped_words"] = "part of the profile",
        ["enterprise_contacts"] = "people can be erased; changes come with a revision of the profile",
        ["reference_versions"] = "written by the service itself at its start",
        ["scarcity_epochs"] = "measured by the service itself",
        ["data_versions"] = "follows the revisions of profiles",
        ["idempotency_keys"] = "answers, kept for a day",
        ["changes"] = "the feed: each row follows from a change that is audited",
        ["webhook_messages"] = "deliveries of the feed, made by the service itself",
        ["watch_matches"] = "found by the service itself, and told by the feed",
        ["watch_position"] = "how far the service itself has come",
        ["imports"] = "jobs; what they change is audited row by row",
        ["match_runs"] = "jobs that compute and change no data; the feed tells of each",
    };

    private readonly HttpClient _admin = api.Connect();

    [Fact]
    public async Task A_profile_is_followed_from_its_creation_to_its_end()
    {
        using var writer = await api.CreateClientAsync(["profiles:write"]);
        writer.DefaultRequestHeaders.UserAgent.ParseAdd("portal/2.1");
        writer.DefaultRequestHeaders.Add("Idempotency-Key", "followed");
        var id = (string)(await writer.CreateAsync(new { name = "First name", country = "BY", region = "BY-HM" }))["id"]!;
        using var patched = await writer.MergeAsync($"/v1/enterprises/{id}", ClientExtensions.Json("""{"name":"Second name"}""", "application/merge-patch+json"));
        Assert.True(patched.IsSuccessStatusCode);
        Assert.Equal(System.Net.HttpStatusCode.NoContent, (await writer.RemoveAsync($"/v1/enterprises/{id}")).StatusCode);

        var entries = (await _admin.GetJsonAsync($"/v1/audit?resource=enterprise&resourceId={id}"))["items"]!.AsArray();
        Assert.Equal(["deleted", "replaced", "created"], entries.Select(e => (string)e!["operation"]!));
        Assert.Equal([null, "Second name", "First name"], entries.Select(e => (string?)e!["after"]?["name"]));
        Assert.Equal(["Second name", "First name", null], entries.Select(e => (string?)e!["before"]?["name"]));
        Assert.All(entries, e =>
        {
            Assert.StartsWith("key:", (string)e!["actor"]!, StringComparison.Ordinal);
            Assert.Equal("test", (string?)e["actorName"]);
            Assert.Equal("portal/2.1", (string?)e["userAgent"]);
            Assert.NotEmpty((string)e["traceId"]!);
        });
        Assert.Single(entries.Select(e => (string)e!["actor"]!).Distinct());
    }

    [Fact]
    public async Task Keys_corridors_and_names_of_competencies_are_audited_and_secrets_are_not()
    {
        var issued = await api.CreateKeyAsync(["read"]);
        await _admin.DeleteAsync($"/v1/keys/{issued["id"]}");
        var key = (await _admin.GetJsonAsync($"/v1/audit?resource=api-key&resourceId={issued["id"]}"))["items"]!.AsArray();
        Assert.Equal(["replaced", "created"], key.Select(e => (string)e!["operation"]!));
        Assert.NotNull(key[0]!["after"]!["revokedAt"]);
        Assert.DoesNotContain("hash", key.ToJsonString(), StringComparison.OrdinalIgnoreCase);

        using var corridor = await _admin.PostAsJsonAsync("/v1/corridors", new { id = "kz-uz-audit", name = "Kazakhstan and Uzbekistan", first = new[] { "KZ" }, second = new[] { "UZ" } });
        Assert.Equal("kz-uz-audit", (string?)(await _admin.GetJsonAsync("/v1/audit?resource=corridor&limit=1"))["items"]![0]!["after"]!["id"]);
        using var alias = await _admin.PostAsJsonAsync("/v1/competencies/28.41.22/aliases", new { text = "audited thing", lang = "en" });
        var aliasId = (string)JsonNode.Parse(await alias.Content.ReadAsStringAsync())!["id"]!;
        await _admin.DeleteAsync($"/v1/competencies/28.41.22/aliases/{aliasId}");
        var named = (await _admin.GetJsonAsync($"/v1/audit?resource=competency-alias&resourceId={aliasId}"))["items"]!.AsArray();
        Assert.Equal("audited thing", (string?)named[0]!["before"]!["text"]);
        Assert.Equal("command", (string?)(await OldestAsync("api-key"))["actor"]);
        Assert.Equal("service", (string?)(await OldestAsync("corridor"))["actor"]);
    }

    [Fact]
    public async Task A_person_can_be_erased_and_the_trail_stays_whole()
    {
        var id = (string)(await _admin.CreateAsync(new { name = "Employer", country = "BY", region = "BY-HM", contacts = new[] { new { name = "Pavel Erasable", email = "erasable@example.org" } } }))["id"]!;
        using var replaced = await _admin.ReplaceAsync($"/v1/enterprises/{id}", new { name = "Employer", country = "BY", region = "BY-HM" });
        Assert.True(replaced.IsSuccessStatusCode);
        var trail = await _admin.GetJsonAsync($"/v1/audit?resource=enterprise&resourceId={id}");
        Assert.Equal(2, trail["items"]!.AsArray().Count);
        Assert.DoesNotContain("rasable", trail.ToJsonString(), StringComparison.Ordinal);
        await using var connection = await OpenAsync();
        Assert.Equal(0, await connection.ExecuteScalarAsync<int>("select (select count(*) from audit_trail where before || after like '%rasable%') + (select count(*) from enterprise_contacts where enterprise_id = @id)", new { id }));
    }

    [Fact]
    public async Task A_refused_change_leaves_no_entry_and_entries_are_never_altered()
    {
        var before = (long)(await _admin.GetJsonAsync("/v1/audit?limit=1"))["items"]![0]!["sequence"]!;
        await _admin.PostAsJsonAsync("/v1/corridors", new { id = "by-ru-sam", name = "Again", first = new[] { "KZ" }, second = new[] { "UZ" } }).ProblemAsync(409);
        Assert.Equal(before, (long)(await _admin.GetJsonAsync("/v1/audit?limit=1"))["items"]![0]!["sequence"]!);
        await using var connection = await OpenAsync();
        Assert.Contains("append-only", (await Assert.ThrowsAsync<SqliteException>(() => connection.ExecuteAsync("update audit_trail set actor = 'nobody'"))).Message, StringComparison.Ordinal);
        Assert.Contains("append-only", (await Assert.ThrowsAsync<SqliteException>(() => connection.ExecuteAsync("delete from audit_trail"))).Message, StringComparison.Ordinal);
        Assert.Null(await connection.ExecuteScalarAsync<string?>("select actor from audit_context"));
    }

    [Fact]
    public async Task The_trail_is_filtered_by_actor_and_time_and_read_page_by_page()
    {
        var issued = await api.CreateKeyAsync(["profiles:write"]);
        using var writer = await api.CreateClientAsync([]);
        writer.DefaultRequestHeaders.Authorization = ProductionFixture.Bearer((string)issued["secret"]!);
        for (var i = 0; i < 3; i++)
        {
            await writer.CreateAsync(new { name = $"Plant {i}", country = "BY", region = "BY-HM" });
        }

        var names = new List<string>();
        for (var next = $"/v1/audit?actor=key:{issued["id"]}&limit=2"; next is not null;)
        {
            var page = await _admin.GetJsonAsync(next);
            names.AddRange(page["items"]!.AsArray().Select(e => (string)e!["after"]!["name"]!));
            next = (string?)page["next"];
        }

        Assert.Equal(["Plant 2", "Plant 1", "Plant 0"], names);
        Assert.Empty((await _admin.GetJsonAsync("/v1/audit?from=2100-01-01T00:00:00Z"))["items"]!.AsArray());
        Assert.Empty((await _admin.GetJsonAsync("/v1/audit?to=2000-01-01T00:00:00Z"))["items"]!.AsArray());
    }

    [Theory]
    [InlineData("resourceId=x", "resourceId")]
    [InlineData("from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", "to")]
    [InlineData("from=yesterday", "from")]
    [InlineData("cursor=zzz", "cursor")]
    [InlineData("limit=0", "limit")]
    [InlineData("who=me", "who")]
    public async Task A_question_that_makes_no_sense_is_refused_by_parameter(string query, string parameter) =>
        Assert.Contains(parameter, (await _admin.GetAsync($"/v1/audit?{query}").ProblemAsync(400)).Paths());

    [Fact]
    public async Task Every_table_is_audited_or_said_not_to_be()
    {
        await using var connection = await OpenAsync();
        var tables = await connection.QueryAsync<string>("select name from sqlite_schema where type = 'table' and name not like 'sqlite_%'");
        var audited = (await connection.QueryAsync<string>("select tbl_name from sqlite_schema where type = 'trigger' and name like 'audit!_%!_insert' escape '!'")).ToHashSet();
        Assert.All(tables, t => Assert.True(audited.Contains(t) != Unaudited.ContainsKey(t), $"The table {t} must have audit triggers, or be listed here with the reason why not."));
    }

    private async Task<JsonNode> OldestAsync(string resource)
    {
        JsonNode page;
        var next = $"/v1/audit?resource={resource}&limit=100";
        do
        {
            page = await _admin.GetJsonAsync(next);
            next = (string?)page["next"];
        }
        while (next is not null);
        return page["items"]!.AsArray()[^1]!;
    }

    private async Task<SqliteConnection> OpenAsync()
    {
        var connection = new SqliteConnection($"Data Source={api.DatabaseFile};Pooling=False");
        await connection.OpenAsync();
        return connection;
    }
}
