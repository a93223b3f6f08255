using System.Text.Json.Nodes;

namespace PartnerMatch.Api.Tests;

/// <summary>What people ask of a ranking besides the ranking: what would help, why not, and what is lacking. On the sample.</summary>
public sealed class AnswerTests(SampleFixture api) : IClassFixture<SampleFixture>
{
    private readonly HttpClient _client = api.Connect();

    [Fact]
    public async Task Counterfactuals_are_few_ranked_and_come_only_when_asked_for()
    {
        var plain = await _client.GetStringAsync("/v1/pairs/mzor/aviakor");
        var pair = await _client.GetJsonAsync("/v1/pairs/mzor/aviakor?counterfactuals=true");
        var found = pair["counterfactuals"]!.AsArray();
        Assert.NotEmpty(found);
        Assert.All(found.GroupBy(c => (string)c!["enterprise"]!), g => Assert.InRange(g.Count(), 1, 5));
        Assert.Equal(found.Select(c => (double)c!["gain"]!).OrderDescending(), found.Select(c => (double)c!["gain"]!));
        Assert.All(found, c =>
        {
            Assert.Equal((double)c!["score"]! - (double)pair["score"]!, (double)c["gain"]!, 9);
            Assert.StartsWith("If ", (string)c["summary"]!, StringComparison.Ordinal);
        });
        Assert.DoesNotContain("counterfactuals", plain, StringComparison.Ordinal);
        pair.AsObject().Remove("counterfactuals");
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(plain), pair));
        Assert.StartsWith("Оценка ", (string)(await _client.GetJsonAsync("/v1/pairs/mzor/aviakor?counterfactuals=true&lang=ru"))["counterfactuals"]![0]!["summary"]!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("joint-venture")]
    [InlineData("supplier")]
    public async Task Why_not_tells_the_place_that_the_whole_list_gives(string form)
    {
        var role = form == "supplier" ? "&role=supplier" : "";
        var list = new List<JsonNode>();
        for (var next = $"/v1/enterprises/mzor/matches?form={form}&minScore=0&limit=100{role}"; next is not null;)
        {
            var page = await _client.GetJsonAsync(next);
            list.AddRange(page["items"]!.AsArray()!);
            next = (string?)page["next"];
        }

        foreach (var at in new[] { 0, 1, list.Count / 2, list.Count - 1 })
        {
            var pair = await _client.GetJsonAsync($"/v1/pairs/mzor/{list[at]["enterprise"]!["id"]}?form={form}&whyNot=true");
            var standing = pair["standings"]![0]!;
            Assert.Equal((at + 1, list.Count), ((int)standing["rank"]!, (int)standing["candidates"]!));
            Assert.Equal(
                list.Take(at).Where((_, i) => i == 0 || i >= at - 3).Select(m => $"{m["rank"]} {m["enterprise"]!["id"]} {m["score"]} {m["summary"]}"),
                standing["above"]!.AsArray().Select(m => $"{m!["rank"]} {m["enterprise"]!["id"]} {m["score"]} {m["summary"]}"));
            Assert.Equal("mzor", (string?)pair["standings"]![1]!["candidate"]);
        }
    }

    [Fact]
    public async Task Gaps_are_ranked_paged_by_side_and_name_the_enterprises()
    {
        var whole = await GapsAsync("/v1/corridors/by-ru-sam/gaps?limit=100");
        Assert.Equal(whole, await GapsAsync("/v1/corridors/by-ru-sam/gaps?limit=37"));
        Assert.Contains(whole, g => g.Contains(" second ", StringComparison.Ordinal));
        Assert.All(await GapsAsync("/v1/corridors/by-ru-sam/gaps?limit=100&side=first"), g => Assert.Contains(" first ", g, StringComparison.Ordinal));
        var page = await _client.GetJsonAsync("/v1/corridors/by-ru-sam/gaps?lang=ru");
        Assert.All(page["items"]!.AsArray(), g =>
        {
            Assert.StartsWith("Потребность: ", (string)g!["summary"]!, StringComparison.Ordinal);
            Assert.InRange((double)g["supply"]!, 0, 0.999);
            Assert.NotEmpty(g["most"]!.AsArray());
        });
        Assert.All(page["newAvenues"]!.AsArray(), a =>
        {
            Assert.NotEmpty(a!["pairs"]!.AsArray());
            Assert.NotEmpty((string)a["reason"]!);
        });
        Assert.NotEmpty(page["newAvenues"]!.AsArray());
    }

    [Theory]
    [InlineData("/v1/corridors/by-ru-sam/gaps?side=third", "side")]
    [InlineData("/v1/corridors/by-ru-sam/gaps?form=barter", "form")]
    [InlineData("/v1/corridors/by-ru-sam/gaps?profile=none", "profile")]
    [InlineData("/v1/corridors/by-ru-sam/gaps?limit=0", "limit")]
    [InlineData("/v1/corridors/by-ru-sam/gaps?cursor=AAAA", "cursor")]
    [InlineData("/v1/corridors/by-ru-sam/gaps?page=2", "page")]
    [InlineData("/v1/pairs/mzor/aviakor?counterfactuals=perhaps", "counterfactuals")]
    [InlineData("/v1/pairs/mzor/aviakor?whyNot=1", "whyNot")]
    [InlineData("/v1/pairs/mzor/aviakor?whyNot=true&asOf=2026-01-01T00:00:00Z", "whyNot")]
    public async Task A_wrong_question_is_refused_by_its_parameter(string path, string parameter) =>
        Assert.Contains(parameter, (await _client.GetAsync(path).ProblemAsync(400)).Paths());

    [Fact]
    public async Task A_corridor_that_does_not_exist_has_no_gaps()
    {
        await _client.GetAsync("/v1/corridors/none/gaps").ProblemAsync(404);
        var next = (string)(await _client.GetJsonAsync("/v1/corridors/by-ru-sam/gaps?limit=5"))["next"]!;
        await _client.GetAsync(next + "&form=supplier").ProblemAsync(400);
    }

    private async Task<List<string>> GapsAsync(string path)
    {
        var gaps = new List<string>();
        for (var next = path; next is not null;)
        {
            var page = await _client.GetJsonAsync(next);
            gaps.AddRange(page["items"]!.AsArray().Select(g => $"{g!["rank"]} {g["side"]} {g["competency"]!["code"]} {g["value"]}"));
            next = (string?)page["next"];
        }

        return gaps;
    }
}

