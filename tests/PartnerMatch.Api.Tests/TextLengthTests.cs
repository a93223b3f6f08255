using System.Net.Http.Json;

namespace PartnerMatch.Api.Tests;

/// <summary>Texts are as long as the document says, in code points: what JSON Schema takes for 300 characters is taken, though it is 600 units of UTF-16.</summary>
public sealed class TextLengthTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    /// <summary>A factory, and a letter of a script beyond the 65,536 first: two units of UTF-16 each.</summary>
    private const string Emoji = "\U0001F3ED";
    private const string Letter = "\U00010400";

    private readonly HttpClient _client = api.Connect();

    [Theory]
    [InlineData("name", 300)]
    [InlineData("nameRu", 300)]
    [InlineData("city", 300)]
    [InlineData("offers[0].text", 300)]
    [InlineData("certificates[0]", 300)]
    [InlineData("contacts[0].name", 300)]
    public Task A_profile_takes_texts_of_wide_characters(string field, int most) => AssertTakesAsync("/v1/enterprises", field, most, text => new Dictionary<string, object>
    {
        ["name"] = field == "name" ? text : "Wide",
        ["country"] = "BY",
        ["region"] = "BY-HM",
        [field.Split('[')[0]] = field switch
        {
            "offers[0].text" => new[] { new { text } },
            "certificates[0]" => new[] { text },
            "contacts[0].name" => new[] { new { name = text } },
            _ => text,
        },
    });

    [Theory]
    [InlineData("/v1/ranking-profiles", "name", 200)]
    [InlineData("/v1/ranking-profiles", "description", 2000)]
    [InlineData("/v1/keys", "name", 100)]
    [InlineData("/v1/keys", "owner", 100)]
    [InlineData("/v1/webhooks", "description", 500)]
    [InlineData("/v1/competencies/classify", "texts[0].text", 300)]
    public Task Other_requests_take_texts_of_wide_characters(string path, string field, int most) => AssertTakesAsync(path, field, most, text => (path, field) switch
    {
        ("/v1/ranking-profiles", "name") => new { name = text, form = "supplier", weights = new { supply = 1 } },
        ("/v1/ranking-profiles", _) => new { name = "Wide", description = text, form = "supplier", weights = new { supply = 1 } },
        ("/v1/keys", "name") => new { name = text, scopes = new[] { "read" } },
        ("/v1/keys", _) => new { name = "wide", owner = text, scopes = new[] { "read" } },
        ("/v1/webhooks", _) => new { url = "https://portal.example/", description = text, enabled = false },
        _ => new { texts = new[] { new { text } } },
    });

    [Theory]
    [InlineData("/v1/enterprises?q=")]
    [InlineData("/v1/competencies?q=")]
    public async Task A_search_takes_as_many_wide_characters_as_the_document_says(string search)
    {
        await _client.GetJsonAsync(search + Uri.EscapeDataString("a" + Wide(199)));
        await _client.GetAsync(search + Uri.EscapeDataString("a" + Wide(200))).ProblemAsync(400);
    }

    private async Task AssertTakesAsync(string path, string field, int most, Func<string, object> body)
    {
        using var taken = await _client.PostAsJsonAsync(path, body(Wide(most)));
        Assert.True(taken.IsSuccessStatusCode, await taken.Content.ReadAsStringAsync());
        var problem = await _client.PostAsJsonAsync(path, body(Wide(most + 1))).ProblemAsync(400);
        Assert.Contains(problem["errors"]!.AsArray(), e => (string)e!["path"]! == field);
    }

    private static string Wide(int characters) => Letter + string.Concat(Enumerable.Repeat(Emoji, characters - 1));
}
