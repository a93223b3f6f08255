using PartnerMatch.Ranking.Components;
using PartnerMatch.Ranking.Scoring;

namespace PartnerMatch.Ranking.Index;

/// <summary>What the candidates of one segment can reach at most, in points.</summary>
internal sealed class CandidateBounds
{
    /// <summary>So many sets of markets are compared before any candidate is.</summary>
    private const int FewSales = 64;

    private readonly Segment _segment;
    private readonly RankingQuery _query;
    private readonly QueryPlan _plan;
    private readonly BoundWeights _weights;
    private readonly float[] _proximity;
    private readonly Sale[] _sales;
    private readonly double _constant;
    private readonly int _codes;

    public CandidateBounds(Segment segment, RankingQuery query, QueryPlan plan, BoundWeights weights, int codes)
    {
        (_segment, _query, _plan, _weights, _codes) = (segment, query, plan, weights, codes);
        _sales = new Sale[segment.Sellers.Length];
        _proximity = new float[segment.Locations.Length];
        var subject = query.Subject.Profile;
        if (weights.Proximity > 0 && subject.Location is { } place)
        {
            for (var at = 0; at < _proximity.Length; at++)
            {
                _proximity[at] = (float)(weights.Proximity * Proximity.Of(place.DistanceKmTo(segment.Locations[at]), query.Corridor));
            }
        }

        var anyFit = segment.HasRevenue && subject.Revenue is not null ? weights.ScaleFit : 0;
        var record = segment.HasAgreements || subject.Agreements is not null || query.AgreementsWith is not null ? weights.TrackRecord : 0;
        _constant = BoundWeights.Slack + anyFit + record;
        MostApart = 0;
        for (var set = 0; set < _sales.Length && MostApart < 1; set++)
        {
            MostApart = _sales.Length > FewSales ? 1 : Math.Max(MostApart, SaleOf(set).Apart);
        }

        Most = _constant + weights.ScaleFit + (_proximity.Length > 0 ? _proximity.Max() : 0);
    }

    /// <summary>Points that any candidate of the segment may have besides those of its entries.</summary>
    public double Most { get; }

    /// <summary>The largest part of their markets that the subject and a candidate of the segment do not share; 1 where to know would take long.</summary>
    public double MostApart { get; }

    /// <summary>At least the candidate's value before the floor.</summary>
    public double Of(SlotRange range, int slot)
    {
        double gives = 0;
        double takes = 0;
        float sells = 0;
        float sold = 0;
        float kin = 0;
        float alike = 0;
        float joint = 0;
        float distinct = 1;
        foreach (var (code, impact, _) in _segment.Entries(range, slot))
        {
            ref readonly var entry = ref _plan.Entries[code];
            gives += _plan.Impacts[impact] * entry.Gives;
            if (code < _codes)
            {
                var strength = impact * (1f / byte.MaxValue);
                takes += _plan.Impacts[impact] * entry.Takes;
                sells = Math.Max(sells, strength * entry.Sells);
                sold = Math.Max(sold, strength * entry.Sold);
                kin = Math.Max(kin, Math.Min(strength * entry.Kindred, entry.Kin));
                alike += strength * entry.Alike;
                joint = Math.Max(joint, entry.Joint);

                // Impacts are rounded up: what they stand for is more than one less.
                distinct *= 1 - Math.Min((impact - 1) * (1f / byte.MaxValue), entry.Own);
            }
        }

        ref readonly var facts = ref _segment.Facts[slot];
        ref readonly var sale = ref SaleOf(facts.MarketSet);
        var give = _weights.Supply.Of(gives);
        var take = _weights.Supply.Of(takes);
        var points = (_weights.OfSupply * Math.Max(_weights.CountsGiving ? give : 0, _weights.CountsTaking ? take : 0)) + _constant;
        points += give + take > 0 ? _weights.Reciprocity * 2 * give * take / (give + take) : 0;
        points += kin > 0 ? _weights.OfPooling * _weights.Pool(sale.Apart * (kin + Math.Min(1, alike / facts.Norm)) / 2) : 0;
        points += _weights.Channel * Math.Max(sells * sale.OpensForSubject, sold * sale.OpensForCandidate);
        points += _weights.MarketAccess * Math.Max(Math.Max(sells, kin) * sale.NewForSubject, Math.Max(sold, kin) * sale.NewForCandidate);
        points += (_weights.JointProduct * joint) + (_weights.Rivalry * sale.Overlap * (1 - distinct));
        points += facts.Place is >= 0 and var place ? _proximity[place] : 0;
        return points + (facts.Employees > 0 && _query.Subject.Profile.Employees is not null ? _weights.ScaleFit : 0);
    }

