using PartnerMatch.Ranking.Taxonomy;

namespace PartnerMatch.Ranking.Profiles;

/// <summary>The whole range of an enterprise's products: each offer at its own code and at every code above it, with the largest strength.</summary>
internal sealed class ProductRange
{
    private readonly (int Code, double Value)[] _entries;
    private readonly double _norm;

    public ProductRange(IEnumerable<OfferEntry> offers, CompetencyTree tree)
    {
        var values = new SortedDictionary<int, double>();
        foreach (var offer in offers)
        {
            for (var node = offer.Code; node >= 0; node = tree.ParentIndex(node))
            {
                values[node] = Math.Max(values.GetValueOrDefault(node), offer.Value);
            }
        }

        _entries = [.. values.Select(v => (v.Key, v.Value))];
        _norm = Math.Sqrt(_entries.Sum(e => e.Value * e.Value));
    }

    /// <summary>Writes the range into a dense vector, scaled to length 1.</summary>
    public void CopyTo(float[] vector)
    {
        foreach (var (code, value) in _entries)
        {
            vector[code] = (float)(value / _norm);
        }
    }

    /// <summary>The cosine of two ranges, 0 to 1; 0 where one is empty.</summary>
    public static double Cosine(ProductRange left, ProductRange right)
    {
        double product = 0;
        var (i, j) = (0, 0);
        while (i < left._entries.Length && j < right._entries.Length)
        {
            var (l, r) = (left._entries[i], right._entries[j]);
            product += l.Code == r.Code ? l.Value * r.Value : 0;
            i += l.Code <= r.Code ? 1 : 0;
            j += r.Code <= l.Code ? 1 : 0;
        }

        return product == 0 ? 0 : Math.Min(1, product / (left._norm * right._norm));
    }
}
