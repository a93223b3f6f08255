using System.Globalization;
using CsvHelper;
using Snapshooter;
using Snapshooter.Xunit;
using Xunit.Abstractions;

namespace PartnerMatch.Api.Tests;

/// <summary>What the lists of the sample look like to somebody who knows the industry; figures are printed and held by frozen baselines.</summary>
public sealed class SampleQualityTests(SampleFixture api, ITestOutputHelper output) : IClassFixture<SampleFixture>
{
    /// <summary>Of 58 expectations; the note beside the file says which do not hold, and why.</summary>
    private const int ExpectationsHeld = 43;
    private readonly HttpClient _client = api.Connect();

    public static TheoryData<string, string> SevenLists
    {
        get
        {
            var lists = new TheoryData<string, string>();
            foreach (var subject in new[] { "mzor", "mogilevliftmash", "belkommunmash", "bate", "mtz", "savushkin", "pinskdrev" })
            {
                lists.Add(subject, "joint-venture");
                lists.Add(subject, "supplier");
            }

            return lists;
        }
    }

    [Theory]
    [MemberData(nameof(SevenLists))]
    public async Task The_list_is_the_approved_one(string subject, string form)
    {
        var list = await _client.GetJsonAsync($"/v1/enterprises/{subject}/matches?form={form}&limit=10&minScore=0");
        var lines = list["items"]!.AsArray().Select(i => string.Create(
            CultureInfo.InvariantCulture,
            $"{(int)i!["rank"]!,2} {(double)i["score"]!,6:0.00} {i["direction"],-12} {i["enterprise"]!["id"]}: {i["summary"]}"));
        Snapshot.Match(string.Join('\n', lines) + "\n", SnapshotNameExtension.Create(subject, form));
    }

    [Fact]
    public async Task Expert_expectations_hold_as_often_as_before()
    {
        using var reader = new CsvReader(new StreamReader(Path.Combine(AppContext.BaseDirectory, "Expectations", "expectations.csv")), CultureInfo.InvariantCulture);
        var rows = reader.GetRecords<Expectation>().ToArray();
        var held = 0;
        foreach (var list in rows.GroupBy(r => (r.subject, r.form)))
        {
            var top = (await ScoresAsync(list.Key.subject, list.Key.form)).Take(5).Select(s => s.Id).ToArray();
            foreach (var row in list)
            {
                var holds = top.Contains(row.partner) == (row.expectation == "top-five");
                held += holds ? 1 : 0;
                if (!holds)
                {
                    output.WriteLine($"{row.subject} {row.form} {row.partner}: expected {row.expectation}, because {row.reason}");
                }
            }
        }

        output.WriteLine($"{held} of {rows.Length} hold");
        Assert.Equal(58, rows.Length);
        Assert.True(held >= ExpectationsHeld, $"{held} of {rows.Length} expectations hold");
    }

    /// <summary>Calibration (section 4 of the model) and P4, over all enterprises of the sample.</summary>
    [Fact]
    public async Task Joint_venture_scores_are_calibrated_and_do_not_pile_up_at_the_top()
    {
        var lists = await AllListsAsync("joint-venture");
        var best = Median(lists.Values.Select(l => l[0].Score));
        var candidate = Median(lists.Values.Select(l => Median(l.Select(s => s.Score))));
        var distinct = Median(lists.Values.Select(l => (double)l.Select(s => s.Score).Distinct().Count() / l.Count));
        var distinctTop = Median(lists.Values.Select(l => l.Take(20).Select(s => s.Score).Distinct().Count() / 20.0));
        output.WriteLine(FormattableString.Invariant(
            $"median best {best:0.0}, median candidate {candidate:0.0}, highest {lists.Values.Max(l => l[0].Score):0.0}, distinct of all {distinct:0.00}, distinct of the first twenty {distinctTop:0.00}"));
        Assert.InRange(best, 60, 80);
        Assert.InRange(candidate, 0, 30);
        Assert.True(lists.Values.Max(l => l[0].Score) < 95);
        Assert.True(distinctTop >= 0.95, $"{distinctTop}");
        Assert.True(distinct >= 0.9, $"{distinct}");
    }

