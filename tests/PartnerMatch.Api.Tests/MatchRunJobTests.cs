using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using PartnerMatch.Api.Matches;

namespace PartnerMatch.Api.Tests;

/// <summary>Runs that take their time: what changes beside them, services that do not live to see their end, disks that are full, corridors that are large.</summary>
public sealed class MatchRunJobTests
{
    [Fact]
    public async Task A_run_works_on_the_data_as_it_was_when_it_began_and_queries_are_answered_beside_it()
    {
        using var api = new MatchRunTests.RunFixture();
        var client = api.Connect();
        var undisturbed = await client.RunAsync(new { side = "both", minScore = 50 });

        // A query in flight makes the run give way before each enterprise; it goes on all the same.
        JsonNode run;
        using (api.Services.GetRequiredService<InteractiveQueries>().Begin())
        {
            using var accepted = await client.PostAsJsonAsync("/v1/match-runs", new { side = "both", minScore = 50 });
            var location = accepted.Headers.Location!.ToString();
            do
            {
                run = await client.GetJsonAsync(location);
            }
            while ((int?)run["progress"]?["enterprisesDone"] is not > 0);
            Assert.True((double)run["progress"]!["pairsPerSecond"]! > 0);
            Assert.True((double)run["progress"]!["secondsLeft"]! > 0);
            Assert.NotEmpty((await client.GetJsonAsync("/v1/enterprises/mzor/matches"))["items"]!.AsArray());
            await WithdrawAsync(client, "mtz");
            Assert.Equal("running", (string)(await client.GetJsonAsync(location))["state"]!);
            run = run.DeepClone();
        }

        var done = await client.WaitAsync("/v1/match-runs/" + run["id"]);
        Assert.Equal((string)undisturbed["dataVersion"]!, (string)done["dataVersion"]!);
        Assert.Equal((await client.ExportAsync(undisturbed)).Select(r => r.ToJsonString()), (await client.ExportAsync(done)).Select(r => r.ToJsonString()));

        // Its reasons are those of the profiles as they were; a new run works on those of now.
        var list = (await client.GetJsonAsync($"/v1/match-runs/{run["id"]}/results?enterprise=mtz"))["items"]!.AsArray();
        Assert.All(list, r => Assert.NotEmpty((string)r!["summary"]!));
        Assert.DoesNotContain(await client.ExportAsync(await client.RunAsync(new { side = "both", minScore = 50 })), r => (string)r["enterprise"]!["id"]! == "mtz" || (string)r["partner"]!["id"]! == "mtz");
    }

