using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Data.Sqlite;

namespace PartnerMatch.Api.Tests;

/// <summary>What import makes of rows.</summary>
public sealed class ImportTests : IDisposable
{
    private const string Header = "name_en,country,region";
    private readonly ApiFixture _api = new();
    private readonly HttpClient _client;

    public ImportTests() => _client = _api.Connect();

    public void Dispose() => _api.Dispose();

    [Theory]
    [InlineData("Minsk", "BY-HM")]
    [InlineData("Минск", "BY-HM")]
    [InlineData("г. Минск", "BY-HM")]
    [InlineData("by-hm", "BY-HM")]
    [InlineData("Minsk Region", "BY-MI")]
    [InlineData("Minsk Oblast", "BY-MI")]
    [InlineData("Минская область", "BY-MI")]
    [InlineData("Минская обл.", "BY-MI")]
    [InlineData("Gomel Voblast", "BY-HO")]
    [InlineData("Могилевская область", "BY-MA")]
    public async Task A_region_is_a_code_or_a_name_in_either_language(string written, string code)
    {
        var report = await ImportAsync($"{Header}\nPlant,Belarus,{written}\n");
        Assert.Equal(1, (int)report["created"]!);
        Assert.Equal((code, "BY"), ((string)(await OnlyAsync())["region"]!, (string)(await OnlyAsync())["country"]!));
    }

    [Theory]
    [InlineData("Samara Oblast")]
    [InlineData("Самарская область")]
    [InlineData("Samara region")]
    [InlineData("RU-SAM")]
    public async Task Samara_is_found_by_its_names(string written)
    {
        await ImportAsync($"{Header}\nPlant,Россия,{written}\n");
        Assert.Equal("RU-SAM", (string)(await OnlyAsync())["region"]!);
    }

    [Theory]
    [InlineData(',', false)]
    [InlineData(';', false)]
    [InlineData(',', true)]
    [InlineData(';', true)]
    public async Task All_columns_are_read_in_any_order(char separator, bool mark)
    {
        string[] header = ["sources", "unp", "status", "name_ru", "country", "region", "city", "makes_ru", "makes", "needs", "nace", "employees", "founded", "website", "markets", "certificates", "name_en", "id", "inn"];
        string[] cells = ["\"site, 2026; registry\"", "100008115", "draft", "Завод", "BY", "Minsk", "Minsk", "\"лифты пассажирские; 28.41.22\"", "\"wheeled tractors\"", "\"steel castings; zzqx\"", "2841", "1 200", "1950", "https://example.by", "\"BY; Russia; Samara Oblast\"", "\"ISO 9001; ISO 14001\"", "\"Plant \"\"A\"\"\"", "plant-a", ""];
        var report = await ImportAsync(string.Join(separator, header) + "\r\n" + string.Join(separator, cells) + "\r\n", mark: mark);
        Assert.Equal(1, (int)report["created"]!);
        Assert.Equal("zzqx", (string)report["unmappedWords"]![0]!["text"]!);
        var plant = await _client.GetJsonAsync("/v1/enterprises/plant-a");
        Assert.Equal("Plant \"A\"", (string)plant["name"]!);
        Assert.Equal("Завод", (string)plant["nameRu"]!);
        Assert.Equal("28.41", (string)plant["activity"]!);
        Assert.Equal(1200, (int)plant["employees"]!);
        Assert.Equal("draft", (string)plant["status"]!);
        Assert.Equal(["BY", "RU", "RU-SAM"], plant["markets"]!.AsArray().Select(m => (string)m!));
        Assert.Equal(["site, 2026", "registry"], plant["sources"]!.AsArray().Select(m => (string)m!));
        Assert.Equal("100008115", (string)plant["identifiers"]![0]!["value"]!);
        Assert.Equal(["wheeled tractors", "лифты пассажирские", null], plant["offers"]!.AsArray().Select(o => (string?)o!["text"]).Distinct());
        Assert.Equal(("28.41.22", null), ((string)plant["offers"]!.AsArray()[^1]!["code"]!, (double?)plant["offers"]!.AsArray()[^1]!["confidence"]));
        Assert.Null(plant["needs"]![1]!["code"]);
    }

    [Fact]
    public async Task A_russian_name_alone_is_enough_and_the_status_is_published()
    {
        await ImportAsync("name_ru,country,region,makes_ru,status\nКарданный завод,BY,Гродненская область,карданные валы,\n");
        var only = await OnlyAsync();
        Assert.Equal(("Карданный завод", "Карданный завод", "published"), ((string)only["name"]!, (string)only["nameRu"]!, (string)only["status"]!));
        Assert.Equal(1, (int)(await ImportAsync("name_ru,country,region,makes_ru,status\nКарданный завод,BY,Гродненская область,карданные валы,\n"))["unchanged"]!);
    }

