using System.Text.Json.Nodes;

namespace PartnerMatch.Soak.Writing;

/// <summary>Everything that is stored, as the service tells it.</summary>
internal sealed class StoredState
{
    public const string OfDecisions = "decision";
    public const int MarkOfDecisions = 1;

    private readonly ILookup<string, JsonNode> _enterprises;
    private readonly ILookup<string, JsonNode> _decisions;

    private StoredState(IEnumerable<JsonNode> enterprises, IEnumerable<JsonNode> decisions) =>
        (_enterprises, _decisions) = (enterprises.ToLookup(e => (string)e["name"]!), decisions.ToLookup(d => (string?)d["comment"] ?? ""));

    public IEnumerable<string> EnterpriseIds => _enterprises.SelectMany(e => e).Select(e => (string)e["id"]!);

    public static async Task<StoredState> ReadAsync(HttpClient client)
    {
        var lines = (await client.GetStringAsync("/v1/enterprises/export?format=ndjson")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        List<JsonNode> decisions = [];
        for (var page = "/v1/decisions?limit=100"; page is not null;)
        {
            var list = JsonNode.Parse(await client.GetStringAsync(page))!;
            decisions.AddRange(list["items"]!.AsArray()!);
            page = (string?)list["next"];
        }

        return new StoredState(lines.Select(l => JsonNode.Parse(l)!), decisions);
    }

    public Found Find(Kept kept)
    {
        if (kept.Country == OfDecisions)
        {
            var count = _decisions[kept.Name].Count();
            return new Found(count, count == 1 ? MarkOfDecisions : null, "");
        }

        var found = _enterprises[kept.Name].ToArray();
        return new Found(found.Length, found.Length == 1 ? Kept.MarkOf(found[0]) : null, found.Length == 1 ? found[0].ToJsonString() : "");
    }
}

/// <summary>What is stored of something.</summary>
/// <param name="Count">How often.</param>
/// <param name="Mark">Its mark; null where it is not there, there twice, or of two writes.</param>
/// <param name="Text">As it was answered.</param>
internal sealed record Found(int Count, int? Mark, string Text)
{
    public bool IsThere => Count > 0;
}
