using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authorization;
using PartnerMatch.Api.Keys;

namespace PartnerMatch.Api.Access;

/// <summary>Who calls, and what they may do.</summary>
internal static class AccessSetup
{
    private const string ByHeader = "by-header";

    /// <summary>OAuth 2.0 has one name for scopes, and a large vendor another.</summary>
    private static readonly string[] ScopeClaims = ["scope", "scp"];

    public static IServiceCollection AddAccess(this IServiceCollection services, IConfiguration configuration)
    {
        var tokens = TokenSettings.From(configuration);
        services
            .AddSingleton(tokens)
            .AddSingleton<FailedAttempts>()
            .AddSingleton<AccessMode>()
            .AddHostedService(provider => provider.GetRequiredService<AccessMode>())
            .AddScoped(_ => Caller.Current)
            .AddSingleton<IAuthorizationMiddlewareResultHandler, AccessAnswers>()
            .AddAuthorization(AccessRules.AddPolicies);
        var authentication = services
            .AddAuthentication(ByHeader)
            .AddScheme<AuthenticationSchemeOptions, KeyAuthentication>(KeyAuthentication.Name, null)
            .AddPolicyScheme(ByHeader, null, options => options.ForwardDefaultSelector = SchemeOf);
        if (tokens.Authority is not null)
        {
            authentication.AddJwtBearer(options =>
            {
                options.Authority = tokens.Authority;
                options.Audience = tokens.Audience;
                options.MapInboundClaims = false;
                options.RequireHttpsMetadata = !new Uri(tokens.Authority).IsLoopback;
                options.Events = new JwtBearerEvents { OnTokenValidated = context => { context.Principal = ToIdentity(context.Principal!, tokens); return Task.CompletedTask; } };
            });
        }

        return services;
    }

    /// <summary>Identifies the caller of each request; what is done from here on is done on its behalf.</summary>
    public static void UseCallers(this WebApplication app)
    {
        app.UseAuthentication();
        app.Use((context, next) =>
        {
            Caller.ActFor(Caller.Of(context));
            return next(context);
        });
    }

    /// <summary>What a request is to be identified by: its key, or its token where an issuer is set.</summary>
    public static string SchemeOf(HttpContext context) =>
        context.RequestServices.GetRequiredService<TokenSettings>().Authority is null || IsKey(context) ? KeyAuthentication.Name : JwtBearerDefaults.AuthenticationScheme;

    private static bool IsKey(HttpContext context) =>
        context.Request.Headers.Authorization.ToString() is var header
        && header.StartsWith(KeyAuthentication.Bearer, StringComparison.OrdinalIgnoreCase)
        && header.AsSpan(KeyAuthentication.Bearer.Length).TrimStart().StartsWith(KeySecret.Prefix, StringComparison.Ordinal);

    /// <summary>Of a token only what the service understands: scopes that it does not know are no scopes here.</summary>
    private static ClaimsPrincipal ToIdentity(ClaimsPrincipal token, TokenSettings settings) => Identities.Create(
        $"token:{token.FindFirstValue("sub") ?? token.FindFirstValue("client_id") ?? "unnamed"}",
        ScopeClaims.SelectMany(token.FindAll).SelectMany(c => c.Value.Split(' ')).Where(ScopeNames.ByName.ContainsKey).Select(n => ScopeNames.ByName[n]).Distinct(),
        token.FindFirstValue(settings.OwnerClaim));
}
