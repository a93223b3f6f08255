using PartnerMatch.Ranking.Scoring;

namespace PartnerMatch.Ranking.Components;

/// <summary>
/// <c>supply(a->b) = 1 - exp(-S / tau)</c> with <c>S = (sum_u (q[u] n_b[u] O_a[u])^p)^(1/p)</c>: how much of what b needs a brings, in [0,1).
/// The norm's order p lets one main purchase count more than many small ones. Where met needs lie on one path of the tree they are one need seen at several levels, and count once: S is the
/// largest sum over needs of which none lies above another. That keeps supply monotone in every offer and need, which
/// "only the most specific one" would not (a faint narrow match would displace a strong broad one).
/// </summary>
internal sealed class Supply : IComponent
{
    public const string ComponentName = "supply";

    public string Name => ComponentName;

    public bool IsDirected => true;

    public ComponentDescription Describe(ModelParameters parameters) => new()
    {
        Name = Name,
        IsDirected = IsDirected,
        Label = new("Supply", "Поставка"),
        Definition = new(
            "How much of what b needs a brings, absolute: knowing more of b's needs never makes a partner look worse. Of needs that lie on one path of the taxonomy only one counts.",
            "Какую часть потребностей b закрывает a, в абсолютной мере: чем больше известно о потребностях b, тем не хуже выглядит партнёр. Из потребностей на одной ветви классификатора учитывается одна."),
        Range = new(0, 1, IncludesTo: false),
        Formula = "1 - exp(-S / tau), S = (sum_u (q[u] n_b[u] O_a[u])^p)^(1/p)",
        Parameters = [new("tau", "supplyScale", parameters.SupplyScale), new("p", "needEmphasis", parameters.NeedEmphasis), new("lambda in n_b", "inferredNeed", parameters.InferredNeed), new("near downwards in O_a", "narrowerNear", parameters.NarrowerNear), new("near upwards in O_a", "broaderNear", parameters.BroaderNear)],
        Source = "The saturation of a sparse weighted sum; q has the shape of inverse document frequency (Sparck Jones 1972).",
        Facts = new(
            "Offers of a; needs of b, stated, or inferred from its offers through production links of the kinds that the form counts.",
            "Предложения a; потребности b: указанные или выведенные из его предложений по производственным связям тех видов, которые учитывает форма."),
        TermKinds = [TermKind.MetNeed],
        Terms = new(
            "An offer of the giver meets a need of the receiver: stated, or usual for makers of the product named as via.",
            "Предложение одной стороны закрывает потребность другой: указанную или обычную для изготовителей продукции, названной в поле via."),
    };

    public ComponentValue Evaluate(in OrderedPair pair)
    {
        var met = pair.MetNeeds;
        return pair.Explains ? met.Supply with { Terms = ToTerms(met.Counted, pair) } : met.Supply;
    }

    /// <summary>The reason that counts most, the first of several; none where nothing is met.</summary>
    public static Term[] Largest(in OrderedPair pair)
    {
        var counted = pair.MetNeeds.Counted;
        return counted.Count == 0 ? [] : [ToTerm(counted.MaxBy(m => m.Value), pair)];
    }

    private static Term[] ToTerms(IReadOnlyList<MetNeed> counted, in OrderedPair pair)
    {
        var terms = new Term[counted.Count];
        for (var i = 0; i < terms.Length; i++)
        {
            terms[i] = ToTerm(counted[i], pair);
        }

        return terms;
    }

    private static Term ToTerm(in MetNeed met, in OrderedPair pair)
    {
        var tree = pair.Knowledge.Tree;
        return new Term
        {
            Kind = TermKind.MetNeed,
            Value = met.Value,
            GiverId = pair.Giver.Profile.Id,
            ReceiverId = pair.Receiver.Profile.Id,
            OfferCode = tree[met.Offer.Source].Code,
            NeedCode = tree[met.Need.Code].Code,
            ViaCode = met.Need.IsStated ? null : tree[met.Need.Via].Code,
            Link = met.Need.Kind,
            Evidence = met.Evidence,
        };
    }
}