    [Fact]
    public async Task Words_of_two_languages_for_one_code_are_one_offer_with_the_surer_words()
    {
        await ImportAsync("name_en,country,region,makes,makes_ru\nPlant,BY,Minsk,passenger lifts,лифты\n");
        var offers = (await OnlyAsync())["offers"]!.AsArray();
        Assert.Equal(offers.Count, offers.Select(o => (string?)o!["code"]).Distinct().Count());
    }

    [Theory]
    [InlineData("name_en", "", "name_en", null)]
    [InlineData("country", "", "country", null)]
    [InlineData("country", "Belorus", "country", "BY")]
    [InlineData("region", "", "region", "BY-HO")]
    [InlineData("region", "Gomell Region", "region", "BY-HO")]
    [InlineData("region", "RU-SAM", "region", null)]
    [InlineData("nace", "28.4x", "nace", "28.4")]
    [InlineData("employees", "many", "employees", null)]
    [InlineData("employees", "0", "employees", null)]
    [InlineData("founded", "3000", "founded", null)]
    [InlineData("website", "www.example.by", "website", "https://www.example.by")]
    [InlineData("markets", "Mars", "markets", null)]
    [InlineData("status", "asleep", "status", "published")]
    [InlineData("makes", "28.41.99", "makes", null)]
    [InlineData("unp", "100008116", "unp", null)]
    [InlineData("id", "no spaces", "id", null)]
    [InlineData("id", "export", "id", null)]
    public async Task A_wrong_cell_is_named_with_the_nearest_right_value(string column, string value, string field, string? suggestion)
    {
        var cells = new Dictionary<string, string> { ["name_en"] = "Plant", ["country"] = "BY", ["region"] = "Gomel Region", ["city"] = "Gomel", [column] = value };
        var problem = await SendAsync($"{string.Join(',', cells.Keys)}\n{string.Join(',', cells.Values)}\n").ProblemAsync(422);
        Assert.Equal("urn:partnermatch:problem:import-refused", (string)problem["type"]!);
        var row = problem["import"]!["report"]!["refusedRows"]![0]!;
        Assert.Equal((2, field), ((int)row["row"]!, (string)row["field"]!));
        Assert.NotEmpty((string)row["detail"]!);
        if (suggestion is not null)
        {
            Assert.Contains(suggestion, row["suggestions"]!.AsArray().Select(s => (string)s!));
        }

        Assert.Empty((await _client.GetJsonAsync("/v1/enterprises"))["items"]!.AsArray());
    }

    [Fact]
    public async Task A_missing_region_is_asked_for_among_those_of_the_country()
    {
        var report = await ImportAsync($"{Header},city\nA,RU,,\nB,RU,,Togliatti\nC,BY,,\n", "?mode=partial");
        Assert.Equal("RU-SAM", (string)report["refusedRows"]![0]!["suggestions"]![0]!);
        Assert.Equal("RU-SAM", (string)report["refusedRows"]![1]!["suggestions"]!.AsArray().Single()!);
        Assert.All(report["refusedRows"]![2]!["suggestions"]!.AsArray(), s => Assert.StartsWith("BY-", (string)s!, StringComparison.Ordinal));
    }

    [Fact]
    public async Task One_refused_row_stops_all_unless_part_is_wanted()
    {
        const string File = $"{Header}\nA,BY,Minsk\nB,BY,\nC,BY\nD,RU,RU-SAM\n";
        var problem = await SendAsync(File).ProblemAsync(422);
        Assert.Equal(["row 3, region", "row 4, $"], problem.Paths());
        Assert.Equal("failed", (string)problem["import"]!["state"]!);
        var kept = await _client.GetJsonAsync($"/v1/imports/{problem["import"]!["id"]}");
        Assert.Equal(2, (int)kept["report"]!["refused"]!);

        var dry = await ImportAsync(File, "?dryRun=true");
        Assert.Equal((2, 2, false), ((int)dry["created"]!, (int)dry["refused"]!, (bool)dry["stored"]!));
        Assert.Empty((await _client.GetJsonAsync("/v1/enterprises"))["items"]!.AsArray());

        var part = await ImportAsync(File, "?mode=partial");
        Assert.Equal((2, 2, true), ((int)part["created"]!, (int)part["refused"]!, (bool)part["stored"]!));
        Assert.Equal(["A", "D"], (await _client.GetJsonAsync("/v1/enterprises"))["items"]!.AsArray().Select(e => (string)e!["name"]!));
    }

