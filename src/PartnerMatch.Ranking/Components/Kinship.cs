using PartnerMatch.Ranking.Profiles;
using PartnerMatch.Ranking.Taxonomy;

namespace PartnerMatch.Ranking.Components;

/// <summary>How alike the products of two enterprises are.</summary>
internal static class Kinship
{
    /// <summary>Likeness of two codes by the digits they share: 1 for the same subcategory, down to 0 below a shared group.</summary>
    public static double Of(CompetencyTree tree, int left, int right) => left == right
        ? 1
        : tree.SharedDigits(left, right) switch { >= 5 => 0.8, 4 => 0.6, 3 => 0.3, _ => 0 };

    /// <summary>The two offers that lie closest, the first of several: their codes, and the likeness times the smaller strength; value 0 where none are alike.</summary>
    public static (int Left, int Right, double Value) Closest(ExpandedProfile a, ExpandedProfile b, CompetencyTree tree)
    {
        var closest = (Left: 0, Right: 0, Value: 0.0);
        foreach (var left in a.RawOffers)
        {
            foreach (var right in b.RawOffers)
            {
                var value = Of(tree, left.Code, right.Code) * Math.Min(left.Value, right.Value);
                closest = value > closest.Value ? (left.Code, right.Code, value) : closest;
            }
        }

        return closest;
    }
}
