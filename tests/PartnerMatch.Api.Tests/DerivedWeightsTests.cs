using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace PartnerMatch.Api.Tests;

/// <summary>Weights from comparisons and from decisions, and how stable ranks are under weights that move.</summary>
public sealed class DerivedWeightsTests(DecidingFixture api) : IClassFixture<DecidingFixture>
{
    private readonly HttpClient _client = api.Connect();

    [Fact]
    public async Task Comparisons_become_a_profile_that_tells_how_well_they_agree_and_rivalry_subtracts()
    {
        var profile = await PostAsync("from-comparisons", new
        {
            name = "Round table",
            form = "joint-venture",
            judgements = new[] { Judge("supply", "proximity", 4), Judge("supply", "rivalry", 2), Judge("proximity", "rivalry", 0.5) },
        }, HttpStatusCode.Created);
        Assert.Equal("comparisons", (string?)profile["origin"]);
        Assert.Equal(0, (double)profile["comparisons"]!["consistencyRatio"]!, 9);
        Assert.Equal(0.8, (double)profile["weights"]!["supply"]!, 9);
        Assert.Equal(0.2, (double)profile["weights"]!["proximity"]!, 9);
        Assert.Equal(-0.4, (double)profile["weights"]!["rivalry"]!, 9);
        var stored = await _client.GetJsonAsync($"/v1/ranking-profiles/{profile["id"]}");
        Assert.Equal(profile.ToJsonString(), stored.ToJsonString());
        Assert.Equal((string?)profile["weightsHash"], (string?)(await _client.GetJsonAsync($"/v1/enterprises/mzor/matches?limit=1&profile={profile["id"]}"))["meta"]!["weightsHash"]);
    }

    [Fact]
    public async Task The_published_example_goes_in_as_a_matrix_and_a_dry_run_stores_nothing()
    {
        // Saaty 2008, with components in the places of coffee, wine, tea, beer, sodas, milk and water; reciprocals as people write them.
        string[] criteria = ["supply", "reciprocity", "joint-product", "channel", "market-access", "pooling-scale", "scale-fit"];
        double?[][] matrix =
        [
            [1, 9, 5, 2, 1, 1, 0.5],
            [0.11, 1, 0.33, 0.11, 0.11, 0.11, 0.11],
            [0.2, 3, 1, 0.33, 0.25, 0.33, 0.11],
            [0.5, 9, 3, 1, 0.5, 1, 0.33],
            [1, 9, 4, 2, 1, 2, 0.5],
            [1, 9, 3, 1, 0.5, 1, 0.33],
            [2, 9, 9, 3, 2, 3, 1],
        ];
        var before = await CountProfilesAsync();
        var preview = await PostAsync("from-comparisons", new { name = "Drinks", form = "joint-venture", criteria, matrix, dryRun = true }, HttpStatusCode.OK);
        Assert.Equal([0.177, 0.019, 0.042, 0.116, 0.190, 0.129, 0.327], criteria.Select(c => Math.Round((double)preview["weights"]![c]!, 3)));
        Assert.Equal(0.022, (double)preview["comparisons"]!["consistencyRatio"]!, 3);
        Assert.Equal(before, await CountProfilesAsync());

        // Half of it, and one row left to what the others say.
        matrix[6][0] = matrix[0][6] = null;
        matrix[3][4] = null;
        var less = await PostAsync("from-comparisons", new { name = "Drinks", form = "joint-venture", criteria, matrix, dryRun = true }, HttpStatusCode.OK);
        Assert.Equal(1, (int)less["comparisons"]!["missing"]!);
        Assert.Equal((double)preview["weights"]!["scale-fit"]!, (double)less["weights"]!["scale-fit"]!, 0.05);
    }

    [Fact]
    public async Task Contradictions_are_refused_with_the_judgement_that_is_farthest_off_unless_forced()
    {
        object Body(bool force) => new
        {
            name = "Quarrel",
            form = "joint-venture",
            force,
            dryRun = true,
            judgements = new[] { Judge("supply", "channel", 2), Judge("channel", "proximity", 2), Judge("proximity", "rivalry", 2), Judge("supply", "proximity", 4), Judge("channel", "rivalry", 4), Judge("supply", "rivalry", 1 / 9.0) },
        };
        var problem = await _client.PostAsJsonAsync("/v1/ranking-profiles/from-comparisons", Body(false)).ProblemAsync(400);
        Assert.Equal(["judgements[5]"], problem.Paths());
        Assert.Contains("supply over rivalry at 1/9; 8 would fit", (string)problem["errors"]![0]!["detail"]!, StringComparison.Ordinal);
        Assert.Equal("8", (string?)problem["errors"]![0]!["suggestions"]![0]);
        var forced = await PostAsync("from-comparisons", Body(true), HttpStatusCode.OK);
        Assert.True((double)forced["comparisons"]!["consistencyRatio"]! > 0.1);
    }

