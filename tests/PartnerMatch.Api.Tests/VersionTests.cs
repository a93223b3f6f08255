using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace PartnerMatch.Api.Tests;

/// <summary>ETag, If-None-Match and If-Match of enterprises: nobody overwrites what they have not seen.</summary>
public sealed class VersionTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    private readonly HttpClient _client = api.Connect();

    [Fact]
    public async Task An_enterprise_has_the_version_that_its_last_change_answered()
    {
        var (path, created) = await CreateAsync();
        Assert.Equal(created, await VersionAsync(path));
        using var put = await _client.SendVersionedAsync(HttpMethod.Put, path, Plant("Replaced"), created);
        var replaced = put.Headers.ETag!.ToString();
        Assert.Equal((HttpStatusCode.OK, replaced), (put.StatusCode, await VersionAsync(path)));
        using var patch = await _client.SendVersionedAsync(HttpMethod.Patch, path, new { employees = 7 }, replaced);
        var patched = patch.Headers.ETag!.ToString();
        Assert.Equal((HttpStatusCode.OK, patched), (patch.StatusCode, await VersionAsync(path)));
        Assert.Equal(3, new[] { created, replaced, patched }.Distinct().Count());
        using var deleted = await _client.SendVersionedAsync(HttpMethod.Delete, path, null, patched);
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
    }

    [Fact]
    public async Task Who_has_the_stored_version_is_not_sent_it_again()
    {
        var (path, version) = await CreateAsync();
        foreach (var known in new[] { version, "W/" + version, "*", "\"other\", " + version })
        {
            using var unchanged = await AskAsync(path, known);
            Assert.Equal((HttpStatusCode.NotModified, version, 0), (unchanged.StatusCode, unchanged.Headers.ETag!.ToString(), (await unchanged.Content.ReadAsByteArrayAsync()).Length));
        }

        using var patched = await _client.SendVersionedAsync(HttpMethod.Patch, path, new { employees = 7 }, version);
        foreach (var known in new[] { version, "nonsense", "\"other\"" })
        {
            using var changed = await AskAsync(path, known);
            Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
        }
    }

    [Theory]
    [InlineData(null, 428)]
    [InlineData("", 428)]
    [InlineData("nonsense", 412)]
    [InlineData("\"other\"", 412)]
    [InlineData("\"1\"", 412)]
    [InlineData("W/\"1.0\"", 412)]
    [InlineData("\"1.0", 412)]
    public async Task A_change_that_does_not_name_the_stored_version_is_refused_and_stores_nothing(string? ifMatch, int status)
    {
        var (path, version) = await CreateAsync();
        foreach (var (method, body) in new (HttpMethod, object?)[] { (HttpMethod.Put, Plant("Overwritten")), (HttpMethod.Patch, new { name = "Overwritten" }), (HttpMethod.Delete, null) })
        {
            await _client.SendVersionedAsync(method, path, body, ifMatch).ProblemAsync(status);
        }

        Assert.Equal(version, await VersionAsync(path));
        Assert.Equal("Versioned", (string?)(await _client.GetJsonAsync(path))["name"]);
    }

    [Fact]
    public async Task Of_two_who_change_the_same_version_exactly_one_wins_each_time()
    {
        const int Rounds = 50;
        var (path, version) = await CreateAsync();
        for (var round = 0; round < Rounds; round++)
        {
            var answers = await Task.WhenAll(
                _client.SendVersionedAsync(HttpMethod.Put, path, Plant($"A{round}"), version),
                _client.SendVersionedAsync(HttpMethod.Patch, path, new { name = $"B{round}" }, version));
            Assert.Equal([200, 412], answers.Select(a => (int)a.StatusCode).Order());
            var winner = answers.Single(a => a.IsSuccessStatusCode);
            Assert.Equal((string?)JsonNode.Parse(await winner.Content.ReadAsStringAsync())!["name"], (string?)(await _client.GetJsonAsync(path))["name"]);
            version = winner.Headers.ETag!.ToString();
            foreach (var answer in answers)
            {
                answer.Dispose();
            }
        }

        Assert.Equal(Rounds + 1, (int)(await _client.GetJsonAsync(path))["revision"]!);
    }

    [Fact]
    public async Task Writers_who_read_again_when_they_are_refused_lose_no_update()
    {
        const int Writers = 8;
        const int Each = 5;
        var (path, _) = await CreateAsync();
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(async _ =>
        {
            for (var done = 0; done < Each;)
            {
                using var read = await _client.GetAsync(path);
                var employees = (int?)JsonNode.Parse(await read.Content.ReadAsStringAsync())!["employees"] ?? 0;
                using var written = await _client.SendVersionedAsync(HttpMethod.Patch, path, new { employees = employees + 1 }, read.Headers.ETag!.ToString());
                done += written.IsSuccessStatusCode ? 1 : 0;
                Assert.True(written.StatusCode is HttpStatusCode.OK or HttpStatusCode.PreconditionFailed);
            }
        }));
        Assert.Equal(Writers * Each, (int)(await _client.GetJsonAsync(path))["employees"]!);
    }

    [Fact]
    public async Task An_import_that_changes_an_enterprise_changes_its_version_and_one_that_does_not_leaves_it()
    {
        var (path, version) = await CreateAsync();
        var csv = $"id,name_en,country,region,employees\n{path.Split('/')[^1]},Versioned,BY,BY-HM,12\n";
        await ImportAsync(csv);
        var imported = await VersionAsync(path);
        Assert.NotEqual(version, imported);
        await _client.SendVersionedAsync(HttpMethod.Delete, path, null, version).ProblemAsync(412);
        await ImportAsync(csv);
        Assert.Equal(imported, await VersionAsync(path));
    }

    [Fact]
    public async Task Erasing_contacts_changes_the_version_so_that_no_older_copy_brings_them_back()
    {
        object[] contacts = [new { name = "Ivan Gone", email = "gone@example.org" }];
        var (path, version) = await CreateAsync(contacts);
        using (var erased = await _client.DeleteAsync(path + "/contacts"))
        {
            Assert.Equal(HttpStatusCode.NoContent, erased.StatusCode);
        }

        var now = await VersionAsync(path);
        Assert.NotEqual(version, now);
        using (var changed = await AskAsync(path, version))
        {
            Assert.Empty(JsonNode.Parse(await changed.Content.ReadAsStringAsync())!["contacts"]!.AsArray());
        }

        await _client.SendVersionedAsync(HttpMethod.Put, path, new { name = "Back", country = "BY", region = "BY-HM", contacts }, version).ProblemAsync(412);
        using var put = await _client.SendVersionedAsync(HttpMethod.Put, path, Plant("On"), now);
        Assert.Equal((HttpStatusCode.OK, put.Headers.ETag!.ToString()), (put.StatusCode, await VersionAsync(path)));
    }

    [Fact]
    public async Task A_repeated_request_is_answered_with_the_version_of_the_first_answer()
    {
        var key = Guid.NewGuid().ToString();
        var (first, again) = (await CreateOnceAsync(key), await CreateOnceAsync(key));
        Assert.Equal(first, again);
        using var patched = await _client.SendVersionedAsync(HttpMethod.Patch, first.Path, new { employees = 1 }, again.Version);
        Assert.Equal(HttpStatusCode.OK, patched.StatusCode);
    }

    [Fact]
    public async Task A_version_that_was_deleted_does_not_come_back_under_the_same_id()
    {
        var id = $"returning-{Guid.NewGuid():n}";
        var csv = $"id,name_en,country,region\n{id},Returning {id},BY,BY-HM\n";
        await ImportAsync(csv);
        var path = $"/v1/enterprises/{id}";
        var version = await VersionAsync(path);
        using (await _client.SendVersionedAsync(HttpMethod.Delete, path, null, version))
        {
            await ImportAsync(csv);
        }

        Assert.NotEqual(version, await VersionAsync(path));
        await _client.SendVersionedAsync(HttpMethod.Delete, path, null, version).ProblemAsync(412);
    }

    private static object Plant(string name) => new { name, country = "BY", region = "BY-HM" };

    private async Task<(string Path, string Version)> CreateAsync(object[]? contacts = null)
    {
        using var created = await _client.PostAsJsonAsync("/v1/enterprises", new { name = "Versioned", country = "BY", region = "BY-HM", contacts });
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        return (created.Headers.Location!.ToString(), created.Headers.ETag!.ToString());
    }

    private async Task<(string Path, string Version)> CreateOnceAsync(string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/enterprises") { Content = JsonContent.Create(Plant("Once")), Headers = { { "Idempotency-Key", key } } };
        using var created = await _client.SendAsync(request);
        return (created.Headers.Location!.ToString(), created.Headers.ETag!.ToString());
    }

    private async Task<string> VersionAsync(string path)
    {
        using var response = await _client.GetAsync(path);
        return response.Headers.ETag!.ToString();
    }

    private async Task<HttpResponseMessage> AskAsync(string path, string known)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("If-None-Match", known);
        return await _client.SendAsync(request);
    }

    private async Task ImportAsync(string csv)
    {
        using var response = await _client.PostAsync("/v1/enterprises/import", ClientExtensions.Json(csv, "text/csv"));
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
    }
}