    [Fact]
    public async Task A_run_survives_being_killed_again_and_again_and_finds_what_an_undisturbed_one_finds()
    {
        var folder = Directory.CreateTempSubdirectory("partnermatch-kill-").FullName;
        try
        {
            var (location, kills, enterprisesDone) = ("", 0, 0);
            JsonNode undisturbed;
            string[] expected;
            var order = new { side = "both", top = 50, minScore = 20 };
            using (var service = await ServiceProcess.StartAsync(folder, connect: Clients.ConnectTo))
            {
                using var imported = await service.Client.ImportAsync(FileOf(1200, 1200));
                await imported.ReportAsync();
                undisturbed = await service.Client.RunAsync(order);
                expected = [.. (await service.Client.ExportAsync(undisturbed)).Select(r => r.ToJsonString())];
                using var accepted = await service.Client.PostAsJsonAsync("/v1/match-runs", order);
                location = accepted.Headers.Location!.ToString();
                Assert.True(await MovesOnAsync(service.Client));

                // From here on the data is another than that of the run.
                await WithdrawAsync(service.Client, "made-1");
                await service.KillAsync();
                kills++;
            }

            while (kills < 4)
            {
                using var service = await ServiceProcess.StartAsync(folder, connect: Clients.ConnectTo);
                if (!await MovesOnAsync(service.Client))
                {
                    break;
                }

                await service.KillAsync();
                kills++;
            }

            using var last = await ServiceProcess.StartAsync(folder, connect: Clients.ConnectTo);
            var done = await last.Client.WaitAsync(location);
            Assert.Equal(("done", (string)undisturbed["dataVersion"]!), ((string)done["state"]!, (string)done["dataVersion"]!));
            Assert.Equal(expected, (await last.Client.ExportAsync(done)).Select(r => r.ToJsonString()));
            Assert.True(kills > 1, "it was interrupted, and went on, more than once");
            Assert.Equal(2, Directory.EnumerateFiles(Path.Combine(folder, "match-runs")).Count());

            // Waits until more lists are done than ever before; false where all are.
            async Task<bool> MovesOnAsync(HttpClient client)
            {
                while ((string)(await client.GetJsonAsync(location))["state"]! != "done")
                {
                    if ((int?)(await client.GetJsonAsync(location))["progress"]?["enterprisesDone"] is { } count)
                    {
                        Assert.True(count >= enterprisesDone, $"{count} lists after {enterprisesDone}");
                        if (count > enterprisesDone)
                        {
                            enterprisesDone = count;
                            return true;
                        }
                    }
                }

                return false;
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task A_run_that_finds_no_room_for_its_results_fails_and_the_service_goes_on()
    {
        using var api = new SmallDisk();
        var client = api.Connect();
        var failed = await client.RunAsync(new { top = 100, minScore = 20 });
        Assert.Equal(("failed", "urn:partnermatch:problem:no-space"), ((string)failed["state"]!, (string)failed["failure"]!["type"]!));
        await client.GetAsync($"/v1/match-runs/{failed["id"]}/results").ProblemAsync(409);
        Assert.Empty(Directory.EnumerateFiles(api.RunsFolder));
        Assert.Equal(20, (int)(await client.RunAsync(new { enterprises = new[] { "mtz" }, minScore = 0 }))["results"]!);
        Assert.NotEmpty((await client.GetJsonAsync("/v1/enterprises/mtz/matches"))["items"]!.AsArray());
    }

    [Fact]
    public async Task The_pairs_of_a_large_corridor_are_answered_from_a_run_with_their_reasons()
    {
        using var api = new LargeCorridor();
        var client = api.Connect();
        const string Path = "/v1/pairs?minScore=50&limit=15";
        using var first = await client.GetAsync(Path);
        using var again = await client.GetAsync(Path);
        Assert.Equal((System.Net.HttpStatusCode.Accepted, first.Headers.Location), (first.StatusCode, again.Headers.Location));
        var run = await client.WaitAsync(first.Headers.Location!.ToString());
        Assert.Equal(("done", "first", true, 26_784L), ((string)run["state"]!, (string)run["side"]!, (bool)run["automatic"]!, (long)run["pairs"]!));

        // Whatever changes afterwards: the list is that of the run, and says so, without those who may no longer be recommended.
        var gone = (string)(await client.GetJsonAsync($"/v1/match-runs/{run["id"]}/results"))["items"]![1]!["enterprise"]!["id"]!;
        await WithdrawAsync(client, gone);
        var pages = new List<JsonNode> { await client.GetJsonAsync(Path) };
        pages.Add(await client.GetJsonAsync((string)pages[0]["next"]!));
        var found = pages.SelectMany(p => p["items"]!.AsArray()).ToArray();
        var results = (await client.GetJsonAsync($"/v1/match-runs/{run["id"]}/results?limit=100"))["items"]!.AsArray();
        Assert.Equal(
            results.Where(r => (string)r!["enterprise"]!["id"]! != gone).Take(30).Select((r, at) => (at + 1, (string)r!["enterprise"]!["id"]!, (string)r["partner"]!["id"]!, (double)r["score"]!, (string)r["summary"]!)),
            found.Select(p => ((int)p!["rank"]!, (string)p["a"]!["id"]!, (string)p["b"]!["id"]!, (double)p["score"]!, (string)p["summary"]!)));
        Assert.All(found, p => Assert.Equal((double)p!["score"]!, p["contributions"]!.AsArray().Sum(c => (double)c!["points"]!), 6));
        var meta = pages[0]["meta"]!;
        Assert.Equal(((string)run["id"]!, false, (string)run["dataVersion"]!, 26_784L), ((string)meta["run"]!["id"]!, (bool)meta["run"]!["isCurrent"]!, (string)meta["dataVersion"]!, (long)meta["candidates"]!));
        Assert.True((double)found[19]!["score"]! >= (double)meta["run"]!["completeAbove"]!, "the first twenty pairs are always complete");

        // Lower than the run went, and another form: not in it.
        using var lower = await client.GetAsync("/v1/pairs?minScore=20");
        Assert.Equal(System.Net.HttpStatusCode.Accepted, lower.StatusCode);
        await client.WaitAsync(lower.Headers.Location!.ToString());
        await GoneAsync(client, "/v1/match-runs/" + run["id"]);
        await client.GetAsync(Path + "&cursor=x").ProblemAsync(400);

        // A page goes on in the newer run where it stopped in the older.
        var next = await client.GetJsonAsync((string)pages[0]["next"]!);
        Assert.Equal(
            found.Skip(15).Select(p => ((string)p!["a"]!["id"]!, (string)p["b"]!["id"]!)),
            next["items"]!.AsArray().Select(p => ((string)p!["a"]!["id"]!, (string)p["b"]!["id"]!)));
    }

    /// <summary>Waits until a run has given way to the one that came after it.</summary>
    private static async Task GoneAsync(HttpClient client, string location)
    {
        for (var i = 0; i < 600; i++)
        {
            using var response = await client.GetAsync(location);
            if (response.StatusCode == System.Net.HttpStatusCode.NotFound)
            {
                return;
            }

            await Task.Delay(50);
        }

        throw new TimeoutException(location);
    }

    private static async Task WithdrawAsync(HttpClient client, string id)
    {
        using var current = await client.GetAsync("/v1/enterprises/" + id);
        using var request = new HttpRequestMessage(HttpMethod.Patch, "/v1/enterprises/" + id) { Content = ClientExtensions.Json("""{"status":"withdrawn"}""", "application/merge-patch+json") };
        if (current.Headers.ETag is { } seen)
        {
            request.Headers.IfMatch.Add(seen);
        }

        using var response = await client.SendAsync(request);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
    }

    /// <summary>Makers of Belarus and of Samara, of whatever the taxonomy knows.</summary>
    private static byte[] FileOf(int first, int second)
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "db", "reference", "competencies");
        var codes = Directory.EnumerateFiles(folder, "*.csv").Order(StringComparer.Ordinal).SelectMany(f => File.ReadLines(f).Skip(1)).Select(l => l.Split(',')[0]).Where(c => c.Length == 8).ToArray();
        var file = new StringBuilder("id,name_en,country,region,city,makes,needs,employees,status\n");
        for (var i = 0; i < first + second; i++)
        {
            var place = i < first ? "BY,BY-HM,Minsk" : "RU,RU-SAM,Samara";
            var makes = Enumerable.Range(1, 3).Select(n => codes[((i * 31) + (n * n * 17)) % codes.Length]);
            file.Append(CultureInfo.InvariantCulture, $"made-{i},Plant {i},{place},{string.Join("; ", makes)},{codes[i * 43 % codes.Length]},{10 + (i * 37 % 5000)},published\n");
        }

        return Encoding.UTF8.GetBytes(file.ToString());
    }

    /// <summary>The sample, as if it were too large to be ranked while somebody waits.</summary>
    private sealed class LargeCorridor : ApiFixture
    {
        protected override bool WithSample => true;

        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            base.ConfigureWebHost(builder);
            builder.UseSetting("PartnerMatch:MatchRuns:MaxPairsAtOnce", "10000");
        }
    }

    /// <summary>Room for the results of a few lists and no more.</summary>
    private sealed class SmallDisk : ApiFixture
    {
        protected override bool WithSample => true;

        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            base.ConfigureWebHost(builder);
            builder.UseSetting("PartnerMatch:MatchRuns:MaxFileSize", "150000");
        }
    }
}
