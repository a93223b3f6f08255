namespace PartnerMatch.Ranking.Balancing;

/// <summary>
/// Who would match whom if gains could be shared: the stable matching of Choo and Siow ("Who Marries Whom and Why", 2006) with one unit
/// of each enterprise, found by iterative proportional fitting as Tomita, Togashi, Hashizume and Ohsaka do for reciprocal recommendation
/// ("Fast and Examination-agnostic Reciprocal Recommendation in Matching Markets", RecSys 2023).
/// </summary>
/// <remarks>
/// The mass of a pair is <c>a_i * b_j * exp((leftLikes + rightLikes) / (2 * spread))</c>, and each enterprise's masses and what stays
/// unmatched of it, <c>a_i^2</c> or <c>b_j^2</c>, add up to 1. What many want becomes dear: its factor falls, and lists by mass turn to
/// partners of nearly the same score whom fewer ask for. Cost of a round: the number of pairs, twice.
/// </remarks>
public sealed class TransferableUtility
{
    /// <summary>The spread that the study uses.</summary>
    public const double DefaultSpread = 1;

    /// <summary>
    /// The smallest spread. A round narrows the gap by what stays unmatched, about <c>exp(-1 / spread)</c> where all like each other best: from
    /// here on the fitting settles within its rounds.
    /// </summary>
    public const double SmallestSpread = 0.2;

    /// <summary>How exactly masses are conserved when the fitting ends.</summary>
    public const double Tolerance = 1e-9;

    private const int MaxRounds = 10_000;

    private readonly double[] _masses;
    private readonly double[] _leftUnmatched;
    private readonly double[] _rightUnmatched;

    private TransferableUtility(double[] masses, double[] leftUnmatched, double[] rightUnmatched, int rounds) =>
        (_masses, _leftUnmatched, _rightUnmatched, Rounds) = (masses, leftUnmatched, rightUnmatched, rounds);

    /// <summary>The mass of each pair, 0 to 1, in the order of <see cref="Market.Pairs"/>.</summary>
    public ReadOnlySpan<double> Masses => _masses;

    /// <summary>What stays unmatched of each left enterprise, 0 to 1.</summary>
    public ReadOnlySpan<double> LeftUnmatched => _leftUnmatched;

    /// <summary>What stays unmatched of each right enterprise, 0 to 1.</summary>
    public ReadOnlySpan<double> RightUnmatched => _rightUnmatched;

    /// <summary>How many rounds the fitting took.</summary>
    public int Rounds { get; }

    /// <summary>Fits the masses of a market.</summary>
    /// <param name="market">The market.</param>
    /// <param name="spread">
    /// How much of taste the scores do not see (the scale of Choo and Siow's random term), from <see cref="SmallestSpread"/>: smaller
    /// follows differences of score more closely.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">The spread is too small, or no number.</exception>
    /// <exception cref="InvalidOperationException">The masses did not settle.</exception>
    public static TransferableUtility Fit(Market market, double spread = DefaultSpread)
    {
        ArgumentNullException.ThrowIfNull(market);
        if (!(spread >= SmallestSpread && double.IsFinite(spread)))
        {
            throw new ArgumentOutOfRangeException(nameof(spread), spread, $"The spread is a number from {SmallestSpread}.");
        }

        var pairs = market.Pairs;
        var pull = new double[pairs.Length];
        for (var pair = 0; pair < pull.Length; pair++)
        {
            pull[pair] = Math.Exp((pairs[pair].LeftLikes + pairs[pair].RightLikes) / (2 * spread));
        }

        var left = new double[market.LeftCount];
        var right = new double[market.RightCount];
        Array.Fill(left, 1);
        Array.Fill(right, 1);
        for (var round = 0; round <= MaxRounds; round++)
        {
            // The right side's sums hold exactly after its turn: when the left side's hold too, all do.
            if (Fit(market.Left, pull, left, right) < Tolerance)
            {
                var masses = new double[pull.Length];
                for (var pair = 0; pair < masses.Length; pair++)
                {
                    masses[pair] = left[pairs[pair].Left] * right[pairs[pair].Right] * pull[pair];
                }

                return new TransferableUtility(masses, Array.ConvertAll(left, a => a * a), Array.ConvertAll(right, b => b * b), round);
            }

            Fit(market.Right, pull, right, left);
        }

        throw new InvalidOperationException($"The masses of the market did not settle in {MaxRounds} rounds.");
    }

    /// <summary>Solves each enterprise's sum for its own factor, and tells how far the worst sum was off before.</summary>
    private static double Fit(MarketSide side, double[] pull, double[] own, double[] others)
    {
        var gap = 0.0;
        for (var i = 0; i < own.Length; i++)
        {
            var sum = 0.0;
            foreach (var pair in side.PairsOf(i))
            {
                sum += pull[pair] * others[side.Other(pair)];
            }

            gap = Math.Max(gap, Math.Abs(1 - own[i] * (own[i] + sum)));
            own[i] = FactorOf(sum);
        }

        return gap;
    }

    /// <summary>The positive root of <c>x^2 + sum * x = 1</c>, in the form that does not cancel where the sum is large.</summary>
    private static double FactorOf(double sum) => 1 / (sum / 2 + Math.Sqrt(1 + sum / 2 * (sum / 2)));
}
