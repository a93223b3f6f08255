using PartnerMatch.Ranking.Profiles;
using PartnerMatch.Ranking.Scoring;

namespace PartnerMatch.Ranking.Gaps;

/// <summary>Finds what a corridor lacks: what one side needs and the other cannot supply, and wanted products that nobody makes.</summary>
public sealed class GapFinder(RankingKnowledge knowledge)
{
    /// <summary>Looks at all published enterprises of both sides.</summary>
    /// <param name="profile">The form, which says what kinds of need count.</param>
    /// <param name="corridor">The corridor.</param>
    /// <param name="enterprises">Everybody in any order; those of neither side are passed over.</param>
    public CorridorGaps Find(RankingProfile profile, Corridor corridor, IEnumerable<EnterpriseProfile> enterprises)
    {
        ArgumentNullException.ThrowIfNull(profile);
        ArgumentNullException.ThrowIfNull(corridor);
        ArgumentNullException.ThrowIfNull(enterprises);
        var competencies = new CompetencyGaps(knowledge);
        var avenues = new NewAvenues(knowledge);
        foreach (var enterprise in enterprises.Where(e => e.Status == ProfileStatus.Published).OrderBy(e => e.Id, StringComparer.Ordinal))
        {
            if (corridor.SideOf(enterprise) is { } side)
            {
                var expanded = knowledge.Expand(enterprise);
                competencies.Add(side, expanded, profile.Kinds);
                avenues.Add(side, expanded);
            }
        }

        return new CorridorGaps(competencies.Find(), avenues.Find());
    }
}
