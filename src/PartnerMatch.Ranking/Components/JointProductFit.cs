using PartnerMatch.Ranking.Profiles;
using PartnerMatch.Ranking.Scoring;

namespace PartnerMatch.Ranking.Components;

/// <summary>
/// The new avenue: <c>2 max_p v_p gain_p</c> in [0,1], where <c>gain_p = cover({a,b},p) - max(cover({a},p), cover({b},p))</c> and
/// <c>cover(S,p) = sum_u w(u->p) max_{e in S} O_e[u] / sum_u w(u->p)</c> over the material and component inputs of p. Counted only where each side
/// adds an input that the other lacks altogether.
/// </summary>
internal sealed class JointProductFit : IComponent
{
    public string Name => "joint-product";

    public bool IsDirected => false;

    public ComponentDescription Describe(ModelParameters parameters) => new()
    {
        Name = Name,
        IsDirected = IsDirected,
        Label = new("Joint product", "Совместный продукт"),
        Definition = new(
            "The new avenue: how much better the two cover the inputs of some wanted product together than either alone. Counted only where each adds an input that the other lacks.",
            "Новое направление: насколько полнее стороны вместе обеспечивают производство востребованного продукта, чем каждая отдельно. Учитывается, только если каждая даёт то, чего у другой нет."),
        Range = new(0, 1),
        Formula = "2 max_p v_p (cover({a,b},p) - max(cover({a},p), cover({b},p))), cover(S,p) = sum_u w(u->p) max_{e in S} O_e[u] / sum_u w(u->p)",
        Parameters = [],
        Source = "Of this product; the products p and their values v_p are reference data, each with its reason.",
        Facts = new(
            "Offers of both; production links and joint products of the reference data.",
            "Предложения обеих сторон; производственные связи и совместные продукты из справочника."),
        TermKinds = [TermKind.JointInput],
        Terms = new(
            "An input of the joint product that the giver brings and the receiver has less of.",
            "Что одна сторона даёт для совместного продукта и чего у другой меньше или нет."),
    };

    public ComponentValue Evaluate(in OrderedPair pair)
    {
        var (a, b) = (pair.Giver, pair.Receiver);
        if (a.Offers.Length == 0 || b.Offers.Length == 0)
        {
            return ComponentValue.NoEvidence;
        }

        Recipe? best = null;
        double bestValue = 0;
        foreach (var recipe in pair.Knowledge.Recipes)
        {
            var value = 2 * recipe.Product.Value * Gain(recipe, a, b);
            if (value > bestValue)
            {
                (best, bestValue) = (recipe, value);
            }
        }

        return best is null
            ? new ComponentValue(0, [], 1)
            : ComponentValue.From(bestValue, Terms(best, pair), pair.Knowledge.Parameters.InferredConfidence);
    }

    private static double Gain(Recipe recipe, ExpandedProfile a, ExpandedProfile b)
    {
        double coverA = 0;
        double coverB = 0;
        double together = 0;
        var (aAdds, bAdds) = (false, false);
        foreach (var (input, weight) in recipe.Inputs)
        {
            var offerA = a.OfferedValue(input);
            var offerB = b.OfferedValue(input);
            coverA += weight * offerA;
            coverB += weight * offerB;
            together += weight * Math.Max(offerA, offerB);
            aAdds |= offerA > 0 && offerB == 0;
            bAdds |= offerB > 0 && offerA == 0;
        }

        return aAdds && bAdds ? (together - Math.Max(coverA, coverB)) / recipe.TotalWeight : 0;
    }

    private static List<Term> Terms(Recipe recipe, in OrderedPair pair)
    {
        var terms = new List<Term>();
        foreach (var (input, weight) in recipe.Inputs)
        {
            var offerA = pair.Giver.OfferedValue(input);
            var offerB = pair.Receiver.OfferedValue(input);
            if (offerA == offerB)
            {
                continue;
            }

            var (giver, receiver, offered, lacking) = offerA > offerB
                ? (pair.Giver, pair.Receiver, offerA, offerB)
                : (pair.Receiver, pair.Giver, offerB, offerA);
            terms.Add(new Term
            {
                Kind = TermKind.JointInput,
                Value = weight * (offered - lacking) / recipe.TotalWeight,
                GiverId = giver.Profile.Id,
                ReceiverId = receiver.Profile.Id,
                OfferCode = pair.Knowledge.Tree[giver.Offers[ExpandedProfile.Find(giver.Offers, input)].Source].Code,
                NeedCode = pair.Knowledge.Tree[input].Code,
                ViaCode = recipe.Product.Code,
                Evidence = Evidence.Inferred,
            });
        }

        return terms;
    }
}
