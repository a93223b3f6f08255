using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using PartnerMatch.Api.Matches;

namespace PartnerMatch.Api.Tests;

/// <summary>Matching over HTTP, on the sample.</summary>
public sealed class MatchTests(SampleFixture api) : IClassFixture<SampleFixture>
{
    private readonly HttpClient _client = api.Connect();

    [Fact]
    public async Task A_list_that_still_holds_is_not_sent_again()
    {
        var path = "/v1/enterprises/mzor/matches?limit=3";
        using var first = await _client.GetAsync(path);
        var tag = first.Headers.ETag!;
        using var again = await AskAsync(path, tag);
        Assert.Equal((HttpStatusCode.NotModified, tag, 0), (again.StatusCode, again.Headers.ETag!, (await again.Content.ReadAsByteArrayAsync()).Length));
        foreach (var other in new[] { "?limit=4", "?limit=3&lang=ru", "?limit=3&form=supplier", "?limit=3&minScore=1" })
        {
            using var different = await AskAsync("/v1/enterprises/mzor/matches" + other, tag);
            Assert.Equal(HttpStatusCode.OK, different.StatusCode);
            Assert.NotEqual(tag, different.Headers.ETag);
        }

        using var table = await AskAsync(path, tag, "text/csv");
        Assert.Equal(HttpStatusCode.OK, table.StatusCode);

        async Task<HttpResponseMessage> AskAsync(string question, System.Net.Http.Headers.EntityTagHeaderValue known, string accept = "application/json")
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, question);
            request.Headers.IfNoneMatch.Add(known);
            request.Headers.Accept.ParseAdd(accept);
            return await _client.SendAsync(request);
        }
    }

    [Fact]
    public async Task A_list_explains_each_score_to_the_last_point()
    {
        var list = await _client.GetJsonAsync("/v1/enterprises/mzor/matches?limit=20");
        var items = list["items"]!.AsArray();
        Assert.Equal(20, items.Count);
        Assert.All(items, item =>
        {
            var points = item!["contributions"]!.AsArray().Sum(c => (double)c!["points"]!);
            Assert.Equal((double)item["score"]!, points, 1e-6);
            Assert.True((double)item["score"]! >= (double)list["meta"]!["threshold"]!);
            Assert.NotEmpty((string)item["summary"]!);
            Assert.Equal("RU-SAM", (string?)item["enterprise"]!["region"]);
        });
        Assert.Equal(Enumerable.Range(1, 20), items.Select(i => (int)i!["rank"]!));
        Assert.NotEmpty((string)list["meta"]!["dataVersion"]!);
        Assert.NotEmpty((string)list["meta"]!["weightsHash"]!);
    }

    [Fact]
    public async Task Pages_joined_equal_one_long_page_and_the_link_header_leads_on()
    {
        var whole = await RanksAsync("/v1/enterprises/mzor/matches?limit=30&minScore=0");
        var first = await _client.GetAsync("/v1/enterprises/mzor/matches?limit=13&minScore=0");
        var page = JsonNode.Parse(await first.Content.ReadAsStringAsync())!;
        Assert.Equal($"<{page["next"]}>; rel=\"next\"", first.Headers.GetValues("Link").Single());
        var paged = new List<string>();
        for (var next = "/v1/enterprises/mzor/matches?limit=13&minScore=0"; next is not null && paged.Count < 30;)
        {
            page = await _client.GetJsonAsync(next);
            paged.AddRange(page["items"]!.AsArray().Select(i => $"{i!["rank"]} {i["enterprise"]!["id"]}"));
            next = (string?)page["next"];
        }

        Assert.Equal(whole, paged.Take(30));
        await _client.GetAsync(((string)page["next"]!).Replace("limit=13", "form=supplier", StringComparison.Ordinal)).ProblemAsync(400);
    }

    [Fact]
    public async Task The_same_question_has_the_same_answer_byte_for_byte()
    {
        const string Path = "/v1/enterprises/mogilevliftmash/matches?limit=50&lang=ru";
        Assert.Equal(await _client.GetStringAsync(Path), await _client.GetStringAsync(Path));
    }

    [Theory]
    [InlineData("minScore=0&limit=100")]
    [InlineData("minScore=0&limit=100&lang=ru")]
    [InlineData("form=supplier&minScore=0&limit=100")]
    [InlineData("form=distribution&minScore=0&lang=ru")]
    [InlineData("minScore=100")]
    public async Task A_list_is_written_as_the_serializer_writes_it(string question) =>
        await api.AssertAsSerializedAsync($"/v1/enterprises/mzor/matches?{question}");

    [Fact]
    public async Task A_pair_scores_in_full_what_the_list_scores()
    {
        var top = (await _client.GetJsonAsync("/v1/enterprises/mzor/matches?limit=1"))["items"]![0]!;
        var pair = await _client.GetJsonAsync($"/v1/pairs/mzor/{top["enterprise"]!["id"]}");
        Assert.Equal((double)top["score"]!, (double)pair["score"]!);
        Assert.Equal((string?)top["summary"], (string?)pair["summary"]);
        Assert.NotEmpty((string)pair["summaryRu"]!);
        Assert.All(pair["contributions"]!.AsArray(), c => Assert.Equal((int)c!["termCount"]!, c["terms"]!.AsArray().Count));
        var turned = await _client.GetJsonAsync($"/v1/pairs/{top["enterprise"]!["id"]}/mzor");
        Assert.Equal((double)pair["score"]!, (double)turned["score"]!);
    }

    [Fact]
    public async Task In_a_directed_pair_the_first_is_the_supplier()
    {
        var pair = await _client.GetJsonAsync("/v1/pairs/mogilevliftmash/capital-repair-fund?form=supplier");
        var turned = await _client.GetJsonAsync("/v1/pairs/capital-repair-fund/mogilevliftmash?form=supplier");
        Assert.Equal("to-partner", (string?)pair["direction"]);
        Assert.True((double)pair["score"]! > (double)turned["score"]!);
    }

    [Fact]
    public async Task The_best_pairs_of_the_corridor_are_the_best_of_all_lists()
    {
        var pairs = await _client.GetJsonAsync("/v1/pairs?form=supplier&limit=5");
        var best = pairs["items"]![0]!;
        var list = await _client.GetJsonAsync($"/v1/enterprises/{best["a"]!["id"]}/matches?form=supplier&limit=1");
        Assert.Equal((double)best["score"]!, (double)list["items"]![0]!["score"]!);
        var second = await _client.GetJsonAsync((string)pairs["next"]!);
        Assert.Equal(6, (int)second["items"]![0]!["rank"]!);
        Assert.True((double)pairs["items"]![4]!["score"]! >= (double)second["items"]![0]!["score"]!);
    }

    [Theory]
    [InlineData("lidselmash", "selkhoztekhnika")]
    [InlineData("mtz", "selkhoztekhnika")]
    [InlineData("pinskdrev", "myagkoff")]
    public async Task A_distributor_is_found_though_no_input_link_joins_it_to_the_maker(string maker, string distributor)
    {
        var list = await _client.GetJsonAsync($"/v1/enterprises/{maker}/matches?form=distribution&limit=5");
        Assert.Contains(list["items"]!.AsArray(), i => ((string)i!["enterprise"]!["id"]!).StartsWith(distributor, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Nothing_above_the_threshold_is_said_with_what_came_closest_and_what_lacks()
    {
        var list = await _client.GetJsonAsync("/v1/enterprises/mzor/matches?minScore=100");
        Assert.Empty(list["items"]!.AsArray());
        Assert.Null(list["next"]);
        Assert.Equal(5, list["meta"]!["nearest"]!.AsArray().Count);
        Assert.NotEmpty(list["meta"]!["missing"]!.AsArray());
    }

    [Fact]
    public async Task A_profile_that_is_not_stored_is_ranked_with_weights_of_its_own()
    {
        var body = new
        {
            profiles = new object[]
            {
                new { name = "Visitor", country = "BY", region = "BY-HM", offers = new[] { new { code = "28.22.16" } } },
                new { name = "Buyer", country = "RU", region = "RU-SAM", needs = new[] { new { code = "28.22.16" } } },
            },
            form = "supplier",
            limit = 3,
            weights = new Dictionary<string, double> { ["supply"] = 2 },
            excludeEnterprises = new[] { "capital-repair-fund" },
        };
        using var response = await _client.PostAsJsonAsync("/v1/matches/query", body);
        var lists = JsonNode.Parse(await response.Content.ReadAsStringAsync())!["lists"]!.AsArray();
        Assert.Equal(2, lists.Count);
        Assert.Equal("mogilevliftmash", (string?)lists[1]!["items"]![0]!["enterprise"]!["id"]);
        Assert.Contains("says it needs", (string)lists[1]!["items"]![0]!["summary"]!, StringComparison.Ordinal);
        Assert.DoesNotContain(lists[0]!["items"]!.AsArray(), i => (string?)i!["enterprise"]!["id"] == "capital-repair-fund");
        Assert.Equal(1, (int)lists[0]!["meta"]!["excluded"]!.AsArray().Single(e => (string?)e!["reason"] == "excluded-pair")!["count"]!);
        var contribution = Assert.Single(lists[1]!["items"]![0]!["contributions"]!.AsArray());
        Assert.Equal(1, (double)contribution!["weight"]!);
    }

    [Theory]
    [InlineData("""{"profiles":[]}""", "profiles")]
    [InlineData("""{"profiles":[{"name":"x","country":"BY","region":"BY-HM","offers":[{"code":"1"}]}]}""", "profiles[0].offers[0].code")]
    [InlineData("""{"profiles":[{"name":"x","country":"KZ","region":"KZ-75"}]}""", "profiles[0].region")]
    [InlineData("""{"profiles":[{"name":"x","country":"BY","region":"BY-HM"}],"weights":{"charm":1}}""", "weights.charm")]
    [InlineData("""{"profiles":[{"name":"x","country":"BY","region":"BY-HM"}],"weights":{"supply":-1}}""", "weights.supply")]
    [InlineData("""{"profiles":[{"name":"x","country":"BY","region":"BY-HM"}],"weights":{"rivalry":1}}""", "weights")]
    [InlineData("""{"profiles":[{"name":"x","country":"BY","region":"BY-HM"}],"weights":{"supply":1e999}}""", "weights.supply")]
    [InlineData("""{"profiles":[{"name":"x","country":"BY","region":"BY-HM"}],"corridor":"none"}""", "corridor")]
    [InlineData("""{"profiles":[{"name":"x","country":"BY","region":"BY-HM"}],"role":"buyer"}""", "role")]
    [InlineData("""{"profiles":[null]}""", "profiles")]
    [InlineData("""{"profiles":[{"name":"x","country":"BY","region":"BY-HM"}],"excludeRegions":[null]}""", "excludeRegions[0]")]
    [InlineData("""{"profiles":[{"name":"x","country":"BY","region":"BY-HM"}],"excludeEnterprises":[null]}""", "excludeEnterprises[0]")]
    [InlineData("""{"profiles":[{"name":"x","country":"BY","region":"BY-HM"}],"excludeRegions":["RU","ru-sam"]}""", "excludeRegions[1]")]
    [InlineData("""{"profiles":[{"name":"x","country":"BY","region":"BY-HM"}],"excludeEnterprises":["12345678901234567890123456789012345678901234567890123456789012345"]}""", "excludeEnterprises[0]")]
    [InlineData("""{"profiles":[{"name":"x","country":"BY","region":"BY-HM"}],"profile":"joint-venture@000000000000000000000000000001"}""", "profile")]
    [InlineData("""{}""", "profiles")]
    public async Task A_wrong_query_body_is_refused_by_its_place(string body, string path)
    {
        var problem = await _client.PostAsync("/v1/matches/query", ClientExtensions.Json(body)).ProblemAsync(400);
        Assert.Contains(path, problem.Paths());
    }

    [Theory]
    [InlineData("/v1/enterprises/mzor/matches?form=barter", 400, "form")]
    [InlineData("/v1/enterprises/mzor/matches?role=buyer", 400, "role")]
    [InlineData("/v1/enterprises/mzor/matches?minScore=101", 400, "minScore")]
    [InlineData("/v1/enterprises/mzor/matches?minScore=NaN", 400, "minScore")]
    [InlineData("/v1/enterprises/mzor/matches?corridor=none", 400, "corridor")]
    [InlineData("/v1/enterprises/mzor/matches?lang=fr", 400, "lang")]
    [InlineData("/v1/enterprises/mzor/matches?cursor=AAAA", 400, "cursor")]
    [InlineData("/v1/pairs?limit=1000", 400, "limit")]
    [InlineData("/v1/match-runs?corridor=a-corridor-whose-name-is-longer-than-any-is", 400, "corridor")]
    [InlineData("/v1/decisions?enterprise=12345678901234567890123456789012345678901234567890123456789012345", 400, "enterprise")]
    [InlineData("/v1/pairs/mzor/mzor?x=1", 400, "x")]
    public async Task A_wrong_question_is_refused_by_its_parameter(string path, int status, string parameter) =>
        Assert.Contains(parameter, (await _client.GetAsync(path).ProblemAsync(status)).Paths());

    [Fact]
    public async Task Unknown_enterprises_and_pairs_of_one_side_are_refused()
    {
        await _client.GetAsync("/v1/enterprises/none/matches").ProblemAsync(404);
        await _client.GetAsync("/v1/pairs/mzor/none").ProblemAsync(404);
        await _client.GetAsync("/v1/pairs/mzor/vistan").ProblemAsync(409);
    }

    [Fact]
    public async Task Competencies_are_found_by_alias_in_both_languages_and_show_their_links()
    {
        foreach (var (query, code) in new[] { ("CNC lathe", "28.41.21"), ("токарный станок с ЧПУ", "28.41.21"), ("лифт", "28.22.16"), ("elevator", "28.22.16"), ("haul truck", "28.92.29"), ("карьерный самосвал", "28.92.29") })
        {
            var found = await _client.GetJsonAsync("/v1/competencies?limit=5&q=" + Uri.EscapeDataString(query));
            Assert.Contains(found["items"]!.AsArray(), i => (string?)i!["code"] == code);
        }

        var lifts = await _client.GetJsonAsync("/v1/competencies/28.22.16");
        Assert.Contains(lifts["outputs"]!.AsArray(), l => (string?)l!["code"] == "68.32" && (string?)l["kind"] == "equipment");
        Assert.Contains(lifts["inputs"]!.AsArray(), l => (string?)l!["code"] == "28.22.12" && (string?)l["kind"] == "component");
        Assert.Equal(1, (int)lifts["first"]!["offer"]!);
        Assert.Equal(70, (await AllAsync("/v1/competencies?limit=50")).Count);
        await _client.GetAsync("/v1/competencies/99.99").ProblemAsync(404);
        await _client.GetAsync("/v1/competencies?parent=99.99").ProblemAsync(400);
    }

    [Fact]
    public async Task Regions_and_forms_are_listed()
    {
        Assert.Equal(7, (await _client.GetJsonAsync("/v1/regions?country=BY"))["items"]!.AsArray().Count);
        var forms = (await _client.GetJsonAsync("/v1/forms"))["items"]!.AsArray();
        Assert.Equal(5, forms.Count);
        Assert.All(forms, f => Assert.Equal(1, f!["weights"]!.AsObject().Where(w => w.Key != "rivalry").Sum(w => (double)w.Value!), 1e-9));
    }

    private async Task<List<string>> RanksAsync(string path) =>
        [.. (await _client.GetJsonAsync(path))["items"]!.AsArray().Select(i => $"{i!["rank"]} {i["enterprise"]!["id"]}")];

    private async Task<List<JsonNode>> AllAsync(string path)
    {
        var items = new List<JsonNode>();
        for (var next = path; next is not null;)
        {
            var page = await _client.GetJsonAsync(next);
            items.AddRange(page["items"]!.AsArray()!);
            next = (string?)page["next"];
        }

        return items;
    }
}

/// <summary>Matching follows what is stored.</summary>
public sealed class LiveMatchTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    private readonly HttpClient _client = api.Connect();

    [Fact]
    public async Task A_change_is_seen_by_the_next_query_and_a_withdrawn_profile_by_none()
    {
        var maker = (string)(await _client.CreateAsync(new { name = "Lift maker", country = "BY", region = "BY-MA", city = "Mogilev", offers = new[] { new { code = "28.22.16" } } }))["id"]!;
        var fund = (string)(await _client.CreateAsync(new { name = "Housing fund", country = "RU", region = "RU-SAM", city = "Самара", offers = new[] { new { code = "68.32" } } }))["id"]!;
        var list = await _client.GetJsonAsync($"/v1/enterprises/{maker}/matches");
        Assert.Equal(fund, (string?)list["items"]![0]!["enterprise"]!["id"]);
        var version = (string)list["meta"]!["dataVersion"]!;

        using var withdrawn = await _client.MergeAsync($"/v1/enterprises/{fund}", ClientExtensions.Json("""{"status":"withdrawn"}"""));
        Assert.Equal(HttpStatusCode.OK, withdrawn.StatusCode);
        list = await _client.GetJsonAsync($"/v1/enterprises/{maker}/matches?minScore=0");
        Assert.Empty(list["items"]!.AsArray());
        Assert.NotEqual(version, (string?)list["meta"]!["dataVersion"]);
        Assert.Equal("withdrawn", (string?)list["meta"]!["excluded"]![0]!["reason"]);
        Assert.Equal("no-candidates", (string?)list["meta"]!["missing"]![0]!["kind"]);
        await _client.GetAsync($"/v1/enterprises/{fund}/matches").ProblemAsync(409);
        await _client.GetAsync($"/v1/pairs/{maker}/{fund}").ProblemAsync(409);
    }

    [Fact]
    public async Task A_name_is_escaped_as_the_serializer_escapes_it()
    {
        var offers = new[] { new { code = "01.13.41" } };
        var grower = (string)(await _client.CreateAsync(new { name = "Grower", country = "BY", region = "BY-MA", offers }))["id"]!;
        var farm = (string)(await _client.CreateAsync(new { name = "The \"Beet\" \\ farm <&> 🌱", nameRu = "Хозяйство «Свёкла» \"№ 1\"", country = "RU", region = "RU-SAM", offers }))["id"]!;
        var list = await api.AssertAsSerializedAsync($"/v1/enterprises/{grower}/matches?minScore=0&lang=ru");
        Assert.Contains("\"name\":\"The \\\"Beet\\\" \\\\ farm <&> ", list, StringComparison.Ordinal);
        Assert.Contains("\"nameRu\":\"Хозяйство «Свёкла» \\\"№ 1\\\"\"", list, StringComparison.Ordinal);

        // The other tests of the class are to find nobody but their own.
        using var withdrawn = await _client.MergeAsync($"/v1/enterprises/{farm}", ClientExtensions.Json("""{"status":"withdrawn"}"""));
        Assert.Equal(HttpStatusCode.OK, withdrawn.StatusCode);
    }

    [Fact]
    public async Task A_corridor_of_ones_own_matches_other_sides()
    {
        using var created = await _client.PostAsJsonAsync("/v1/corridors", new { id = "kz-uz", name = "Kazakhstan x Uzbekistan", first = new[] { "KZ" }, second = new[] { "UZ" } });
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        await _client.PostAsJsonAsync("/v1/corridors", new { id = "kz-uz", name = "Again", first = new[] { "KZ" }, second = new[] { "UZ" } }).ProblemAsync(409);
        var broken = await _client.PostAsJsonAsync("/v1/corridors", new { id = "uz-kz\n", name = "Of two lines", first = new[] { "UZ" }, second = new[] { "KZ" } }).ProblemAsync(400);
        Assert.Equal(["id"], broken.Paths());
        var empty = await _client.PostAsync("/v1/corridors", ClientExtensions.Json("""{"id":"empty","name":"Empty","first":[null],"second":[null],"commonMarket":[null]}""")).ProblemAsync(400);
        Assert.Equal(["first[0]", "second[0]", "commonMarket[0]"], empty.Paths());
        var crowded = await _client.PostAsJsonAsync("/v1/corridors", new { id = "crowded", name = "x", first = new[] { "KZ" }, second = new[] { "UZ" }, commonMarket = Enumerable.Repeat("KZ", 101) }).ProblemAsync(400);
        Assert.Equal(["commonMarket"], crowded.Paths());
        var problem = await _client.PostAsJsonAsync("/v1/corridors", new { id = "Bad Id", name = "x", first = new[] { "RU" }, second = new[] { "RU-SAM", "XX" } }).ProblemAsync(400);
        Assert.Equal(["id", "second", "second[1]"], problem.Paths().Distinct().Order());
        var seller = (string)(await _client.CreateAsync(new { name = "Seller", country = "KZ", region = "KZ-75", offers = new[] { new { code = "28.41.21" } } }))["id"]!;
        await _client.CreateAsync(new { name = "Buyer", country = "UZ", region = "UZ-TK", needs = new[] { new { code = "28.41.21" } } });
        var list = await _client.GetJsonAsync($"/v1/enterprises/{seller}/matches?corridor=kz-uz&form=supplier");
        Assert.Single(list["items"]!.AsArray());
        await _client.GetAsync($"/v1/enterprises/{seller}/matches").ProblemAsync(409);
        Assert.Equal(["by-ru-sam", "kz-uz"], (await _client.GetJsonAsync("/v1/corridors"))["items"]!.AsArray().Select(c => (string)c!["id"]!));
    }
}

/// <summary>What holds in Production as in Development.</summary>
public sealed class ProductionTests(ProductionFixture api) : IClassFixture<ProductionFixture>
{
    private readonly HttpClient _client = api.Connect();

    [Fact]
    public async Task A_body_that_does_not_bind_is_told_as_plainly_as_in_development()
    {
        var problem = await _client.PostAsync("/v1/enterprises", ClientExtensions.Json("""{"name":1}""")).ProblemAsync(400);
        Assert.Contains("name", problem.Paths());
        await _client.PostAsync("/v1/enterprises", ClientExtensions.Json("{")).ProblemAsync(400);
        Assert.Contains("limit", (await _client.GetAsync("/v1/enterprises?limit=x").ProblemAsync(400)).Paths());
    }

    [Fact]
    public async Task No_sample_is_loaded_and_the_service_is_ready()
    {
        Assert.Empty((await _client.GetJsonAsync("/v1/enterprises"))["items"]!.AsArray());
        Assert.Equal("alive", (string?)(await _client.GetJsonAsync("/healthz"))["status"]);
        var ready = await _client.GetJsonAsync("/readyz");
        Assert.True((bool)ready["ready"]!);
        Assert.Equal("migrated", (string?)ready["database"]!["state"]);
        Assert.Equal("0 enterprises", (string?)ready["index"]!["state"]);
    }
}

internal static class MatchListExpectations
{
    /// <summary>Reads the list and has the serializer write it again: not a byte may differ.</summary>
    public static async Task<string> AssertAsSerializedAsync(this ApiFixture api, string path)
    {
        using var client = api.Connect(asked: Rules.ExactBytes);
        var body = await client.GetStringAsync(path);
        var options = api.Services.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions;
        Assert.Equal(JsonSerializer.Serialize(JsonSerializer.Deserialize<MatchList>(body, options), options), body);
        return body;
    }
}
