using System.Net;
using System.Net.Http.Json;

namespace PartnerMatch.Api.Tests;

/// <summary>Who has an answer is not sent it again, and is sent it once it says something else.</summary>
public sealed class UnchangedTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    private readonly HttpClient _client = api.Connect();

    [Theory]
    [InlineData("decision")]
    [InlineData("decisions of a pair")]
    [InlineData("watch")]
    [InlineData("key")]
    [InlineData("import")]
    [InlineData("match run")]
    [InlineData("competency")]
    [InlineData("ranking profile")]
    [InlineData("forms")]
    [InlineData("components")]
    [InlineData("regions")]
    [InlineData("corridors")]
    [InlineData("enterprises")]
    [InlineData("competencies")]
    [InlineData("gaps")]
    [InlineData("pairs")]
    [InlineData("decisions")]
    [InlineData("watches")]
    [InlineData("keys")]
    [InlineData("webhooks")]
    [InlineData("match runs")]
    [InlineData("results of a run")]
    [InlineData("ranking profiles")]
    [InlineData("versions of a ranking profile")]
    [InlineData("audit trail")]
    public async Task Who_has_an_answer_is_told_so_until_it_changes(string resource)
    {
        var (path, change) = await MakeAsync(resource);
        using var first = await AskAsync(path, null);
        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        var version = first.Headers.ETag!.ToString();
        foreach (var known in new[] { version, "W/" + version, "*", "\"other\", " + version })
        {
            using var unchanged = await AskAsync(path, known);
            Assert.Equal((HttpStatusCode.NotModified, version, 0), (unchanged.StatusCode, unchanged.Headers.ETag!.ToString(), (await unchanged.Content.ReadAsByteArrayAsync()).Length));
            Assert.False(unchanged.Headers.Contains("Link"));
        }

        using var other = await AskAsync(path, "\"other\"");
        Assert.Equal((HttpStatusCode.OK, version), (other.StatusCode, other.Headers.ETag!.ToString()));
        Assert.Equal("application/json; charset=utf-8", other.Content.Headers.ContentType!.ToString());
        Assert.Equal(await first.Content.ReadAsStringAsync(), await other.Content.ReadAsStringAsync());

        // What never changes has no change to try.
        if (change is not null)
        {
            await change();
            using var changed = await AskAsync(path, version);
            Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
            Assert.NotEqual(version, changed.Headers.ETag!.ToString());
        }
    }

    [Theory]
    [InlineData("pairs", "text/csv")]
    [InlineData("pairs", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")]
    [InlineData("results of a run", "text/csv")]
    [InlineData("matches", "text/csv")]
    public async Task Who_has_a_table_is_told_so_and_no_other_is_taken_for_it(string resource, string format)
    {
        var path = resource == "matches" ? $"/v1/enterprises/{(await CreatePairAsync()).A}/matches?minScore=0&limit=1" : (await MakeAsync(resource)).Path;
        await CreatePairAsync();
        using var first = await AskAsync(path, null, format);
        Assert.Equal((HttpStatusCode.OK, format), (first.StatusCode, first.Content.Headers.ContentType!.MediaType));
        var version = first.Headers.ETag!.ToString();
        using var unchanged = await AskAsync(path, version, format);
        Assert.Equal((HttpStatusCode.NotModified, version), (unchanged.StatusCode, unchanged.Headers.ETag!.ToString()));
        foreach (var (other, accept) in new[] { (path, "application/json"), (path.Replace("limit=1", "limit=2", StringComparison.Ordinal), format) })
        {
            using var sent = await AskAsync(other, version, accept);
            Assert.Equal(HttpStatusCode.OK, sent.StatusCode);
        }
    }

    [Fact]
    public async Task What_is_refused_has_no_version()
    {
        foreach (var path in new[] { "/v1/decisions/nothing", "/v1/watches/nothing", "/v1/keys/nothing", "/v1/imports/nothing", "/v1/match-runs/nothing", "/v1/competencies/nothing", "/v1/ranking-profiles/nothing" })
        {
            using var refused = await AskAsync(path, "*");
            Assert.Equal((HttpStatusCode.NotFound, null), (refused.StatusCode, refused.Headers.ETag));
        }
    }

    private async Task<(string Path, Func<Task>? Change)> MakeAsync(string resource)
    {
        switch (resource)
        {
            case "decision":
                {
                    var (a, b) = await CreatePairAsync();
                    return (await DecideAsync(a, b, "accept"), () => DecideAsync(a, b, "withdraw"));
                }

            case "decisions of a pair":
                {
                    var (a, b) = await CreatePairAsync();
                    await DecideAsync(a, b, "accept");
                    await DecideAsync(a, b, "withdraw");
                    return ($"/v1/pairs/{a}/{b}/decisions?limit=1", () => DecideAsync(a, b, "accept"));
                }

            case "watch":
                return (await PostAsync("/v1/watches", new { enterprise = (await CreatePairAsync()).A }), null);
            case "key":
                var key = await PostAsync("/v1/keys", new { name = "unchanged", scopes = new[] { "read" } });
                return (key, () => EnsureAsync(_client.DeleteAsync(key)));
            case "import":
                {
                    using var accepted = await _client.ImportAsync("name_en,country,region\nImported,BY,BY-HM\n"u8.ToArray(), prefer: "respond-async");
                    var import = accepted.Headers.Location!.ToString();
                    await _client.WaitAsync(import);
                    return (import, null);
                }

            case "match run":
                await CreatePairAsync();
                var run = await PostAsync("/v1/match-runs", new { side = "first" });
                await _client.WaitAsync(run);
                return (run, null);
            case "competency":
                return ("/v1/competencies/28.41.22", () => EnsureAsync(_client.PostAsJsonAsync("/v1/enterprises", new { name = "One more", country = "BY", region = "BY-HM", offers = new[] { new { code = "28.41.22" } } })));
            case "ranking profile":
                var profile = await PostAsync("/v1/ranking-profiles", Weights("Of proximity"));
                return (profile, () => EnsureAsync(_client.ReplaceAsync(profile, Weights("Of proximity alone"))));
            case "forms":
                var adopted = await PostAsync("/v1/ranking-profiles", Weights("To adopt"));
                return ("/v1/forms", () => EnsureAsync(_client.PostAsync($"{adopted}/adopt", null)));
            case "components":
                return ("/v1/ranking/components", null);
            case "regions":
                return ("/v1/regions?country=BY", null);
            case "corridors":
                return ("/v1/corridors", () => EnsureAsync(_client.PostAsJsonAsync("/v1/corridors", new { id = "by-ru", name = "Belarus and Russia", first = new[] { "BY" }, second = new[] { "RU" } })));
            case "enterprises":
                return ("/v1/enterprises?limit=1&q=listed", () => _client.CreateAsync(new { name = "Listed", country = "BY", region = "BY-HM" }));
            case "competencies":
                return ("/v1/competencies?parent=28&limit=2", null);
            case "gaps":
                return ("/v1/corridors/by-ru-sam/gaps?side=first", () => _client.CreateAsync(new { name = "Lacks", country = "BY", region = "BY-HM", needs = new[] { new { code = "28.41.21" } } }));
            case "pairs":
                await CreatePairAsync();
                return ("/v1/pairs?minScore=0&limit=1", CreatePairAsync);
            case "decisions":
                {
                    var (a, b) = await CreatePairAsync();
                    return ("/v1/decisions?limit=1", () => DecideAsync(a, b, "accept"));
                }

            case "watches":
                {
                    var (enterprise, _) = await CreatePairAsync();
                    return ("/v1/watches?limit=100", () => PostAsync("/v1/watches", new { enterprise }));
                }

            case "keys":
                return ("/v1/keys?limit=100", () => PostAsync("/v1/keys", new { name = "one more", scopes = new[] { "read" } }));
            case "webhooks":
                return ("/v1/webhooks", () => PostAsync("/v1/webhooks", new { url = "https://portal.example/", enabled = false }));
            case "match runs":
                await CreatePairAsync();
                return ("/v1/match-runs?limit=1", async () => await _client.WaitAsync(await PostAsync("/v1/match-runs", new { side = "first" })));
            case "results of a run":
                await CreatePairAsync();
                var done = await PostAsync("/v1/match-runs", new { side = "first", minScore = 0 });
                await _client.WaitAsync(done);
                return (done + "/results?limit=1", null);
            case "ranking profiles":
                return ("/v1/ranking-profiles?limit=100", () => PostAsync("/v1/ranking-profiles", Weights("One more")));
            case "versions of a ranking profile":
                var versioned = await PostAsync("/v1/ranking-profiles", Weights("Of versions"));
                return (versioned + "/versions", () => EnsureAsync(_client.ReplaceAsync(versioned, Weights("Of more versions"))));
            case "audit trail":
                return ("/v1/audit?limit=1&resource=corridor", () => PostAsync("/v1/corridors", new { id = "kz-uz", name = "Kazakhstan and Uzbekistan", first = new[] { "KZ" }, second = new[] { "UZ" } }));
            default:
                throw new ArgumentOutOfRangeException(nameof(resource), resource, null);
        }
    }

    private static object Weights(string name) => new { name, form = "supplier", weights = new { proximity = 1 } };

    private async Task<(string A, string B)> CreatePairAsync()
    {
        var ids = new List<string>();
        foreach (var (country, region) in new[] { ("BY", "BY-HM"), ("RU", "RU-SAM") })
        {
            ids.Add((string)(await _client.CreateAsync(new { name = "Of a pair", country, region, offers = new[] { new { code = "28.41.21" } } }))["id"]!);
        }

        return (ids[0], ids[1]);
    }

    private Task<string> DecideAsync(string a, string b, string decision) => PostAsync($"/v1/pairs/{a}/{b}/decisions", new { decision });

    private async Task<string> PostAsync(string path, object body)
    {
        using var response = await _client.PostAsJsonAsync(path, body);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        return response.Headers.Location!.ToString();
    }

    private static async Task EnsureAsync(Task<HttpResponseMessage> sending)
    {
        using var response = await sending;
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
    }

    private async Task<HttpResponseMessage> AskAsync(string path, string? known, string? accept = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (accept is not null)
        {
            request.Headers.Add("Accept", accept);
        }

        if (known is not null)
        {
            request.Headers.TryAddWithoutValidation("If-None-Match", known);
        }

        return await _client.SendAsync(request);
    }
}
