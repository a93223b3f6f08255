namespace PartnerMatch.Ranking.Index;

/// <summary>
/// Points by entry, so that one addition an entry rules a candidate out. Supply is concave in the met need, and a concave function lies below each of
/// its tangents: at the tangent the bound is linear in what the entries bring. Pooling, trade and kinship are at most the sum of what they are for each entry alone.
/// The tangent touches where the candidates lie that can only just enter the list.
/// </summary>
internal sealed class EntryPoints(QueryPlan plan, BoundWeights weights, float[] points, int codes)
{
    private const double FlattestSupply = 0.97;
    private const double SteepestSupply = 0.02;
    private double _intercept;

    /// <summary>The sum of points below which no candidate with so much besides reaches the target.</summary>
    public float Needed(double target, double besides) => (float)(target - besides - _intercept);

    /// <summary>Lays the tangent for candidates that can only just reach the target.</summary>
    /// <param name="target">Points of the whole score.</param>
    /// <param name="besides">Points that any candidate may have besides those of its entries.</param>
    /// <param name="apart">The largest part of their markets that the subject and a candidate do not share: there is nothing to pool in the others.</param>
    public void Touch(double target, double besides, double apart)
    {
        // Reciprocity, the harmonic mean of both directions, is at most the larger one.
        var (weight, both) = (weights.OfSupply + weights.Reciprocity, weights.Reciprocity > 0);
        var (giving, taking) = (both || weights.CountsGiving, both || weights.CountsTaking);
        float others = 0;
        for (var code = 0; code < codes; code++)
        {
            var (sells, sold, kin) = (plan.Sells[code], plan.Sold[code], plan.Kin[code]);
            var trade = Math.Max(sells, sold);
            points[code] = trade == 0 && kin == 0
                ? 0
                : (float)((weights.Channel * trade) + (weights.MarketAccess * Math.Max(trade, kin)) + (kin > 0 ? weights.OfPooling * weights.Pool(apart * (kin + 1) / 2) : 0));
            others = Math.Max(others, points[code]);
        }

        // Where supply alone can reach the target the tangent touches there; else where it can with the best of the others.
        var (slope, met) = (0.0, 0.0);
        if (weight > 0)
        {
            var left = (target - besides) / weight;
            left = left < FlattestSupply ? left : (target - besides - others) / weight;
            met = weights.Supply.MetAt(double.IsFinite(left) ? Math.Clamp(left, SteepestSupply, FlattestSupply) : SteepestSupply);
            slope = weight * weights.Supply.SlopeAt(met);
        }

        _intercept = (weight * weights.Supply.Of(met)) - (slope * met);
        for (var code = 0; code < codes; code++)
        {
            points[code] += (float)(slope * Math.Max(giving ? plan.Gives[code] : 0, taking ? plan.Takes[code] : 0));
            points[codes + code] = giving ? (float)(slope * plan.Gives[codes + code]) : 0;
        }
    }
}
