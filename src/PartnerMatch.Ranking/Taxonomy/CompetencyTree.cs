using System.Collections.Frozen;
using System.Numerics;

namespace PartnerMatch.Ranking.Taxonomy;

/// <summary>
/// The competency taxonomy: the prefix tree of its codes, numbered in preorder, so that a subtree is a range of
/// numbers and a descendant always follows its ancestors.
/// </summary>
public sealed class CompetencyTree
{
    private const int BitsPerDigit = 4;

    /// <summary>An offer and a need of each fit 16 bits.</summary>
    private const int MostNodes = short.MaxValue;
    private readonly Competency[] _nodes;
    private readonly int[] _parents;
    private readonly int[] _subtreeEnds;
    private readonly FrozenDictionary<string, int> _indexes;
    private readonly byte[] _levels;
    private readonly uint[] _packed;
    private readonly ILookup<int, (int Target, double Near)> _substitutes;
    private readonly ILookup<int, int> _substituted;

    /// <summary>Builds the tree.</summary>
    /// <param name="competencies">The nodes in any order; the parent of one is the nearest listed code that is a prefix of its own.</param>
    /// <param name="substitutions">Named pairs that stand in for each other; none by default.</param>
    /// <exception cref="ArgumentException">A code is malformed or listed twice, there are more than 32,767, or a substitution names an unknown code, a relative, or a value outside (0,1].</exception>
    public CompetencyTree(IEnumerable<Competency> competencies, IEnumerable<Substitution>? substitutions = null)
    {
        // Ordinal order of codes is preorder: a prefix sorts first, and '.' sorts before any digit.
        _nodes = [.. competencies.OrderBy(c => c.Code, StringComparer.Ordinal)];
        for (var i = 0; i < _nodes.Length; i++)
        {
            if (!CompetencyCode.IsWellFormed(_nodes[i].Code))
            {
                throw new ArgumentException($"'{_nodes[i].Code}' is not a competency code.", nameof(competencies));
            }

            if (i > 0 && _nodes[i].Code == _nodes[i - 1].Code)
            {
                throw new ArgumentException($"Competency {_nodes[i].Code} is listed twice.", nameof(competencies));
            }
        }

        if (_nodes.Length > MostNodes)
        {
            throw new ArgumentException($"There are more than {MostNodes} competencies.", nameof(competencies));
        }

        _indexes = _nodes.Select((node, i) => (node.Code, i)).ToFrozenDictionary(n => n.Code, n => n.i, StringComparer.Ordinal);
        _parents = new int[_nodes.Length];
        _subtreeEnds = new int[_nodes.Length];
        var path = new Stack<int>();
        for (var i = 0; i < _nodes.Length; i++)
        {
            while (path.TryPeek(out var last) && !CompetencyCode.IsUnder(_nodes[i].Code, _nodes[last].Code))
            {
                _subtreeEnds[path.Pop()] = i;
            }

            _parents[i] = path.TryPeek(out var parent) ? parent : -1;
            path.Push(i);
        }

        foreach (var open in path)
        {
            _subtreeEnds[open] = _nodes.Length;
        }

        _levels = [.. _nodes.Select(n => (byte)CompetencyCode.Digits(n.Code))];
        _packed = [.. _nodes.Select(n => Pack(n.Code))];
        var resolved = (substitutions ?? []).Select(Resolve).ToArray();
        _substitutes = resolved.ToLookup(s => s.Source, s => (s.Target, s.Near));
        _substituted = resolved.ToLookup(s => s.Target, s => s.Source);
    }

    /// <summary>All nodes in preorder (code order).</summary>
    public IReadOnlyList<Competency> Competencies => _nodes;

    /// <summary>The node of a code, or null.</summary>
    public Competency? Find(string code) => _indexes.TryGetValue(code, out var index) ? _nodes[index] : null;

    /// <summary>Whether the taxonomy has the code.</summary>
    public bool Contains(string code) => _indexes.ContainsKey(code);

    /// <summary>The parent of a known code, or null for a division.</summary>
    public Competency? ParentOf(string code) => _parents[IndexOf(code)] is >= 0 and var parent ? _nodes[parent] : null;