    [Theory]
    [InlineData("""{}""", "judgements")]
    [InlineData("""{"judgements":[],"criteria":["supply"],"matrix":[[1]]}""", "judgements")]
    [InlineData("""{"judgements":[]}""", "judgements")]
    [InlineData("""{"judgements":[null]}""", "judgements[0]")]
    [InlineData("""{"judgements":[{"component":"supply","other":"charm","intensity":2}]}""", "judgements[0].other")]
    [InlineData("""{"judgements":[{"component":"supply","other":"supply","intensity":2}]}""", "judgements[0].other")]
    [InlineData("""{"judgements":[{"component":"supply","other":"channel","intensity":0}]}""", "judgements[0].intensity")]
    [InlineData("""{"judgements":[{"component":"supply","other":"channel","intensity":10}]}""", "judgements[0].intensity")]
    [InlineData("""{"judgements":[{"component":"supply","other":"channel","intensity":1e999}]}""", "judgements[0].intensity")]
    [InlineData("""{"judgements":[{"component":"supply","other":"channel","intensity":2},{"component":"channel","other":"supply","intensity":2}]}""", "judgements[1]")]
    [InlineData("""{"judgements":[{"component":"supply","other":"channel","intensity":2},{"component":"proximity","other":"rivalry","intensity":2}]}""", "judgements")]
    [InlineData("""{"criteria":["supply","channel"]}""", "matrix")]
    [InlineData("""{"matrix":[[1]]}""", "criteria")]
    [InlineData("""{"criteria":["supply","channel"],"matrix":[[1,3]]}""", "matrix")]
    [InlineData("""{"criteria":["supply","supply"],"matrix":[[1,3],[0.33,1]]}""", "criteria")]
    [InlineData("""{"criteria":["supply","channel"],"matrix":[[1,3],[3,1]]}""", "matrix[1][0]")]
    [InlineData("""{"criteria":["supply","channel"],"matrix":[[1,0],[0,1]]}""", "matrix[0][1]")]
    [InlineData("""{"criteria":["supply","channel"],"matrix":[[2,3],[0.33,1]]}""", "matrix[0][0]")]
    [InlineData("""{"criteria":["supply","channel"],"matrix":[[1,null],[null,1]]}""", "matrix")]
    [InlineData("""{"criteria":["supply","charm"],"matrix":[[1,3],[0.33,1]]}""", "criteria[1]")]
    public async Task Comparisons_that_mean_nothing_are_refused_by_their_place(string body, string path)
    {
        var request = JsonNode.Parse(body.Replace("1e999", "1", StringComparison.Ordinal))!.AsObject();
        (request["name"], request["form"]) = ("x", "supplier");
        var text = body.Contains("1e999", StringComparison.Ordinal) ? request.ToJsonString().Replace("\"intensity\":1", "\"intensity\":1e999", StringComparison.Ordinal) : request.ToJsonString();
        Assert.Contains(path, (await _client.PostAsync("/v1/ranking-profiles/from-comparisons", ClientExtensions.Json(text)).ProblemAsync(400)).Paths());
    }

