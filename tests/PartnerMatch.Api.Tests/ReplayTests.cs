using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using PartnerMatch.Api.Reference;
using PartnerMatch.Api.Storage;

namespace PartnerMatch.Api.Tests;

/// <summary>A score that was given can be given again, whatever has changed since.</summary>
public sealed class ReplayTests : IDisposable
{
    private readonly ApiFixture _api = new();
    private readonly Clock _clock = new();
    private readonly string _otherReference = Directory.CreateTempSubdirectory("partnermatch-reference-").FullName;

    public void Dispose()
    {
        _api.Dispose();
        Directory.Delete(_otherReference, recursive: true);
    }

    [Fact]
    public async Task A_pair_is_replayed_byte_for_byte_after_profiles_scarcity_reference_data_and_weights_have_changed()
    {
        var kept = new List<(string Path, DateTimeOffset At, string Body)>();
        string maker, buyer;
        using (var host = Start())
        {
            var client = host.Connect();
            maker = await CreateAsync(client, "BY", "BY-HM", "28.41.21", "28.41.22");
            buyer = await CreateAsync(client, "RU", "RU-SAM", "30.30.34");
            await KeepAsync(client, $"/v1/pairs/{maker}/{buyer}");
            await KeepAsync(client, $"/v1/pairs/{buyer}/{maker}?form=supplier&lang=ru");

            // Scarcity is frozen anew, and then the profiles change.
            for (var i = 0; i < 5; i++)
            {
                await CreateAsync(client, "BY", "BY-MI", "28.41.21");
            }

            await KeepAsync(client, $"/v1/pairs/{maker}/{buyer}");
            await PatchAsync(client, maker, """{"name":"Renamed","offers":[{"code":"28.41.23"}],"employees":70}""");
            await KeepAsync(client, $"/v1/pairs/{maker}/{buyer}");
            await client.PostAsJsonAsync("/v1/corridors", new { id = "by-ru", name = "Wider", first = new[] { "BY" }, second = new[] { "RU" } });
            await KeepAsync(client, $"/v1/pairs/{maker}/{buyer}?corridor=by-ru");
            using var created = await client.PostAsJsonAsync("/v1/ranking-profiles", new { name = "Ours", form = "joint-venture", weights = new { supply = 0.7, proximity = 0.3 } });
            var profile = JsonNode.Parse(await created.Content.ReadAsStringAsync())!["id"];
            _clock.Advance();
            using var adopted = await client.PostAsync($"/v1/ranking-profiles/{profile}/adopt", null);
            Assert.True(adopted.IsSuccessStatusCode);
            await KeepAsync(client, $"/v1/pairs/{maker}/{buyer}");
            Assert.StartsWith($"{profile}@", (string)JsonNode.Parse(kept[^1].Body)!["profile"]!, StringComparison.Ordinal);
            await AssertReplayedAsync(client);
        }

        ChangeReferenceData();
        using (var host = Start(_otherReference))
        {
            var client = host.Connect();
            await KeepAsync(client, $"/v1/pairs/{maker}/{buyer}");
            Assert.NotEqual(Reference(kept[^2].Body), Reference(kept[^1].Body));
            await client.RemoveAsync($"/v1/enterprises/{maker}");
            _clock.Advance();
            await client.GetAsync($"/v1/pairs/{maker}/{buyer}").ProblemAsync(404);
            await AssertReplayedAsync(client);
        }

        Assert.Equal(kept.Count, kept.Select(k => (k.Path, k.Body)).Distinct().Count());

        static string Reference(string body) => ((string)JsonNode.Parse(body)!["dataVersion"]!).Split(".r")[1];

        async Task KeepAsync(HttpClient client, string path)
        {
            kept.Add((path, _clock.GetUtcNow(), await client.GetStringAsync(path)));
            _clock.Advance();
        }

        async Task AssertReplayedAsync(HttpClient client)
        {
            foreach (var (path, at, body) in kept)
            {
                Assert.Equal(body, await client.GetStringAsync(AsOf(path, at)));
            }
        }
    }

