using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace PartnerMatch.Api.Tests;

/// <summary>What the service tells those who watch it.</summary>
public sealed class TelemetryTests(ProductionFixture api) : IClassFixture<ProductionFixture>
{
    private const string TraceId = "4bf92f3577b34da6a3ce929d0e0e4736";

    /// <summary>In a process of its own: meters of one process count together.</summary>
    [Fact]
    public async Task Metrics_grow_by_exactly_what_was_done()
    {
        var folder = Directory.CreateTempSubdirectory("partnermatch-metrics-").FullName;
        try
        {
            using var service = await ServiceProcess.StartAsync(folder, connect: Clients.ConnectTo);
            var client = service.Client;
            var first = (string)(await client.CreateAsync(Plant("Minsk Lifts", "BY", "BY-MI", "28.22", "24.10")))["id"]!;
            await client.CreateAsync(Plant("Samara Steel", "RU", "RU-SAM", "24.10", "28.22"));
            var before = await ReadAsync(client);
            Assert.Equal(2, before.Sum("partnermatch_index_enterprises"));

            for (var i = 0; i < 3; i++)
            {
                await client.GetJsonAsync($"/v1/enterprises/{first}/matches");
            }

            await client.GetJsonAsync($"/v1/enterprises/{first}/matches?form=manufacturing");
            await client.GetJsonAsync("/v1/pairs");
            using var imported = await client.PostAsync("/v1/enterprises/import?mode=partial", ClientExtensions.Json(
                """
                {"name":"Third","country":"BY","region":"BY-MI"}
                {"name":"Nowhere","country":"BY","region":"XX"}
                """,
                "application/x-ndjson"));
            Assert.True(imported.IsSuccessStatusCode, await imported.Content.ReadAsStringAsync());
            var after = await ReadAsync(client);

            double Grown(string name, params string[] labels) => after.Sum(name, labels) - before.Sum(name, labels);
            Assert.Equal(3, Grown("partnermatch_ranking_queries_total", "kind=\"partners\"", "form=\"joint-venture\""));
            Assert.Equal(1, Grown("partnermatch_ranking_queries_total", "kind=\"partners\"", "form=\"manufacturing\""));
            Assert.Equal(1, Grown("partnermatch_ranking_queries_total", "kind=\"pairs\""));
            Assert.Equal(5, Grown("partnermatch_ranking_queries_total"));
            Assert.Equal(5, Grown("partnermatch_ranking_duration_seconds_count"));
            Assert.Equal(4, Grown("partnermatch_ranking_candidates_total"));
            Assert.InRange(Grown("partnermatch_ranking_scored_total"), 4, 12);
            Assert.Equal(1, Grown("partnermatch_index_enterprises"));
            Assert.Equal(1, Grown("partnermatch_index_sequence"));
            Assert.Equal(1, Grown("partnermatch_index_update_lag_seconds_count"));
            Assert.Equal(1, Grown("partnermatch_imports_rows_total", "outcome=\"created\""));
            Assert.Equal(1, Grown("partnermatch_imports_rows_total", "outcome=\"refused\""));
            Assert.True(Grown("partnermatch_store_write_duration_seconds_count", "outcome=\"committed\"") >= 1);
            Assert.Equal(0, Grown("partnermatch_store_refusals_total"));
            Assert.True(after.Sum("partnermatch_store_log_size_bytes") > 0);
            Assert.True(after.Sum("partnermatch_webhooks_oldest_age_seconds") == 0);
            Assert.Equal(4, Grown("http_server_request_duration_seconds_count", "http_route=\"/v1/enterprises/{id}/matches\""));

            // What is counted by is out of fixed sets: nothing that a caller sends becomes a series of its own.
            Assert.DoesNotContain(first, after.Text, StringComparison.Ordinal);
            Assert.DoesNotContain("Minsk", after.Text, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>In a process of its own, whose receiver answers as it is told.</summary>
    [Fact]
    public async Task Metrics_tell_how_messages_fare()
    {
        using var folder = new TemporaryFolder();
        using var service = await ServiceProcess.StartAsync(folder.Path, new Dictionary<string, string> { ["PartnerMatch__Webhooks__AllowPrivateTargets"] = "true" }, Clients.ConnectTo);
        await using var receiver = await Receiver.StartAsync();
        using (var registered = await service.Client.PostAsJsonAsync("/v1/webhooks", new { url = receiver.Url }))
        {
            Assert.Equal(HttpStatusCode.Created, registered.StatusCode);
        }

        await service.Client.CreateAsync(Plant("Received", "BY", "BY-MI", "28.22", "24.10"));
        await receiver.NextAsync();
        var received = await UntilAsync(service.Client, m => m.Sum("partnermatch_webhooks_messages", "state=\"waiting\"") == 0 && Count(m, "received") == 1);
        Assert.Equal((0, 0, 0), (Count(received, "failed"), Count(received, "dead"), received.Sum("partnermatch_webhooks_oldest_age_seconds")));

        receiver.Answer = _ => 503;
        await service.Client.CreateAsync(Plant("Not received", "BY", "BY-MI", "28.22", "24.10"));
        await receiver.NextAsync();
        var failed = await UntilAsync(service.Client, m => Count(m, "failed") == 1);
        Assert.Equal((1, 0), (Count(failed, "received"), Count(failed, "dead")));
        Assert.Equal((1, 0), (failed.Sum("partnermatch_webhooks_messages", "state=\"waiting\""), failed.Sum("partnermatch_webhooks_messages", "state=\"dead\"")));
        Assert.True(failed.Sum("partnermatch_webhooks_oldest_age_seconds") > 0);

        static double Count(Metrics metrics, string outcome) => metrics.Sum("partnermatch_webhooks_delivery_duration_seconds_count", $"outcome=\"{outcome}\"");
    }

    [Fact]
    public async Task Metrics_tell_how_runs_fare()
    {
        using var folder = new TemporaryFolder();
        using var service = await ServiceProcess.StartAsync(folder.Path, connect: Clients.ConnectTo);
        var client = service.Client;
        await client.CreateAsync(Plant("Minsk Lifts", "BY", "BY-MI", "28.22", "24.10"));
        await client.CreateAsync(Plant("Samara Steel", "RU", "RU-SAM", "24.10", "28.22"));
        await client.CreateAsync(Plant("Samara Rope", "RU", "RU-SAM", "24.34", "28.22"));
        var before = await ReadAsync(client);
        var run = await client.RunAsync(new { side = "both" });
        Assert.Equal((3, 4), ((int)run["enterprises"]!, (int)run["pairs"]!));
        var after = await UntilAsync(client, m => m.Sum("partnermatch_runs_attempts_total", "outcome=\"done\"") == 1);
        Assert.Equal((3, 4), (Grown("partnermatch_runs_enterprises_total"), Grown("partnermatch_runs_pairs_total")));
        Assert.Equal((0, 1), (after.Sum("partnermatch_runs_running"), after.Sum("partnermatch_runs_attempts_total")));

        double Grown(string name) => after.Sum(name) - before.Sum(name);
    }

    [Fact]
    public async Task Metrics_tell_who_was_turned_away_and_why()
    {
        using var folder = new TemporaryFolder();
        using var service = await ServiceProcess.StartAsync(folder.Path, new Dictionary<string, string>
        {
            ["PartnerMatch__Limits__MatchesPerMinute"] = "2",
            ["PartnerMatch__Limits__FailedAttemptsPerMinute"] = "1",
        }, Clients.ConnectTo);
        var refused = new Dictionary<string, int> { ["budget"] = 0, ["failed-attempts"] = 0 };
        for (var i = 0; i < 8; i++)
        {
            using var asked = await service.Client.GetAsync("/v1/ranking/components");
            refused["budget"] += asked.StatusCode == HttpStatusCode.TooManyRequests ? 1 : 0;
            using var guess = new HttpRequestMessage(HttpMethod.Get, "/v1/keys") { Headers = { Authorization = ProductionFixture.Bearer("pmk_guess") } };
            using var guessed = await service.Client.SendAsync(guess);
            refused["failed-attempts"] += guessed.StatusCode == HttpStatusCode.TooManyRequests ? 1 : 0;
        }

        var metrics = await ReadAsync(service.Client);
        Assert.All(refused, r =>
        {
            Assert.True(r.Value > 0, r.Key);
            Assert.Equal(r.Value, metrics.Sum("partnermatch_requests_refused_total", $"reason=\"{r.Key}\""));
        });
        Assert.Equal(refused.Values.Sum(), metrics.Sum("partnermatch_requests_refused_total"));
    }

    [SmallDiskFact]
    public async Task Metrics_count_the_writes_that_a_full_disk_refused()
    {
        using var disk = new SmallDisk();
        using var service = await ServiceProcess.StartAsync(disk.Folder);
        disk.Fill();
        var refused = 0;
        for (var i = 0; i < 2000 && refused < 3; i++)
        {
            using var answer = await service.Client.PostAsJsonAsync("/v1/enterprises", new { name = $"Filler {i}", country = "BY", region = "BY-HM", sources = new[] { new string('s', 200) } });
            refused += (int)answer.StatusCode == 507 ? 1 : 0;
        }

        Assert.Equal(3, refused);
        Assert.Equal(3, (await ReadAsync(service.Client)).Sum("partnermatch_store_refusals_total", "reason=\"full\""));
        disk.Empty();
    }

    [Fact]
    public async Task A_write_under_a_key_of_idempotency_has_its_span()
    {
        using var spans = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "PartnerMatch",
            Sample = (ref ActivityCreationOptions<ActivityContext> options) => ActivitySamplingResult.AllData,
        };
        var ended = new ConcurrentQueue<Activity>();
        spans.ActivityStopped = ended.Enqueue;
        ActivitySource.AddActivityListener(spans);
        using var client = api.Connect();
        foreach (var (trace, key) in new[] { (new string('a', 32), "spanned"), (new string('b', 32), null) })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/enterprises") { Content = JsonContent.Create(Plant("Spanned", "BY", "BY-MI", "28.22", "24.10")) };
            request.Headers.Add("traceparent", $"00-{trace}-00f067aa0ba902b7-01");
            request.Headers.Add("Idempotency-Key", key is null ? [] : [key]);
            using var created = await client.SendAsync(request);
            Assert.Equal(HttpStatusCode.Created, created.StatusCode);
            Assert.Contains(ended, s => s.OperationName == "write" && s.TraceId.ToHexString() == trace && s.Status == ActivityStatusCode.Unset);
        }
    }

    [Fact]
    public async Task Metrics_are_shown_to_keys_for_them_and_to_no_others()
    {
        using var scraper = await api.CreateClientAsync(["metrics"]);
        using var answer = await scraper.GetAsync("/metrics");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("text/plain", answer.Content.Headers.ContentType?.MediaType);
        await scraper.GetAsync("/v1/enterprises").ProblemAsync(403);
        using var admin = api.Connect();
        Assert.Equal(HttpStatusCode.OK, (await admin.GetAsync("/metrics")).StatusCode);
        await admin.PostAsync("/metrics", null).ProblemAsync(405);
        using var reader = await api.CreateClientAsync(["read"]);
        await reader.GetAsync("/metrics").ProblemAsync(403);
        using var nobody = await api.CreateClientAsync([]);
        await nobody.GetAsync("/metrics").ProblemAsync(401);
    }

    [Theory]
    [InlineData("01")]
    [InlineData("00")]
    public async Task A_problem_names_the_trace_of_its_caller(string flags)
    {
        using var client = api.Connect();
        client.DefaultRequestHeaders.Add("traceparent", $"00-{TraceId}-00f067aa0ba902b7-{flags}");
        var problem = await client.GetAsync("/v1/enterprises/none").ProblemAsync(404);
        Assert.Equal(TraceId, (string?)problem["traceId"]);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("00-xyz-00f067aa0ba902b7-01")]
    [InlineData("00-00000000000000000000000000000000-0000000000000000-01")]
    public async Task A_problem_names_a_trace_of_its_own_where_the_caller_sent_none(string? parent)
    {
        using var client = api.Connect();
        client.DefaultRequestHeaders.TryAddWithoutValidation("traceparent", parent);
        var traceId = (string)(await client.GetAsync("/v1/enterprises/none").ProblemAsync(404))["traceId"]!;
        Assert.Matches("^[0-9a-f]{32}$", traceId);
        Assert.NotEqual(new string('0', 32), traceId);
    }

    [Fact]
    public async Task Spans_metrics_and_logs_go_to_the_collector_that_is_set_and_hold_no_secret()
    {
        await using var collector = await Collector.StartAsync();
        using var own = new ProductionFixture();
        string secret, id;
        await using (var observed = own.WithWebHostBuilder(builder => builder
            .UseSetting("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Address)
            .UseSetting("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")))
        {
            using var client = observed.Connect();
            using var created = await client.PostAsync("/v1/keys", ClientExtensions.Json("""{"name":"watched","scopes":["admin"]}"""));
            secret = (string)JsonNode.Parse(await created.Content.ReadAsStringAsync())!["secret"]!;
            client.DefaultRequestHeaders.Authorization = ProductionFixture.Bearer(secret);
            id = (string)(await client.CreateAsync(PlantWithContact()))["id"]!;
            client.DefaultRequestHeaders.Add("traceparent", $"00-{TraceId}-00f067aa0ba902b7-01");
            await client.GetJsonAsync($"/v1/enterprises/{id}/matches?limit=7");
            await client.GetAsync("/v1/enterprises?q=Secretword").ContinueWith(t => t.Result.Dispose());

            // What waits is sent when the host is disposed.
        }

        Assert.Contains("/v1/traces", collector.Paths);
        Assert.Contains("/v1/metrics", collector.Paths);
        var spans = collector.Received("/v1/traces");
        Assert.Contains("/v1/enterprises/{id}/matches", spans, StringComparison.Ordinal);
        Assert.Contains("partnermatch.ranking.form", spans, StringComparison.Ordinal);
        Assert.Contains(Encoding.Latin1.GetString(Convert.FromHexString(TraceId)), spans, StringComparison.Ordinal);
        foreach (var all in collector.Paths.Distinct().Select(collector.Received))
        {
            Assert.DoesNotContain(secret[^43..], all, StringComparison.Ordinal);
            Assert.DoesNotContain("Secretword", all, StringComparison.Ordinal);
            Assert.DoesNotContain("ivanova", all, StringComparison.OrdinalIgnoreCase);
        }
    }

    [Fact]
    public async Task Logs_hold_no_contact_and_no_key()
    {
        using var own = new ProductionFixture();
        using var log = new WholeLog();
        using var logged = log.Of(own);
        using var client = logged.Connect();
        using var created = await client.PostAsync("/v1/keys", ClientExtensions.Json("""{"name":"logged","scopes":["admin"]}"""));
        var secret = (string)JsonNode.Parse(await created.Content.ReadAsStringAsync())!["secret"]!;
        client.DefaultRequestHeaders.Authorization = ProductionFixture.Bearer(secret);
        var id = (string)(await client.CreateAsync(PlantWithContact()))["id"]!;
        await client.GetJsonAsync($"/v1/enterprises/{id}");
        var text = log.ToString();
        Assert.Contains($"/v1/enterprises/{id}", text, StringComparison.Ordinal);
        Assert.DoesNotContain("ivanova", text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("291234567", text, StringComparison.Ordinal);
        Assert.DoesNotContain(secret[^43..], text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_that_prepares_says_so_and_puts_off_what_comes_too_early()
    {
        using var own = new HeldFixture();
        own.UseKestrel(0);
        var starting = Task.Run(own.StartServer);
        using var client = Clients.ConnectTo(await own.Address.Task);
        Assert.Equal("alive", (string?)(await client.GetJsonAsync("/healthz"))["status"]);
        using var early = await client.GetAsync("/readyz");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, early.StatusCode);
        var state = JsonNode.Parse(await early.Content.ReadAsStringAsync())!;
        Assert.False((bool)state["ready"]!);
        Assert.False((bool)state["index"]!["ready"]!);
        Assert.StartsWith("loading", (string)state["index"]!["state"]!, StringComparison.Ordinal);
        foreach (var part in (string[])["database", "reference", "writes", "imports", "matchRuns"])
        {
            Assert.True((bool)state[part]!["ready"]!, state.ToJsonString());
        }

        var problem = await client.GetAsync("/v1/enterprises").ProblemAsync(503);
        Assert.Equal("urn:partnermatch:problem:preparing", (string?)problem["type"]);

        own.Release.SetResult();
        await starting;
        Assert.True((bool)(await client.GetJsonAsync("/readyz"))["ready"]!);
        await client.GetJsonAsync("/v1/enterprises");
    }

    private static object Plant(string name, string country, string region, string makes, string needs) => new
    {
        name,
        country,
        region,
        status = "published",
        offers = new[] { new { code = makes } },
        needs = new[] { new { code = needs } },
    };

    private static object PlantWithContact() => new
    {
        name = "Watched",
        country = "BY",
        region = "BY-MI",
        status = "published",
        offers = new[] { new { code = "28.22" } },
        contacts = new[] { new { name = "Ivanova", email = "ivanova@example.by", phone = "+375291234567" } },
    };

    /// <summary>What is done in the background is counted soon after it can be seen.</summary>
    private static async Task<Metrics> UntilAsync(HttpClient client, Func<Metrics, bool> condition)
    {
        while (true)
        {
            var metrics = await ReadAsync(client);
            if (condition(metrics))
            {
                return metrics;
            }

            await Task.Delay(20);
        }
    }

    private static async Task<Metrics> ReadAsync(HttpClient client) => new(await client.GetStringAsync("/metrics"));

    /// <summary>The text format of Prometheus: a sample a line.</summary>
    private sealed record Metrics(string Text)
    {
        public double Sum(string name, params string[] labels) => Text.Split('\n')
            .Where(line => line.StartsWith(name + "{", StringComparison.Ordinal) || line.StartsWith(name + " ", StringComparison.Ordinal))
            .Where(line => labels.All(label => line.Contains(label, StringComparison.Ordinal)))
            .Sum(line => double.Parse(line[(line.LastIndexOf('}') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[line.Contains('}', StringComparison.Ordinal) ? 0 : 1], CultureInfo.InvariantCulture));
    }

    /// <summary>Stands in for a collector: keeps what is sent to it.</summary>
    private sealed class Collector(WebApplication app) : IAsyncDisposable
    {
        private readonly ConcurrentQueue<(string Path, string Body)> _received = [];

        public string Address => app.Urls.Single();

        public IReadOnlyList<string> Paths => [.. _received.Select(r => r.Path)];

        public static async Task<Collector> StartAsync()
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            builder.Logging.ClearProviders();
            var collector = new Collector(builder.Build());
            await collector.StartListeningAsync();
            return collector;
        }

        public string Received(string path) => string.Concat(_received.Where(r => r.Path == path).Select(r => r.Body));

        public ValueTask DisposeAsync() => app.DisposeAsync();

        private Task StartListeningAsync()
        {
            app.Run(async context =>
            {
                using var body = new MemoryStream();
                await context.Request.Body.CopyToAsync(body);
                _received.Enqueue((context.Request.Path, Encoding.Latin1.GetString(body.ToArray())));
            });
            return app.StartAsync();
        }
    }
}