    [Fact]
    public async Task The_same_file_again_changes_nothing()
    {
        const string File = "name_en,country,region,makes,makes_ru,unp\nA,BY,Minsk,wheeled tractors; steel castings,тракторы,\nB,BY,Minsk,unheard words,,100008115\n";
        await ImportAsync(File);
        var before = await Revisions();
        var again = await ImportAsync(File);
        Assert.Equal((0, 0, 2, false), ((int)again["created"]!, (int)again["updated"]!, (int)again["unchanged"]!, (bool)again["stored"]!));
        Assert.Equal(before, await Revisions());
    }

    [Fact]
    public async Task A_row_means_an_enterprise_by_id_then_by_identifier_then_by_name()
    {
        await ImportAsync("id,name_en,country,region,unp\none,First,BY,Minsk,\ntwo,Second,BY,Minsk,100008115\nthree,Third,BY,Minsk,\n");
        var report = await ImportAsync("id,name_en,country,region,unp,city\none,First renamed,BY,Minsk,,Minsk\n,Second renamed,BY,Minsk,100008115,Minsk\n,  THIRD ,BY,Minsk,,Minsk\n,Third,BY,Gomel Region,,\n");
        Assert.Equal((1, 3), ((int)report["created"]!, (int)report["updated"]!));
        Assert.Equal("First renamed", (string)(await _client.GetJsonAsync("/v1/enterprises/one"))["name"]!);
        Assert.Equal("Second renamed", (string)(await _client.GetJsonAsync("/v1/enterprises/two"))["name"]!);
        Assert.Equal("Minsk", (string)(await _client.GetJsonAsync("/v1/enterprises/three"))["city"]!);
        var duplicate = report["possibleDuplicates"]!.AsArray().Single()!;
        Assert.Equal((5, "three"), ((int)duplicate["row"]!, (string)duplicate["enterpriseId"]!));
    }

    [Fact]
    public async Task Rows_that_mean_no_enterprise_surely_are_refused()
    {
        await ImportAsync("id,name_en,country,region,unp\na,Twin,BY,Minsk,\nb,Twin,BY,Minsk,\nc,Owner,BY,Minsk,100008115\n");
        var problem = await SendAsync("id,name_en,country,region,unp\n,Twin,BY,Minsk,\na,Other,BY,Minsk,100008115\nb,Twin,BY,Minsk,\nb,Twin,BY,Minsk,\n,New,BY,Minsk,\n,new,BY,Minsk,\n").ProblemAsync(422);
        var refused = problem["import"]!["report"]!["refusedRows"]!.AsArray();
        Assert.Equal([3, 5, 7], refused.Select(r => (int)r!["row"]!));
        Assert.Equal(["unp", "id", "name_en"], refused.Select(r => (string)r!["field"]!));

        var ambiguous = await SendAsync("name_en,country,region\nTwin,BY,Minsk\n").ProblemAsync(422);
        Assert.Equal(["a", "b"], ambiguous["import"]!["report"]!["refusedRows"]![0]!["suggestions"]!.AsArray().Select(s => (string)s!));
    }

    [Fact]
    public async Task A_sheet_changes_only_what_it_has_columns_for()
    {
        var id = (string)(await _client.CreateAsync(new
        {
            name = "Kept",
            country = "BY",
            region = "BY-HM",
            revenue = new { amount = 5.5, currency = "BYN" },
            offers = new object[] { new { code = "28.41.22", text = "gantry mills", strength = 0.4 }, new { code = "28.22.16" } },
            needs = new[] { new { code = "24.51.13", urgency = 0.3 } },
            contacts = new[] { new { name = "A. Person" } },
        }))["id"]!;
        var report = await ImportAsync($"id,name_en,country,region,city,makes\n{id},Kept,BY,Minsk,Minsk,gantry mills; wheeled tractors\n");
        Assert.Equal(1, (int)report["updated"]!);
        var kept = await _client.GetJsonAsync($"/v1/enterprises/{id}");
        Assert.Equal("28.41.22", (string)kept["offers"]![0]!["code"]!);
        Assert.Equal(0.4, (double)kept["offers"]![0]!["strength"]!);
        Assert.DoesNotContain(kept["offers"]!.AsArray(), o => (string?)o!["code"] == "28.22.16");
        Assert.Contains(kept["offers"]!.AsArray(), o => (string?)o!["text"] == "wheeled tractors");
        Assert.Equal(0.3, (double)kept["needs"]![0]!["urgency"]!);
        Assert.Equal(("A. Person", 5.5, 2), ((string)kept["contacts"]![0]!["name"]!, (double)kept["revenue"]!["amount"]!, (int)kept["revision"]!));
    }

