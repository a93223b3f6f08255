using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Dapper;
using Microsoft.Data.Sqlite;

namespace PartnerMatch.Api.Tests;

/// <summary>Saved searches.</summary>
public sealed class WatchTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    private readonly HttpClient _client = api.Connect();

    [Fact]
    public async Task A_new_partner_that_scores_enough_is_told_once()
    {
        var maker = await CreateAsync("Watched tool works", "BY", "BY-HM", makes: "28.41.21");
        var before = await CreateAsync("From before the watch", "RU", "RU-SAM", needs: "28.41.21");
        var watch = await SaveAsync(new { enterprise = maker, form = "supplier", minScore = 10 });
        var told = await CreateAsync("Buyer of tools", "RU", "RU-SAM", needs: "28.41.21");
        var untold = await CreateAsync("Maker of pastry", "RU", "RU-SAM", makes: "10.72.12");
        using (await _client.ReplaceAsync($"/v1/enterprises/{told}", Enterprise("Buyer of tools, renamed", "RU", "RU-SAM", needs: "28.41.21")))
        {
        }

        var excluded = await CreateAsync("Excluded before it wants tools", "RU", "RU-SAM", makes: "10.72.12");
        using (var decided = await _client.PostAsJsonAsync($"/v1/pairs/{maker}/{excluded}/decisions", new { decision = "exclude", reason = "legal-obstacle" }))
        {
            Assert.Equal(HttpStatusCode.Created, decided.StatusCode);
        }

        using (var wants = await _client.ReplaceAsync($"/v1/enterprises/{excluded}", Enterprise("Excluded and wants tools", "RU", "RU-SAM", needs: "28.41.21")))
        {
            Assert.Equal(HttpStatusCode.OK, wants.StatusCode);
        }

        // The last of the row: when it is told, all before it were looked through.
        var last = await CreateAsync("Last buyer of tools", "RU", "RU-SAM", needs: "28.41.21");
        var matches = await UntilAsync((string)watch["id"]!, last);
        Assert.Equal([told, last], matches.Select(m => (string)m["data"]!["partner"]!));
        Assert.All(matches, m => Assert.Equal(maker, (string)m["data"]!["enterprise"]!));
        Assert.DoesNotContain(matches, m => (string)m["data"]!["partner"]! == before || (string)m["data"]!["partner"]! == untold);

        var list = await _client.GetJsonAsync($"/v1/enterprises/{maker}/matches?form=supplier&minScore=0");
        var listed = list["items"]!.AsArray().Single(m => (string)m!["enterprise"]!["id"]! == last)!;
        Assert.Equal((double)listed["score"]!, (double)matches[^1]["data"]!["score"]!, 1e-6);
    }

    [Fact]
    public async Task A_watch_is_read_listed_and_removed_and_goes_with_its_enterprise()
    {
        var maker = await CreateAsync("Watches for a while", "BY", "BY-HM", makes: "28.41.21");
        var watch = await SaveAsync(new { enterprise = maker });
        Assert.Equal(60, (double)watch["minScore"]!);
        Assert.Equal("joint-venture", (string)(await _client.GetJsonAsync($"/v1/watches/{watch["id"]}"))["form"]!);
        Assert.Contains((string)watch["id"]!, (await _client.GetJsonAsync("/v1/watches?limit=100"))["items"]!.AsArray().Select(w => (string)w!["id"]!));
        using (var removed = await _client.DeleteAsync($"/v1/watches/{watch["id"]}"))
        {
            Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);
        }

        await _client.GetAsync($"/v1/watches/{watch["id"]}").ProblemAsync(404);
        var second = await SaveAsync(new { enterprise = maker });
        using (await _client.RemoveAsync($"/v1/enterprises/{maker}"))
        {
        }

        await _client.GetAsync($"/v1/watches/{second["id"]}").ProblemAsync(404);
    }

    /// <summary>As after a crash before it was told: what changed is looked through again, and not before all profiles are in memory.</summary>
    [Fact]
    public async Task What_was_not_told_before_a_stop_is_told_when_all_profiles_are_loaded()
    {
        using var files = new ApiFixture();
        string watch, partner;
        await using (var before = files.WithWebHostBuilder(_ => { }))
        {
            using var client = before.Connect();
            var maker = (string)(await client.CreateAsync(Enterprise("Watched over a stop", "BY", "BY-HM", makes: "28.41.21")))["id"]!;
            using var saved = await client.PostAsJsonAsync("/v1/watches", new { enterprise = maker, form = "supplier", minScore = 10 });
            watch = (string)JsonNode.Parse(await saved.Content.ReadAsStringAsync())!["id"]!;
            partner = (string)(await client.CreateAsync(Enterprise("Buyer over a stop", "RU", "RU-SAM", needs: "28.41.21")))["id"]!;
            Assert.Single(await UntilAsync(watch, partner, client));
        }

        await using (var database = new SqliteConnection($"Data Source={files.DatabaseFile};Pooling=False"))
        {
            await database.OpenAsync();
            await database.ExecuteAsync("delete from watch_matches; update watch_position set sequence = 0");
        }

        using var after = new HeldFixture(files.DatabaseFile);
        after.UseKestrel(0);
        var starting = Task.Run(after.StartServer);
        using var later = Clients.ConnectTo(await after.Address.Task);
        await later.GetAsync("/v1/changes").ProblemAsync(503);
        after.Release.SetResult();
        await starting;
        Assert.Equal(2, (await UntilAsync(watch, partner, later, times: 2)).Count);
    }

    [Theory]
    [InlineData("""{"enterprise":"nobody"}""", "enterprise")]
    [InlineData("""{}""", "enterprise")]
    [InlineData("""{"enterprise":"MAKER","corridor":"nowhere"}""", "corridor")]
    [InlineData("""{"enterprise":"MAKER","profile":"nothing"}""", "profile")]
    [InlineData("""{"enterprise":"MAKER","role":"buyer"}""", "role")]
    [InlineData("""{"enterprise":"MAKER","minScore":101}""", "minScore")]
    public async Task Bad_input_is_refused(string body, string field)
    {
        var maker = await CreateAsync("Refused watcher", "BY", "BY-HM", makes: "28.41.21");
        var problem = await _client.PostAsync("/v1/watches", ClientExtensions.Json(body.Replace("MAKER", maker, StringComparison.Ordinal))).ProblemAsync(400);
        Assert.Equal([field], problem.Paths());
    }

    private static object Enterprise(string name, string country, string region, string? makes = null, string? needs = null) => new
    {
        name,
        country,
        region,
        offers = makes is null ? [] : new[] { new { code = makes } },
        needs = needs is null ? [] : new[] { new { code = needs } },
    };

    private async Task<string> CreateAsync(string name, string country, string region, string? makes = null, string? needs = null) =>
        (string)(await _client.CreateAsync(Enterprise(name, country, region, makes, needs)))["id"]!;

    private async Task<JsonNode> SaveAsync(object watch)
    {
        using var answer = await _client.PostAsJsonAsync("/v1/watches", watch);
        var body = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.Created, body);
        return JsonNode.Parse(body)!;
    }

    /// <summary>What a watch has told, read from the feed until it tells of a partner, or does so again.</summary>
    private async Task<IReadOnlyList<JsonNode>> UntilAsync(string watch, string partner, HttpClient? client = null, int times = 1)
    {
        var found = new List<JsonNode>();
        for (var next = "/v1/changes?limit=100&wait=30"; found.Count(m => (string)m["data"]!["partner"]! == partner) < times;)
        {
            var page = await (client ?? _client).GetJsonAsync(next);
            Assert.NotEmpty(page["items"]!.AsArray());
            found.AddRange(page["items"]!.AsArray().Where(c => (string)c!["type"]! == "watch.matched" && (string)c["subject"]! == watch)!);
            next = (string)page["next"]! + "&wait=30";
        }

        return found;
    }
}
