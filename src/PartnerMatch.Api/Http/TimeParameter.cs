using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace PartnerMatch.Api.Http;

/// <summary>A moment in a query string as RFC 3339 writes it: date, time and offset, seconds with up to seven decimals.</summary>
internal readonly record struct TimeParameter(DateTimeOffset Value)
{
    private static readonly string[] Formats = ["yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz"];

    public static bool TryParse([NotNullWhen(true)] string? text, IFormatProvider? provider, out TimeParameter result)
    {
        var isTime = DateTimeOffset.TryParseExact(text, Formats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var value);
        result = new TimeParameter(value);
        return isTime;
    }
}
