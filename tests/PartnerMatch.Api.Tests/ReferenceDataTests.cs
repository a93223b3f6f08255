using System.Globalization;
using CsvHelper;
using PartnerMatch.Api.Reference;
using PartnerMatch.Classification;
using PartnerMatch.Ranking.Taxonomy;
using Xunit.Abstractions;

namespace PartnerMatch.Api.Tests;

/// <summary>The files under <c>db/reference</c>: loading them refuses dangling codes and duplicates; the rest is checked here.</summary>
public sealed class ReferenceDataTests(ITestOutputHelper output)
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "db", "reference");
    private static readonly Lazy<ReferenceCatalog> Loaded = new(() => ReferenceFiles.Load(Folder));

    private static CompetencyTree Tree => Loaded.Value.Tree;

    private static IReadOnlyList<ProductionLink> Links => Loaded.Value.Knowledge.Graph.Links;

    [Fact]
    public void Every_code_has_its_group_and_class_and_both_labels()
    {
        Assert.All(Tree.Competencies, c =>
        {
            Assert.NotEmpty(c.LabelEn);
            Assert.NotEmpty(c.LabelRu);
            foreach (var length in new[] { 2, 4, 5 }.Where(l => l < c.Code.Length))
            {
                Assert.True(Tree.Contains(c.Code[..length]), $"{c.Code} has no {c.Code[..length]}");
            }
        });
        Assert.DoesNotContain(Tree.Competencies, c => c.Code.StartsWith("25.4", StringComparison.Ordinal) || c.Code.StartsWith("30.4", StringComparison.Ordinal));
    }

    [Fact]
    public void An_alias_means_one_thing()
    {
        var names = Tree.Competencies
            .SelectMany(c => c.AliasesEn.Append(c.LabelEn).Concat(c.AliasesRu.Append(c.LabelRu)).Select(n => (Name: TextFolding.Fold(n), c.Code)))
            .Distinct();
        var ambiguous = names.GroupBy(n => n.Name)
            .Where(g => g.Any(a => g.Any(b => a.Code != b.Code && !CompetencyCode.IsUnder(a.Code, b.Code) && !CompetencyCode.IsUnder(b.Code, a.Code))))
            .Select(g => $"{g.Key}: {string.Join(", ", g.Select(n => n.Code))}");
        Assert.Empty(ambiguous);
    }

    [Fact]
    public void A_narrower_input_never_weighs_less_than_a_broader_one()
    {
        var contradictions = Links.GroupBy(l => (l.Output, l.Kind))
            .SelectMany(g => from broad in g from narrow in g where CompetencyCode.IsUnder(narrow.Input, broad.Input) && narrow.Weight < broad.Weight select $"{narrow} < {broad}");
        Assert.Empty(contradictions);
    }

    [Fact]
    public void Links_cover_the_industry()
    {
        var byKind = Links.CountBy(l => l.Kind).ToDictionary(c => c.Key, c => c.Value);
        var sixDigits = Links.Count(l => l.Input.Length == 8 || l.Output.Length == 8) / (double)Links.Count;
        output.WriteLine(FormattableString.Invariant($"{Tree.Competencies.Count} competencies, {Links.Count} links ({string.Join(", ", byKind.Select(k => $"{k.Key} {k.Value}"))}), {sixDigits:P0} end at six digits"));
        Assert.True(byKind[LinkKind.Equipment] >= 500);
        Assert.True(byKind[LinkKind.Channel] >= 150);
        Assert.True(sixDigits >= 0.5);
    }

    [Fact]
    public void Every_class_of_manufacturing_has_inputs_and_buyers_or_a_reason_why_not()
    {
        using var reader = new CsvReader(new StreamReader(Path.Combine(Folder, "link-exceptions.csv")), CultureInfo.InvariantCulture);
        var excused = reader.GetRecords<LinkException>().ToArray();
        var gaps = Tree.Competencies
            .Where(c => c.Code.Length == 5 && string.CompareOrdinal(c.Code, "10") > 0 && string.CompareOrdinal(c.Code, "34") < 0)
            .SelectMany(c => new[]
            {
                (c.Code, Missing: "inputs", Has: Links.Any(l => l.Kind is LinkKind.Material or LinkKind.Component && Touches(l.Output, c.Code))),
                (c.Code, Missing: "buyers", Has: Links.Any(l => l.Kind != LinkKind.Channel && Touches(l.Input, c.Code)) || Links.Any(l => l.Kind == LinkKind.Channel && Touches(l.Output, c.Code))),
            })
            .Where(g => !g.Has)
            .Select(g => (g.Code, g.Missing))
            .ToArray();
        Assert.Equal(excused.Select(e => (e.code, e.missing)).Order(), gaps.Order());
        Assert.All(excused, e => Assert.NotEmpty(e.reason));
    }

    [Fact]
    public void No_competency_is_without_any_link()
    {
        var linked = Links.SelectMany(l => new[] { l.Input, l.Output }).Distinct().ToArray();
        Assert.Empty(Tree.Competencies.Where(c => !linked.Any(l => Touches(l, c.Code))).Select(c => c.Code));
    }

    /// <summary>A laboratory buys what a laboratory buys; what is written down for a trade is left alone; nothing common outweighs a real purchase.</summary>
    [Fact]
    public void Common_purchases_are_light_and_yield_to_what_is_written()
    {
        var file = Directory.EnumerateFiles(Path.Combine(Folder, "links")).SelectMany(File.ReadLines).Where(l => !l.StartsWith("input", StringComparison.Ordinal)).Select(l => string.Join(',', l.Split(',').Take(3))).ToHashSet();
        var common = Links.Where(l => !file.Contains($"{l.Input},{l.Output},{l.Kind.ToString().ToLowerInvariant()}")).ToArray();
        Assert.InRange(common.Length, 5_000, 12_000);
        Assert.All(common, l => Assert.InRange(l.Weight, 0.005, 0.05));
        Assert.All(common, l => Assert.NotEqual(l.Input[..2], l.Output[..2]));
        var microscopes = common.Where(l => l.Input == "26.70.22").ToDictionary(l => l.Output, l => l.Weight);
        Assert.True(microscopes["72"] > microscopes.GetValueOrDefault("27"));
        Assert.DoesNotContain("69", microscopes.Keys);
        Assert.DoesNotContain(common, l => Links.Any(w => w.Output == l.Output && w.Kind == l.Kind && w != l && file.Contains($"{w.Input},{w.Output},{w.Kind.ToString().ToLowerInvariant()}") && CompetencyCode.IsUnder(l.Input, w.Input)));
    }

    [Fact]
    public void Sample_enterprises_are_many_and_the_samara_side_has_buyers_and_channels()
    {
        using var reader = new CsvReader(new StreamReader(Path.Combine(AppContext.BaseDirectory, "db", "sample", "enterprises.csv")), CultureInfo.InvariantCulture);
        var rows = reader.GetRecords<dynamic>().Select(r => (Region: (string)r.region, Activity: (string)r.activity)).ToArray();
        Assert.True(rows.Length >= 150);
        Assert.True(rows.Count(r => r.Region == "RU-SAM" && (string.CompareOrdinal(r.Activity, "10") < 0 || string.CompareOrdinal(r.Activity, "34") > 0)) >= 25);
    }

    private static bool Touches(string link, string code) => link == code || CompetencyCode.IsUnder(link, code) || CompetencyCode.IsUnder(code, link);

#pragma warning disable IDE1006 // The columns' own names.
    private sealed record LinkException(string code, string missing, string reason);
#pragma warning restore IDE1006
}