    /// <summary>The direct children of a known code; of null, the divisions.</summary>
    public IEnumerable<Competency> ChildrenOf(string? code)
    {
        var parent = code is null ? -1 : IndexOf(code);
        var end = code is null ? _nodes.Length : _subtreeEnds[parent];
        for (var i = parent + 1; i < end; i = _subtreeEnds[i])
        {
            yield return _nodes[i];
        }
    }

    /// <summary>The known codes nearest to an unknown one: its nearest listed ancestor's children, closest by digits first.</summary>
    /// <param name="code">What was asked for; may be malformed.</param>
    /// <param name="limit">At most so many.</param>
    public IReadOnlyList<Competency> NearestTo(string code, int limit = 3)
    {
        ArgumentNullException.ThrowIfNull(code);
        return [.. _nodes
            .Select((node, i) => (node, i, shared: CompetencyCode.SharedDigits(node.Code, code)))
            .Where(n => n.shared >= CompetencyCode.MinDigits)
            .OrderByDescending(n => n.shared)
            .ThenBy(n => Math.Abs(n.node.Code.Length - code.Length))
            .ThenBy(n => LastDigitsApart(n.node.Code, code))
            .ThenBy(n => n.i)
            .Take(limit)
            .Select(n => n.node)];
    }

    internal int Count => _nodes.Length;

    internal Competency this[int index] => _nodes[index];

    internal int ParentIndex(int index) => _parents[index];

    /// <summary>One past the last node of the subtree of <paramref name="index"/>.</summary>
    internal int SubtreeEnd(int index) => _subtreeEnds[index];

    /// <summary>The preorder number of a known code.</summary>
    /// <exception cref="ArgumentException">The code is unknown.</exception>
    internal int IndexOf(string code) =>
        _indexes.TryGetValue(code, out var index) ? index : throw new ArgumentException($"Competency '{code}' is not in the taxonomy.", nameof(code));

    internal IEnumerable<(int Target, double Near)> SubstitutesOf(int index) => _substitutes[index];

    /// <summary>What stands in for a need for the node.</summary>
    internal IEnumerable<int> SubstitutesFor(int index) => _substituted[index];

    /// <summary>Levels between a node and one above or below it.</summary>
    internal int Steps(int left, int right) => Math.Abs(_levels[left] - _levels[right]);

    /// <summary>The number of leading digits that two nodes share, 0 to 6.</summary>
    internal int SharedDigits(int left, int right) =>
        Math.Min(BitOperations.LeadingZeroCount(_packed[left] ^ _packed[right]) / BitsPerDigit, Math.Min(_levels[left], _levels[right]));

    /// <summary>Four bits a digit from the left, so that shared digits are shared leading bits.</summary>
    private static uint Pack(string code)
    {
        uint packed = 0;
        var shift = 32;
        foreach (var digit in code.Where(char.IsAsciiDigit))
        {
            shift -= BitsPerDigit;
            packed |= (uint)(digit - '0') << shift;
        }

        return packed;
    }

    private static int LastDigitsApart(string left, string right)
    {
        var at = Math.Min(Math.Min(left.Length, right.Length), CommonPrefix(left, right));
        return at < left.Length && at < right.Length ? Math.Abs(left[at] - right[at]) : 0;
    }

    private static int CommonPrefix(string left, string right) => left.AsSpan().CommonPrefixLength(right);

    private (int Source, int Target, double Near) Resolve(Substitution substitution)
    {
        if (substitution.Near is not (> 0 and <= 1))
        {
            throw new ArgumentException($"The substitution {substitution.Code} for {substitution.Substitute} has a value outside (0,1].");
        }

        if (substitution.Code == substitution.Substitute
            || CompetencyCode.IsUnder(substitution.Code, substitution.Substitute)
            || CompetencyCode.IsUnder(substitution.Substitute, substitution.Code))
        {
            throw new ArgumentException($"{substitution.Code} and {substitution.Substitute} lie on one path of the tree: that is no substitution.");
        }

        return (IndexOf(substitution.Code), IndexOf(substitution.Substitute), substitution.Near);
    }
}