/// <summary>The answers follow what changes; each test has a sample of its own.</summary>
public sealed class LiveAnswerTests : IDisposable
{
    private readonly SampleFixture _api = new();

    public void Dispose() => _api.Dispose();

    [Theory]
    [InlineData("mzor", "offer")]
    [InlineData("aviakor", "need")]
    public async Task The_score_after_the_change_is_the_one_that_was_told(string enterprise, string change)
    {
        var client = _api.Connect();
        var pair = await client.GetJsonAsync("/v1/pairs/mzor/aviakor?counterfactuals=true");
        var told = pair["counterfactuals"]!.AsArray().First(c => (string?)c!["enterprise"] == enterprise && (string?)c["change"] == change)!;
        var member = change + "s";
        var list = (await client.GetJsonAsync($"/v1/enterprises/{enterprise}"))[member]!.DeepClone().AsArray();
        list.Add(new JsonObject { ["code"] = (string)told["competency"]!["code"]! });
        using var patched = await client.MergeAsync($"/v1/enterprises/{enterprise}", ClientExtensions.Json(new JsonObject { [member] = list }.ToJsonString()));
        Assert.True(patched.IsSuccessStatusCode, await patched.Content.ReadAsStringAsync());

        // One change in hundreds leaves scarcity as it was frozen.
        var after = await client.GetJsonAsync("/v1/pairs/mzor/aviakor");
        Assert.Equal(Epoch(pair), Epoch(after));
        Assert.Equal((double)told["score"]!, (double)after["score"]!);

        static string Epoch(JsonNode answer) => ((string)answer["dataVersion"]!).Split('.')[1];
    }

