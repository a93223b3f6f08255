using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace PartnerMatch.Api.Tests;

/// <summary>Weight sets that people own.</summary>
public sealed class RankingProfileTests(SampleFixture api) : IClassFixture<SampleFixture>
{
    private readonly HttpClient _client = api.Connect();

    [Fact]
    public async Task The_profiles_of_the_product_are_there_and_cannot_be_changed()
    {
        var profile = await _client.GetJsonAsync("/v1/ranking-profiles/supplier");
        Assert.Equal("shipped", (string?)profile["origin"]);
        Assert.Equal((string?)profile["weightsHash"], (string?)(await _client.GetJsonAsync("/v1/enterprises/mzor/matches?profile=supplier&limit=1"))["meta"]!["weightsHash"]);
        var put = await SendAsync(HttpMethod.Put, "/v1/ranking-profiles/supplier", Body(), "\"1\"").ProblemAsync(409);
        Assert.Equal("urn:partnermatch:problem:shipped-profile", (string?)put["type"]);
        await SendAsync(HttpMethod.Delete, "/v1/ranking-profiles/supplier", null, "*").ProblemAsync(409);
    }

    [Fact]
    public async Task A_stored_profile_ranks_as_the_same_weights_sent_along_do()
    {
        var (id, _) = await StoreAsync(Body(weights: new { supply = 3, proximity = 1 }));
        var named = await _client.GetJsonAsync($"/v1/enterprises/mzor/matches?profile={id}&role=supplier&limit=3");
        Assert.Equal("supplier", (string?)named["meta"]!["form"]);
        Assert.Equal($"{id}@1", (string?)named["meta"]!["profile"]);
        Assert.All(named["items"]!.AsArray(), i => Assert.Equal(0.75, (double)i!["contributions"]![0]!["weight"]!));
        var top = (string)named["items"]![0]!["enterprise"]!["id"]!;
        var pair = await _client.GetJsonAsync($"/v1/pairs/mzor/{top}?profile={id}");
        Assert.Equal((double)named["items"]![0]!["score"]!, (double)pair["score"]!);
        var pairs = await _client.GetJsonAsync($"/v1/pairs?profile={id}&limit=1");
        Assert.Equal((string?)named["meta"]!["weightsHash"], (string?)pairs["meta"]!["weightsHash"]);
        var visitor = new[] { new { name = "Visitor", country = "BY", region = "BY-HM", offers = new[] { new { code = "28.41.22" } } } };
        var asked = await QueryAsync(new { profiles = visitor, profile = id });
        var sent = await QueryAsync(new { profiles = visitor, form = "supplier", weights = new { supply = 3, proximity = 1 } });
        Assert.Equal(sent["lists"]![0]!["items"]!.ToJsonString(), asked["lists"]![0]!["items"]!.ToJsonString());
        Assert.Null(sent["lists"]![0]!["meta"]!["profile"]);
    }

    [Fact]
    public async Task A_change_makes_a_version_and_leaves_the_old_one_readable()
    {
        var (id, version) = await StoreAsync(Body());
        await SendAsync(HttpMethod.Put, $"/v1/ranking-profiles/{id}", Body(), null).ProblemAsync(428);
        await SendAsync(HttpMethod.Put, $"/v1/ranking-profiles/{id}", Body(), "\"other\"").ProblemAsync(412);
        await SendAsync(HttpMethod.Put, $"/v1/ranking-profiles/{id}", Body(), "W/" + version).ProblemAsync(412);
        using var put = await SendAsync(HttpMethod.Put, $"/v1/ranking-profiles/{id}", Body(weights: new { proximity = 1 }), version);
        Assert.Equal(HttpStatusCode.OK, put.StatusCode);
        await SendAsync(HttpMethod.Put, $"/v1/ranking-profiles/{id}", Body(), version).ProblemAsync(412);
        var versions = await _client.GetJsonAsync($"/v1/ranking-profiles/{id}/versions");
        Assert.Equal([2, 1], versions["items"]!.AsArray().Select(v => (int)v!["version"]!));
        var first = await _client.GetJsonAsync($"/v1/ranking-profiles/{id}?version=1");
        Assert.Equal(1, (double)first["weights"]!["supply"]!);
        Assert.Equal((string?)first["weightsHash"], (string?)(await _client.GetJsonAsync($"/v1/enterprises/mzor/matches?profile={id}%401&limit=1"))["meta"]!["weightsHash"]);
        Assert.NotEqual((string?)first["weightsHash"], (string?)(await _client.GetJsonAsync($"/v1/enterprises/mzor/matches?profile={id}&limit=1"))["meta"]!["weightsHash"]);
        await _client.GetAsync($"/v1/ranking-profiles/{id}?version=3").ProblemAsync(404);
        await SendAsync(HttpMethod.Put, $"/v1/ranking-profiles/{id}", Body(form: "distribution"), "*").ProblemAsync(400);
    }

