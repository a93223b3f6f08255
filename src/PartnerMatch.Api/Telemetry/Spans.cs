using System.Diagnostics;

namespace PartnerMatch.Api.Telemetry;

/// <summary>
/// The service's own spans beneath those of its requests. They say what was done and how much of it, never of whom or by whom: no id, name, address or
/// key. Where nobody collects spans, none is made.
/// </summary>
internal static class Spans
{
    public const string SourceName = "PartnerMatch";

    private static readonly ActivitySource Source = new(SourceName);

    /// <summary>Begins a span; null where nobody collects spans.</summary>
    public static Activity? Begin(string name, ActivityKind kind = ActivityKind.Internal) => Source.StartActivity(name, kind);

    /// <summary>Says that what the span stands for did not succeed, by a word out of a fixed set.</summary>
    public static void Fail(this Activity? span, string errorType) => span?.SetStatus(ActivityStatusCode.Error).SetTag("error.type", errorType);

    /// <summary>
    /// Names the request in spans, logs, problems and the audit trail: the W3C trace id, of the caller where it sent a <c>traceparent</c>.
    /// </summary>
    public static string TraceIdOf(HttpContext context) => Activity.Current?.TraceId.ToHexString() ?? context.TraceIdentifier;
}
