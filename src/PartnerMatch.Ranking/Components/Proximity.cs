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

    public ComponentDescription Describe(ModelParameters parameters) => new()
    {
        Name = Name,
        IsDirected = IsDirected,
        Label = new("Proximity", "Близость"),
        Definition = new(
            "How near the two sites lie, by great-circle distance; one half at the corridor's typical distance L.",
            "Насколько близки площадки по расстоянию по прямой; одна вторая при типичном для коридора расстоянии L."),
        Range = new(0, 1, IncludesFrom: false),
        Formula = "1 / (1 + (d / L)^4), L = typicalDistanceKm of the corridor",
        Parameters = [],
        Source = "Of this product: a logistic curve of the logarithm of distance.",
        Facts = new(
            "The place of both, at least the region.",
            "Место обеих сторон, по меньшей мере регион."),
        TermKinds = [TermKind.Distance],
        Terms = new(
            "The distance in kilometres.",
            "Расстояние в километрах."),
    };

    public ComponentValue Evaluate(in OrderedPair pair)
    {
        var (a, b) = (pair.Giver.Profile, pair.Receiver.Profile);
        if (a.Location is null || b.Location is null)
        {
            return ComponentValue.NoEvidence;
        }

        var distance = a.Location.DistanceKmTo(b.Location);
        var value = Of(distance, pair.Corridor);
        var evidence = a.LocationIsApproximate || b.LocationIsApproximate ? Evidence.Inferred : Evidence.Stated;
        Term[] terms = pair.Explains ? [new Term { Kind = TermKind.Distance, Value = value, Measure = distance, Evidence = evidence }] : [];
        return new ComponentValue(value, terms, StatedShare.Of(value, evidence, pair.Knowledge.Parameters.InferredConfidence));
    }

    /// <summary>The value at a distance in kilometres.</summary>
    public static double Of(double distance, Corridor corridor) => 1 / (1 + Math.Pow(distance / corridor.TypicalDistanceKm, 4));
}