    [Fact]
    public async Task A_removed_profile_is_gone()
    {
        var (id, version) = await StoreAsync(Body());
        await SendAsync(HttpMethod.Delete, $"/v1/ranking-profiles/{id}", null, null).ProblemAsync(428);
        using var removed = await SendAsync(HttpMethod.Delete, $"/v1/ranking-profiles/{id}", null, version);
        Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);
        await _client.GetAsync($"/v1/ranking-profiles/{id}").ProblemAsync(404);
        await SendAsync(HttpMethod.Delete, $"/v1/ranking-profiles/{id}", null, version).ProblemAsync(404);
        Assert.Equal(["profile"], (await _client.GetAsync($"/v1/enterprises/mzor/matches?profile={id}").ProblemAsync(400)).Paths());
    }

    [Fact]
    public async Task Lists_of_profiles_go_on_and_can_be_of_one_form()
    {
        var (id, _) = await StoreAsync(Body(form: "manufacturing", weights: new { supply = 1 }));
        var found = new List<string>();
        for (string? next = "/v1/ranking-profiles?form=manufacturing&limit=1"; next is not null;)
        {
            var page = await _client.GetJsonAsync(next);
            found.Add((string)page["items"]!.AsArray().Single()!["id"]!);
            next = (string?)page["next"];
        }

        Assert.Equal("manufacturing", found[0]);
        Assert.Contains(id, found);
        await _client.GetAsync("/v1/ranking-profiles?cursor=AAAA").ProblemAsync(400);
        await _client.GetAsync("/v1/ranking-profiles/none/versions").ProblemAsync(404);
    }

    [Fact]
    public async Task A_cursor_under_other_weights_is_refused()
    {
        var (id, _) = await StoreAsync(Body(weights: new { supply = 1, proximity = 2 }));
        var next = (string)(await _client.GetJsonAsync("/v1/enterprises/mzor/matches?form=supplier&limit=2"))["next"]!;
        Assert.Equal(["cursor"], (await _client.GetAsync(next + "&profile=" + id).ProblemAsync(400)).Paths());
    }

    [Theory]
    [InlineData("/v1/enterprises/mzor/matches?profile=none", "profile")]
    [InlineData("/v1/enterprises/mzor/matches?profile=supplier%402", "profile")]
    [InlineData("/v1/enterprises/mzor/matches?profile=supplier%40x", "profile")]
    [InlineData("/v1/enterprises/mzor/matches?profile=supplier&form=distribution", "profile")]
    [InlineData("/v1/enterprises/mzor/matches?profile=joint-venture&role=buyer", "role")]
    [InlineData("/v1/pairs?profile=none", "profile")]
    [InlineData("/v1/pairs/mzor/aviakor?profile=none", "profile")]
    [InlineData("/v1/ranking-profiles/supplier?version=0", "version")]
    public async Task A_profile_that_does_not_fit_is_refused_by_its_parameter(string path, string parameter) =>
        Assert.Equal([parameter], (await _client.GetAsync(path).ProblemAsync(400)).Paths());

    [Theory]
    [InlineData("""{"form":"supplier","weights":{"supply":1}}""", "name")]
    [InlineData("""{"name":"x","weights":{"supply":1}}""", "form")]
    [InlineData("""{"name":"x","form":"supplier"}""", "weights")]
    [InlineData("""{"name":"x","form":"barter","weights":{"supply":1}}""", "form")]
    [InlineData("""{"name":"x","form":"supplier","weights":{"supply":0}}""", "weights")]
    [InlineData("""{"name":"x","form":"supplier","weights":{"rivalry":1}}""", "weights")]
    [InlineData("""{"name":"x","form":"supplier","weights":{"supply":-1}}""", "weights.supply")]
    [InlineData("""{"name":"x","form":"supplier","weights":{"supply":1e999}}""", "weights.supply")]
    [InlineData("""{"name":"x","form":"supplier","weights":{"supply":1e308,"proximity":1e308}}""", "weights.supply")]
    [InlineData("""{"name":"x","form":"supplier","weights":{"charm":1}}""", "weights.charm")]
    [InlineData("""{"name":"x","form":"supplier","weights":{"supply":1},"threshold":101}""", "threshold")]
    public async Task A_profile_that_means_nothing_is_refused_by_its_place(string body, string path) =>
        Assert.Contains(path, (await _client.PostAsync("/v1/ranking-profiles", ClientExtensions.Json(body)).ProblemAsync(400)).Paths());

    [Fact]
    public async Task Not_a_number_is_no_weight() =>
        await _client.PostAsync("/v1/ranking-profiles", ClientExtensions.Json("""{"name":"x","form":"supplier","weights":{"supply":NaN}}""")).ProblemAsync(400);

    [Fact]
    public async Task Either_a_profile_or_weights_are_sent()
    {
        var body = """{"profiles":[{"name":"x","country":"BY","region":"BY-HM"}],"profile":"supplier","weights":{"supply":1}}""";
        Assert.Equal(["profile"], (await _client.PostAsync("/v1/matches/query", ClientExtensions.Json(body)).ProblemAsync(400)).Paths());
    }

    [Fact]
    public async Task Each_component_is_documented_in_both_languages_with_its_parameters()
    {
        var components = (await _client.GetJsonAsync("/v1/ranking/components"))["items"]!.AsArray();
        Assert.Equal(10, components.Count);
        var supply = components.Single(c => (string?)c!["name"] == "supply")!;
        Assert.Equal("[0,1)", (string?)supply["range"]);
        Assert.Equal(0.22, (double)supply["parameters"]!.AsArray().Single(p => (string?)p!["name"] == "supplyScale")!["value"]!);
        Assert.Equal("rivalry", (string?)components.Single(c => (bool)c!["subtracts"]!)!["name"]);
        Assert.All(components, c => Assert.All(["definition", "definitionRu", "formula", "source", "facts", "factsRu", "terms", "termsRu"], m => Assert.NotEmpty((string)c![m]!)));
        var cyrillic = new System.Text.RegularExpressions.Regex(@"\p{IsCyrillic}");
        Assert.All(components, c => Assert.All(["labelRu", "definitionRu", "factsRu", "termsRu"], m => Assert.Matches(cyrillic, (string)c![m]!)));
        Assert.All(components, c => Assert.All(["label", "definition", "facts", "terms"], m => Assert.DoesNotMatch(cyrillic, (string)c![m]!)));
    }

    private async Task<(string Id, string Version)> StoreAsync(object body)
    {
        using var response = await SendAsync(HttpMethod.Post, "/v1/ranking-profiles", body, null);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        var id = (string)JsonNode.Parse(await response.Content.ReadAsStringAsync())!["id"]!;
        Assert.Equal($"/v1/ranking-profiles/{id}", response.Headers.Location?.OriginalString);
        return (id, response.Headers.ETag!.ToString());
    }

    private async Task<JsonNode> QueryAsync(object body)
    {
        using var response = await _client.PostAsJsonAsync("/v1/matches/query", body);
        return JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
    }

    private Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, object? body, string? ifMatch) => _client.SendVersionedAsync(method, path, body, ifMatch);

    private static object Body(string form = "supplier", object? weights = null) => new { name = "Near suppliers", form, weights = weights ?? new { supply = 1 } };
}

