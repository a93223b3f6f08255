using PartnerMatch.Benchmarks.Generating;
using PartnerMatch.Ranking.Profiles;
using PartnerMatch.Ranking.Scoring;

namespace PartnerMatch.Benchmarks.Comparing;

/// <summary>Somebody who asks, with the query as every engine gets it: competencies with their weights <c>(q[u] n[u])^p</c>.</summary>
internal sealed record Subject(EnterpriseProfile Profile, ExpandedProfile Expanded, short[] Codes, float[] Weights)
{
    public static Subject Of(EnterpriseProfile profile, World world, Scarcity scarcity)
    {
        var expanded = world.Knowledge.Expand(profile);
        var needs = expanded.NeedsOf(world.Reference.FormOf(CooperationForm.Supplier).Profile.Kinds);
        return new Subject(
            profile,
            expanded,
            [.. needs.Select(n => (short)n.Code)],
            [.. needs.Select(n => (float)Math.Pow(scarcity[n.Code] * n.Value, world.Knowledge.Parameters.NeedEmphasis))]);
    }
}
