namespace PartnerMatch.Api.Access;

/// <summary>Whose OIDC tokens are taken besides keys.</summary>
/// <param name="Authority">The issuer's address, below which its discovery document lies; null where no tokens are taken.</param>
/// <param name="Audience">What tokens must be issued for.</param>
/// <param name="OwnerClaim">The claim that binds a token to an owner.</param>
internal sealed record TokenSettings(string? Authority, string? Audience, string OwnerClaim)
{
    public static TokenSettings From(IConfiguration configuration)
    {
        var section = configuration.GetSection("PartnerMatch:Tokens");
        var settings = new TokenSettings(section["Authority"], section["Audience"], section["OwnerClaim"] ?? Identities.OwnerClaim);
        return settings.Authority is null || !string.IsNullOrWhiteSpace(settings.Audience)
            ? settings
            : throw new InvalidOperationException("PartnerMatch:Tokens:Authority is set without PartnerMatch:Tokens:Audience: tokens for other services would be taken.");
    }
}
