using PartnerMatch.Ranking.Scoring;
using PartnerMatch.Ranking.Taxonomy;

namespace PartnerMatch.Ranking.Profiles;

/// <summary>One enterprise by competency, for looking up what many partners have in common with it.</summary>
internal sealed class SubjectTable
{
    private readonly RankingKnowledge _knowledge;
    private readonly LinkKinds _kinds;
    private readonly ushort[] _offers;
    private readonly ushort[] _needs;
    private readonly ushort[] _lackers;
    private readonly List<ulong[]> _lackerSets = [];
    private EffectiveLink[]?[]? _given;

    public SubjectTable(ExpandedProfile subject, LinkKinds kinds, NeedEntry[] needs, RankingKnowledge knowledge)
    {
        (_knowledge, _kinds) = (knowledge, kinds);
        Offers = subject.Offers;
        Needs = needs;
        _offers = new ushort[knowledge.Tree.Count];
        _needs = new ushort[knowledge.Tree.Count];
        for (var at = 0; at < Offers.Length; at++)
        {
            _offers[Offers[at].Code] = (ushort)(at + 1);
        }

        for (var at = 0; at < needs.Length; at++)
        {
            _needs[needs[at].Code] = (ushort)(at + 1);
        }

        JointProducts = FindJointProducts(knowledge.Recipes);
        _lackers = new ushort[JointProducts.Length == 0 ? 0 : knowledge.Tree.Count];
        for (var at = 0; at < JointProducts.Length; at++)
        {
            foreach (var code in JointProducts[at].Lacking)
            {
                if (_lackers[code] == 0)
                {
                    _lackerSets.Add(new ulong[JointProductWords]);
                    _lackers[code] = (ushort)_lackerSets.Count;
                }

                _lackerSets[_lackers[code] - 1][at / 64] |= 1UL << (at & 63);
            }
        }
    }

    /// <summary>The expanded offers.</summary>
    public OfferEntry[] Offers { get; }

    /// <summary>The needs that count, in order of code.</summary>
    public NeedEntry[] Needs { get; }

    /// <summary>The products that it could make with somebody, those that could gain most first.</summary>
    public JointChance[] JointProducts { get; }

    /// <summary>So many words hold one bit for each of <see cref="JointProducts"/>.</summary>
    public int JointProductWords => (JointProducts.Length + 63) / 64;

    /// <summary>A bit for each of <see cref="JointProducts"/> that lacks the competency; empty where none does.</summary>
    public ReadOnlySpan<ulong> JointProductsLacking(int code) => code < _lackers.Length && _lackers[code] is > 0 and var set ? _lackerSets[set - 1] : [];

    /// <summary>Of what making an output takes the links that count whose input the enterprise offers; looked up once for all partners that make it.</summary>
    public EffectiveLink[] GivenTo(int output)
    {
        // Two that look at once find the same.
        var given = _given ??= new EffectiveLink[_knowledge.Tree.Count][];
        return given[output] ??= FindGiven(output);
    }

    /// <summary>Where the offer for a competency stands in <see cref="Offers"/>, or -1.</summary>
    public int OfferAt(int code) => _offers[code] - 1;

    /// <summary>Where the need for a competency stands in <see cref="Needs"/>, or -1.</summary>
    public int NeedAt(int code) => _needs[code] - 1;

    /// <summary>How well the offers answer a need for the competency, 0 where they do not.</summary>
    public double OfferedValue(int code) => OfferAt(code) is >= 0 and var at ? Offers[at].Value : 0;

    private EffectiveLink[] FindGiven(int output)
    {
        var (links, inputs) = (_knowledge.Graph.PurchasesOf(output), _knowledge.Graph.PurchasedBy(output));
        var count = 0;
        for (var at = 0; at < inputs.Length; at++)
        {
            count += IsGiven(at) ? 1 : 0;
        }

        var given = count == 0 ? [] : new EffectiveLink[count];
        for (var at = inputs.Length - 1; count > 0; at--)
        {
            if (IsGiven(at))
            {
                given[--count] = links[at];
            }
        }

        return given;

        bool IsGiven(int at) => _offers[inputs[at]] > 0 && _kinds.Counts(links[at].Kind);
    }

    private JointChance[] FindJointProducts(Recipe[] recipes)
    {
        var chances = new List<JointChance>();
        for (var at = 0; at < recipes.Length; at++)
        {
            var (cover, inputs) = (0.0, recipes[at].Inputs);
            var lacking = new List<int>(inputs.Length);
            foreach (var (input, weight) in inputs)
            {
                var offered = OfferedValue(input);
                cover += weight * offered;
                if (offered == 0)
                {
                    lacking.Add(input);
                }
            }

            if (cover > 0 && lacking.Count > 0)
            {
                cover /= recipes[at].TotalWeight;
                chances.Add(new JointChance(at, 2 * recipes[at].Product.Value * Math.Min(cover, 1 - cover), [.. lacking]));
            }
        }

        return [.. chances.OrderByDescending(c => c.Most)];
    }
}

/// <summary>A joint product to which the enterprise adds something and lacks something.</summary>
/// <param name="Recipe">Its number.</param>
/// <param name="Most">The component's value is at most this: the gain is at most what the enterprise covers, and at most what it does not cover.</param>
/// <param name="Lacking">The inputs that it does not offer at all, of which a partner must offer one.</param>
internal readonly record struct JointChance(int Recipe, double Most, int[] Lacking);
