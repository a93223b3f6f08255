using PartnerMatch.Ranking.Profiles;
using PartnerMatch.Ranking.Scoring;
using PartnerMatch.Ranking.Taxonomy;

namespace PartnerMatch.Ranking.Counterfactuals;

/// <summary>
/// Finds the few changes of either profile that would raise a pair's score most. Changes that an enterprise could well make are
/// tried one by one with the one scorer: what the partner needs close to its own trade, a need that so far is only inferred, a market within the
/// corridor or of the partner, a fact that is missing.
/// </summary>
public sealed class CounterfactualSearch(RankingKnowledge knowledge, PartnerRanker ranker)
{
    /// <summary>At most so many changes an enterprise.</summary>
    public const int MostShown = 5;

    /// <summary>At most so many of one kind, so that one line of thought does not fill the list.</summary>
    public const int MostOfAKind = 3;

    /// <summary>In points: less is not worth saying.</summary>
    private const double SmallestGain = 0.1;

    /// <summary>Products of one group (three digits) are close: who makes lathes could make milling machines, but not cheese.</summary>
    private const int DigitsOfAGroup = 3;

    /// <summary>Trades of one division sell alike.</summary>
    private const int DigitsOfADivision = 2;

    /// <summary>A broader code than a class (four digits) is no product that one could take up.</summary>
    private const int DigitsOfAClass = 4;

    /// <summary>Who answers a need so well by what it offers, itself or something narrower, makes it.</summary>
    private const double MakesItself = 0.5;

    /// <summary>What making an enterprise's products takes less of than this is no need to state.</summary>
    private const double SmallestNeed = 0.1;

    /// <summary>The best changes, the one that raises the score most first; of each enterprise at most <see cref="MostShown"/>.</summary>
    /// <param name="subject">The asking enterprise, <c>a</c>.</param>
    /// <param name="partner">The other one, <c>b</c>.</param>
    /// <param name="profile">The weights and the form.</param>
    /// <param name="corridor">The corridor.</param>
    /// <param name="scarcity">Scarcity in it, which stays frozen.</param>
    /// <param name="role">The role of <paramref name="subject"/> in a directed form.</param>
    public IReadOnlyList<Counterfactual> Find(
        EnterpriseProfile subject,
        EnterpriseProfile partner,
        RankingProfile profile,
        Corridor corridor,
        Scarcity scarcity,
        PartnerRole role = PartnerRole.Any)
    {
        ArgumentNullException.ThrowIfNull(profile);
        ArgumentNullException.ThrowIfNull(corridor);
        var (a, b) = (knowledge.Expand(subject), knowledge.Expand(partner));
        var now = ranker.Score(a, b, profile, corridor, scarcity, role).Score;
        var ofSubject = Propose(a, b, profile, corridor).Select(c => Try(c, ranker.Score(knowledge.Expand(c.ApplyTo(subject)), b, profile, corridor, scarcity, role)));
        var ofPartner = Propose(b, a, profile, corridor).Select(c => Try(c, ranker.Score(a, knowledge.Expand(c.ApplyTo(partner)), profile, corridor, scarcity, role)));
        return [.. Choose(ofSubject).Concat(Choose(ofPartner)).Order(Comparer<Counterfactual>.Create(LargestGainFirst))];

        Counterfactual Try(ProfileChange change, PairScore then) => new(change, then, then.Score - now);
    }

    /// <summary>The largest gains; of two codes on one path of the tree only the better one.</summary>
    private static List<Counterfactual> Choose(IEnumerable<Counterfactual> tried)
    {
        var chosen = new List<Counterfactual>();
        foreach (var counterfactual in tried.Where(t => t.Gain >= SmallestGain).Order(Comparer<Counterfactual>.Create(LargestGainFirst)))
        {
            var alike = chosen.Where(c => c.Change.Kind == counterfactual.Change.Kind).ToArray();
            if (alike.Length < MostOfAKind && !alike.Any(c => IsOnePath(c.Change.Code, counterfactual.Change.Code)))
            {
                chosen.Add(counterfactual);
            }

            if (chosen.Count == MostShown)
            {
                break;
            }
        }

        return chosen;
    }

