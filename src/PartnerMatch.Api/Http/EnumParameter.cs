using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace PartnerMatch.Api.Http;

/// <summary>An enum in a query string, written like everywhere else in the API: kebab-case, never a number.</summary>
internal readonly record struct EnumParameter<T>(T Value) : IEnumParameter
    where T : struct, Enum
{
    private static readonly Dictionary<string, T> ByName = Enum.GetValues<T>().ToDictionary(v => Kebab.Of(v), StringComparer.Ordinal);

    public static IReadOnlyCollection<string> Names => ByName.Keys;

    public static bool TryParse([NotNullWhen(true)] string? text, IFormatProvider? provider, out EnumParameter<T> result)
    {
        var known = ByName.TryGetValue(text ?? "", out var value);
        result = new EnumParameter<T>(value);
        return known;
    }
}

/// <summary>Lets the OpenAPI document list the values.</summary>
internal interface IEnumParameter
{
    static abstract IReadOnlyCollection<string> Names { get; }
}

/// <summary>The API's spelling of enum values.</summary>
internal static class Kebab
{
    public static string Of<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString());

    /// <summary>The value that <see cref="Of"/> wrote so.</summary>
    public static T Parse<T>(string name)
        where T : struct, Enum => Enum.GetValues<T>().Single(value => Of(value) == name);
}
