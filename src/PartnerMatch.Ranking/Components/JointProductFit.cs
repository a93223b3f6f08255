using System.Numerics;
using PartnerMatch.Ranking.Scoring;

namespace PartnerMatch.Ranking.Components;

/// <summary>
/// The new avenue: <c>2 max_p v_p gain_p</c> in [0,1], where <c>gain_p = cover({a,b},p) - max(cover({a},p), cover({b},p))</c> and
/// <c>cover(S,p) = sum_u w(u->p) max_{e in S} O_e[u] / sum_u w(u->p)</c> over the material and component inputs of p. Counted only where each side
/// adds an input that the other lacks altogether.
/// </summary>
internal sealed class JointProductFit : IComponent
{
    /// <summary>More than what sums in another order can differ by.</summary>
    private const double Rounding = 1e-9;

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
        if (pair.Giver.RawOffers.Length == 0 || pair.Receiver.RawOffers.Length == 0)
        {
            return ComponentValue.NoEvidence;
        }

        var (bestAt, bestValue) = (-1, 0.0);
        var possible = pair.Meeting.FindPossible();
        var chances = pair.Meeting.JointProducts;
        for (var word = 0; word < possible.Length; word++)
        {
            for (var left = possible[word]; left != 0; left &= left - 1)
            {
                var chance = chances[(64 * word) + BitOperations.TrailingZeroCount(left)];
                if (chance.Most + Rounding < bestValue)
                {
                    // Nor can those that follow gain more.
                    break;
                }

                // Of equals the first in code order.
                var recipe = pair.Knowledge.Recipes[chance.Recipe];
                var value = 2 * recipe.Product.Value * Gain(recipe, pair);
                if (value > bestValue || (value == bestValue && chance.Recipe < bestAt))
                {
                    (bestAt, bestValue) = (chance.Recipe, value);
                }
            }
        }

        if (bestAt < 0)
        {
            return ComponentValue.Nothing;
        }

        var best = pair.Knowledge.Recipes[bestAt];
        var share = new StatedShare(pair.Knowledge.Parameters.InferredConfidence);
        List<Term>? terms = pair.Explains ? [] : null;
        foreach (var (input, weight) in best.Inputs)
        {
            var offerA = pair.Meeting.OfferedValue(pair.Giver, input);
            var offerB = pair.Meeting.OfferedValue(pair.Receiver, input);
            if (offerA == offerB)
            {
                continue;
            }

            var (giver, receiver, offered, lacking) = offerA > offerB
                ? (pair.Giver, pair.Receiver, offerA, offerB)
                : (pair.Receiver, pair.Giver, offerB, offerA);
            var value = weight * (offered - lacking) / best.TotalWeight;
            share.Add(value, Evidence.Inferred);
            terms?.Add(new Term
            {
                Kind = TermKind.JointInput,
                Value = value,
                GiverId = giver.Profile.Id,
                ReceiverId = receiver.Profile.Id,
                OfferCode = pair.Knowledge.Tree[pair.Meeting.SourceOf(giver, input)].Code,
                NeedCode = pair.Knowledge.Tree[input].Code,
                ViaCode = best.Product.Code,
                Evidence = Evidence.Inferred,
            });
        }

        return new ComponentValue(bestValue, (IReadOnlyList<Term>?)terms ?? [], share.Value);
    }

    private static double Gain(Recipe recipe, in OrderedPair pair)
    {
        double coverA = 0;
        double coverB = 0;
        double together = 0;
        var (aAdds, bAdds) = (false, false);
        foreach (var (input, weight) in recipe.Inputs)
        {
            var offerA = pair.Meeting.OfferedValue(pair.Giver, input);
            var offerB = pair.Meeting.OfferedValue(pair.Receiver, input);
            coverA += weight * offerA;
            coverB += weight * offerB;
            together += weight * Math.Max(offerA, offerB);
            aAdds |= offerA > 0 && offerB == 0;
            bAdds |= offerB > 0 && offerA == 0;
        }

        return aAdds && bAdds ? (together - Math.Max(coverA, coverB)) / recipe.TotalWeight : 0;
    }
}
