namespace PartnerMatch.Ranking.Taxonomy;

/// <summary>How the input of a production link goes into its output.</summary>
public enum LinkKind
{
    /// <summary>Consumed or transformed: raw milk into cheese.</summary>
    Material,

    /// <summary>Built in and recognisable: a bearing into a motor.</summary>
    Component,

    /// <summary>A capital good that makers or operators of the output buy: a machine tool for an airframe plant.</summary>
    Equipment,

    /// <summary>A service bought to make or run the output.</summary>
    Service,

    /// <summary>The trade that distributes or sells the output.</summary>
    Channel,
}

/// <summary>"<paramref name="Input"/> goes into making, running or selling <paramref name="Output"/>"; inherited by everything below both ends.</summary>
/// <param name="Input">The code of what goes in.</param>
/// <param name="Output">The code of what is made.</param>
/// <param name="Kind">How it goes in.</param>
/// <param name="Weight">How much it matters to the maker of the output, in (0,1].</param>
public sealed record ProductionLink(string Input, string Output, LinkKind Kind, double Weight);

/// <summary>A product that two sides could make together: the candidates of the component <c>joint-product</c>.</summary>
/// <param name="Code">The code of the product.</param>
/// <param name="Value">How much it is wanted, in (0,1]; <c>v_p</c> of the model.</param>
/// <param name="Reason">Why, in one sentence.</param>
public sealed record JointProduct(string Code, double Value, string Reason);
