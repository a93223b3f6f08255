using System.CommandLine;
using PartnerMatch.Evaluation.Classifier;
using PartnerMatch.Evaluation.Inputs;
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

return new RootCommand("Measures the quality of PartnerMatch on pairs that really happened.") { classifier }.Parse(args).Invoke();

void Write(Report report, ParseResult arguments)
{
    Console.Write(report.ToMarkdown());
    if (arguments.GetValue(json) is { } file)
    {
        File.WriteAllText(file.FullName, report.ToJson());
    }
}
