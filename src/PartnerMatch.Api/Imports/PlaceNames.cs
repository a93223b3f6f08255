using F23.StringSimilarity;
using PartnerMatch.Api.Reference;
using PartnerMatch.Classification;

namespace PartnerMatch.Api.Imports;

/// <summary>Countries and regions by what people write: code, English or Russian name, alias, with the usual words for a region exchanged.</summary>
internal sealed class PlaceNames
{
    private const int Suggested = 3;
    private const int Listed = 7;
    private const double LeastSimilarity = 0.8;

    /// <summary>Names in use that the reference data do not list.</summary>
    private static readonly (string Name, string Country)[] OtherNames =
    [
        ("Republic of Belarus", "BY"), ("Республика Беларусь", "BY"), ("Белоруссия", "BY"), ("РБ", "BY"),
        ("Russian Federation", "RU"), ("Российская Федерация", "RU"), ("РФ", "RU"),
    ];

    private static readonly string[] English = [" region", " oblast", " voblast"];
    private static readonly string[] Russian = [" область", " обл"];
    private readonly ReferenceCatalog _reference;
    private readonly JaroWinkler _similarity = new();
    private readonly Dictionary<string, string> _countries = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Country, string Name), string> _regions = [];

    public PlaceNames(ReferenceCatalog reference)
    {
        _reference = reference;
        foreach (var country in reference.Countries)
        {
            foreach (var name in new[] { country.Code, country.En, country.Ru })
            {
                _countries.TryAdd(TextFolding.Fold(name), country.Code);
            }
        }

        foreach (var (name, country) in OtherNames)
        {
            _countries.TryAdd(TextFolding.Fold(name), country);
        }

        // Names come before what is derived from them: "Minsk" is the city, though "Minsk Region" without its word would be "Minsk" too.
        foreach (var region in reference.Regions)
        {
            foreach (var name in NamesOf(region).Append(region.Code))
            {
                _regions.TryAdd((region.Country, TextFolding.Fold(name)), region.Code);
            }
        }

        var derived = reference.Regions.SelectMany(r => NamesOf(r).SelectMany(Variants).Distinct().Select(v => (Key: (r.Country, v), r.Code))).GroupBy(v => v.Key, v => v.Code);
        foreach (var variant in derived.Where(v => v.Count() == 1))
        {
            _regions.TryAdd(variant.Key, variant.Single());
        }
    }

    /// <summary>The ISO 3166-1 code, or null.</summary>
    public string? FindCountry(string written) => _countries.GetValueOrDefault(TextFolding.Fold(written));

    /// <summary>The ISO 3166-2 code of a region of that country, or null.</summary>
    public string? FindRegion(string written, string country) => _regions.GetValueOrDefault((country, WithoutTownMark(TextFolding.Fold(written))));

    /// <summary>The code of a country or a region of any country, or null.</summary>
    public string? FindMarket(string written) => FindCountry(written) ?? _reference.Regions.Select(r => r.Country).Distinct().Select(c => FindRegion(written, c)).FirstOrDefault(r => r is not null);

    /// <summary>The codes of the countries whose names come nearest.</summary>
    public IReadOnlyList<string> CountriesNear(string written) => Nearest(written, _countries.Select(c => (c.Key, c.Value)));

    /// <summary>The codes of the regions that come nearest to what was written; where none does, that of the town, or those of the country, the corridors' first.</summary>
    public IReadOnlyList<string> RegionsNear(string written, string country, string? city)
    {
        var near = Nearest(written, _regions.Where(r => r.Key.Country == country).Select(r => (r.Key.Name, r.Value)));
        if (near.Count > 0)
        {
            return near;
        }

        var regions = _reference.Regions.Where(r => r.Country == country).Select(r => r.Code).ToArray();
        var ofTown = city is null ? [] : regions.Where(r => _reference.FindCity(r, city) is not null).ToArray();
        var ofCorridors = _reference.Corridors.SelectMany(c => c.First.Concat(c.Second)).Intersect(regions);
        return ofTown.Length > 0 ? ofTown : [.. ofCorridors.Union(regions).Take(Listed)];
    }

    /// <summary>How a region is told in a hint, <c>BY-HM (Minsk)</c>.</summary>
    public string Describe(string region) => _reference.FindRegion(region) is { } known ? $"{region} ({known.En})" : region;

    private List<string> Nearest(string written, IEnumerable<(string Name, string Code)> names)
    {
        var folded = TextFolding.Fold(written);
        return folded.Length == 0 ? [] :
        [
            .. names.Select(n => (n.Code, Similarity: _similarity.Similarity(folded, n.Name)))
                .Where(n => n.Similarity >= LeastSimilarity)
                .OrderByDescending(n => n.Similarity)
                .ThenBy(n => n.Code, StringComparer.Ordinal)
                .Select(n => n.Code)
                .Distinct()
                .Take(Suggested),
        ];
    }

    private static IEnumerable<string> NamesOf(Region region) => region.Aliases.Prepend(region.Ru).Prepend(region.En);

    /// <summary>"Samara Oblast" is also "samara region", "samara voblast" and "samara".</summary>
    private static IEnumerable<string> Variants(string name)
    {
        var folded = TextFolding.Fold(name);
        foreach (var words in new[] { English, Russian })
        {
            if (words.FirstOrDefault(w => folded.EndsWith(w, StringComparison.Ordinal)) is { } word)
            {
                var stem = folded[..^word.Length];
                foreach (var other in words)
                {
                    yield return stem + other;
                }

                yield return stem;
            }
        }
    }

    private static string WithoutTownMark(string folded) => folded.StartsWith("г ", StringComparison.Ordinal) ? folded[2..] : folded;
}
