using PartnerMatch.Ranking.Scoring;
using PartnerMatch.Ranking.Taxonomy;

namespace PartnerMatch.Ranking.Components;

/// <summary>
/// <c>channel(a->b)</c> in [0,1]: b distributes or sells a's kind of goods in a market where a has no channel:
/// <c>max_{u,v} w(u->v) o_a[v] O_b[u]</c> over links of kind channel, 0 where b serves no such market.
/// </summary>
internal sealed class Channel : IComponent
{
    public string Name => "channel";

    public bool IsDirected => true;

    public ComponentDescription Describe(ModelParameters parameters) => new()
    {
        Name = Name,
        IsDirected = IsDirected,
        Label = new("Sales channel", "Канал сбыта"),
        Definition = new(
            "Whether b distributes or sells a's kind of goods in a market where a has no channel.",
            "Распространяет ли b товары того вида, что выпускает a, на рынке, где у a нет канала сбыта."),
        Range = new(0, 1),
        Formula = "max_{u,v} w(u->v) o_a[v] O_b[u] over links of kind channel; 0 where b serves no such market",
        Parameters = [],
        Source = "Of this product.",
        Facts = new(
            "Offers of both; markets of both, at least the region where b is.",
            "Предложения обеих сторон; рынки обеих сторон, по меньшей мере регион b."),
        TermKinds = [TermKind.Outlet],
        Terms = new(
            "The receiver trades in the giver's kind of goods.",
            "Другая сторона торгует товарами того вида, что выпускает первая."),
    };

    public ComponentValue Evaluate(in OrderedPair pair)
    {
        if (pair.Giver.RawOffers.Length == 0 || pair.Receiver.RawOffers.Length == 0)
        {
            return ComponentValue.NoEvidence;
        }

        // Where the two sell is known at once: most trades open no market.
        if (Markets.FirstWithoutChannelOf(pair.Giver, pair.Receiver) is not { } market || BestOutlet(pair) is not { Value: > 0 } outlet)
        {
            return ComponentValue.Nothing;
        }

        var evidence = Markets.EvidenceOf(pair);
        Term[] terms = !pair.Explains ? [] :
        [
            new Term
            {
                Kind = TermKind.Outlet,
                Value = outlet.Value,
                GiverId = pair.Giver.Profile.Id,
                ReceiverId = pair.Receiver.Profile.Id,
                OfferCode = pair.Knowledge.Tree[outlet.Goods].Code,
                NeedCode = pair.Knowledge.Tree[outlet.Trade].Code,
                Link = LinkKind.Channel,
                Market = market,
                Evidence = evidence,
            },
        ];
        return new ComponentValue(outlet.Value, terms, StatedShare.Of(outlet.Value, evidence, pair.Knowledge.Parameters.InferredConfidence));
    }

    /// <summary>The receiver's trade that fits the giver's goods best, the first of several; value 0 where none fits.</summary>
    public static (int Goods, int Trade, double Value) BestOutlet(in OrderedPair pair)
    {
        var best = (Goods: 0, Code: -1, Value: 0.0);
        foreach (var outlet in pair.Giver.Outlets)
        {
            var value = outlet.Value * pair.Meeting.OfferedValue(pair.Receiver, outlet.Code);
            best = value > best.Value ? (outlet.Via, outlet.Code, value) : best;
        }

        return (best.Goods, best.Code < 0 ? 0 : pair.Meeting.SourceOf(pair.Receiver, best.Code), best.Value);
    }
}
