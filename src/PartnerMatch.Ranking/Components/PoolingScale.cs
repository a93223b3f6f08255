using PartnerMatch.Ranking.Profiles;
using PartnerMatch.Ranking.Scoring;

namespace PartnerMatch.Ranking.Components;

/// <summary>
/// Same or near products for different markets or segments, in [0,1): <c>1 - exp(-(1 - shared) (nearest + alike) / (2 scale))</c>. <c>nearest = max_{c,d}
/// min(o_a[c], o_b[d]) kin(c,d)</c> sees the two products that lie closest; <c>alike = cos(r_a, r_b)</c> the whole ranges, each offer counted at every
/// level of the tree above it. The "scale alliance" of Hennart (1988), beside the link alliance of complementary contributions: in the
/// same markets there is nothing to pool. Markets are those where the two are known to sell, at least at home: that a common market would
/// let them meet everywhere makes them possible rivals, and still each has customers, plants and dealers that the other lacks.
/// </summary>
internal sealed class PoolingScale : IComponent
{
    public string Name => "pooling-scale";

    public bool IsDirected => false;

    public ComponentDescription Describe(ModelParameters parameters) => new()
    {
        Name = Name,
        IsDirected = IsDirected,
        Label = new("Pooled scale", "Объединение объёмов"),
        Definition = new(
            "Same or near products for different markets: development, volume or a platform could be shared.",
            "Одинаковая или близкая продукция для разных рынков: можно объединить разработки, объёмы или платформу."),
        Range = new(0, 1, IncludesTo: false),
        Formula = "1 - exp(-(1 - shared) (nearest + alike) / (2 s)), nearest = max_{c,d} min(o_a[c], o_b[d]) kin(c,d), alike = cos(r_a, r_b)",
        Parameters = [new("s", "poolingScale", parameters.PoolingScale)],
        Source = "The scale alliance of Hennart (1988), beside the link alliance of complementary contributions.",
        Facts = new(
            "Offers of both; markets of both, the home country where none are stated.",
            "Предложения обеих сторон; рынки обеих сторон, если не указаны — страна регистрации."),
        TermKinds = [TermKind.PooledProduct],
        Terms = new(
            "The two products that lie closest.",
            "Два самых близких вида продукции."),
    };

    public ComponentValue Evaluate(in OrderedPair pair)
    {
        if (pair.Giver.RawOffers.Length == 0 || pair.Receiver.RawOffers.Length == 0)
        {
            return ComponentValue.NoEvidence;
        }

        var (a, b, tree, parameters) = (pair.Giver, pair.Receiver, pair.Knowledge.Tree, pair.Knowledge.Parameters);
        var closest = Kinship.Closest(a, b, tree);
        if (closest.Value == 0 || Markets.Shared(a, b) is not (< 1 and var shared))
        {
            // Enterprises of one division alone have no product to speak of together.
            return ComponentValue.Nothing;
        }

        var likeness = (1 - shared) * (closest.Value + ProductRange.Cosine(a.Range, b.Range)) / 2;
        var pooled = 1 - Math.Exp(-likeness / parameters.PoolingScale);
        var evidence = closest.Left == closest.Right ? Markets.EvidenceOf(pair) : Evidence.Stated;
        Term[] terms = !pair.Explains ? [] :
        [
            new Term
            {
                Kind = TermKind.PooledProduct,
                Value = pooled,
                GiverId = a.Profile.Id,
                ReceiverId = b.Profile.Id,
                OfferCode = tree[closest.Left].Code,
                NeedCode = tree[closest.Right].Code,
                Evidence = evidence,
            },
        ];
        return new ComponentValue(pooled, terms, StatedShare.Of(pooled, evidence, parameters.InferredConfidence));
    }
}
