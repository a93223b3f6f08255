using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using PartnerMatch.Api.Webhooks;

namespace PartnerMatch.Api.Tests;

/// <summary>Messages of changes, sent to a receiver on this machine.</summary>
public sealed class WebhookTests(WebhookTests.OpenFixture api) : IClassFixture<WebhookTests.OpenFixture>
{
    private readonly HttpClient _client = api.Connect();

    [Fact]
    public async Task A_change_is_told_under_the_signature_of_the_secret()
    {
        await using var receiver = await Receiver.StartAsync();
        var webhook = await RegisterAsync(receiver.Url);
        var id = await CreateEnterpriseAsync("Told by webhook");
        var message = await receiver.NextAsync();
        var body = JsonNode.Parse(message.Body)!;
        Assert.Equal("enterprise.created", (string)body["type"]!);
        Assert.Equal(id, (string)body["data"]!["subject"]!);
        Assert.Equal([SignatureOf(message, (string)webhook["secret"]!)], message.Signatures);
        Assert.StartsWith("msg_", message.Id, StringComparison.Ordinal);
        var told = await UntilAsync(webhook, w => (int)w["health"]!["waiting"]! == 0);
        Assert.Null(told["secret"]);
        Assert.NotNull(told["health"]!["lastSuccessAt"]);
    }

    [Fact]
    public async Task Only_the_types_asked_for_are_told_and_nothing_from_before()
    {
        await using var receiver = await Receiver.StartAsync();
        var id = await CreateEnterpriseAsync("From before");
        await RegisterAsync(receiver.Url, "enterprise.deleted");
        await CreateEnterpriseAsync("Not asked for");
        using (await _client.RemoveAsync($"/v1/enterprises/{id}"))
        {
        }

        var message = await receiver.NextAsync();
        Assert.Equal(("enterprise.deleted", id), ((string)JsonNode.Parse(message.Body)!["type"]!, (string)JsonNode.Parse(message.Body)!["data"]!["subject"]!));
        Assert.Empty(receiver.Waiting);
    }

    [Fact]
    public async Task What_changes_while_a_webhook_is_off_is_told_when_it_is_on_again()
    {
        await using var receiver = await Receiver.StartAsync();
        var webhook = await RegisterAsync(receiver.Url);
        await ReplaceAsync(webhook, new { url = receiver.Url, enabled = false });
        var ids = new[] { await CreateEnterpriseAsync("While off 1"), await CreateEnterpriseAsync("While off 2") };
        Assert.Empty(receiver.Waiting);
        await ReplaceAsync(webhook, new { url = receiver.Url, enabled = true });
        Assert.Equal(ids, new[] { await receiver.NextAsync(), await receiver.NextAsync() }.Select(m => (string)JsonNode.Parse(m.Body)!["data"]!["subject"]!));
    }

    [Fact]
    public async Task A_new_secret_signs_beside_the_one_before()
    {
        await using var receiver = await Receiver.StartAsync();
        var webhook = await RegisterAsync(receiver.Url);
        using var rotated = await _client.PostAsync($"/v1/webhooks/{webhook["id"]}/rotate-secret", null);
        var secret = (string)JsonNode.Parse(await rotated.Content.ReadAsStringAsync())!["secret"]!;
        Assert.NotEqual((string)webhook["secret"]!, secret);
        await CreateEnterpriseAsync("Signed twice");
        var message = await receiver.NextAsync();
        Assert.Equal([SignatureOf(message, secret), SignatureOf(message, (string)webhook["secret"]!)], message.Signatures);
    }

    /// <summary>Ten attempts on the schedule, then a dead letter, which is received when it is sent again.</summary>
    [Fact]
    public async Task A_message_that_is_never_received_becomes_a_dead_letter_and_can_be_sent_again()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        using var own = new OpenFixture();
        using var timed = own.WithWebHostBuilder(builder => builder.ConfigureTestServices(services => services.AddSingleton<TimeProvider>(time)));
        var client = timed.Connect();
        await using var receiver = await Receiver.StartAsync(_ => 503);
        var webhook = await RegisterAsync(receiver.Url, client: client);
        await client.CreateAsync(new { name = "Never received", country = "BY", region = "BY-HM" });
        var messages = new List<Message> { await receiver.NextAsync() };
        TimeSpan[] delays =
        [
            TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(30), TimeSpan.FromHours(2), TimeSpan.FromHours(5),
            TimeSpan.FromHours(10), TimeSpan.FromHours(14), TimeSpan.FromHours(20), TimeSpan.FromHours(24),
        ];
        foreach (var delay in delays)
        {
            await UntilAsync(webhook, w => (int)w["health"]!["failuresInRow"]! == messages.Count, client);
            time.Advance(delay * 0.79);
            Assert.Empty(receiver.Waiting);
            time.Advance(delay * 0.42);
            messages.Add(await receiver.NextAsync());
        }

