using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using FluentValidation;
using PartnerMatch.Api.Corridors;
using PartnerMatch.Api.Http;
using PartnerMatch.Api.RankingProfiles;
using PartnerMatch.Ranking.Scoring;

namespace PartnerMatch.Api.Decisions;

/// <summary>What is decided of a pair.</summary>
internal sealed record DecisionRequest
{
    [Required, Description("accept, reject, exclude (the pair stands in no list of any form from now on), or withdraw (what was decided before no longer holds).")]
    public required DecisionKind Decision { get; init; }

    [Description("Why: required to reject, possible to exclude.")]
    public DecisionReason? Reason { get; init; }

    [MaxLength(DecisionValidator.MaxComment), Description("In words, at most 2,000 characters; required where the reason is other.")]
    public string? Comment { get; init; }

    [Description("The form that was looked at; that of the profile, or joint-venture, where absent.")]
    public CooperationForm? Form { get; init; }

    [MaxLength(ProfileRules.MaxReference), Description("Id of the ranking profile that was looked at, with @version behind it for one that is not the current one; what the form has adopted where absent.")]
    public string? Profile { get; init; }

    [MaxLength(CorridorValidator.MaxIdLength), Description("by-ru-sam where absent.")]
    public string? Corridor { get; init; }

    [MaxLength(DecisionValidator.MaxBy), Description("The role or account that decides, at most 200 characters. It is kept for good: no personal data.")]
    public string? By { get; init; }
}

internal sealed class DecisionValidator : AbstractValidator<DecisionRequest>
{
    public const int MaxComment = 2000;
    public const int MaxBy = 200;

    public DecisionValidator()
    {
        RuleFor(d => d.Reason).NotNull().When(d => d.Decision == DecisionKind.Reject)
            .WithMessage("A rejection says why.").WithState(_ => Enum.GetValues<DecisionReason>().Select(r => Kebab.Of(r)).ToArray());
        RuleFor(d => d.Reason).Null().When(d => d.Decision is DecisionKind.Accept or DecisionKind.Withdraw)
            .WithMessage("A reason goes with reject and exclude only.");
        RuleFor(d => d.Comment).NotEmpty().When(d => d.Reason == DecisionReason.Other).WithMessage("Say which reason it is.");
        RuleFor(d => d.Comment).HasAtMost(MaxComment);
        RuleFor(d => d.By).HasAtMost(MaxBy);
    }
}
