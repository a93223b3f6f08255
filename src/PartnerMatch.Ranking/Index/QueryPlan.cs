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
            _given[offer.Code] = Emphasise(query.Scarcity[offer.Code] * offer.Value);
        }

        _wanted = new double[knowledge.Tree.Count];
        foreach (var need in query.Subject.NeedsOf(query.Profile.Kinds))
        {
            _wanted[need.Code] = Emphasise(query.Scarcity[need.Code] * need.Value);
        }

        var range = new float[knowledge.Tree.Count];
        query.Subject.Range.CopyTo(range);
        Range = Weights.Linear(range);
        PlanGiving();
        PlanTaking();
        PlanTrade(PlanKinship());
        Constant = Weight("joint-product") * JointProductBound();
    }

    /// <summary>The subject supplies, in some direction that is scored.</summary>
    public bool CountsGiving { get; }

    /// <summary>The partner supplies, in some direction that is scored.</summary>
    public bool CountsTaking { get; }

    /// <summary>By competency at or above a candidate's offers: the emphasised met need that strength 1 brings to the subject's supply.</summary>
    public Weights ProductGives { get; private set; } = Weights.None;

    /// <summary>By competency at or above a candidate's offers: points for what the subject trades in.</summary>
    public Weights ProductTrades { get; private set; } = Weights.None;

    /// <summary>By stated need: the emphasised met need that urgency 1 brings to the subject's supply.</summary>
    public Weights NeedGives { get; private set; } = Weights.None;

    /// <summary>By offer: the emphasised met need that strength 1 brings to the partner's supply.</summary>
    public Weights OfferGives { get; private set; } = Weights.None;

    /// <summary>By offer: points of trade, and of kinship where that opens markets.</summary>
    public Weights OfferTrades { get; private set; } = Weights.None;

    /// <summary>By offer: its likeness to the nearest of the subject's products.</summary>
    public Weights OfferKin { get; private set; } = Weights.None;

    /// <summary>By competency: the subject's range of products as a vector of length 1.</summary>
    public Weights Range { get; }

    /// <summary>Points that any candidate may have besides.</summary>
    public double Constant { get; }

    /// <summary>A met need as the norm sums it: raised to the order of the emphasis.</summary>
    public double Emphasise(double met) => Math.Pow(met, _knowledge.Parameters.NeedEmphasis);

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
        var count = _knowledge.Tree.Count;
        var (needs, gives, trades) = (new float[count], new float[count], new float[count]);
        foreach (var offer in _query.Subject.Offers)
        {
            needs[offer.Code] = (float)_given[offer.Code];
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
                    met.Add((link.Input, Emphasise(_knowledge.Parameters.InferredNeed * link.Weight) * _given[link.Input]));
                }
            }

            gives[output] = (float)LargestSum(met, 0, met.Count);
            trades[output] = CountsTaking ? (float)((Weight("channel") + Weight("market-access")) * outlet) : 0;
        }

        NeedGives = Weights.Of(needs, Emphasise);
        ProductGives = Weights.Of(gives, Emphasise);
        ProductTrades = Weights.Linear(trades);
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
                above[node] = Emphasise(Math.Pow(_knowledge.Parameters.NarrowerNear, tree.Steps(node, parent))) * Math.Max(above[parent], _wanted[parent]);
            }
        }

        for (var node = tree.Count - 1; node >= 0; node--)
        {
            below[node] = Math.Max(below[node], _wanted[node]);
            if (tree.ParentIndex(node) is >= 0 and var parent)
            {
                below[parent] += Emphasise(Math.Pow(_knowledge.Parameters.BroaderNear, tree.Steps(node, parent))) * below[node];
            }
        }

        var gives = new float[tree.Count];
        for (var node = 0; node < tree.Count; node++)
        {
            var substitutes = tree.SubstitutesOf(node).Sum(s => Emphasise(s.Near) * _wanted[s.Target]);
            gives[node] = (float)(Math.Max(above[node], below[node]) + substitutes);
        }

        OfferGives = Weights.Of(gives, Emphasise);
    }

    private float[] PlanKinship()
    {
        var tree = _knowledge.Tree;
        var kin = new float[tree.Count];
        foreach (var offer in _query.Subject.RawOffers)
        {
            var top = offer.Code;
            for (var up = tree.ParentIndex(top); up >= 0 && Kinship.Of(tree[offer.Code].Code, tree[up].Code) > 0; up = tree.ParentIndex(up))
            {
                top = up;
            }

            for (var node = top; node < tree.SubtreeEnd(top); node++)
            {
                kin[node] = Math.Max(kin[node], (float)Kinship.Of(tree[offer.Code].Code, tree[node].Code));
            }
        }

        OfferKin = Weights.Linear(kin);
        return kin;
    }

    private void PlanTrade(float[] kin)
    {
        var trades = new float[kin.Length];
        for (var node = 0; node < kin.Length; node++)
        {
            trades[node] = (float)(Weight("market-access") * kin[node]);
        }

        var best = new Dictionary<int, double>();
        foreach (var outlet in CountsGiving ? _query.Subject.Outlets : [])
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
            trades[node] += (float)((Weight("channel") + Weight("market-access")) * value);
        }

        OfferTrades = Weights.Linear(trades);

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
