using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Data.Sqlite;
using PartnerMatch.Api.Tests;

namespace PartnerMatch.Fuzz;

/// <summary>
/// The service as Production starts it, with the sample, on a real port and a real SQLite file, its own document, and a client that holds every answer against it.
/// <c>FUZZ_SEED</c> repeats or varies a run, <c>FUZZ_REQUESTS</c> makes it longer.
/// </summary>
public sealed class World : ProductionFixture, IAsyncLifetime
{
    private const int LeastShare = 100;
    private const int MaxImportSize = 6 * 1024 * 1024;

    private const string Authorization = "Authorization";

    /// <summary>Headers of HTTP itself, with which any answer may come.</summary>
    private static readonly HashSet<string> CommonHeaders = new(StringComparer.OrdinalIgnoreCase)
    {
        "Date", "Content-Type", "Content-Length", "Transfer-Encoding", "Connection", "Allow", "Vary", "Cache-Control", "Content-Encoding", "Pragma", "Expires",
    };

    /// <summary>What the service adds to each answer so that browsers read nothing into it.</summary>
    private static readonly HashSet<string> SafetyHeaders = new(StringComparer.OrdinalIgnoreCase)
    {
        "Content-Security-Policy", "Cross-Origin-Resource-Policy", "Cross-Origin-Opener-Policy", "Permissions-Policy", "Referrer-Policy", "Strict-Transport-Security", "X-Content-Type-Options", "X-Frame-Options",
    };

    /// <summary>Tables in which a refused request leaves a trace on purpose, or work goes on that earlier ones began.</summary>
    private static readonly HashSet<string> Journals = new(StringComparer.Ordinal)
    {
        "imports", "idempotency_keys", "data_versions", "scarcity_epochs", "webhook_messages", "watch_matches", "watch_position", "sqlite_sequence",
    };

    /// <summary>
    /// What shows that a request stored something, where not every row need be read: of what only grows the last, of enterprises the revisions, and
    /// of tables in which the service writes on after it has answered what only requests write.
    /// </summary>
    private static readonly Dictionary<string, string> StoredByRequests = new(StringComparer.Ordinal)
    {
        ["api_keys"] = "select id, expires_at, revoked_at from api_keys order by 1",
        ["audit_trail"] = "select max(sequence) from audit_trail",
        ["changes"] = "select max(sequence) from changes where type not like 'watch.%' and type not like 'match-run.%'",
        ["decisions"] = "select max(sequence) from decisions",
        ["enterprise_revisions"] = "select max(sequence) from enterprise_revisions",
        ["enterprises"] = "select id, revision from enterprises order by 1",
        ["enterprise_competencies"] = "select count(*) from enterprise_competencies",
        ["enterprise_identifiers"] = "select count(*) from enterprise_identifiers",
        ["match_runs"] = "select id from match_runs order by 1",
        ["reference_versions"] = "select count(*) from reference_versions",
        ["webhooks"] = "select id, revision from webhooks order by 1",
    };

    private readonly ConcurrentDictionary<string, Task<string>> _prepared = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, JsonObject> _examples = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _lacking = new(StringComparer.Ordinal);
    private HttpClient _client = new();
    private string _key = "";
    private string _revokedKey = "";
    private SqliteConnection? _observer;
    private int _sent;

    public Contract Contract { get; private set; } = new(new JsonObject { ["components"] = new JsonObject { ["schemas"] = new JsonObject() }, ["paths"] = new JsonObject() });

    public static int Seed { get; } = int.Parse(Environment.GetEnvironmentVariable("FUZZ_SEED") ?? "20260721", CultureInfo.InvariantCulture);

    public static int Requests { get; } = int.Parse(Environment.GetEnvironmentVariable("FUZZ_REQUESTS") ?? "20000", CultureInfo.InvariantCulture);

    public int Sent => _sent;

    /// <summary>How many requests of an operation must succeed, and how many must be refused: so many that all together have their number.</summary>
    public int ShareOf(Operation operation)
    {
        var slow = Contract.Operations.Count(o => Recipes.IsSlow(o.Id));
        var rest = (Requests / 2.0) - (slow * LeastShare);
        return Recipes.IsSlow(operation.Id) ? LeastShare : Math.Max(LeastShare, (int)Math.Ceiling(rest / (Contract.Operations.Count - slow)));
    }

    protected override bool WithSample => true;

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        base.ConfigureWebHost(builder);
        foreach (var budget in new[] { "ReadsPerMinute", "MatchesPerMinute", "WritesPerMinute", "FailedAttemptsPerMinute" })
        {
            builder.UseSetting($"PartnerMatch:Limits:{budget}", "100000000");
        }

