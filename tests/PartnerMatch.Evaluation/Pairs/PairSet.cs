using CsvHelper.Configuration.Attributes;
using PartnerMatch.Api.Enterprises;
using PartnerMatch.Api.Http;
using PartnerMatch.Classification;
using PartnerMatch.Evaluation.Inputs;
using PartnerMatch.Ranking.Scoring;

namespace PartnerMatch.Evaluation.Pairs;

/// <summary>A partner as it is loaded: its name and its own words, nothing else but where it sells, if that was asked for.</summary>
/// <param name="Key">Unique in its set.</param>
/// <param name="Name">Its name, which is never a word of what it makes.</param>
/// <param name="Side">Its side of the corridor.</param>
/// <param name="Words">What it makes.</param>
/// <param name="Markets">ISO 3166 codes; empty where nothing is stated.</param>
internal sealed record Partner(string Key, string Name, CorridorSide Side, IReadOnlyList<string> Words, IReadOnlyList<string> Markets)
{
    /// <summary>Every partner of a side lives in the same place, so that place says nothing.</summary>
    public EnterpriseRequest ToRequest() => new()
    {
        Name = Name,
        Country = Side == CorridorSide.First ? "BY" : "RU",
        Region = Side == CorridorSide.First ? "BY-HM" : "RU-SAM",
        Offers = [.. Words.Select(w => new OfferEntry { Text = w })],
        Markets = Markets,
    };
}

/// <summary>Two that did become partners.</summary>
/// <param name="First">Of the corridor's first side.</param>
/// <param name="Second">Of its second side.</param>
/// <param name="Form">What they signed.</param>
internal sealed record TruePair(Partner First, Partner Second, CooperationForm Form);

/// <summary>
/// True pairs of a file. Rows of one name on one side are one partner, with the words of all its rows. The columns that describe the deal
/// (<c>joint_product</c>, <c>what</c>, <c>jv_name</c>) are not read.
/// </summary>
internal sealed class PairSet
{
    private const char ListMark = ';';
    private static readonly string[] OwnMakes = ["links_dev_ru.csv", "links_dev_by.csv"];

    private PairSet(string name, IReadOnlyList<TruePair> pairs, IReadOnlyList<string> without)
    {
        Name = name;
        Pairs = pairs;
        WithoutWords = without;
        Partners = [.. pairs.SelectMany(p => new[] { p.First, p.Second }).DistinctBy(p => p.Key)];
    }

    public string Name { get; }

    public IReadOnlyList<TruePair> Pairs { get; }

    public IReadOnlyList<Partner> Partners { get; }

    /// <summary>Partners of which nobody says what they make; their pairs are left out.</summary>
    public IReadOnlyList<string> WithoutWords { get; }

    /// <summary>Reads files of joint ventures or of enterprise links.</summary>
    /// <param name="files">The pairs.</param>
    /// <param name="makes">Files <c>enterprise,makes</c> for partners of which a file of pairs does not say what they make; the evaluation's own are read besides.</param>
    /// <param name="markets">Files <c>enterprise,markets</c>; without one nothing is said of markets.</param>
    public static IReadOnlyList<PairSet> ReadAll(IEnumerable<string> files, IEnumerable<string>? makes = null, IEnumerable<string>? markets = null)
    {
        var words = (makes ?? []).Concat(OwnMakes.Select(CsvFiles.OwnFile)).SelectMany(CsvFiles.Read<MakesRow>)
            .DistinctBy(r => TextFolding.Fold(r.enterprise))
            .ToDictionary(r => TextFolding.Fold(r.enterprise), r => r.makes, StringComparer.Ordinal);
        var outlets = (markets ?? []).SelectMany(CsvFiles.Read<MarketsRow>).ToDictionary(r => TextFolding.Fold(r.enterprise), r => r.markets, StringComparer.Ordinal);
        return [.. files.Select(f => Read(f, words, outlets))];
    }

    private static PairSet Read(string file, Dictionary<string, string> words, Dictionary<string, string> markets)
    {
        var rows = CsvFiles.Read<PairRow>(file);
        var first = ToPartners(rows.Select(r => (r.A, r.AMakes, r.AMarkets)), CorridorSide.First, words, markets);
        var second = ToPartners(rows.Select(r => (r.B, r.BMakes, r.BMarkets)), CorridorSide.Second, words, markets);
        var pairs = rows.Select(r => new TruePair(first[TextFolding.Fold(r.A)], second[TextFolding.Fold(r.B)], FormOf(r.Kind))).ToArray();
        return new PairSet(
            Path.GetFileNameWithoutExtension(file),
            [.. pairs.Where(p => p.First.Words.Count > 0 && p.Second.Words.Count > 0).DistinctBy(p => (p.First.Key, p.Second.Key, p.Form))],
            [.. first.Values.Concat(second.Values).Where(p => p.Words.Count == 0).Select(p => p.Name)]);
    }

    /// <summary>The form that a kind of reported link names.</summary>
    private static CooperationForm FormOf(string? kind) => kind switch
    {
        null or "" => CooperationForm.JointVenture,
        "component-supply" or "supply" => CooperationForm.Supplier,
        "agreement" or "negotiation" => CooperationForm.TechnicalCooperation,
        _ => EnumParameter<CooperationForm>.TryParse(kind, null, out var form) ? form.Value : throw new InvalidDataException($"'{kind}' is no kind of link."),
    };

    private static Dictionary<string, Partner> ToPartners(
        IEnumerable<(string Name, string? Makes, string? Markets)> rows,
        CorridorSide side,
        Dictionary<string, string> words,
        Dictionary<string, string> markets) => rows
        .GroupBy(r => TextFolding.Fold(r.Name), StringComparer.Ordinal)
        .ToDictionary(
            g => g.Key,
            g => new Partner(
                $"{side}: {g.Key}",
                g.First().Name,
                side,
                [.. g.SelectMany(r => Split(string.IsNullOrEmpty(r.Makes) ? words.GetValueOrDefault(g.Key) : r.Makes)).DistinctBy(TextFolding.Fold)],
                [.. g.SelectMany(r => Split(string.IsNullOrEmpty(r.Markets) ? markets.GetValueOrDefault(g.Key) : r.Markets)).Distinct()]),
            StringComparer.Ordinal);

    /// <summary>A list as people write it: between semicolons.</summary>
    private static string[] Split(string? list) => list?.Split(ListMark, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];

    /// <summary>A row of either format; the columns of the other are absent.</summary>
    private sealed class PairRow
    {
        [Name("partner_a", "by_enterprise")]
        public string A { get; init; } = "";

        [Name("partner_b", "ru_enterprise")]
        public string B { get; init; } = "";

        [Name("a_makes", "by_makes"), Optional]
        public string? AMakes { get; init; }

        [Name("b_makes", "ru_makes"), Optional]
        public string? BMakes { get; init; }

        [Name("a_markets", "by_markets"), Optional]
        public string? AMarkets { get; init; }

        [Name("b_markets", "ru_markets"), Optional]
        public string? BMarkets { get; init; }

        [Name("kind", "form"), Optional]
        public string? Kind { get; init; }
    }

#pragma warning disable IDE1006 // The columns' own names.
    private sealed record MakesRow(string enterprise, string makes);

    private sealed record MarketsRow(string enterprise, string markets);
#pragma warning restore IDE1006
}