    /// <summary>Where the two sell is alike for all candidates with one set of markets.</summary>
    private ref readonly Sale SaleOf(int set)
    {
        ref var sale = ref _sales[set];
        if (!sale.IsKnown)
        {
            var (subject, seller, scale) = (_query.Subject, _segment.Sellers[set], _weights.MarketScale);
            sale = new Sale(
                true,
                1 - Markets.Shared(subject, seller),
                Markets.Overlap(subject, seller, _query.Corridor),
                Markets.FirstWithoutChannelOf(subject, seller) is null ? 0 : 1,
                Markets.FirstWithoutChannelOf(seller, subject) is null ? 0 : 1,
                1 - Math.Exp(-Markets.CountNewTo(subject, seller) / scale),
                1 - Math.Exp(-Markets.CountNewTo(seller, subject) / scale));
        }

        return ref sale;
    }

    /// <summary>Where the subject and some candidates sell, compared.</summary>
    private readonly record struct Sale(bool IsKnown, double Apart, double Overlap, double OpensForSubject, double OpensForCandidate, double NewForSubject, double NewForCandidate);
}

/// <summary>The weights of a query in points, and how sums of entries turn into points.</summary>
internal sealed class BoundWeights
{
    private readonly double _inversePoolingScale;

    public BoundWeights(RankingQuery query, ModelParameters parameters)
    {
        var isDirected = query.Profile.Form.IsDirected();
        CountsGiving = !isDirected || query.Role != PartnerRole.Buyer;
        CountsTaking = !isDirected || query.Role != PartnerRole.Supplier;
        OfSupply = Weight("supply");
        Reciprocity = Weight("reciprocity");
        Channel = Weight("channel");
        MarketAccess = Weight("market-access");
        OfPooling = Weight("pooling-scale");
        ScaleFit = Weight("scale-fit");
        Proximity = Weight("proximity");
        TrackRecord = Weight("track-record");
        JointProduct = Weight("joint-product");
        Rivalry = Weight("rivalry");
        Supply = new SupplyCurve(parameters);
        MarketScale = parameters.MarketScale;
        _inversePoolingScale = 1 / parameters.PoolingScale;

        double Weight(string component) => 100 * query.Profile.Weights[component];
    }

    /// <summary>Sums are single precision and in another order than the scorer's: bounds are lifted by more than that can matter.</summary>
    public const double Slack = 1e-3;

    /// <summary>The subject supplies, in some direction that is scored.</summary>
    public bool CountsGiving { get; }

    /// <summary>The candidate supplies, in some direction that is scored.</summary>
    public bool CountsTaking { get; }

    public double OfSupply { get; }

    public double Reciprocity { get; }

    public double Channel { get; }

    public double MarketAccess { get; }

    public double OfPooling { get; }

    public double ScaleFit { get; }

    public double Proximity { get; }

    public double TrackRecord { get; }

    public double JointProduct { get; }

    /// <summary>Below 0.</summary>
    public double Rivalry { get; }

    public SupplyCurve Supply { get; }

    public double MarketScale { get; }

    /// <summary>Pooling by likeness.</summary>
    public double Pool(double likeness) => 1 - Math.Exp(-likeness * _inversePoolingScale);
}

/// <summary>Supply by emphasised met need, <c>1 - exp(-x^(1/p) / tau)</c>: increasing, and concave since p is at least 1.</summary>
internal sealed class SupplyCurve(ModelParameters parameters)
{
    public double Of(double met) => 1 - Math.Exp(-parameters.Temper(Math.Max(0, met)) / parameters.SupplyScale);

    /// <summary>The met need with a given supply below 1.</summary>
    public double MetAt(double supply) => parameters.Emphasise(-parameters.SupplyScale * Math.Log(1 - supply));

    /// <summary>The slope at a met need above 0.</summary>
    public double SlopeAt(double met)
    {
        var tempered = parameters.Temper(met);
        return Math.Exp(-tempered / parameters.SupplyScale) / parameters.SupplyScale * tempered / (met * parameters.NeedEmphasis);
    }
}
