using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;

namespace PartnerMatch.Soak.Writing;

/// <summary>
/// One of the programs that write, one request after another, to what no other writes to: so it knows what must be stored. A write without an
/// answer is pending: it may have been carried out or not, but not in part.
/// </summary>
internal sealed class Portal(int number, int seed, Tally tally)
{
    private const int MostKept = 60;
    private const int RowsOfFile = 5;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Random _random = new(HashCode.Combine(seed, number));
    private readonly List<Kept> _alive = [];
    private readonly List<Kept> _all = [];
    private int _made;

    /// <summary>What was written, with the certain mark of each, for the check.</summary>
    public IReadOnlyList<Kept> All => _all;

    /// <summary>The write that was sent and not answered.</summary>
    public Write? Pending { get; private set; }

    /// <summary>Writes until the service is gone.</summary>
    /// <param name="client">The service.</param>
    /// <param name="isEnough">Asked before each write.</param>
    public async Task WriteAsync(HttpClient client, Func<bool> isEnough)
    {
        while (Pending is null && !isEnough())
        {
            await WriteOnceAsync(client);
        }
    }

    /// <summary>Sends one write; its status, or null where there was no answer.</summary>
    public async Task<HttpStatusCode?> WriteOnceAsync(HttpClient client)
    {
        Pending = Next();
        return await SendAsync(client, Pending);
    }

    /// <summary>Sends what is pending again, as a portal does that had no answer: afterwards it is stored once.</summary>
    /// <param name="client">The service.</param>
    /// <param name="stored">What was stored before.</param>
    public async Task SettleAsync(HttpClient client, StoredState stored)
    {
        if (Pending is not { } write)
        {
            return;
        }

        // What may be repeated under a key is; of the rest the portal looks first what came of it.
        if (write.Key is null)
        {
            if (stored.Find(write.Touches[0]) is { IsThere: var isThere, Mark: var mark } && (write.Mark is null ? !isThere : mark == write.Mark))
            {
                // Its version was in the answer that did not come.
                write.Touches[0].Version = null;
                Settle(write);
                return;
            }

            using var current = await client.GetAsync($"/v1/enterprises/{write.Touches[0].Id}");
            write.Touches[0].Version = current.Headers.ETag?.ToString();
        }

        if (await SendAsync(client, write) is var status && status != HttpStatusCode.OK)
        {
            tally.Fail($"{write.Method} {write.Path} was answered {status?.ToString() ?? "nothing"} when it was sent again");
        }
    }

    /// <summary>Holds what is stored against what must be.</summary>
    public void Check(StoredState stored)
    {
        var pending = Pending?.Touches ?? [];
        foreach (var kept in _all.Except(pending))
        {
            var found = stored.Find(kept);
            if (found.Count > 1)
            {
                tally.Double($"{kept.Name} is there {found.Count} times");
            }
            else if (found.IsThere && found.Mark is null)
            {
                tally.Tear($"{kept.Name} is of two writes: {found.Text}");
            }
            else if (found.Mark != kept.Mark)
            {
                tally.Lose($"{kept.Name} has the mark {found.Mark?.ToString(CultureInfo.InvariantCulture) ?? "none"} where {kept.Mark?.ToString(CultureInfo.InvariantCulture) ?? "none"} was acknowledged");
            }
        }

        if (Pending is { } write)
        {
            var done = pending.Count(k => stored.Find(k) is var found && found.Count <= 1 && found.Mark == write.Mark);
            var undone = pending.Count(k => stored.Find(k) is var found && found.Count <= 1 && found.Mark == k.Mark);
            if (done != pending.Count && undone != pending.Count)
            {
                tally.Tear($"{write.Method} {write.Path} without an answer: {done} of {pending.Count} are written, {undone} as before");
            }
        }
    }

    private Write Next()
    {
        var isFull = _alive.Count > MostKept;
        var of = _alive.Count > 0 ? _alive[_random.Next(_alive.Count)] : null;
        var mark = 1 + (_made++ * 100) + number;
        return _random.Next(100) switch
        {
            _ when of is null => Create(mark),
            < 35 when !isFull => Create(mark),
            < 50 => new Write(HttpMethod.Put, $"/v1/enterprises/{of.Id}", of.ToBody(mark).ToJsonString(), [of], mark),
            < 66 => new Write(HttpMethod.Patch, $"/v1/enterprises/{of.Id}", Kept.ToChange(mark).ToJsonString(), [of], mark) { ContentType = "application/merge-patch+json" },
            < 80 when FindOpposite(of) is { } other => Decide(of, other, mark),
            < 94 when !isFull => Import(mark),
            _ => new Write(HttpMethod.Delete, $"/v1/enterprises/{of.Id}", null, [of], null),
        };
    }

    private Kept? FindOpposite(Kept kept) => _alive.FirstOrDefault(k => k.Country != kept.Country);

