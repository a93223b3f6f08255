using PartnerMatch.Ranking.Components;
using PartnerMatch.Ranking.Profiles;
using PartnerMatch.Ranking.Scoring;
using PartnerMatch.Ranking.Taxonomy;

namespace PartnerMatch.Ranking.Index;

/// <summary>
/// A query expanded once: what each competency of a candidate can add at most. Supply is subadditive over a partner's offers and over the
/// products that its needs come from, so the supply of each alone, times its strength, adds up to a true upper bound.
/// </summary>
internal sealed class QueryPlan
{
    private readonly RankingQuery _query;
    private readonly RankingKnowledge _knowledge;
    private readonly double[] _given;
    private readonly double[] _wanted;
    private readonly Dictionary<string, double> _weights;

    public QueryPlan(RankingQuery query, RankingKnowledge knowledge)
    {
        _query = query;
        _knowledge = knowledge;
        _weights = query.Profile.Weights.ToDictionary(w => w.Key, w => 100 * w.Value, StringComparer.Ordinal);
        var isDirected = query.Profile.Form.IsDirected();
        CountsGiving = !isDirected || query.Role != PartnerRole.Buyer;
        CountsTaking = !isDirected || query.Role != PartnerRole.Supplier;
        _given = new double[knowledge.Tree.Count];
        foreach (var offer in query.Subject.Offers)
        {
            _given[offer.Code] = query.Scarcity[offer.Code] * offer.Value;
        }

        _wanted = new double[knowledge.Tree.Count];
        foreach (var need in query.Subject.NeedsOf(query.Profile.Kinds))
        {
            _wanted[need.Code] = query.Scarcity[need.Code] * need.Value;
        }

        var count = knowledge.Tree.Count;
        (ProductGives, ProductExtras, NeedGives) = (new float[count], new float[count], new float[count]);
        (OfferGives, OfferExtras) = (new float[count], new float[count]);
        PlanGiving();
        PlanTaking();
        PlanKinship();
        PlanOutlets();
        Constant = Weight("joint-product") * JointProductBound();
    }

    /// <summary>The subject supplies, in some direction that is scored.</summary>
    public bool CountsGiving { get; }

    /// <summary>The partner supplies, in some direction that is scored.</summary>
    public bool CountsTaking { get; }

    /// <summary>By node with own links: the met need that strength 1 at or under it brings to the subject's supply.</summary>
    public float[] ProductGives { get; }

    /// <summary>By node with own links: points of the other directed components.</summary>
    public float[] ProductExtras { get; }

    /// <summary>By stated need: the met need that urgency 1 brings to the subject's supply.</summary>
    public float[] NeedGives { get; }

    /// <summary>By offer: the met need that strength 1 brings to the partner's supply.</summary>
    public float[] OfferGives { get; }

    /// <summary>By offer: points of kinship and trade.</summary>
    public float[] OfferExtras { get; }

    /// <summary>Points that any candidate may have besides.</summary>
    public double Constant { get; }

    /// <summary>100 times the normalised weight of a component.</summary>
    public double Weight(string component) => _weights[component];

    /// <summary>How well an offer answers a need, 0 where it does not.</summary>
    public static double Near(RankingKnowledge knowledge, int offer, int need)
    {
        var tree = knowledge.Tree;
        if (offer >= need && offer < tree.SubtreeEnd(need))
        {
            return Math.Pow(knowledge.Parameters.NarrowerNear, tree.Steps(offer, need));
        }

        if (need > offer && need < tree.SubtreeEnd(offer))
        {
            return Math.Pow(knowledge.Parameters.BroaderNear, tree.Steps(offer, need));
        }

        return tree.SubstitutesOf(offer).FirstOrDefault(s => s.Target == need).Near;
    }

    private void PlanGiving()
    {
        foreach (var offer in _query.Subject.Offers)
        {
            NeedGives[offer.Code] = (float)_given[offer.Code];
        }

        var met = new List<(int Code, double Value)>();
        foreach (var output in _query.Subject.Offers.SelectMany(o => _knowledge.Graph.UsersOf(o.Code)).Distinct())
        {
            met.Clear();
            double outlet = 0;
            foreach (var link in _knowledge.Graph.OwnInputsOf(output))
            {
                if (link.Kind == LinkKind.Channel)
                {
                    outlet = Math.Max(outlet, link.Weight * _query.Subject.OfferedValue(link.Input));
                }
                else if (_given[link.Input] > 0 && _query.Profile.Kinds.Counts(link.Kind))
                {
                    met.Add((link.Input, _knowledge.Parameters.InferredNeed * link.Weight * _given[link.Input]));
                }
            }

            ProductGives[output] = (float)LargestSum(met, 0, met.Count);
            ProductExtras[output] = CountsTaking ? (float)((Weight("channel") + Weight("market-access")) * outlet) : 0;
        }
    }

