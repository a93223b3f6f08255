using PartnerMatch.Ranking.Scoring;

namespace PartnerMatch.Ranking.Components;

/// <summary>
/// Nearness of the two sites, in (0,1]: <c>1 / (1 + (d / L)^4)</c> of the great-circle distance, one half at the corridor's typical distance L. The
/// steep flank separates partners inside the corridor, where a plain exponential would call all of them equally far.
/// </summary>
internal sealed class Proximity : IComponent
{
    public string Name => "proximity";

    public bool IsDirected => false;

    public ComponentValue Evaluate(in OrderedPair pair)
    {
        var (a, b) = (pair.Giver.Profile, pair.Receiver.Profile);
        if (a.Location is null || b.Location is null)
        {
            return ComponentValue.NoEvidence;
        }

        var distance = a.Location.DistanceKmTo(b.Location);
        var value = Of(distance, pair.Corridor);
        var term = new Term
        {
            Kind = TermKind.Distance,
            Value = value,
            Measure = distance,
            Evidence = a.LocationIsApproximate || b.LocationIsApproximate ? Evidence.Inferred : Evidence.Stated,
        };
        return ComponentValue.From(value, [term], pair.Knowledge.Parameters.InferredConfidence);
    }

    /// <summary>The value at a distance in kilometres.</summary>
    public static double Of(double distance, Corridor corridor) => 1 / (1 + Math.Pow(distance / corridor.TypicalDistanceKm, 4));
}
