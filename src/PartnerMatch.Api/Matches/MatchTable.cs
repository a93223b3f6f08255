using PartnerMatch.Api.Http;
using PartnerMatch.Ranking.Components;
using PartnerMatch.Ranking.Scoring;

namespace PartnerMatch.Api.Matches;

/// <summary>Match lists as tables: what a reader of the list sees, and the points of each component in a column of its own.</summary>
internal static class MatchTable
{
    public static readonly string[] Enterprise = ["id", "name", "name_ru", "region", "city"];
    private static readonly string[] Components = [.. ComponentRegistry.Names, Contribution.Floor];

    /// <summary>The header, then a row a partner.</summary>
    public static IEnumerable<IReadOnlyList<object?>> From(IEnumerable<Match> matches) => matches
        .Select(m => (IReadOnlyList<object?>)[m.Rank, m.Score, m.Confidence, Kebab.Of(m.Direction), .. ToCells(m.Enterprise), m.Summary, .. ToCells(m.Contributions)])
        .Prepend(["rank", "score", "confidence", "direction", .. Enterprise, "summary", .. Components]);

    /// <summary>The same of two enterprises: the columns of a, of the corridor's first side, then those of b.</summary>
    public static IEnumerable<IReadOnlyList<object?>> FromPairs(IEnumerable<Pairs.PairItem> pairs) => pairs
        .Select(p => (IReadOnlyList<object?>)[p.Rank, p.Score, p.Confidence, Kebab.Of(p.Direction), .. ToCells(p.A), .. ToCells(p.B), p.Summary, .. ToCells(p.Contributions)])
        .Prepend(["rank", "score", "confidence", "direction", .. Enterprise.Select(c => "a_" + c), .. Enterprise.Select(c => "b_" + c), "summary", .. Components]);

    public static object?[] ToCells(MatchedEnterprise e) => [e.Id, e.Name, e.NameRu, e.Region, e.City];

    private static IEnumerable<object?> ToCells(IReadOnlyList<MatchContribution> contributions) =>
        Components.Select(name => (object?)contributions.FirstOrDefault(c => c.Component == name)?.Points);
}
