using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using PartnerMatch.Ranking.Components;
using PartnerMatch.Ranking.Profiles;
using PartnerMatch.Ranking.Taxonomy;

namespace PartnerMatch.Ranking.Scoring;

/// <summary>How a cooperation form is scored: weights, the kinds of need that count, and the threshold below which nobody is recommended.</summary>
public sealed class RankingProfile
{
    /// <summary>The components besides rivalry in order of name: so positive weights are summed.</summary>
    private static readonly int[] Positive =
        [.. ComponentRegistry.Names.Index().Where(n => n.Item != Rivalry.ComponentName).OrderBy(n => n.Item, StringComparer.Ordinal).Select(n => n.Index)];

    private static readonly int Subtracted = ComponentRegistry.Names.Index().Single(n => n.Item == Rivalry.ComponentName).Index;

    private readonly Dictionary<string, double> _weights;
    private readonly double[] _inOrder;

    /// <summary>Builds a profile; the given weights are normalised so that the positive ones sum to 1 and rivalry's subtracts.</summary>
    /// <param name="form">The form it scores.</param>
    /// <param name="weights">Component name to weight, each finite and at least 0; a component not named weighs 0.</param>
    /// <param name="countedKinds">The kinds of inferred need that <c>supply</c> and <c>reciprocity</c> count; never <see cref="LinkKind.Channel"/>.</param>
    /// <param name="threshold">The default lowest score worth recommending, 0 to 100.</param>
    /// <param name="parameters">The parameters of the model, which enter the hash.</param>
    /// <exception cref="ArgumentException">A component is unknown; a weight is negative or not finite; all weights but rivalry's are zero.</exception>
    public RankingProfile(
        CooperationForm form,
        IReadOnlyDictionary<string, double> weights,
        IReadOnlyList<LinkKind> countedKinds,
        double threshold,
        ModelParameters parameters)
    {
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(countedKinds);
        ArgumentNullException.ThrowIfNull(parameters);
        foreach (var (name, weight) in weights)
        {
            if (!ComponentRegistry.Names.Contains(name))
            {
                throw new ArgumentException($"'{name}' is not a component.", nameof(weights));
            }

            if (!double.IsFinite(weight) || weight < 0)
            {
                throw new ArgumentException($"The weight of '{name}' is negative or not a finite number.", nameof(weights));
            }
        }

        _inOrder = [.. ComponentRegistry.Names.Select(n => weights.GetValueOrDefault(n))];
        var positive = Normalise(_inOrder);
        if (positive <= 0 || !double.IsFinite(positive))
        {
            throw new ArgumentException("At least one weight besides that of rivalry must be above zero, and their sum finite.", nameof(weights));
        }

        if (countedKinds.Contains(LinkKind.Channel))
        {
            throw new ArgumentException("Channels are not needs: they count in the component 'channel' only.", nameof(countedKinds));
        }

        if (threshold is not (>= 0 and <= 100))
        {
            throw new ArgumentException("The threshold is outside 0 to 100.", nameof(threshold));
        }

        Form = form;
        CountedKinds = [.. countedKinds.Distinct().Order()];
        Kinds = LinkKinds.Of(CountedKinds);
        Threshold = threshold;
        Parameters = parameters;
        _weights = ComponentRegistry.Names.Zip(_inOrder).ToDictionary(w => w.First, w => w.Second, StringComparer.Ordinal);
        Hash = ComputeHash();
    }

    /// <summary>The form it scores.</summary>
    public CooperationForm Form { get; }

    /// <summary>The normalised weights, one a component: positive ones sum to 1, rivalry's is zero or negative.</summary>
    public IReadOnlyDictionary<string, double> Weights => _weights;

    /// <summary>The kinds of inferred need that count.</summary>
    public IReadOnlyList<LinkKind> CountedKinds { get; }

    /// <summary>The default lowest score worth recommending, 0 to 100.</summary>
    public double Threshold { get; }

    /// <summary>The parameters of the model.</summary>
    public ModelParameters Parameters { get; }

    /// <summary>Names the normalised weights, the counted kinds and the parameters: equal hashes score alike. 16 hexadecimal digits.</summary>
    public string Hash { get; }

    internal LinkKinds Kinds { get; }

    /// <summary>The weights in the registry's order of components.</summary>
    internal ReadOnlySpan<double> WeightsInOrder => _inOrder;

    /// <summary>The same profile with other weights.</summary>
    /// <inheritdoc cref="RankingProfile(CooperationForm, IReadOnlyDictionary{string, double}, IReadOnlyList{LinkKind}, double, ModelParameters)" path="/exception"/>
    public RankingProfile WithWeights(IReadOnlyDictionary<string, double> weights) => new(Form, weights, CountedKinds, Threshold, Parameters);

    /// <summary>Turns weights, none negative, in the registry's order into those that score: positive ones sum to 1, and rivalry's subtracts.</summary>
    /// <returns>What the positive ones summed to.</returns>
    internal static double Normalise(Span<double> weights)
    {
        double sum = 0;
        foreach (var at in Positive)
        {
            sum += weights[at];
        }

        for (var at = 0; at < weights.Length; at++)
        {
            weights[at] = weights[at] / sum * (at == Subtracted ? -1 : 1);
        }

        return sum;
    }

    private string ComputeHash()
    {
        var text = new StringBuilder(Form.ToString());
        foreach (var name in ComponentRegistry.Names)
        {
            text.Append(CultureInfo.InvariantCulture, $";{name}={_weights[name]:R}");
        }

        text.Append(';').AppendJoin(',', CountedKinds).Append(CultureInfo.InvariantCulture, $";{Parameters}");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())))[..16];
    }
}
