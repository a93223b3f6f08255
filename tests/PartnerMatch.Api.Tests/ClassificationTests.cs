using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using PartnerMatch.Api.Competencies;

namespace PartnerMatch.Api.Tests;

/// <summary>Words to codes over HTTP: what phrases mean, what profiles keep of them, and the words that wait for an alias.</summary>
public sealed class ClassificationTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    private readonly HttpClient _client = api.Connect();

    [Theory]
    [InlineData("spindle grinding machines", "28.41.23")]
    [InlineData("SPINDLE GRINDING MACHINE", "28.41.23")]
    [InlineData("карданные валы", "29.32.30")]
    [InlineData("карданных валов", "29.32.30")]
    [InlineData("токарные станки с ЧПУ", "28.41.21")]
    [InlineData("stanki tokarnye", "28.41.21")]
    [InlineData("podshipniki", "28.15.10")]
    [InlineData("combine harvestrs", "28.30.59")]
    [InlineData("автокомпоненты", "29.3")]
    [InlineData("лифты пассажирские", "28.22.16")]
    public async Task A_phrase_means_its_competency_whatever_its_form(string text, string code)
    {
        var codes = await ClassifyAsync(text);
        Assert.Equal(code, (string)codes[0]!["code"]!);
        Assert.InRange((double)codes[0]!["confidence"]!, 0.3, 1);
        Assert.NotEmpty(codes[0]!["words"]!.AsArray());
    }

    [Fact]
    public async Task A_phrase_that_names_two_products_means_both()
    {
        var codes = (await ClassifyAsync("лифты и троллейбусы")).Select(c => (string)c!["code"]!).ToArray();
        Assert.Contains("28.22.16", codes);
        Assert.Contains(codes, c => c.StartsWith("29.10", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("see you tomorrow")]
    [InlineData("хорошего вам настроения")]
    [InlineData("qwrtzp xcvbn")]
    [InlineData("...!!!")]
    public async Task Nothing_is_said_of_what_is_not_known(string text) => Assert.Empty(await ClassifyAsync(text));

    [Fact]
    public async Task Texts_are_checked_one_by_one()
    {
        var problem = await _client.PostAsJsonAsync("/v1/competencies/classify", new { texts = new object[] { new { text = "lifts" }, new { text = " " } } }).ProblemAsync(400);
        Assert.Equal(["texts[1].text"], problem.Paths());
        var tooMany = await _client.PostAsJsonAsync("/v1/competencies/classify", new { texts = Enumerable.Repeat(new { text = "lifts" }, 1001) }).ProblemAsync(400);
        Assert.Equal(["texts"], tooMany.Paths());
        await _client.PostAsJsonAsync("/v1/competencies/classify", new { texts = new[] { new { text = "lifts", lang = "fr" } } }).ProblemAsync(400);
    }

    [Fact]
    public async Task A_profile_given_in_words_keeps_words_codes_and_confidence_and_is_matched()
    {
        var created = await _client.CreateAsync(new
        {
            name = "Words Plant",
            country = "BY",
            region = "BY-HM",
            offers = new object[] { new { text = "пассажирские лифты" }, new { code = "28.41.21", strength = 0.5 } },
            needs = new[] { new { text = "electric motors", urgency = 0.8 } },
        });
        var lift = created["offers"]![0]!;
        Assert.Equal(("28.22.16", "пассажирские лифты"), ((string)lift["code"]!, (string)lift["text"]!));
        Assert.InRange((double)lift["confidence"]!, 0.3, 1);
        Assert.Null(created["offers"]!.AsArray().Single(o => (string?)o!["code"] == "28.41.21")!["confidence"]);
        Assert.Equal(0.8, (double)created["needs"]![0]!["urgency"]!);
        Assert.StartsWith("27.11", (string)created["needs"]![0]!["code"]!, StringComparison.Ordinal);

        var found = await _client.GetJsonAsync("/v1/enterprises?competency=28.22.16");
        Assert.Contains(found["items"]!.AsArray(), e => (string)e!["id"]! == (string)created["id"]!);
    }

    [Fact]
    public async Task Two_phrases_for_one_competency_count_once()
    {
        var created = await _client.CreateAsync(new { name = "Twice", country = "BY", region = "BY-HM", offers = new[] { new { text = "lifts" }, new { text = "лифты" } } });
        Assert.Single(created["offers"]!.AsArray(), o => (string?)o!["code"] == "28.22.16");
    }

    [Fact]
    public async Task Words_without_a_meaning_wait_for_an_alias_that_then_maps_them()
    {
        var created = await _client.CreateAsync(new { name = "Waiting", country = "BY", region = "BY-HM", offers = new[] { new { text = "Zwurblfexes" } } });
        var id = (string)created["id"]!;
        Assert.Null(created["offers"]![0]!["code"]);
        Assert.Contains((await _client.GetJsonAsync("/v1/competencies/unmapped"))["items"]!.AsArray(), w => (string)w!["text"]! == "Zwurblfexes" && (int)w["profiles"]! == 1 && (string)w["example"]! == id);

        using var added = await _client.PostAsJsonAsync("/v1/competencies/28.29.31/aliases", new { text = "zwurblfex", lang = "en" });
        Assert.Equal(HttpStatusCode.Created, added.StatusCode);
        var alias = JsonNode.Parse(await added.Content.ReadAsStringAsync())!;
        Assert.Equal(1, (int)alias["mappedProfiles"]!);

        var mapped = await _client.GetJsonAsync($"/v1/enterprises/{id}");
        Assert.Equal(("28.29.31", "Zwurblfexes", 2), ((string)mapped["offers"]![0]!["code"]!, (string)mapped["offers"]![0]!["text"]!, (int)mapped["revision"]!));
        Assert.DoesNotContain((await _client.GetJsonAsync("/v1/competencies/unmapped"))["items"]!.AsArray(), w => (string)w!["text"]! == "Zwurblfexes");
        Assert.Contains("zwurblfex", (await _client.GetJsonAsync("/v1/competencies/28.29.31"))["aliases"]!.AsArray().Select(a => (string)a!));
        Assert.Equal("28.29.31", (string)(await _client.GetJsonAsync("/v1/competencies?q=zwurbl"))["items"]![0]!["code"]!);

        await _client.PostAsJsonAsync("/v1/competencies/28.22.16/aliases", new { text = "Zwurblfex", lang = "en" }).ProblemAsync(409);

        using var removed = await _client.DeleteAsync((string)added.Headers.Location!.OriginalString);
        Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);
        Assert.Empty(await ClassifyAsync("zwurblfex"));
        await _client.DeleteAsync(added.Headers.Location.OriginalString).ProblemAsync(404);
    }

    [Fact]
    public async Task Words_of_many_meanings_do_not_make_a_profile_too_long_to_be_sent_again()
    {
        using var own = new ApiFixture();
        var client = own.Connect();
        string[] makes = ["lifts and trolleybuses", "лифты и троллейбусы", "tractors and bearings", "cheese and butter"];
        var created = await client.CreateAsync(new
        {
            name = "Manifold",
            country = "BY",
            region = "BY-HM",
            offers = makes.Concat(Enumerable.Range(0, 196).Select(i => $"zwq{i:x}")).Select(text => new { text }),
        });
        Assert.True(created["offers"]!.AsArray().Count > 200);
        using var patched = await client.MergeAsync($"/v1/enterprises/{created["id"]}", ClientExtensions.Json("""{"city":"Minsk"}""", "application/merge-patch+json"));
        Assert.Equal(HttpStatusCode.OK, patched.StatusCode);
    }

    [Fact]
    public void A_vocabulary_that_is_replaced_is_let_go()
    {
        using var own = new ApiFixture();
        var vocabulary = own.Services.GetRequiredService<CompetencyVocabulary>();
        var first = ClassifyAndReplace(vocabulary);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        Assert.False(first.IsAlive, "Each change of an alias would cost the memory of a vocabulary.");

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        static WeakReference ClassifyAndReplace(CompetencyVocabulary vocabulary)
        {
            vocabulary.Load([]);
            var words = new WeakReference(vocabulary.Classify("let go of grinding machines"));
            vocabulary.Load([]);
            return words;
        }
    }

    [Fact]
    public async Task To_remove_an_alias_that_is_not_there_changes_no_vocabulary()
    {
        var vocabulary = api.Services.GetRequiredService<CompetencyVocabulary>();
        var before = vocabulary.Classify("grinding machines");
        await _client.DeleteAsync("/v1/competencies/28.41/aliases/none").ProblemAsync(404);
        Assert.Same(before, vocabulary.Classify("grinding machines"));
    }

    [Fact]
    public async Task A_name_that_means_something_already_is_refused_as_an_alias_of_something_else()
    {
        var problem = await _client.PostAsJsonAsync("/v1/competencies/10.51.11/aliases", new { text = "лифты", lang = "ru" }).ProblemAsync(409);
        Assert.Equal("28.22.16", (string)problem["errors"]![0]!["suggestions"]![0]!);
        await _client.PostAsJsonAsync("/v1/competencies/99.99/aliases", new { text = "any", lang = "en" }).ProblemAsync(404);
        await _client.PostAsJsonAsync("/v1/competencies/28.22.16/aliases", new { text = "!", lang = "en" }).ProblemAsync(400);
        Assert.Equal(["lang"], (await _client.PostAsJsonAsync("/v1/competencies/28.22.16/aliases", new { text = "any" }).ProblemAsync(400)).Paths());
    }

    [Fact]
    public async Task An_offer_needs_a_code_or_words_and_a_confidence_goes_with_both()
    {
        var problem = await _client.PostAsJsonAsync(
            "/v1/enterprises",
            new { name = "N", country = "BY", region = "BY-HM", offers = new object[] { new { strength = 1 }, new { code = "28.22.16", confidence = 0.5 } } }).ProblemAsync(400);
        Assert.Equal(["offers[0].code", "offers[1].confidence"], problem.Paths().Order());
    }

    [Fact]
    public async Task Words_that_are_shaped_like_a_code_are_asked_for_as_a_code()
    {
        var problem = await _client.PostAsJsonAsync("/v1/enterprises", new { name = "N", country = "BY", region = "BY-HM", offers = new[] { new { text = "28.99.99" } } }).ProblemAsync(400);
        Assert.Equal(["offers[0].code"], problem.Paths());
    }

    [Fact]
    public async Task A_list_that_is_too_long_is_told_of_once()
    {
        var problem = await _client.PostAsJsonAsync("/v1/enterprises", new { name = "N", country = "BY", region = "BY-HM", markets = Enumerable.Range(0, 20_000).Select(i => $"m{i}") }).ProblemAsync(400);
        Assert.Equal(["markets"], problem.Paths());
    }

    private async Task<JsonArray> ClassifyAsync(string text)
    {
        using var response = await _client.PostAsJsonAsync("/v1/competencies/classify", new { texts = new[] { new { text } } });
        var body = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, body);
        return JsonNode.Parse(body)!["items"]![0]!["codes"]!.AsArray();
    }
}
