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

        if (BestOutlet(pair) is not { } outlet || Markets.WithoutChannelOf(pair.Giver, pair.Receiver).FirstOrDefault() is not { } market)
        {
            return new ComponentValue(0, [], 1);
        }

        var term = outlet with { Market = market, Evidence = Markets.EvidenceOf(pair) };
        return ComponentValue.From(term.Value, [term], pair.Knowledge.Parameters.InferredConfidence);
    }

    /// <summary>The receiver's trade that fits the giver's goods best, or null.</summary>
    public static Term? BestOutlet(in OrderedPair pair)
    {
        Term? best = null;
        foreach (var outlet in pair.Giver.Outlets)
        {
            var value = outlet.Value * pair.Receiver.OfferedValue(outlet.Code);
            if (value > (best?.Value ?? 0))
            {
                var tree = pair.Knowledge.Tree;
                var at = Profiles.ExpandedProfile.Find(pair.Receiver.Offers, outlet.Code);
                best = new Term
                {
                    Kind = TermKind.Outlet,
                    Value = value,
                    GiverId = pair.Giver.Profile.Id,
                    ReceiverId = pair.Receiver.Profile.Id,
                    OfferCode = tree[outlet.Via].Code,
                    NeedCode = tree[pair.Receiver.Offers[at].Source].Code,
                    Link = LinkKind.Channel,
                    Evidence = Evidence.Inferred,
                };
            }
        }

        return best;
    }
}
