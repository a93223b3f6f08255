using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using PartnerMatch.Api.Matches;

namespace PartnerMatch.Api.Tests;

/// <summary>Runs over the sample; what they find must be what the single queries answer.</summary>
public sealed class MatchRunTests(MatchRunTests.RunFixture api) : IClassFixture<MatchRunTests.RunFixture>
{
    private readonly HttpClient _client = api.Connect();

    [Fact]
    public async Task A_run_finds_for_each_enterprise_what_a_query_of_its_own_answers()
    {
        var run = await _client.RunAsync(new { top = 5, form = "supplier", minScore = 40 });
        Assert.Equal(("done", "first", 5, 40.0), ((string)run["state"]!, (string)run["side"]!, (int)run["top"]!, (double)run["minScore"]!));
        Assert.Equal((int)run["pairs"]!, (int)run["enterprises"]! * (int)(await _client.GetJsonAsync("/v1/enterprises/mzor/matches?form=supplier"))["meta"]!["candidates"]!);
        var lists = (await _client.ExportAsync(run)).GroupBy(r => (string)r["enterprise"]!["id"]!).ToDictionary(g => g.Key, g => g.ToArray());
        Assert.Equal((int)run["results"]!, lists.Values.Sum(l => l.Length));
        Assert.Equal(lists.Keys.Order(StringComparer.Ordinal), lists.Keys);
        foreach (var id in new[] { "mzor", "bate", "mtz", "savushkin" })
        {
            var query = await _client.GetJsonAsync($"/v1/enterprises/{id}/matches?form=supplier&minScore=40&limit=5");
            Assert.Equal((string)query["meta"]!["dataVersion"]!, (string)run["dataVersion"]!);
            Assert.Equal((string)query["meta"]!["weightsHash"]!, (string)run["weightsHash"]!);
            var expected = query["items"]!.AsArray();
            Assert.Equal(
                expected.Select(i => (rank: (int)i!["rank"]!, partner: i["enterprise"]!.ToJsonString(), score: (double)i["score"]!, confidence: (double)i["confidence"]!, direction: (string)i["direction"]!)),
                lists[id].Select(r => ((int)r["rank"]!, r["partner"]!.ToJsonString(), (double)r["score"]!, (double)r["confidence"]!, (string)r["direction"]!)));

            var page = (await _client.GetJsonAsync($"/v1/match-runs/{run["id"]}/results?enterprise={id}"))["items"]!.AsArray();
            Assert.Equal(expected.Select(i => (string)i!["summary"]!), page.Select(r => (string)r!["summary"]!));
            foreach (var result in page)
            {
                var pair = await _client.GetJsonAsync((string)result!["explanation"]!);
                Assert.Equal((double)pair["score"]!, (double)result["score"]!);
            }
        }
    }

    [Fact]
    public async Task Results_are_paged_best_pairs_first_as_the_pairs_of_the_corridor()
    {
        var run = await _client.RunAsync(new { top = 100, minScore = 45 });
        var expected = await PagesAsync("/v1/pairs?minScore=45&limit=60", "a", "b");
        var found = await PagesAsync($"/v1/match-runs/{run["id"]}/results?limit=60", "enterprise", "partner");
        Assert.Equal(expected, found);
        Assert.True(found.Length > 60, "more than a page");

        var all = await PagesAsync($"/v1/match-runs/{run["id"]}/results?limit=100&sort=enterprise", "enterprise", "partner");
        Assert.Equal((await _client.ExportAsync(run)).Take(all.Length).Select(r => ((string)r["enterprise"]!["id"]!, (string)r["partner"]!["id"]!, (double)r["score"]!)), all);

        async Task<(string, string, double)[]> PagesAsync(string path, string a, string b)
        {
            var items = new List<(string, string, double)>();
            for (var next = path; next is not null && items.Count < 120;)
            {
                var page = await _client.GetJsonAsync(next);
                items.AddRange(page["items"]!.AsArray().Select(i => ((string)i![a]!["id"]!, (string)i[b]!["id"]!, (double)i["score"]!)));
                next = (string?)page["next"];
            }

            return [.. items];
        }
    }

