namespace PartnerMatch.Api.Http;

/// <summary>Says that answers hold personal data or secrets and are kept by nobody on the way.</summary>
internal sealed class NeverStored;

/// <summary>What every answer tells browsers and caches: that it is what its type says, stands in no frame, and is nobody else's.</summary>
internal static class SecurityHeaders
{
    private const string NothingRuns = "default-src 'none'; frame-ancestors 'none'";

    /// <summary>Swagger UI runs its own scripts and styles and asks this service.</summary>
    private const string SwaggerUi = "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'";

    public static TBuilder IsNeverStored<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new NeverStored());

    public static Task AddAsync(HttpContext context, RequestDelegate next)
    {
        // An answer to a failure is written anew: only what is added at its start stays.
        context.Response.OnStarting(Add, context);
        return next(context);
    }

    private static Task Add(object state)
    {
        var context = (HttpContext)state;
        var headers = context.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers.ContentSecurityPolicy = context.Request.Path.StartsWithSegments("/swagger", StringComparison.OrdinalIgnoreCase) ? SwaggerUi : NothingRuns;
        if (context.GetEndpoint()?.Metadata.GetMetadata<NeverStored>() is not null)
        {
            headers.CacheControl = "no-store";
        }
        else if (headers.CacheControl.Count == 0 && context.Request.Path.StartsWithSegments("/v1", StringComparison.OrdinalIgnoreCase))
        {
            // What one caller sees another may not; and what was seen is asked for again, at the price of a 304.
            headers.CacheControl = "private, no-cache";
        }

        return Task.CompletedTask;
    }
}