    /// <summary>The heaviest antichain of a forest in preorder; of one code listed twice, the larger.</summary>
    private double LargestSum(List<(int Code, double Value)> met, int from, int to)
    {
        double sum = 0;
        for (var at = from; at < to;)
        {
            var value = met[at].Value;
            var below = at + 1;
            for (; below < to && met[below].Code == met[at].Code; below++)
            {
                value = Math.Max(value, met[below].Value);
            }

            var end = _knowledge.Tree.SubtreeEnd(met[at].Code);
            var next = below;
            while (next < to && met[next].Code < end)
            {
                next++;
            }

            sum += Math.Max(value, LargestSum(met, below, next));
            at = next;
        }

        return sum;
    }

    private void PlanTaking()
    {
        var tree = _knowledge.Tree;
        var above = new double[tree.Count];
        var below = new double[tree.Count];
        for (var node = 0; node < tree.Count; node++)
        {
            if (tree.ParentIndex(node) is >= 0 and var parent)
            {
                above[node] = Math.Pow(_knowledge.Parameters.NarrowerNear, tree.Steps(node, parent)) * Math.Max(above[parent], _wanted[parent]);
            }
        }

        for (var node = tree.Count - 1; node >= 0; node--)
        {
            below[node] = Math.Max(below[node], _wanted[node]);
            if (tree.ParentIndex(node) is >= 0 and var parent)
            {
                below[parent] += Math.Pow(_knowledge.Parameters.BroaderNear, tree.Steps(node, parent)) * below[node];
            }
        }

        for (var node = 0; node < tree.Count; node++)
        {
            var substitutes = tree.SubstitutesOf(node).Sum(s => s.Near * _wanted[s.Target]);
            OfferGives[node] = (float)(Math.Max(above[node], below[node]) + substitutes);
        }
    }

    private void PlanKinship()
    {
        var tree = _knowledge.Tree;
        var weight = Weight("pooling-scale") + Weight("market-access");
        foreach (var offer in _query.Subject.RawOffers)
        {
            var top = offer.Code;
            for (var up = tree.ParentIndex(top); up >= 0 && Kinship.Of(tree[offer.Code].Code, tree[up].Code) > 0; up = tree.ParentIndex(up))
            {
                top = up;
            }

            for (var node = top; node < tree.SubtreeEnd(top); node++)
            {
                OfferExtras[node] = Math.Max(OfferExtras[node], (float)(weight * Kinship.Of(tree[offer.Code].Code, tree[node].Code)));
            }
        }
    }

    private void PlanOutlets()
    {
        if (!CountsGiving || Weight("channel") + Weight("market-access") == 0)
        {
            return;
        }

        var best = new Dictionary<int, double>();
        foreach (var outlet in _query.Subject.Outlets)
        {
            for (var node = outlet.Code; node < _knowledge.Tree.SubtreeEnd(outlet.Code); node++)
            {
                Keep(node, outlet);
            }

            for (var node = _knowledge.Tree.ParentIndex(outlet.Code); node >= 0; node = _knowledge.Tree.ParentIndex(node))
            {
                Keep(node, outlet);
            }

            foreach (var node in _knowledge.Tree.SubstitutesFor(outlet.Code))
            {
                Keep(node, outlet);
            }
        }

        foreach (var (node, value) in best)
        {
            OfferExtras[node] += (float)((Weight("channel") + Weight("market-access")) * value);
        }

        void Keep(int node, InferredNeed outlet) =>
            best[node] = Math.Max(best.GetValueOrDefault(node), outlet.Value * Near(_knowledge, node, outlet.Code));
    }

    /// <summary>A joint product's gain is at most the subject's cover, and at most what the subject does not cover.</summary>
    private double JointProductBound()
    {
        double bound = 0;
        foreach (var recipe in _knowledge.Recipes)
        {
            double cover = 0;
            foreach (var (input, weight) in recipe.Inputs)
            {
                cover += weight * _query.Subject.OfferedValue(input);
            }

            cover /= recipe.TotalWeight;
            bound = Math.Max(bound, 2 * recipe.Product.Value * Math.Min(cover, 1 - cover));
        }

        return bound;
    }
}
