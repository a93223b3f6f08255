using System.IO.Compression;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Data.Sqlite;

namespace PartnerMatch.Api.Tests;

/// <summary>What holds without anybody having thought of it.</summary>
public sealed class SafeDefaultsTests(ProductionFixture api) : IClassFixture<ProductionFixture>
{
    private readonly HttpClient _client = api.Connect();

    [Theory]
    [InlineData("/v1/regions", "private, no-cache")]
    [InlineData("/v1/keys", "no-store")]
    [InlineData("/v1/audit", "no-store")]
    [InlineData("/v1/enterprises/export?format=ndjson", "no-store")]
    [InlineData("/v1/enterprises/none", "no-store")]
    [InlineData("/nothing", null)]
    public async Task Every_answer_tells_browsers_and_caches_what_it_is(string path, string? cacheControl)
    {
        using var response = await _client.GetAsync(path);
        Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
        Assert.Equal("no-referrer", Assert.Single(response.Headers.GetValues("Referrer-Policy")));
        Assert.Contains("frame-ancestors 'none'", Assert.Single(response.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
        Assert.Equal(cacheControl, response.Headers.TryGetValues("Cache-Control", out var values) ? string.Join(", ", values.SelectMany(v => v.Split(", ")).Order().Reverse()) : null);
        Assert.False(response.Headers.Contains("Server"));
    }

    [Fact]
    public async Task Transport_security_is_asked_for_over_https_in_production()
    {
        using var secure = api.Connect("https://partnermatch.example");
        Assert.StartsWith("max-age=", Assert.Single((await secure.GetAsync("/healthz")).Headers.GetValues("Strict-Transport-Security")), StringComparison.Ordinal);
        Assert.False((await _client.GetAsync("/healthz")).Headers.Contains("Strict-Transport-Security"));
    }

    [Fact]
    public async Task Swagger_ui_is_served_in_production_only_where_it_is_set()
    {
        Assert.Equal(404, (int)(await _client.GetAsync("/swagger/index.html")).StatusCode);
        Assert.Equal(404, (int)(await _client.GetAsync("/")).StatusCode);
        Assert.Equal(200, (int)(await _client.GetAsync("/openapi/v1.json")).StatusCode);
        using var shown = api.WithWebHostBuilder(builder => builder.UseSetting("PartnerMatch:SwaggerUi", "true"));
        using var page = await shown.Connect().GetAsync("/");
        Assert.Equal("text/html", page.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task Pages_of_other_origins_may_call_only_where_they_are_named()
    {
        Assert.False((await PreflightAsync(api, "https://portal.example")).Headers.Contains("Access-Control-Allow-Origin"));
        using var named = api.WithWebHostBuilder(builder => builder.UseSetting("PartnerMatch:Origins:0", "https://portal.example"));
        Assert.Equal("https://portal.example", Assert.Single((await PreflightAsync(named, "https://portal.example")).Headers.GetValues("Access-Control-Allow-Origin")));
        Assert.False((await PreflightAsync(named, "https://other.example")).Headers.Contains("Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task Compressed_bodies_are_not_unpacked()
    {
        using var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            await gzip.WriteAsync("""{"name":"Packed","country":"BY","region":"BY-HM"}"""u8.ToArray());
        }

        using var body = new ByteArrayContent(packed.ToArray());
        body.Headers.ContentType = new("application/json");
        body.Headers.ContentEncoding.Add("gzip");
        await _client.PostAsync("/v1/enterprises", body).ProblemAsync(415);
    }

    [Fact]
    public async Task A_failure_tells_nothing_of_the_inside_and_the_log_holds_no_secret()
    {
        using var own = new ProductionFixture();
        using var log = new WholeLog();
        using var logged = log.Of(own);
        using var client = logged.Connect();
        var created = await client.PostAsync("/v1/keys", ClientExtensions.Json("""{"name":"logged","scopes":["read"]}"""));
        var secret = (string)System.Text.Json.Nodes.JsonNode.Parse(await created.Content.ReadAsStringAsync())!["secret"]!;
        await using (var connection = new SqliteConnection($"Data Source={own.DatabaseFile};Pooling=False"))
        {
            await connection.OpenAsync();
            using var command = connection.CreateCommand();
            command.CommandText = "pragma foreign_keys = off; drop table corridors;";
            await command.ExecuteNonQueryAsync();
        }

        client.DefaultRequestHeaders.Authorization = ProductionFixture.Bearer(secret);
        var problem = (await client.GetAsync("/v1/corridors").ProblemAsync(500)).ToJsonString();
        Assert.DoesNotContain("corridors", problem, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("   at ", problem, StringComparison.Ordinal);
        var text = log.ToString();
        Assert.Contains("no such table", text, StringComparison.Ordinal);
        Assert.DoesNotContain(secret[^43..], text, StringComparison.Ordinal);
    }

    private static Task<HttpResponseMessage> PreflightAsync(WebApplicationFactory<Program> factory, string origin)
    {
        var request = new HttpRequestMessage(HttpMethod.Options, "/v1/regions");
        request.Headers.Add("Origin", origin);
        request.Headers.Add("Access-Control-Request-Method", "GET");
        request.Headers.Add("Access-Control-Request-Headers", "authorization");
        return factory.Connect().SendAsync(request);
    }
}
