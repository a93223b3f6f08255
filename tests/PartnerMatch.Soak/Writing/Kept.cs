using System.Globalization;
using System.Text.Json.Nodes;

namespace PartnerMatch.Soak.Writing;

/// <summary>
/// Something that a portal keeps, under a name that nothing else has: an enterprise or a decision. What was written of it last is told by its
/// mark, a number from which all of its content follows, so that two halves of different writes are seen.
/// </summary>
internal sealed class Kept(string name, string country, string? id = null)
{
    private static readonly string[] Products = ["wheeled tractors", "steel castings", "passenger lifts", "buses", "ball bearings", "gear boxes", "machine tools", "electric motors"];

    public string Name => name;

    public string Country => country;

    public string? Id { get; set; } = id;

    /// <summary>The version that was answered last, where one was.</summary>
    public string? Version { get; set; }

    /// <summary>What is certainly stored; null where it is not.</summary>
    public int? Mark { get; set; }

    /// <summary>What a body says of a mark, without what never changes.</summary>
    public static JsonObject ToChange(int mark) => new()
    {
        ["employees"] = mark,
        ["website"] = WebsiteOf(mark),
        ["sources"] = new JsonArray(SourceOf(mark)),
        ["offers"] = new JsonArray(new JsonObject { ["text"] = ProductOf(mark) }),
        ["contacts"] = new JsonArray(new JsonObject { ["name"] = "A. Person", ["email"] = EmailOf(mark) }),
    };

    public JsonObject ToBody(int mark)
    {
        var body = ToChange(mark);
        (body["name"], body["country"], body["region"]) = (name, country, RegionOf(country));
        return body;
    }

    /// <summary>The row of a file that imports it.</summary>
    public string ToRow(int mark) => string.Create(CultureInfo.InvariantCulture, $"{Id},{name},{country},{RegionOf(country)},{ProductOf(mark)},{mark},{WebsiteOf(mark)},{SourceOf(mark)}\n");

    public const string Header = "id,name_en,country,region,makes,employees,website,sources\n";

    /// <summary>The mark of a stored enterprise; null where parts of it are of different ones.</summary>
    public static int? MarkOf(JsonNode stored)
    {
        var mark = (int)stored["employees"]!;
        var contacts = stored["contacts"]!.AsArray();
        var isWhole = (string?)stored["website"] == WebsiteOf(mark)
            && (string?)stored["sources"]![0] == SourceOf(mark)
            && stored["offers"]!.AsArray().Any(o => (string?)o!["text"] == ProductOf(mark))
            && contacts.All(c => (string?)c!["email"] == EmailOf(mark));
        return isWhole ? mark : null;
    }

    private static string RegionOf(string country) => country == "BY" ? "BY-HM" : "RU-SAM";

    private static string WebsiteOf(int mark) => string.Create(CultureInfo.InvariantCulture, $"https://example.by/{mark}");

    private static string SourceOf(int mark) => string.Create(CultureInfo.InvariantCulture, $"mark {mark}");

    private static string EmailOf(int mark) => string.Create(CultureInfo.InvariantCulture, $"mark-{mark}@example.by");

    private static string ProductOf(int mark) => Products[mark % Products.Length];
}