    private Write Create(int mark)
    {
        var made = Remember(mark, "Portal");
        return new Write(HttpMethod.Post, "/v1/enterprises", made.ToBody(mark).ToJsonString(), [made], mark) { Key = KeyOf(mark) };
    }

    private Write Decide(Kept a, Kept b, int mark)
    {
        var made = new Kept($"Decision {number} {mark}", StoredState.OfDecisions);
        _all.Add(made);
        var body = new JsonObject { ["decision"] = "accept", ["comment"] = made.Name };
        return new Write(HttpMethod.Post, $"/v1/pairs/{a.Id}/{b.Id}/decisions", body.ToJsonString(), [made], StoredState.MarkOfDecisions) { Key = KeyOf(mark) };
    }

    /// <summary>A file whose rows are all stored; or, as one of them cannot be, all others.</summary>
    private Write Import(int mark)
    {
        var (isPartial, isJob) = (_random.Next(2) == 0, _random.Next(3) == 0);
        var rows = Enumerable.Range(0, RowsOfFile).Select(row => Remember(mark, $"Row {row} of", $"soak-{number}-{mark}-{row}")).ToArray();
        var file = Kept.Header + string.Concat(rows.Select(r => r.ToRow(mark))) + (isPartial ? "refused,Nowhere,BY,Atlantis,,,,\n" : "");
        return new Write(HttpMethod.Post, "/v1/enterprises/import" + (isPartial ? "?mode=partial" : ""), file, rows, mark) { ContentType = "text/csv", Key = KeyOf(mark), IsJob = isJob };
    }

    private Kept Remember(int mark, string kind, string? id = null)
    {
        var made = new Kept(string.Create(CultureInfo.InvariantCulture, $"{kind} {number} made {mark}"), _random.Next(2) == 0 ? "BY" : "RU", id);
        _all.Add(made);
        return made;
    }

    private string KeyOf(int mark) => string.Create(CultureInfo.InvariantCulture, $"portal-{seed}-{number}-{mark}");

    private async Task<HttpStatusCode?> SendAsync(HttpClient client, Write write)
    {
        try
        {
            if (write.Job is null)
            {
                using var request = write.ToRequest();
                using var answer = await client.SendAsync(request);
                var text = await answer.Content.ReadAsStringAsync();
                if (!answer.IsSuccessStatusCode)
                {
                    return Refuse(write, answer, text);
                }

                write.Job = answer.StatusCode == HttpStatusCode.Accepted ? answer.Headers.Location!.ToString() : null;
                write.Touches[0].Version = answer.Headers.ETag?.ToString();
                if (write.Method == HttpMethod.Post && write.Touches is [{ Id: null } made])
                {
                    made.Id = (string)JsonNode.Parse(text)!["id"]!;
                }
            }

            if (write.Job is { } job && await FinishAsync(client, job) is var state && state != "done")
            {
                if (state is null)
                {
                    return null;
                }

                tally.Lose($"the job {job}, which was promised, is {state}");
                Pending = null;
                return HttpStatusCode.InternalServerError;
            }

            tally.Acknowledge();
            Settle(write);
            return HttpStatusCode.OK;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or SocketException)
        {
            return null;
        }
    }

    /// <summary>How a job ended; null where it goes on for long.</summary>
    private static async Task<string?> FinishAsync(HttpClient client, string job)
    {
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < Patience;)
        {
            var import = JsonNode.Parse(await client.GetStringAsync(job))!;
            if ((string)import["state"]! is not ("queued" or "running") and var over)
            {
                return over;
            }

            await Task.Delay(20);
        }

        return null;
    }

    /// <summary>A problem of the disk may come, and says that nothing is stored; everything else is one of the service's.</summary>
    private HttpStatusCode Refuse(Write write, HttpResponseMessage answer, string text)
    {
        if (answer.StatusCode is not (HttpStatusCode.InsufficientStorage or HttpStatusCode.ServiceUnavailable))
        {
            tally.Fail($"{write.Method} {write.Path} was answered {(int)answer.StatusCode}: {text}");
        }
        else if (answer.Content.Headers.ContentType?.MediaType != "application/problem+json" || answer.Headers.RetryAfter is null)
        {
            tally.Fail($"{write.Method} {write.Path}: {(int)answer.StatusCode} is no problem, or does not say when to try again");
        }

        Pending = null;
        return answer.StatusCode;
    }

    private void Settle(Write write)
    {
        foreach (var kept in write.Touches)
        {
            kept.Mark = write.Mark;
            if (kept.Country != StoredState.OfDecisions && !_alive.Contains(kept))
            {
                _alive.Add(kept);
            }
        }

        if (write.Mark is null)
        {
            _alive.Remove(write.Touches[0]);
        }

        Pending = null;
    }
}
