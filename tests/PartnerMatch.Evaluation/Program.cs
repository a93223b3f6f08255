using System.CommandLine;
using PartnerMatch.Evaluation.Classifier;
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
    Write(new LinksEvaluation(workbench, UseTable.Read(arguments.GetRequiredValue(sharedRequired).FullName)).Evaluate(arguments.GetValue(csv)), arguments);
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
    string[] own = [CsvFiles.OwnFile("links_dev_ru.csv"), CsvFiles.OwnFile("links_dev_by.csv")];
    var words = own.Concat((arguments.GetValue(makes) ?? []).Select(f => f.FullName)).SelectMany(PairSet.ReadMakes).ToDictionary(StringComparer.Ordinal);
    var markets = (arguments.GetValue(homes) ?? []).SelectMany(f => PairSet.ReadMarkets(f.FullName)).ToDictionary(StringComparer.Ordinal);
    var sets = arguments.GetRequiredValue(files).Select(f => PairSet.Read(f.FullName, words, markets)).ToArray();
    await using IMatchSource source = arguments.GetValue(url) is { } address ? new ServiceSource(new HttpClient { BaseAddress = new Uri(address) }) : new LibrarySource(workbench);
    var evaluation = new PairsEvaluation(workbench, source);
    var outcomes = new List<PairOutcome>();
    foreach (var set in sets)
    {
        outcomes.AddRange(await evaluation.MeasureAsync(set));
    }

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

return new RootCommand("Measures the quality of PartnerMatch on pairs that really happened.") { classifier, links, pairs }.Parse(args).Invoke();

void Write(Report report, ParseResult arguments)
{
    Console.Write(report.ToMarkdown());
    if (arguments.GetValue(json) is { } file)
    {
        File.WriteAllText(file.FullName, report.ToJson());
    }
}
