using PartnerMatch.Ranking.Components;
using PartnerMatch.Ranking.Profiles;
using PartnerMatch.Ranking.Scoring;
using PartnerMatch.Ranking.Taxonomy;

namespace PartnerMatch.Ranking.Index;

/// <summary>
/// A query expanded once: what each entry of a candidate can add at most. The emphasised met needs of a set of offers or needs are at most the sum of
/// those of each alone: a need counts once however many offers meet it or products bring it, and what a candidate makes itself only lessens its needs. So sums
/// over entries bound both directions of supply from above. One object serves one query after another.
/// </summary>
internal sealed class QueryPlan
{
    private readonly RankingKnowledge _knowledge;
    private readonly double[] _wanted;
    private readonly double[] _above;
    private readonly double[] _below;
    private readonly float[] _range;

    public QueryPlan(RankingKnowledge knowledge)
    {
        var count = knowledge.Tree.Count;
        _knowledge = knowledge;
        (_wanted, _above, _below, _range) = (new double[count], new double[count], new double[count], new float[count]);
        (Gives, Takes, Sells, Sold, Kin, Alike) = (new float[2 * count], new float[count], new float[count], new float[count], new float[count], new float[count]);
        Impacts = [.. Enumerable.Range(0, byte.MaxValue + 1).Select(i => (float)knowledge.Parameters.Emphasise((double)i / byte.MaxValue))];
    }

    /// <summary>By impact in 255ths, what it counts where met needs are summed.</summary>
    public float[] Impacts { get; }

    /// <summary>By entry: the emphasised met need that it brings to the subject's supply at full strength or urgency.</summary>
    public float[] Gives { get; }

    /// <summary>By offer: the emphasised met need that it brings to the candidate's supply at full strength.</summary>
    public float[] Takes { get; }

    /// <summary>By offer: how well the candidate trades in the subject's goods.</summary>
    public float[] Sells { get; }

    /// <summary>By offer: how well the subject trades in the candidate's goods.</summary>
    public float[] Sold { get; }

    /// <summary>By offer: its likeness to the nearest of the subject's products, times the strength of that one.</summary>
    public float[] Kin { get; }

    /// <summary>By offer: its product with the subject's range as a vector of length 1.</summary>
    public float[] Alike { get; }

    /// <summary>The largest value of joint product that any candidate can have.</summary>
    public double JointProduct { get; private set; }

    public void Expand(RankingQuery query)
    {
        var table = query.Subject.TableOf(query.Profile.Kinds);
        foreach (var column in (float[][])[Gives, Takes, Sells, Sold, Kin, Alike, _range])
        {
            Array.Clear(column);
        }

        PlanSubjectSupply(query, table);
        PlanPartnerSupply(query, table);
        PlanTrade(query.Subject);
        PlanKinship(query.Subject);
        JointProduct = table.JointProducts is [var largest, ..] ? largest.Most : 0;
    }

    /// <summary>What the subject's offers meet: of stated needs, and of what the candidate's products take.</summary>
    private void PlanSubjectSupply(RankingQuery query, SubjectTable table)
    {
        var (tree, parameters) = (_knowledge.Tree, _knowledge.Parameters);
        foreach (var offer in table.Offers)
        {
            var given = parameters.Emphasise(query.Scarcity[offer.Code] * offer.Value);
            Gives[tree.Count + offer.Code] = (float)given;
            foreach (var use in _knowledge.Graph.UsesOf(offer.Code))
            {
                if (use.Kind == LinkKind.Channel)
                {
                    Sold[use.Output] = Math.Max(Sold[use.Output], (float)(use.Weight * offer.Value));
                }
                else if (query.Profile.Kinds.Counts(use.Kind))
                {
                    // Summed down the tree, a link's difference to the one it overrides leaves each node with the links that hold for it.
                    Gives[use.Output] += (float)((parameters.Emphasise(parameters.InferredNeed * use.Weight) - parameters.Emphasise(parameters.InferredNeed * use.Overridden)) * given);
                }
            }
        }

        for (var node = 0; node < tree.Count; node++)
        {
            if (tree.ParentIndex(node) is >= 0 and var parent)
            {
                Gives[node] += Gives[parent];
                Sold[node] = Math.Max(Sold[node], Sold[parent]);
            }
        }
    }