    [Fact]
    public async Task Gaps_follow_what_matters_to_them_and_name_the_data_in_any_case()
    {
        var client = _api.Connect();
        const string Path = "/v1/corridors/by-ru-sam/gaps?limit=100";
        var first = await client.GetJsonAsync(Path);
        var code = (string)first["items"]![0]!["competency"]!["code"]!;

        // Neither somebody elsewhere nor what a gap does not look at; but all that is told is of the newest data.
        var elsewhere = await CreateAsync($$"""{"name":"Elsewhere","country":"KZ","region":"KZ-AST","offers":[{"code":"{{code}}"}],"status":"published"}""");
        await MergeAsync("mzor", """{"website":"https://example.by/"}""");
        var same = await client.GetJsonAsync(Path);
        Assert.Equal(first["items"]!.ToJsonString(), same["items"]!.ToJsonString());
        Assert.NotEqual((string)first["meta"]!["dataVersion"]!, (string)same["meta"]!["dataVersion"]!);

        // Who comes to the corridor, offers, is taken back and leaves.
        await MergeAsync(elsewhere, """{"country":"RU","region":"RU-SAM"}""");
        var supplied = await GapsAsync();
        await MergeAsync(elsewhere, """{"offers":[{"code":"49.31"}]}""");
        var unsupplied = await GapsAsync();
        Assert.NotEqual(supplied, unsupplied);
        await MergeAsync(elsewhere, """{"status":"withdrawn"}""");
        Assert.Equal(first["items"]!.ToJsonString(), await GapsAsync());
        await MergeAsync(elsewhere, $$"""{"status":"published","offers":[{"code":"{{code}}"}]}""");
        Assert.Equal(supplied, await GapsAsync());
        await MergeAsync(elsewhere, """{"country":"KZ","region":"KZ-AST"}""");
        Assert.Equal(first["items"]!.ToJsonString(), await GapsAsync());

        async Task<string> GapsAsync() => (await client.GetJsonAsync(Path))["items"]!.ToJsonString();

        async Task<string> CreateAsync(string body)
        {
            using var created = await client.PostAsync("/v1/enterprises", ClientExtensions.Json(body));
            Assert.True(created.IsSuccessStatusCode, await created.Content.ReadAsStringAsync());
            return created.Headers.Location!.ToString().Split('/')[^1];
        }

        async Task MergeAsync(string id, string body)
        {
            using var patched = await client.MergeAsync($"/v1/enterprises/{id}", ClientExtensions.Json(body));
            Assert.True(patched.IsSuccessStatusCode, await patched.Content.ReadAsStringAsync());
        }
    }

    [Fact]
    public async Task Who_is_no_candidate_is_told_why_instead_of_a_place()
    {
        var client = _api.Connect();
        using var excluded = await client.PostAsync("/v1/pairs/mzor/aviakor/decisions", ClientExtensions.Json("""{"decision":"exclude"}"""));
        Assert.True(excluded.IsSuccessStatusCode, await excluded.Content.ReadAsStringAsync());
        await AssertNoCandidateAsync("aviakor", "excluded-pair");
        using var draft = await client.MergeAsync("/v1/enterprises/avtovaz", ClientExtensions.Json("""{"status":"draft"}"""));
        Assert.True(draft.IsSuccessStatusCode, await draft.Content.ReadAsStringAsync());
        await AssertNoCandidateAsync("avtovaz", "draft");

        async Task AssertNoCandidateAsync(string partner, string reason)
        {
            var standing = (await client.GetJsonAsync($"/v1/pairs/mzor/{partner}?whyNot=true"))["standings"]![0]!;
            Assert.Equal((null, reason), ((int?)standing["rank"], (string?)standing["excluded"]));
            Assert.Empty(standing["above"]!.AsArray());
        }
    }
}
