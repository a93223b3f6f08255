using System.Text.Json.Serialization;
using PartnerMatch.Api.Access;
using PartnerMatch.Api.Reference;
using PartnerMatch.Ranking.Explaining;
using PartnerMatch.Ranking.Profiles;
using PartnerMatch.Ranking.Scoring;
using PartnerMatch.Ranking.Taxonomy;

namespace PartnerMatch.Api.Matches;

/// <summary>Ranked partners with what the list was computed from.</summary>
/// <param name="Items">Best first.</param>
/// <param name="Meta">What the list was computed from, and why it is empty where it is.</param>
/// <param name="Next">The address of the next page, or null at the end.</param>
internal sealed record MatchList(IReadOnlyList<Match> Items, MatchMeta Meta, string? Next);

/// <summary>A partner with its score and the reasons.</summary>
internal sealed record Match
{
    /// <summary>From 1.</summary>
    public required int Rank { get; init; }

    /// <summary>0 to 100; the points of the contributions add up to it.</summary>
    public required double Score { get; init; }

    /// <summary>How much of the score rests on stated facts, 0 to 1; never scored.</summary>
    public required double Confidence { get; init; }

    /// <summary>Who supplies: to-partner, from-partner, or mutual in a joint venture.</summary>
    public required Direction Direction { get; init; }

    /// <summary>The partner.</summary>
    public required MatchedEnterprise Enterprise { get; init; }

    /// <summary>One sentence to read out.</summary>
    public required string Summary { get; init; }

    /// <summary>What each component adds.</summary>
    public required IReadOnlyList<MatchContribution> Contributions { get; init; }

    /// <summary>What a reader should know besides the score.</summary>
    public required IReadOnlyList<MatchNotice> Flags { get; init; }
}

/// <summary>An enterprise in a match.</summary>
internal sealed record MatchedEnterprise(string Id, string Name, string? NameRu, string Region, string? City);

/// <summary>What one component adds to a score.</summary>
internal sealed record MatchContribution
{
    /// <summary>The component's name, or floor.</summary>
    public required string Component { get; init; }

    /// <summary>The normalised weight, negative for rivalry.</summary>
    public required double Weight { get; init; }

    /// <summary>The component's value; null: no evidence.</summary>
    public required double? Value { get; init; }

    /// <summary>100 x weight x value.</summary>
    public required double Points { get; init; }

    /// <summary>Which direction was scored.</summary>
    public required Direction Direction { get; init; }

    /// <summary>The largest reasons.</summary>
    public required IReadOnlyList<MatchTerm> Terms { get; init; }

    /// <summary>How many reasons there are in all.</summary>
    public required int TermCount { get; init; }

    /// <summary>The direction that was not scored, in a joint venture.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public MatchOtherDirection? Other { get; init; }
}

/// <summary>The unscored direction of a component.</summary>
internal sealed record MatchOtherDirection(Direction Direction, double? Value, IReadOnlyList<MatchTerm> Terms);

/// <summary>One reason: who brings what to whom, and why it counts.</summary>
internal sealed record MatchTerm
{
    /// <summary>What the term says.</summary>
    public required TermKind Kind { get; init; }

    /// <summary>The term in words.</summary>
    public required string Text { get; init; }

    /// <summary>Its share of the contribution's points.</summary>
    public required double Points { get; init; }

    /// <summary>Stated in a profile, or inferred.</summary>
    public required Evidence Evidence { get; init; }

    /// <summary>Id of the enterprise that gives; absent where the term is symmetric.</summary>
    public required string? From { get; init; }

    /// <summary>Id of the enterprise that receives.</summary>
    public required string? To { get; init; }

    /// <summary>The competency offered.</summary>
    public required CodedLabel? Offer { get; init; }

    /// <summary>The competency needed.</summary>
    public required CodedLabel? Need { get; init; }

    /// <summary>The product through which the need is inferred.</summary>
    public required CodedLabel? Via { get; init; }

    /// <summary>The kind of the production link.</summary>
    public required LinkKind? Link { get; init; }

    /// <summary>ISO 3166 code of the market.</summary>
    public required string? Market { get; init; }
}

/// <summary>A competency with its label in the language asked for.</summary>
internal sealed record CodedLabel(string Code, string Label);

/// <summary>What a list was computed from.</summary>
internal sealed record MatchMeta
{
    public required CooperationForm Form { get; init; }

    public required string Corridor { get; init; }

    /// <summary>The same version and weights give the same list.</summary>
    public required string DataVersion { get; init; }

    /// <summary>The ranking profile, <c>id@version</c>; null where the query brought weights of its own.</summary>
    public required string? Profile { get; init; }

    /// <summary>Names the weights and the parameters of the model.</summary>
    public required string WeightsHash { get; init; }

    /// <summary>The lowest score listed.</summary>
    public required double Threshold { get; init; }

    /// <summary>How many candidates were scored.</summary>
    public required int Candidates { get; init; }

    /// <summary>How many were removed before scoring, and why; drafts are not counted for a key or token that is bound to an owner. Excluded pairs are, whoever excluded them: they stand in nobody's list, and who decided it is told to the keepers of the two and to staff only.</summary>
    public required IReadOnlyList<ExcludedCount> Excluded { get; init; }

