using Microsoft.AspNetCore.Authorization;
using PartnerMatch.Api.Http;

namespace PartnerMatch.Api.Access;

/// <summary>The scope that an operation needs.</summary>
internal sealed record NeededScope(Scope Scope);

internal static class AccessRules
{
    /// <summary>Says who may call: callers that hold <paramref name="scope"/>. Every operation says it once, itself or by its group.</summary>
    public static TBuilder Needs<TBuilder>(this TBuilder builder, Scope scope)
        where TBuilder : IEndpointConventionBuilder => builder
        .RequireAuthorization(ScopeNames.Of(scope))
        .WithMetadata(
            new NeededScope(scope),
            new ProducesProblemMetadata(401, "There is no valid key or token in the Authorization header."),
            new ProducesProblemMetadata(403, $"The key or token does not hold the scope {ScopeNames.Of(scope)}, or is bound to another owner."),
            new ProducesProblemMetadata(429, "The caller's budget is used up, or too many keys that are not valid came from its address; Retry-After says when to come again."),
            new ProducesProblemMetadata(503, "The service is too busy, or took too long; Retry-After says when to come again."));

    public static void AddPolicies(AuthorizationOptions options)
    {
        // Who is not known is told of no address, method or media type that there is none.
        options.FallbackPolicy = new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build();
        foreach (var (name, scope) in ScopeNames.ByName)
        {
            options.AddPolicy(name, policy => policy.RequireAuthenticatedUser().RequireAssertion(context => Identities.Holds(context.User, scope)));
        }
    }

    /// <summary>Stops the start where an endpoint neither needs a scope nor says that it is open to all: forgetting is no way to publish something.</summary>
    public static void RequireScopes(IEndpointRouteBuilder app)
    {
        foreach (var endpoint in app.DataSources.SelectMany(s => s.Endpoints))
        {
            var needed = endpoint.Metadata.OfType<NeededScope>().Count();
            var isOpen = endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null;
            if (needed != (isOpen ? 0 : 1))
            {
                throw new InvalidOperationException($"{endpoint.DisplayName} must say who may call it: once .Needs(Scope...), or .AllowAnonymous(); it says {needed} scopes{(isOpen ? " and is open" : "")}.");
            }
        }
    }
}
