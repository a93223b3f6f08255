using PartnerMatch.Ranking.Taxonomy;

namespace PartnerMatch.Ranking.Profiles;

/// <summary>The whole range of an enterprise's products: each offer at its own code and at every code above it, with the largest strength.</summary>
internal sealed class ProductRange
{
    private const int Levels = 6;
    private readonly (int Code, double Value)[] _entries;
    private readonly int _count;
    private readonly double _norm;

    public ProductRange(OfferEntry[] offers, CompetencyTree tree)
    {
        _entries = new (int Code, double Value)[Levels * offers.Length];
        foreach (var offer in offers)
        {
            for (var node = offer.Code; node >= 0; node = tree.ParentIndex(node))
            {
                ExpandedProfile.Keep(_entries, ref _count, node, (Code: node, offer.Value), static e => e.Code, static (known, added) => added.Value > known.Value);
            }
        }

        double squares = 0;
        foreach (var (_, value) in Entries)
        {
            squares += value * value;
        }

        _norm = Math.Sqrt(squares);
    }

    /// <summary>The length of the range as a vector.</summary>
    public double Norm => _norm;

    /// <summary>In order of code.</summary>
    public ReadOnlySpan<(int Code, double Value)> Entries => _entries.AsSpan(0, _count);

    /// <summary>The cosine of two ranges, 0 to 1; 0 where one is empty.</summary>
    public static double Cosine(ProductRange left, ProductRange right)
    {
        var ours = left.Entries;
        var theirs = right.Entries;
        double product = 0;
        var (i, j) = (0, 0);
        while (i < ours.Length && j < theirs.Length)
        {
            var (l, r) = (ours[i], theirs[j]);
            product += l.Code == r.Code ? l.Value * r.Value : 0;
            i += l.Code <= r.Code ? 1 : 0;
            j += r.Code <= l.Code ? 1 : 0;
        }

        return product == 0 ? 0 : Math.Min(1, product / (left._norm * right._norm));
    }
}
