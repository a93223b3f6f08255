using System.Security.Claims;

namespace PartnerMatch.Api.Access;

/// <summary>The one shape in which callers are known to the service, whether they came with a key or a token.</summary>
internal static class Identities
{
    public const string OwnerClaim = "owner";
    private const string ScopeClaim = "scope";
    private const string ActorClaim = "actor";

    /// <summary>Whoever calls a service that runs open.</summary>
    public static ClaimsPrincipal Anyone { get; } = Create("anyone", [Scope.Admin], null);

    public static ClaimsPrincipal Create(string actor, IEnumerable<Scope> scopes, string? owner)
    {
        var claims = scopes.Select(s => new Claim(ScopeClaim, ScopeNames.Of(s))).Append(new Claim(ActorClaim, actor));
        return new ClaimsPrincipal(new ClaimsIdentity(owner is null ? claims : claims.Append(new Claim(OwnerClaim, owner)), "PartnerMatch"));
    }

    /// <summary>Whether the caller identified itself.</summary>
    public static bool IsKnown(ClaimsPrincipal user) => user.Identity?.IsAuthenticated == true && user != Anyone;

    public static bool Holds(ClaimsPrincipal user, Scope scope) =>
        user.HasClaim(ScopeClaim, ScopeNames.Of(scope)) || user.HasClaim(ScopeClaim, ScopeNames.Of(Scope.Admin));

    public static string ActorOf(ClaimsPrincipal user) => user.FindFirstValue(ActorClaim) ?? "anonymous";
}
