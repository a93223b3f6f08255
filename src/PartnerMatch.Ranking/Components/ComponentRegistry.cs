using PartnerMatch.Ranking.Scoring;

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

    /// <summary>The component whose weight is subtracted.</summary>
    public static string Subtracted => Rivalry.ComponentName;

    /// <summary>What each component measures, in the order of summation.</summary>
    /// <param name="parameters">The parameters of the model whose values are told.</param>
    public static IReadOnlyList<ComponentDescription> Describe(ModelParameters parameters) => [.. All.Select(c => c.Describe(parameters))];

    /// <summary>Whether the component takes two different values for the two directions of a pair.</summary>
    /// <exception cref="InvalidOperationException">The name is unknown.</exception>
    public static bool IsDirected(string name) => All.Single(c => c.Name == name).IsDirected;
}
