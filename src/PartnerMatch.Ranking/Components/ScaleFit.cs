using PartnerMatch.Ranking.Profiles;
using PartnerMatch.Ranking.Scoring;

namespace PartnerMatch.Ranking.Components;

/// <summary>
/// Closeness of the two sizes, in (0,1]: <c>exp(-|ln(size_a / size_b)| / ln(ratio))</c>, by employees where both are known, else by revenue in
/// the same currency.
/// </summary>
internal sealed class ScaleFit : IComponent
{
    public string Name => "scale-fit";

    public bool IsDirected => false;

    public ComponentDescription Describe(ModelParameters parameters) => new()
    {
        Name = Name,
        IsDirected = IsDirected,
        Label = new("Fit of sizes", "Соразмерность"),
        Definition = new(
            "How close the sizes of the two lie.",
            "Насколько близки размеры предприятий."),
        Range = new(0, 1, IncludesFrom: false),
        Formula = "exp(-|ln(size_a / size_b)| / ln(ratio))",
        Parameters = [new("ratio", "sizeRatio", parameters.SizeRatio)],
        Source = "Of this product.",
        Facts = new(
            "Employees of both, or else revenues of both in one currency.",
            "Численность работников обеих сторон либо выручка обеих сторон в одной валюте."),
        TermKinds = [TermKind.SizeRatio],
        Terms = new(
            "The larger size over the smaller.",
            "Отношение большего размера к меньшему."),
    };

    public ComponentValue Evaluate(in OrderedPair pair)
    {
        if (Ratio(pair.Giver.Profile, pair.Receiver.Profile) is not { } ratio)
        {
            return ComponentValue.NoEvidence;
        }

        var value = Math.Exp(-Math.Log(ratio) / Math.Log(pair.Knowledge.Parameters.SizeRatio));
        Term[] terms = pair.Explains ? [new Term { Kind = TermKind.SizeRatio, Value = value, Measure = ratio, Evidence = Evidence.Stated }] : [];
        return new ComponentValue(value, terms, 1);
    }

    /// <summary>The larger size over the smaller, or null where the two cannot be compared.</summary>
    public static double? Ratio(EnterpriseProfile a, EnterpriseProfile b)
    {
        var (left, right) = (a.Employees, b.Employees) is ({ } employeesA, { } employeesB)
            ? ((double)employeesA, (double)employeesB)
            : a.Revenue is { } revenueA && b.Revenue is { } revenueB && revenueA.Currency == revenueB.Currency
                ? ((double)revenueA.Amount, (double)revenueB.Amount)
                : (0, 0);
        return left > 0 ? Math.Max(left, right) / Math.Min(left, right) : null;
    }
}
