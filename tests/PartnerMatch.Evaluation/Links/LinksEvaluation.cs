using System.Globalization;
using CsvHelper;
using PartnerMatch.Evaluation.Classifier;
using PartnerMatch.Evaluation.Inputs;
using PartnerMatch.Evaluation.Reporting;
using PartnerMatch.Evaluation.Statistics;
using PartnerMatch.Ranking.Taxonomy;

namespace PartnerMatch.Evaluation.Links;

/// <summary>Holds the production links against a national use table.</summary>
internal sealed class LinksEvaluation
{
    /// <summary>From this share of the output's value a purchase is an input worth a link.</summary>
    private const double WorthALink = 0.01;

    /// <summary>Below this share the table knows of no input.</summary>
    private const double NoInput = 0.0005;

    /// <summary>From this share of purchases that are investment a good is a capital good.</summary>
    private const double CapitalGood = 0.1;
    private const int Shown = 40;
    private readonly UseTable _table;
    private readonly CompetencyTree _tree;
    private readonly ProductionGraph _graph;
    private readonly ClassPair[] _pairs;

    public LinksEvaluation(Workbench workbench, UseTable table)
    {
        _table = table;
        _tree = workbench.Reference.Tree;
        _graph = workbench.Reference.Knowledge.Graph;
        var takes = table.ToClasses();
        var classes = table.Classes.Where(_tree.Contains).ToArray();
        var weights = classes.ToDictionary(c => c, WeightsInto, StringComparer.Ordinal);
        _pairs = [.. classes.SelectMany(output => classes.Where(input => input != output).Select(input => ToPair(input, output, takes, weights[output])))];
    }

    /// <summary>The figures.</summary>
    public Report Evaluate()
    {
        var report = new Report();
        AddCurves(report);
        AddEquipment(report);
        return report;
    }

    /// <summary>What people should review: the heads of the lists.</summary>
    /// <param name="folder">Where to write the whole lists as CSV, or null.</param>
    public Report ToReview(DirectoryInfo? folder)
    {
        var report = new Report();
        AddOddEquipment(report);
        var missing = _pairs.Where(p => p.Share >= WorthALink && p.Weight == 0).OrderByDescending(p => p.Share).ToArray();
        var unfounded = _pairs.Where(p => p.Weight > 0 && p.Share < NoInput).OrderByDescending(p => p.Weight).ThenBy(p => p.Share).ToArray();
        AddPairs(report, "Largest inputs of the table without a material or component link", FormattableString.Invariant($"{missing.Length} class pairs in all from a share of {WorthALink}; the first {Shown}."), missing);
        AddPairs(report, "Heaviest material and component links without an input in the table", FormattableString.Invariant($"{unfounded.Length} class pairs in all whose share is below {NoInput}; the first {Shown}. A table of the United States may be wrong about the corridor, and splits its commodities crudely."), unfounded);
        if (folder is not null)
        {
            folder.Create();
            Write(folder, "missing-links", missing);
            Write(folder, "unfounded-links", unfounded);
        }

        return report;
    }

    private void AddCurves(Report report)
    {
        var classes = _pairs.Select(p => p.Output).Distinct().Count();
        var section = report.Add(
            "Production links against the use table",
            FormattableString.Invariant(
                $"Area under the ROC curve for \"an input of at least {100 * WorthALink}% of the output's value\". Cases: all ordered pairs of two different classes out of the {classes} that the taxonomy has and tariff lines bridge to the table. ") +
            "Score of a pair: the strongest weight of a link of the kind between anything at or under the input class (or a broader input that contains it) and anything at or under the output class, inherited links included, a more specific link overriding the inherited one; 0 without a link. " +
            "Services (division 33 and up), and goods that no tariff line bridges, are in neither the cases nor the figures, whether as input or as output; a class with itself is no case. Commodities are split among classes by tariff lines. Found: share of such inputs that have a link; founded: share of linked pairs that are such inputs.",
            "links", "pairs", "inputs", "AUC", "found", "founded");
        Add("material and component", p => p.Weight);
        Add("material", p => p.Material);
        Add("component", p => p.Component);
        var bySection = _pairs.GroupBy(p => p.Output[..2]).OrderBy(g => g.Key, StringComparer.Ordinal);
        var divisions = report.Add("The same by division of the output", "Material and component links together.", "division", "pairs", "inputs", "AUC", "found");
        foreach (var division in bySection)
        {
            var positives = division.Where(p => p.Share >= WorthALink).ToArray();
            if (positives.Length > 0)
            {
                divisions.Add(division.Key, division.Count(), positives.Length, RocCurve.AreaUnder([.. division.Select(p => (p.Weight, p.Share >= WorthALink))]), positives.Average(p => p.Weight > 0 ? 1.0 : 0));
            }
        }

        void Add(string name, Func<ClassPair, double> weight)
        {
            var linked = _pairs.Where(p => weight(p) > 0).ToArray();
            var inputs = _pairs.Where(p => p.Share >= WorthALink).ToArray();
            section.Add(
                name,
                _pairs.Length,
                inputs.Length,
                RocCurve.AreaUnder([.. _pairs.Select(p => (weight(p), p.Share >= WorthALink))]),
                inputs.Average(p => weight(p) > 0 ? 1.0 : 0),
                linked.Length == 0 ? null : linked.Average(p => p.Share >= WorthALink ? 1.0 : 0));
        }
    }

