namespace PartnerMatch.Ranking.Scoring;

/// <summary>Adds up what components say of a pair, in the registry's order: the one arithmetic of every value and confidence.</summary>
internal struct Tally
{
    private double _weighed;
    private double _known;
    private double _moved;
    private double _stated;

    /// <summary>The value before the floor.</summary>
    public double Value { get; private set; }

    /// <summary>How much of it rests on stated facts.</summary>
    public readonly double Confidence => _moved > 0 ? _stated / _moved * (_known / _weighed) : 0;

    /// <summary>Points for each whole of a component.</summary>
    public static double PointsOf(double weight) => 100 * weight;

    /// <summary>Adds a component that has a weight.</summary>
    /// <returns>Its points.</returns>
    public double Add(double weight, double? value, double statedShare)
    {
        var points = PointsOf(weight) * (value ?? 0);
        Value += points;
        _weighed += Math.Abs(weight);
        _known += value is null ? 0 : Math.Abs(weight);
        _moved += Math.Abs(points);
        _stated += Math.Abs(points) * statedShare;
        return points;
    }
}
