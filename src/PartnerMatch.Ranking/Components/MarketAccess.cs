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

        var markets = Markets.CountNewTo(pair.Giver, pair.Receiver);
        if (markets == 0)
        {
            return ComponentValue.Nothing;
        }

        var outlet = Channel.BestOutlet(pair);
        var kin = Kinship.Closest(pair.Giver, pair.Receiver, pair.Knowledge.Tree);
        var relevance = Math.Max(outlet.Value, kin.Value);
        if (relevance == 0)
        {
            return ComponentValue.Nothing;
        }

        var value = relevance * (1 - Math.Exp(-markets / pair.Knowledge.Parameters.MarketScale));
        var evidence = Markets.EvidenceOf(pair);
        var terms = pair.Explains ? ToTerms(pair, outlet.Value >= kin.Value ? (outlet.Goods, outlet.Trade) : (kin.Left, kin.Right), value / markets, evidence) : [];
        return new ComponentValue(value, terms, StatedShare.Of(value, evidence, pair.Knowledge.Parameters.InferredConfidence));
    }

    private static Term[] ToTerms(in OrderedPair pair, (int Goods, int Place) codes, double value, Evidence evidence)
    {
        var tree = pair.Knowledge.Tree;
        var (giver, receiver) = (pair.Giver.Profile.Id, pair.Receiver.Profile.Id);
        return [.. Markets.NewTo(pair.Giver, pair.Receiver).Select(market => new Term
        {
            Kind = TermKind.NewMarket,
            Value = value,
            GiverId = giver,
            ReceiverId = receiver,
            OfferCode = tree[codes.Goods].Code,
            NeedCode = tree[codes.Place].Code,
            Market = market,
            Evidence = evidence,
        })];
    }
}
