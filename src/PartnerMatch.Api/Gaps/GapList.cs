using PartnerMatch.Api.Matches;
using PartnerMatch.Api.Reference;
using PartnerMatch.Ranking.Explaining;
using PartnerMatch.Ranking.Gaps;
using PartnerMatch.Ranking.Scoring;
using PartnerMatch.Ranking.Taxonomy;

namespace PartnerMatch.Api.Gaps;

/// <summary>What a corridor lacks.</summary>
/// <param name="Items">Competencies that one side needs and the other hardly supplies, the largest gap first.</param>
/// <param name="NewAvenues">Wanted products that nobody in the corridor makes, the nearest to being made first; at most ten, the same on every page.</param>
/// <param name="Meta">What it was computed from.</param>
/// <param name="Next">The address of the next page, or null at the end.</param>
internal sealed record GapList(IReadOnlyList<GapItem> Items, IReadOnlyList<AvenueItem> NewAvenues, GapMeta Meta, string? Next)
{
    public const int AvenuesShown = 10;
}

/// <summary>What the gaps were computed from.</summary>
internal sealed record GapMeta(CooperationForm Form, string Corridor, string DataVersion, string Profile, string WeightsHash);

/// <summary>A competency that one side needs and the other hardly supplies or not at all.</summary>
internal sealed record GapItem
{
    /// <summary>From 1.</summary>
    public required int Rank { get; init; }

    /// <summary>The side that needs it.</summary>
    public required CorridorSide Side { get; init; }

    /// <summary>What is needed.</summary>
    public required CodedLabel Competency { get; init; }

    /// <summary>One sentence to read out.</summary>
    public required string Summary { get; init; }

    /// <summary>What the ranking goes by: need / (1 + supply + ownSupply).</summary>
    public required double Value { get; init; }

    /// <summary>The needs of the side, each in (0,1], added up.</summary>
    public required double Need { get; init; }

    /// <summary>How many enterprises need it.</summary>
    public required int Needing { get; init; }

    /// <summary>How many of them say so; of the others it is inferred.</summary>
    public required int Stating { get; init; }

    /// <summary>What the other side supplies, 0 to below 1: 1 were one enterprise whose core product it is.</summary>
    public required double Supply { get; init; }

    /// <summary>What the needing side supplies itself, at least 0, counted alike.</summary>
    public required double OwnSupply { get; init; }

    /// <summary>Who needs it most.</summary>
    public required IReadOnlyList<NeedingItem> Most { get; init; }
}

/// <summary>An enterprise that needs something.</summary>
/// <param name="Enterprise">The enterprise.</param>
/// <param name="Need">How much, in (0,1].</param>
/// <param name="Via">Its product through which the need is inferred; null where it is stated.</param>
/// <param name="Link">The kind of the production link; null where the need is stated.</param>
internal sealed record NeedingItem(MatchedEnterprise Enterprise, double Need, CodedLabel? Via, LinkKind? Link);

/// <summary>A wanted product that nobody in the corridor makes.</summary>
internal sealed record AvenueItem
{
    /// <summary>From 1.</summary>
    public required int Rank { get; init; }

    /// <summary>The product.</summary>
    public required CodedLabel Product { get; init; }

    /// <summary>One sentence to read out.</summary>
    public required string Summary { get; init; }

    /// <summary>Why it is wanted, in English.</summary>
    public required string Reason { get; init; }

    /// <summary>How much it is wanted, in (0,1].</summary>
    public required double Wanted { get; init; }

    /// <summary>What the ranking goes by: wanted times the cover of the first pair with the first of its missing inputs.</summary>
    public required double Value { get; init; }

    /// <summary>The pairs that come closest.</summary>
    public required IReadOnlyList<AvenuePair> Pairs { get; init; }

    /// <summary>Enterprises that make something of the same class and could put it together.</summary>
    public required IReadOnlyList<MatchedEnterprise> NearestMakers { get; init; }
}

