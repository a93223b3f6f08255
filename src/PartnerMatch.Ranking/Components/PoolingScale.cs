using PartnerMatch.Ranking.Scoring;
using PartnerMatch.Ranking.Taxonomy;

namespace PartnerMatch.Ranking.Components;

/// <summary>
/// Same or near products for different markets or segments, in [0,1]: <c>max_{c,d} min(o_a[c], o_b[d]) kin(c,d) (1 - shared same(c,d))</c>. The
/// "scale alliance" of Hennart (1988), beside the link alliance of complementary contributions: what is the same product in the
/// same markets pools nothing. Markets are those where the two are known to sell, at least at home: that a common market would let them meet
/// everywhere makes them possible rivals, and still each has customers, plants and dealers that the other lacks.
/// </summary>
internal sealed class PoolingScale : IComponent
{
    public string Name => "pooling-scale";

    public bool IsDirected => false;

    public ComponentValue Evaluate(in OrderedPair pair)
    {
        if (pair.Giver.RawOffers.Length == 0 || pair.Receiver.RawOffers.Length == 0)
        {
            return ComponentValue.NoEvidence;
        }

        var tree = pair.Knowledge.Tree;
        var overlap = Markets.Shared(pair.Giver, pair.Receiver);
        var best = (Left: 0, Right: 0, Value: 0.0);
        foreach (var kin in Kinship.Between(pair.Giver, pair.Receiver, tree))
        {
            var value = kin.Value * (1 - (overlap * Same(tree, kin.Left, kin.Right, pair.Knowledge.Parameters)));
            if (value > best.Value)
            {
                best = (kin.Left, kin.Right, value);
            }
        }

        if (best.Value == 0)
        {
            return new ComponentValue(0, [], 1);
        }

        var term = new Term
        {
            Kind = TermKind.PooledProduct,
            Value = best.Value,
            GiverId = pair.Giver.Profile.Id,
            ReceiverId = pair.Receiver.Profile.Id,
            OfferCode = tree[best.Left].Code,
            NeedCode = tree[best.Right].Code,
            Evidence = best.Left == best.Right ? Markets.EvidenceOf(pair) : Evidence.Stated,
        };
        return ComponentValue.From(best.Value, [term], pair.Knowledge.Parameters.InferredConfidence);
    }

    /// <summary>How far two codes mean the same product: 1 when equal, less when one contains the other, 0 for neighbours.</summary>
    private static double Same(CompetencyTree tree, int left, int right, ModelParameters parameters)
    {
        if (left == right)
        {
            return 1;
        }

        var (upper, lower) = left < right ? (left, right) : (right, left);
        return lower < tree.SubtreeEnd(upper) ? Math.Pow(parameters.NarrowerNear, tree.Steps(upper, lower)) : 0;
    }
}
