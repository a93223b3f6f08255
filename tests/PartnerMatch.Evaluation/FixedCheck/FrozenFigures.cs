using System.Text.Json;
using PartnerMatch.Evaluation.Classifier;
using PartnerMatch.Evaluation.Inputs;
using PartnerMatch.Evaluation.Pairs;
using PartnerMatch.Evaluation.Reporting;
using PartnerMatch.Ranking.Scoring;

namespace PartnerMatch.Evaluation.FixedCheck;

/// <summary>The figures of the small fixed evaluation, which needs nothing from outside the project.</summary>
/// <param name="JointVentureMrr">Mean reciprocal rank of the joint ventures of fixed_pairs.csv.</param>
/// <param name="JointVentureNdcg">Their NDCG at ten.</param>
/// <param name="OtherFormsMrr">Mean reciprocal rank of its other pairs, each in its own form.</param>
/// <param name="OtherFormsNdcg">Their NDCG at ten.</param>
/// <param name="PhraseAccuracy">Share of phrases.csv whose surest code has the right class.</param>
/// <param name="NonsenseMapped">Share of nonsense.csv that gets a code.</param>
internal sealed record FrozenFigures(double JointVentureMrr, double JointVentureNdcg, double OtherFormsMrr, double OtherFormsNdcg, double PhraseAccuracy, double NonsenseMapped)
{
    /// <summary>What a figure may be worse by before it counts as a fall: less than one first place lost.</summary>
    public const double Tolerance = 0.01;

    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    public static FrozenFigures Baseline => JsonSerializer.Deserialize<FrozenFigures>(File.ReadAllText(CsvFiles.OwnFile("baseline.json")), Json)!;

    public static async Task<FrozenFigures> MeasureAsync(Workbench workbench)
    {
        await using var source = new LibrarySource(workbench);
        var set = PairSet.ReadAll([CsvFiles.OwnFile("fixed_pairs.csv")]).Single();
        var outcomes = (await new PairsEvaluation(workbench, source).MeasureAsync(set)).Where(o => o.Form == o.Pair.Form).ToLookup(o => o.Form == CooperationForm.JointVenture, o => o.Figures(0));
        var classifier = new ClassifierEvaluation(workbench);
        return new FrozenFigures(
            outcomes[true].Average(f => f.Reciprocal),
            outcomes[true].Average(f => f.Gain),
            outcomes[false].Average(f => f.Reciprocal),
            outcomes[false].Average(f => f.Gain),
            classifier.PhraseAccuracy(),
            classifier.NonsenseShare());
    }

    /// <summary>What is worse than the baseline by more than the tolerance.</summary>
    public IEnumerable<string> FallsBelow(FrozenFigures baseline) =>
        Compare(baseline).Where(c => c.Loss > Tolerance).Select(c => FormattableString.Invariant($"{c.Name} was {c.Before:0.000} and is {c.Now:0.000}"));

    public Report ToReport(FrozenFigures baseline)
    {
        var report = new Report();
        var table = report.Add("The fixed evaluation", FormattableString.Invariant($"Over data/fixed_pairs.csv (each pair in its own form), phrases.csv and nonsense.csv. It fails where a figure is worse than data/baseline.json by more than {Tolerance}."), "figure", "baseline", "now", "");
        foreach (var (name, before, now, loss) in Compare(baseline))
        {
            table.Add(name, before, now, loss > Tolerance ? "fell" : "holds");
        }

        return report;
    }

    public string ToJson() => JsonSerializer.Serialize(this, Json) + "\n";

    private IEnumerable<(string Name, double Before, double Now, double Loss)> Compare(FrozenFigures baseline)
    {
        yield return Higher("MRR of joint ventures", f => f.JointVentureMrr);
        yield return Higher("NDCG of joint ventures", f => f.JointVentureNdcg);
        yield return Higher("MRR of other forms", f => f.OtherFormsMrr);
        yield return Higher("NDCG of other forms", f => f.OtherFormsNdcg);
        yield return Higher("right class of phrases", f => f.PhraseAccuracy);
        yield return ("mapped nonsense", baseline.NonsenseMapped, NonsenseMapped, NonsenseMapped - baseline.NonsenseMapped);

        (string, double, double, double) Higher(string name, Func<FrozenFigures, double> figure) => (name, figure(baseline), figure(this), figure(baseline) - figure(this));
    }
}
