using System.Net.ServerSentEvents;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.DependencyInjection;
using PartnerMatch.Api.Storage;

namespace PartnerMatch.Api.Tests;

/// <summary>What one caller may ask for, and what is turned away.</summary>
public sealed class LimitTests
{
    [Fact]
    public async Task A_budget_is_told_used_up_and_refused_until_it_fills_again()
    {
        using var api = new ApiFixture();
        using var limited = Limited(api, ("ReadsPerMinute", "3"), ("WritesPerMinute", "1"));
        var client = limited.Connect();
        for (var left = 2; left >= 0; left--)
        {
            using var response = await client.GetAsync("/v1/regions");
            Assert.Equal("\"reads\";q=3;w=60", Assert.Single(response.Headers.GetValues("RateLimit-Policy")));
            Assert.Equal($"\"reads\";r={left};t={(3 - left) * 20}", Assert.Single(response.Headers.GetValues("RateLimit")));
        }

        await client.GetAsync("/v1/regions").ProblemAsync(429);
        using var refused = await client.GetAsync("/v1/regions");
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 20);
        Assert.StartsWith("\"reads\";r=0;", Assert.Single(refused.Headers.GetValues("RateLimit")), StringComparison.Ordinal);

        // Other budgets are not touched, and health costs nothing.
        await client.GetJsonAsync("/v1/keys");
        await client.GetAsync("/v1/keys").ProblemAsync(429);
        await client.GetJsonAsync("/v1/pairs");
        using var health = await client.GetAsync("/healthz");
        Assert.True(health.IsSuccessStatusCode);
        Assert.False(health.Headers.Contains("RateLimit"));
    }

    [Fact]
    public async Task Each_key_has_a_budget_of_its_own()
    {
        using var api = new ProductionFixture();
        using var limited = Limited(api, ("ReadsPerMinute", "1"));
        var first = await api.CreateKeyAsync(["read"]);
        var second = await api.CreateKeyAsync(["read"]);
        using var client = limited.Connect();
        client.DefaultRequestHeaders.Authorization = ProductionFixture.Bearer((string)first["secret"]!);
        await client.GetJsonAsync("/v1/regions");
        await client.GetAsync("/v1/regions").ProblemAsync(429);
        client.DefaultRequestHeaders.Authorization = ProductionFixture.Bearer((string)second["secret"]!);
        await client.GetJsonAsync("/v1/regions");

        // Who is not known is limited too, before being asked for a key.
        client.DefaultRequestHeaders.Authorization = null;
        await client.GetAsync("/v1/regions").ProblemAsync(401);
        await client.GetAsync("/v1/regions").ProblemAsync(429);
    }

    [Fact]
    public async Task Rankings_beyond_what_can_be_computed_soon_are_turned_away()
    {
        using var api = new SampleFixture();
        using var limited = Limited(api, ("RankingsAtOnce", "1"), ("RankingsWaiting", "0"));
        var client = limited.Connect();

        // Whoever does not read a long answer is being served for as long.
        using var reader = limited.Connect(asked: Rules.UnreadAnswer);
        using var slow = await reader.GetAsync("/v1/pairs?limit=100&minScore=0", HttpCompletionOption.ResponseHeadersRead);
        await client.GetAsync("/v1/pairs").ProblemAsync(503);
        using var refused = await client.GetAsync("/v1/pairs");
        Assert.Equal(1, refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds);
        await client.GetJsonAsync("/v1/regions");
        Assert.True((await slow.Content.ReadAsByteArrayAsync()).Length > 100_000);
        await client.GetJsonAsync("/v1/pairs");
    }

    [Fact]
    public async Task A_request_that_takes_too_long_is_given_up()
    {
        using var api = new ApiFixture();
        using var limited = Limited(api, ("RequestSeconds", "1"));
        var client = limited.Connect();
        var blocked = new TaskCompletionSource<bool>();
        var writing = limited.Services.GetRequiredService<SqliteDatabase>().WriteAsync(_ => blocked.Task, _ => { }, CancellationToken.None);
        await client.PostAsync("/v1/enterprises", ClientExtensions.Json("""{"name":"Late","country":"BY","region":"BY-HM"}""")).ProblemAsync(503);
        blocked.SetResult(true);
        await writing;
        Assert.Empty((await client.GetJsonAsync("/v1/enterprises"))["items"]!.AsArray());
    }

    [Fact]
    public async Task A_stream_goes_on_beyond_the_time_that_a_request_may_take()
    {
        using var api = new ApiFixture();
        using var limited = Limited(api, ("RequestSeconds", "1"));
        var client = limited.Connect();
        await client.CreateAsync(new { name = "Before", country = "BY", region = "BY-HM" });
        using var response = await client.SendAsync(Following("/v1/changes"), HttpCompletionOption.ResponseHeadersRead);
        await using var events = SseParser.Create(await response.Content.ReadAsStreamAsync()).EnumerateAsync().GetAsyncEnumerator();
        Assert.True(await events.MoveNextAsync());

        // By the time that a request is given up which began later, the stream has lasted as long.
        var blocked = new TaskCompletionSource<bool>();
        var writing = limited.Services.GetRequiredService<SqliteDatabase>().WriteAsync(_ => blocked.Task, _ => { }, CancellationToken.None);
        await client.PostAsync("/v1/enterprises", ClientExtensions.Json("""{"name":"Late","country":"BY","region":"BY-HM"}""")).ProblemAsync(503);
        blocked.SetResult(true);
        await writing;
        var after = (string)(await client.CreateAsync(new { name = "After", country = "BY", region = "BY-HM" }))["id"]!;
        do
        {
            Assert.True(await events.MoveNextAsync());
        }
        while (!events.Current.Data.Contains(after, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_caller_has_so_many_streams_at_once_and_others_have_theirs()
    {
        using var api = new ProductionFixture();
        using var limited = Limited(api, ("StreamsAtOnce", "1"));
        using var client = limited.Connect();
        client.DefaultRequestHeaders.Authorization = ProductionFixture.Bearer((string)(await api.CreateKeyAsync(["read", "profiles:write"]))["secret"]!);
        using var other = limited.Connect();
        other.DefaultRequestHeaders.Authorization = ProductionFixture.Bearer((string)(await api.CreateKeyAsync(["read"]))["secret"]!);
        await client.CreateAsync(new { name = "Told of", country = "BY", region = "BY-HM" });
        var first = await client.SendAsync(Following("/v1/changes"), HttpCompletionOption.ResponseHeadersRead);
        using var refused = await client.SendAsync(Following("/v1/changes"), HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal((System.Net.HttpStatusCode.TooManyRequests, 1.0), (refused.StatusCode, refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds));
        await client.GetAsync("/v1/changes?wait=1").ProblemAsync(429);
        await client.GetJsonAsync("/v1/changes");
        await other.GetJsonAsync("/v1/changes?wait=1");

        // Whoever goes away makes room.
        first.Dispose();
        var status = System.Net.HttpStatusCode.TooManyRequests;
        while (status == System.Net.HttpStatusCode.TooManyRequests)
        {
            using var again = await client.GetAsync("/v1/changes?wait=1");
            status = again.StatusCode;
        }

        Assert.Equal(System.Net.HttpStatusCode.OK, status);
    }

    [Theory]
    [InlineData("StreamsAtOnce", "0")]
    [InlineData("ReadsPerMinute", "0")]
    [InlineData("RankingsAtOnce", "-1")]
    [InlineData("RequestSeconds", "soon")]
    public void A_limit_that_makes_no_sense_stops_the_start(string name, string value)
    {
        using var api = new ApiFixture();
        using var limited = Limited(api, (name, value));
        Assert.Throws<InvalidOperationException>(() => limited.Connect());
    }

    private static HttpRequestMessage Following(string path) => new(HttpMethod.Get, path) { Headers = { { "Accept", "text/event-stream" } } };

    private static WebApplicationFactory<Program> Limited(ApiFixture api, params (string Name, string Value)[] limits) => api.WithWebHostBuilder(builder =>
    {
        foreach (var (name, value) in limits)
        {
            builder.UseSetting($"PartnerMatch:Limits:{name}", value);
        }
    });
}
