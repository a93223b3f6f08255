using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

namespace PartnerMatch.Api.Tests;

/// <summary>Imports that take their time, and services that do not live to see the end.</summary>
public sealed class ImportJobTests
{
    private const int Rows = 20_000;

    [Fact]
    public async Task A_preference_or_a_large_file_makes_a_job()
    {
        using var api = new ApiFixture();
        var client = api.Connect();
        using var preferred = await client.ImportAsync(FileOf(3), prefer: "respond-async");
        Assert.Equal((HttpStatusCode.Accepted, "respond-async"), (preferred.StatusCode, preferred.Headers.GetValues("Preference-Applied").Single()));
        var done = await client.WaitAsync(preferred.Headers.Location!.ToString());
        Assert.Equal(("done", 3, 0), ((string)done["state"]!, (int)done["report"]!["created"]!, (int)done["report"]!["refused"]!));

        var large = FileOf(100, pad: 60_000);
        Assert.True(large.Length > 5 * 1024 * 1024);
        using var accepted = await client.ImportAsync(large, "?mode=partial&dryRun=true");
        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
        var refused = await client.WaitAsync(accepted.Headers.Location!.ToString());
        Assert.Equal(("done", 100, large.Length), ((string)refused["state"]!, (int)refused["report"]!["refused"]!, (int)refused["size"]!));
        Assert.Empty(Directory.EnumerateFiles(api.ImportsFolder));
    }

    [Fact]
    public async Task A_job_that_refuses_rows_fails_with_its_report_and_one_that_cannot_be_read_with_the_place()
    {
        using var api = new ApiFixture();
        var client = api.Connect();
        using var refused = await client.ImportAsync("name_en,country,region\nA,BY,Minsk\nB,BY,\n"u8.ToArray(), prefer: "respond-async");
        var failed = await client.WaitAsync(refused.Headers.Location!.ToString());
        Assert.Equal(("failed", 1, "urn:partnermatch:problem:import-refused"), ((string)failed["state"]!, (int)failed["report"]!["refused"]!, (string)failed["failure"]!["type"]!));

        using var broken = await client.ImportAsync("name_en,country,region\nA,BY,\"Minsk\n"u8.ToArray(), prefer: "respond-async");
        var unread = await client.WaitAsync(broken.Headers.Location!.ToString());
        Assert.Equal(("failed", "row 2"), ((string)unread["state"]!, (string)unread["failure"]!["errors"]![0]!["path"]!));
        Assert.Empty((await client.GetJsonAsync("/v1/enterprises"))["items"]!.AsArray());
    }

    [Fact]
    public async Task A_job_tells_how_far_it_is_and_can_be_cancelled_until_it_is_stored()
    {
        using var api = new ApiFixture();
        var client = api.Connect();
        using var first = await client.ImportAsync(FileOf(Rows), prefer: "respond-async");
        using var second = await client.ImportAsync(FileOf(10), prefer: "respond-async");
        var (running, waiting) = (first.Headers.Location!.ToString(), second.Headers.Location!.ToString());
        JsonNode import;
        do
        {
            import = await client.GetJsonAsync(running);
        }
        while ((int?)import["progress"]?["rowsRead"] is not > 0);
        Assert.Equal("running", (string)import["state"]!);
        Assert.True((double)import["progress"]!["rowsPerSecond"]! > 0);
        Assert.NotNull(import["progress"]!["secondsLeft"]);

        foreach (var location in new[] { waiting, running })
        {
            using var cancelled = await client.PostAsync(location + "/cancel", null);
            Assert.Equal("cancelled", (string)JsonNode.Parse(await cancelled.Content.ReadAsStringAsync())!["state"]!);
            await client.PostAsync(location + "/cancel", null).ProblemAsync(409);
        }

        using var third = await client.ImportAsync(FileOf(1), prefer: "respond-async");
        Assert.Equal("done", (string)(await client.WaitAsync(third.Headers.Location!.ToString()))["state"]!);
        Assert.Equal("cancelled", (string)(await client.GetJsonAsync(running))["state"]!);
        Assert.Single((await client.GetJsonAsync("/v1/enterprises"))["items"]!.AsArray());
        Assert.Empty(Directory.EnumerateFiles(api.ImportsFolder));
    }

