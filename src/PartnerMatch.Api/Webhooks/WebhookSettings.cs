namespace PartnerMatch.Api.Webhooks;

/// <summary>Settings of <c>PartnerMatch:Webhooks</c>.</summary>
/// <param name="AllowPrivateTargets">
/// Whether messages may go to http addresses and to private, loopback and link-local ones; false where not set. For development, or where all
/// receivers are within one's own network.
/// </param>
internal sealed record WebhookSettings(bool AllowPrivateTargets)
{
    public static WebhookSettings From(IConfiguration configuration) => new(configuration.GetValue("PartnerMatch:Webhooks:AllowPrivateTargets", false));
}
