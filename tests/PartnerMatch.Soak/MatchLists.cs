namespace PartnerMatch.Soak;

/// <summary>Match lists as they are answered: an index that was kept up to date answers the same as one that was just built.</summary>
internal static class MatchLists
{
    private const int Shown = 60;

    public static async Task<IReadOnlyDictionary<string, string>> ReadAsync(HttpClient client, IEnumerable<string> ids)
    {
        var lists = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var id in ids)
        {
            lists[id] = await client.GetStringAsync($"/v1/enterprises/{id}/matches");
        }

        return lists;
    }

    public static async Task CompareAsync(HttpClient client, IReadOnlyDictionary<string, string> before, Tally tally)
    {
        foreach (var (id, list) in await ReadAsync(client, before.Keys))
        {
            if (list != before[id])
            {
                tally.Tear($"the match list of {id} is another after a start: {DifferenceOf(list, before[id])}");
            }
        }
    }

    private static string DifferenceOf(string after, string before)
    {
        var at = before.AsSpan().CommonPrefixLength(after);
        return $"...{Around(after)}... where it was ...{Around(before)}...";

        string Around(string text) => text[Math.Max(0, at - Shown)..Math.Min(text.Length, at + Shown)];
    }
}
