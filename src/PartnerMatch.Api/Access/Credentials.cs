using Microsoft.AspNetCore.Authentication;

namespace PartnerMatch.Api.Access;

/// <summary>A stream outlives the moment in which its caller was let in: meanwhile keys are revoked, and keys and tokens expire.</summary>
internal static class Credentials
{
    /// <summary>Whether the caller would be let in now with what it sent then.</summary>
    public static async Task<bool> AreStillGoodAsync(HttpContext context)
    {
        // A handler answers once a request, so this is another one.
        await using var anew = context.RequestServices.CreateAsyncScope();
        var handler = await anew.ServiceProvider.GetRequiredService<IAuthenticationHandlerProvider>().GetHandlerAsync(context, AccessSetup.SchemeOf(context));
        return (await handler!.AuthenticateAsync()).Succeeded;
    }
}
