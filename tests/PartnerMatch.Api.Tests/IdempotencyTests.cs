using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace PartnerMatch.Api.Tests;

/// <summary>Creating requests that are sent again under their key.</summary>
public sealed class IdempotencyTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    private readonly HttpClient _client = api.Connect();

    public static TheoryData<string, string, string> Creating => new()
    {
        { "/v1/enterprises", "application/json", """{"name":"Repeated works","country":"BY","region":"BY-HM"}""" },
        { "/v1/corridors", "application/json", """{"id":"repeated","name":"Repeated","first":["BY"],"second":["RU-TA"]}""" },
        { "/v1/ranking-profiles", "application/json", """{"name":"Repeated","form":"supplier","weights":{"supply":1}}""" },
        { "/v1/competencies/28.41.22/aliases", "application/json", """{"lang":"en","text":"repeated turners"}""" },
        { "/v1/enterprises/import?mode=partial", "text/csv", "name_en;country;region\nRepeated import;BY;BY-HM\n" },
    };

    [Theory]
    [MemberData(nameof(Creating))]
    public async Task A_request_that_is_sent_again_is_answered_as_before(string path, string type, string body)
    {
        var key = Guid.NewGuid().ToString();
        using var first = await SendAsync(key, body, path, type);
        using var second = await SendAsync(key, body, path, type);
        Assert.True(first.IsSuccessStatusCode, await first.Content.ReadAsStringAsync());
        Assert.False(first.Headers.Contains("Idempotency-Replayed"));
        Assert.Equal("true", second.Headers.GetValues("Idempotency-Replayed").Single());
        Assert.Equal(first.StatusCode, second.StatusCode);
        Assert.Equal(first.Headers.Location, second.Headers.Location);
        Assert.Equal(first.Content.Headers.ContentType, second.Content.Headers.ContentType);
        Assert.Equal(await first.Content.ReadAsStringAsync(), await second.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_secret_is_not_kept_for_a_request_that_is_sent_again()
    {
        using var first = await SendAsync("secret", """{"name":"Once","scopes":["read"]}""", "/v1/keys");
        using var second = await SendAsync("secret", """{"name":"Once","scopes":["read"]}""", "/v1/keys");
        var (created, replayed) = (JsonNode.Parse(await first.Content.ReadAsStringAsync())!, JsonNode.Parse(await second.Content.ReadAsStringAsync())!);
        Assert.NotNull((string?)created["secret"]);
        Assert.Null(replayed["secret"]);
        Assert.Equal((string)created["id"]!, (string)replayed["id"]!);
        await SendAsync("rotate", "{}", "/v1/keys/nobody/rotate").ProblemAsync(404);
    }

    [Fact]
    public async Task Many_at_once_create_one()
    {
        var key = Guid.NewGuid().ToString();
        var body = """{"name":"Only one of many","country":"BY","region":"BY-HM"}""";
        var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => SendAsync(key, body)));
        Assert.All(answers, a => Assert.True(a.StatusCode is HttpStatusCode.Created or HttpStatusCode.Conflict));
        Assert.All(answers.Where(a => a.StatusCode == HttpStatusCode.Conflict), a => Assert.Equal(TimeSpan.FromSeconds(1), a.Headers.RetryAfter!.Delta));
        Assert.Single((await _client.GetJsonAsync("/v1/enterprises?q=only one of many"))["items"]!.AsArray());
        Assert.Single(answers.Where(a => a.StatusCode == HttpStatusCode.Created).Select(a => a.Headers.Location).Distinct());
    }

    [Fact]
    public async Task Another_request_under_the_key_is_refused()
    {
        var key = Guid.NewGuid().ToString();
        using var first = await SendAsync(key, """{"name":"First of the key","country":"BY","region":"BY-HM"}""");
        Assert.Equal(HttpStatusCode.Created, first.StatusCode);
        var problem = await SendAsync(key, """{"name":"Second of the key","country":"BY","region":"BY-HM"}""").ProblemAsync(422);
        Assert.Equal("urn:partnermatch:problem:idempotency-key-reused", (string)problem["type"]!);
        await SendAsync(key, """{"name":"First of the key","country":"BY","region":"BY-HM"}""", "/v1/corridors").ProblemAsync(422);
        Assert.Empty((await _client.GetJsonAsync("/v1/enterprises?q=second of the key"))["items"]!.AsArray());
    }

    [Fact]
    public async Task A_refused_request_leaves_its_key_free()
    {
        var key = Guid.NewGuid().ToString();
        await SendAsync(key, """{"name":"Refused first","country":"XX","region":"BY-HM"}""").ProblemAsync(400);
        await SendAsync(key, """{"id":"by-ru-sam","name":"Taken","first":["BY"],"second":["RU-TA"]}""", "/v1/corridors").ProblemAsync(409);
        using var corrected = await SendAsync(key, """{"name":"Refused first","country":"BY","region":"BY-HM"}""");
        Assert.Equal(HttpStatusCode.Created, corrected.StatusCode);
    }

    [Theory]
    [InlineData("with space")]
    [InlineData("ключ")]
    public async Task A_key_that_is_none_is_refused(string key)
    {
        var problem = await SendAsync(key, """{"name":"Bad key","country":"BY","region":"BY-HM"}""").ProblemAsync(400);
        Assert.Equal(["Idempotency-Key"], problem.Paths());
    }

    [Fact]
    public async Task A_key_that_is_too_long_is_refused()
    {
        await SendAsync(new string('k', 256), """{"name":"Long key","country":"BY","region":"BY-HM"}""").ProblemAsync(400);
        using var longest = await SendAsync(new string('k', 255), """{"name":"Longest key","country":"BY","region":"BY-HM"}""");
        Assert.Equal(HttpStatusCode.Created, longest.StatusCode);
    }

    [Fact]
    public async Task A_key_is_forgotten_after_a_day()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        using var own = new ApiFixture();
        using var timed = own.WithWebHostBuilder(builder => builder.ConfigureTestServices(services => services.AddSingleton<TimeProvider>(time)));
        var client = timed.Connect();
        var body = """{"name":"A day later","country":"BY","region":"BY-HM"}""";
        Assert.False(await IsReplayAsync());
        time.Advance(TimeSpan.FromHours(24) - TimeSpan.FromSeconds(1));
        Assert.True(await IsReplayAsync());
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(await IsReplayAsync());
        Assert.Equal(2, (await client.GetJsonAsync("/v1/enterprises?q=a day later"))["items"]!.AsArray().Count);

        async Task<bool> IsReplayAsync()
        {
            using var answer = await SendAsync("day", body, client: client);
            Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
            return answer.Headers.Contains("Idempotency-Replayed");
        }
    }

    /// <summary>The record of the key cannot be stored: neither can the enterprise be.</summary>
    [Fact]
    public async Task The_write_and_its_answer_are_stored_together_or_not_at_all()
    {
        using var own = new ApiFixture();
        var client = own.Connect();
        var body = """{"name":"All or nothing","country":"BY","region":"BY-HM"}""";
        await ExecuteAsync(own, "create trigger no_keys before insert on idempotency_keys begin select raise(abort, 'no keys'); end");
        await SendAsync("together", body, client: client).ProblemAsync(500);
        Assert.Empty((await client.GetJsonAsync("/v1/enterprises?q=all or nothing"))["items"]!.AsArray());

        await ExecuteAsync(own, "drop trigger no_keys");
        using var again = await SendAsync("together", body, client: client);
        Assert.Equal(HttpStatusCode.Created, again.StatusCode);
        var id = (string)JsonNode.Parse(await again.Content.ReadAsStringAsync())!["id"]!;
        Assert.Equal("All or nothing", (string)(await client.GetJsonAsync($"/v1/enterprises/{id}"))["name"]!);
    }

    [Fact]
    public async Task A_restart_forgets_no_key()
    {
        using var own = new ApiFixture();
        var body = """{"name":"Before the restart","country":"BY","region":"BY-HM"}""";
        string before;
        using (var stopped = own.WithWebHostBuilder(_ => { }))
        {
            using var answer = await SendAsync("restart", body, client: stopped.Connect());
            before = await answer.Content.ReadAsStringAsync();
        }

        using var started = own.WithWebHostBuilder(_ => { });
        using var replay = await SendAsync("restart", body, client: started.Connect());
        Assert.Equal("true", replay.Headers.GetValues("Idempotency-Replayed").Single());
        Assert.Equal(before, await replay.Content.ReadAsStringAsync());
    }

    private static async Task ExecuteAsync(ApiFixture api, string sql)
    {
        await using var connection = new SqliteConnection($"Data Source={api.DatabaseFile};Pooling=False");
        await connection.OpenAsync();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }

    private async Task<HttpResponseMessage> SendAsync(string key, string body, string path = "/v1/enterprises", string type = "application/json", HttpClient? client = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = ClientExtensions.Json(body, type) };
        Assert.True(request.Headers.TryAddWithoutValidation("Idempotency-Key", key));
        return await (client ?? _client).SendAsync(request);
    }
}
