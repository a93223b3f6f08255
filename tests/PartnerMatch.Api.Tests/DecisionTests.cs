using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace PartnerMatch.Api.Tests;

/// <summary>The sample on a service whose tests decide.</summary>
public sealed class DecidingFixture : ApiFixture
{
    protected override bool WithSample => true;
}

/// <summary>What staff decide of pairs, and what that changes at once. Each test looks at enterprises of its own.</summary>
public sealed class DecisionTests(DecidingFixture api) : IClassFixture<DecidingFixture>
{
    private readonly HttpClient _client = api.Connect();

    [Fact]
    public async Task An_excluded_pair_leaves_every_list_at_once_and_comes_back_when_that_is_withdrawn()
    {
        var before = await _client.GetJsonAsync("/v1/enterprises/mogilevliftmash/matches?form=supplier&limit=1");
        var partner = (string)before["items"]![0]!["enterprise"]!["id"]!;
        var version = (string)before["meta"]!["dataVersion"]!;
        var pairsBefore = await _client.GetJsonAsync("/v1/pairs?form=supplier&limit=100&minScore=0");

        // Named the other way round than the list does.
        await DecideAsync(partner, "mogilevliftmash", new { decision = "exclude", reason = "legal-obstacle", by = "head of mission" });
        foreach (var (asking, other) in new[] { ("mogilevliftmash", partner), (partner, "mogilevliftmash") })
        {
            var list = await _client.GetJsonAsync($"/v1/enterprises/{asking}/matches?form=supplier&limit=100&minScore=0");
            Assert.DoesNotContain(list["items"]!.AsArray(), i => (string?)i!["enterprise"]!["id"] == other);
            Assert.Equal(1, CountExcluded(list));
            Assert.NotEqual(version, (string?)list["meta"]!["dataVersion"]);
        }

        var stable = await _client.GetJsonAsync("/v1/enterprises/mogilevliftmash/matches/sensitivity?form=supplier");
        Assert.DoesNotContain(stable["items"]!.AsArray(), i => (string?)i!["enterprise"]!["id"] == partner);
        var pairs = await _client.GetJsonAsync("/v1/pairs?form=supplier&limit=100&minScore=0");
        Assert.DoesNotContain(pairs["items"]!.AsArray(), i => IsPair(i!, "mogilevliftmash", partner));
        Assert.Equal(CountExcluded(pairsBefore) + 1, CountExcluded(pairs));
        Assert.Equal((int)pairsBefore["meta"]!["candidates"]! - 1, (int)pairs["meta"]!["candidates"]!);

        // The single pair is still explained, and says so.
        var pair = await _client.GetJsonAsync($"/v1/pairs/mogilevliftmash/{partner}?form=supplier");
        Assert.Equal((double)before["items"]![0]!["score"]!, (double)pair["score"]!);
        Assert.Contains("excluded", pair["flags"]!.AsArray().Select(f => (string)f!));

        // It survives a restart, under the same data version.
        await using (var again = api.WithWebHostBuilder(_ => { }))
        {
            using var client = again.Connect();
            var list = await client.GetJsonAsync("/v1/enterprises/mogilevliftmash/matches?form=supplier&limit=1");
            Assert.Equal(1, CountExcluded(list));
            Assert.Equal((string?)pairs["meta"]!["dataVersion"], (string?)list["meta"]!["dataVersion"]);
        }

        // So it does a replay, byte for byte; what was told before does not know of it.
        var then = DateTimeOffset.UtcNow;
        var told = await _client.GetStringAsync($"/v1/pairs/mogilevliftmash/{partner}?form=supplier");
        await DecideAsync("mogilevliftmash", partner, new { decision = "withdraw", form = "supplier" });
        Assert.Equal(told, await _client.GetStringAsync($"/v1/pairs/mogilevliftmash/{partner}?form=supplier&asOf={then:yyyy-MM-dd'T'HH:mm:ss.fff'Z'}"));
        var after = await _client.GetJsonAsync("/v1/enterprises/mogilevliftmash/matches?form=supplier&limit=1");
        Assert.Equal(partner, (string?)after["items"]![0]!["enterprise"]!["id"]);
        Assert.Equal(0, CountExcluded(after));
        Assert.DoesNotContain("excluded", (await _client.GetJsonAsync($"/v1/pairs/mogilevliftmash/{partner}"))["flags"]!.AsArray().Select(f => (string)f!));
    }