    [Fact]
    public async Task Decisions_are_learnt_and_change_nothing_until_a_person_adopts_what_came_of_them()
    {
        var tooFew = await _client.PostAsJsonAsync("/v1/ranking-profiles/from-decisions", new { name = "Early", form = "manufacturing" }).ProblemAsync(409);
        Assert.Equal("urn:partnermatch:problem:too-few-decisions", (string?)tooFew["type"]);

        // Staff who care for nothing but that sizes are alike.
        string[] products = ["25.62.20", "28.15.10", "24.42.24", "29.31.22", "22.19.73", "27.11.10", "28.41.22", "25.50.12"];
        var makers = new List<string>();
        var partners = new List<string>();
        foreach (var (i, product) in products.Index())
        {
            partners.Add((string)(await _client.CreateAsync(new { name = $"Plant {i}", country = "RU", region = "RU-SAM", employees = 20 << i, offers = new[] { new { code = product } } }))["id"]!);
            makers.Add((string)(await _client.CreateAsync(new { name = $"Maker {i}", country = "BY", region = "BY-HM", employees = 5000 >> i, offers = new[] { new { code = products[(i + 3) % products.Length] }, new { code = "29.10.30" } } }))["id"]!);
        }

        foreach (var maker in makers)
        {
            var fits = new List<(string Partner, double Value)>();
            foreach (var partner in partners)
            {
                var pair = await _client.GetJsonAsync($"/v1/pairs/{maker}/{partner}?form=manufacturing");
                fits.Add((partner, (double)pair["contributions"]!.AsArray().Single(c => (string?)c!["component"] == "scale-fit")!["value"]!));
            }

            var middle = fits.Select(n => n.Value).Order().ElementAt(partners.Count / 2);
            foreach (var (partner, value) in fits)
            {
                using var decided = await _client.PostAsJsonAsync(
                    $"/v1/pairs/{maker}/{partner}/decisions",
                    value >= middle ? (object)new { decision = "accept", form = "manufacturing" } : new { decision = "reject", reason = "sizes-apart", form = "manufacturing" });
                Assert.Equal(HttpStatusCode.Created, decided.StatusCode);
            }
        }

        // Taken back, or said for another reason than how well the two fit: passed over.
        using var wrong = await _client.PostAsJsonAsync($"/v1/pairs/{makers[0]}/{partners[0]}/decisions", new { decision = "reject", reason = "wrong-data", form = "manufacturing" });
        using var withdrawn = await _client.PostAsJsonAsync($"/v1/pairs/{makers[0]}/{partners[1]}/decisions", new { decision = "withdraw" });

        var hash = await HashAsync();
        var preview = await PostAsync("from-decisions", new { name = "Sizes alike", form = "manufacturing", dryRun = true }, HttpStatusCode.OK);
        var profile = await PostAsync("from-decisions", new { name = "Sizes alike", form = "manufacturing" }, HttpStatusCode.Created);
        Assert.Equal(preview["weights"]!.ToJsonString(), profile["weights"]!.ToJsonString());
        Assert.Equal("decisions", (string?)profile["origin"]);
        var learning = profile["learning"]!;
        Assert.Equal((makers.Count * partners.Count) - 2, (int)learning["accepted"]! + (int)learning["rejected"]!);
        Assert.Equal("within-enterprises", (string?)learning["basis"]);
        Assert.Equal("manufacturing@1", (string?)learning["currentProfile"]);
        Assert.True((double)learning["learnt"]!["auc"]! > (double)learning["current"]!["auc"]!, learning.ToJsonString());
        Assert.True((double)learning["learnt"]!["auc"]! > 0.85, learning.ToJsonString());
        Assert.True((double)learning["learnt"]!["ndcgAt10"]! >= (double)learning["current"]!["ndcgAt10"]!, learning.ToJsonString());
        var weights = profile["weights"]!.AsObject();
        Assert.Equal("scale-fit", weights.MaxBy(w => (double)w.Value!).Key);
        Assert.All(weights, w => Assert.True((w.Key == "rivalry") == ((double)w.Value! < 0)));
        Assert.Equal(hash, await HashAsync());
        using var adopted = await _client.SendVersionedAsync(HttpMethod.Post, $"/v1/ranking-profiles/{profile["id"]}/adopt", null, null);
        Assert.Equal((string?)profile["weightsHash"], await HashAsync());

        async Task<string?> HashAsync() => (string?)(await _client.GetJsonAsync("/v1/enterprises/bate/matches?form=manufacturing&limit=1"))["meta"]!["weightsHash"];
    }

    [Fact]
    public async Task The_stability_of_ranks_is_told_and_the_same_each_time()
    {
        const string Path = "/v1/enterprises/mzor/matches/sensitivity?form=joint-venture";
        var told = await _client.GetJsonAsync(Path);
        var items = told["items"]!.AsArray();
        var list = (await _client.GetJsonAsync("/v1/enterprises/mzor/matches?limit=10&minScore=0"))["items"]!.AsArray();
        Assert.Equal(list.Select(i => (string?)i!["enterprise"]!["id"]), items.Take(10).Select(i => (string?)i!["enterprise"]!["id"]));
        Assert.Equal(5, items.Sum(i => (double)i!["shareInTop5"]!), 6);
        Assert.Equal(10, items.Sum(i => (double)i!["shareInTop10"]!), 6);
        Assert.All(items, i => Assert.InRange((double)i!["shareInTop5"]!, 0, (double)i["shareInTop10"]!));
        Assert.Equal(told.ToJsonString(), (await _client.GetJsonAsync(Path)).ToJsonString());
        await _client.GetAsync("/v1/enterprises/none/matches/sensitivity").ProblemAsync(404);
        await _client.GetAsync("/v1/enterprises/mzor/matches/sensitivity?role=buyer").ProblemAsync(400);
        await _client.GetAsync("/v1/enterprises/mzor/matches/sensitivity?corridor=none").ProblemAsync(400);
        await _client.GetAsync("/v1/enterprises/mzor/matches/sensitivity?profile=none").ProblemAsync(400);
    }

    private async Task<JsonNode> PostAsync(string how, object body, HttpStatusCode expected)
    {
        using var response = await _client.PostAsJsonAsync($"/v1/ranking-profiles/{how}", body);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == expected, text);
        return JsonNode.Parse(text)!;
    }

    private async Task<int> CountProfilesAsync() => (await _client.GetJsonAsync("/v1/ranking-profiles?limit=100"))["items"]!.AsArray().Count;

    private static object Judge(string component, string other, double intensity) => new { component, other, intensity };
}
