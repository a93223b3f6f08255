using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using FluentValidation;
using PartnerMatch.Api.Http;
using PartnerMatch.Api.Matches;
using PartnerMatch.Ranking.Scoring;
using PartnerMatch.Ranking.Weighing;

namespace PartnerMatch.Api.RankingProfiles;

/// <summary>A weight set to learn from decisions.</summary>
internal sealed record LearningRequest
{
    [Required, Length(1, ProfileRules.MaxName), Description("The name in English, at most 200 characters.")]
    public string Name { get; init; } = "";

    [MaxLength(ProfileRules.MaxName), Description("The name in Russian, at most 200 characters.")]
    public string? NameRu { get; init; }

    [MaxLength(ProfileRules.MaxDescription), Description("What it is for, at most 2,000 characters.")]
    public string? Description { get; init; }

    [Required, Description("The form whose decisions teach.")]
    public required CooperationForm Form { get; init; }

    [Range(ScoreBounds.Lowest, ScoreBounds.Highest), Description("The score from which a partner is listed where a query does not say, 0 to 100; that of the profile in use where absent.")]
    public double? Threshold { get; init; }

    [Description("Whether to answer only and store nothing; false where absent.")]
    public bool? DryRun { get; init; }
}

internal sealed class LearningValidator : AbstractValidator<LearningRequest>
{
    public LearningValidator()
    {
        RuleFor(l => l.Name).IsProfileName();
        RuleFor(l => l.NameRu).HasAtMost(ProfileRules.MaxName);
        RuleFor(l => l.Description).HasAtMost(ProfileRules.MaxDescription);
        RuleFor(l => l.Threshold).IsThreshold();
    }
}

/// <summary>Which candidates were compared.</summary>
internal enum LearningBasis
{
    /// <summary>Accepted with rejected candidates of the same enterprise.</summary>
    WithinEnterprises,

    /// <summary>Accepted with rejected pairs of any, as too few enterprises have both.</summary>
    AcrossEnterprises,
}

/// <summary>What weights were learnt from, and what they are worth.</summary>
internal sealed record LearningReport
{
    /// <summary>How many pairs were accepted.</summary>
    public required int Accepted { get; init; }

    /// <summary>How many were rejected for a reason that says something of how well they fit.</summary>
    public required int Rejected { get; init; }

    /// <summary>Of how many enterprises they are candidates.</summary>
    public required int Enterprises { get; init; }

    /// <summary>Which candidates were compared.</summary>
    public required LearningBasis Basis { get; init; }

    /// <summary>What weights learnt in this way are worth on enterprises that they were learnt without (five folds).</summary>
    public required LearningFigures Learnt { get; init; }

    /// <summary>What the profile in use is worth on the same.</summary>
    public required LearningFigures Current { get; init; }

    /// <summary>The profile in use, <c>id@version</c>.</summary>
    public required string CurrentProfile { get; init; }

    public static LearningReport From(LearntWeights learnt, StoredProfile current) => new()
    {
        Accepted = learnt.Accepted,
        Rejected = learnt.Rejected,
        Enterprises = learnt.Enterprises,
        Basis = learnt.IsWithinEnterprises ? LearningBasis.WithinEnterprises : LearningBasis.AcrossEnterprises,
        Learnt = learnt.Learnt,
        Current = learnt.Current,
        CurrentProfile = current.Reference,
    };
}

/// <summary>Weights that were derived and not stored.</summary>
internal sealed record RankingProfilePreview
{
    /// <summary>The form that they weigh.</summary>
    public required CooperationForm Form { get; init; }

    /// <summary>The score from which a partner would be listed.</summary>
    public required double Threshold { get; init; }

    /// <summary>The normalised weight of each component that counts.</summary>
    public required IReadOnlyDictionary<string, double> Weights { get; init; }

    /// <summary>Names the weights and the parameters of the model.</summary>
    public required string WeightsHash { get; init; }

    /// <summary>The comparisons that they come from; absent for other origins.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ComparisonReport? Comparisons { get; init; }

    /// <summary>The decisions that they come from; absent for other origins.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public LearningReport? Learning { get; init; }

    public static RankingProfilePreview From(StoredProfile profile) => new()
    {
        Form = profile.Profile.Form,
        Threshold = profile.Profile.Threshold,
        Weights = RankingProfileItem.WeightsOf(profile.Profile),
        WeightsHash = profile.Profile.Hash,
        Comparisons = profile.Comparisons,
        Learning = profile.Learning,
    };
}

/// <summary>Says why nothing is learnt.</summary>
internal static class LearningLacks
{
    public static ConflictProblem ToProblem(LearningLack lack, IReadOnlyList<DecidedPair> decisions) => new(
        Kebab.Of(lack),
        "The decisions are too few to learn from.",
        $"Of the form {decisions.Count(d => d.IsAccepted)} pairs are accepted and {decisions.Count(d => !d.IsAccepted)} rejected for a reason that says how well they fit; learning takes at least {WeightLearning.FewestDecisions} " +
        $"together, {WeightLearning.FewestOfKind} of each, and {WeightLearning.FewestEnterprises} enterprises.");
}
