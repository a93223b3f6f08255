using System.Globalization;

namespace PartnerMatch.Api.Http;

/// <summary>The value of a Retry-After header (RFC 9110, section 10.2.3).</summary>
internal static class RetryAfter
{
    /// <summary>Whole seconds, at least one.</summary>
    public static string Of(TimeSpan wait) => Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
}
