using System.CommandLine;
using PartnerMatch.Evaluation.Classifier;
using PartnerMatch.Evaluation.FixedCheck;
using PartnerMatch.Evaluation.Inputs;
using PartnerMatch.Evaluation.Links;
using PartnerMatch.Evaluation.Pairs;
using PartnerMatch.Evaluation.Reporting;

var shared = new Option<DirectoryInfo?>("--shared") { Description = "The folder of the development data (the one with enterprises_facts.csv)." };
var json = new Option<FileInfo?>("--json") { Description = "Also write the tables to this file as JSON." };
var mistakes = new Option<bool>("--mistakes") { Description = "List what is wrong, of the development halves only." };

var classifier = new Command("classifier", "Measures words to codes.") { shared, mistakes, json };
classifier.SetAction(arguments =>
{
    using var workbench = Workbench.Open();
    var evaluation = new ClassifierEvaluation(workbench);
    var report = new Report();
    if (arguments.GetValue(shared) is { } folder)
    {
        report.Append(evaluation.EvaluateFacts(Path.Combine(folder.FullName, "enterprises_facts.csv"), arguments.GetValue(mistakes)));
    }

    report.Append(evaluation.EvaluateOwn(arguments.GetValue(mistakes)));
    Write(report, arguments);
});

var csv = new Option<DirectoryInfo?>("--csv") { Description = "Also write the whole lists to this folder, one file a division." };
var sharedRequired = new Option<DirectoryInfo>("--shared") { Description = shared.Description, Required = true };
var links = new Command("links", "Holds the production links against the 2017 use table of the United States.") { sharedRequired, csv, json };
links.SetAction(arguments =>
{
    using var workbench = Workbench.Open();
    var evaluation = new LinksEvaluation(workbench, UseTable.Read(arguments.GetRequiredValue(sharedRequired).FullName));
    var report = evaluation.Evaluate();
    report.Append(evaluation.ToReview(arguments.GetValue(csv)));
    Write(report, arguments);
});

var files = new Option<FileInfo[]>("--file") { Description = "True pairs, in the formats of eval/*.csv; may be given several times.", Required = true };
var makes = new Option<FileInfo[]>("--makes") { Description = "What enterprises make (enterprise,makes) where a file of pairs does not say; the evaluation's own files are always read." };
var homes = new Option<FileInfo[]>("--markets") { Description = "Where enterprises sell (enterprise,markets); nothing is said where absent." };
var url = new Option<string?>("--url") { Description = "A running service that holds the sample; the libraries in this process where absent." };
var ablation = new Option<bool>("--ablation") { Description = "What each component is worth; by the libraries." };
var worst = new Option<int>("--worst") { Description = "Explain so many of the pairs that stand lowest." };
var pairs = new Command("pairs", "Measures how high true partners stand in each other's lists.") { files, makes, homes, url, ablation, worst, json };
pairs.SetAction(async arguments =>
{
    using var workbench = Workbench.Open();
    var sets = PairSet.ReadAll(Names(arguments.GetValue(files)), Names(arguments.GetValue(makes)), Names(arguments.GetValue(homes)));
    await using IMatchSource source = arguments.GetValue(url) is { } address ? new ServiceSource(new HttpClient { BaseAddress = new Uri(address) }) : new LibrarySource(workbench);
    var evaluation = new PairsEvaluation(workbench, source);
    var outcomes = await evaluation.MeasureAsync(sets);
    var report = PairsEvaluation.ToReport(outcomes);
    if (arguments.GetValue(ablation))
    {
        report.Append(await PairsEvaluation.AblateAsync(workbench, sets));
    }

    if (arguments.GetValue(worst) is > 0 and var count)
    {
        report.Append(evaluation.ToWorst(outcomes, count));
    }

    Write(report, arguments);
    foreach (var name in sets.SelectMany(s => s.WithoutWords))
    {
        Console.WriteLine($"Left out, for nobody says what it makes: {name}");
    }
});

var freeze = new Option<FileInfo?>("--freeze") { Description = "Write the figures to this file as the new baseline." };
var check = new Command("check", "The small fixed evaluation; fails where a figure falls below the frozen baseline.") { freeze, json };
check.SetAction(async arguments =>
{
    using var workbench = Workbench.Open();
    var now = await FrozenFigures.MeasureAsync(workbench);
    if (arguments.GetValue(freeze) is { } file)
    {
        File.WriteAllText(file.FullName, now.ToJson());
        return 0;
    }

    Write(now.ToReport(FrozenFigures.Baseline), arguments);
    return now.FallsBelow(FrozenFigures.Baseline).Any() ? 1 : 0;
});

var output = new Option<FileInfo>("--out") { Description = "The file to write.", DefaultValueFactory = _ => new FileInfo("tests/PartnerMatch.Evaluation/RESULTS.md") };
var results = new Command("results", "Writes RESULTS.md anew: all figures, each with its command.") { sharedRequired, output };
results.SetAction(async arguments =>
{
    using var workbench = Workbench.Open();
    await File.WriteAllTextAsync(arguments.GetRequiredValue(output).FullName, await ResultsFile.WriteAsync(workbench, arguments.GetRequiredValue(sharedRequired).FullName));
});

return new RootCommand("Measures the quality of PartnerMatch on pairs that really happened.") { classifier, links, pairs, check, results }.Parse(args).Invoke();

static IEnumerable<string> Names(FileInfo[]? chosen) => (chosen ?? []).Select(f => f.FullName);

void Write(Report report, ParseResult arguments)
{
    Console.Write(report.ToMarkdown());
    if (arguments.GetValue(json) is { } file)
    {
        File.WriteAllText(file.FullName, report.ToJson());
    }
}
