using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;

namespace PartnerMatch.Api.Tests;

/// <summary>A key that is bound to an owner keeps its own enterprises and sees of others what is meant for it.</summary>
public sealed class OwnershipTests(ProductionFixture api) : IClassFixture<ProductionFixture>, IAsyncLifetime
{
    private static readonly string[] Portal = ["read", "match", "profiles:write"];
    private readonly HttpClient _staff = api.CreateClient();
    private HttpClient _north = null!;
    private HttpClient _south = null!;

    public async Task InitializeAsync()
    {
        _north = await api.CreateClientAsync(Portal, "north");
        _south = await api.CreateClientAsync(Portal, "south");
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task What_a_portal_creates_is_its_own()
    {
        var created = await _north.CreateAsync(Enterprise());
        Assert.Equal("north", (string?)created["owner"]);
        using var replaced = await _north.ReplaceAsync($"/v1/enterprises/{created["id"]}", Enterprise());
        Assert.Equal("north", (string?)JsonNode.Parse(await replaced.Content.ReadAsStringAsync())!["owner"]);
        await _north.PostAsJsonAsync("/v1/enterprises", Enterprise(owner: "south")).ProblemAsync(403);
        await _north.ReplaceAsync($"/v1/enterprises/{created["id"]}", Enterprise(owner: "south")).ProblemAsync(403);
        await _north.MergeAsync($"/v1/enterprises/{created["id"]}", ClientExtensions.Json("""{"owner":"south"}""", "application/merge-patch+json")).ProblemAsync(403);
        Assert.Equal("south", (string?)(await _staff.CreateAsync(Enterprise(owner: "south")))["owner"]);
    }

    [Theory]
    [InlineData("published", 403, 200)]
    [InlineData("withdrawn", 403, 200)]
    [InlineData("draft", 404, 404)]
    public async Task What_others_keep_is_not_changed_and_their_drafts_do_not_exist(string status, int change, int read)
    {
        var id = (string)(await _north.CreateAsync(Enterprise(status: status)))["id"]!;
        await _south.ReplaceAsync($"/v1/enterprises/{id}", Enterprise()).ProblemAsync(change);
        await _south.MergeAsync($"/v1/enterprises/{id}", ClientExtensions.Json("""{"employees":5}""", "application/merge-patch+json")).ProblemAsync(change);
        await _south.RemoveAsync($"/v1/enterprises/{id}").ProblemAsync(change);
        await _south.DeleteAsync($"/v1/enterprises/{id}/contacts").ProblemAsync(change);
        Assert.Equal(read, (int)(await _south.GetAsync($"/v1/enterprises/{id}")).StatusCode);
        if (status == "draft")
        {
            await _south.GetAsync($"/v1/enterprises/{id}/matches").ProblemAsync(404);
            await _south.GetAsync($"/v1/pairs/{id}/{id}").ProblemAsync(404);
            await _north.GetJsonAsync($"/v1/enterprises/{id}/matches");
        }

        Assert.Equal(1, (int)(await _staff.GetJsonAsync($"/v1/enterprises/{id}"))["revision"]!);
        Assert.Equal(System.Net.HttpStatusCode.NoContent, (await _north.RemoveAsync($"/v1/enterprises/{id}")).StatusCode);
    }

    [Fact]
    public async Task Lists_and_exports_hold_no_drafts_of_others()
    {
        var name = $"Secret works {Guid.NewGuid():n}";
        await _north.CreateAsync(Enterprise(name, status: "draft"));
        foreach (var (client, count) in new[] { (_north, 1), (_south, 0), (_staff, 1) })
        {
            Assert.Equal(count, (await client.GetJsonAsync($"/v1/enterprises?q={name}"))["items"]!.AsArray().Count);
            Assert.Equal(count > 0, (await client.GetStringAsync("/v1/enterprises/export?format=ndjson")).Contains(name, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Contacts_are_shown_to_the_keeper_to_staff_and_where_the_person_agreed()
    {
        var id = (string)(await _north.CreateAsync(Enterprise(contacts: [new { name = "Ivan Silent", email = "silent@example.org" }, new { name = "Olga Open", email = "open@example.org", shared = true }])))["id"]!;
        foreach (var client in new[] { _north, _staff })
        {
            Assert.Equal(2, (await client.GetJsonAsync($"/v1/enterprises/{id}"))["contacts"]!.AsArray().Count);
            Assert.Contains("silent@example.org", await client.GetStringAsync("/v1/enterprises/export?format=ndjson"), StringComparison.Ordinal);
        }

        Assert.Equal("Olga Open", (string?)(await _south.GetJsonAsync($"/v1/enterprises/{id}"))["contacts"]!.AsArray().Single()!["name"]);
        var export = await _south.GetStringAsync("/v1/enterprises/export?format=ndjson");
        Assert.Contains("open@example.org", export, StringComparison.Ordinal);
        Assert.DoesNotContain("silent@example.org", export, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_may_not_see_contacts_has_another_version_than_who_may()
    {
        var path = $"/v1/enterprises/{(string)(await _north.CreateAsync(Enterprise(contacts: [new { name = "Ivan Silent" }])))["id"]!}";
        var seen = new List<string>();
        foreach (var client in new[] { _staff, _north, _south })
        {
            using var read = await client.GetAsync(path);
            Assert.True(read.Headers.CacheControl!.NoStore);
            seen.Add(read.Headers.ETag!.ToString());
        }

        Assert.Equal(seen[0], seen[1]);
        Assert.NotEqual(seen[0], seen[2]);
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "If-None-Match", seen[2] } } };
        using var complete = await _staff.SendAsync(request);
        Assert.Equal(System.Net.HttpStatusCode.OK, complete.StatusCode);
    }

    [Fact]
    public async Task An_identifier_of_a_hidden_draft_is_taken_without_saying_by_whom()
    {
        object[] identifiers = [new { scheme = "unp", value = "100582333" }];
        var id = (string)(await _north.CreateAsync(Enterprise(status: "draft", identifiers: identifiers)))["id"]!;
        var problem = await _south.PostAsJsonAsync("/v1/enterprises", Enterprise(identifiers: identifiers)).ProblemAsync(409);
        Assert.DoesNotContain(id, problem.ToJsonString(), StringComparison.Ordinal);
        Assert.Contains(id, (await _staff.PostAsJsonAsync("/v1/enterprises", Enterprise(identifiers: identifiers)).ProblemAsync(409)).ToJsonString(), StringComparison.Ordinal);
        Assert.Equal(System.Net.HttpStatusCode.NoContent, (await _north.RemoveAsync($"/v1/enterprises/{id}")).StatusCode);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_import_stores_the_own_and_refuses_what_others_keep(bool asJob)
    {
        var own = $"Own {Guid.NewGuid():n}";
        var others = $"Others {Guid.NewGuid():n}";
        var hidden = $"Hidden {Guid.NewGuid():n}";
        var theirs = (string)(await _north.CreateAsync(Enterprise(others)))["id"]!;
        var named = (string)(await _north.CreateAsync(Enterprise($"{others}, named")))["id"]!;
        var draft = (string)(await _north.CreateAsync(Enterprise(hidden, status: "draft")))["id"]!;
        using var body = new StringContent(
            $"id;name_en;country;region;makes\n;{own};RU;RU-SAM;28.41.22\n;{others};RU;RU-SAM;28.41.22\n{named};Taken over;RU;RU-SAM;28.41.22\n;{hidden};RU;RU-SAM;28.41.22\n",
            Encoding.UTF8,
            "text/csv");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/enterprises/import?mode=partial") { Content = body };
        if (asJob)
        {
            request.Headers.Add("Prefer", "respond-async");
        }

        using var response = await _south.SendAsync(request);
        var import = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        while ((string)import["state"]! is "queued" or "running")
        {
            import = await _south.GetJsonAsync($"/v1/imports/{import["id"]}");
        }

        Assert.Equal(2, (int)import["report"]!["created"]!);
        Assert.Equal([3, 4], import["report"]!["refusedRows"]!.AsArray().Select(r => (int)r!["row"]!));
        Assert.DoesNotContain(draft, import.ToJsonString(), StringComparison.Ordinal);
        var stored = (await _south.GetJsonAsync($"/v1/enterprises?q={own}"))["items"]!.AsArray().Single()!;
        Assert.Equal("south", (string?)stored["owner"]);
        Assert.StartsWith("key:", (string?)(await _staff.GetJsonAsync($"/v1/audit?resource=enterprise&resourceId={stored["id"]}"))["items"]![0]!["actor"], StringComparison.Ordinal);
        Assert.Equal(others, (string?)(await _staff.GetJsonAsync($"/v1/enterprises/{theirs}"))["name"]);
        await _north.GetAsync($"/v1/imports/{import["id"]}").ProblemAsync(404);
        await _north.PostAsync($"/v1/imports/{import["id"]}/cancel", null).ProblemAsync(404);
        await _staff.GetJsonAsync($"/v1/imports/{import["id"]}");
    }

    [Fact]
    public async Task A_line_that_names_another_owner_is_refused()
    {
        using var body = new StringContent("""{"name":"North line","country":"RU","region":"RU-SAM","owner":"north"}""" + "\n", Encoding.UTF8, "application/x-ndjson");
        var problem = await _south.PostAsync("/v1/enterprises/import", body).ProblemAsync(422);
        Assert.Equal("owner", (string?)problem["import"]!["report"]!["refusedRows"]![0]!["field"]);
    }

    [Fact]
    public async Task The_feed_tells_nothing_of_drafts_and_searches_of_others()
    {
        var draft = (string)(await _north.CreateAsync(Enterprise("Hidden in the feed", status: "draft")))["id"]!;
        var published = (string)(await _north.CreateAsync(Enterprise("Shown in the feed")))["id"]!;
        using var saved = await _north.PostAsJsonAsync("/v1/watches", new { enterprise = published, minScore = 0 });
        var watch = (string)JsonNode.Parse(await saved.Content.ReadAsStringAsync())!["id"]!;
        var buyer = (string)(await _south.CreateAsync(new { name = "Buyer for the feed", country = "BY", region = "BY-HM", needs = new[] { new { code = "28.41.22" } } }))["id"]!;
        await FindAsync(_north, c => (string)c["type"]! == "watch.matched" && (string)c["subject"]! == watch && (string)c["data"]!["partner"]! == buyer);

        var told = await FindAsync(_south, c => (string)c["subject"]! == buyer);
        Assert.Contains(published, told);
        Assert.DoesNotContain(draft, told);
        Assert.DoesNotContain(watch, await FindAsync(_south, _ => false));
        Assert.Contains(draft, await FindAsync(_staff, c => (string)c["subject"]! == draft));
        await _south.GetAsync($"/v1/watches/{watch}").ProblemAsync(404);
        await _south.DeleteAsync($"/v1/watches/{watch}").ProblemAsync(404);
        await _south.PostAsJsonAsync("/v1/watches", new { enterprise = draft }).ProblemAsync(400);
        Assert.DoesNotContain((await _south.GetJsonAsync("/v1/watches"))["items"]!.AsArray(), w => (string)w!["id"]! == watch);
    }

    /// <summary>The subjects of all that the feed tells a caller until something is found, or to its end.</summary>
    private static async Task<IReadOnlyList<string>> FindAsync(HttpClient client, Func<JsonNode, bool> isFound)
    {
        var subjects = new List<string>();
        for (var (next, last) = ("/v1/changes?limit=100&wait=3", -1L); ;)
        {
            var page = await client.GetJsonAsync(next);
            var items = page["items"]!.AsArray().Select(c => c!).ToArray();
            subjects.AddRange(items.Select(c => (string)c["subject"]!));
            if (items.Any(isFound) || (long)page["last"]! == last)
            {
                return subjects;
            }

            (next, last) = ((string)page["next"]! + "&wait=3", (long)page["last"]!);
        }
    }

    private static object Enterprise(string name = "Plant", string? owner = null, string? status = null, object[]? contacts = null, object[]? identifiers = null) =>
        new { name, country = "RU", region = "RU-SAM", owner, status, contacts, identifiers, offers = new[] { new { code = "28.41.22" } } };
}