    /// <summary>Section 7, point 6: what everybody needs must not stand in every list.</summary>
    [Fact]
    public async Task No_partner_crowds_the_lists_of_everybody()
    {
        var lists = await AllListsAsync("joint-venture");
        var crowd = lists.SelectMany(l => l.Value.Take(5)).CountBy(s => s.Id).MaxBy(c => c.Value);
        var share = (double)crowd.Value / lists.Count;
        output.WriteLine(FormattableString.Invariant($"{crowd.Key} stands in the first five of {share:P0} of all lists"));
        Assert.True(share <= 0.2, $"{crowd.Key}: {share:P0}");
    }

    /// <summary>Section 7, points 1 and 2: sparse links starve nobody, and one-way pairs are found.</summary>
    [Fact]
    public async Task A_component_maker_finds_its_vehicle_plant_by_the_stronger_direction()
    {
        var list = await _client.GetJsonAsync("/v1/enterprises/bate/matches?limit=1");
        var top = list["items"]![0]!;
        Assert.Equal("avtovaz", (string?)top["enterprise"]!["id"]);
        double Value(string component) => (double)top["contributions"]!.AsArray().Single(c => (string?)c!["component"] == component)!["value"]!;
        Assert.True(Value("supply") > Value("reciprocity") + 0.2, $"supply {Value("supply")}, reciprocity {Value("reciprocity")}");
    }

    /// <summary>Section 7, point 3: machines reach those who use them.</summary>
    [Theory]
    [InlineData("mzor", "30.30")]
    [InlineData("belkommunmash", "49.31")]
    [InlineData("mogilevliftmash", "68.32")]
    [InlineData("gomselmash", "01.11")]
    [InlineData("belaz", "08.11")]
    [InlineData("pozhsnab", "84.25")]
    [InlineData("osipovichi-wagon", "49.20")]
    public async Task Makers_of_capital_goods_find_those_who_use_them(string maker, string trade)
    {
        var top = (await ScoresAsync(maker, "supplier")).Take(3).Select(s => s.Id).ToArray();
        var offers = await Task.WhenAll(top.Select(async id => (await _client.GetJsonAsync($"/v1/enterprises/{id}"))["offers"]!.AsArray()));
        Assert.Contains(offers, o => o.Any(c => ((string)c!["code"]!).StartsWith(trade, StringComparison.Ordinal)));
    }

    private async Task<List<(string Id, double Score)>> ScoresAsync(string subject, string form)
    {
        var scores = new List<(string, double)>();
        for (var next = $"/v1/enterprises/{subject}/matches?form={form}&limit=100&minScore=0"; next is not null;)
        {
            var page = await _client.GetJsonAsync(next);
            scores.AddRange(page["items"]!.AsArray().Select(i => ((string)i!["enterprise"]!["id"]!, (double)i["score"]!)));
            next = (string?)page["next"];
        }

        return scores;
    }

    private async Task<Dictionary<string, List<(string Id, double Score)>>> AllListsAsync(string form)
    {
        var lists = new Dictionary<string, List<(string, double)>>();
        for (var next = "/v1/enterprises?limit=100"; next is not null;)
        {
            var page = await _client.GetJsonAsync(next);
            foreach (var enterprise in page["items"]!.AsArray())
            {
                lists[(string)enterprise!["id"]!] = await ScoresAsync((string)enterprise["id"]!, form);
            }

            next = (string?)page["next"];
        }

        return lists;
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

#pragma warning disable IDE1006 // The columns' own names.
    private sealed record Expectation(string subject, string form, string partner, string expectation, string reason);
#pragma warning restore IDE1006
}
