using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;
using PartnerMatch.Api.Http;
using PartnerMatch.Api.Telemetry;

namespace PartnerMatch.Api.Access;

/// <summary>Says why a caller is not let through (RFC 6750): 401 who cannot be identified, 403 who may not, 429 who keeps guessing.</summary>
internal sealed class AccessAnswers(FailedAttempts failures, TrafficMeter meter) : IAuthorizationMiddlewareResultHandler
{
    public async Task HandleAsync(RequestDelegate next, HttpContext context, AuthorizationPolicy policy, PolicyAuthorizationResult authorizeResult)
    {
        if (authorizeResult.Succeeded)
        {
            await next(context);
        }
        else if (authorizeResult.Forbidden)
        {
            var scope = ScopeNames.Of(context.GetEndpoint()!.Metadata.GetRequiredMetadata<NeededScope>().Scope);
            context.Response.Headers.WWWAuthenticate = $"Bearer error=\"insufficient_scope\", scope=\"{scope}\"";
            await Problem.OfStatus(403, $"This needs the scope {scope}.").WriteAsync(context);
        }
        else if (context.Request.Headers.Authorization.Count > 0 && failures.Count(context) is { } wait)
        {
            meter.CountRefusal("failed-attempts");
            context.Response.Headers.RetryAfter = RetryAfter.Of(wait);
            await Problem.OfStatus(429, "Too many attempts with keys or tokens that are not valid came from this address.").WriteAsync(context);
        }
        else
        {
            await context.ChallengeAsync();
            await Problem.OfStatus(401, context.Request.Headers.Authorization.Count > 0
                ? "The key or token in the Authorization header is not valid, or no longer."
                : "Send a key or token as 'Authorization: Bearer ...'.").WriteAsync(context);
        }
    }
}
