using PartnerMatch.Ranking.Scoring;

namespace PartnerMatch.Ranking.Profiles;

/// <summary>One enterprise by competency, for looking up what many partners have in common with it.</summary>
internal sealed class SubjectTable
{
    private readonly ushort[] _offers;
    private readonly ushort[] _needs;

    public SubjectTable(ExpandedProfile subject, NeedEntry[] needs, RankingKnowledge knowledge)
    {
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
    }

    /// <summary>The expanded offers.</summary>
    public OfferEntry[] Offers { get; }

    /// <summary>The needs that count, in order of code.</summary>
    public NeedEntry[] Needs { get; }

    /// <summary>The products that it could make with somebody, those that could gain most first.</summary>
    public JointChance[] JointProducts { get; }

    /// <summary>Where the offer for a competency stands in <see cref="Offers"/>, or -1.</summary>
    public int OfferAt(int code) => _offers[code] - 1;

    /// <summary>Where the need for a competency stands in <see cref="Needs"/>, or -1.</summary>
    public int NeedAt(int code) => _needs[code] - 1;

    /// <summary>How well the offers answer a need for the competency, 0 where they do not.</summary>
    public double OfferedValue(int code) => OfferAt(code) is >= 0 and var at ? Offers[at].Value : 0;

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
