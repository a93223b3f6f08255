using PartnerMatch.Ranking.Profiles;
using PartnerMatch.Ranking.Scoring;

namespace PartnerMatch.Ranking.Gaps;

/// <summary>Finds what a corridor lacks: what one side needs and the other cannot supply, and wanted products that nobody makes.</summary>
public sealed class GapFinder(RankingKnowledge knowledge)
{
    /// <summary>Whether a change of one enterprise may matter to what any corridor lacks; where it does not, the same enterprises lack the same.</summary>
    /// <param name="before">The profile as it was, null where there was none.</param>
    /// <param name="after">The profile as it is, null where there is none any more.</param>
    public static bool Matters(EnterpriseProfile? before, EnterpriseProfile? after)
    {
        var (was, isNow) = (before?.Status == ProfileStatus.Published, after?.Status == ProfileStatus.Published);
        return was != isNow || (was && (
            before!.Region != after!.Region
            || before.Country != after.Country
            || !before.Offers.SequenceEqual(after.Offers)
            || !before.Needs.SequenceEqual(after.Needs)));
    }

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
        var own = new OffersAndNeeds(knowledge, profile.Kinds, CompetencyGaps.SmallestNeed);
        foreach (var enterprise in enterprises.Where(e => e.Status == ProfileStatus.Published).OrderBy(e => e.Id, StringComparer.Ordinal))
        {
            if (corridor.SideOf(enterprise) is { } side)
            {
                var expanded = knowledge.Expand(enterprise);
                own.Turn(expanded);
                competencies.Add(side, enterprise.Id, own);
                avenues.Add(side, expanded, own);
            }
        }

        return new CorridorGaps(competencies.Find(), avenues.Find());
    }
}
