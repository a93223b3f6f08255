using PartnerMatch.Benchmarks.Generating;
using PartnerMatch.Ranking.Index;
using PartnerMatch.Ranking.Scoring;

namespace PartnerMatch.Benchmarks.Comparing;

/// <summary>
/// The product's index on the linear part alone, through its public door for lists without reasons: the form <c>supplier</c> with no weight but that
/// of supply, the subject as buyer. Supply is <c>1 - exp(-S^(1/p) / tau)</c> of the weighted sum <c>S</c>, so its order is that of the sums,
/// and the sum is got back from the value.
/// </summary>
internal sealed class LinearPart(World world, EnterpriseIndex index, Scarcity scarcity, PartnerRanker ranker) : IContender
{
    private readonly RankingProfile _profile = world.Reference.FormOf(CooperationForm.Supplier).Profile.WithWeights(new Dictionary<string, double> { ["supply"] = 1 });

    public string Name => "product, linear part";

    public double[] Best(Subject subject)
    {
        var ranked = index.RankScores(ranker, new RankingQuery
        {
            Subject = subject.Expanded,
            Profile = _profile,
            Corridor = world.Corridor,
            Scarcity = scarcity,
            Role = PartnerRole.Buyer,
            // No engine lists whoever meets no need.
            MinScore = double.Epsilon,
            Limit = Comparison.Top,
        });
        var parameters = world.Knowledge.Parameters;
        return [.. ranked.Select(r => Math.Pow(-parameters.SupplyScale * Math.Log(1 - (r.Value / 100)), parameters.NeedEmphasis))];
    }

    public void Dispose()
    {
    }
}