    private static bool IsOnePath(string? left, string? right) =>
        left is not null && right is not null && (CompetencyCode.IsUnder(left, right) || CompetencyCode.IsUnder(right, left));

    private static int LargestGainFirst(Counterfactual left, Counterfactual right)
    {
        var byGain = right.Gain.CompareTo(left.Gain);
        return byGain != 0 ? byGain : string.CompareOrdinal(KeyOf(left.Change), KeyOf(right.Change));

        static string KeyOf(ProfileChange change) => $"{change.EnterpriseId} {change.Kind} {change.Code}{change.Market}";
    }

    private IEnumerable<ProfileChange> Propose(ExpandedProfile one, ExpandedProfile other, RankingProfile profile, Corridor corridor)
    {
        var id = one.Profile.Id;
        return ProposeOffers(one, other, profile).Select(code => new ProfileChange { EnterpriseId = id, Kind = ChangeKind.Offer, Code = code })
            .Concat(ProposeNeeds(one, other, profile).Select(code => new ProfileChange { EnterpriseId = id, Kind = ChangeKind.Need, Code = code }))
            .Concat(ProposeMarkets(one, other, corridor).Select(market => new ProfileChange { EnterpriseId = id, Kind = ChangeKind.Market, Market = market }))
            .Concat(ProposeFacts(one.Profile, other.Profile));
    }

    /// <summary>
    /// What the other needs or is sold through, where it lies close to what the one does already. What the other makes itself is left out: to take
    /// that up would be to compete.
    /// </summary>
    private IEnumerable<string> ProposeOffers(ExpandedProfile one, ExpandedProfile other, RankingProfile profile)
    {
        var goods = other.NeedsOf(profile.Kinds).Select(n => n.Code).Where(code => other.OfferedValue(code) < MakesItself);
        var trades = other.Outlets.Select(o => o.Code);
        return goods.Where(code => IsClose(one, code, DigitsOfAGroup))
            .Concat(trades.Where(code => IsClose(one, code, DigitsOfADivision)))
            .Distinct()
            .Select(code => knowledge.Tree[code].Code)
            .Where(code => CompetencyCode.Digits(code) >= DigitsOfAClass && !one.Profile.Offers.Any(o => o.Code == code));
    }

    private bool IsClose(ExpandedProfile one, int code, int digits) =>
        one.RawOffers.Any(o => CompetencyCode.SharedDigits(knowledge.Tree[o.Code].Code, knowledge.Tree[code].Code) >= digits);

    /// <summary>What the one is only thought to need, and the other offers.</summary>
    private IEnumerable<string> ProposeNeeds(ExpandedProfile one, ExpandedProfile other, RankingProfile profile) => one.NeedsOf(profile.Kinds)
        .Where(n => !n.IsStated && n.Value >= SmallestNeed)
        .Select(n => ExpandedProfile.Find(other.Offers, n.Code))
        .Where(at => at >= 0)
        .SelectMany(at => new[] { other.Offers[at].Code, other.Offers[at].Source })
        .Distinct()
        .Select(code => knowledge.Tree[code].Code)
        .Where(code => CompetencyCode.Digits(code) >= DigitsOfAClass && !one.Profile.Needs.Any(n => n.Code == code));

    private static IEnumerable<string> ProposeMarkets(ExpandedProfile one, ExpandedProfile other, Corridor corridor) =>
        corridor.First.Concat(corridor.Second).Concat(corridor.CommonMarket).Concat(other.Markets)
            .Distinct(StringComparer.Ordinal)
            .Where(market => !one.Profile.Markets.Contains(market, StringComparer.Ordinal));

    /// <summary>At best it is as large as the other, and next door.</summary>
    private static IEnumerable<ProfileChange> ProposeFacts(EnterpriseProfile one, EnterpriseProfile other)
    {
        if (one.Employees is null && other.Employees is not null)
        {
            yield return new ProfileChange { EnterpriseId = one.Id, Kind = ChangeKind.Employees, Employees = other.Employees };
        }

        if (one.Location is null && other.Location is not null)
        {
            yield return new ProfileChange { EnterpriseId = one.Id, Kind = ChangeKind.Location, Location = other.Location };
        }
    }
}
