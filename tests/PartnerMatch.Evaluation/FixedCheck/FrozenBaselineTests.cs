using PartnerMatch.Evaluation.Inputs;
using PartnerMatch.Evaluation.Statistics;
using Xunit;
using Xunit.Abstractions;

namespace PartnerMatch.Evaluation.FixedCheck;

/// <summary>What <c>dotnet test</c> holds of the evaluation.</summary>
public sealed class FrozenBaselineTests(ITestOutputHelper output)
{
    [Fact]
    public async Task The_fixed_evaluation_does_not_fall_below_its_baseline()
    {
        using var workbench = Workbench.Open();
        var now = await FrozenFigures.MeasureAsync(workbench);
        output.WriteLine(now.ToReport(FrozenFigures.Baseline).ToMarkdown());
        Assert.Empty(now.FallsBelow(FrozenFigures.Baseline));
    }

    [Fact]
    public void The_area_under_the_curve_counts_ties_one_half()
    {
        (double, bool)[] cases = [(0.9, true), (0.5, true), (0.5, false), (0.1, false)];
        Assert.Equal(0.875, RocCurve.AreaUnder(cases), 12);
    }

    [Fact]
    public void A_rank_between_two_places_earns_no_place_above_it()
    {
        var figures = RankFigures.Of(1.5, 3);
        Assert.Equal((2 / 3.0, 0, 1, 0.75), (figures.Reciprocal, figures.First, figures.FirstFive, figures.Percentile));
    }

    [Fact]
    public void Chance_is_the_mean_over_all_ranks()
    {
        var figures = RankFigures.OfChance(4);
        Assert.Equal((1 + (1 / 2.0) + (1 / 3.0) + (1 / 4.0)) / 4, figures.Reciprocal, 12);
        Assert.Equal(0.25, figures.First, 12);
        Assert.Equal(0.5, figures.Percentile, 12);
    }

    [Fact]
    public void Calibration_error_is_the_weighed_distance_of_the_bins()
    {
        Claim[] claims = [new(0.95, true), new(0.95, false), new(0.25, false), new(0.25, false)];
        Assert.Equal((0.5 * 0.45) + (0.5 * 0.25), Calibration.ExpectedError(claims), 12);
    }

    [Fact]
    public void Acceptable_codes_of_the_phrases_are_classes_of_the_taxonomy_or_lie_below()
    {
        using var workbench = Workbench.Open();
        var unknown = CsvFiles.Read<PhraseCodes>(CsvFiles.OwnFile("phrases.csv")).SelectMany(p => CsvFiles.Split(p.codes)).Where(c => c.Length < 5 || !workbench.Reference.Tree.Contains(c));
        Assert.Empty(unknown);
    }

#pragma warning disable IDE1006 // The columns' own names.
    private sealed record PhraseCodes(string codes);
#pragma warning restore IDE1006
}
