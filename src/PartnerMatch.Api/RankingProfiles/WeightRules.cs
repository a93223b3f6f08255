using FluentValidation;
using PartnerMatch.Ranking.Components;

namespace PartnerMatch.Api.RankingProfiles;

/// <summary>What weights may be, wherever a request gives some.</summary>
internal static class WeightRules
{
    public const double MaxWeight = 1_000_000;

    /// <summary>Each weight of a known component, at least 0 and finite, and at least one of them besides rivalry's above 0; none where null.</summary>
    public static IRuleBuilderOptionsConditions<T, Dictionary<string, double>?> AreWeights<T>(this IRuleBuilder<T, Dictionary<string, double>?> rule) => rule.Custom((weights, context) =>
    {
        foreach (var (name, weight) in weights ?? [])
        {
            if (!ComponentRegistry.Names.Contains(name))
            {
                context.AddFailure(new FluentValidation.Results.ValidationFailure($"weights.{name}", "There is no such component.") { CustomState = ComponentRegistry.Names });
            }
            else if (weight is not (>= 0 and <= MaxWeight))
            {
                context.AddFailure($"weights.{name}", "A weight is 0 to 1,000,000; rivalry subtracts by itself.");
            }
        }

        if (weights is not null && weights.Where(w => w.Key != ComponentRegistry.Subtracted).Sum(w => w.Value) is not > 0)
        {
            context.AddFailure("weights", "At least one weight besides that of rivalry must be above zero.");
        }
    });
}
