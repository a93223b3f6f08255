using PartnerMatch.Ranking.Profiles;
using PartnerMatch.Ranking.Taxonomy;

namespace PartnerMatch.Ranking.Scoring;

/// <summary>What the ranking knows of the world besides profiles: taxonomy, production links, joint products, model parameters.</summary>
public sealed class RankingKnowledge
{
    /// <summary>Brings the parts together.</summary>
    /// <exception cref="ArgumentException">A joint product is unknown, listed twice or valued outside (0,1], or a parameter is out of range.</exception>
    public RankingKnowledge(CompetencyTree tree, ProductionGraph graph, IEnumerable<JointProduct> jointProducts, ModelParameters? parameters = null)
    {
        ArgumentNullException.ThrowIfNull(tree);
        ArgumentNullException.ThrowIfNull(graph);
        Tree = tree;
        Graph = graph;
        Parameters = parameters ?? new ModelParameters();
        Parameters.Validate();
        JointProducts = [.. jointProducts.OrderBy(p => p.Code, StringComparer.Ordinal)];
        for (var i = 0; i < JointProducts.Count; i++)
        {
            var product = JointProducts[i];
            if (product.Value is not (> 0 and <= 1) || (i > 0 && JointProducts[i - 1].Code == product.Code))
            {
                throw new ArgumentException($"The joint product {product.Code} is listed twice or valued outside (0,1].", nameof(jointProducts));
            }
        }

        Recipes = [.. JointProducts.Select(ToRecipe).Where(r => r.Inputs.Length >= Recipe.FewestInputs)];
    }

    /// <summary>The competency taxonomy.</summary>
    public CompetencyTree Tree { get; }

    /// <summary>The production links.</summary>
    public ProductionGraph Graph { get; }

    /// <summary>Products that two sides could make together, in code order.</summary>
    public IReadOnlyList<JointProduct> JointProducts { get; }

    /// <summary>The parameters of the model.</summary>
    public ModelParameters Parameters { get; }

    /// <summary>The joint products that have inputs enough to be shared.</summary>
    internal Recipe[] Recipes { get; }

    /// <summary>Computes section 2 of the model for one profile.</summary>
    /// <exception cref="ArgumentException">A code is unknown, or a number of the profile is out of range.</exception>
    public ExpandedProfile Expand(EnterpriseProfile profile) => ExpandedProfile.Create(profile, this);

    private Recipe ToRecipe(JointProduct product)
    {
        // One input may be linked both as material and as component: it is one input, at its larger weight.
        var inputs = Graph.InputsOf(Tree.IndexOf(product.Code))
            .Where(l => l.Kind is LinkKind.Material or LinkKind.Component)
            .GroupBy(l => l.Input)
            .Select(g => (Input: g.Key, Weight: g.Max(l => l.Weight)))
            .OrderBy(l => l.Input)
            .ToArray();
        return new Recipe(product, inputs, inputs.Sum(l => l.Weight));
    }
}

/// <summary>A joint product with the inputs that it is made of.</summary>
internal sealed record Recipe(JointProduct Product, (int Input, double Weight)[] Inputs, double TotalWeight)
{
    /// <summary>With fewer inputs there is nothing to share.</summary>
    public const int FewestInputs = 3;
}