        var dead = await UntilAsync(webhook, w => (int)w["health"]!["dead"]! == 1, client);
        Assert.Equal("The receiver answered 503.", (string)dead["health"]!["lastFailure"]!);
        Assert.Single(messages.Select(m => m.Id).Distinct());
        var letter = (await client.GetJsonAsync($"/v1/webhooks/{webhook["id"]}/dead-letters"))["items"]!.AsArray().Single()!;
        Assert.Equal((messages[0].Id, 10), ((string)letter["id"]!, (int)letter["attempts"]!));

        receiver.Answer = _ => 204;
        using (var redelivered = await client.PostAsync($"/v1/webhooks/{webhook["id"]}/dead-letters/{letter["id"]}/redeliver", null))
        {
            Assert.Equal(HttpStatusCode.OK, redelivered.StatusCode);
        }

        Assert.Equal(messages[0].Id, (await receiver.NextAsync()).Id);
        await UntilAsync(webhook, w => (int)w["health"]!["dead"]! == 0 && (int)w["health"]!["waiting"]! == 0 && (int)w["health"]!["failuresInRow"]! == 0, client);
    }

    [Fact]
    public async Task A_receiver_that_is_gone_is_left_alone()
    {
        await using var receiver = await Receiver.StartAsync(_ => 410);
        var webhook = await RegisterAsync(receiver.Url);
        await CreateEnterpriseAsync("For the one who is gone");
        await receiver.NextAsync();
        await UntilAsync(webhook, w => !(bool)w["enabled"]!);
    }

    [Fact]
    public async Task Redirects_are_not_followed()
    {
        await using var target = await Receiver.StartAsync();
        await using var receiver = await Receiver.StartAsync(context =>
        {
            context.Response.Headers.Location = target.Url;
            return 307;
        });
        var webhook = await RegisterAsync(receiver.Url);
        await CreateEnterpriseAsync("Not redirected");
        await receiver.NextAsync();
        await UntilAsync(webhook, w => (string?)w["health"]!["lastFailure"] == "The receiver answered 307.");
        Assert.Empty(target.Waiting);
    }

    /// <summary>The name is fine; what it resolves to is not.</summary>
    [Fact]
    public async Task A_name_that_leads_into_ones_own_network_is_not_connected()
    {
        using var closed = new ApiFixture();
        var client = closed.Connect();
        await using var receiver = await Receiver.StartAsync();
        var webhook = await RegisterAsync($"https://localhost:{new Uri(receiver.Url).Port}/", client: client);
        await client.CreateAsync(new { name = "Not for localhost", country = "BY", region = "BY-HM" });
        await UntilAsync(webhook, w => (string?)w["health"]!["lastFailure"] == "The host is not on the public internet.", client);
        Assert.Empty(receiver.Waiting);
    }

    [Theory]
    [InlineData("http://portal.example/")]
    [InlineData("ftp://portal.example/")]
    [InlineData("portal.example")]
    [InlineData("https://user:word@portal.example/")]
    [InlineData("https://portal.example/#part")]
    [InlineData("https://127.0.0.1/")]
    [InlineData("https://2130706433/")]
    [InlineData("https://10.1.2.3/")]
    [InlineData("https://172.31.0.1/")]
    [InlineData("https://192.168.1.1:8443/")]
    [InlineData("https://169.254.169.254/latest/meta-data")]
    [InlineData("https://100.100.100.200/")]
    [InlineData("https://0.0.0.0/")]
    [InlineData("https://[::1]/")]
    [InlineData("https://[::ffff:10.0.0.1]/")]
    [InlineData("https://[fe80::1]/")]
    [InlineData("https://[fd00::1]/")]
    [InlineData("https://[64:ff9b::7f00:1]/")]
    [InlineData("https://[2002:7f00:1::]/")]
    public async Task Addresses_that_are_not_on_the_public_internet_are_refused(string url)
    {
        var problem = await ClosedClient.Value.PostAsJsonAsync("/v1/webhooks", new { url }).ProblemAsync(400);
        Assert.Equal(["url"], problem.Paths());
    }

    [Fact]
    public async Task Bad_input_is_refused()
    {
        Assert.Equal(["types[0]"], (await _client.PostAsJsonAsync("/v1/webhooks", new { url = "https://portal.example/", types = new[] { "enterprise.painted" } }).ProblemAsync(400)).Paths());
        await _client.PutAsJsonAsync("/v1/webhooks/nobody", new { url = "https://portal.example/" }).ProblemAsync(404);
        await _client.GetAsync("/v1/webhooks/nobody").ProblemAsync(404);
        await _client.GetAsync("/v1/webhooks/nobody/dead-letters").ProblemAsync(404);
        await _client.PostAsync("/v1/webhooks/nobody/rotate-secret", null).ProblemAsync(404);
        await _client.PostAsync("/v1/webhooks/nobody/dead-letters/redeliver", null).ProblemAsync(404);
        await _client.PostAsync("/v1/webhooks/nobody/dead-letters/nothing/redeliver", null).ProblemAsync(404);
        await _client.DeleteAsync("/v1/webhooks/nobody").ProblemAsync(404);
        var webhook = await RegisterAsync("https://portal.example/");
        await _client.PutAsJsonAsync($"/v1/webhooks/{webhook["id"]}", new { url = "https://portal.example/" }).ProblemAsync(428);
        await ReplaceAsync(webhook, new { url = "https://portal.example/", enabled = false });
        using var outdated = new HttpRequestMessage(HttpMethod.Put, $"/v1/webhooks/{webhook["id"]}") { Content = JsonContent.Create(new { url = "https://portal.example/" }) };
        outdated.Headers.Add("If-Match", "\"1\"");
        await _client.SendAsync(outdated).ProblemAsync(412);
        await _client.DeleteAsync($"/v1/webhooks/{webhook["id"]}").ProblemAsync(428);
        await _client.SendVersionedAsync(HttpMethod.Delete, $"/v1/webhooks/{webhook["id"]}", null, "\"1\"").ProblemAsync(412);
        using var removed = await _client.SendVersionedAsync(HttpMethod.Delete, $"/v1/webhooks/{webhook["id"]}", null, "\"2\"");
        Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);
    }

    [Fact]
    public async Task The_secret_is_not_kept_for_a_request_that_is_sent_again()
    {
        using var first = await SendAsync();
        using var second = await SendAsync();
        var (created, replayed) = (JsonNode.Parse(await first.Content.ReadAsStringAsync())!, JsonNode.Parse(await second.Content.ReadAsStringAsync())!);
        Assert.StartsWith("whsec_", (string)created["secret"]!, StringComparison.Ordinal);
        Assert.Null(replayed["secret"]);
        Assert.Equal((string)created["id"]!, (string)replayed["id"]!);

        Task<HttpResponseMessage> SendAsync()
        {
            var request = new HttpRequestMessage(HttpMethod.Post, "/v1/webhooks") { Content = JsonContent.Create(new { url = "https://portal.example/once", enabled = false }) };
            request.Headers.Add("Idempotency-Key", "webhook-once");
            return _client.SendAsync(request);
        }
    }

    private static Lazy<HttpClient> ClosedClient { get; } = new(() => new ApiFixture().Connect());

    private static string SignatureOf(Message message, string secret) => "v1," + Convert.ToBase64String(HMACSHA256.HashData(
        Convert.FromBase64String(secret["whsec_".Length..]),
        Encoding.UTF8.GetBytes($"{message.Id}.{message.Timestamp}.{message.Body}")));

    [Fact]
    public async Task A_message_that_is_to_be_sent_again_does_not_wait_for_a_clock_that_was_set_back()
    {
        var clock = new SetClock();
        using var own = new OpenFixture();
        using var timed = own.WithWebHostBuilder(builder => builder.ConfigureTestServices(services => services.AddSingleton<TimeProvider>(clock)));
        var client = timed.Connect();
        await using var receiver = await Receiver.StartAsync(_ => 503);
        var webhook = await RegisterAsync(receiver.Url, client: client);
        await client.CreateAsync(new { name = "Failed before", country = "BY", region = "BY-HM" });
        var failed = await receiver.NextAsync();
        await UntilAsync(webhook, w => (int)w["health"]!["failuresInRow"]! == 1, client);
        receiver.Answer = _ => 204;
        clock.Offset = TimeSpan.FromDays(-1);

        // What waits is from tomorrow now; nothing has waited for less than no time.
        Assert.Equal(TimeSpan.Zero, timed.Services.GetRequiredService<WebhookStore>().FindOldestAge());
        await client.CreateAsync(new { name = "Made after", country = "BY", region = "BY-HM" });
        Assert.Contains(failed.Id, new[] { (await receiver.NextAsync()).Id, (await receiver.NextAsync()).Id });
    }

    private async Task<JsonNode> RegisterAsync(string url, string? type = null, HttpClient? client = null)
    {
        using var answer = await (client ?? _client).PostAsJsonAsync("/v1/webhooks", new { url, types = type is null ? Array.Empty<string>() : [type] });
        var body = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.Created, body);
        return JsonNode.Parse(body)!;
    }

    private async Task ReplaceAsync(JsonNode webhook, object content)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, $"/v1/webhooks/{webhook["id"]}") { Content = JsonContent.Create(content) };
        request.Headers.Add("If-Match", "*");
        using var answer = await _client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    private async Task<JsonNode> UntilAsync(JsonNode webhook, Func<JsonNode, bool> condition, HttpClient? client = null)
    {
        while (true)
        {
            var current = await (client ?? _client).GetJsonAsync($"/v1/webhooks/{webhook["id"]}");
            if (condition(current))
            {
                return current;
            }

            await Task.Yield();
        }
    }

    private async Task<string> CreateEnterpriseAsync(string name) => (string)(await _client.CreateAsync(new { name, country = "BY", region = "BY-HM" }))["id"]!;

    /// <summary>A wall clock that is set while time goes on as it does.</summary>
    private sealed class SetClock : TimeProvider
    {
        public TimeSpan Offset { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Offset;
    }

    /// <summary>Lets messages go to this machine.</summary>
    public sealed class OpenFixture : ApiFixture
    {
        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            base.ConfigureWebHost(builder);
            builder.UseSetting("PartnerMatch:Webhooks:AllowPrivateTargets", "true");
        }
    }
}
