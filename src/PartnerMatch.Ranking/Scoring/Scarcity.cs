using PartnerMatch.Ranking.Profiles;

namespace PartnerMatch.Ranking.Scoring;

/// <summary>
/// How scarce each competency is among the suppliers of a corridor, <c>q[u] = ln(1 + N / m[u]) / ln(1 + N)</c>: N enterprises
/// that offer anything, <c>m[u]</c> the sum of their expanded offers of <c>u</c>, at least 1. The shape is that of inverse document
/// frequency (Sparck Jones 1972), scaled to (0,1]: 1 for a single supplier, falling as more offer it. Frozen once measured.
/// </summary>
public sealed class Scarcity
{
    /// <summary>Supply is added up in whole parts, so that the same enterprises in another order give the same sum to the last digit.</summary>
    private const double Unit = 1L << 40;

    private readonly double[] _values;

    private Scarcity(int suppliers, IReadOnlyDictionary<string, double> supply, double[] values) => (Suppliers, Supply, _values) = (suppliers, supply, values);

    /// <summary>How many enterprises offer anything: N.</summary>
    public int Suppliers { get; }

    /// <summary>The supply of each competency of which there is more than one supplier's full offer: <c>m[u]</c>, above 1. The others count as 1.</summary>
    public IReadOnlyDictionary<string, double> Supply { get; }

    /// <summary>Every competency equally scarce, 1: for a pair outside any corridor's market.</summary>
    public static Scarcity None(RankingKnowledge knowledge)
    {
        ArgumentNullException.ThrowIfNull(knowledge);
        var values = new double[knowledge.Tree.Count];
        Array.Fill(values, 1);
        return new Scarcity(0, new Dictionary<string, double>(), values);
    }

    /// <summary>Scarcity as it was measured before.</summary>
    /// <param name="knowledge">The knowledge that it was measured with.</param>
    /// <param name="suppliers">What <see cref="Suppliers"/> said, at least 0.</param>
    /// <param name="supply">What <see cref="Supply"/> said.</param>
    /// <exception cref="ArgumentException">A code is unknown, a supply is not above 1, or the number of suppliers is below 0.</exception>
    public static Scarcity Of(RankingKnowledge knowledge, int suppliers, IReadOnlyDictionary<string, double> supply)
    {
        ArgumentNullException.ThrowIfNull(knowledge);
        ArgumentNullException.ThrowIfNull(supply);
        if (suppliers < 0 || supply.Values.Any(s => !(s > 1 && double.IsFinite(s))))
        {
            throw new ArgumentException("Supply that is told is above 1, and the number of suppliers at least 0.", nameof(supply));
        }

        var values = new double[knowledge.Tree.Count];
        Array.Fill(values, 1);
        foreach (var (code, value) in supply)
        {
            values[knowledge.Tree.IndexOf(code)] = value;
        }

        var scale = Math.Log(1 + Math.Max(1, suppliers));
        for (var code = 0; code < values.Length; code++)
        {
            values[code] = Math.Log(1 + (Math.Max(1, suppliers) / values[code])) / scale;
        }

        return new Scarcity(suppliers, supply, values);
    }

    /// <summary>Measures scarcity over the published enterprises of both sides of a corridor.</summary>
    public static Scarcity Measure(RankingKnowledge knowledge, Corridor corridor, IEnumerable<EnterpriseProfile> enterprises)
    {
        ArgumentNullException.ThrowIfNull(knowledge);
        ArgumentNullException.ThrowIfNull(corridor);
        ArgumentNullException.ThrowIfNull(enterprises);
        var units = new long[knowledge.Tree.Count];
        var own = new double[knowledge.Tree.Count];
        var touched = new List<int>();
        var suppliers = 0;
        foreach (var enterprise in enterprises)
        {
            if (enterprise.Offers.Count == 0 || enterprise.Status != ProfileStatus.Published || corridor.SideOf(enterprise) is null)
            {
                continue;
            }

            suppliers++;
            touched.Clear();
            foreach (var offer in enterprise.Offers)
            {
                foreach (var (need, near) in knowledge.AnswersOf(knowledge.Tree.IndexOf(offer.Code)))
                {
                    if (own[need] == 0)
                    {
                        touched.Add(need);
                    }

                    own[need] = Math.Max(own[need], offer.Strength * near);
                }
            }

            foreach (var need in touched)
            {
                units[need] += (long)Math.Round(own[need] * Unit);
                own[need] = 0;
            }
        }

        var supply = new Dictionary<string, double>(StringComparer.Ordinal);
        for (var code = 0; code < units.Length; code++)
        {
            if (units[code] / Unit is > 1 and var value)
            {
                supply[knowledge.Tree[code].Code] = value;
            }
        }

        return Of(knowledge, suppliers, supply);
    }

    /// <summary>Scarcity of a competency by its preorder number, in (0,1]. Where nobody supplies it no offer meets it either, so its term is 0.</summary>
    internal double this[int code] => _values[code];
}
