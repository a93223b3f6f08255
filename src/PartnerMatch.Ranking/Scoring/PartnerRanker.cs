using System.Collections.Concurrent;
using PartnerMatch.Ranking.Components;
using PartnerMatch.Ranking.Index;
using PartnerMatch.Ranking.Profiles;

namespace PartnerMatch.Ranking.Scoring;

/// <summary>Scores, explains and orders pairs. One scalar scorer with a fixed order of summation serves every list and every pair.</summary>
public sealed class PartnerRanker(RankingKnowledge knowledge)
{
    private readonly ConcurrentBag<Workspace> _workspaces = [];
    private const int NearestShown = 5;
    private const int LacksShown = 10;
    private const double SizesFarApartRatio = 10;
    private const double RivalsFrom = 0.5;

    /// <summary>Ranks the candidates on the other side of the corridor.</summary>
    /// <param name="query">Who asks, for what.</param>
    /// <param name="enterprises">Everybody; those of the subject's own side are passed over.</param>
    /// <returns>The first <see cref="RankingQuery.Limit"/> of the full sort: value before the floor, then confidence, then id.</returns>
    /// <exception cref="ArgumentException">The subject belongs to neither side, or a role is given for a joint venture.</exception>
    public RankedPartners Rank(RankingQuery query, IEnumerable<ExpandedProfile> enterprises)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(enterprises);
        if (query.Role != PartnerRole.Any && !query.Profile.Form.IsDirected())
        {
            throw new ArgumentException("A joint venture is symmetric: it has no supplier and no buyer.", nameof(query));
        }

        var side = query.Corridor.SideOf(query.Subject.Profile)
            ?? throw new ArgumentException($"{query.Subject.Profile.Id} belongs to neither side of the corridor {query.Corridor.Id}.", nameof(query));

        var excluded = new SortedDictionary<ExclusionReason, int>();
        var candidates = new List<ExpandedProfile>();
        var scores = new List<PairScore>();
        foreach (var candidate in enterprises)
        {
            if (query.Corridor.SideOf(candidate.Profile) is not { } other || other == side)
            {
                continue;
            }

            if (query.Constraints.ReasonToExclude(candidate.Profile) is { } reason)
            {
                excluded[reason] = excluded.GetValueOrDefault(reason) + 1;
                continue;
            }

            candidates.Add(candidate);
            scores.Add(Score(query, candidate));
        }

        scores.Sort(BestFirst);
        var threshold = query.MinScore ?? query.Profile.Threshold;
        var reached = scores.TakeWhile(s => s.Score >= threshold).ToList();
        var start = query.After is { } after ? reached.FindIndex(s => BestFirst(s, after) > 0) : 0;
        var firstRank = (query.After?.Rank ?? 0) + 1;
        RankedPartner[] items = start < 0 ? [] : [.. reached.Skip(start).Take(query.Limit).Select((s, i) => new RankedPartner(firstRank + i, s))];
        var more = start >= 0 && start + items.Length < reached.Count;
        return new RankedPartners
        {
            Items = items,
            Candidates = scores.Count,
            Scored = scores.Count,
            Excluded = excluded,
            Next = more ? PositionOf(items[^1]) : null,
            Nearest = reached.Count > 0 ? [] : [.. scores.Take(NearestShown).Select((s, i) => new RankedPartner(i + 1, s))],
            Missing = reached.Count > 0 ? [] : FindLacks(query, scores.FirstOrDefault(), IsOffered, IsWanted),
        };

        bool IsOffered(int need) => candidates.Any(c => c.OfferedValue(need) > 0);

