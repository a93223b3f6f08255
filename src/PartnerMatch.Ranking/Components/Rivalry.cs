using PartnerMatch.Ranking.Scoring;

namespace PartnerMatch.Ranking.Components;

/// <summary>
/// <c>marketOverlap(a,b) (1 - prod_c (1 - min(o_a[c], o_b[c])))</c> in [0,1]: the same product for the same market. It subtracts: there is
/// no need to compete where competition is not necessary.
/// </summary>
internal sealed class Rivalry : IComponent
{
    public const string ComponentName = "rivalry";

    public string Name => ComponentName;

    public bool IsDirected => false;

    public ComponentDescription Describe(ModelParameters parameters) => new()
    {
        Name = Name,
        IsDirected = IsDirected,
        Label = new("Rivalry", "Соперничество"),
        Definition = new(
            "The same product for the same market. Its weight subtracts: there is no need to compete where competition is not necessary.",
            "Одинаковая продукция для одного рынка. Вес вычитается: незачем конкурировать там, где конкуренция не нужна."),
        Range = new(0, 1),
        Formula = "marketOverlap(a,b) (1 - prod_c (1 - min(o_a[c], o_b[c])))",
        Parameters = [],
        Source = "Of this product; the overlap of markets is Jaccard's, 1 inside a common market unless both list their markets.",
        Facts = new(
            "Offers of both; markets of both, the home country where none are stated.",
            "Предложения обеих сторон; рынки обеих сторон, если не указаны — страна регистрации."),
        TermKinds = [TermKind.SharedProduct],
        Terms = new(
            "A product that both offer.",
            "Продукция, которую предлагают обе стороны."),
    };

    public ComponentValue Evaluate(in OrderedPair pair)
    {
        if (pair.Giver.RawOffers.Length == 0 || pair.Receiver.RawOffers.Length == 0)
        {
            return ComponentValue.NoEvidence;
        }

        var overlap = Markets.Overlap(pair.Giver, pair.Receiver, pair.Corridor);
        var evidence = Markets.EvidenceOf(pair);
        var distinct = 1.0;
        var share = new StatedShare(pair.Knowledge.Parameters.InferredConfidence);
        List<Term>? terms = pair.Explains ? [] : null;
        foreach (var offer in pair.Giver.RawOffers)
        {
            var at = Profiles.ExpandedProfile.Find(pair.Receiver.RawOffers, offer.Code);
            if (at < 0 || overlap == 0)
            {
                continue;
            }

            var shared = Math.Min(offer.Value, pair.Receiver.RawOffers[at].Value);
            distinct *= 1 - shared;
            share.Add(overlap * shared, evidence);
            terms?.Add(new Term
            {
                Kind = TermKind.SharedProduct,
                Value = overlap * shared,
                OfferCode = pair.Knowledge.Tree[offer.Code].Code,
                NeedCode = pair.Knowledge.Tree[offer.Code].Code,
                Evidence = evidence,
            });
        }

        return new ComponentValue(overlap * (1 - distinct), (IReadOnlyList<Term>?)terms ?? [], share.Value);
    }
}