    [Fact]
    public async Task A_delegation_is_ranked_against_the_other_side_in_its_own_order()
    {
        var weights = new { supply = 1, proximity = 1 };
        var run = await _client.RunAsync(new { enterprises = new[] { "mtz", "aviakor", "bate" }, form = "supplier", role = "buyer", top = 3, minScore = 0, weights });
        Assert.Equal((3, 9), ((int)run["enterprises"]!, (int)run["results"]!));
        Assert.Null(run["side"]);
        var results = await _client.ExportAsync(run);
        Assert.Equal(["mtz", "aviakor", "bate"], results.Select(r => (string)r["enterprise"]!["id"]!).Distinct());
        Assert.All(results, r => Assert.Null(r["explanation"]));
        var mtz = JsonNode.Parse(await _client.GetStringAsync("/v1/enterprises/mtz"))!.AsObject();
        foreach (var member in new[] { "id", "revision", "createdAt", "updatedAt", "quality", "contacts" })
        {
            mtz.Remove(member);
        }

        using var query = await _client.PostAsJsonAsync("/v1/matches/query", new { profiles = new[] { mtz }, form = "supplier", role = "buyer", limit = 3, minScore = 0, weights });
        var expected = JsonNode.Parse(await query.Content.ReadAsStringAsync())!["lists"]![0]!["items"]!.AsArray();
        Assert.Equal(expected.Select(i => ((string)i!["enterprise"]!["id"]!, (double)i["score"]!)), results.Take(3).Select(r => ((string)r["partner"]!["id"]!, (double)r["score"]!)));
    }

    [Fact]
    public async Task A_market_run_shares_out_what_everybody_wants_and_says_what_that_does()
    {
        var plain = await _client.RunAsync(new { side = "both", form = "supplier", top = 5, minScore = 40 });
        var run = await _client.RunAsync(new { balance = "market", form = "supplier", top = 5, minScore = 40, exposureCap = 1.5 });
        Assert.Equal(("both", "market", 1.5), ((string)run["side"]!, (string)run["balance"]!, (double)run["exposureCap"]!));
        var (before, after) = (await _client.ExportAsync(plain), await _client.ExportAsync(run));
        var market = run["market"]!;
        Assert.Equal((LargestExposure(before, "BY"), LargestExposure(before, "RU")), Figures("plain", f => (int)f["largestExposure"]!));
        Assert.Equal((LargestExposure(after, "BY"), LargestExposure(after, "RU")), Figures("balanced", f => (int)f["largestExposure"]!));
        foreach (var side in new[] { "first", "second" })
        {
            Assert.True((double)market["balanced"]![side]!["exposureGini"]! < (double)market["plain"]![side]!["exposureGini"]!, $"{side}: {market}");
        }

        Assert.All(after.GroupBy(r => (string)r["enterprise"]!["id"]!), list =>
        {
            Assert.Equal(Enumerable.Range(1, list.Count()), list.Select(r => (int)r["rank"]!));
            Assert.True(list.Count() <= 5 && list.Select(r => (string)r["partner"]!["id"]!).Distinct().Count() == list.Count());
        });

        // Each line has the score of the pair, and the place that it has by score alone.
        var ranks = before.ToDictionary(PairOf);
        var both = after.Where(r => ranks.ContainsKey(PairOf(r))).ToArray();
        Assert.NotEmpty(both);
        Assert.All(both, r => Assert.Equal(((int)ranks[PairOf(r)]["rank"]!, (double)ranks[PairOf(r)]["score"]!, (string)ranks[PairOf(r)]["direction"]!), ((int)r["plainRank"]!, (double)r["score"]!, (string)r["direction"]!)));
        Assert.All(before, r => Assert.Null(r["plainRank"]));
        var page = (await _client.GetJsonAsync($"/v1/match-runs/{run["id"]}/results"))["items"]!.AsArray();
        Assert.Equal(after.Select(r => (double)r["score"]!).OrderDescending().Take(20), page.Select(r => (double)r!["score"]!));

        // The same lists again: nothing is left to chance.
        var again = await _client.RunAsync(new { balance = "market", side = "both", form = "supplier", role = "any", top = 5, minScore = 40, exposureCap = 1.5 });
        Assert.Equal(after.Select(r => r.ToJsonString()), (await _client.ExportAsync(again)).Select(r => r.ToJsonString()));

        (int, int) Figures(string lists, Func<JsonNode, int> figure) => (figure(market[lists]!["first"]!), figure(market[lists]!["second"]!));

        static (string, string) PairOf(JsonNode result) => ((string)result["enterprise"]!["id"]!, (string)result["partner"]!["id"]!);

        static int LargestExposure(JsonNode[] results, string country) => results
            .Where(r => ((string)r["partner"]!["region"]!).StartsWith(country, StringComparison.Ordinal)).CountBy(r => (string)r["partner"]!["id"]!).Max(c => c.Value);
    }