/// <summary>Adoption, on a service of its own: it changes what others see.</summary>
public sealed class AdoptionTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    private readonly HttpClient _client = api.Connect();

    [Fact]
    public async Task Nothing_changes_until_a_person_adopts_and_the_shipped_profile_can_come_back()
    {
        var shipped = await HashAsync();
        using var created = await _client.SendVersionedAsync(HttpMethod.Post, "/v1/ranking-profiles", new { name = "Nearest", form = "supplier", weights = new { proximity = 1 } }, null);
        var profile = JsonNode.Parse(await created.Content.ReadAsStringAsync())!;
        var id = (string)profile["id"]!;
        Assert.Null(profile["adoptedVersion"]);
        Assert.Equal(shipped, await HashAsync());

        using var adopted = await _client.SendVersionedAsync(HttpMethod.Post, $"/v1/ranking-profiles/{id}/adopt", null, null);
        Assert.Equal(1, (int)JsonNode.Parse(await adopted.Content.ReadAsStringAsync())!["adoptedVersion"]!);
        Assert.Equal((string?)profile["weightsHash"], await HashAsync());
        Assert.Null((await _client.GetJsonAsync("/v1/ranking-profiles/supplier"))["adoptedVersion"]);

        // A later version is no one's choice yet.
        using var put = await _client.SendVersionedAsync(HttpMethod.Put, $"/v1/ranking-profiles/{id}", new { name = "Nearest", form = "supplier", weights = new { proximity = 1, supply = 1 } }, adopted.Headers.ETag!.ToString());
        Assert.Equal(HttpStatusCode.OK, put.StatusCode);
        Assert.Equal((string?)profile["weightsHash"], await HashAsync());
        var inUse = await _client.SendVersionedAsync(HttpMethod.Delete, $"/v1/ranking-profiles/{id}", null, put.Headers.ETag!.ToString()).ProblemAsync(409);
        Assert.Equal("urn:partnermatch:problem:profile-in-use", (string?)inUse["type"]);

        await _client.SendVersionedAsync(HttpMethod.Post, $"/v1/ranking-profiles/{id}/adopt?version=3", null, null).ProblemAsync(404);
        await _client.SendVersionedAsync(HttpMethod.Post, "/v1/ranking-profiles/none/adopt", null, null).ProblemAsync(404);

        // What was adopted survives a restart.
        await using (var again = api.WithWebHostBuilder(_ => { }))
        {
            using var client = again.Connect();
            Assert.Equal((string?)profile["weightsHash"], await HashAsync(client));
            Assert.Equal(2, (await client.GetJsonAsync($"/v1/ranking-profiles/{id}/versions"))["items"]!.AsArray().Count);
        }

        using var back = await _client.SendVersionedAsync(HttpMethod.Post, "/v1/ranking-profiles/supplier/adopt", null, null);
        Assert.Equal(HttpStatusCode.OK, back.StatusCode);
        Assert.Equal(shipped, await HashAsync());
        using var removed = await _client.SendVersionedAsync(HttpMethod.Delete, $"/v1/ranking-profiles/{id}", null, "*");
        Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);
        await using var afterwards = api.WithWebHostBuilder(_ => { });
        Assert.Equal(shipped, await HashAsync(afterwards.Connect()));
    }

    private async Task<string?> HashAsync(HttpClient? client = null) =>
        (string?)(await (client ?? _client).GetJsonAsync("/v1/forms"))["items"]!.AsArray().Single(f => (string?)f!["form"] == "supplier")!["weightsHash"];
}
