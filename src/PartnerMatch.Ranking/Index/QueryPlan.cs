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
        Entries = new EntryPlan[2 * count];
        Impacts = [.. Enumerable.Range(0, byte.MaxValue + 1).Select(i => (float)knowledge.Parameters.Emphasise((double)i / byte.MaxValue))];
    }

    /// <summary>By impact in 255ths, what it counts where met needs are summed.</summary>
    public float[] Impacts { get; }

    /// <summary>By entry: what it can add at most.</summary>
    public EntryPlan[] Entries { get; }

    /// <summary>The largest value of a joint product that any candidate can have.</summary>
    public double JointProduct { get; private set; }

    public void Expand(RankingQuery query)
    {
        var table = query.Subject.TableOf(query.Profile.Kinds);
        Array.Clear(Entries);
        Array.Clear(_range);
        PlanSubjectSupply(query, table);
        PlanPartnerSupply(query, table);
        PlanTrade(query.Subject);
        PlanKinship(query.Subject);
        PlanJointProducts(table);
        JointProduct = table.JointProducts is [var largest, ..] ? largest.Most : 0;
    }

    /// <summary>What the subject's offers meet: of stated needs, and of what the candidate's products take.</summary>
    private void PlanSubjectSupply(RankingQuery query, SubjectTable table)
    {
        var (tree, parameters) = (_knowledge.Tree, _knowledge.Parameters);
        foreach (var offer in table.Offers)
        {
            var given = parameters.Emphasise(query.Scarcity[offer.Code] * offer.Value);
            Entries[tree.Count + offer.Code].Gives = (float)given;
            foreach (var use in _knowledge.Graph.UsesOf(offer.Code))
            {
                if (use.Kind == LinkKind.Channel)
                {
                    Entries[use.Output].Sold = Math.Max(Entries[use.Output].Sold, (float)(use.Weight * offer.Value));
                }
                else if (query.Profile.Kinds.Counts(use.Kind))
                {
                    // Summed down the tree, a link's difference to the one it overrides leaves each node with the links that hold for it.
                    Entries[use.Output].Gives += (float)((parameters.Emphasise(parameters.InferredNeed * use.Weight) - parameters.Emphasise(parameters.InferredNeed * use.Overridden)) * given);
                }
            }
        }

        for (var node = 0; node < tree.Count; node++)
        {
            if (tree.ParentIndex(node) is >= 0 and var parent)
            {
                Entries[node].Gives += Entries[parent].Gives;
                Entries[node].Sold = Math.Max(Entries[node].Sold, Entries[parent].Sold);
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
            Entries[node].Takes = 0;
        }

        // Children come after their parents: from the last to the first each node knows what lies below it before its parent asks.
        for (var node = tree.Count - 1; node >= 0; node--)
        {
            _below[node] = Math.Max(_wanted[node], Entries[node].Takes);
            if (tree.ParentIndex(node) is >= 0 and var parent)
            {
                Entries[parent].Takes += (float)(_below[node] * _knowledge.EmphasisOfBroader(tree.Steps(node, parent)));
            }
        }

        for (var node = 0; node < tree.Count; node++)
        {
            Entries[node].Takes = (float)Math.Max(_above[node], _below[node]);
        }

        foreach (var (offer, need, near) in _knowledge.Substitutions)
        {
            Entries[offer].Takes += (float)(parameters.Emphasise(near) * _wanted[need]);
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

        void Keep(int node, in InferredNeed outlet) => Entries[node].Sells = Math.Max(Entries[node].Sells, (float)(outlet.Value * _knowledge.Near(node, outlet.Code)));
    }

    private void PlanKinship(ExpandedProfile subject)
    {
        var tree = _knowledge.Tree;
        foreach (var offer in subject.RawOffers)
        {
            Entries[offer.Code].Own = (float)offer.Value;

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
            Entries[node].Alike = _range[node] + (tree.ParentIndex(node) is >= 0 and var parent ? Entries[parent].Alike : 0);
        }

        bool Keep(int node, in OfferEntry offer)
        {
            var kin = Kinship.Of(tree, offer.Code, node);
            ref var entry = ref Entries[node];
            entry.Kin = Math.Max(entry.Kin, (float)(offer.Value * kin));
            entry.Kindred = Math.Max(entry.Kindred, (float)kin);
            return kin > 0;
        }
    }

    /// <summary>Whoever makes a product together with the subject offers one of the inputs that the subject lacks.</summary>
    private void PlanJointProducts(SubjectTable table)
    {
        var tree = _knowledge.Tree;
        foreach (var chance in table.JointProducts)
        {
            var most = (float)chance.Most;
            foreach (var input in chance.Lacking)
            {
                for (var node = input; node < tree.SubtreeEnd(input); node++)
                {
                    Keep(node);
                }

                for (var node = tree.ParentIndex(input); node >= 0; node = tree.ParentIndex(node))
                {
                    Keep(node);
                }

                foreach (var (offer, need, _) in _knowledge.Substitutions)
                {
                    if (need == input)
                    {
                        Keep(offer);
                    }
                }
            }

            void Keep(int node) => Entries[node].Joint = Math.Max(Entries[node].Joint, most);
        }
    }
}

/// <summary>What an offer, or a stated need, can add at most.</summary>
internal struct EntryPlan
{
    /// <summary>The emphasised met need that it brings to the subject's supply at full strength or urgency.</summary>
    public float Gives;

    /// <summary>The emphasised met need that it brings to the candidate's supply at full strength.</summary>
    public float Takes;

    /// <summary>How well the candidate trades in the subject's goods.</summary>
    public float Sells;

    /// <summary>How well the subject trades in the candidate's goods.</summary>
    public float Sold;

    /// <summary>Its likeness to the nearest of the subject's products, times the strength of that one.</summary>
    public float Kin;

    /// <summary>Its likeness to the nearest of the subject's products.</summary>
    public float Kindred;

    /// <summary>Its product with the subject's range as a vector of length 1.</summary>
    public float Alike;

    /// <summary>The largest value of a joint product to which it can bring something.</summary>
    public float Joint;

    /// <summary>The strength with which the subject offers the same.</summary>
    public float Own;
}
