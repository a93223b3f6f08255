using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Net;
using FluentValidation;
using PartnerMatch.Api.Changes;
using PartnerMatch.Api.Http;

namespace PartnerMatch.Api.Webhooks;

/// <summary>An address that is told of changes.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Url">Where messages are posted.</param>
/// <param name="Description">Whose it is, in words.</param>
/// <param name="Types">The types of changes that it is told of; all where empty.</param>
/// <param name="Enabled">Whether messages are sent. While they are not, changes wait in the feed.</param>
/// <param name="Secret">The key of the signatures, <c>whsec_</c> and base64. Shown once, when it is made; null afterwards.</param>
/// <param name="Health">How deliveries go.</param>
/// <param name="Revision">Counts the changes of this resource, from 1.</param>
/// <param name="CreatedAt">When it was registered.</param>
/// <param name="UpdatedAt">When it was changed last.</param>
internal sealed record Webhook(
    string Id,
    string Url,
    string? Description,
    IReadOnlyList<string> Types,
    bool Enabled,
    string? Secret,
    WebhookHealth Health,
    int Revision,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt);

/// <summary>How deliveries to an endpoint go.</summary>
/// <param name="Position">The last change that messages were made of.</param>
/// <param name="Waiting">Messages that are under way or wait for their next attempt.</param>
/// <param name="Dead">Messages that were given up: see its dead letters.</param>
/// <param name="FailuresInRow">Attempts that failed since the last that succeeded.</param>
/// <param name="LastSuccessAt">When a message was received last.</param>
/// <param name="LastFailureAt">When an attempt failed last.</param>
/// <param name="LastFailure">Why.</param>
internal sealed record WebhookHealth(
    long Position,
    int Waiting,
    int Dead,
    int FailuresInRow,
    DateTimeOffset? LastSuccessAt,
    DateTimeOffset? LastFailureAt,
    string? LastFailure);

/// <summary>All webhooks, in order of age.</summary>
internal sealed record WebhookList(IReadOnlyList<Webhook> Items);

/// <summary>A message that was given up.</summary>
/// <param name="Id">The id that the message bears as <c>webhook-id</c>, the same at each attempt.</param>
/// <param name="Change">What it tells.</param>
/// <param name="Attempts">How often it was sent.</param>
/// <param name="LastFailure">Why the last attempt failed.</param>
internal sealed record DeadLetter(string Id, ChangeItem Change, int Attempts, string? LastFailure);

/// <summary>A page of dead letters.</summary>
/// <param name="Items">In the order of changes.</param>
/// <param name="Next">The address of the next page, or null at the end.</param>
internal sealed record DeadLetterList(IReadOnlyList<DeadLetter> Items, string? Next);

/// <summary>What messages were set under way again.</summary>
/// <param name="Redelivered">How many.</param>
internal sealed record Redelivery(int Redelivered);

/// <summary>A webhook to register, or what one is to be.</summary>
internal sealed record WebhookRequest
{
    [Required, MaxLength(WebhookValidator.MaxUrl), Description("Where messages are posted: an https address that the public internet reaches.")]
    public string Url { get; init; } = "";

    [MaxLength(WebhookValidator.MaxDescription), Description("Whose it is, in words.")]
    public string? Description { get; init; }

    [Description("The types of changes that it is told of; all where absent or empty.")]
    public IReadOnlyList<string>? Types { get; init; }

    [Description("Whether messages are sent; true where absent.")]
    public bool? Enabled { get; init; }
}

internal sealed class WebhookValidator : AbstractValidator<WebhookRequest>
{
    public const int MaxUrl = 2000;
    public const int MaxDescription = 500;

    public WebhookValidator(WebhookSettings settings)
    {
        RuleFor(w => w.Url).HasAtMost(MaxUrl);
        RuleFor(w => w.Url).Must(url => IsTarget(url, settings.AllowPrivateTargets))
            .WithMessage("The address is an absolute https URL without user name and fragment, of a host on the public internet.");
        RuleFor(w => w.Description).HasAtMost(MaxDescription);
        RuleForEach(w => w.Types).Must(ChangeTypes.All.Contains)
            .WithMessage("There is no change of this type.")
            .WithState(_ => ChangeTypes.All);
    }

    /// <summary>A name is looked at when it is resolved, at each delivery; an address in digits can be refused now.</summary>
    private static bool IsTarget(string text, bool allowsPrivate) => Uri.TryCreate(text, UriKind.Absolute, out var url)
        && (url.Scheme == Uri.UriSchemeHttps || (allowsPrivate && url.Scheme == Uri.UriSchemeHttp))
        && url is { UserInfo: "", Fragment: "" }
        && (allowsPrivate || !IPAddress.TryParse(url.DnsSafeHost, out var address) || PublicAddresses.Contains(address));
}
