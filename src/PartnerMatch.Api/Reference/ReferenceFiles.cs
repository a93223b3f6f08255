using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using CsvHelper;
using CsvHelper.Configuration;
using PartnerMatch.Api.Http;
using PartnerMatch.Ranking.Scoring;
using PartnerMatch.Ranking.Taxonomy;

namespace PartnerMatch.Api.Reference;

/// <summary>Where the reference data lies.</summary>
internal sealed record ReferenceFolder(string Path);

/// <summary>Reads the text files under <c>db/reference</c>; says which file is wrong where one is.</summary>
internal static class ReferenceFiles
{
    public static ReferenceCatalog Load(string folder) => Load(Read(folder));

    /// <summary>The contents of all files by their path within the folder, in order of path.</summary>
    public static SortedDictionary<string, byte[]> Read(string folder)
    {
        var files = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (var path in Directory.EnumerateFiles(folder, "*.*", SearchOption.AllDirectories))
        {
            files.Add(Path.GetRelativePath(folder, path).Replace('\\', '/'), File.ReadAllBytes(path));
        }

        return files;
    }

    /// <summary>The catalog that files read earlier make.</summary>
    public static ReferenceCatalog Load(SortedDictionary<string, byte[]> files)
    {
        var json = new JsonSerializerOptions();
        JsonConventions.Apply(json);
        var ranking = Read<RankingFile>("ranking.json");
        var tree = new CompetencyTree(
            ReadAll<CompetencyRow>("competencies").Select(r => new Competency(r.code, r.en, r.ru) { AliasesEn = Split(r.aliases_en), AliasesRu = Split(r.aliases_ru) }),
            ReadCsv<SubstituteRow>("substitutes.csv").Select(r => new Substitution(r.code, r.substitute, r.near)));
        var links = ReadAll<LinkRow>("links").Select(r => new ProductionLink(r.input, r.output, Enum.Parse<LinkKind>(r.kind, ignoreCase: true), r.weight)).ToArray();
        var common = CommonPurchases.Expand(ReadTrades(), ReadCsv<CommonPurchaseRow>("common-purchases.csv").Select(r => r.ToCommonPurchase()), links);
        var graph = new ProductionGraph(tree, links.Concat(common));
        var knowledge = new RankingKnowledge(
            tree,
            graph,
            ReadCsv<JointProductRow>("joint-products.csv").Select(r => new JointProduct(r.code, r.value, r.reason)),
            ranking.Parameters);
        return new ReferenceCatalog(
            knowledge,
            [.. ranking.Forms.Select(f => f.ToFormDescription(ranking.Parameters))],
            ReadCsv<RegionRow>("regions.csv").Select(r => new Region(r.code, r.country, r.en, r.ru, Split(r.aliases), new(r.latitude, r.longitude))),
            ReadCsv<CountryRow>("countries.csv").Select(r => new Country(r.code, r.en, r.ru)),
            ReadCsv<CityRow>("cities.csv").Select(r => new City(r.region, r.en, r.ru, Split(r.aliases), new(r.latitude, r.longitude))),
            Read<CorridorDescription[]>("corridors.json"),
            VersionOf(files));

        T Read<T>(string file) => JsonSerializer.Deserialize<T>(Content(file), json) ?? throw new InvalidDataException($"{file} is empty.");

        List<T> ReadCsv<T>(string file)
        {
            using var reader = new CsvReader(
                new StreamReader(new MemoryStream(Content(file))),
                new CsvConfiguration(CultureInfo.InvariantCulture) { TrimOptions = TrimOptions.Trim });
            try
            {
                return [.. reader.GetRecords<T>()];
            }
            catch (CsvHelperException e)
            {
                throw new InvalidDataException($"{file}, row {reader.Parser.Row}: {e.Message}", e);
            }
        }

        List<Trade> ReadTrades()
        {
            using var reader = new CsvReader(new StreamReader(new MemoryStream(Content("trades.csv"))), CultureInfo.InvariantCulture);
            reader.Read();
            reader.ReadHeader();
            var trades = new List<Trade>();
            while (reader.Read())
            {
                var traits = reader.HeaderRecord!.Skip(1).Where(name => reader.GetField(name)!.Length > 0).ToDictionary(name => name, name => reader.GetField<double>(name), StringComparer.Ordinal);
                trades.Add(new Trade(reader.GetField("code")!, traits));
            }

            return trades;
        }

        IEnumerable<T> ReadAll<T>(string subfolder) => files.Keys
            .Where(file => file.StartsWith(subfolder + "/", StringComparison.Ordinal))
            .SelectMany(ReadCsv<T>);

        byte[] Content(string file) => files.TryGetValue(file, out var content) ? content : throw new InvalidDataException($"{file} is missing.");
    }

    /// <summary>Names the content of the files: 8 hexadecimal digits.</summary>
    public static string VersionOf(SortedDictionary<string, byte[]> files)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var content in files.Values)
        {
            hash.AppendData(content);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset())[..8];
    }

    private static string[] Split(string list) => list.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

#pragma warning disable IDE1006 // The columns' own names.
    private sealed record CompetencyRow(string code, string en, string ru, string aliases_en, string aliases_ru);

    private sealed record LinkRow(string input, string output, string kind, double weight, string note);

    private sealed record CommonPurchaseRow(string input, string kind, double weight, string traits, double least, string only, string except)
    {
        public CommonPurchase ToCommonPurchase() => new(
            input,
            Enum.Parse<LinkKind>(kind, ignoreCase: true),
            weight,
            Split(traits).Select(t => t.Split('=')).ToDictionary(t => t[0], t => double.Parse(t[1], CultureInfo.InvariantCulture), StringComparer.Ordinal),
            least,
            Split(only),
            Split(except));
    }

    private sealed record SubstituteRow(string code, string substitute, double near, string reason);

    private sealed record JointProductRow(string code, double value, string reason);

    private sealed record RegionRow(string code, string country, string en, string ru, string aliases, double latitude, double longitude);

    private sealed record CountryRow(string code, string en, string ru);

    private sealed record CityRow(string region, string en, string ru, string aliases, double latitude, double longitude);
#pragma warning restore IDE1006

    private sealed record RankingFile(ModelParameters Parameters, IReadOnlyList<FormEntry> Forms);

    private sealed record FormEntry(
        CooperationForm Form,
        string En,
        string Ru,
        string Description,
        IReadOnlyList<LinkKind> CountedKinds,
        double Threshold,
        Dictionary<string, double> Weights)
    {
        public FormDescription ToFormDescription(ModelParameters parameters) =>
            new(En, Ru, Description, new RankingProfile(Form, Weights, CountedKinds, Threshold, parameters));
    }
}
