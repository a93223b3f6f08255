using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;

namespace PartnerMatch.Api.Tests;

public sealed class EnterpriseTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    private readonly HttpClient _client = api.Connect();

    [Fact]
    public async Task A_created_enterprise_is_read_back_as_it_was_sent()
    {
        using var response = await _client.PostAsJsonAsync("/v1/enterprises", new
        {
            name = "Round trip plant",
            nameRu = "Завод «Туда и обратно»",
            country = "BY",
            region = "BY-HM",
            city = "Minsk",
            activity = "28.41",
            identifiers = new[] { new { scheme = "unp", value = "100008115" } },
            employees = 120,
            revenue = new { amount = 1500000.50, currency = "BYN", year = 2025 },
            founded = 1950,
            website = "https://example.by",
            languages = new[] { "ru", "en" },
            markets = new[] { "BY", "RU-SAM" },
            certificates = new[] { "ISO 9001" },
            offers = new[] { new { code = "28.41.22", text = "gantry mills", strength = 0.9 } },
            needs = new[] { new { code = "24.51.13", text = "beds", urgency = 0.4 } },
            status = "published",
            owner = "portal-a",
            contacts = new[] { new { name = "A. Person", email = "a@example.by" } },
            sources = new[] { "company site, 2026-11" },
        });
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        var created = (await response.Content.ReadFromJsonAsync<JsonNode>())!;
        Assert.Equal($"/v1/enterprises/{created["id"]}", response.Headers.Location?.ToString());
        var read = await _client.GetJsonAsync($"/v1/enterprises/{created["id"]}");
        Assert.Equal(created.ToJsonString(), read.ToJsonString());
        Assert.Equal(0.9, (double)read["offers"]![0]!["strength"]!);
        Assert.Equal("A. Person", (string?)read["contacts"]![0]!["name"]);
        Assert.Equal(1, (int)read["revision"]!);
    }

    [Fact]
    public async Task Only_name_country_and_region_are_required()
    {
        var problem = await _client.PostAsJsonAsync("/v1/enterprises", new { }).ProblemAsync(400);
        Assert.Equal(["country", "name", "region"], problem.Paths().Distinct().Order());
        await _client.CreateAsync(new { name = "Bare", country = "RU", region = "RU-SAM" });
    }

    [Theory]
    [InlineData("""{"name":1,"country":"BY","region":"BY-HM"}""", "name")]
    [InlineData("""{"name":"x","country":"BY","region":"BY-HM","colour":"red"}""", "colour")]
    [InlineData("""{"name":"x","name":"y","country":"BY","region":"BY-HM"}""", "name")]
    [InlineData("""{"name":"x","country":"XX","region":"BY-HM"}""", "country")]
    [InlineData("""{"name":"x","country":"BY","region":"RU-SAM"}""", "region")]
    [InlineData("""{"name":"x","country":"BY","region":"BY-ZZ"}""", "region")]
    [InlineData("""{"name":"x","country":"BY","region":"BY-HM","employees":0}""", "employees")]
    [InlineData("""{"name":"x","country":"BY","region":"BY-HM","employees":"many"}""", "employees")]
    [InlineData("""{"name":"x","country":"BY","region":"BY-HM","offers":[{"code":"28.41.22","strength":1.5}]}""", "offers[0].strength")]
    [InlineData("""{"name":"x","country":"BY","region":"BY-HM","offers":[{"code":"28.41.22","colour":1}]}""", "offers[0].colour")]
    [InlineData("""{"name":"x","country":"BY","region":"BY-HM","offers":[{"code":"28.41.22"},{"code":"28.41.22"}]}""", "offers")]
    [InlineData("""{"name":"x","country":"BY","region":"BY-HM","offers":[null]}""", "offers")]
    [InlineData("""{"name":"x","country":"BY","region":"BY-HM","needs":[{"code":"nonsense"}]}""", "needs[0].code")]
    [InlineData("""{"name":"x","country":"BY","region":"BY-HM","identifiers":[{"scheme":"unp","value":"100008116"}]}""", "identifiers[0].value")]
    [InlineData("""{"name":"x","country":"BY","region":"BY-HM","identifiers":[{"scheme":"passport","value":"1"}]}""", "identifiers[0].scheme")]
    [InlineData("""{"name":"x","country":"BY","region":"BY-HM","website":"javascript:alert(1)"}""", "website")]
    [InlineData("""{"name":"x","country":"BY","region":"BY-HM","status":"asleep"}""", "status")]
    [InlineData("""{"name":"x","country":"BY","region":"BY-HM","status":1}""", "status")]
    [InlineData("""{"name":"x","country":"BY","region":"BY-HM","markets":["Mars"]}""", "markets[0]")]
    [InlineData("""{"name":null,"country":"BY","region":"BY-HM"}""", "name")]
    [InlineData("""{"name":"x","country":"BY","region":"BY-HM","offers":[{"code":null}]}""", "offers[0].code")]
    [InlineData("""{"name":"x","country":"BY","region":"BY-HM","identifiers":[null]}""", "identifiers")]
    [InlineData("""{"name":"x","country":"BY","region":"BY-HM","markets":[null],"contacts":[null],"languages":[null],"sources":[null]}""", "markets")]
    [InlineData("""{"name":"x","country":"BY","region":"BY-HM","location":{"latitude":1}}""", "longitude")]
    [InlineData("""{"name":"x","country":"BY","region":"BY-HM","revenue":{"amount":1e40,"currency":"BYN"}}""", "revenue.amount")]
    [InlineData("""{"name":"x","country":"BY","region":"BY-HM","revenue":{"amount":1,"currency":"BYN","year":1899}}""", "revenue.year")]
    [InlineData("""{"name":"x","country":"BY","region":"BY-HM","revenue":{"amount":1,"currency":"BYN","year":2101}}""", "revenue.year")]
    [InlineData("""{"name":"x",""", "$")]
    [InlineData("""[]""", "$")]
    [InlineData("""null""", "$")]
    [InlineData("", "$")]
    public async Task A_wrong_body_is_refused_by_its_place_and_nothing_is_stored(string body, string path)
    {
        var before = await CountRevisionsAsync();
        var problem = await _client.PostAsync("/v1/enterprises", ClientExtensions.Json(body)).ProblemAsync(400);
        Assert.Contains(path, problem.Paths());
        Assert.Equal(before, await CountRevisionsAsync());
    }

    [Theory]
    [InlineData("""{"name":null,"country":"BY","region":"BY-HM"}""", "name")]
    [InlineData("""{"name":"x","country":"BY","region":"BY-HM","contacts":[{"name":null}]}""", "contacts[0].name")]
    public async Task A_null_where_a_value_is_required_is_no_fault_of_the_json(string body, string path)
    {
        var problem = await _client.PostAsync("/v1/enterprises", ClientExtensions.Json(body)).ProblemAsync(400);
        Assert.Equal($"{path}: The value is of the wrong type.", (string)problem["detail"]!);
    }

    [Theory]
    [InlineData("utf-8", 201)]
    [InlineData("\"UTF-8\"", 201)]
    [InlineData("windows-1251", 415)]
    [InlineData("nonsense", 415)]
    public async Task Json_is_taken_in_utf8_only(string charset, int status)
    {
        using var body = new StringContent("""{"name":"x","country":"BY","region":"BY-HM"}""");
        body.Headers.Remove("Content-Type");
        body.Headers.TryAddWithoutValidation("Content-Type", $"application/json; charset={charset}");
        using var answer = await _client.PostAsync("/v1/enterprises", body);
        Assert.Equal(status, (int)answer.StatusCode);
    }

    [Theory]
    [InlineData("identity", 201)]
    [InlineData("gzip", 415)]
    [InlineData("nonsense", 415)]
    public async Task Json_is_taken_uncompressed_only(string encoding, int status)
    {
        using var body = ClientExtensions.Json("""{"name":"x","country":"BY","region":"BY-HM"}""");
        body.Headers.ContentEncoding.Add(encoding);
        using var answer = await _client.PostAsync("/v1/enterprises", body);
        Assert.Equal(status, (int)answer.StatusCode);
    }

    [Fact]
    public async Task A_patch_that_names_a_field_twice_is_refused()
    {
        var id = (string)(await _client.CreateAsync(new { name = "Patched twice", country = "BY", region = "BY-HM" }))["id"]!;
        var problem = await _client.MergeAsync($"/v1/enterprises/{id}", ClientExtensions.Json("""{"city":"Minsk","city":"Brest"}""", "application/merge-patch+json")).ProblemAsync(400);
        Assert.Equal(["city"], problem.Paths());
    }

    [Fact]
    public async Task A_character_that_unicode_does_not_give_out_is_taken_and_searched_for()
    {
        var created = await _client.CreateAsync(new { name = "Nonchar\uFFFEacter", country = "BY", region = "BY-HM" });
        var found = await _client.GetJsonAsync("/v1/enterprises?q=" + Uri.EscapeDataString("nonchar\uFFFEacter"));
        Assert.Equal((string)created["id"]!, (string)found["items"]!.AsArray().Single()!["id"]!);
    }

    [Fact]
    public async Task Texts_of_contacts_and_web_sites_are_bounded()
    {
        var problem = await _client.PostAsJsonAsync("/v1/enterprises", new
        {
            name = "x",
            country = "BY",
            region = "BY-HM",
            website = "http://example.by/\0",
            contacts = new[] { new { name = "x", email = new string('x', 300) + "@example.by" } },
        }).ProblemAsync(400);
        Assert.Equal(["contacts[0].email", "website"], problem.Paths().Order());
    }

    [Fact]
    public async Task Words_mean_no_more_codes_than_words_may()
    {
        var offers = Enumerable.Range(0, 1001).Select(i => new { text = "lifts", code = $"none-{i}" });
        var problem = await _client.PostAsJsonAsync("/v1/enterprises", new { name = "N", country = "BY", region = "BY-HM", offers }).ProblemAsync(400);
        Assert.Equal(["offers"], problem.Paths());
    }

    [Fact]
    public async Task An_unknown_code_is_answered_with_the_nearest_ones()
    {
        var problem = await _client.PostAsJsonAsync("/v1/enterprises", new { name = "x", country = "BY", region = "BY-HM", offers = new[] { new { code = "28.41.29" } } }).ProblemAsync(400);
        var suggestions = problem["errors"]![0]!["suggestions"]!.AsArray().Select(s => (string)s!).ToArray();
        Assert.NotEmpty(suggestions);
        Assert.All(suggestions, s => Assert.StartsWith("28.41.2", s, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Another_media_type_and_another_method_are_refused()
    {
        await _client.PostAsync("/v1/enterprises", ClientExtensions.Json("<x/>", "application/xml")).ProblemAsync(415);
        await _client.DeleteAsync("/v1/enterprises").ProblemAsync(405);
        await _client.GetAsync("/v1/nothing").ProblemAsync(404);
    }

    [Fact]
    public async Task An_identifier_belongs_to_one_enterprise()
    {
        var first = await _client.CreateAsync(new { name = "First", country = "RU", region = "RU-SAM", identifiers = new[] { new { scheme = "inn", value = "7707083893" } } });
        var problem = await _client.PostAsJsonAsync("/v1/enterprises", new { name = "Second", country = "RU", region = "RU-SAM", identifiers = new[] { new { scheme = "inn", value = "7707083893" } } }).ProblemAsync(409);
        Assert.Contains((string)first["id"]!, (string)problem["detail"]!, StringComparison.Ordinal);
        using var deleted = await _client.RemoveAsync($"/v1/enterprises/{first["id"]}");
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        await _client.CreateAsync(new { name = "Third", country = "RU", region = "RU-SAM", identifiers = new[] { new { scheme = "inn", value = "7707083893" } } });
    }

    [Fact]
    public async Task Put_replaces_the_whole_profile_and_counts_revisions()
    {
        var id = (string)(await _client.CreateAsync(new { name = "Old", country = "BY", region = "BY-BR", employees = 5, offers = new[] { new { code = "31.09.12" } } }))["id"]!;
        using var response = await _client.ReplaceAsync($"/v1/enterprises/{id}", new { name = "New", country = "BY", region = "BY-BR" });
        var replaced = (await response.Content.ReadFromJsonAsync<JsonNode>())!;
        Assert.Equal("New", (string?)replaced["name"]);
        Assert.Null(replaced["employees"]);
        Assert.Empty(replaced["offers"]!.AsArray());
        Assert.Equal(2, (int)replaced["revision"]!);
        await _client.ReplaceAsync("/v1/enterprises/none", new { name = "New", country = "BY", region = "BY-BR" }).ProblemAsync(404);
    }

    [Fact]
    public async Task Patch_changes_what_it_names_and_null_removes()
    {
        var id = (string)(await _client.CreateAsync(new { name = "Patched", country = "BY", region = "BY-BR", employees = 5, website = "https://example.by" }))["id"]!;
        using var response = await _client.MergeAsync($"/v1/enterprises/{id}", ClientExtensions.Json("""{"employees":7,"website":null}""", "application/merge-patch+json"));
        var patched = (await response.Content.ReadFromJsonAsync<JsonNode>())!;
        Assert.Equal(7, (int)patched["employees"]!);
        Assert.Null(patched["website"]);
        Assert.Equal("Patched", (string?)patched["name"]);
        var bad = await _client.MergeAsync($"/v1/enterprises/{id}", ClientExtensions.Json("""{"employees":-1}""")).ProblemAsync(400);
        Assert.Contains("employees", bad.Paths());
        var unknown = await _client.MergeAsync($"/v1/enterprises/{id}", ClientExtensions.Json("""{"colour":1}""")).ProblemAsync(400);
        Assert.Contains("colour", unknown.Paths());
        await _client.MergeAsync($"/v1/enterprises/{id}", ClientExtensions.Json("""{"name":null}""")).ProblemAsync(400);
        Assert.Equal(7, (int)(await _client.GetJsonAsync($"/v1/enterprises/{id}"))["employees"]!);
        await _client.MergeAsync("/v1/enterprises/none", ClientExtensions.Json("{}")).ProblemAsync(404);
    }

    [Fact]
    public async Task Lists_filter_by_region_competency_text_and_status_and_page_without_gaps()
    {
        foreach (var i in Enumerable.Range(0, 5))
        {
            await _client.CreateAsync(new { name = $"Ёлка {i}", country = "BY", region = "BY-VI", offers = new[] { new { code = "15.20.13" } }, status = i == 4 ? "withdrawn" : "published" });
        }

        var ids = new List<string>();
        var next = "/v1/enterprises?region=BY-VI&competency=15.2&q=елка&status=published&limit=3";
        while (next is not null)
        {
            var page = await _client.GetJsonAsync(next);
            ids.AddRange(page["items"]!.AsArray().Select(i => (string)i!["id"]!));
            next = (string?)page["next"];
        }

        Assert.Equal(4, ids.Count);
        Assert.Equal(4, ids.Distinct().Count());
    }

    [Theory]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=1%00", "limit")]
    [InlineData("q=a%00", "q")]
    [InlineData("limit=101", "limit")]
    [InlineData("limit=ten", "limit")]
    [InlineData("page=2", "page")]
    [InlineData("limit=1&limit=2", "limit")]
    [InlineData("cursor=abc", "cursor")]
    [InlineData("cursor=e30", "cursor")]
    [InlineData("q=%00", "q")]
    [InlineData("q=%25_", "q")]
    [InlineData("status=asleep", "status")]
    [InlineData("region=Minsk", "region")]
    [InlineData("competency=99.99", "competency")]
    public async Task A_wrong_query_is_refused_by_its_parameter(string query, string path)
    {
        var problem = await _client.GetAsync("/v1/enterprises?" + query).ProblemAsync(400);
        Assert.Contains(path, problem.Paths());
        Assert.All(problem["errors"]!.AsArray(), e => Assert.Equal("query", (string?)e!["in"]));
    }

    [Fact]
    public async Task Racing_writers_lose_nothing()
    {
        var before = await CountRevisionsAsync();
        var created = await Task.WhenAll(Enumerable.Range(0, 32).Select(i => _client.CreateAsync(new { name = $"Racer {i}", country = "BY", region = "BY-MA", offers = new[] { new { code = "28.22.16" } } })));
        Assert.Equal(32, created.Select(c => (string)c["id"]!).Distinct().Count());
        Assert.Equal(before + 32, await CountRevisionsAsync());
    }

    [Fact]
    public async Task Revisions_keep_every_change_but_no_contacts()
    {
        var id = (string)(await _client.CreateAsync(new { name = "Traced", country = "BY", region = "BY-MA", contacts = new[] { new { name = "Secret Person" } } }))["id"]!;
        using var put = await _client.ReplaceAsync($"/v1/enterprises/{id}", new { name = "Traced again", country = "BY", region = "BY-MA" });
        using var deleted = await _client.RemoveAsync($"/v1/enterprises/{id}");
        await _client.GetAsync($"/v1/enterprises/{id}").ProblemAsync(404);
        await _client.RemoveAsync($"/v1/enterprises/{id}").ProblemAsync(404);
        await using var connection = await OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "select operation, coalesce(profile, '') from enterprise_revisions where enterprise_id = $id order by sequence";
        command.Parameters.AddWithValue("$id", id);
        var revisions = new List<(string Operation, string Profile)>();
        await using (var reader = await command.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync())
            {
                revisions.Add((reader.GetString(0), reader.GetString(1)));
            }
        }

        Assert.Equal(["created", "replaced", "deleted"], revisions.Select(r => r.Operation));
        Assert.DoesNotContain(revisions, r => r.Profile.Contains("Secret", StringComparison.Ordinal));
        command.CommandText = "delete from enterprise_revisions";
        await Assert.ThrowsAsync<SqliteException>(() => command.ExecuteNonQueryAsync());
    }

    [Theory]
    [InlineData("inn", "7707083893", true)]
    [InlineData("inn", "7707083894", false)]
    [InlineData("inn", "500100732259", true)]
    [InlineData("inn", "500100732258", false)]
    [InlineData("ogrn", "1027700132195", true)]
    [InlineData("ogrn", "1027700132194", false)]
    [InlineData("unp", "100582333", true)]
    [InlineData("unp", "100582334", false)]
    [InlineData("lei", "5493001KJTIIGC8Y1R12", true)]
    [InlineData("lei", "5493001KJTIIGC8Y1R13", false)]
    [InlineData("unp", "12345678", false)]
    public async Task Check_digits_are_verified(string scheme, string value, bool valid)
    {
        using var response = await _client.ReplaceAsync("/v1/enterprises/none", new { name = "x", country = "BY", region = "BY-HM", identifiers = new[] { new { scheme, value } } });
        Assert.Equal(valid ? HttpStatusCode.NotFound : HttpStatusCode.BadRequest, response.StatusCode);
    }

    private async Task<long> CountRevisionsAsync()
    {
        await using var connection = await OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "select count(*) from enterprise_revisions";
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private async Task<SqliteConnection> OpenAsync()
    {
        var connection = new SqliteConnection($"Data Source={api.DatabaseFile};Pooling=False");
        await connection.OpenAsync();
        return connection;
    }
}
