using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using PartnerMatch.Api.Tests;

namespace PartnerMatch.Soak;

/// <summary>A file of 200 MB: imported in memory that does not grow with it, killed in the middle, and imported once all the same.</summary>
internal sealed class LargeImport : Fault
{
    private const string Header = "id,name_en,country,region,city,makes,needs,employees,founded,website,sources";
    private static readonly string[] Products = ["wheeled tractors", "steel castings", "passenger lifts", "buses", "ball bearings", "gear boxes", "machine tools", "electric motors", "furniture", "dairy products"];

    public override string Name => "large-import";

    public override async Task<IReadOnlyList<Outcome>> RunAsync(Effort effort)
    {
        using var folder = new TemporaryFolder();
        var (file, tally) = (Path.Combine(folder.Path, "enterprises.csv"), new Tally());
        var rows = Generate(file, effort.Choose(8L << 20, 200L << 20), effort.Seed);
        var size = new FileInfo(file).Length;

        string job;
        long atStart;
        using (var service = await Service.StartAsync(folder.Path))
        {
            atStart = Service.PeakOf(service);
            using var body = new StreamContent(File.OpenRead(file));
            body.Headers.ContentType = new MediaTypeHeaderValue("text/csv");
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/enterprises/import") { Content = body };
            request.Headers.Add("Prefer", "respond-async");
            using var answer = await service.Client.SendAsync(request);
            job = answer.EnsureSuccessStatusCode().Headers.Location!.ToString();
            tally.Acknowledge();

            // Killed when half of the rows are read.
            JsonNode import;
            do
            {
                await Task.Delay(20);
                import = JsonNode.Parse(await service.Client.GetStringAsync(job))!;
            }
            while ((string)import["state"]! != "done" && ((int?)import["progress"]?["rowsRead"] ?? 0) < rows / 2);
            if ((string)import["state"]! == "done")
            {
                tally.Fail("the import was over before it could be killed");
            }

            await service.KillAsync();
        }

        using var resumed = await Service.StartAsync(folder.Path);
        var clock = Stopwatch.StartNew();
        JsonNode done;
        do
        {
            await Task.Delay(100);
            done = JsonNode.Parse(await resumed.Client.GetStringAsync(job))!;
        }
        while ((string)done["state"]! is "queued" or "running");
        var (seconds, peak) = (clock.Elapsed.TotalSeconds, Service.PeakOf(resumed));
        if ((string)done["state"]! != "done" || (int)done["report"]!["created"]! != rows)
        {
            tally.Lose($"the import of {rows} rows ended {done["state"]} with {done["report"]?["created"]} created: {done["failure"]}");
        }

        await Books.CheckAsync(Service.DatabaseOf(folder.Path), resumed.Client, tally);

        // The index of so many enterprises is part of what the service holds; the file is not.
        using var started = await Service.StartAsync(folder.Path + "/", ("PartnerMatch__Imports__Folder", Path.Combine(folder.Path, "none")));
        return [new Outcome(
            FormattableString.Invariant($"import of {size >> 20} MB, killed when half was read"),
            "once",
            tally,
            FormattableString.Invariant($"{rows:N0} rows stored {seconds:0} s after the start ({rows / seconds:0} rows/s); at most {peak >> 20} MB of memory, {atStart >> 20} MB when empty, {Service.PeakOf(started) >> 20} MB after a start with these rows"))];
    }

    /// <summary>Rows of about 2 KB, most of it in sources, until the file has its size.</summary>
    private static int Generate(string file, long size, int seed)
    {
        var (random, rows) = (new Random(seed), 0);
        using var writer = new StreamWriter(file);
        writer.Write(Header + "\n");
        for (; writer.BaseStream.Position < size; rows++)
        {
            var (country, region) = rows % 2 == 0 ? ("BY", "BY-HM") : ("RU", "RU-SAM");
            var makes = string.Join("; ", Enumerable.Range(0, random.Next(1, 4)).Select(_ => Products[random.Next(Products.Length)]).Distinct());
            var sources = string.Join("; ", Enumerable.Range(0, 8).Select(i => string.Create(CultureInfo.InvariantCulture, $"{Convert.ToHexStringLower(RandomBytes(random))} {i}")));
            writer.Write(string.Create(CultureInfo.InvariantCulture, $"large-{rows},Large plant number {rows},{country},{region},,{makes},{Products[random.Next(Products.Length)]},{random.Next(5, 5000)},{random.Next(1900, 2020)},https://example.by/{rows},{sources}\n"));
        }

        return rows;
    }

    private static byte[] RandomBytes(Random random)
    {
        var bytes = new byte[112];
        random.NextBytes(bytes);
        return bytes;
    }
}
