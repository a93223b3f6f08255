namespace PartnerMatch.Ranking.Taxonomy;

/// <summary>The production links, with inheritance resolved: what each competency takes.</summary>
public sealed class ProductionGraph
{
    private readonly ProductionLink[] _links;
    private readonly EffectiveLink[][] _inputs;
    private readonly EffectiveLink[][] _purchases;
    private readonly ushort[][] _purchased;
    private readonly EffectiveLink[][] _channels;
    private readonly LinkUse[][] _uses;
    private readonly CompetencyTree _tree;

    /// <summary>Builds the graph.</summary>
    /// <param name="tree">The taxonomy that both ends of every link belong to.</param>
    /// <param name="links">The links in any order.</param>
    /// <exception cref="ArgumentException">An end is unknown, a weight is outside (0,1], a link joins a code to itself, or a link is listed twice.</exception>
    public ProductionGraph(CompetencyTree tree, IEnumerable<ProductionLink> links)
    {
        ArgumentNullException.ThrowIfNull(tree);
        _tree = tree;
        _links = [.. links.OrderBy(l => l.Output, StringComparer.Ordinal).ThenBy(l => l.Input, StringComparer.Ordinal).ThenBy(l => l.Kind)];
        var direct = new Dictionary<int, List<EffectiveLink>>();
        var seen = new HashSet<(string, string, LinkKind)>();
        foreach (var link in _links)
        {
            if (link.Weight is not (> 0 and <= 1))
            {
                throw new ArgumentException($"The link {link.Input} -> {link.Output} has a weight outside (0,1].", nameof(links));
            }

            if (link.Input == link.Output || !seen.Add((link.Input, link.Output, link.Kind)))
            {
                throw new ArgumentException($"The {link.Kind} link {link.Input} -> {link.Output} is listed twice or joins a code to itself.", nameof(links));
            }

            var output = tree.IndexOf(link.Output);
            if (!direct.TryGetValue(output, out var list))
            {
                direct[output] = list = [];
            }

            list.Add(new EffectiveLink(tree.IndexOf(link.Input), output, link.Kind, link.Weight));
        }

        var uses = new List<LinkUse>?[tree.Count];
        _inputs = new EffectiveLink[tree.Count][];
        _purchases = new EffectiveLink[tree.Count][];
        _purchased = new ushort[tree.Count][];
        _channels = new EffectiveLink[tree.Count][];
        for (var node = 0; node < tree.Count; node++)
        {
            var parent = tree.ParentIndex(node);
            var inherited = parent < 0 ? [] : _inputs[parent];
            _inputs[node] = direct.TryGetValue(node, out var own) ? Override(inherited, own) : inherited;
            (_purchases[node], _channels[node]) = own is null && parent >= 0 ? (_purchases[parent], _channels[parent]) : Split(_inputs[node]);
            _purchased[node] = own is null && parent >= 0 ? _purchased[parent] : [.. _purchases[node].Select(l => (ushort)l.Input)];
            foreach (var link in own ?? [])
            {
                var overridden = inherited.Where(l => l.Input == link.Input && l.Kind == link.Kind).Select(l => l.Weight).FirstOrDefault();
                (uses[link.Input] ??= []).Add(new LinkUse(node, link.Kind, link.Weight, overridden));
            }
        }

        _uses = [.. uses.Select(u => u?.ToArray() ?? [])];
    }

    /// <summary>All links as declared, in order of output, input and kind.</summary>
    public IReadOnlyList<ProductionLink> Links => _links;

    /// <summary>What making, running or selling a known code takes: own links and inherited ones, the more specific link first.</summary>
    /// <returns>Links whose <see cref="ProductionLink.Output"/> names the level at which they were declared.</returns>
    public IReadOnlyList<ProductionLink> LinksInto(string code) =>
        [.. _inputs[_tree.IndexOf(code)].Select(l => new ProductionLink(_tree[l.Input].Code, _tree[l.DeclaredAt].Code, l.Kind, l.Weight))];

    /// <summary>What a known code goes into: the links declared for it, for a node above it or for one below it.</summary>
    public IReadOnlyList<ProductionLink> LinksFrom(string code)
    {
        _tree.IndexOf(code);
        return [.. _links.Where(l => l.Input == code || CompetencyCode.IsUnder(l.Input, code) || CompetencyCode.IsUnder(code, l.Input))];
    }

    internal EffectiveLink[] InputsOf(int output) => _inputs[output];

    /// <summary>What making an output takes, channels aside: own and inherited links, in order of input and kind.</summary>
    internal EffectiveLink[] PurchasesOf(int output) => _purchases[output];

    /// <summary>The inputs of those links alone, close together for a search through them.</summary>
    internal ushort[] PurchasedBy(int output) => _purchased[output];

    /// <summary>The trades that sell an output: own and inherited links, in order of input.</summary>
    internal EffectiveLink[] ChannelsOf(int output) => _channels[output];

    /// <summary>The links declared with this very input, in order of output.</summary>
    internal LinkUse[] UsesOf(int input) => _uses[input];

    private static (EffectiveLink[] Purchases, EffectiveLink[] Channels) Split(EffectiveLink[] inputs)
    {
        var sorted = inputs.OrderBy(l => l.Input).ThenBy(l => l.Kind).ToLookup(l => l.Kind == LinkKind.Channel);
        return ([.. sorted[false]], [.. sorted[true]]);
    }

    private static EffectiveLink[] Override(EffectiveLink[] inherited, List<EffectiveLink> own)
    {
        var overridden = own.Select(l => (l.Input, l.Kind)).ToHashSet();
        return [.. own, .. inherited.Where(l => !overridden.Contains((l.Input, l.Kind)))];
    }
}

/// <summary>A link as it is declared at one output, for it and everything below it, in place of an inherited one of weight <paramref name="Overridden"/> (0 where there is none).</summary>
internal readonly record struct LinkUse(int Output, LinkKind Kind, double Weight, double Overridden);

/// <summary>A link as it holds for one output, own or inherited, by preorder numbers of the tree.</summary>
internal readonly record struct EffectiveLink(int Input, int DeclaredAt, LinkKind Kind, double Weight);
