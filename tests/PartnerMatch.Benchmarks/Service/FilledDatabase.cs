using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;
using PartnerMatch.Api.Enterprises;
using PartnerMatch.Api.Http;
using PartnerMatch.Benchmarks.Generating;
using EnterpriseProfile = PartnerMatch.Ranking.Profiles.EnterpriseProfile;

namespace PartnerMatch.Benchmarks.Service;

/// <summary>A database with generated enterprises over the product's own taxonomy, stored by the product's own import.</summary>
internal sealed class FilledDatabase : IDisposable
{
    private static readonly JsonSerializerOptions Json = ToJson();
    private readonly string _folder;
    private readonly bool _isKept;

    private FilledDatabase(string folder, bool isKept) => (_folder, _isKept) = (folder, isKept);

    public string File => Path.Combine(_folder, "benchmark.db");

    /// <summary>Fills one, or takes the one that an earlier run left in <paramref name="keep"/>.</summary>
    public static async Task<FilledDatabase> CreateAsync(int perSide, DirectoryInfo? keep)
    {
        var folder = keep is null ? Directory.CreateTempSubdirectory("partnermatch-benchmark-").FullName : keep.CreateSubdirectory($"{perSide}-a-side").FullName;
        var database = new FilledDatabase(folder, keep is not null);
        var done = Path.Combine(folder, "filled");
        if (!System.IO.File.Exists(done))
        {
            System.IO.File.Delete(database.File);
            await database.FillAsync(perSide);
            System.IO.File.WriteAllText(done, "");
        }

        return database;
    }

    public void Dispose()
    {
        if (!_isKept)
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    private async Task FillAsync(int perSide)
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Importing {perSide:N0} enterprises a side ..."));
        var lines = Path.Combine(_folder, "enterprises.ndjson");
        var world = World.OfProduct();
        await System.IO.File.WriteAllLinesAsync(lines, world.Subjects(perSide).Concat(world.Candidates(perSide)).Select(ToLine), new UTF8Encoding(false));
        using (var service = await ServiceProcess.StartAsync(File, withBenchmarkHost: false))
        {
            await ImportAsync(service.Client, lines);
        }

        System.IO.File.Delete(lines);

        // The next start must not have to recover what this one left in the log.
        using var connection = new SqliteConnection($"Data Source={File};Pooling=False");
        connection.Open();
        using var checkpoint = connection.CreateCommand();
        checkpoint.CommandText = "pragma wal_checkpoint(truncate)";
        checkpoint.ExecuteNonQuery();
    }

    private static async Task ImportAsync(HttpClient client, string file)
    {
        using var content = new StreamContent(System.IO.File.OpenRead(file));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/x-ndjson");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/enterprises/import") { Content = content, Headers = { { "Prefer", "respond-async" } } };
        using var accepted = await client.SendAsync(request);
        accepted.EnsureSuccessStatusCode();
        while (true)
        {
            var import = JsonNode.Parse(await client.GetStringAsync(accepted.Headers.Location))!;
            switch ((string)import["state"]!)
            {
                case "done":
                    return;
                case "failed" or "cancelled":
                    throw new InvalidOperationException($"The import failed: {import}");
                default:
                    await Task.Delay(TimeSpan.FromMilliseconds(500));
                    break;
            }
        }
    }

    private static string ToLine(EnterpriseProfile profile)
    {
        var line = JsonSerializer.SerializeToNode(ToRequest(profile), Json)!.AsObject();
        line["id"] = profile.Id;
        return line.ToJsonString(Json);
    }

    private static EnterpriseRequest ToRequest(EnterpriseProfile profile) => new()
    {
        Name = profile.Name,
        NameRu = profile.NameRu,
        Country = profile.Country,
        Region = profile.Region,
        Location = profile.Location is { } place ? new Location(place.Latitude, place.Longitude) : null,
        Employees = profile.Employees,
        Revenue = profile.Revenue is { } revenue ? new Revenue(revenue.Amount, revenue.Currency) : null,
        Markets = profile.Markets,
        Offers = [.. profile.Offers.Select(o => new OfferEntry { Code = o.Code, Strength = o.Strength })],
        Needs = [.. profile.Needs.Select(n => new NeedEntry { Code = n.Code, Urgency = n.Urgency })],
    };

    private static JsonSerializerOptions ToJson()
    {
        var options = new JsonSerializerOptions { DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull };
        JsonConventions.Apply(options);
        return options;
    }
}
