using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using PartnerMatch.Api.Access;

namespace PartnerMatch.Api.Telemetry;

/// <summary>
/// Metrics for Prometheus at <c>/metrics</c>; and, where <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> names a collector, traces, metrics and logs to it by OTLP
/// (the other standard variables hold too: protocol, headers, sampler). Without it no span is recorded. Requests that the service sends to webhooks have
/// spans of its own: the instrumentation of HTTP clients would tell their addresses, which may hold secrets of the receivers.
/// </summary>
internal static class TelemetrySetup
{
    private const string MetricsPath = "/metrics";
    private const string Runtime = "System.Runtime";

    /// <summary>What is asked every few seconds by those who watch the service would bury the rest.</summary>
    private static readonly PathString[] Unrecorded = ["/healthz", "/readyz", MetricsPath];

    public static IServiceCollection AddTelemetry(this IServiceCollection services, IConfiguration configuration)
    {
        services
            .AddSingleton<ImportMeter>()
            .AddSingleton<IndexMeter>()
            .AddSingleton<RankingMeter>()
            .AddSingleton<RunMeter>()
            .AddSingleton<StoreMeter>()
            .AddSingleton<TrafficMeter>()
            .AddSingleton<WebhookMeter>();
        var telemetry = services.AddOpenTelemetry()
            .ConfigureResource(resource => resource
                .AddService("partnermatch", serviceVersion: typeof(TelemetrySetup).Assembly.GetName().Version!.ToString(3))
                .AddEnvironmentVariableDetector())
            .WithMetrics(metrics => metrics
                .AddMeter("PartnerMatch.*", Runtime)
                .AddAspNetCoreInstrumentation()
                .AddPrometheusExporter(prometheus => prometheus.ScrapeResponseCacheDurationMilliseconds = 0));
        if (!string.IsNullOrEmpty(configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]))
        {
            telemetry
                .WithTracing(traces => traces
                    .AddSource(Spans.SourceName)
                    .AddAspNetCoreInstrumentation(requests => requests.Filter = context => !Unrecorded.Contains(context.Request.Path)))
                .WithLogging()
                .UseOtlpExporter();
        }

        return services;
    }

    /// <summary>For those who operate the service and not for portals: no part of the OpenAPI document.</summary>
    public static void MapMetrics(this IEndpointRouteBuilder app) => app.MapPrometheusScrapingEndpoint(MetricsPath)
        .WithMetadata(new HttpMethodMetadata([HttpMethods.Get]))
        .Needs(Scope.Metrics);
}
