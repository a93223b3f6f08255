using PartnerMatch.Ranking.Profiles;

namespace PartnerMatch.Ranking.Scoring;

/// <summary>
/// How scarce each competency is among the suppliers of a corridor, <c>q[u] = ln(1 + N / m[u]) / ln(1 + N)</c>: N enterprises
/// that offer anything, <c>m[u]</c> the sum of their expanded offers of <c>u</c>, at least 1. The shape is that of inverse document
/// frequency (Sparck Jones 1972), scaled to (0,1]: 1 for a single supplier, falling as more offer it. Frozen once measured.
/// </summary>
public sealed class Scarcity
{
    private readonly double[] _values;

    private Scarcity(double[] values) => _values = values;

    /// <summary>Every competency equally scarce, 1: for a pair outside any corridor's market.</summary>
    public static Scarcity None(RankingKnowledge knowledge)
    {
        ArgumentNullException.ThrowIfNull(knowledge);
        var values = new double[knowledge.Tree.Count];
        Array.Fill(values, 1);
        return new Scarcity(values);
    }

    /// <summary>Measures scarcity over the published enterprises of both sides of a corridor.</summary>
    public static Scarcity Measure(RankingKnowledge knowledge, Corridor corridor, IEnumerable<EnterpriseProfile> enterprises)
    {
        ArgumentNullException.ThrowIfNull(knowledge);
        ArgumentNullException.ThrowIfNull(corridor);
        ArgumentNullException.ThrowIfNull(enterprises);
        var supply = new double[knowledge.Tree.Count];
        var suppliers = 0;
        foreach (var enterprise in enterprises)
        {
            if (enterprise.Offers.Count == 0 || enterprise.Status != ProfileStatus.Published || corridor.SideOf(enterprise) is null)
            {
                continue;
            }

            suppliers++;
            foreach (var offer in ExpandedProfile.ExpandOffers(enterprise, knowledge))
            {
                supply[offer.Code] += offer.Value;
            }
        }

        var scale = Math.Log(1 + Math.Max(1, suppliers));
        for (var code = 0; code < supply.Length; code++)
        {
            supply[code] = Math.Log(1 + (Math.Max(1, suppliers) / Math.Max(1, supply[code]))) / scale;
        }

        return new Scarcity(supply);
    }

    /// <summary>Scarcity of a competency by its preorder number, in (0,1]. Where nobody supplies it no offer meets it either, so its term is 0.</summary>
    internal double this[int code] => _values[code];
}