    [Fact]
    public async Task Results_can_be_had_in_every_format()
    {
        var run = await _client.RunAsync(new { enterprises = new[] { "mzor" }, top = 4 });
        var lines = await _client.ExportAsync(run);
        var csv = (await _client.GetStringAsync($"/v1/match-runs/{run["id"]}/results/export")).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.StartsWith("rank,plain_rank,score,confidence,direction,enterprise_id,", csv[0], StringComparison.Ordinal);
        Assert.Equal(lines.Length, csv.Length - 1);
        Assert.All(lines.Zip(csv.Skip(1)), pair => Assert.Contains($",{pair.First["partner"]!["id"]},", pair.Second, StringComparison.Ordinal));
        using var workbook = await _client.GetAsync($"/v1/match-runs/{run["id"]}/results/export?format=xlsx&sort=score");
        Assert.Equal(ImportExtensions.Xlsx, workbook.Content.Headers.ContentType!.MediaType);
        using var zip = new System.IO.Compression.ZipArchive(await workbook.Content.ReadAsStreamAsync());
        Assert.NotNull(zip.GetEntry("xl/worksheets/sheet1.xml"));

        using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/match-runs/{run["id"]}/results?limit=2");
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/csv"));
        using var page = await _client.SendAsync(request);
        Assert.Equal(3, (await page.Content.ReadAsStringAsync()).Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.True(page.Headers.Contains("Link"));
    }

    [Fact]
    public async Task Events_tell_how_far_a_run_is_and_end_with_it()
    {
        using var accepted = await _client.PostAsJsonAsync("/v1/match-runs", new { side = "both", minScore = 60 });
        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
        Assert.Equal(2, accepted.Headers.RetryAfter!.Delta!.Value.TotalSeconds);
        using var response = await _client.GetAsync(accepted.Headers.Location + "/events", HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        var events = new List<SseItem<string>>();
        await foreach (var item in SseParser.Create(await response.Content.ReadAsStreamAsync()).EnumerateAsync())
        {
            events.Add(item);
        }

        Assert.All(events.SkipLast(1), e => Assert.Equal("progress", e.EventType));
        Assert.Equal("done", events[^1].EventType);
        Assert.Equal((await _client.GetJsonAsync(accepted.Headers.Location!.ToString())).ToJsonString(), JsonNode.Parse(events[^1].Data)!.ToJsonString());
    }

    [Fact]
    public async Task A_run_that_is_not_done_has_no_results_and_can_be_cancelled_but_not_removed()
    {
        string location;
        using (api.Services.GetRequiredService<InteractiveQueries>().Begin())
        {
            using var accepted = await _client.PostAsJsonAsync("/v1/match-runs", new { side = "both", minScore = 60 });
            location = accepted.Headers.Location!.ToString();
            Assert.Equal("urn:partnermatch:problem:run-not-done", (string)(await _client.GetAsync(location + "/results").ProblemAsync(409))["type"]!);
            await _client.GetAsync(location + "/results/export").ProblemAsync(409);
            await _client.DeleteAsync(location).ProblemAsync(409);
            using var cancelled = await _client.PostAsync(location + "/cancel", null);
            Assert.Equal("cancelled", (string)JsonNode.Parse(await cancelled.Content.ReadAsStringAsync())!["state"]!);
        }

        await _client.PostAsync(location + "/cancel", null).ProblemAsync(409);
        await _client.GetAsync(location + "/results").ProblemAsync(409);
        Assert.Equal("cancelled", (string)(await _client.GetJsonAsync(location))["state"]!);
        var events = await _client.GetStringAsync(location + "/events");
        Assert.StartsWith("event: cancelled\n", events, StringComparison.Ordinal);

        // What runs after it is not touched by it.
        Assert.Equal("done", (string)(await _client.RunAsync(new { enterprises = new[] { "mtz" } }))["state"]!);
        Assert.Equal(HttpStatusCode.NoContent, (await _client.DeleteAsync(location)).StatusCode);
        await _client.GetAsync(location).ProblemAsync(404);
        Assert.False(File.Exists(Path.Combine(api.RunsFolder, location.Split('/')[^1] + ".run")));
    }

    [Fact]
    public async Task The_change_feed_tells_when_a_run_was_asked_for_and_how_it_ended()
    {
        var run = await _client.RunAsync(new { enterprises = new[] { "mzor" } });
        var changes = new List<JsonNode>();
        for (var page = await _client.GetJsonAsync("/v1/changes?limit=100"); page["items"]!.AsArray().Count > 0; page = await _client.GetJsonAsync((string)page["next"]!))
        {
            changes.AddRange(page["items"]!.AsArray().Where(c => (string)c!["subject"]! == (string)run["id"]!)!);
        }

        Assert.Equal(["match-run.queued", "match-run.done"], changes.Select(c => (string)c["type"]!));
        Assert.All(changes, c => Assert.Equal(("by-ru-sam", "joint-venture"), ((string)c["data"]!["corridor"]!, (string)c["data"]!["form"]!)));
        Assert.Equal((string)run["dataVersion"]!, (string)changes[1]["data"]!["dataVersion"]!);
        Assert.Equal((DateTimeOffset)run["finishedAt"]!, (DateTimeOffset)changes[1]["occurredAt"]!);
    }

    [Fact]
    public async Task Runs_are_listed_newest_first_and_a_removed_one_is_gone_with_its_results()
    {
        var ids = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            ids.Insert(0, (string)(await _client.RunAsync(new { enterprises = new[] { "mtz" } }))["id"]!);
        }

        var first = await _client.GetJsonAsync("/v1/match-runs?limit=2&state=done&corridor=by-ru-sam");
        var second = await _client.GetJsonAsync((string)first["next"]!);
        Assert.Equal(ids, first["items"]!.AsArray().Concat(second["items"]!.AsArray()).Take(3).Select(r => (string)r!["id"]!));
        await _client.GetAsync(((string)first["next"]!).Replace("state=done", "state=failed", StringComparison.Ordinal)).ProblemAsync(400);

        Assert.True(File.Exists(Path.Combine(api.RunsFolder, ids[0] + ".run")));
        Assert.Equal(HttpStatusCode.NoContent, (await _client.DeleteAsync("/v1/match-runs/" + ids[0])).StatusCode);
        Assert.False(File.Exists(Path.Combine(api.RunsFolder, ids[0] + ".run")));
        foreach (var path in new[] { "", "/results", "/results/export", "/events" })
        {
            await _client.GetAsync($"/v1/match-runs/{ids[0]}{path}").ProblemAsync(404);
        }

        await _client.DeleteAsync("/v1/match-runs/" + ids[0]).ProblemAsync(404);
        await _client.PostAsync($"/v1/match-runs/{ids[0]}/cancel", null).ProblemAsync(404);
    }

    [Theory]
    [InlineData("""{"corridor":"nowhere"}""", "corridor")]
    [InlineData("""{"form":"marriage"}""", "form")]
    [InlineData("""{"top":0}""", "top")]
    [InlineData("""{"top":101}""", "top")]
    [InlineData("""{"minScore":101}""", "minScore")]
    [InlineData("""{"role":"buyer"}""", "role")]
    [InlineData("""{"side":"third"}""", "side")]
    [InlineData("""{"enterprises":[]}""", "enterprises")]
    [InlineData("""{"enterprises":["mzor",null]}""", "enterprises")]
    [InlineData("""{"enterprises":["mzor","mzor"]}""", "enterprises")]
    [InlineData("""{"enterprises":["mzor","nobody"]}""", "enterprises[1]")]
    [InlineData("""{"enterprises":["aviakor"],"side":"first"}""", "enterprises[0]")]
    [InlineData("""{"enterprises":["mzor"],"side":"second"}""", "enterprises[0]")]
    [InlineData("""{"weights":{}}""", "weights")]
    [InlineData("""{"weights":{"supply":0,"rivalry":1}}""", "weights")]
    [InlineData("""{"weights":{"supply":-1}}""", "weights.supply")]
    [InlineData("""{"weights":{"charm":1}}""", "weights.charm")]
    [InlineData("""{"weights":{"supply":NaN}}""", "weights.supply")]
    [InlineData("""{"weights":{"supply":1e999}}""", "weights.supply")]
    [InlineData("""{"profile":"nothing"}""", "profile")]
    [InlineData("""{"profile":"supplier","weights":{"supply":1}}""", "profile")]
    [InlineData("""{"profile":"supplier","form":"joint-venture"}""", "profile")]
    [InlineData("""{"profile":"joint-venture","role":"buyer"}""", "role")]
    [InlineData("""{"balance":"fair"}""", "balance")]
    [InlineData("""{"balance":"market","side":"first"}""", "side")]
    [InlineData("""{"balance":"market","enterprises":["mzor"]}""", "enterprises")]
    [InlineData("""{"balance":"market","form":"supplier","role":"buyer"}""", "role")]
    [InlineData("""{"balance":"market","exposureCap":0.5}""", "exposureCap")]
    [InlineData("""{"exposureCap":2}""", "exposureCap")]
    [InlineData("""{"limit":20}""", "limit")]
    public async Task A_wrong_run_is_refused_by_the_place_that_is_wrong(string body, string path) =>
        Assert.Contains(path, (await _client.PostAsync("/v1/match-runs", ClientExtensions.Json(body)).ProblemAsync(400)).Paths());

    [Fact]
    public async Task Wrong_queries_of_results_are_refused()
    {
        var run = await _client.RunAsync(new { enterprises = new[] { "mzor", "mtz" }, top = 10 });
        var other = await _client.RunAsync(new { enterprises = new[] { "mzor", "mtz" }, top = 10 });
        var results = $"/v1/match-runs/{run["id"]}/results";
        var next = (string)(await _client.GetJsonAsync(results + "?limit=2"))["next"]!;
        foreach (var (path, name) in new[]
        {
            (results + "?limit=0", "limit"), (results + "?limit=101", "limit"), (results + "?sort=name", "sort"), (results + "?enterprise=aviakor", "enterprise"),
            (results + "?cursor=x", "cursor"), (next + "&sort=enterprise", "cursor"), (next.Replace((string)run["id"]!, (string)other["id"]!, StringComparison.Ordinal), "cursor"),
            (results + "/export?format=pdf", "format"), (results + "/export?limit=3", "limit"), ("/v1/match-runs?state=lost", "state"), ("/v1/match-runs?cursor=x", "cursor"),
        })
        {
            Assert.Equal([name], (await _client.GetAsync(path).ProblemAsync(400)).Paths());
        }
    }

    [Fact]
    public async Task A_corridor_with_an_empty_side_and_enterprises_that_take_no_part_contradict_a_run()
    {
        using var empty = new ApiFixture();
        var client = empty.Connect();
        Assert.Equal("urn:partnermatch:problem:empty-corridor", (string)(await client.PostAsJsonAsync("/v1/match-runs", new { }).ProblemAsync(409))["type"]!);
        var one = (string)(await client.CreateAsync(new { name = "One", country = "BY", region = "BY-MI" }))["id"]!;
        await client.PostAsJsonAsync("/v1/match-runs", new { enterprises = new[] { one } }).ProblemAsync(409);
        var gone = (string)(await client.CreateAsync(new { name = "Gone", country = "RU", region = "RU-SAM", status = "withdrawn" }))["id"]!;
        await client.PostAsJsonAsync("/v1/match-runs", new { side = "second" }).ProblemAsync(409);
        var problem = await client.PostAsJsonAsync("/v1/match-runs", new { enterprises = new[] { one, gone } }).ProblemAsync(409);
        Assert.Equal(("urn:partnermatch:problem:not-matchable", "enterprises[1]"), ((string)problem["type"]!, problem.Paths().Single()));
        var outside = (string)(await client.CreateAsync(new { name = "Out", country = "KZ", region = "KZ-75" }))["id"]!;
        Assert.Equal(["enterprises[0]"], (await client.PostAsJsonAsync("/v1/match-runs", new { enterprises = new[] { outside } }).ProblemAsync(400)).Paths());
        Assert.Empty((await client.GetJsonAsync("/v1/match-runs"))["items"]!.AsArray());
    }

    [Fact]
    public async Task A_market_over_the_limit_is_refused_at_once_and_names_it()
    {
        using var small = new SmallMarketFixture();
        var client = small.Connect();
        await client.CreateAsync(new { name = "One", country = "BY", region = "BY-MI" });
        await client.CreateAsync(new { name = "Other", country = "RU", region = "RU-SAM" });
        var problem = await client.PostAsJsonAsync("/v1/match-runs", new { balance = "market", top = 6 }).ProblemAsync(409);
        Assert.Equal("urn:partnermatch:problem:market-too-large", (string)problem["type"]!);
        Assert.Contains("make 24 places, and the limit is 20", (string)problem["detail"]!, StringComparison.Ordinal);
        Assert.Empty((await client.GetJsonAsync("/v1/match-runs"))["items"]!.AsArray());
        Assert.Equal("done", (string)(await client.RunAsync(new { balance = "market", top = 5 }))["state"]!);
        Assert.Equal("done", (string)(await client.RunAsync(new { side = "both", top = 6 }))["state"]!);
    }

    /// <summary>Markets of at most twenty places.</summary>
    private sealed class SmallMarketFixture : ApiFixture
    {
        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            base.ConfigureWebHost(builder);
            builder.UseSetting("PartnerMatch:MatchRuns:MaxMarketPlaces", "20");
        }
    }

    /// <summary>The sample, and one thread for runs, so that a query in flight makes them slow.</summary>
    public sealed class RunFixture : ApiFixture
    {
        protected override bool WithSample => true;

        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            base.ConfigureWebHost(builder);
            builder.UseSetting("PartnerMatch:MatchRuns:Workers", "1");
        }
    }
}

internal static class MatchRunExtensions
{
    /// <summary>Starts a run and waits for its end.</summary>
    public static async Task<JsonNode> RunAsync(this HttpClient client, object request)
    {
        using var accepted = await client.PostAsJsonAsync("/v1/match-runs", request);
        Assert.True(accepted.StatusCode == HttpStatusCode.Accepted, await accepted.Content.ReadAsStringAsync());
        return await client.WaitAsync(accepted.Headers.Location!.ToString());
    }

    /// <summary>All results, list after list.</summary>
    public static async Task<JsonNode[]> ExportAsync(this HttpClient client, JsonNode run) =>
        [.. (await client.GetStringAsync($"/v1/match-runs/{run["id"]}/results/export?format=ndjson")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonNode.Parse(l)!)];
}