    [Fact]
    public async Task A_decision_keeps_what_the_pair_scored_and_the_latest_stands()
    {
        var explained = await _client.GetJsonAsync("/v1/pairs/mzor/aviakor?form=supplier");
        var accepted = await DecideAsync("mzor", "aviakor", new { decision = "accept", form = "supplier", comment = "Asked for a visit." });
        Assert.Equal((double)explained["score"]!, (double)accepted["score"]!);
        Assert.Equal((string?)explained["weightsHash"], (string?)accepted["weightsHash"]);
        Assert.Equal(10, accepted["components"]!.AsObject().Count);
        var supply = explained["contributions"]!.AsArray().Single(c => (string?)c!["component"] == "supply")!;
        Assert.Equal((double)supply["value"]!, (double)accepted["components"]!["supply"]!);

        var rejected = await DecideAsync("aviakor", "mzor", new { decision = "reject", reason = "no-capacity" });
        var history = (await _client.GetJsonAsync("/v1/pairs/mzor/aviakor/decisions"))["items"]!.AsArray();
        Assert.Equal([(string)rejected["id"]!, (string)accepted["id"]!], history.Select(d => (string)d!["id"]!));
        Assert.Equal([true, false], history.Select(d => (bool)d!["stands"]!));
        Assert.Equal("no-capacity", (string?)history[0]!["reason"]);
        var first = await _client.GetJsonAsync($"/v1/decisions/{accepted["id"]}");
        Assert.Equal(history[1]!.ToJsonString(), first.ToJsonString());
    }

    [Fact]
    public async Task Decisions_are_listed_newest_first_page_by_page_and_by_what_they_are()
    {
        var ids = new List<string>();
        foreach (var partner in new[] { "aviakor", "avtovaz", "myagkoff" })
        {
            ids.Insert(0, (string)(await DecideAsync("mtz", partner, new { decision = "reject", reason = "other", comment = "Not this year.", form = "manufacturing" }))["id"]!);
        }

        var paged = new List<string>();
        for (string? next = "/v1/decisions?enterprise=mtz&form=manufacturing&decision=reject&limit=2"; next is not null;)
        {
            var page = await _client.GetJsonAsync(next);
            paged.AddRange(page["items"]!.AsArray().Select(d => (string)d!["id"]!));
            next = (string?)page["next"];
        }

        Assert.Equal(ids, paged);
        Assert.Empty((await _client.GetJsonAsync("/v1/decisions?enterprise=mtz&decision=accept"))["items"]!.AsArray());
        await _client.GetAsync("/v1/decisions?decision=perhaps").ProblemAsync(400);
        await _client.GetAsync("/v1/decisions?cursor=AAAA").ProblemAsync(400);
        await _client.GetAsync("/v1/decisions/none").ProblemAsync(404);
    }

    [Theory]
    [InlineData("""{}""", "decision")]
    [InlineData("""{"decision":"maybe"}""", "decision")]
    [InlineData("""{"decision":"reject"}""", "reason")]
    [InlineData("""{"decision":"reject","reason":"dislike"}""", "reason")]
    [InlineData("""{"decision":"accept","reason":"price"}""", "reason")]
    [InlineData("""{"decision":"withdraw","reason":"price"}""", "reason")]
    [InlineData("""{"decision":"reject","reason":"other"}""", "comment")]
    [InlineData("""{"decision":"accept","corridor":"none"}""", "corridor")]
    [InlineData("""{"decision":"accept","profile":"none"}""", "profile")]
    [InlineData("""{"decision":"accept","profile":"supplier","form":"distribution"}""", "profile")]
    [InlineData("""{"decision":"accept","rank":1}""", "rank")]
    public async Task A_wrong_decision_is_refused_by_its_place(string body, string path) =>
        Assert.Contains(path, (await _client.PostAsync("/v1/pairs/bate/aviakor/decisions", ClientExtensions.Json(body)).ProblemAsync(400)).Paths());

    [Fact]
    public async Task Only_a_pair_across_the_corridor_can_be_decided()
    {
        await _client.PostAsJsonAsync("/v1/pairs/bate/none/decisions", new { decision = "accept" }).ProblemAsync(404);
        await _client.PostAsJsonAsync("/v1/pairs/bate/mzor/decisions", new { decision = "accept" }).ProblemAsync(409);
        await _client.PostAsJsonAsync("/v1/pairs/bate/bate/decisions", new { decision = "accept" }).ProblemAsync(409);
        Assert.Empty((await _client.GetJsonAsync("/v1/pairs/bate/mzor/decisions"))["items"]!.AsArray());
    }

    private async Task<JsonNode> DecideAsync(string a, string b, object decision)
    {
        using var response = await _client.PostAsJsonAsync($"/v1/pairs/{a}/{b}/decisions", decision);
        var body = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == HttpStatusCode.Created, body);
        var decided = JsonNode.Parse(body)!;
        Assert.Equal($"/v1/decisions/{decided["id"]}", response.Headers.Location?.OriginalString);
        return decided;
    }

    private static int CountExcluded(JsonNode list) =>
        (int?)list["meta"]!["excluded"]!.AsArray().SingleOrDefault(e => (string?)e!["reason"] == "excluded-pair")?["count"] ?? 0;

    private static bool IsPair(JsonNode item, string one, string other) =>
        new[] { (string)item["a"]!["id"]!, (string)item["b"]!["id"]! }.Order().SequenceEqual(new[] { one, other }.Order());
}