/// <summary>A pair that has part of what goes into a product.</summary>
/// <param name="A">The enterprise of the corridor's first side.</param>
/// <param name="B">The enterprise of its second side.</param>
/// <param name="Cover">How much of the product's main inputs the two can supply, 0 to 1.</param>
/// <param name="Brings">What they bring, the weightiest first; at most five.</param>
/// <param name="Missing">What they lack, what would help most first; at most five.</param>
internal sealed record AvenuePair(MatchedEnterprise A, MatchedEnterprise B, double Cover, IReadOnlyList<BroughtItem> Brings, IReadOnlyList<MissingItem> Missing);

/// <summary>An input that one of a pair can supply.</summary>
/// <param name="Competency">The input.</param>
/// <param name="From">Id of the enterprise.</param>
internal sealed record BroughtItem(CodedLabel Competency, string From);

/// <summary>An input that a pair lacks.</summary>
/// <param name="Competency">The input.</param>
/// <param name="CoverWith">The pair's cover if it had it, 0 to 1.</param>
internal sealed record MissingItem(CodedLabel Competency, double CoverWith);

/// <summary>Puts gaps into words and the shapes of the API.</summary>
internal sealed class GapWriter(ReferenceCatalog reference, DirectorySnapshot snapshot, CorridorDescription corridor, Language language)
{
    private readonly Phrasebook _phrases = new(reference.Tree);

    public GapItem ToGap(int rank, CompetencyGap gap) => new()
    {
        Rank = rank,
        Side = gap.Side,
        Competency = ToLabel(gap.Code),
        Summary = _phrases.Describe(gap, NameOf(gap.Side), NameOf(gap.Side == CorridorSide.First ? CorridorSide.Second : CorridorSide.First), language),
        Value = gap.Value,
        Need = gap.Need,
        Needing = gap.Needing,
        Stating = gap.Stating,
        Supply = gap.Supply,
        OwnSupply = gap.OwnSupply,
        Most = [.. gap.Most.Select(m => new NeedingItem(ToEnterprise(m.EnterpriseId), m.Need, m.ViaCode is null ? null : ToLabel(m.ViaCode), m.Link))],
    };

    public AvenueItem ToAvenue(int rank, NewAvenue avenue) => new()
    {
        Rank = rank,
        Product = ToLabel(avenue.Product.Code),
        Summary = _phrases.Describe(avenue, snapshot[avenue.Pairs[0].FirstId], snapshot[avenue.Pairs[0].SecondId], language),
        Reason = avenue.Product.Reason,
        Wanted = avenue.Product.Value,
        Value = avenue.Value,
        Pairs = [.. avenue.Pairs.Select(p => new AvenuePair(
            ToEnterprise(p.FirstId),
            ToEnterprise(p.SecondId),
            p.Cover,
            [.. p.Brings.Select(b => new BroughtItem(ToLabel(b.Code), b.EnterpriseId))],
            [.. p.Missing.Select(m => new MissingItem(ToLabel(m.Code), m.CoverWith))]))],
        NearestMakers = [.. avenue.NearestMakers.Select(ToEnterprise)],
    };

    private MatchedEnterprise ToEnterprise(string id) => MatchWriter.ToEnterprise(snapshot[id]);

    private CodedLabel ToLabel(string code)
    {
        var competency = reference.Tree.Find(code)!;
        return new CodedLabel(code, language == Language.Ru ? competency.LabelRu : competency.LabelEn);
    }

    /// <summary>The countries or regions of a side by name.</summary>
    private string NameOf(CorridorSide side) => string.Join(", ", (side == CorridorSide.First ? corridor.First : corridor.Second).Select(place =>
        reference.FindRegion(place) is { } region ? (language == Language.Ru ? region.Ru : region.En)
        : reference.FindCountry(place) is { } country ? (language == Language.Ru ? country.Ru : country.En)
        : place));
}
