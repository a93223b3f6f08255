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

        Covers = new double[knowledge.Recipes.Length];
        for (var at = 0; at < Covers.Length; at++)
        {
            foreach (var (input, weight) in knowledge.Recipes[at].Inputs)
            {
                Covers[at] += weight * OfferedValue(input);
            }
        }
    }

    /// <summary>The expanded offers.</summary>
    public OfferEntry[] Offers { get; }

    /// <summary>The needs that count, in order of code.</summary>
    public NeedEntry[] Needs { get; }

    /// <summary>By recipe the weight of the inputs that the enterprise offers.</summary>
    public double[] Covers { get; }

    /// <summary>Where the offer for a competency stands in <see cref="Offers"/>, or -1.</summary>
    public int OfferAt(int code) => _offers[code] - 1;

    /// <summary>Where the need for a competency stands in <see cref="Needs"/>, or -1.</summary>
    public int NeedAt(int code) => _needs[code] - 1;

    /// <summary>How well the offers answer a need for the competency, 0 where they do not.</summary>
    public double OfferedValue(int code) => OfferAt(code) is >= 0 and var at ? Offers[at].Value : 0;
}
