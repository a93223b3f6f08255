using System.Collections.Frozen;
using PartnerMatch.Classification;
using PartnerMatch.Ranking.Profiles;
using PartnerMatch.Ranking.Scoring;
using PartnerMatch.Ranking.Taxonomy;

namespace PartnerMatch.Api.Reference;

/// <summary>A subdivision of a country, ISO 3166-2.</summary>
internal sealed record Region(string Code, string Country, string En, string Ru, IReadOnlyList<string> Aliases, GeoPoint Centre);

/// <summary>A country, ISO 3166-1.</summary>
internal sealed record Country(string Code, string En, string Ru);

/// <summary>A town with its place.</summary>
internal sealed record City(string Region, string En, string Ru, IReadOnlyList<string> Aliases, GeoPoint Location);

/// <summary>A corridor as it is told and stored.</summary>
internal sealed record CorridorDescription(
    string Id,
    string Name,
    string? NameRu,
    IReadOnlyList<string> First,
    IReadOnlyList<string> Second,
    IReadOnlyList<string> CommonMarket,
    double TypicalDistanceKm)
{
    public Corridor ToCorridor() => new(Id, First, Second, CommonMarket, TypicalDistanceKm);
}

/// <summary>A cooperation form with its default ranking profile.</summary>
internal sealed record FormDescription(string En, string Ru, string Description, RankingProfile Profile);

/// <summary>The reference data of the product, loaded once and never changed while it runs.</summary>
internal sealed class ReferenceCatalog
{
    private readonly FrozenDictionary<string, Region> _regions;
    private readonly FrozenDictionary<string, Country> _countries;
    private readonly FrozenDictionary<(string Region, string Name), City> _cities;

    public ReferenceCatalog(
        RankingKnowledge knowledge,
        IReadOnlyList<FormDescription> forms,
        IEnumerable<Region> regions,
        IEnumerable<Country> countries,
        IEnumerable<City> cities,
        IReadOnlyList<CorridorDescription> corridors,
        string version)
    {
        Knowledge = knowledge;
        Forms = forms;
        Corridors = corridors;
        Version = version;
        _regions = regions.ToFrozenDictionary(r => r.Code, StringComparer.Ordinal);
        _countries = countries.ToFrozenDictionary(c => c.Code, StringComparer.Ordinal);
        _cities = cities
            .SelectMany(c => c.Aliases.Append(c.En).Append(c.Ru).Select(name => (Key: (c.Region, TextFolding.Fold(name)), City: c)))
            .DistinctBy(c => c.Key)
            .ToFrozenDictionary(c => c.Key, c => c.City);
        Regions = [.. _regions.Values.OrderBy(r => r.Code, StringComparer.Ordinal)];
    }

    public RankingKnowledge Knowledge { get; }

    public CompetencyTree Tree => Knowledge.Tree;

    public IReadOnlyList<FormDescription> Forms { get; }

    public IReadOnlyList<Region> Regions { get; }

    public IReadOnlyCollection<Country> Countries => _countries.Values;

    /// <summary>The corridors that every database starts with.</summary>
    public IReadOnlyList<CorridorDescription> Corridors { get; }

    /// <summary>Names the content of all reference files; part of every data version.</summary>
    public string Version { get; }

    public FormDescription FormOf(CooperationForm form) => Forms.Single(f => f.Profile.Form == form);

    public Country? FindCountry(string code) => _countries.GetValueOrDefault(code);

    public Region? FindRegion(string code) => _regions.GetValueOrDefault(code);

    public City? FindCity(string region, string name) => _cities.GetValueOrDefault((region, TextFolding.Fold(name)));

    /// <summary>Whether the regions of that country are listed, so that an unknown one is wrong and not merely unlisted.</summary>
    public bool ListsRegionsOf(string country) => Regions.Any(r => r.Country == country);

    /// <summary>The codes of the regions that lie nearest to what was written, by code or name.</summary>
    public IReadOnlyList<string> RegionsLike(string written, string? country)
    {
        var folded = TextFolding.Fold(written);
        var named = Regions.Where(r => r.Aliases.Append(r.En).Append(r.Ru).Any(n => TextFolding.Fold(n).Contains(folded, StringComparison.Ordinal)));
        return [.. named.Concat(Regions.Where(r => r.Country == country)).Select(r => r.Code).Distinct().Take(7)];
    }
}
