namespace PartnerMatch.Ranking.Scoring;

/// <summary>The free parameters of the model. They belong to a ranking profile and enter its hash.</summary>
public sealed record ModelParameters
{
    /// <summary>What remains per level when a narrower offer answers a broader need (a lathe for "machine tools"), in (0,1].</summary>
    public double NarrowerNear { get; init; } = 0.9;

    /// <summary>What remains per level when a broader offer answers a narrower need (a general maker for "lathes"), in (0,1].</summary>
    public double BroaderNear { get; init; } = 0.5;

    /// <summary>What an inferred need counts beside a stated one (lambda), in (0,1].</summary>
    public double InferredNeed { get; init; } = 0.7;

    /// <summary>
    /// How much one large met need counts against many small ones that add up to it: met needs are summed by the norm of this order, at least 1.
    /// At 1 they add up; above, what everybody buys a little of drowns no main purchase.
    /// </summary>
    public double NeedEmphasis { get; init; } = 1;

    /// <summary>The met need at which supply reaches 1 - 1/e (tau), above 0.</summary>
    public double SupplyScale { get; init; } = 0.35;

    /// <summary>The likeness of two ranges of products at which pooling reaches 1 - 1/e, above 0.</summary>
    public double PoolingScale { get; init; } = 1;

    /// <summary>The number of new markets at which market access reaches 1 - 1/e, above 0.</summary>
    public double MarketScale { get; init; } = 2;

    /// <summary>The ratio of sizes at which scale fit has fallen to 1/e, above 1.</summary>
    public double SizeRatio { get; init; } = 10;

    /// <summary>How much a need or place that is inferred counts towards confidence, in [0,1]; a stated one counts 1.</summary>
    public double InferredConfidence { get; init; } = 0.5;

    /// <summary>A met need as the norm sums it: raised to the order of the emphasis.</summary>
    internal double Emphasise(double met) => NeedEmphasis switch { 1 => met, 2 => met * met, var order => Math.Pow(met, order) };

    /// <summary>The way back from a sum of emphasised met needs.</summary>
    internal double Temper(double sum) => NeedEmphasis switch { 1 => sum, 2 => Math.Sqrt(sum), var order => Math.Pow(sum, 1 / order) };

    internal void Validate()
    {
        Require(NarrowerNear is > 0 and <= 1, nameof(NarrowerNear));
        Require(BroaderNear is > 0 and <= 1, nameof(BroaderNear));
        Require(InferredNeed is > 0 and <= 1, nameof(InferredNeed));
        Require(NeedEmphasis >= 1 && double.IsFinite(NeedEmphasis), nameof(NeedEmphasis));
        Require(PoolingScale > 0 && double.IsFinite(PoolingScale), nameof(PoolingScale));
        Require(SupplyScale > 0 && double.IsFinite(SupplyScale), nameof(SupplyScale));
        Require(MarketScale > 0 && double.IsFinite(MarketScale), nameof(MarketScale));
        Require(SizeRatio > 1 && double.IsFinite(SizeRatio), nameof(SizeRatio));
        Require(InferredConfidence is >= 0 and <= 1, nameof(InferredConfidence));

        static void Require(bool holds, string parameter)
        {
            if (!holds)
            {
                throw new ArgumentException($"The model parameter {parameter} is out of range.", parameter);
            }
        }
    }
}
