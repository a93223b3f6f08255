using System.Text.Json.Serialization;

namespace PartnerMatch.Api.Access;

/// <summary>What a caller may do. Each operation needs exactly one; none includes another, except that <see cref="Admin"/> includes all.</summary>
internal enum Scope
{
    /// <summary>Read profiles, the taxonomy, regions and corridors.</summary>
    [JsonStringEnumMemberName("read")]
    Read,

    /// <summary>Rank and explain partners and pairs.</summary>
    [JsonStringEnumMemberName("match")]
    Match,

    /// <summary>Create, change, import and remove enterprises.</summary>
    [JsonStringEnumMemberName("profiles:write")]
    ProfilesWrite,

    /// <summary>Decide on pairs and plan missions.</summary>
    [JsonStringEnumMemberName("missions:write")]
    MissionsWrite,

    /// <summary>Read the service's metrics, and nothing else.</summary>
    [JsonStringEnumMemberName("metrics")]
    Metrics,

    /// <summary>Everything, and what concerns all callers: keys, the audit trail, corridors, names of competencies.</summary>
    [JsonStringEnumMemberName("admin")]
    Admin,
}

/// <summary>How scopes are written in tokens, policies and the database: as in JSON.</summary>
internal static class ScopeNames
{
    public static readonly IReadOnlyDictionary<string, Scope> ByName = new Dictionary<string, Scope>(StringComparer.Ordinal)
    {
        ["read"] = Scope.Read,
        ["match"] = Scope.Match,
        ["profiles:write"] = Scope.ProfilesWrite,
        ["missions:write"] = Scope.MissionsWrite,
        ["metrics"] = Scope.Metrics,
        ["admin"] = Scope.Admin,
    };

    private static readonly Dictionary<Scope, string> ByScope = ByName.ToDictionary(n => n.Value, n => n.Key);

    public static string Of(Scope scope) => ByScope[scope];
}
