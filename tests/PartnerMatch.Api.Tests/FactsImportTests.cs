using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json.Nodes;
using CsvHelper;

namespace PartnerMatch.Api.Tests;

/// <summary>A list of real enterprises, imported as a user would. The list lies outside the repository.</summary>
public sealed class FactsImportTests
{
    private static readonly string[] Columns = ["name_en", "name_ru", "country", "region", "city", "makes", "makes_ru", "nace"];

    [SharedDataFact("data/enterprises_facts.csv")]
    public async Task Four_rows_without_a_region_and_three_broken_ones_are_named_and_the_file_again_changes_nothing()
    {
        using var api = new ApiFixture();
        var client = api.Connect();
        var rows = Read(SharedDataFactAttribute.PathOf("data/enterprises_facts.csv"));
        var lacking = rows.Index().Where(r => r.Item["region"].Length == 0).Select(r => r.Index + 2).ToArray();
        Assert.Equal(4, lacking.Length);
        rows[10]["country"] = "Belorus";
        rows[20]["region"] = "Gomell Region";
        rows[30]["nace"] = "two eight";
        var file = Write(rows);
        int[] expected = [.. lacking.Concat([12, 22, 32]).Order()];

        var problem = await client.ImportAsync(file).ProblemAsync(422);
        Assert.Equal(expected, RowsOf(problem["import"]!["report"]!));
        Assert.Empty((await client.GetJsonAsync("/v1/enterprises"))["items"]!.AsArray());

        using var first = await client.ImportAsync(file, "?mode=partial");
        var report = await first.ReportAsync();
        Assert.Equal((rows.Count - 7, 0, 7), ((int)report["created"]!, (int)report["unchanged"]!, (int)report["refused"]!));
        var refused = report["refusedRows"]!.AsArray();
        Assert.Equal(expected, RowsOf(report));
        Assert.All(refused, r => Assert.Equal((int)r!["row"]! switch { 12 => "country", 32 => "nace", _ => "region" }, (string)r["field"]!));
        Assert.All(refused.Where(r => (string)r!["field"]! == "region"), r => Assert.NotEmpty(r!["suggestions"]!.AsArray()));
        var stored = await client.GetStringAsync("/v1/enterprises/export?format=ndjson");

        using var again = await client.ImportAsync(file, "?mode=partial");
        var unchanged = await again.ReportAsync();
        Assert.Equal((0, 0, rows.Count - 7), ((int)unchanged["created"]!, (int)unchanged["updated"]!, (int)unchanged["unchanged"]!));
        Assert.Equal(stored, await client.GetStringAsync("/v1/enterprises/export?format=ndjson"));
    }

    private static IEnumerable<int> RowsOf(JsonNode report) => report["refusedRows"]!.AsArray().Select(r => (int)r!["row"]!);

    private static List<Dictionary<string, string>> Read(string file)
    {
        using var csv = new CsvReader(new StreamReader(file), CultureInfo.InvariantCulture);
        return [.. csv.GetRecords<dynamic>().Select(r => Columns.ToDictionary(c => c, c => (string)((IDictionary<string, object>)r)[c]))];
    }

    private static byte[] Write(List<Dictionary<string, string>> rows)
    {
        var text = new StringWriter();
        using (var csv = new CsvWriter(text, CultureInfo.InvariantCulture, leaveOpen: true))
        {
            foreach (var row in rows.Prepend(Columns.ToDictionary(c => c)))
            {
                foreach (var column in Columns)
                {
                    csv.WriteField(row[column]);
                }

                csv.NextRecord();
            }
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }
}

/// <summary>A test on data that lie in <c>shared</c> beside the repository, or where PARTNERMATCH_SHARED says; skipped where they are absent.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SharedDataFactAttribute : FactAttribute
{
    public SharedDataFactAttribute(string file)
    {
        if (!File.Exists(PathOf(file)))
        {
            Skip = $"shared/{file} is absent.";
        }
    }

    public static string PathOf(string file, [CallerFilePath] string here = "") => Path.Combine(
        Environment.GetEnvironmentVariable("PARTNERMATCH_SHARED") ?? Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "..", "shared"),
        file);
}
