using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using FluentValidation;
using PartnerMatch.Api.Http;
using PartnerMatch.Api.Matches;
using PartnerMatch.Ranking.Components;
using PartnerMatch.Ranking.Scoring;
using PartnerMatch.Ranking.Weighing;

namespace PartnerMatch.Api.RankingProfiles;

/// <summary>A weight set to derive from pairwise comparisons.</summary>
internal sealed record ComparisonsRequest
{
    [Required, Length(1, ProfileRules.MaxName), Description("The name in English, at most 200 characters.")]
    public string Name { get; init; } = "";

    [MaxLength(ProfileRules.MaxName), Description("The name in Russian, at most 200 characters.")]
    public string? NameRu { get; init; }

    [MaxLength(ProfileRules.MaxDescription), Description("What it is for, at most 2,000 characters.")]
    public string? Description { get; init; }

    [Required, Description("The form that it weighs.")]
    public required CooperationForm Form { get; init; }

    [Range(ScoreBounds.Lowest, ScoreBounds.Highest), Description("The score from which a partner is listed where a query does not say, 0 to 100; that of the shipped profile of the form where absent.")]
    public double? Threshold { get; init; }

    [Description("Comparisons of two components each, as many as connect all that are named; of each pair at most one. Either judgements or criteria and matrix.")]
    public IReadOnlyList<JudgementItem>? Judgements { get; init; }

    [Description("The components that the rows and columns of the matrix stand for.")]
    public IReadOnlyList<string>? Criteria { get; init; }

    [Description("How many times as important as the component of the column that of the row is; null where the two were not compared. Across the diagonal stand reciprocals, or null.")]
    public IReadOnlyList<IReadOnlyList<double?>>? Matrix { get; init; }

    [Description("Whether to take judgements that contradict each other too much, too; false where absent.")]
    public bool? Force { get; init; }

    [Description("Whether to answer only and store nothing; false where absent.")]
    public bool? DryRun { get; init; }

    /// <summary>The components that are compared.</summary>
    public IReadOnlyList<string> FindCriteria() => Criteria ?? [.. (Judgements ?? []).SelectMany(j => new[] { j.Component, j.Other }).Distinct()];

    /// <summary>The judgements, each with its place in the request.</summary>
    public IReadOnlyList<(Judgement Judgement, string Path)> FindJudgements() => Judgements is { } judgements
        ? [.. judgements.Select((j, i) => (new Judgement(j.Component, j.Other, j.Intensity), $"judgements[{i}]"))]
        : [.. FindCells().Select(c => (new Judgement(Criteria![c.Row], Criteria[c.Column], c.Intensity), $"matrix[{c.Row}][{c.Column}]"))];

    /// <summary>Of two reciprocals the larger counts: it is the one that is not rounded.</summary>
    private IEnumerable<(int Row, int Column, double Intensity)> FindCells()
    {
        for (var row = 0; row < Criteria!.Count; row++)
        {
            for (var column = row + 1; column < Criteria.Count; column++)
            {
                var (above, below) = (Matrix![row][column], Matrix[column][row]);
                if (below > (above ?? 0) && below > 1)
                {
                    yield return (column, row, below.Value);
                }
                else if ((above ?? 1 / below) is { } intensity)
                {
                    yield return (row, column, intensity);
                }
            }
        }
    }
}

/// <summary>A comparison of two components.</summary>
internal sealed record JudgementItem
{
    [Required, Description("A component.")]
    public string Component { get; init; } = "";

    [Required, Description("Another component.")]
    public string Other { get; init; } = "";

    [Required, Description("How many times as important as the other it is, on Saaty's scale: 1 equally, 3 moderately, 5 strongly, 7 very strongly, 9 extremely more; for less the reciprocal, 1/9 to 1.")]
    public double Intensity { get; init; }
}

internal sealed class ComparisonsValidator : AbstractValidator<ComparisonsRequest>
{
    /// <summary>1/9 as people write it.</summary>
    private const double Weakest = 0.11;

    /// <summary>How far the product of two reciprocals may lie from 1: they are written with two digits, as 0.33 for 1/3.</summary>
    private const double Rounding = 0.02;

