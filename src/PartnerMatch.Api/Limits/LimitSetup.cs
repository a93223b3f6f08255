using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.RateLimiting;
using PartnerMatch.Api.Changes;
using PartnerMatch.Api.Http;
using PartnerMatch.Api.Telemetry;

namespace PartnerMatch.Api.Limits;

/// <summary>Budgets of callers (429), and turning work away before all of it becomes slow (503).</summary>
internal static class LimitSetup
{
    private const string Ranking = "ranking";
    private const string Following = "following";

    public static IServiceCollection AddLimits(this IServiceCollection services, IConfiguration configuration)
    {
        var settings = LimitSettings.From(configuration);
        services
            .AddSingleton(settings)
            .AddSingleton<Budgets>()
            .AddRequestTimeouts(options => options.DefaultPolicy = new RequestTimeoutPolicy
            {
                Timeout = TimeSpan.FromSeconds(settings.RequestSeconds),
                WriteTimeoutResponse = context => WriteOverloadAsync(context, "too-slow", $"The request took longer than {settings.RequestSeconds} seconds and was given up."),
            })
            .AddOptions<RateLimiterOptions>().Configure<Budgets>((options, budgets) => options.GlobalLimiter = budgets.Limiter);
        return services.AddRateLimiter(options =>
        {
            options.OnRejected = RejectAsync;
            options.AddPolicy(Ranking, _ => RateLimitPartition.GetConcurrencyLimiter(Ranking, _ => new ConcurrencyLimiterOptions
            {
                PermitLimit = settings.RankingsAtOnce,
                QueueLimit = settings.RankingsWaiting,
                QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
            }));
            options.AddPolicy(Following, context => IsWaiting(context)
                ? RateLimitPartition.GetConcurrencyLimiter(Budgets.CallerOf(context), _ => new ConcurrencyLimiterOptions { PermitLimit = settings.StreamsAtOnce })
                : RateLimitPartition.GetNoLimiter(""));
        });
    }

    /// <summary>Stands after authentication, so that a caller is known by its key, and before authorization, so that knocking costs too.</summary>
    public static void UseLimits(this WebApplication app)
    {
        app.UseRequestTimeouts();
        app.UseRateLimiter();
        app.Use((context, next) =>
        {
            context.RequestServices.GetRequiredService<Budgets>().Tell(context);
            return next(context);
        });
    }

    /// <summary>Says that an operation ranks within the request: so many are computed at once, some wait, and further ones are turned away.</summary>
    public static RouteHandlerBuilder RanksAtOnce(this RouteHandlerBuilder builder) => builder.RequireRateLimiting(Ranking);

    /// <summary>Says that an operation can be followed: a caller has so many streams and waiting readers at once, and further ones are turned away.</summary>
    public static RouteHandlerBuilder IsFollowed(this RouteHandlerBuilder builder) => builder.RequireRateLimiting(Following);

    /// <summary>Says that an operation may take as long as its file or its stream of events does.</summary>
    public static RouteHandlerBuilder TakesItsTime(this RouteHandlerBuilder builder)
    {
        builder.DisableRequestTimeout();
        return builder;
    }

    /// <summary>Only a bucket knows when to come again; without that it is the service that is full.</summary>
    private static async ValueTask RejectAsync(OnRejectedContext rejected, CancellationToken cancellation)
    {
        var context = rejected.HttpContext;
        context.RequestServices.GetRequiredService<Budgets>().Tell(context);
        if (rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out var wait))
        {
            Count(context, "budget");
            context.Response.Headers.RetryAfter = RetryAfter.Of(wait);
            await Problem.OfStatus(429, "The budget that RateLimit-Policy names is used up.").WriteAsync(context);
        }
        else if (context.GetEndpoint()?.Metadata.GetMetadata<EnableRateLimitingAttribute>()?.PolicyName == Following)
        {
            Count(context, "streams");
            context.Response.Headers.RetryAfter = RetryAfter.Of(TimeSpan.FromSeconds(1));
            await Problem.OfStatus(429, "The caller follows as many streams at once as it may.").WriteAsync(context);
        }
        else
        {
            await WriteOverloadAsync(context, "rankings-waiting", "More rankings wait than can be computed soon.");
        }
    }

    /// <summary>Whether the answer may be long in coming: a stream of events always is, the feed where it is asked to wait.</summary>
    private static bool IsWaiting(HttpContext context) =>
        context.Request.Query.ContainsKey("wait")
        || context.Request.Path.Value!.EndsWith("/events", StringComparison.Ordinal)
        || context.Request.GetTypedHeaders().Accept.Any(a => a.MediaType.Equals(ChangeStream.ContentType, StringComparison.OrdinalIgnoreCase));

    private static Task WriteOverloadAsync(HttpContext context, string reason, string detail)
    {
        Count(context, reason);
        context.Response.Headers.RetryAfter = RetryAfter.Of(TimeSpan.FromSeconds(1));
        return Problem.OfStatus(503, detail).WriteAsync(context);
    }

    private static void Count(HttpContext context, string reason) => context.RequestServices.GetRequiredService<TrafficMeter>().CountRefusal(reason);
}