    [Fact]
    public async Task A_job_survives_being_killed_again_and_again_and_stores_every_row_once()
    {
        var folder = Directory.CreateTempSubdirectory("partnermatch-kill-").FullName;
        var (location, firstKilledAt) = ("", DateTimeOffset.MaxValue);
        try
        {
            using (var service = await ServiceProcess.StartAsync(folder, connect: Clients.ConnectTo))
            {
                using var accepted = await service.Client.ImportAsync(FileOf(Rows), prefer: "respond-async");
                location = accepted.Headers.Location!.ToString();
                await service.KillAsync();
                firstKilledAt = DateTimeOffset.UtcNow;
            }

            // Each time a little later: while rows are read, compared, and stored.
            for (var wait = 300; wait <= 2400; wait += 300)
            {
                using var service = await ServiceProcess.StartAsync(folder, connect: Clients.ConnectTo);
                await Task.Delay(wait);
                var import = await service.Client.GetJsonAsync(location);
                var stored = await CountAsync(service.Client);
                if ((string)import["state"]! == "done")
                {
                    break;
                }

                Assert.True(stored is 0 or Rows, $"{stored} rows are stored while the import is {import["state"]}");
                await service.KillAsync();
            }

            using var last = await ServiceProcess.StartAsync(folder, connect: Clients.ConnectTo);
            var done = await last.Client.WaitAsync(location);
            Assert.Equal(("done", Rows), ((string)done["state"]!, (int)done["report"]!["created"]!));
            Assert.Equal(Rows, await CountAsync(last.Client));
            Assert.True(DateTimeOffset.Parse((string)done["finishedAt"]!, CultureInfo.InvariantCulture) > firstKilledAt, "It was done before the service was killed.");
            Assert.Empty(Directory.EnumerateFiles(Path.Combine(folder, "imports")));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        static async Task<int> CountAsync(HttpClient client)
        {
            var lines = (await client.GetStringAsync("/v1/enterprises/export?format=ndjson")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Assert.Equal(lines.Length, lines.Select(l => (string)JsonNode.Parse(l)!["name"]!).Distinct().Count());
            Assert.All(lines, l => Assert.Equal(1, (int)JsonNode.Parse(l)!["revision"]!));
            return lines.Length;
        }
    }

    [Fact]
    public async Task An_upload_that_breaks_off_leaves_nothing_and_only_import_takes_large_bodies()
    {
        var folder = Directory.CreateTempSubdirectory("partnermatch-cut-").FullName;
        try
        {
            using var service = await ServiceProcess.StartAsync(folder, connect: Clients.ConnectTo);
            using (var socket = new TcpClient("127.0.0.1", service.Port))
            {
                var request = "POST /v1/enterprises/import?mode=partial HTTP/1.1\r\nHost: x\r\nContent-Type: text/csv\r\nContent-Length: 1000\r\n\r\nname_en,country,region\nA,BY,Minsk\nB,BY,";
                await socket.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request));
                await Task.Delay(500);
            }

            for (var i = 0; i < 50 && Directory.EnumerateFiles(Path.Combine(folder, "imports")).Any(); i++)
            {
                await Task.Delay(100);
            }

            Assert.Empty(Directory.EnumerateFiles(Path.Combine(folder, "imports")));
            Assert.Empty((await service.Client.GetJsonAsync("/v1/enterprises"))["items"]!.AsArray());

            await service.Client.PostAsync("/v1/enterprises", ClientExtensions.Json(new string(' ', 3_000_000) + "{}")).ProblemAsync(413);
            using var large = await service.Client.ImportAsync(FileOf(4, pad: 1_000_000), "?dryRun=true&mode=partial");
            Assert.Equal(HttpStatusCode.BadRequest, large.StatusCode);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static byte[] FileOf(int rows, int pad = 0)
    {
        var file = new StringBuilder("name_en,country,region,city,makes\n");
        for (var i = 0; i < rows; i++)
        {
            file.Append(CultureInfo.InvariantCulture, $"Plant {i}{new string('x', pad)},BY,Minsk,Minsk,steel castings; lifts type {i}\n");
        }

        return Encoding.UTF8.GetBytes(file.ToString());
    }
}
