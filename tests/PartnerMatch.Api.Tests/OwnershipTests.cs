using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Hosting;

namespace PartnerMatch.Api.Tests;

/// <summary>A key that is bound to an owner keeps its own enterprises and sees of others what is meant for it.</summary>
public sealed class OwnershipTests(OwnershipTests.OwnersFixture api) : IClassFixture<OwnershipTests.OwnersFixture>, IAsyncLifetime
{
    private static readonly string[] Portal = ["read", "match", "profiles:write", "missions:write"];
    private readonly HttpClient _staff = api.Connect();
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

            // As of an id that nothing bears.
            Assert.Empty((await _south.GetJsonAsync($"/v1/pairs/{id}/nothing/decisions"))["items"]!.AsArray());
            await _north.GetJsonAsync($"/v1/enterprises/{id}/matches");
        }

        Assert.Equal(1, (int)(await _staff.GetJsonAsync($"/v1/enterprises/{id}"))["revision"]!);
        Assert.Equal(HttpStatusCode.NoContent, (await _north.RemoveAsync($"/v1/enterprises/{id}")).StatusCode);
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
    public async Task A_portal_is_not_told_how_many_drafts_there_are()
    {
        var (_, buyer) = await PairAsync("counting");
        await _north.CreateAsync(Enterprise("Counted by staff only", status: "draft"));
        foreach (var (client, told) in new[] { (_staff, true), (_south, false) })
        {
            var list = await client.GetJsonAsync($"/v1/enterprises/{buyer}/matches?form=supplier");
            Assert.Equal(told, list["meta"]!["excluded"]!.AsArray().Any(e => (string)e!["reason"]! == "draft"));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_draft_of_others_is_not_to_be_had_as_it_was(bool published)
    {
        var (_, buyer) = await PairAsync("looking back");
        var draft = await _north.CreateAsync(Enterprise("Not to be known yet", status: "draft"));
        var path = $"/v1/enterprises/{draft["id"]}";
        var then = DateTimeOffset.UtcNow;
        if (published)
        {
            await _north.ReplaceAsync(path, Enterprise("Known to all", status: "published"));
        }
        else
        {
            await _north.RemoveAsync(path);
        }

        var pair = $"/v1/pairs/{draft["id"]}/{buyer}?form=supplier&asOf={Uri.EscapeDataString(then.ToString("O"))}";
        await _south.GetAsync(pair).ProblemAsync(404);
        foreach (var client in new[] { _north, _staff })
        {
            Assert.Equal("Not to be known yet", (string)(await client.GetJsonAsync(pair))["a"]!["name"]!);
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
        Assert.Equal(HttpStatusCode.OK, complete.StatusCode);
    }

    [Fact]
    public async Task An_identifier_of_a_hidden_draft_is_taken_without_saying_by_whom()
    {
        object[] identifiers = [new { scheme = "unp", value = "100582333" }];
        var id = (string)(await _north.CreateAsync(Enterprise(status: "draft", identifiers: identifiers)))["id"]!;
        var problem = await _south.PostAsJsonAsync("/v1/enterprises", Enterprise(identifiers: identifiers)).ProblemAsync(409);
        Assert.DoesNotContain(id, problem.ToJsonString(), StringComparison.Ordinal);
        Assert.Contains(id, (await _staff.PostAsJsonAsync("/v1/enterprises", Enterprise(identifiers: identifiers)).ProblemAsync(409)).ToJsonString(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NoContent, (await _north.RemoveAsync($"/v1/enterprises/{id}")).StatusCode);
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

    [Fact]
    public async Task A_watch_is_told_nothing_of_an_enterprise_that_its_keeper_took_back()
    {
        var (withdrawn, _) = await PairAsync("taken back");
        var (shown, _) = await PairAsync("still shown");
        var watches = new List<string>();
        foreach (var enterprise in new[] { withdrawn, shown })
        {
            using var saved = await _south.PostAsJsonAsync("/v1/watches", new { enterprise, minScore = 0 });
            watches.Add((string)JsonNode.Parse(await saved.Content.ReadAsStringAsync())!["id"]!);
        }

        using var back = await _north.ReplaceAsync($"/v1/enterprises/{withdrawn}", Enterprise("Supplier, taken back", status: "draft"));
        Assert.Equal(HttpStatusCode.OK, back.StatusCode);
        await _staff.CreateAsync(new { name = "Buyer, after it was taken back", country = "BY", region = "BY-HM", needs = new[] { new { code = "28.41.22" } } });
        var told = await FindAsync(_south, c => (string)c["type"]! == "watch.matched" && (string)c["subject"]! == watches[1]);
        Assert.Contains(watches[1], told);
        Assert.DoesNotContain(watches[0], told);
    }

    [Fact]
    public async Task A_drafts_tombstone_is_told_to_its_keeper_and_staff_only()
    {
        var draft = (string)(await _north.CreateAsync(Enterprise("Never shown", status: "draft")))["id"]!;
        var shown = (string)(await _north.CreateAsync(Enterprise("Shown once")))["id"]!;
        foreach (var id in new[] { draft, shown })
        {
            Assert.Equal(HttpStatusCode.NoContent, (await _north.RemoveAsync($"/v1/enterprises/{id}")).StatusCode);
        }

        foreach (var (client, sees) in new[] { (_north, true), (_south, false), (_staff, true) })
        {
            var told = await FindAsync(client, _ => false);
            Assert.Contains(shown, told);
            Assert.Equal(sees, told.Contains(draft));
        }
    }

    [Fact]
    public async Task A_match_run_is_seen_and_changed_by_who_asked_for_it_and_staff_only()
    {
        var (asking, _) = await PairAsync("run");
        var run = await _north.RunAsync(new { enterprises = new[] { asking } });
        var path = $"/v1/match-runs/{run["id"]}";
        Assert.Equal("north", (string?)run["owner"]);
        foreach (var part in new[] { "", "/results", "/results/export", "/events" })
        {
            await _south.GetAsync(path + part).ProblemAsync(404);
            foreach (var client in new[] { _north, _staff })
            {
                using var seen = await client.GetAsync(path + part);
                Assert.Equal(HttpStatusCode.OK, seen.StatusCode);
            }
        }

        await _south.PostAsync(path + "/cancel", null).ProblemAsync(404);
        await _south.DeleteAsync(path).ProblemAsync(404);
        foreach (var (client, sees) in new[] { (_north, true), (_south, false), (_staff, true) })
        {
            Assert.Equal(sees, (await client.GetJsonAsync("/v1/match-runs?limit=100"))["items"]!.AsArray().Any(r => (string)r!["id"]! == (string)run["id"]!));
            Assert.Equal(sees, (await FindAsync(client, c => (string)c["subject"]! == (string)run["id"]!)).Contains((string)run["id"]!));
        }

        await _north.PostAsync(path + "/cancel", null).ProblemAsync(409);
        Assert.Equal(HttpStatusCode.NoContent, (await _north.DeleteAsync(path)).StatusCode);

        var ofStaff = await _staff.RunAsync(new { enterprises = new[] { asking } });
        Assert.Null(ofStaff["owner"]);
        await _north.GetAsync($"/v1/match-runs/{ofStaff["id"]}").ProblemAsync(404);
    }

    [Fact]
    public async Task The_feed_goes_on_telling_their_owner_of_runs_and_watches_that_are_gone()
    {
        var (asking, _) = await PairAsync("gone");
        var run = (string)(await _north.RunAsync(new { enterprises = new[] { asking } }))["id"]!;
        using var saved = await _north.PostAsJsonAsync("/v1/watches", new { enterprise = asking, minScore = 0 });
        var watch = (string)JsonNode.Parse(await saved.Content.ReadAsStringAsync())!["id"]!;
        await _staff.CreateAsync(new { name = "Buyer, found before it is gone", country = "BY", region = "BY-HM", needs = new[] { new { code = "28.41.22" } } });
        await FindAsync(_north, c => (string)c["type"]! == "watch.matched" && (string)c["subject"]! == watch);
        foreach (var path in new[] { $"/v1/match-runs/{run}", $"/v1/watches/{watch}" })
        {
            Assert.Equal(HttpStatusCode.NoContent, (await _north.DeleteAsync(path)).StatusCode);
        }

        foreach (var (client, entries) in new[] { (_north, 3), (_south, 0), (_staff, 3) })
        {
            Assert.Equal(entries, (await FindAsync(client, _ => false)).Count(s => s == run || s == watch));
        }
    }

    [Fact]
    public async Task The_run_that_answers_a_large_corridor_is_seen_by_all_and_removed_by_staff()
    {
        const string corridor = "of-runs";
        using var stored = await _staff.PostAsJsonAsync("/v1/corridors", new { id = corridor, name = "Answered from runs", first = new[] { "BY" }, second = new[] { "RU-SAM" } });
        Assert.Equal(HttpStatusCode.Created, stored.StatusCode);

        await PairAsync("corridor");
        await PairAsync("corridor too");

        // A run of staff would answer the corridor; to a portal it does not exist.
        var ofStaff = await _staff.RunAsync(new { corridor });
        using var started = await _north.GetAsync($"/v1/pairs?corridor={corridor}");
        Assert.Equal(HttpStatusCode.Accepted, started.StatusCode);
        var run = await _north.WaitAsync(started.Headers.Location!.ToString());
        Assert.NotEqual((string)ofStaff["id"]!, (string)run["id"]!);
        Assert.True((bool)run["automatic"]!);
        Assert.Null(run["owner"]);
        foreach (var client in new[] { _north, _south })
        {
            var pairs = await client.GetJsonAsync($"/v1/pairs?corridor={corridor}");
            Assert.Equal((string)run["id"]!, (string)pairs["meta"]!["run"]!["id"]!);
            Assert.NotEmpty(pairs["items"]!.AsArray());
            await client.GetJsonAsync($"/v1/match-runs/{run["id"]}");
            Assert.Contains((string)run["id"]!, await FindAsync(client, c => (string)c["subject"]! == (string)run["id"]!));
            await client.PostAsync($"/v1/match-runs/{run["id"]}/cancel", null).ProblemAsync(403);
            await client.DeleteAsync($"/v1/match-runs/{run["id"]}").ProblemAsync(403);
        }

        Assert.Equal(HttpStatusCode.NoContent, (await _staff.DeleteAsync($"/v1/match-runs/{run["id"]}")).StatusCode);
        Assert.Contains((string)run["id"]!, await FindAsync(_south, c => (string)c["subject"]! == (string)run["id"]!));
    }

    [Fact]
    public async Task Decisions_are_made_and_seen_of_pairs_of_which_one_enterprise_is_kept()
    {
        var (a, b) = await PairAsync("decided");
        var request = new { form = "supplier", decision = "accept" };
        await _south.PostAsJsonAsync($"/v1/pairs/{a}/{b}/decisions", request).ProblemAsync(403);
        using var made = await _north.PostAsJsonAsync($"/v1/pairs/{a}/{b}/decisions", request);
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        var id = (string)JsonNode.Parse(await made.Content.ReadAsStringAsync())!["id"]!;
        await _south.GetAsync($"/v1/decisions/{id}").ProblemAsync(404);
        foreach (var (client, sees) in new[] { (_north, true), (_south, false), (_staff, true) })
        {
            foreach (var list in new[] { "/v1/decisions?limit=100", $"/v1/pairs/{a}/{b}/decisions" })
            {
                Assert.Equal(sees, (await client.GetJsonAsync(list))["items"]!.AsArray().Any(d => (string)d!["id"]! == id));
            }

            Assert.Equal(sees, (await FindAsync(client, c => (string)c["subject"]! == id)).Contains(id));
        }
    }

    [Fact]
    public async Task That_a_pair_is_excluded_is_told_to_all_and_by_whom_and_why_is_not()
    {
        var (a, b) = await PairAsync("excluded");
        using var made = await _north.PostAsJsonAsync($"/v1/pairs/{a}/{b}/decisions", new { form = "supplier", decision = "exclude", reason = "legal-obstacle", comment = "A claim is pending." });
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        var list = await _south.GetJsonAsync($"/v1/enterprises/{b}/matches?form=supplier&minScore=0");
        Assert.DoesNotContain(list["items"]!.AsArray(), m => (string)m!["enterprise"]!["id"]! == a);
        Assert.Equal(1, (int)list["meta"]!["excluded"]!.AsArray().Single(e => (string)e!["reason"]! == "excluded-pair")!["count"]!);
        var pair = await _south.GetJsonAsync($"/v1/pairs/{a}/{b}?form=supplier");
        Assert.Contains("excluded", pair["flags"]!.AsArray().Select(f => (string)f!));
        Assert.DoesNotContain("legal-obstacle", pair.ToJsonString(), StringComparison.Ordinal);
        Assert.Empty((await _south.GetJsonAsync($"/v1/pairs/{a}/{b}/decisions"))["items"]!.AsArray());
    }

    [Fact]
    public async Task Weight_sets_of_others_do_not_exist_until_a_form_uses_them_and_those_of_staff_are_not_changed()
    {
        var weights = new { name = "Own weights", form = "supplier", weights = new { supply = 1 } };
        var own = await MadeAsync(_north);
        Assert.Equal("north", (string?)own["owner"]);
        var (id, path) = ((string)own["id"]!, $"/v1/ranking-profiles/{own["id"]}");
        var (asking, _) = await PairAsync("weighed");
        await PairAsync("weighed too");
        foreach (var missing in new[] { path, path + "/versions" })
        {
            await _south.GetAsync(missing).ProblemAsync(404);
            await _north.GetJsonAsync(missing);
        }

        await _south.ReplaceAsync(path, weights).ProblemAsync(404);
        await _south.RemoveAsync(path).ProblemAsync(404);
        await _south.GetAsync($"/v1/enterprises/{asking}/matches?profile={id}").ProblemAsync(400);
        await _north.GetJsonAsync($"/v1/enterprises/{asking}/matches?profile={id}");
        await _staff.GetJsonAsync($"/v1/enterprises/{asking}/matches?profile={id}");
        foreach (var (client, sees) in new[] { (_north, true), (_south, false), (_staff, true) })
        {
            Assert.Equal(sees, (await client.GetJsonAsync("/v1/ranking-profiles?limit=100"))["items"]!.AsArray().Any(p => (string)p!["id"]! == id));
        }

        using (var replaced = await _staff.ReplaceAsync(path, weights))
        {
            Assert.Equal("north", (string?)JsonNode.Parse(await replaced.Content.ReadAsStringAsync())!["owner"]);
        }

        var ofStaff = $"/v1/ranking-profiles/{(await MadeAsync(_staff))["id"]}";
        await _north.GetJsonAsync(ofStaff);
        await _north.ReplaceAsync(ofStaff, weights).ProblemAsync(403);
        await _north.RemoveAsync(ofStaff).ProblemAsync(403);

        using (var adopted = await _staff.PostAsync(path + "/adopt", null))
        {
            Assert.Equal(HttpStatusCode.OK, adopted.StatusCode);
        }

        await _south.GetJsonAsync(path);
        await _south.ReplaceAsync(path, weights).ProblemAsync(403);

        // Now everybody ranks by it, and one run answers a large corridor to all.
        var runs = new List<string>();
        foreach (var client in new[] { _south, _north, _south })
        {
            using var started = await client.GetAsync("/v1/pairs?form=supplier&minScore=1");
            Assert.True(started.StatusCode == (runs.Count == 0 ? HttpStatusCode.Accepted : HttpStatusCode.OK), await started.Content.ReadAsStringAsync());
            var run = JsonNode.Parse(await started.Content.ReadAsStringAsync())!;
            var runId = (string)(run["id"] ?? run["meta"]!["run"]!["id"])!;
            runs.Add(runId);
            Assert.Null((await client.WaitAsync($"/v1/match-runs/{runId}"))["owner"]);
        }

        Assert.Single(runs.Distinct());
        using var back = await _staff.PostAsync("/v1/ranking-profiles/supplier/adopt", null);
        Assert.Equal(HttpStatusCode.NoContent, (await _north.RemoveAsync(path)).StatusCode);

        async Task<JsonNode> MadeAsync(HttpClient client)
        {
            using var made = await client.PostAsJsonAsync("/v1/ranking-profiles", weights);
            Assert.True(made.StatusCode == HttpStatusCode.Created, await made.Content.ReadAsStringAsync());
            return JsonNode.Parse(await made.Content.ReadAsStringAsync())!;
        }
    }

    [Fact]
    public async Task Of_an_adopted_weight_set_others_see_the_version_that_is_used_and_no_later_one()
    {
        const string form = "manufacturing";
        var (supplier, buyer) = await PairAsync("later weights");
        await PairAsync("later weights too");
        using var made = await _north.PostAsJsonAsync("/v1/ranking-profiles", new { name = "Shown", form, weights = new { supply = 1 } });
        var id = (string)JsonNode.Parse(await made.Content.ReadAsStringAsync())!["id"]!;
        var path = $"/v1/ranking-profiles/{id}";
        using var adopted = await _staff.PostAsync(path + "/adopt", null);
        Assert.Equal(HttpStatusCode.OK, adopted.StatusCode);
        using var saved = await _south.PostAsJsonAsync("/v1/watches", new { enterprise = supplier, profile = id, minScore = 0 });
        var watch = (string)JsonNode.Parse(await saved.Content.ReadAsStringAsync())!["id"]!;
        using var replaced = await _north.ReplaceAsync(path, new { name = "Not shown yet", form, weights = new { proximity = 1 } });
        Assert.Equal(HttpStatusCode.OK, replaced.StatusCode);

        foreach (var (client, newest) in new[] { (_north, 2), (_south, 1), (_staff, 2) })
        {
            Assert.Equal(newest, (int)(await client.GetJsonAsync(path))["version"]!);
            Assert.Equal(newest, (await client.GetJsonAsync(path + "/versions"))["items"]!.AsArray().Count);
            Assert.Equal(newest, (int)(await client.GetJsonAsync($"/v1/ranking-profiles?form={form}&limit=100"))["items"]!.AsArray().Single(p => (string)p!["id"]! == id)!["version"]!);
            Assert.Equal($"{id}@{newest}", (string)(await client.GetJsonAsync($"/v1/pairs/{supplier}/{buyer}?profile={id}"))["profile"]!);
        }

        await _south.GetAsync(path + "?version=2").ProblemAsync(404);
        await _south.GetAsync($"/v1/pairs/{supplier}/{buyer}?profile={id}@2").ProblemAsync(400);
        await _south.PostAsJsonAsync("/v1/match-runs", new { profile = $"{id}@2" }).ProblemAsync(400);

        // What a watch of others is told rests on the shown version, and a run that answers under the later one is its owner's.
        var found = (string)(await _staff.CreateAsync(new { name = "Buyer, found by the watch", country = "BY", region = "BY-HM", needs = new[] { new { code = "28.41.22" } } }))["id"]!;
        JsonNode? told = null;
        await FindAsync(_south, c => (string)c["type"]! == "watch.matched" && (string)c["subject"]! == watch && (string)c["data"]!["partner"]! == found && (told = c) is not null);
        Assert.Equal((double)(await _staff.GetJsonAsync($"/v1/pairs/{supplier}/{found}?profile={id}@1"))["score"]!, (double)told!["data"]!["score"]!, 6);
        using var started = await _north.GetAsync($"/v1/pairs?profile={id}");
        Assert.Equal(HttpStatusCode.Accepted, started.StatusCode);
        var run = JsonNode.Parse(await started.Content.ReadAsStringAsync())!;
        Assert.Equal("north", (string?)run["owner"]);
        await _south.GetAsync($"/v1/match-runs/{run["id"]}").ProblemAsync(404);
        await _south.PostAsync($"/v1/match-runs/{run["id"]}/cancel", null).ProblemAsync(404);
        await _north.WaitAsync($"/v1/match-runs/{run["id"]}");
        Assert.Equal(HttpStatusCode.NoContent, (await _north.DeleteAsync($"/v1/match-runs/{run["id"]}")).StatusCode);

        using var adoptedToo = await _staff.PostAsync(path + "/adopt", null);
        Assert.Equal("Not shown yet", (string)(await _south.GetJsonAsync(path))["name"]!);
        using var back = await _staff.PostAsync($"/v1/ranking-profiles/{form}/adopt", null);
        await _south.GetAsync(path).ProblemAsync(404);
    }

    /// <summary>A supplier that the north keeps, and a buyer on the other side that staff do.</summary>
    private async Task<(string Supplier, string Buyer)> PairAsync(string name)
    {
        var supplier = (string)(await _north.CreateAsync(Enterprise($"Supplier, {name}")))["id"]!;
        var buyer = (string)(await _staff.CreateAsync(new { name = $"Buyer, {name}", country = "BY", region = "BY-HM", needs = new[] { new { code = "28.41.22" } } }))["id"]!;
        return (supplier, buyer);
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

    /// <summary>As Production starts it; the pairs of every corridor are answered from runs.</summary>
    public sealed class OwnersFixture : ProductionFixture
    {
        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            base.ConfigureWebHost(builder);
            builder.UseSetting("PartnerMatch:MatchRuns:MaxPairsAtOnce", "1");
        }
    }
}
