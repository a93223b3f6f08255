using System.Diagnostics;
using System.Text.Json.Nodes;
using Xunit.Abstractions;

namespace PartnerMatch.Fuzz;

/// <summary>
/// Every operation of the document under requests made from the document: what is valid is accepted, what is not is refused and leaves
/// nothing behind, and no answer differs from what is written.
/// </summary>
public sealed class FuzzTests(World world, ITestOutputHelper output) : IClassFixture<World>
{
    private const int ShownFailures = 12;
    private static readonly string[] AllMethods = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD", "QUERY"];

    /// <summary>The operations of the published document, which is the one that is served.</summary>
    public static TheoryData<string> Operations =>
        [.. new Contract(JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "openapi", "partnermatch.v1.json")))!.AsObject()).Operations.Select(o => o.Id)];

    [Fact]
    public void Every_operation_that_is_served_is_tried() =>
        Assert.Equal(world.Contract.Operations.Select(o => o.Id).Order(StringComparer.Ordinal), ((IEnumerable<object[]>)Operations).Select(o => (string)o[0]).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Operations))]
    public async Task An_operation_does_what_the_document_says(string id)
    {
        var operation = world.Contract.Operations.Single(o => o.Id == id);
        var random = World.RandomFor(id);
        var failures = new Failures();
        var watch = Stopwatch.StartNew();
        var before = world.Sent;

        var unreached = Recipes.WhyOutOfReach(id);
        var accepted = unreached is null ? await AcceptAsync(operation, random, failures) : 0;
        var refused = await RefuseAsync(operation, random, failures);
        var barred = operation.Scope is null ? 0 : await BarAsync(operation, random, failures);
        await LimitAsync(operation, random, failures);
        await SurviveAsync(operation, random, failures);

        output.WriteLine($"{id}: {unreached ?? $"{accepted} accepted"}, {refused} refused, {barred} without a right, {world.Sent - before} sent in {watch.ElapsedMilliseconds} ms; FUZZ_SEED={World.Seed}");
        Assert.True(failures.Count == 0, $"FUZZ_SEED={World.Seed} {failures}");
        Assert.True((unreached is not null || accepted >= world.ShareOf(operation)) && refused >= world.ShareOf(operation), $"{id}: only {accepted} accepted and {refused} refused");
    }

    /// <summary>Valid requests succeed; what they create can be read, what they delete is gone.</summary>
    private async Task<int> AcceptAsync(Operation operation, Random random, Failures failures)
    {
        var accepted = 0;
        var valid = new ValidRequests(world.Contract, random);
        for (var i = 0; i < world.ShareOf(operation); i++)
        {
            var request = valid.Vary(operation, await world.PrepareAsync(operation, random));
            var answer = await world.SendAsync(request);
            failures.Add(world.FindDeviations(operation, answer), request, answer);
            if (!answer.IsAccepted)
            {
                failures.Add("a valid request is not accepted", request, answer);
                continue;
            }

            accepted++;
            await ExpectOutdatedAsync(operation, request, answer, failures);
            await AskAgainAsync(operation, request, answer, failures);
            if (answer.Status == 201 && answer.Headers.TryGetValue("Location", out var location))
            {
                await ReadAndDeleteAsync(operation, location, failures);
            }
            else if (operation.Method == "DELETE" && !Recipes.IsKept(operation.Id) && world.Contract.Find("GET", operation.Path) is { } get)
            {
                await ExpectGoneAsync(get, request.Path, failures);
            }
            else if (accepted % 4 == 0 && answer.Headers.TryGetValue("Link", out var link))
            {
                var next = FuzzRequest.To("GET", link[1..link.IndexOf('>', StringComparison.Ordinal)]).With("next page") with { Headers = request.Headers };
                var page = await world.SendAsync(next);
                failures.Add(world.FindDeviations(operation, page), next, page);
                if (page.Status != 200)
                {
                    failures.Add("the next page cannot be had", next, page);
                }
            }
        }

        return accepted;
    }

    /// <summary>The version that a change has replaced is one that no other change may name.</summary>
    private async Task ExpectOutdatedAsync(Operation operation, FuzzRequest request, FuzzAnswer answer, Failures failures)
    {
        if (operation.Header("If-Match") is null || !answer.Headers.TryGetValue("ETag", out var version) || request.Headers.Any(h => h.Key == "If-Match" && h.Value == version))
        {
            return;
        }

        var outdated = request.WithoutHeader("Idempotency-Key").With("If-Match of the version before");
        var refused = await world.SendAsync(outdated);
        failures.Add(world.FindDeviations(operation, refused), outdated, refused);
        if (refused.Status != 412)
        {
            failures.Add("a change of a version that was replaced is not refused", outdated, refused);
        }
    }

    /// <summary>Who has the answer asks whether it still holds.</summary>
    private async Task AskAgainAsync(Operation operation, FuzzRequest request, FuzzAnswer answer, Failures failures)
    {
        if (operation.Header("If-None-Match") is null || answer.Status != 200 || !answer.Headers.TryGetValue("ETag", out var version))
        {
            return;
        }

        var again = request.WithHeader("If-None-Match", version).With("has the answer");
        var unchanged = await world.SendAsync(again);
        failures.Add(world.FindDeviations(operation, unchanged), again, unchanged);
        if (unchanged.Status != 304 && unchanged.Headers.GetValueOrDefault("ETag") == version)
        {
            failures.Add("what the caller has is sent again", again, unchanged);
        }
    }

    private async Task ReadAndDeleteAsync(Operation creator, string location, Failures failures)
    {
        // What has an address of its own lies one level below the collection.
        var template = world.Contract.Operations.FirstOrDefault(o => o.Path.StartsWith(creator.Path + "/{", StringComparison.Ordinal) && o.Path.IndexOf('}', creator.Path.Length) == o.Path.Length - 1)?.Path;
        if (template is null)
        {
            return;
        }

        FuzzAnswer? read = null;
        if (world.Contract.Find("GET", template) is { } get)
        {
            var request = new FuzzRequest("GET", location).With("what was created");
            read = await world.SendAsync(request);
            failures.Add(world.FindDeviations(get, read), request, read);
            if (read.Status != 200)
            {
                failures.Add("what was created cannot be read", request, read);
            }
        }

        if (world.Contract.Find("DELETE", template) is { } delete)
        {
            var request = new FuzzRequest("DELETE", location).With("what was created");
            if (delete.Header("If-Match") is not null && read?.Headers.TryGetValue("ETag", out var version) == true)
            {
                request = request.WithHeader("If-Match", version);
            }

            var deleted = await world.SendAsync(request);
            failures.Add(world.FindDeviations(delete, deleted), request, deleted);
        }
    }

    private async Task ExpectGoneAsync(Operation get, string address, Failures failures)
    {
        var request = new FuzzRequest("GET", address).With("what was deleted");
        var answer = await world.SendAsync(request);
        failures.Add(world.FindDeviations(get, answer), request, answer);
        if (answer.Status is not (404 or 410))
        {
            failures.Add("what was deleted is still there", request, answer);
        }
    }

    /// <summary>Invalid requests are refused, and nothing of them is stored.</summary>
    private async Task<int> RefuseAsync(Operation operation, Random random, Failures failures)
    {
        const int AtOnce = 10;
        var refused = 0;
        var valid = new ValidRequests(world.Contract, random);
        var invalid = new InvalidRequests(world.Contract, random);
        while (refused < world.ShareOf(operation) && failures.Count < 10 * ShownFailures)
        {
            var request = valid.Vary(operation, await world.PrepareAsync(operation, random));
            var broken = invalid.Breakages(operation, request).ToArray();
            random.Shuffle(broken);
            var stored = operation.IsSafe ? new Dictionary<string, string>() : await world.FingerprintAsync();
            var version = await world.DataVersionAsync();
            foreach (var wrong in broken.Take(AtOnce))
            {
                var answer = await world.SendAsync(wrong);
                failures.Add(world.FindDeviations(operation, answer), wrong, answer);
                if (!answer.IsRefused)
                {
                    failures.Add("an invalid request is not refused", wrong, answer);
                    stored = operation.IsSafe ? stored : await world.FingerprintAsync();
                    continue;
                }

                refused++;
                var now = await world.DataVersionAsync();
                if (now != version && !operation.IsSafe)
                {
                    var after = await world.FingerprintAsync();
                    failures.Add(after.Where(t => stored.GetValueOrDefault(t.Key) != t.Value).Select(t => $"something of a refused request is stored in {t.Key}"), wrong, answer);
                    stored = after;
                }

                version = now;
            }

            var other = request with { Method = random.GetItems(AllMethods.Where(m => world.Contract.Find(m, operation.Path) is null).ToArray(), 1)[0], Change = "another method" };
            var answered = await world.SendAsync(other);

            // Where the address reads as one of another operation too, that one refuses it by its own rules.
            failures.Add(other.Method == "HEAD" ? [] : world.FindDeviations(null, answered), other, answered);
            if (answered.IsRefused)
            {
                refused++;
            }
            else
            {
                failures.Add("a method that is not documented is taken", other, answered);
            }
        }

        return refused;
    }

    /// <summary>Who is not known, or lacks the scope, gets nothing, whatever is asked, and changes nothing.</summary>
    private async Task<int> BarAsync(Operation operation, Random random, Failures failures)
    {
        var valid = new ValidRequests(world.Contract, random).Vary(operation, await world.PrepareAsync(operation, random));
        var invalid = new InvalidRequests(world.Contract, random).Breakages(operation, valid);
        var stored = operation.IsSafe ? null : await world.FingerprintAsync();
        var barred = 0;
        foreach (var request in invalid.Count == 0 ? [valid] : new[] { valid, random.GetItems(invalid.ToArray(), 1)[0] })
        {
            foreach (var unknown in world.Unknown(request, random))
            {
                await ExpectAsync(unknown, 401);
            }

            if (request.ContentType == valid.ContentType)
            {
                await ExpectAsync(world.Lacking(operation, request), 403);
            }
        }

        if (stored is not null)
        {
            var after = await world.FingerprintAsync();
            failures.Add(after.Where(t => stored.GetValueOrDefault(t.Key) != t.Value).Select(t => $"somebody without a right changed something in {t.Key}"), valid, new FuzzAnswer(0, null, new Dictionary<string, string>(), []));
        }

        return barred;

        async Task ExpectAsync(FuzzRequest request, int status)
        {
            var answer = await world.SendAsync(request);
            failures.Add(world.FindDeviations(operation, answer), request, answer);
            barred++;
            if (answer.Status != status)
            {
                failures.Add($"somebody without a right is not answered {status}", request, answer);
            }
        }
    }

    /// <summary>A body over the limit is refused for its size, whether its length is told or found out; one at the limit is not.</summary>
    private async Task LimitAsync(Operation operation, Random random, Failures failures)
    {
        if (operation.Bodies.Count == 0)
        {
            return;
        }

        var limit = World.LimitOf(operation);
        foreach (var tellsLength in new[] { true, false })
        {
            var valid = new ValidRequests(world.Contract, random).Vary(operation, await world.PrepareAsync(operation, random));
            var stored = await world.FingerprintAsync();
            var large = OfSize(valid, limit + 1, tellsLength).With($"over the limit of {limit} bytes");
            var refused = await world.SendAsync(large);
            failures.Add(world.FindDeviations(operation, refused), large, refused);
            if (refused.Status != 413)
            {
                failures.Add("a body over the limit is not refused for its size", large, refused);
            }

            var after = await world.FingerprintAsync();
            failures.Add(after.Where(t => stored.GetValueOrDefault(t.Key) != t.Value).Select(t => $"something of a body over the limit is stored in {t.Key}"), large, refused);

            // Of a body in chunks, what stands between them counts too.
            if (valid.Json is not null && tellsLength)
            {
                var fits = OfSize(valid, limit, tellsLength).With($"at the limit of {limit} bytes");
                var taken = await world.SendAsync(fits);
                failures.Add(world.FindDeviations(operation, taken), fits, taken);
                if (taken.Status == 413)
                {
                    failures.Add("a body at the limit is refused for its size", fits, taken);
                }
            }
        }

        // Blanks at the end change nothing of JSON, and of tables nothing but the last line.
        static FuzzRequest OfSize(FuzzRequest request, int size, bool tellsLength)
        {
            var bytes = new byte[size];
            bytes.AsSpan().Fill((byte)' ');
            request.Body?.CopyTo(bytes, 0);
            return request with { Json = null, Bytes = bytes, TellsLength = tellsLength };
        }
    }

    /// <summary>Whatever comes is answered as documented.</summary>
    private async Task SurviveAsync(Operation operation, Random random, Failures failures)
    {
        var valid = new ValidRequests(world.Contract, random);
        var invalid = new InvalidRequests(world.Contract, random);
        for (var sent = 0; sent < world.ShareOf(operation) / 4;)
        {
            var odd = invalid.Oddities(operation, valid.Vary(operation, await world.PrepareAsync(operation, random))).ToArray();
            random.Shuffle(odd);
            foreach (var request in odd.Take(10))
            {
                sent++;
                var answer = await world.SendAsync(request);

                // An odd address may be another one, or none, or no HTTP.
                var isOurs = answer.Status is not (404 or 405) && !(answer.Status == 400 && answer.MediaType is null);
                failures.Add(world.FindDeviations(isOurs ? operation : null, answer), request, answer);
            }
        }
    }

    /// <summary>What went wrong: each kind with its first example and the changes that led to it.</summary>
    private sealed class Failures
    {
        private readonly Dictionary<string, (string Example, SortedSet<string> Changes)> _found = new(StringComparer.Ordinal);

        public int Count { get; private set; }

        public void Add(IEnumerable<string> deviations, FuzzRequest request, FuzzAnswer answer)
        {
            foreach (var deviation in deviations)
            {
                Add(deviation, request, answer);
            }
        }

        public void Add(string what, FuzzRequest request, FuzzAnswer answer)
        {
            Count++;
            if (!_found.TryGetValue(what, out var found))
            {
                _found[what] = found = ($"{request}\n  answer: {answer}", new SortedSet<string>(StringComparer.Ordinal));
            }

            found.Changes.Add(request.Change);
        }

        public override string ToString() => $"{Count} failures of {_found.Count} kinds:\n\n" + string.Join(
            "\n\n",
            _found.Take(ShownFailures).Select(f => $"{f.Key}\n  {f.Value.Example}\n  after: {string.Join("; ", f.Value.Changes.Take(40))}"));
    }
}