    /// <summary>What came closest, where nothing reached the threshold.</summary>
    public required IReadOnlyList<NearMatch> Nearest { get; init; }

    /// <summary>What was lacking, where nothing reached the threshold.</summary>
    public required IReadOnlyList<Missing> Missing { get; init; }
}

/// <summary>Candidates removed before scoring for one reason.</summary>
internal sealed record ExcludedCount(ExclusionReason Reason, int Count);

/// <summary>A candidate below the threshold.</summary>
internal sealed record NearMatch(MatchedEnterprise Enterprise, double Score, Direction Direction, string Summary);

/// <summary>What lacked.</summary>
/// <param name="Kind">What lacks.</param>
/// <param name="Code">The competency that lacks, where it is one.</param>
/// <param name="Label">Its label.</param>
/// <param name="Component">The component without evidence, where it is one.</param>
internal sealed record Missing(LackKind Kind, string? Code, string? Label, string? Component);

/// <summary>Puts rankings into words and the shapes of the API.</summary>
internal sealed class MatchWriter(ReferenceCatalog reference)
{
    private const int TermsInLists = 3;
    private readonly Phrasebook _phrases = new(reference.Tree);

    public Match ToMatch(RankedPartner item, EnterpriseProfile subject, EnterpriseProfile partner, Language language, int termLimit = TermsInLists) => new()
    {
        Rank = item.Rank,
        Score = item.Score.Score,
        Confidence = item.Score.Confidence,
        Direction = item.Score.Direction,
        Enterprise = ToEnterprise(partner),
        Summary = Summarise(item.Score, subject, partner, language),
        Contributions = ToContributions(item.Score, subject, partner, language, termLimit),
        Flags = item.Score.Flags,
    };

    public string Summarise(PairScore score, EnterpriseProfile subject, EnterpriseProfile partner, Language language) =>
        _phrases.Summarise(score, subject, partner, language);

    public IReadOnlyList<MatchContribution> ToContributions(PairScore score, EnterpriseProfile subject, EnterpriseProfile partner, Language language, int termLimit = TermsInLists)
    {
        return [.. score.Contributions.Select(c => new MatchContribution
        {
            Component = c.Component,
            Weight = c.Weight,
            Value = c.Value,
            Points = c.Points,
            Direction = c.Direction,
            Terms = ToTerms(c.Terms),
            TermCount = c.Terms.Count,
            Other = c.Other is null ? null : new MatchOtherDirection(c.Other.Direction, c.Other.Value, ToTerms(c.Other.Terms)),
        })];

        MatchTerm[] ToTerms(IReadOnlyList<Term> terms)
        {
            var told = new MatchTerm[Math.Min(terms.Count, termLimit)];
            for (var i = 0; i < told.Length; i++)
            {
                told[i] = ToTerm(terms[i]);
            }

            return told;
        }

        MatchTerm ToTerm(Term term) => new()
        {
            Kind = term.Kind,
            Text = _phrases.Describe(term, subject, partner, language),
            Points = term.Points,
            Evidence = term.Evidence,
            From = term.GiverId,
            To = term.ReceiverId,
            Offer = ToLabel(term.OfferCode, language),
            Need = ToLabel(term.NeedCode, language),
            Via = ToLabel(term.ViaCode, language),
            Link = term.Link,
            Market = term.Market,
        };
    }

    public static MatchedEnterprise ToEnterprise(EnterpriseProfile profile) =>
        new(profile.Id, profile.Name, profile.NameRu, profile.Region, profile.City);

    /// <summary>A caller that is bound to an owner is not told how many drafts others have.</summary>
    public static IReadOnlyList<ExcludedCount> ToCounts(IReadOnlyDictionary<ExclusionReason, int> excluded) =>
        [.. excluded.Where(e => e.Key != ExclusionReason.Draft || Caller.Current.Owner is null).Select(e => new ExcludedCount(e.Key, e.Value))];

    public MatchMeta ToMeta(RankedPartners ranking, RankingQuery query, string? profile, DirectorySnapshot snapshot, Language language) => new()
    {
        Form = query.Profile.Form,
        Corridor = query.Corridor.Id,
        DataVersion = snapshot.Version,
        Profile = profile,
        WeightsHash = query.Profile.Hash,
        Threshold = query.MinScore ?? query.Profile.Threshold,
        Candidates = ranking.Candidates,
        Excluded = ToCounts(ranking.Excluded),
        Nearest = [.. ranking.Nearest.Select(n => ToNear(n, query.Subject.Profile, snapshot[n.Score.PartnerId], language))],
        Missing = [.. ranking.Missing.Select(m => new Missing(m.Kind, m.Code, ToLabel(m.Code, language)?.Label, m.Component))],
    };

    private NearMatch ToNear(RankedPartner near, EnterpriseProfile subject, EnterpriseProfile partner, Language language) =>
        new(ToEnterprise(partner), near.Score.Score, near.Score.Direction, Summarise(near.Score, subject, partner, language));

    private CodedLabel? ToLabel(string? code, Language language) =>
        code is null ? null : new CodedLabel(code, language == Language.Ru ? reference.Tree.Find(code)!.LabelRu : reference.Tree.Find(code)!.LabelEn);
}
