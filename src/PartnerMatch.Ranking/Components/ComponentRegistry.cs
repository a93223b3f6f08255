namespace PartnerMatch.Ranking.Components;

/// <summary>The components in the fixed order in which their contributions are summed.</summary>
public static class ComponentRegistry
{
    internal static readonly IComponent[] All =
    [
        new Supply(), new Reciprocity(), new JointProductFit(), new Channel(), new MarketAccess(),
        new PoolingScale(), new Rivalry(), new ScaleFit(), new Proximity(), new TrackRecord(),
    ];

    /// <summary>The stable names of the components, in the order of summation.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.Select(c => c.Name)];

    /// <summary>Whether the component takes two different values for the two directions of a pair.</summary>
    /// <exception cref="InvalidOperationException">The name is unknown.</exception>
    public static bool IsDirected(string name) => All.Single(c => c.Name == name).IsDirected;
}
