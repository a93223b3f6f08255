using PartnerMatch.Client;

namespace PartnerMatch.Api.Tests;

/// <summary>What an integrator does in C#: with a client that a generator makes of the published document at each build.</summary>
public sealed class ClientTests(SampleFixture api) : IClassFixture<SampleFixture>
{
    private readonly PartnerMatchClient _client = new(api.Connect());

    [Fact]
    public async Task What_is_created_can_be_read_and_is_gone_once_removed()
    {
        var answer = await _client.CreateEnterpriseAsync(body: Plant("Polotsk Glass Machines"));
        var created = answer.Result;
        Assert.Equal(ProfileStatus.Published, created.Status);
        Assert.Equal("28.41.22", Assert.Single((await _client.GetEnterpriseAsync(id: created.Id)).Result.Offers!).Code);
        await _client.DeleteEnterpriseAsync(id: created.Id, if_Match: answer.Headers["ETag"].Single());
        var gone = await Assert.ThrowsAsync<ApiException<Problem>>(() => _client.GetEnterpriseAsync(id: created.Id));
        Assert.Equal("urn:partnermatch:problem:not-found", gone.Result.Type);
    }

    [Fact]
    public async Task Partners_are_ranked_with_reasons_and_paged_through()
    {
        var first = (await _client.RankPartnersAsync(id: "mzor", limit: 2, minScore: 0)).Result;
        Assert.Equal(2, first.Items.Count);
        Assert.All(first.Items, m => Assert.Equal(m.Score, m.Contributions.Sum(c => c.Points), 1e-6));
        var cursor = System.Web.HttpUtility.ParseQueryString(new Uri(new Uri("http://localhost"), first.Next!).Query)["cursor"];
        var second = (await _client.RankPartnersAsync(id: "mzor", limit: 2, minScore: 0, cursor: cursor)).Result;
        Assert.Equal([1, 2, 3, 4], first.Items.Concat(second.Items).Select(m => m.Rank));
    }

    [Fact]
    public async Task A_change_of_another_version_is_refused()
    {
        var request = new RankingProfileRequest { Name = "Near ones", Form = CooperationForm.Supplier, Weights = new Dictionary<string, double> { ["supply"] = 2, ["proximity"] = 1 } };
        var created = await _client.CreateRankingProfileAsync(body: request);
        var version = created.Headers["ETag"].Single();
        request.Weights["supply"] = 1;
        await _client.ReplaceRankingProfileAsync(profileId: created.Result.Id, if_Match: version, body: request);
        var late = await Assert.ThrowsAsync<ApiException<Problem>>(() => _client.ReplaceRankingProfileAsync(profileId: created.Result.Id, if_Match: version, body: request));
        Assert.Equal(412, late.StatusCode);
    }

    [Fact]
    public async Task A_request_that_is_sent_again_under_its_key_is_carried_out_once()
    {
        var key = Guid.NewGuid().ToString();
        var first = await _client.CreateEnterpriseAsync(idempotency_Key: key, body: Plant("Lida Foundry Machines"));
        var again = await _client.CreateEnterpriseAsync(idempotency_Key: key, body: Plant("Lida Foundry Machines"));
        Assert.Equal(first.Result.Id, again.Result.Id);
        Assert.Equal("true", again.Headers.Single(h => h.Key.Equals("Idempotency-Replayed", StringComparison.OrdinalIgnoreCase)).Value.Single());
    }

    [Fact]
    public async Task What_is_wrong_is_named_by_its_place()
    {
        var plant = Plant("Nowhere");
        plant.Region = "BY-XX";
        var refused = await Assert.ThrowsAsync<ApiException<Problem>>(() => _client.CreateEnterpriseAsync(body: plant));
        Assert.Equal("region", Assert.Single(refused.Result.Errors!).Path);
    }

    private static EnterpriseRequest Plant(string name) => new()
    {
        Name = name,
        Country = "BY",
        Region = "BY-VI",
        Offers = [new OfferEntry { Code = "28.41.22", Strength = 0.9 }],
    };
}
