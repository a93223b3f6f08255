using System.Text;
using PartnerMatch.Evaluation.Classifier;
using PartnerMatch.Evaluation.FixedCheck;
using PartnerMatch.Evaluation.Inputs;
using PartnerMatch.Evaluation.Links;
using PartnerMatch.Evaluation.Pairs;

namespace PartnerMatch.Evaluation.Reporting;

/// <summary>All figures in one text, each part under the command that reproduces it.</summary>
internal static class ResultsFile
{
    private const string Run = "dotnet run --project tests/PartnerMatch.Evaluation --";

    public static async Task<string> WriteAsync(Workbench workbench, string folder)
    {
        var text = new StringBuilder()
            .AppendLine("# Results").AppendLine()
            .AppendLine("Written by the evaluation itself, from the root of the repository (`DIR` is the folder of the development data):").AppendLine()
            .AppendLine("```").AppendLine(Run + " results --shared DIR").AppendLine("```").AppendLine()
            .AppendLine("Reference data `" + workbench.Reference.Version + "`. Every random step is seeded: the same data give the same figures.").AppendLine();

        var classifier = new ClassifierEvaluation(workbench);
        var words = classifier.EvaluateFacts(Path.Combine(folder, "enterprises_facts.csv"), withMistakes: false);
        words.Append(classifier.EvaluateOwn(withMistakes: false));
        Append("Words to codes", "classifier --shared DIR", words);

        Append("Production links", "links --shared DIR", new LinksEvaluation(workbench, UseTable.Read(folder)).Evaluate());

        string[] files = [Path.Combine(folder, "eval", "joint_ventures_dev.csv"), Path.Combine(folder, "eval", "links_dev.csv")];
        await using var library = new LibrarySource(workbench);
        var evaluation = new PairsEvaluation(workbench, library);
        var sets = PairSet.ReadAll(files);
        var pairs = PairsEvaluation.ToReport(await evaluation.MeasureAsync(sets));
        pairs.Append(await PairsEvaluation.AblateAsync(workbench, sets));
        Append("Partners", "pairs --file DIR/eval/joint_ventures_dev.csv --file DIR/eval/links_dev.csv --ablation", pairs);

        var homes = PairSet.ReadAll(files[..1], markets: [CsvFiles.OwnFile("joint_ventures_dev_homes.csv")]);
        Append(
            "Partners whose home markets are known",
            "pairs --file DIR/eval/joint_ventures_dev.csv --markets tests/PartnerMatch.Evaluation/data/joint_ventures_dev_homes.csv",
            PairsEvaluation.ToReport(await evaluation.MeasureAsync(homes)));

        Append("What continuous integration holds", "check", (await FrozenFigures.MeasureAsync(workbench)).ToReport(FrozenFigures.Baseline));
        return text.ToString().TrimEnd() + "\n";

        void Append(string title, string command, Report report) =>
            text.AppendLine("## " + title).AppendLine().AppendLine("`" + Run + " " + command + "`").AppendLine().Append(report.ToMarkdown(level: 3));
    }
}
