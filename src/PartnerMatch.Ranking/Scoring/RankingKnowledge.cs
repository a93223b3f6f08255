using PartnerMatch.Ranking.Profiles;
using PartnerMatch.Ranking.Taxonomy;

namespace PartnerMatch.Ranking.Scoring;

/// <summary>What the ranking knows of the world besides profiles: taxonomy, production links, joint products, model parameters.</summary>
public sealed class RankingKnowledge
{
    private readonly Answer[][] _answers;
    private readonly double[] _narrower;
    private readonly double[] _broader;

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

        _narrower = [.. Enumerable.Range(0, CompetencyCode.MaxDigits + 1).Select(steps => Parameters.Emphasise(Math.Pow(Parameters.NarrowerNear, steps)))];
        _broader = [.. Enumerable.Range(0, CompetencyCode.MaxDigits + 1).Select(steps => Parameters.Emphasise(Math.Pow(Parameters.BroaderNear, steps)))];
        Substitutions = [.. Enumerable.Range(0, tree.Count).SelectMany(offer => tree.SubstitutesOf(offer).Select(s => (offer, s.Target, s.Near)))];
        _answers = [.. Enumerable.Range(0, tree.Count).Select(FindAnswers)];
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

    /// <summary>Offers that answer a need though neither lies above the other.</summary>
    internal (int Offer, int Need, double Near)[] Substitutions { get; }

    /// <summary>The needs that an offer of the code answers, in order of need.</summary>
    internal Answer[] AnswersOf(int offer) => _answers[offer];

    /// <summary>How well an offer answers a need, 0 where it does not.</summary>
    internal double Near(int offer, int need)
    {
        foreach (var answer in _answers[offer])
        {
            if (answer.Need == need)
            {
                return answer.Near;
            }
        }

        return 0;
    }

    /// <summary>What a narrower offer counts, emphasised, when it lies so many levels below the need.</summary>
    internal double EmphasisOfNarrower(int steps) => _narrower[steps];

    /// <summary>What a broader offer counts, emphasised, when it lies so many levels above the need.</summary>
    internal double EmphasisOfBroader(int steps) => _broader[steps];

    private Answer[] FindAnswers(int offer)
    {
        var answers = new List<Answer> { new(offer, 1) };
        for (var up = Tree.ParentIndex(offer); up >= 0; up = Tree.ParentIndex(up))
        {
            answers.Add(new Answer(up, Math.Pow(Parameters.NarrowerNear, Tree.Steps(offer, up))));
        }

        for (var down = offer + 1; down < Tree.SubtreeEnd(offer); down++)
        {
            answers.Add(new Answer(down, Math.Pow(Parameters.BroaderNear, Tree.Steps(offer, down))));
        }

        answers.AddRange(Tree.SubstitutesOf(offer).GroupBy(s => s.Target).Select(s => new Answer(s.Key, s.Max(t => t.Near))));
        return [.. answers.OrderBy(a => a.Need)];
    }

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

/// <summary>An offer answers a need for <paramref name="Need"/>, by <paramref name="Near"/> in (0,1].</summary>
internal readonly record struct Answer(int Need, double Near);

/// <summary>A joint product with the inputs that it is made of.</summary>
internal sealed record Recipe(JointProduct Product, (int Input, double Weight)[] Inputs, double TotalWeight)
{
    /// <summary>With fewer inputs there is nothing to share.</summary>
    public const int FewestInputs = 3;
}
