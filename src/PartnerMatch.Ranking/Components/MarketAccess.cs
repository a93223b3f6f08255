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

    public ComponentDescription Describe(ModelParameters parameters) => new()
    {
        Name = Name,
        IsDirected = IsDirected,
        Label = new("Market access", "Доступ к рынкам"),
        Definition = new(
            "What markets b opens for a: those that b serves and a does not yet, as far as b could place a's kind of goods there.",
            "Какие рынки b открывает для a: те, где b работает, а a ещё нет, насколько b может размещать там товары того вида, что выпускает a."),
        Range = new(0, 1, IncludesTo: false),
        Formula = "r (1 - exp(-new / m)), r the larger of the best channel link and the nearest kin of the products",
        Parameters = [new("m", "marketScale", parameters.MarketScale)],
        Source = "Of this product.",
        Facts = new(
            "Offers of both; markets of both, the home country where none are stated.",
            "Предложения обеих сторон; рынки обеих сторон, если не указаны — страна регистрации."),
        TermKinds = [TermKind.NewMarket],
        Terms = new(
            "A market that the receiver serves and the giver does not.",
            "Рынок, на котором одна сторона работает, а другая ещё нет."),
    };

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
