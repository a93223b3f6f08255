using PartnerMatch.Api.Matches;
using PartnerMatch.Benchmarks.Generating;
using PartnerMatch.Ranking.Explaining;
using PartnerMatch.Ranking.Profiles;
using PartnerMatch.Ranking.Scoring;

namespace PartnerMatch.Benchmarks.Comparing;

/// <summary>What the handler of <c>GET /v1/enterprises/{id}/matches</c> does between routing and JSON, with the default joint-venture weights.</summary>
internal sealed class WholeRanking(World world, EnterpriseDirectory directory, PartnerRanker ranker)
{
    private readonly RankingProfile _profile = world.Reference.FormOf(CooperationForm.JointVenture).Profile;
    private readonly MatchWriter _writer = new(world.Reference);

    public MatchList Answer(EnterpriseProfile subject)
    {
        var snapshot = directory.Current;
        var query = ToQuery(subject, snapshot);
        var ranked = snapshot.Index.Rank(ranker, query);
        return new MatchList(
            [.. ranked.Items.Select(i => _writer.ToMatch(i, subject, snapshot[i.Score.PartnerId], Language.En))],
            _writer.ToMeta(ranked, query, null, snapshot, Language.En),
            null);
    }

    /// <summary>The same list by the full sort over all pairs.</summary>
    public IEnumerable<(string Id, double Score)> BruteForce(EnterpriseProfile subject, IEnumerable<ExpandedProfile> candidates) =>
        ranker.Rank(ToQuery(subject, directory.Current), candidates).Items.Select(i => (i.Score.PartnerId, i.Score.Score));

    private RankingQuery ToQuery(EnterpriseProfile subject, DirectorySnapshot snapshot) => new()
    {
        Subject = world.Knowledge.Expand(subject),
        Profile = _profile,
        Corridor = world.Corridor,
        Scarcity = snapshot.ScarcityIn(world.Corridor),
        Limit = Comparison.Top,
    };
}