    [Fact]
    public async Task A_restart_changes_no_answer_and_no_data_version()
    {
        const string Path = "/v1/enterprises/mzor/matches?limit=5";
        string before;
        using (var host = Start(withSample: true))
        {
            before = await host.Connect().GetStringAsync(Path);
        }

        using var again = Start(withSample: true);
        Assert.Equal(before, await again.Connect().GetStringAsync(Path));
    }

    [Fact]
    public async Task Whatever_changes_profiles_or_scarcity_tells_the_version_that_it_makes()
    {
        using var host = Start();
        var client = host.Connect();
        var maker = await CreateAsync(client, "BY", "BY-HM", "28.41.21");
        var buyer = await CreateAsync(client, "RU", "RU-SAM", "30.30.34");
        await AssertToldAsync();
        await PatchAsync(client, maker, """{"employees":12}""");
        await AssertToldAsync();
        using var imported = await client.PostAsync("/v1/enterprises/import", ClientExtensions.Json("name_en,country,region,makes\nA,BY,BY-HM,lathes\nB,BY,BY-HM,lathes\n", "text/csv"));
        Assert.Equal(2, (int)JsonNode.Parse(await imported.Content.ReadAsStringAsync())!["report"]!["created"]!);
        await AssertToldAsync();
        await client.PostAsJsonAsync("/v1/corridors", new { id = "by-ru", name = "Wider", first = new[] { "BY" }, second = new[] { "RU" } });
        await AssertToldAsync();
        await client.RemoveAsync($"/v1/enterprises/{await CreateAsync(client, "BY", "BY-HM", "28.41.21")}");
        await AssertToldAsync();

        async Task AssertToldAsync()
        {
            var served = (string)(await client.GetJsonAsync($"/v1/pairs/{maker}/{buyer}"))["dataVersion"]!;
            await using var connection = new SqliteConnection($"Data Source={_api.DatabaseFile};Pooling=False");
            await connection.OpenAsync();
            using var command = connection.CreateCommand();
            command.CommandText = "select 'p' || sequence || '.s' || epoch || '.r' || reference from data_versions order by id desc limit 1";
            Assert.Equal(served, (string?)await command.ExecuteScalarAsync());
        }
    }

    [Fact]
    public async Task Times_and_pairs_that_cannot_be_replayed_are_refused_by_what_is_wrong()
    {
        var start = _clock.GetUtcNow();
        using var host = Start();
        var client = host.Connect();
        _clock.Advance();
        var before = _clock.GetUtcNow();
        _clock.Advance();
        var maker = await CreateAsync(client, "BY", "BY-HM", "28.41.21");
        var buyer = await CreateAsync(client, "RU", "RU-SAM", "30.30.34");
        var between = _clock.GetUtcNow();
        _clock.Advance();
        await PatchAsync(client, buyer, """{"status":"withdrawn"}""");
        await client.PostAsJsonAsync("/v1/corridors", new { id = "by-ru", name = "Wider", first = new[] { "BY" }, second = new[] { "RU" } });
        var pair = $"/v1/pairs/{maker}/{buyer}";

        var unknown = await client.GetAsync(AsOf(pair, start.AddSeconds(-1))).ProblemAsync(400);
        Assert.Contains("can be replayed from", (string)unknown["errors"]![0]!["detail"]!, StringComparison.Ordinal);
        Assert.Equal(["asOf"], (await client.GetAsync(AsOf(pair, _clock.GetUtcNow().AddSeconds(1))).ProblemAsync(400)).Paths());
        var absent = await client.GetAsync(AsOf(pair, before)).ProblemAsync(404);
        Assert.Contains($"had the id '{maker}' at", (string)absent["detail"]!, StringComparison.Ordinal);
        Assert.Equal(["corridor"], (await client.GetAsync(AsOf(pair + "?corridor=by-ru", between)).ProblemAsync(400)).Paths());
        await client.GetAsync(AsOf(pair, _clock.GetUtcNow())).ProblemAsync(409);
        Assert.Equal(maker, (string?)(await client.GetJsonAsync(AsOf(pair, between)))["a"]!["id"]);
        foreach (var text in new[] { "2026-01-01", "2026-01-01T00:00:00", "yesterday", "", "2026-13-01T00:00:00Z" })
        {
            Assert.Equal(["asOf"], (await client.GetAsync($"{pair}?asOf={text}").ProblemAsync(400)).Paths());
        }
    }

