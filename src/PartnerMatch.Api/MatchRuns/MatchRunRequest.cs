using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using FluentValidation;
using PartnerMatch.Api.Corridors;
using PartnerMatch.Api.Http;
using PartnerMatch.Api.Imports;
using PartnerMatch.Api.Matches;
using PartnerMatch.Api.RankingProfiles;
using PartnerMatch.Ranking.Scoring;

namespace PartnerMatch.Api.MatchRuns;

/// <summary>A run to start.</summary>
internal sealed record MatchRunRequest
{
    public const int DefaultTop = 20;
    public const double DefaultExposureCap = 2;

    [MaxLength(CorridorValidator.MaxIdLength), Description("by-ru-sam where absent.")]
    public string? Corridor { get; init; }

    [Description("The side whose enterprises all get a list: first, second, or both. Where absent and no enterprises are listed, first, or both in a market.")]
    public MatchRunSide? Side { get; init; }

    [Length(1, MatchRunRequestValidator.MaxEnterprises), Each(MaxLength = RowChecks.MaxIdLength), Description("Ids of the enterprises that get a list, 1 to 10000, each against the other side of the corridor; where side is given too, they must all be of that side.")]
    public IReadOnlyList<string>? Enterprises { get; init; }

    [Description("joint-venture where absent.")]
    public CooperationForm? Form { get; init; }

    [Description("The role of the asking enterprises in a directed form; any where absent.")]
    public PartnerRole? Role { get; init; }

    [Range(1, Paging.MaxLimit), Description("Partners an enterprise, 1 to 100; 20 where absent.")]
    public int? Top { get; init; }

    [Range(ScoreBounds.Lowest, ScoreBounds.Highest), Description("The lowest score to keep; the form's threshold where absent.")]
    public double? MinScore { get; init; }

    [MaxLength(ProfileRules.MaxReference), Description("Id of a ranking profile, with @version behind it for one that is not the current one; what the form has adopted where absent. Either profile or weights.")]
    public string? Profile { get; init; }

    [Each(Minimum = 0, Maximum = WeightRules.MaxWeight), Description("Weights by component, each at least 0 (rivalry subtracts); those of the profile where absent. A component not named weighs nothing.")]
    public Dictionary<string, double>? Weights { get; init; }

    [Description("market balances the lists of both sides, so that not everybody is sent to the same few; none where absent.")]
    public MatchBalance? Balance { get; init; }

    [Range(MatchRunRequestValidator.LeastExposureCap, MatchRunRequestValidator.MaxExposureCap), Description("In a market: on how many times its fair share of lists an enterprise may be at most, 1 to 1000; 2 where absent.")]
    public double? ExposureCap { get; init; }
}

internal sealed class MatchRunRequestValidator : AbstractValidator<MatchRunRequest>
{
    public const int MaxEnterprises = 10_000;
    public const double LeastExposureCap = 1;
    public const double MaxExposureCap = 1000;

    public MatchRunRequestValidator()
    {
        RuleFor(r => r.Enterprises).Must(e => e is null or { Count: >= 1 and <= MaxEnterprises }).WithMessage($"List 1 to {MaxEnterprises} enterprises, or none and give the side.");
        RuleFor(r => r.Enterprises).Must(e => e is null || e.All(id => id is not null)).WithMessage("An id is null.");
        RuleFor(r => r.Enterprises).Must(e => e is null || e.Distinct(StringComparer.Ordinal).Count() == e.Count).WithMessage("An enterprise is listed twice.");
        RuleFor(r => r.Top).InclusiveBetween(1, Paging.MaxLimit).WithMessage($"An enterprise gets 1 to {Paging.MaxLimit} partners.");
        RuleFor(r => r.MinScore).InclusiveBetween(ScoreBounds.Lowest, ScoreBounds.Highest).WithMessage("The lowest score is 0 to 100.");
        RuleFor(r => r.Role).Must((r, role) => role is null or PartnerRole.Any || r.Profile is not null || (r.Form ?? MatchDefaults.Form).IsDirected())
            .WithMessage("A joint venture is symmetric: role goes with the other forms only.");
        RuleFor(r => r.Weights).AreWeights();
        RuleFor(r => r.Side).Must(side => side is null or MatchRunSide.Both).When(r => r.Balance == MatchBalance.Market).WithMessage("A market is balanced over both sides.");
        RuleFor(r => r.Enterprises).Null().When(r => r.Balance == MatchBalance.Market).WithMessage("A market is balanced over all enterprises of both sides.");
        RuleFor(r => r.Role).Must(role => role is null or PartnerRole.Any).When(r => r.Balance == MatchBalance.Market).WithMessage("In a market each pair takes the roles that suit it: role is any.");
        RuleFor(r => r.ExposureCap).Null().When(r => r.Balance != MatchBalance.Market).WithMessage("The cap goes with balance=market only.");
        RuleFor(r => r.ExposureCap).InclusiveBetween(LeastExposureCap, MaxExposureCap).WithMessage("The cap is 1 to 1000.");
        RuleFor(r => r.Profile).Null().When(r => r.Weights is not null).WithMessage("Send either a profile or weights.");
    }
}