        builder.UseSetting("PartnerMatch:Imports:MaxSize", MaxImportSize.ToString(CultureInfo.InvariantCulture));
    }

    public async Task InitializeAsync()
    {
        UseKestrel(0);
        StartServer();
        _client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, ActivityHeadersPropagator = null, RequestHeaderEncodingSelector = (_, _) => Encoding.Latin1 })
        {
            BaseAddress = ClientOptions.BaseAddress,
        };
        Contract = new Contract(JsonNode.Parse(await _client.GetStringAsync("/openapi/v1.json"))!.AsObject());
        _key = await CreateSecretAsync("admin");
        var revoked = await CreateKeyAsync(["admin"]);
        _revokedKey = (string)revoked["secret"]!;
        await SendAsync(new FuzzRequest("DELETE", $"/v1/keys/{revoked["key"]?["id"] ?? revoked["id"]}"));
        var scopes = Contract.Operations.Select(o => o.Scope).OfType<string>().Distinct().ToArray();
        foreach (var scope in scopes)
        {
            _lacking[scope] = await CreateSecretAsync([.. scopes.Where(s => s != scope && s != "admin")]);
        }

        await SendAsync(new FuzzRequest("POST", "/v1/corridors") { ContentType = "application/json", Json = Recipes.SmallCorridor() });
        _observer = new SqliteConnection($"Data Source={DatabaseFile};Pooling=False");
        await _observer.OpenAsync();
    }

    async Task IAsyncLifetime.DisposeAsync()
    {
        _client.Dispose();
        if (_observer is not null)
        {
            await _observer.DisposeAsync();
        }

        await DisposeAsync();
    }

    /// <summary>The largest body that an operation takes, in bytes.</summary>
    public static int LimitOf(Operation operation) => operation.MaxBodySize ?? MaxImportSize;

    /// <summary>A request in the name of nobody, each with the header that is no key and why.</summary>
    public IEnumerable<FuzzRequest> Unknown(FuzzRequest request, Random random)
    {
        yield return request.WithHeader(Authorization, "").With("no key");
        yield return (request with { Query = [.. request.Query, new("access_token", _key)] }).WithHeader(Authorization, "").With("key in the address");
        var changed = _key.ToCharArray();
        var at = random.Next(changed.Length / 2, changed.Length);
        changed[at] = changed[at] == 'x' ? 'y' : 'x';
        foreach (var (header, change) in new[]
        {
            ($"Bearer {Texts.Letters(random, 40)}", "letters for a key"),
            ($"Bearer pmk_{Texts.Letters(random, 16)}_{Texts.Letters(random, 43)}", "key of nobody"),
            ($"Bearer {new string(changed)}", "key of which one character is another"),
            ($"Bearer {_key[..^random.Next(1, 20)]}", "key that is cut off"),
            ($"Bearer {_key}{Texts.Letters(random, 3)}", "more behind a key"),
            ($"Bearer {_revokedKey}", "revoked key"),
            ($"Bearer {Texts.Letters(random, 8)}, Bearer {_key}", "two keys"),
            ($"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes("admin:" + _key))}", "key by another scheme"),
            (_key, "key without a scheme"),
            ("Bearer", "scheme without a key"),
            ("Bearer eyJhbGciOiJub25lIn0.eyJzY29wZSI6ImFkbWluIn0.", "token that nobody signed"),
            ($"Bearer {new string('a', 8000)}", "very long key"),
        })
        {
            yield return request.WithHeader(Authorization, header).With(change);
        }
    }

    /// <summary>A request with a key that holds every scope but the one that the operation needs.</summary>
    public FuzzRequest Lacking(Operation operation, FuzzRequest request) => request.WithHeader(Authorization, $"Bearer {_lacking[operation.Scope!]}").With($"key without {operation.Scope}");

    /// <summary>The same numbers for the same seed and operation, whatever else runs.</summary>
    public static Random RandomFor(string operationId) => new(Seed ^ BitConverter.ToInt32(SHA256.HashData(Encoding.UTF8.GetBytes(operationId))));

    public async Task<FuzzAnswer> SendAsync(FuzzRequest request)
    {
        // Where a request says nothing of its caller, who may everything asks.
        using var message = (request.Headers.Any(h => h.Key == Authorization) ? request : request.WithHeader(Authorization, $"Bearer {_key}")).ToMessage(_client.BaseAddress!);
        using var response = await _client.SendAsync(message, HttpCompletionOption.ResponseHeadersRead);
        Interlocked.Increment(ref _sent);
        return await FuzzAnswer.ReadAsync(response);
    }

    /// <summary>A request that the operation's example shows, at an address that exists and on a resource that may be changed.</summary>
    public async Task<FuzzRequest> PrepareAsync(Operation operation, Random random)
    {
        var example = ExampleOf(operation);
        var address = Recipes.AddressOf(operation.Id) is { } recipe ? await recipe(this, random)
            : !operation.IsSafe && await CreateForAsync(operation, random) is { } created ? created
            : example is null ? throw new InvalidOperationException($"{operation.Id}: there is no example in openapi/examples, and nothing else tells an address. Add the example, or a line to Recipes.Addresses.")
            : operation.IsSafe ? await OnceAsync(operation.Id, () => AddressOfAsync(example))
            : await AddressOfAsync(example);
        var request = FuzzRequest.To(operation.Method, address);
        if ((example?["request"] ?? Recipes.BodyOf(operation.Id)) is { } body)
        {
            request = (string?)example?["contentType"] is { } type && body is JsonValue
                ? (request with { ContentType = type }).WithText((string)body!)
                : request with { ContentType = (string?)example?["contentType"] ?? "application/json", Json = body.DeepClone() };
        }

        if ((string?)example?["accept"] is { } accept)
        {
            request = request.WithHeader("Accept", accept);
        }

        foreach (var (name, value) in example?["headers"]?.AsObject() ?? [])
        {
            request = request.WithHeader(name, (string)value!);
        }

        if (operation.Header("If-Match") is not null && Contract.Find("GET", operation.Path) is not null)
        {
            var current = await SendAsync(new FuzzRequest("GET", request.Path));
            request = current.Headers.TryGetValue("ETag", out var version) ? request.WithHeader("If-Match", version)
                : throw new InvalidOperationException($"{operation.Id} takes If-Match, but GET {request.Path} answers no ETag: {current}");
        }

        return request;
    }

    /// <summary>A resource of one's own: what the collection's POST creates.</summary>
    private async Task<string?> CreateForAsync(Operation operation, Random random)
    {
        var last = operation.Path.LastIndexOf("/{", StringComparison.Ordinal);
        if (last < 0 || Contract.Find("POST", operation.Path[..last]) is not { } creator)
        {
            return null;
        }

        var request = new ValidRequests(Contract, random).Vary(creator, await PrepareAsync(creator, random));
        var answer = await SendAsync(request);
        var end = operation.Path.IndexOf('}', last);
        return answer.Headers.TryGetValue("Location", out var location) ? location + operation.Path[(end + 1)..]
            : throw new InvalidOperationException($"{creator.Id} created nothing for {operation.Id}: {answer}\n{request}");
    }

    private async Task<string> CreateSecretAsync(params string[] scopes) => (string)(await CreateKeyAsync(scopes))["secret"]!;

    private async Task<string> AddressOfAsync(JsonObject example)
    {
        var path = (string)example["path"]!;
        if (example["before"] is not { } before)
        {
            return path;
        }

        var earlier = FuzzRequest.To("POST", (string)before["path"]!);
        earlier = before["contentType"] is { } type
            ? (earlier with { ContentType = (string)type! }).WithText((string)before["request"]!)
            : earlier with { ContentType = "application/json", Json = before["request"]?.DeepClone() };
        var answer = await SendAsync(earlier);
        if ((string?)before["until"] is { } state)
        {
            await WaitAsync(answer.Headers["Location"], state);
        }

        return path.Replace("{id}", (string)answer.Json!["id"]!, StringComparison.Ordinal);
    }

    /// <summary>An address that is made once and serves all requests.</summary>
    public Task<string> OnceAsync(string name, Func<Task<string>> make) => _prepared.GetOrAdd(name, _ => make());

    /// <summary>Asks for a job until it has that state.</summary>
    public async Task WaitAsync(string location, string state)
    {
        while (true)
        {
            var answer = await SendAsync(new FuzzRequest("GET", location));
            var now = (string)answer.Json!["state"]!;
            if (now == state)
            {
                return;
            }

            if (now is not ("queued" or "running"))
            {
                throw new InvalidOperationException($"{location} should become {state}: {answer}");
            }

            await Task.Delay(20);
        }
    }

    private JsonObject? ExampleOf(Operation operation)
    {
        var file = Path.Combine(AppContext.BaseDirectory, "openapi", "examples", $"{operation.Id}.json");
        return File.Exists(file) ? _examples.GetOrAdd(file, f => JsonNode.Parse(File.ReadAllText(f))!.AsObject()) : null;
    }

    /// <summary>How an answer differs from the document; empty where it does not. Null stands for an address or a method that is none of ours.</summary>
    public IReadOnlyList<string> FindDeviations(Operation? operation, FuzzAnswer answer)
    {
        var found = new List<string>();
        if (answer.Status >= 500)
        {
            found.Add($"the service failed: {answer.Status}");
        }

        var documented = operation?.Responses[answer.Status.ToString(CultureInfo.InvariantCulture)];
        if (operation is not null && documented is null)
        {
            found.Add($"the status {answer.Status} is not documented");
            return found;
        }

        var content = documented?["content"]?.AsObject() ?? (answer.Status >= 400 ? new JsonObject { ["application/problem+json"] = new JsonObject { ["schema"] = new JsonObject { ["$ref"] = "#/components/schemas/Problem" } } } : []);
        if (operation is null && answer is { Status: 400, MediaType: null, Body.Length: 0 })
        {
            // Not even HTTP: the server itself refuses it, before the service sees it.
            return found;
        }

        if (content.Count == 0)
        {
            if (answer.Body.Length > 0)
            {
                found.Add("there is a body where none is documented");
            }
        }
        else if (answer.MediaType is null || content[answer.MediaType] is not { } media)
        {
            found.Add($"the content type {answer.MediaType ?? "(none)"} is not documented");
        }
        else if (answer.MediaType == "application/json" || answer.MediaType.EndsWith("+json", StringComparison.Ordinal))
        {
            found.AddRange(FindBodyErrors(media["schema"]!, answer));
        }

        found.AddRange(answer.Headers.Keys
            .Where(h => !CommonHeaders.Contains(h) && !SafetyHeaders.Contains(h) && operation is not null && documented?["headers"]?.AsObject().Any(d => string.Equals(d.Key, h, StringComparison.OrdinalIgnoreCase)) != true)
            .Select(h => $"the header {h} is not documented"));
        found.AddRange((documented?["headers"]?.AsObject() ?? [])
            .Where(h => (bool?)h.Value!["required"] == true && !answer.Headers.ContainsKey(h.Key))
            .Select(h => $"the header {h.Key} is missing"));
        return found;
    }

    private List<string> FindBodyErrors(JsonNode schema, FuzzAnswer answer)
    {
        JsonDocument body;
        try
        {
            body = JsonDocument.Parse(answer.Body);
        }
        catch (JsonException e)
        {
            return [$"the body is not JSON: {e.Message}"];
        }

        using (body)
        {
            var errors = Contract.FindErrors(schema, body.RootElement).Select(e => $"the body is not as documented: {e}").ToList();
            if (answer.Status >= 400 && answer.MediaType == "application/problem+json")
            {
                var problem = body.RootElement;
                if (problem.GetProperty("status").GetInt32() != answer.Status
                    || !problem.TryGetProperty("traceId", out var trace) || string.IsNullOrEmpty(trace.GetString())
                    || !problem.GetProperty("type").GetString()!.StartsWith("urn:partnermatch:problem:", StringComparison.Ordinal)
                    || (problem.GetProperty("type").GetString() == "urn:partnermatch:problem:invalid-request" && problem.GetProperty("errors").GetArrayLength() == 0))
                {
                    errors.Add("the problem does not say what it should: status, type, traceId, errors");
                }
            }

            return errors;
        }
    }

    /// <summary>A number that changes with each commit of the service.</summary>
    public async Task<long> DataVersionAsync()
    {
        using var command = _observer!.CreateCommand();
        command.CommandText = "pragma data_version";
        return (long)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>What is stored: a number for each table. What is kept of refused requests on purpose is left out.</summary>
    public async Task<IReadOnlyDictionary<string, string>> FingerprintAsync()
    {
        var tables = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var table in (await ReadAsync("select name from sqlite_master where type = 'table' and sql not like 'create virtual%'")).Select(row => (string)row[0]).Where(t => !Journals.Contains(t)))
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            foreach (var row in await ReadAsync(StoredByRequests.GetValueOrDefault(table, $"select * from \"{table}\" order by 1, 2")))
            {
                hash.AppendData(Encoding.UTF8.GetBytes(string.Join('|', row.Select(v => v is byte[] bytes ? Convert.ToHexString(bytes) : Convert.ToString(v, CultureInfo.InvariantCulture)))));
            }

            tables[table] = Convert.ToHexString(hash.GetHashAndReset());
        }

        return tables;
    }

    private async Task<List<object[]>> ReadAsync(string sql)
    {
        using var command = _observer!.CreateCommand();
        command.CommandText = sql;
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<object[]>();
        while (await reader.ReadAsync())
        {
            var row = new object[reader.FieldCount];
            reader.GetValues(row);
            rows.Add(row);
        }

        return rows;
    }
}