    [Theory]
    [InlineData("export")]
    [InlineData("Export")]
    [InlineData("IMPORT")]
    [InlineData(".")]
    [InlineData("..")]
    public async Task An_id_under_which_an_enterprise_could_not_be_reached_is_refused(string id)
    {
        using var answer = await SendAsync($"id,{Header}\n{id},Plant,BY,Minsk\n", "?dryRun=true");
        Assert.Equal("id", (string)(await answer.ReportAsync())["refusedRows"]!.AsArray().Single()!["field"]!);
    }

    [Fact]
    public async Task A_region_is_not_called_wrong_where_its_country_is()
    {
        using var answer = await SendAsync($"{Header}\nPlant,XX,BY-HM\n", "?dryRun=true");
        var refused = (await answer.ReportAsync())["refusedRows"]!.AsArray().Single()!;
        Assert.Equal("country", (string)refused["field"]!);
        Assert.Null(refused["also"]);
    }

    [Fact]
    public async Task Words_that_an_alias_explains_while_they_are_imported_do_not_wait()
    {
        var rows = string.Concat(Enumerable.Range(0, 5000).Select(i => $"Plant {i},BY,Minsk,\"Zwurblfexes; {i:x} brok\"\n"));
        using var accepted = await _client.ImportAsync(Encoding.UTF8.GetBytes($"{Header},makes\n{rows}"), prefer: "respond-async");
        var location = accepted.Headers.Location!.ToString();
        while ((int?)(await _client.GetJsonAsync(location))["progress"]?["rowsRead"] is not > 0)
        {
        }

        using var added = await _client.PostAsync("/v1/competencies/28.29.31/aliases", ClientExtensions.Json("""{"text":"zwurblfex","lang":"en"}"""));
        Assert.Equal("done", (string)(await _client.WaitAsync(location))["state"]!);
        Assert.DoesNotContain((await _client.GetJsonAsync("/v1/competencies/unmapped"))["items"]!.AsArray(), w => (string)w!["text"]! == "Zwurblfexes");
    }

    [Fact]
    public async Task Possible_duplicates_are_reported_and_not_merged()
    {
        await ImportAsync("name_en,name_ru,country,region\nMinsk Tractor Works (MTZ),Минский тракторный завод,BY,Minsk\n");
        var report = await ImportAsync("name_en,name_ru,country,region\nMTZ OJSC,,BY,Minsk\nTractor Works of Minsk,ОАО «Минский тракторный завод»,BY,Minsk Region\nUnlike,,BY,Minsk\n");
        Assert.Equal((3, 2), ((int)report["created"]!, (int)report["duplicates"]!));
    }

    [Fact]
    public async Task What_import_stores_is_what_the_api_stores()
    {
        var profile = new
        {
            name = "Same",
            nameRu = "Так же",
            country = "BY",
            region = "BY-HM",
            city = "Minsk",
            identifiers = new[] { new { scheme = "unp", value = "100008115" } },
            offers = new object[] { new { code = "28.41.22" }, new { text = "unheard words" } },
            needs = new[] { new { code = "24.51.13", urgency = 0.3 } },
            contacts = new[] { new { name = "A. Person" } },
        };
        await _client.CreateAsync(profile);
        using var other = new ApiFixture();
        var line = System.Text.Json.JsonSerializer.Serialize(profile);
        await ImportAsync(line, type: "application/x-ndjson", client: other.Connect());
        Assert.Equal(await Dump(_api), await Dump(other));

        static async Task<string> Dump(ApiFixture api)
        {
            await using var connection = new SqliteConnection($"Data Source={api.DatabaseFile};Pooling=False");
            await connection.OpenAsync();
            using var command = connection.CreateCommand();
            command.CommandText =
                """
                select json_array(
                    (select json_group_array(json_array(status, country, region, name_key, search_text, json_remove(profile, '$.id', '$.createdAt', '$.updatedAt'), revision)) from enterprises),
                    (select json_group_array(code) from enterprise_competencies),
                    (select json_group_array(json_array(scheme, value)) from enterprise_identifiers),
                    (select json_group_array(json_array(position, contact)) from enterprise_contacts),
                    (select json_group_array(json_array(folded, text)) from unmapped_words),
                    (select json_group_array(json_array(revision, operation, json_remove(profile, '$.id', '$.createdAt', '$.updatedAt'))) from enterprise_revisions))
                """;
            return (string)(await command.ExecuteScalarAsync())!;
        }
    }

