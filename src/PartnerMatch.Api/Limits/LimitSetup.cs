using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.RateLimiting;
using PartnerMatch.Api.Http;
using PartnerMatch.Api.Telemetry;

namespace PartnerMatch.Api.Limits;

/// <summary>Budgets of callers (429), and turning work away before all of it becomes slow (503).</summary>
internal static class LimitSetup
{
    private const string Ranking = "ranking";

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
        else
        {
            await WriteOverloadAsync(context, "rankings-waiting", "More rankings wait than can be computed soon.");
        }
    }

    private static Task WriteOverloadAsync(HttpContext context, string reason, string detail)
    {
        Count(context, reason);
        context.Response.Headers.RetryAfter = RetryAfter.Of(TimeSpan.FromSeconds(1));
        return Problem.OfStatus(503, detail).WriteAsync(context);
    }

    private static void Count(HttpContext context, string reason) => context.RequestServices.GetRequiredService<TrafficMeter>().CountRefusal(reason);
}
