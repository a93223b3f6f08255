using System.CommandLine;
using PartnerMatch.Evaluation.Classifier;
using PartnerMatch.Evaluation.Inputs;
using PartnerMatch.Evaluation.Links;
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

return new RootCommand("Measures the quality of PartnerMatch on pairs that really happened.") { classifier, links }.Parse(args).Invoke();

void Write(Report report, ParseResult arguments)
{
    Console.Write(report.ToMarkdown());
    if (arguments.GetValue(json) is { } file)
    {
        File.WriteAllText(file.FullName, report.ToJson());
    }
}
