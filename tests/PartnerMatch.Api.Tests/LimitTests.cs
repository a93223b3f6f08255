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

    [Theory]
    [InlineData("ReadsPerMinute", "0")]
    [InlineData("RankingsAtOnce", "-1")]
    [InlineData("RequestSeconds", "soon")]
    public void A_limit_that_makes_no_sense_stops_the_start(string name, string value)
    {
        using var api = new ApiFixture();
        using var limited = Limited(api, (name, value));
        Assert.Throws<InvalidOperationException>(() => limited.Connect());
    }

    private static WebApplicationFactory<Program> Limited(ApiFixture api, params (string Name, string Value)[] limits) => api.WithWebHostBuilder(builder =>
    {
        foreach (var (name, value) in limits)
        {
            builder.UseSetting($"PartnerMatch:Limits:{name}", value);
        }
    });
}