    [Fact]
    public async Task What_is_imported_is_matched_at_once_and_survives_a_deletion()
    {
        const string File = "id,name_en,country,region,makes\nmachines,Machines,BY,Minsk,28.41.22\naircraft,Aircraft,RU,RU-SAM,30.30.32\n";
        await ImportAsync(File);
        Assert.Equal("aircraft", (string)(await _client.GetJsonAsync("/v1/enterprises/machines/matches?minScore=0"))["items"]![0]!["enterprise"]!["id"]!);
        (await _client.RemoveAsync("/v1/enterprises/machines")).EnsureSuccessStatusCode();
        Assert.Equal((1, 1), ((int)(await ImportAsync(File))["created"]!, (int)(await ImportAsync(File, "?dryRun=true"))["rows"]! - 1));
        Assert.Equal(3, (int)(await _client.GetJsonAsync("/v1/enterprises/machines"))["revision"]!);
    }

    [Fact]
    public async Task Others_may_write_while_an_import_runs()
    {
        var rows = new StringBuilder(Header + "\n");
        for (var i = 0; i < 3000; i++)
        {
            rows.Append(System.Globalization.CultureInfo.InvariantCulture, $"Row {i},BY,Minsk\n");
        }

        var importing = ImportAsync(rows.ToString());
        var created = 0;
        while (!importing.IsCompleted)
        {
            await _client.CreateAsync(new { name = $"Other {created++}", country = "BY", region = "BY-HM" });
        }

        Assert.Equal(3000, (int)(await importing)["created"]!);
        Assert.Equal(3000 + created, await Revisions());
    }

    private async Task<JsonNode> OnlyAsync() => (await _client.GetJsonAsync("/v1/enterprises"))["items"]!.AsArray().Single()!;

    private async Task<long> Revisions()
    {
        await using var connection = new SqliteConnection($"Data Source={_api.DatabaseFile};Pooling=False");
        await connection.OpenAsync();
        using var command = connection.CreateCommand();
        command.CommandText = "select count(*) from enterprise_revisions";
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private Task<HttpResponseMessage> SendAsync(string file, string query = "", string type = "text/csv", bool mark = false) =>
        _client.ImportAsync(mark ? [.. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes(file)] : Encoding.UTF8.GetBytes(file), query, type);

    private async Task<JsonNode> ImportAsync(string file, string query = "", string type = "text/csv", bool mark = false, HttpClient? client = null)
    {
        using var response = client is null ? await SendAsync(file, query, type, mark) : await client.ImportAsync(Encoding.UTF8.GetBytes(file), query, type);
        return await response.ReportAsync();
    }
}

/// <summary>Sends files, and reads what came of them.</summary>
internal static class ImportExtensions
{
    public const string Csv = "text/csv";
    public const string Ndjson = "application/x-ndjson";
    public const string Xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

    public static Task<HttpResponseMessage> ImportAsync(this HttpClient client, byte[] file, string query = "", string type = Csv, string? prefer = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1/enterprises/import" + query) { Content = new ByteArrayContent(file) };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        if (prefer is not null)
        {
            request.Headers.Add("Prefer", prefer);
        }

        return client.SendAsync(request);
    }

    /// <summary>The report of an import that was done at once.</summary>
    public static async Task<JsonNode> ReportAsync(this HttpResponseMessage response)
    {
        var body = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == HttpStatusCode.OK, body);
        var import = JsonNode.Parse(body)!;
        Assert.Equal("done", (string)import["state"]!);
        return import["report"]!;
    }

    /// <summary>The import once it is over.</summary>
    public static async Task<JsonNode> WaitAsync(this HttpClient client, string location)
    {
        for (var i = 0; i < 3000; i++)
        {
            var import = await client.GetJsonAsync(location);
            if ((string)import["state"]! is not "queued" and not "running")
            {
                return import;
            }

            await Task.Delay(100);
        }

        throw new TimeoutException(location);
    }
}

/// <summary>The service with tight limits on imports.</summary>
public sealed class TightFixture : ApiFixture
{
    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        base.ConfigureWebHost(builder);
        builder.UseSetting("PartnerMatch:Imports:MaxSize", "3000000");
        builder.UseSetting("PartnerMatch:Imports:MaxRows", "1000");
        builder.UseSetting("PartnerMatch:Imports:MaxUnpackedSize", "20000000");
    }
}