    [Fact]
    public async Task A_time_may_be_given_in_any_offset()
    {
        using var host = Start();
        var client = host.Connect();
        var maker = await CreateAsync(client, "BY", "BY-HM", "28.41.21");
        var buyer = await CreateAsync(client, "RU", "RU-SAM", "30.30.34");
        var body = await client.GetStringAsync($"/v1/pairs/{maker}/{buyer}");
        Assert.Equal(body, await client.GetStringAsync(AsOf($"/v1/pairs/{maker}/{buyer}", _clock.GetUtcNow().ToOffset(TimeSpan.FromHours(4)))));
    }

    private static string AsOf(string path, DateTimeOffset at) => $"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}asOf={Uri.EscapeDataString(at.ToString("O"))}";

    private static async Task<string> CreateAsync(HttpClient client, string country, string region, params string[] offers) =>
        (string)(await client.CreateAsync(new { name = "Enterprise", country, region, offers = offers.Select(code => new { code }) }))["id"]!;

    private static async Task PatchAsync(HttpClient client, string id, string patch)
    {
        using var patched = await client.MergeAsync($"/v1/enterprises/{id}", ClientExtensions.Json(patch));
        Assert.True(patched.IsSuccessStatusCode);
    }

    private WebApplicationFactory<Program> Start(string? referenceFolder = null, bool withSample = false) => _api.WithWebHostBuilder(builder =>
    {
        builder.UseSetting("PartnerMatch:SampleData", withSample ? "true" : "false");
        builder.ConfigureTestServices(services =>
        {
            services.AddSingleton<TimeProvider>(_clock);
            if (referenceFolder is not null)
            {
                services.AddSingleton(new ReferenceFolder(referenceFolder)).AddSingleton(_ => ReferenceFiles.Load(referenceFolder));
            }
        });
    });

    /// <summary>A later release: other weights, another label, one link less.</summary>
    private void ChangeReferenceData()
    {
        var folder = Path.Combine(Preparation.DbFolder, "reference");
        foreach (var (file, content) in ReferenceFiles.Read(folder))
        {
            var path = Path.Combine(_otherReference, file);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, content);
        }

        Edit("ranking.json", "\"supply\": 0.48", "\"supply\": 0.4");
        Edit("competencies/28.csv", "28.41.21,", "28.41.21,New name of ");
        var links = File.ReadAllLines(Path.Combine(_otherReference, "links/30.csv"));
        File.WriteAllLines(Path.Combine(_otherReference, "links/30.csv"), links[..^1]);

        void Edit(string file, string from, string to)
        {
            var path = Path.Combine(_otherReference, file);
            var text = File.ReadAllText(path);
            Assert.Contains(from, text, StringComparison.Ordinal);
            File.WriteAllText(path, text.Replace(from, to, StringComparison.Ordinal));
        }
    }

    /// <summary>Stands still until it is told to go on.</summary>
    private sealed class Clock : TimeProvider
    {
        private DateTimeOffset _now = new(2026, 3, 1, 9, 0, 0, TimeSpan.Zero);

        public void Advance() => _now = _now.AddSeconds(1);

        public override DateTimeOffset GetUtcNow() => _now;
    }
}
