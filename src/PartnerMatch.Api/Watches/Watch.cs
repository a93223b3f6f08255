using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using FluentValidation;
using PartnerMatch.Api.Corridors;
using PartnerMatch.Api.Http;
using PartnerMatch.Api.Imports;
using PartnerMatch.Api.Matches;
using PartnerMatch.Api.RankingProfiles;
using PartnerMatch.Ranking.Scoring;

namespace PartnerMatch.Api.Watches;

/// <summary>A saved search: it is told when an enterprise that is new or has changed first scores well enough.</summary>
/// <param name="Id">Its id, the subject of its changes.</param>
/// <param name="Name">What for, in words.</param>
/// <param name="Enterprise">The enterprise that looks for partners.</param>
/// <param name="Corridor">The corridor.</param>
/// <param name="Form">The cooperation form.</param>
/// <param name="Role">The enterprise's role in a directed form.</param>
/// <param name="Profile">The ranking profile; null for the one that the form uses at the time.</param>
/// <param name="MinScore">From which score it is told, 0 to 100.</param>
/// <param name="CreatedAt">When it was saved.</param>
internal sealed record Watch(
    string Id,
    string? Name,
    string Enterprise,
    string Corridor,
    CooperationForm Form,
    PartnerRole Role,
    string? Profile,
    double MinScore,
    DateTimeOffset CreatedAt)
{
    /// <summary>The last change before it was saved.</summary>
    [JsonIgnore]
    public long After { get; init; }

    /// <summary>The portal that saved it, which is told of nothing that it may not see; null for staff.</summary>
    [JsonIgnore]
    public string? Owner { get; init; }
}

/// <summary>A page of watches.</summary>
/// <param name="Items">In order of age.</param>
/// <param name="Next">The address of the next page, or null at the end.</param>
internal sealed record WatchList(IReadOnlyList<Watch> Items, string? Next);

/// <summary>A search to save.</summary>
internal sealed record WatchRequest
{
    [MaxLength(WatchValidator.MaxName), Description("What for, in words.")]
    public string? Name { get; init; }

    [Required, Length(1, RowChecks.MaxIdLength), Description("Id of the enterprise that looks for partners.")]
    public string Enterprise { get; init; } = "";

    [MaxLength(CorridorValidator.MaxIdLength), Description("The corridor; by-ru-sam where absent.")]
    public string? Corridor { get; init; }

    [Description("The cooperation form; that of the profile, or joint-venture, where absent.")]
    public CooperationForm? Form { get; init; }

    [Description("The enterprise's role in a directed form; any where absent.")]
    public PartnerRole? Role { get; init; }

    [MaxLength(ProfileRules.MaxReference), Description("A ranking profile, an id or id@version; what the form uses at the time where absent.")]
    public string? Profile { get; init; }

    [Range(ScoreBounds.Lowest, ScoreBounds.Highest), Description("From which score it is told, 0 to 100; 60 where absent.")]
    public double? MinScore { get; init; }
}

internal sealed class WatchValidator : AbstractValidator<WatchRequest>
{
    public const int MaxName = 200;

    public WatchValidator()
    {
        RuleFor(w => w.Name).HasAtMost(MaxName);
        RuleFor(w => w.Enterprise).NotEmpty();
        RuleFor(w => w.MinScore).InclusiveBetween(ScoreBounds.Lowest, ScoreBounds.Highest).WithMessage("A score is 0 to 100.");
    }
}
