using PartnerMatch.Api.Matches;
using PartnerMatch.Api.Telemetry;
using PartnerMatch.Ranking.Explaining;
using PartnerMatch.Ranking.Profiles;
using PartnerMatch.Ranking.Scoring;

namespace PartnerMatch.Api.Pairs;

/// <summary>Where one of a pair stands among all candidates of the other.</summary>
internal sealed record PairStanding
{
    /// <summary>Id of the enterprise whose candidates are ranked.</summary>
    public required string Of { get; init; }

    /// <summary>Id of the candidate.</summary>
    public required string Candidate { get; init; }

    /// <summary>One more than the candidates that stand above it; null where it is no candidate.</summary>
    public required int? Rank { get; init; }

    /// <summary>Why it is no candidate; null where it is one.</summary>
    public required ExclusionReason? Excluded { get; init; }

    /// <summary>How many candidates there are.</summary>
    public required int Candidates { get; init; }

    /// <summary>The score from which a candidate is recommended.</summary>
    public required double Threshold { get; init; }

    /// <summary>What stands above it: the best, and those just above.</summary>
    public required IReadOnlyList<StandingAbove> Above { get; init; }
}

/// <summary>A candidate that stands above the one asked about.</summary>
internal sealed record StandingAbove(int Rank, MatchedEnterprise Enterprise, double Score, string Summary);

/// <summary>Says where a partner stands, and why.</summary>
internal sealed class PairStandings(
    DirectorySnapshot snapshot,
    RankingKnowledge knowledge,
    PartnerRanker ranker,
    RankingMeter meter,
    MatchWriter writer,
    RankingProfile profile,
    Corridor corridor,
    Language language)
{
    /// <summary>Where each of a pair stands among the candidates of the other. Who is far down has thousands above, all scored: so the two are looked for at once.</summary>
    /// <param name="a">The one; in a directed form the supplier.</param>
    /// <param name="b">The other.</param>
    /// <param name="role">The role of <paramref name="a"/>.</param>
    public async Task<PairStanding[]> FindBothAsync(EnterpriseProfile a, EnterpriseProfile b, PartnerRole role)
    {
        var back = Task.Run(() => Find(b, a, role == PartnerRole.Any ? role : PartnerRole.Buyer));
        var there = Find(a, b, role);
        return [there, await back];
    }

    private PairStanding Find(EnterpriseProfile subject, EnterpriseProfile candidate, PartnerRole role)
    {
        var query = new RankingQuery
        {
            Subject = knowledge.Expand(subject),
            Profile = profile,
            Corridor = corridor,
            Scarcity = snapshot.ScarcityIn(corridor),
            Role = role,
            Constraints = MatchConstraints.None with { ExcludedEnterprises = snapshot.Exclusions.PartnersOf(subject.Id) },
        };
        var standing = meter.Measure(RankingKind.Standing, profile.Form, () => snapshot.Index.StandingOf(ranker, query, candidate.Id));
        return new PairStanding
        {
            Of = subject.Id,
            Candidate = candidate.Id,
            Rank = standing.Rank,
            Excluded = standing.Excluded,
            Candidates = standing.Candidates,
            Threshold = profile.Threshold,
            Above = [.. standing.Above.Select(above =>
            {
                var partner = snapshot[above.Value.PartnerId];
                var score = ranker.Score(query.Subject, knowledge.Expand(partner), profile, corridor, query.Scarcity, role);
                return new StandingAbove(above.Rank, MatchWriter.ToEnterprise(partner), score.Score, writer.Summarise(score, subject, partner, language));
            })],
        };
    }
}