    private static readonly int Most = ComponentRegistry.Names.Count;

    public ComparisonsValidator()
    {
        RuleFor(c => c.Name).IsProfileName();
        RuleFor(c => c.NameRu).HasAtMost(ProfileRules.MaxName);
        RuleFor(c => c.Description).HasAtMost(ProfileRules.MaxDescription);
        RuleFor(c => c.Threshold).IsThreshold();
        RuleFor(c => c.Judgements).Must((c, judgements) => judgements is null != (c.Criteria is null && c.Matrix is null))
            .WithMessage("Send either judgements, or criteria and their matrix.");
        RuleFor(c => c.Criteria).NotNull().When(c => c.Matrix is not null).WithMessage("The matrix needs criteria.");
        RuleFor(c => c.Matrix).NotNull().When(c => c.Criteria is not null).WithMessage("The criteria need a matrix.");
        RuleFor(c => c.Judgements).Custom((judgements, context) => CheckJudgements(judgements ?? [], context));
        RuleFor(c => c.Matrix).Custom((matrix, context) => CheckMatrix(context.InstanceToValidate.Criteria ?? [], matrix ?? [], context));
    }

    private static void CheckJudgements(IReadOnlyList<JudgementItem> judgements, ValidationContext<ComparisonsRequest> context)
    {
        if (judgements.Count > Most * (Most - 1) / 2)
        {
            context.AddFailure("judgements", "There are more judgements than pairs of components.");
            return;
        }

        var seen = new HashSet<(string, string)>();
        foreach (var (i, judgement) in judgements.Index())
        {
            if (judgement is null)
            {
                context.AddFailure($"judgements[{i}]", "A judgement is null.");
                continue;
            }

            CheckComponent(judgement.Component, $"judgements[{i}].component", context);
            CheckComponent(judgement.Other, $"judgements[{i}].other", context);
            CheckIntensity(judgement.Intensity, $"judgements[{i}].intensity", context);
            var pair = string.CompareOrdinal(judgement.Component, judgement.Other) < 0 ? (judgement.Component, judgement.Other) : (judgement.Other, judgement.Component);
            if (judgement.Component == judgement.Other)
            {
                context.AddFailure($"judgements[{i}].other", "A component is compared with another one.");
            }
            else if (!seen.Add(pair))
            {
                context.AddFailure($"judgements[{i}]", "The two are compared already.");
            }
        }
    }

    private static void CheckMatrix(IReadOnlyList<string> criteria, IReadOnlyList<IReadOnlyList<double?>> matrix, ValidationContext<ComparisonsRequest> context)
    {
        foreach (var (i, name) in criteria.Index())
        {
            CheckComponent(name, $"criteria[{i}]", context);
        }

        if (criteria.Count > Most || criteria.Distinct().Count() < criteria.Count)
        {
            context.AddFailure("criteria", "Each component stands once.");
        }

        if (matrix.Count != criteria.Count || matrix.Any(row => row is null || row.Count != criteria.Count))
        {
            context.AddFailure("matrix", "The matrix has a row and a column for each criterion.");
            return;
        }

        for (var row = 0; row < matrix.Count; row++)
        {
            if (matrix[row][row] is not (null or 1))
            {
                context.AddFailure($"matrix[{row}][{row}]", "A component is as important as itself: 1.");
            }

            for (var column = 0; column < matrix.Count; column++)
            {
                if (column == row || matrix[row][column] is not { } intensity || !CheckIntensity(intensity, $"matrix[{row}][{column}]", context))
                {
                    continue;
                }

                if (column > row && matrix[column][row] is { } back && !(Math.Abs((intensity * back) - 1) <= Rounding))
                {
                    context.AddFailure($"matrix[{column}][{row}]", string.Create(CultureInfo.InvariantCulture, $"The matrix is not reciprocal: across from {intensity} stands {1 / intensity:0.###}, not {back}."));
                }
            }
        }
    }

    private static void CheckComponent(string? name, string path, ValidationContext<ComparisonsRequest> context)
    {
        if (!ComponentRegistry.Names.Contains(name))
        {
            context.AddFailure(new FluentValidation.Results.ValidationFailure(path, "There is no such component.") { CustomState = ComponentRegistry.Names });
        }
    }

