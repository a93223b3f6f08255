using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization;
using PartnerMatch.Api.Enterprises;
using PartnerMatch.Api.Http;
using PartnerMatch.Api.Matches;
using PartnerMatch.Ranking.Scoring;

namespace PartnerMatch.Evaluation.Pairs;

/// <summary>
/// Asks a running service that holds the sample. Creates the partners by their words, pages through the lists down to score 0, and removes
/// the partners again.
/// </summary>
internal sealed class ServiceSource(HttpClient client) : IMatchSource
{
    /// <summary>The service freezes scarcity until more than this share of the profiles has changed.</summary>
    private const double FrozenShare = 0.01;
    private static readonly JsonSerializerOptions Json = ToOptions();
    private readonly Dictionary<string, string> _ids = new(StringComparer.Ordinal);

    public async Task LoadAsync(IReadOnlyList<Partner> partners)
    {
        await RemoveAsync();
        foreach (var partner in partners)
        {
            using var response = await client.PostAsJsonAsync("v1/enterprises", partner.ToRequest(), Json);
            _ids[partner.Key] = (await ReadAsync<Enterprise>(response)).Id;
        }

        // Writing one of them often enough makes the service measure scarcity with all of them present.
        var writes = (int)((await FindEnterprisesAsync()).Count * FrozenShare) + 1;
        for (var i = 0; i < writes; i++)
        {
            using var response = await ChangeAsync(HttpMethod.Put, IdOf(partners[0]), JsonContent.Create(partners[0].ToRequest(), options: Json));
            await ReadAsync<Enterprise>(response);
        }
    }

    public async Task<IReadOnlyList<Enterprise>> FindEnterprisesAsync()
    {
        var all = new List<Enterprise>();
        for (var next = "v1/enterprises?limit=100"; next is not null;)
        {
            var page = await GetAsync<EnterpriseList>(next);
            all.AddRange(page.Items);
            next = page.Next;
        }

        return all;
    }

    public string IdOf(Partner partner) => _ids[partner.Key];

    public async Task<IReadOnlyList<RankedCandidate>> RankAsync(Partner partner, CooperationForm form)
    {
        var candidates = new List<RankedCandidate>();
        for (var next = $"v1/enterprises/{IdOf(partner)}/matches?form={Kebab.Of(form)}&minScore=0&limit=100"; next is not null;)
        {
            var page = await GetAsync<MatchList>(next);
            candidates.AddRange(page.Items.Select(m => new RankedCandidate(
                m.Enterprise.Id,
                m.Contributions.Where(c => c.Component != Contribution.Floor).Sum(c => c.Points),
                m.Confidence,
                () => m)));
            next = page.Next;
        }

        return candidates;
    }

    public async ValueTask DisposeAsync()
    {
        await RemoveAsync();
        client.Dispose();
    }

    private async Task RemoveAsync()
    {
        foreach (var id in _ids.Values)
        {
            using var response = await ChangeAsync(HttpMethod.Delete, id, null);
            response.EnsureSuccessStatusCode();
        }

        _ids.Clear();
    }

    /// <summary>Nobody else writes here: whichever version is stored is ours.</summary>
    private async Task<HttpResponseMessage> ChangeAsync(HttpMethod method, string id, HttpContent? content)
    {
        using var request = new HttpRequestMessage(method, $"v1/enterprises/{id}") { Content = content, Headers = { { "If-Match", "*" } } };
        return await client.SendAsync(request);
    }

    private async Task<T> GetAsync<T>(string path)
    {
        using var response = await client.GetAsync(path);
        return await ReadAsync<T>(response);
    }

    private static async Task<T> ReadAsync<T>(HttpResponseMessage response)
    {
        var body = await response.Content.ReadAsStringAsync();
        return response.IsSuccessStatusCode
            ? JsonSerializer.Deserialize<T>(body, Json)!
            : throw new HttpRequestException($"{response.RequestMessage!.Method} {response.RequestMessage.RequestUri}: {(int)response.StatusCode} {body}");
    }

    /// <summary>The service's own conventions, but what a newer service adds is passed over.</summary>
    private static JsonSerializerOptions ToOptions()
    {
        var options = new JsonSerializerOptions();
        JsonConventions.Apply(options);
        options.UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip;
        options.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
        return options;
    }
}