    /// <summary>What an offer meets of the subject's needs: the heaviest need above it, or the heaviest set of needs below it of which none lies above another.</summary>
    private void PlanPartnerSupply(RankingQuery query, SubjectTable table)
    {
        var (tree, parameters) = (_knowledge.Tree, _knowledge.Parameters);
        Array.Clear(_wanted);
        foreach (var need in table.Needs)
        {
            _wanted[need.Code] = parameters.Emphasise(query.Scarcity[need.Code] * need.Value);
        }

        Array.Copy(_wanted, _below, _wanted.Length);
        for (var node = 0; node < tree.Count; node++)
        {
            var parent = tree.ParentIndex(node);
            _above[node] = parent < 0 ? 0 : Math.Max(_above[parent], _wanted[parent]) * _knowledge.EmphasisOfNarrower(tree.Steps(node, parent));
            Takes[node] = 0;
        }

        // Children come after their parents: from the last to the first each node knows what lies below it before its parent asks.
        for (var node = tree.Count - 1; node >= 0; node--)
        {
            _below[node] = Math.Max(_wanted[node], Takes[node]);
            if (tree.ParentIndex(node) is >= 0 and var parent)
            {
                Takes[parent] += (float)(_below[node] * _knowledge.EmphasisOfBroader(tree.Steps(node, parent)));
            }
        }

        for (var node = 0; node < tree.Count; node++)
        {
            Takes[node] = (float)Math.Max(_above[node], _below[node]);
        }

        foreach (var (offer, need, near) in _knowledge.Substitutions)
        {
            Takes[offer] += (float)(parameters.Emphasise(near) * _wanted[need]);
        }
    }

    private void PlanTrade(ExpandedProfile subject)
    {
        var tree = _knowledge.Tree;
        foreach (var outlet in subject.Outlets)
        {
            for (var node = outlet.Code; node < tree.SubtreeEnd(outlet.Code); node++)
            {
                Keep(node, outlet);
            }

            for (var node = tree.ParentIndex(outlet.Code); node >= 0; node = tree.ParentIndex(node))
            {
                Keep(node, outlet);
            }

            foreach (var (offer, need, _) in _knowledge.Substitutions)
            {
                if (need == outlet.Code)
                {
                    Keep(offer, outlet);
                }
            }
        }

        void Keep(int node, in InferredNeed outlet) => Sells[node] = Math.Max(Sells[node], (float)(outlet.Value * _knowledge.Near(node, outlet.Code)));
    }

    private void PlanKinship(ExpandedProfile subject)
    {
        var tree = _knowledge.Tree;
        foreach (var offer in subject.RawOffers)
        {
            // Codes that share digits lie side by side.
            for (var node = offer.Code; node >= 0 && Keep(node, offer); node--)
            {
            }

            for (var node = offer.Code + 1; node < tree.Count && Keep(node, offer); node++)
            {
            }
        }

        foreach (var (code, value) in subject.Range.Entries)
        {
            _range[code] = (float)(value / subject.Range.Norm);
        }

        for (var node = 0; node < tree.Count; node++)
        {
            Alike[node] = _range[node] + (tree.ParentIndex(node) is >= 0 and var parent ? Alike[parent] : 0);
        }

        bool Keep(int node, in OfferEntry offer)
        {
            var kin = Kinship.Of(tree, offer.Code, node);
            Kin[node] = Math.Max(Kin[node], (float)(offer.Value * kin));
            return kin > 0;
        }
    }
}