    private static bool CheckIntensity(double intensity, string path, ValidationContext<ComparisonsRequest> context)
    {
        var isOnScale = intensity is >= Weakest and <= PairwiseComparisons.Strongest;
        if (!isOnScale)
        {
            context.AddFailure(path, "A judgement is 1/9 to 9; null, not 0, says that two were not compared.");
        }

        return isOnScale;
    }
}

/// <summary>The comparisons that weights were derived from, and how well they agree.</summary>
internal sealed record ComparisonReport
{
    /// <summary>The judgements.</summary>
    public required IReadOnlyList<JudgementItem> Judgements { get; init; }

    /// <summary>How many pairs were not compared.</summary>
    public required int Missing { get; init; }

    /// <summary>How far the principal eigenvalue lies above the number of components n, divided by n - 1.</summary>
    public required double ConsistencyIndex { get; init; }

    /// <summary>What random judgements have on average.</summary>
    public required double RandomIndex { get; init; }

    /// <summary>The consistency index over the random one: up to 0.1 judgements are consistent enough; 0 where they cannot contradict each other.</summary>
    public required double ConsistencyRatio { get; init; }

    /// <summary>The judgement that lies farthest from what all of them say together.</summary>
    public required JudgementItem MostInconsistent { get; init; }

    /// <summary>The value that would fit the others in its place.</summary>
    public required double Fitting { get; init; }

    public static ComparisonReport From(ComparedWeights compared, IEnumerable<Judgement> judgements) => new()
    {
        Judgements = [.. judgements.Select(ToItem)],
        Missing = compared.Missing,
        ConsistencyIndex = compared.ConsistencyIndex,
        RandomIndex = compared.RandomIndex,
        ConsistencyRatio = compared.ConsistencyRatio,
        MostInconsistent = ToItem(compared.MostInconsistent.Judgement),
        Fitting = compared.MostInconsistent.Fitting,
    };

    private static JudgementItem ToItem(Judgement judgement) => new() { Component = judgement.Criterion, Other = judgement.Other, Intensity = judgement.Intensity };
}

/// <summary>Weights from comparisons, or what stands against them.</summary>
internal static class Comparing
{
    public static (ComparedWeights? Compared, InvalidProblem? Problem) Weigh(ComparisonsRequest request)
    {
        var criteria = request.FindCriteria();
        var judgements = request.FindJudgements();
        var where = request.Judgements is null ? "matrix" : "judgements";
        if (criteria.Count < 2)
        {
            return (null, new InvalidProblem(new FieldError("body", where, "Compare at least two components.")));
        }

        Judgement[] plain = [.. judgements.Select(j => j.Judgement)];
        if (PairwiseComparisons.FindGroups(criteria, plain) is { Count: > 1 } groups)
        {
            return (null, new InvalidProblem(new FieldError("body", where, $"Nothing compares these groups with each other: {string.Join("; ", groups.Select(g => string.Join(", ", g)))}.")));
        }

        var compared = PairwiseComparisons.Weigh(criteria, plain);
        if (compared.ConsistencyRatio > PairwiseComparisons.AcceptableRatio && request.Force != true)
        {
            var (doubtful, _, fitting, _) = compared.MostInconsistent;
            var path = judgements.First(j => j.Judgement == doubtful).Path;
            return (null, new InvalidProblem(new FieldError(
                "body",
                path,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The judgements contradict each other: their consistency ratio is {compared.ConsistencyRatio:0.###}, above {PairwiseComparisons.AcceptableRatio}. Farthest from the others lies {doubtful.Criterion} over {doubtful.Other} at {Told(doubtful.Intensity)}; {Told(fitting)} would fit. Send force to take them all the same."),
                [Told(fitting)])));
        }

        return (compared, null);
    }

    /// <summary>Below 1 as a reciprocal, as on the scale.</summary>
    private static string Told(double intensity) =>
        intensity < 1 ? string.Create(CultureInfo.InvariantCulture, $"1/{1 / intensity:0.##}") : intensity.ToString("0.##", CultureInfo.InvariantCulture);
}
