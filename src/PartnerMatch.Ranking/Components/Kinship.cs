using PartnerMatch.Ranking.Profiles;
using PartnerMatch.Ranking.Taxonomy;

namespace PartnerMatch.Ranking.Components;

/// <summary>How alike the products of two enterprises are.</summary>
internal static class Kinship
{
    /// <summary>Likeness of two codes by the digits they share: 1 for the same subcategory, down to 0 below a shared group.</summary>
    public static double Of(string left, string right) => left == right
        ? 1
        : CompetencyCode.SharedDigits(left, right) switch { >= 5 => 0.8, 4 => 0.6, 3 => 0.3, _ => 0 };

    /// <summary>Every pair of offers with some likeness: the two codes, and the likeness times the smaller strength.</summary>
    public static IEnumerable<(int Left, int Right, double Value)> Between(ExpandedProfile a, ExpandedProfile b, CompetencyTree tree)
    {
        foreach (var left in a.RawOffers)
        {
            foreach (var right in b.RawOffers)
            {
                var alike = Of(tree[left.Code].Code, tree[right.Code].Code);
                if (alike > 0)
                {
                    yield return (left.Code, right.Code, alike * Math.Min(left.Value, right.Value));
                }
            }
        }
    }
}