    private void AddEquipment(Report report)
    {
        var inputs = EquipmentInputs();
        var bridged = inputs.Where(i => i.Share is not null).ToArray();
        var goods = bridged.Where(i => i.Share >= CapitalGood).ToArray();
        var section = report.Add(
            "Equipment links: are their inputs capital goods?",
            FormattableString.Invariant($"A capital good: at least {100 * CapitalGood}% of all that is bought of it (by its tariff lines' commodities) is investment in equipment. Inputs without a bridge are counted apart: services mostly."),
            "",
            "bridged",
            "capital goods",
            "share",
            "without a bridge");
        section.Add("distinct inputs", bridged.Length, goods.Length, (double)goods.Length / bridged.Length, inputs.Length - bridged.Length);
        var (links, ofGoods) = (bridged.Sum(i => i.Links), goods.Sum(i => i.Links));
        section.Add("links", links, ofGoods, (double)ofGoods / links, inputs.Sum(i => i.Links) - links);
    }

    private void AddOddEquipment(Report report)
    {
        var list = report.Add("Inputs of equipment links that the table does not buy as equipment", "With the heaviest of their links; the share is empty where no tariff line leads to them or to their class.", "input", "label", "equipment share", "commodity", "links", "heaviest link");
        foreach (var input in EquipmentInputs().Where(i => i.Share is null or < CapitalGood).OrderBy(i => i.Share).ThenBy(i => i.Code, StringComparer.Ordinal))
        {
            list.Add(input.Code, LabelOf(input.Code), input.Share, input.Commodity, input.Links, FormattableString.Invariant($"{input.Heaviest.Output} {LabelOf(input.Heaviest.Output)} {input.Heaviest.Weight}"));
        }
    }

    private EquipmentInput[] EquipmentInputs() =>
        [.. _graph.Links.Where(l => l.Kind == LinkKind.Equipment).GroupBy(l => l.Input, StringComparer.Ordinal).Select(g =>
        {
            var found = _table.FindEquipmentShare(g.Key);
            return new EquipmentInput(g.Key, g.Count(), g.MaxBy(l => l.Weight)!, found?.EquipmentShare, found?.Commodity);
        })];

    private void AddPairs(Report report, string title, string note, ClassPair[] pairs)
    {
        var section = report.Add(title, note, "input", "output", "share", "weight");
        foreach (var pair in pairs.Take(Shown))
        {
            section.Add($"{pair.Input} {LabelOf(pair.Input)}", $"{pair.Output} {LabelOf(pair.Output)}", pair.Share, pair.Weight);
        }
    }

    private void Write(DirectoryInfo folder, string name, ClassPair[] pairs)
    {
        foreach (var division in pairs.GroupBy(p => p.Output[..2]))
        {
            using var writer = new CsvWriter(new StreamWriter(Path.Combine(folder.FullName, $"{name}-{division.Key}.csv")), CultureInfo.InvariantCulture);
            writer.WriteRecords(division.Select(p => new
            {
                input = p.Input,
                input_label = LabelOf(p.Input),
                output = p.Output,
                output_label = LabelOf(p.Output),
                share = Math.Round(p.Share, 4),
                weight = p.Weight,
            }));
        }
    }

    private string LabelOf(string code) => _tree.Find(code)!.LabelEn;

    /// <summary>All links that hold for anything at or under an output class, with the strongest weight of each input and kind.</summary>
    private (string Input, LinkKind Kind, double Weight)[] WeightsInto(string output) =>
        [.. _tree.Competencies
            .Where(c => c.Code.StartsWith(output, StringComparison.Ordinal))
            .SelectMany(c => _graph.LinksInto(c.Code))
            .Where(l => l.Kind is LinkKind.Material or LinkKind.Component)
            .GroupBy(l => (l.Input, l.Kind))
            .Select(g => (g.Key.Input, g.Key.Kind, g.Max(l => l.Weight)))];

    private static ClassPair ToPair(string input, string output, IReadOnlyDictionary<(string Input, string Output), double> takes, (string Input, LinkKind Kind, double Weight)[] links)
    {
        return new ClassPair(input, output, takes.GetValueOrDefault((input, output)), Strongest(LinkKind.Material), Strongest(LinkKind.Component));

        double Strongest(LinkKind kind) => links.Where(l => l.Kind == kind && Levels.OnOnePath(l.Input, input)).Select(l => l.Weight).DefaultIfEmpty(0).Max();
    }

    /// <param name="Code">The input.</param>
    /// <param name="Links">How many equipment links it has.</param>
    /// <param name="Heaviest">The heaviest of them.</param>
    /// <param name="Share">The share of its purchases that is investment; null without a bridge.</param>
    /// <param name="Commodity">The commodity that most of its lines lead to.</param>
    private sealed record EquipmentInput(string Code, int Links, ProductionLink Heaviest, double? Share, string? Commodity);

    private sealed record ClassPair(string Input, string Output, double Share, double Material, double Component)
    {
        public double Weight => Math.Max(Material, Component);
    }
}
