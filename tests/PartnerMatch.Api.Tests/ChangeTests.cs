using System.Net;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Text.Json.Nodes;

namespace PartnerMatch.Api.Tests;

/// <summary>The change feed.</summary>
public sealed class ChangeTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    private readonly HttpClient _client = api.Connect();

    [Fact]
    public async Task Changes_are_told_in_order_and_a_deletion_stays()
    {
        var after = await LastAsync();
        var id = await CreateAsync("Told in order");
        using (await ReplaceAsync(id, "Told in order, again"))
        {
        }

        using (var deleted = await DeleteAsync(id))
        {
            Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        }

        var changes = (await _client.GetJsonAsync($"/v1/changes?after={after}&limit=100"))["items"]!.AsArray().Where(c => (string)c!["subject"]! == id).ToArray();
        Assert.Equal(["enterprise.created", "enterprise.updated", "enterprise.deleted"], changes.Select(c => (string)c!["type"]!));
        Assert.Equal([1, 2, 3], changes.Select(c => (int)c!["data"]!["revision"]!));
    }

    [Fact]
    public async Task A_reader_that_was_away_catches_up_page_by_page_without_gaps()
    {
        var written = new List<string>();
        for (var i = 0; i < 7; i++)
        {
            written.Add(await CreateAsync($"Missed {i}"));
        }

        // What is refused and undone leaves no gap.
        await _client.PostAsJsonAsync("/v1/enterprises", new { name = "" }).ProblemAsync(400);
        written.Add(await CreateAsync("Missed last"));
        var seen = new List<(long Sequence, string Subject)>();
        for (var page = await _client.GetJsonAsync("/v1/changes?limit=3"); page["items"]!.AsArray().Count > 0; page = await _client.GetJsonAsync((string)page["next"]!))
        {
            seen.AddRange(page["items"]!.AsArray().Select(c => ((long)c!["sequence"]!, (string)c["subject"]!)));
            Assert.Equal(seen[^1].Sequence, (long)page["last"]!);
        }

        Assert.Equal(Enumerable.Range(1, seen.Count).Select(i => (long)i), seen.Select(s => s.Sequence));
        Assert.Equal(written, seen.Select(s => s.Subject).Where(written.Contains));
    }

    [Fact]
    public async Task A_waiting_reader_is_told_of_the_next_change()
    {
        var after = await LastAsync();
        var waiting = _client.GetJsonAsync($"/v1/changes?after={after}&wait=30");
        var id = await CreateAsync("Waited for");
        Assert.Contains(id, (await waiting)["items"]!.AsArray().Select(c => (string)c!["subject"]!));
        var empty = await _client.GetJsonAsync($"/v1/changes?after={await LastAsync() + 1000}&wait=1");
        Assert.Empty(empty["items"]!.AsArray());
    }

    [Fact]
    public async Task A_stream_goes_on_after_the_last_event_that_the_reader_has()
    {
        var after = await LastAsync();
        var first = await CreateAsync("First of the stream");
        var seen = await ReadAsync(1, $"/v1/changes?after={after}");
        Assert.Equal(("enterprise.created", first), (seen[0].EventType, (string)JsonNode.Parse(seen[0].Data)!["subject"]!));

        // Two more, one of which is made while the reader listens.
        var second = await CreateAsync("Second of the stream");
        var listening = ReadAsync(2, "/v1/changes", seen[0].EventId);
        var third = await CreateAsync("Third of the stream");
        var subjects = (await listening).Select(e => (string)JsonNode.Parse(e.Data)!["subject"]!).ToArray();
        Assert.Equal([second, third], subjects);
    }

    [Theory]
    [InlineData("after=-1", "after")]
    [InlineData("after=x", "after")]
    [InlineData("wait=31", "wait")]
    [InlineData("limit=0", "limit")]
    [InlineData("cursor=x", "cursor")]
    public async Task Bad_input_is_refused(string query, string field) => Assert.Equal([field], (await _client.GetAsync("/v1/changes?" + query).ProblemAsync(400)).Paths());

    [Fact]
    public async Task A_last_event_that_is_none_is_refused()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/changes");
        request.Headers.Add("Accept", "text/event-stream");
        request.Headers.Add("Last-Event-ID", "yesterday");
        Assert.Equal(["Last-Event-ID"], (await _client.SendAsync(request).ProblemAsync(400)).Paths());
    }

    private async Task<List<SseItem<string>>> ReadAsync(int count, string path, string? lastEventId = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add("Accept", "text/event-stream");
        if (lastEventId is not null)
        {
            request.Headers.Add("Last-Event-ID", lastEventId);
        }

        using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        var events = new List<SseItem<string>>();
        await foreach (var item in SseParser.Create(await response.Content.ReadAsStreamAsync()).EnumerateAsync())
        {
            if (item.EventType != "alive")
            {
                events.Add(item);
            }

            if (events.Count == count)
            {
                break;
            }
        }

        return events;
    }

    private async Task<long> LastAsync()
    {
        var page = await _client.GetJsonAsync("/v1/changes?limit=100");
        while (page["items"]!.AsArray().Count > 0)
        {
            page = await _client.GetJsonAsync((string)page["next"]!);
        }

        return (long)page["last"]!;
    }

    private async Task<string> CreateAsync(string name) => (string)(await _client.CreateAsync(new { name, country = "BY", region = "BY-HM" }))["id"]!;

    private Task<HttpResponseMessage> ReplaceAsync(string id, string name) => _client.ReplaceAsync($"/v1/enterprises/{id}", new { name, country = "BY", region = "BY-HM" });

    private Task<HttpResponseMessage> DeleteAsync(string id) => _client.RemoveAsync($"/v1/enterprises/{id}");
}
