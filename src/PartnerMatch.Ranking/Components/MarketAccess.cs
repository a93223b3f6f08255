using PartnerMatch.Ranking.Scoring;

namespace PartnerMatch.Ranking.Components;

/// <summary>
/// <c>marketAccess(a->b)</c> in [0,1): b serves markets where a does not sell yet: <c>r (1 - exp(-new / scale))</c>, where <c>r</c> says how well b
/// could place a's kind of goods there: as its trade (a channel link) or beside products of the same kind.
/// </summary>
internal sealed class MarketAccess : IComponent
{
    public string Name => "market-access";

    public bool IsDirected => true;

    public ComponentValue Evaluate(in OrderedPair pair)
    {
        if (pair.Giver.RawOffers.Length == 0 || pair.Receiver.RawOffers.Length == 0)
        {
            return ComponentValue.NoEvidence;
        }

        var markets = Markets.NewTo(pair.Giver, pair.Receiver).ToArray();
        var outlet = Channel.BestOutlet(pair);
        var kin = Kinship.Between(pair.Giver, pair.Receiver, pair.Knowledge.Tree).OrderByDescending(k => k.Value).FirstOrDefault();
        var relevance = Math.Max(outlet?.Value ?? 0, kin.Value);
        if (markets.Length == 0 || relevance == 0)
        {
            return new ComponentValue(0, [], 1);
        }

        var value = relevance * (1 - Math.Exp(-markets.Length / pair.Knowledge.Parameters.MarketScale));
        var tree = pair.Knowledge.Tree;
        var byTrade = outlet is not null && outlet.Value >= kin.Value;
        var evidence = Markets.EvidenceOf(pair);
        var (giver, receiver) = (pair.Giver.Profile.Id, pair.Receiver.Profile.Id);
        var terms = markets.Select(market => new Term
        {
            Kind = TermKind.NewMarket,
            Value = value / markets.Length,
            GiverId = giver,
            ReceiverId = receiver,
            OfferCode = byTrade ? outlet!.OfferCode : tree[kin.Left].Code,
            NeedCode = byTrade ? outlet!.NeedCode : tree[kin.Right].Code,
            Market = market,
            Evidence = evidence,
        }).ToArray();
        return ComponentValue.From(value, terms, pair.Knowledge.Parameters.InferredConfidence);
    }
}