        bool IsWanted(int offer) => candidates.Any(c => c.NeedsOf(query.Profile.Kinds).Any(n => knowledge.Near(offer, n.Code) > 0));
    }

    /// <summary>The place of a listed pair, to go on after it.</summary>
    public static PairsPosition PairPositionOf(RankedPartner item)
    {
        ArgumentNullException.ThrowIfNull(item);
        return new PairsPosition(item.Score.ValueBeforeFloor, item.Score.Confidence, item.Score.SubjectId, item.Score.PartnerId, item.Rank);
    }

    /// <summary>Scores one pair; <paramref name="role"/> fixes the direction of a directed form, <see cref="PartnerRole.Any"/> takes the better one.</summary>
    /// <param name="subject">The asking enterprise, <c>a</c>.</param>
    /// <param name="partner">The other one, <c>b</c>.</param>
    /// <param name="profile">The weights and the form.</param>
    /// <param name="corridor">The corridor that says what one market is and how far is far.</param>
    /// <param name="scarcity">Scarcity in that corridor.</param>
    /// <param name="role">The role of <paramref name="subject"/> in a directed form.</param>
    /// <param name="agreements">Agreements between the two, if any are known.</param>
    public PairScore Score(
        ExpandedProfile subject,
        ExpandedProfile partner,
        RankingProfile profile,
        Corridor corridor,
        Scarcity scarcity,
        PartnerRole role = PartnerRole.Any,
        AgreementRecord? agreements = null)
    {
        ArgumentNullException.ThrowIfNull(subject);
        ArgumentNullException.ThrowIfNull(partner);
        ArgumentNullException.ThrowIfNull(profile);
        var workspace = Borrow();
        try
        {
            var contributions = new List<Contribution>(ComponentRegistry.All.Length + 1);
            var value = Score(workspace.Meeting, subject, partner, profile, corridor, scarcity, role, agreements, contributions);
            return new PairScore
            {
                SubjectId = subject.Profile.Id,
                PartnerId = partner.Profile.Id,
                Form = profile.Form,
                Direction = value.Direction,
                Score = value.Score,
                ValueBeforeFloor = value.Value,
                Confidence = value.Confidence,
                Contributions = contributions,
                Flags = FindFlags(subject.Profile, partner.Profile, agreements, contributions),
            };
        }
        finally
        {
            GiveBack(workspace);
        }
    }

    /// <summary>A workspace that nobody else uses until it is given back.</summary>
    internal Workspace Borrow() => _workspaces.TryTake(out var workspace) ? workspace : new Workspace(knowledge);

    internal void GiveBack(Workspace workspace) => _workspaces.Add(workspace);

    /// <summary>The score of a pair; where <paramref name="contributions"/> is given, with all its reasons. The arithmetic is the same either way.</summary>
    internal PartnerValue Score(
        Meeting meeting,
        ExpandedProfile subject,
        ExpandedProfile partner,
        RankingProfile profile,
        Corridor corridor,
        Scarcity scarcity,
        PartnerRole role,
        AgreementRecord? agreements,
        List<Contribution>? contributions = null)
    {
        meeting.Open(subject, partner, profile.Kinds, scarcity);
        var pair = new OrderedPair(subject, partner, meeting, knowledge, corridor, agreements, Explains: false);
        if (profile.Form.IsDirected() && role == PartnerRole.Any)
        {
            // Only the better direction is explained, and it is known once both are added up.
            var (there, back) = (AddUp(pair, profile, Direction.ToPartner, null), AddUp(pair, profile, Direction.FromPartner, null));
            var better = BestFirst(there, back) <= 0 ? there : back;
            return contributions is null ? better : AddUp(pair with { Explains = true }, profile, better.Direction, contributions);
        }

        return AddUp(pair with { Explains = contributions is not null }, profile, DirectionOf(profile.Form, role), contributions);
    }

    /// <summary>What each component that has a weight says of a partner, in the registry's order, in each direction that the query scores.</summary>
    internal (Direction Direction, ComponentValue[] Values)[] Evaluate(RankingQuery query, ExpandedProfile partner)
    {
        var workspace = Borrow();
        try
        {
            var profile = query.Profile;
            workspace.Meeting.Open(query.Subject, partner, profile.Kinds, query.Scarcity);
            var pair = new OrderedPair(query.Subject, partner, workspace.Meeting, knowledge, query.Corridor, query.AgreementsWith?.Invoke(partner.Profile.Id), Explains: false);
            Direction[] directions = profile.Form.IsDirected() && query.Role == PartnerRole.Any ? [Direction.ToPartner, Direction.FromPartner] : [DirectionOf(profile.Form, query.Role)];
            return Array.ConvertAll(directions, direction => (direction, EvaluateAll(pair, profile, direction)));
        }
        finally
        {
            GiveBack(workspace);
        }
    }

    /// <summary>The promised order: value before the floor, then confidence, both descending, then id.</summary>
    public static int BestFirst(PairScore left, PairScore right)
    {
        ArgumentNullException.ThrowIfNull(left);
        ArgumentNullException.ThrowIfNull(right);
        return BestFirst(left, new RankingPosition(right.ValueBeforeFloor, right.Confidence, right.PartnerId, 0));
    }

    /// <summary>The place of a listed partner, to go on after it.</summary>
    public static RankingPosition PositionOf(RankedPartner item)
    {
        ArgumentNullException.ThrowIfNull(item);
        return new RankingPosition(item.Score.ValueBeforeFloor, item.Score.Confidence, item.Score.PartnerId, item.Rank);
    }

    internal static int BestFirst(PairScore left, RankingPosition right) => BestFirst(left.ToValue(), right);

    internal static int BestFirst(PartnerValue left, PartnerValue right) => BestFirst(left, new RankingPosition(right.Value, right.Confidence, right.PartnerId, 0));

    internal static int BestFirst(PartnerValue left, RankingPosition right)
    {
        var byValue = right.Value.CompareTo(left.Value);
        if (byValue != 0)
        {
            return byValue;
        }

        var byConfidence = right.Confidence.CompareTo(left.Confidence);
        return byConfidence != 0 ? byConfidence : string.CompareOrdinal(left.PartnerId, right.PartnerId);
    }

    internal static int BestPairFirst(string subjectId, PartnerValue left, PairsPosition right)
    {
        var bySubject = string.CompareOrdinal(subjectId, right.FirstId);
        var byPair = BestFirst(left, new RankingPosition(right.Value, right.Confidence, left.PartnerId, 0));
        return byPair != 0 ? byPair : bySubject != 0 ? bySubject : string.CompareOrdinal(left.PartnerId, right.SecondId);
    }

    private PairScore Score(RankingQuery query, ExpandedProfile candidate) => Score(
        query.Subject,
        candidate,
        query.Profile,
        query.Corridor,
        query.Scarcity,
        query.Role,
        query.AgreementsWith?.Invoke(candidate.Profile.Id));

    /// <summary>The direction that a form scores in a role that is not open.</summary>
    private static Direction DirectionOf(CooperationForm form, PartnerRole role) =>
        !form.IsDirected() ? Direction.Mutual : role == PartnerRole.Supplier ? Direction.ToPartner : Direction.FromPartner;

    private static ComponentValue[] EvaluateAll(in OrderedPair pair, RankingProfile profile, Direction direction)
    {
        var weights = profile.WeightsInOrder;
        var values = new ComponentValue[weights.Length];
        for (var at = 0; at < values.Length; at++)
        {
            values[at] = weights[at] == 0 ? ComponentValue.NoEvidence : Evaluate(ComponentRegistry.All[at], pair, direction).Value;
        }

        return values;
    }

    private static PartnerValue AddUp(in OrderedPair pair, RankingProfile profile, Direction direction, List<Contribution>? contributions)
    {
        var tally = default(Tally);
        var weights = profile.WeightsInOrder;
        for (var at = 0; at < weights.Length; at++)
        {
            var (weight, component) = (weights[at], ComponentRegistry.All[at]);
            if (weight == 0)
            {
                continue;
            }

            var (value, scored, other) = Evaluate(component, pair, direction);
            var points = tally.Add(weight, value.Value, value.StatedShare);
            contributions?.Add(new Contribution
            {
                Component = component.Name,
                Weight = weight,
                Value = value.Value,
                Points = points,
                Direction = scored,
                Terms = Share(value.Terms, points),
                Other = other,
            });
        }

        if (tally.Value < 0)
        {
            contributions?.Add(new Contribution { Component = Contribution.Floor, Weight = 1, Value = -tally.Value / 100, Points = -tally.Value });
        }

        return new PartnerValue(pair.Receiver.Profile.Id, tally.Value, tally.Confidence, direction);
    }

    /// <summary>
    /// A directed form scores its own direction; a joint venture the larger of the two, and shows the other unscored. Symmetric
    /// components see the pair in the order of ids, so that (a,b) and (b,a) add the same numbers in the same order.
    /// </summary>
    private static (ComponentValue Value, Direction Scored, OtherDirection? Other) Evaluate(IComponent component, in OrderedPair pair, Direction direction)
    {
        if (!component.IsDirected)
        {
            var inOrder = string.CompareOrdinal(pair.Giver.Profile.Id, pair.Receiver.Profile.Id) <= 0;
            return (component.Evaluate(inOrder ? pair : pair.Reversed), Direction.Mutual, null);
        }

        if (direction != Direction.Mutual)
        {
            return (component.Evaluate(direction == Direction.ToPartner ? pair : pair.Reversed), direction, null);
        }

        var there = component.Evaluate(pair);
        var back = component.Evaluate(pair.Reversed);
        var thereIsLarger = (there.Value ?? -1, there.StatedShare).CompareTo((back.Value ?? -1, back.StatedShare)) >= 0;
        var (scored, larger, smaller) = thereIsLarger ? (Direction.ToPartner, there, back) : (Direction.FromPartner, back, there);
        var otherWay = thereIsLarger ? Direction.FromPartner : Direction.ToPartner;
        return (larger, scored, pair.Explains ? new OtherDirection(otherWay, smaller.Value, Share(smaller.Terms, 0)) : null);
    }

    /// <summary>Gives each term its share of the points, largest first.</summary>
    private static Term[] Share(IReadOnlyList<Term> terms, double points)
    {
        var total = terms.Sum(t => Math.Abs(t.Value));
        return [.. terms
            .Select(t => t with { Points = total > 0 ? points * Math.Abs(t.Value) / total : 0 })
            .OrderByDescending(t => Math.Abs(t.Value))
            .ThenBy(t => t.NeedCode, StringComparer.Ordinal)
            .ThenBy(t => t.OfferCode, StringComparer.Ordinal)];
    }

    private static List<MatchNotice> FindFlags(EnterpriseProfile a, EnterpriseProfile b, AgreementRecord? agreements, List<Contribution> contributions)
    {
        var flags = new List<MatchNotice>();
        var met = contributions.Where(c => c.Component == Supply.ComponentName).SelectMany(c => c.Terms).ToArray();
        Add(MatchNotice.InferredOnly, met.Length > 0 && met.All(t => t.Evidence == Evidence.Inferred));
        Add(MatchNotice.Rivals, contributions.Any(c => c.Component == Rivalry.ComponentName && c.Value >= RivalsFrom));
        Add(MatchNotice.SizesFarApart, ScaleFit.Ratio(a, b) > SizesFarApartRatio);
        Add(MatchNotice.LocationApproximate, a.LocationIsApproximate || b.LocationIsApproximate);
        Add(MatchNotice.NoOffers, a.Offers.Count == 0 || b.Offers.Count == 0);
        Add(MatchNotice.BrokenAgreement, b.Agreements is { Broken: > 0 } || agreements is { Broken: > 0 });
        Add(MatchNotice.FloorReached, contributions[^1].Component == Contribution.Floor);
        return flags;

        void Add(MatchNotice flag, bool holds)
        {
            if (holds)
            {
                flags.Add(flag);
            }
        }
    }

    /// <summary>What lacked where nothing reached the threshold.</summary>
    /// <param name="query">The query.</param>
    /// <param name="closest">What came closest, or null where there is no candidate.</param>
    /// <param name="isOffered">Whether some candidate's offers answer a need, by preorder number.</param>
    /// <param name="isWanted">Whether some candidate needs what an offer answers, by preorder number.</param>
    internal List<Lack> FindLacks(RankingQuery query, PairScore? closest, Func<int, bool> isOffered, Func<int, bool> isWanted)
    {
        var lacks = new List<Lack>();
        var subject = query.Subject;
        if (closest is null)
        {
            lacks.Add(new Lack(LackKind.NoCandidates));
        }

        if (subject.Profile.Offers.Count == 0)
        {
            lacks.Add(new Lack(LackKind.NoOffers));
        }

        var needs = subject.NeedsOf(query.Profile.Kinds);
        if (needs.Length == 0)
        {
            lacks.Add(new Lack(LackKind.NoNeeds));
        }

        if (query.Role != PartnerRole.Supplier)
        {
            lacks.AddRange(needs
                .Where(n => !isOffered(n.Code))
                .OrderByDescending(n => n.Value)
                .ThenBy(n => n.Code)
                .Take(LacksShown)
                .Select(n => new Lack(LackKind.UnmetNeed, knowledge.Tree[n.Code].Code)));
        }

        if (query.Role != PartnerRole.Buyer)
        {
            lacks.AddRange(subject.RawOffers
                .Where(o => !isWanted(o.Code))
                .Take(LacksShown)
                .Select(o => new Lack(LackKind.UnwantedOffer, knowledge.Tree[o.Code].Code)));
        }

        lacks.AddRange((closest?.Contributions ?? [])
            .Where(c => c.Value is null)
            .Select(c => new Lack(LackKind.NoEvidence, Component: c.Component)));
        return lacks;
    }
}
