using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using FluentValidation;
using PartnerMatch.Api.Http;
using PartnerMatch.Api.Matches;
using PartnerMatch.Api.Reference;
using PartnerMatch.Ranking.Scoring;

namespace PartnerMatch.Api.RankingProfiles;

/// <summary>A weight set to store.</summary>
internal sealed record RankingProfileRequest
{
    [Required, Length(1, ProfileRules.MaxName), Description("The name in English, at most 200 characters.")]
    public string Name { get; init; } = "";

    [MaxLength(ProfileRules.MaxName), Description("The name in Russian, at most 200 characters.")]
    public string? NameRu { get; init; }

    [MaxLength(ProfileRules.MaxDescription), Description("What it is for, at most 2,000 characters.")]
    public string? Description { get; init; }

    [Required, Description("The form that it weighs; that of a stored profile does not change.")]
    public required CooperationForm Form { get; init; }

    [Required, Each(Minimum = 0, Maximum = WeightRules.MaxWeight), Description("Weights by component, each at least 0 (rivalry subtracts); they are normalised. A component not named weighs nothing.")]
    public Dictionary<string, double> Weights { get; init; } = [];

    [Range(ScoreBounds.Lowest, ScoreBounds.Highest), Description("The score from which a partner is listed where a query does not say, 0 to 100; that of the shipped profile of the form where absent.")]
    public double? Threshold { get; init; }

    public ProfileContent ToContent(ReferenceCatalog reference) => new()
    {
        Name = Name,
        NameRu = NameRu,
        Description = Description,
        Form = Form,
        Origin = ProfileOrigin.ByHand,
        Weights = Weights,
        Threshold = Threshold ?? reference.FormOf(Form).Profile.Threshold,
    };
}

internal sealed class RankingProfileValidator : AbstractValidator<RankingProfileRequest>
{
    public RankingProfileValidator()
    {
        RuleFor(p => p.Name).IsProfileName();
        RuleFor(p => p.NameRu).HasAtMost(ProfileRules.MaxName);
        RuleFor(p => p.Description).HasAtMost(ProfileRules.MaxDescription);
        RuleFor(p => p.Threshold).IsThreshold();
        RuleFor(p => p.Weights).AreWeights();
    }
}

/// <summary>What is asked of every new profile, wherever its weights come from.</summary>
internal static class ProfileRules
{
    public const int MaxName = 200;
    public const int MaxDescription = 2000;

    /// <summary>Ids are given by the service, or are names of forms, which are shorter.</summary>
    public const int MaxId = 32;

    /// <summary>An id with @version behind it.</summary>
    public const int MaxReference = MaxId + 11;

    public static IRuleBuilderOptions<T, string?> IsProfileName<T>(this IRuleBuilder<T, string> rule) => rule.NotEmpty().HasAtMost(MaxName);

    public static IRuleBuilderOptions<T, double?> IsThreshold<T>(this IRuleBuilder<T, double?> rule) =>
        rule.InclusiveBetween(ScoreBounds.Lowest, ScoreBounds.Highest).WithMessage("The threshold is 0 to 100.");
}
