using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace PartnerMatch.Fuzz;

/// <summary>
/// What the document cannot tell a machine: values that mean something to the service, members that hang together, and how to get at
/// resources in a certain state. An operation that the document adds is taken up by itself; where it needs a value that nobody knows, the
/// test fails and says which, and a line is added here.
/// </summary>
internal static class Recipes
{
    private const string SmallCorridorId = "few";

    /// <summary>Enterprises of the sample, of both sides of the default corridor.</summary>
    private static readonly string[] Enterprises = ["mzor", "swz", "bate", "avtovaz", "aviakor"];
    private static readonly string[] Competencies = ["28.41.22", "28.41", "28", "25.11", "43.29", "28.22.16", "24.51.13"];
    private static readonly string[] Regions = ["BY-HM", "BY-VI", "RU-SAM"];
    private static readonly string[] Languages = ["en", "ru", "be", "zh"];

    /// <summary>Values of members and parameters, by <c>Schema.member</c>, <c>operation.parameter</c>, or the bare name.</summary>
    private static readonly Dictionary<string, Func<Random, JsonNode>> Values = new(StringComparer.Ordinal)
    {
        ["activity"] = random => random.Pick(Competencies.Where(c => c.Length <= 5)),
        ["after"] = random => random.Next(5),
        ["asOf"] = _ => DateTimeOffset.UtcNow.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture),
        ["ListMatchRunResults.enterprise"] = _ => "mzor",
        ["ListAuditEntries.actor"] = _ => "anonymous",
        ["ListAuditEntries.from"] = random => Texts.PastTime(random),
        ["ListAuditEntries.resource"] = random => random.Pick(["enterprise", "corridor"]),
        ["ListAuditEntries.resourceId"] = random => random.Pick(Enterprises),
        ["ListAuditEntries.to"] = random => Texts.PastTime(random),
        ["AliasRequest.text"] = random => $"{Texts.Letters(random, 12)} {Texts.Letters(random, 8)}",
        ["certificates"] = random => Texts.List(random, Texts.Any),
        ["commonMarket"] = random => random.Pick([new JsonArray(), new JsonArray("BY"), new JsonArray("BY", "RU")]),
        ["competency"] = random => random.Pick(Competencies),
        ["corridor"] = _ => "by-ru-sam",
        ["CorridorRequest.id"] = random => Texts.Letters(random, random.Next(2, 40)),
        ["country"] = random => random.Pick(["BY", "RU"]),
        ["currency"] = random => random.Pick(["BYN", "RUB", "USD"]),
        ["email"] = random => $"{Texts.Letters(random, 8)}@example.com",
        ["enterprise"] = random => random.Pick(Enterprises),
        ["exposureCap"] = random => random.Next(1, 10),
        ["excludeEnterprises"] = random => Texts.List(random, r => r.Pick(Enterprises)),
        ["excludeRegions"] = random => Texts.List(random, r => r.Pick(Regions)),
        ["founded"] = random => random.Next(1000, 2026),
        ["Idempotency-Key"] = random => Texts.Letters(random, 24),
        ["identifiers"] = random => new JsonArray(new JsonObject { ["scheme"] = "unp", ["value"] = Texts.Unp(random) }),
        ["languages"] = random => Texts.List(random, r => r.Pick(Languages)),
        ["markets"] = random => Texts.List(random, r => r.Pick([.. Regions, "BY", "RU", "KZ"])),
        ["parent"] = random => random.Pick(Competencies),
        ["profile"] = random => random.Pick(["supplier", "manufacturing", "distribution"]),
        ["q"] = random => random.Pick(["lift", "станки", "mzor", "plant", "насос"]),
        ["region"] = random => random.Pick(Regions),
        ["version"] = _ => 1,
        ["sources"] = random => Texts.List(random, Texts.Any),
        ["url"] = random => $"https://{Texts.Letters(random, 9)}.example.com/hook",
        ["wait"] = _ => 0,
        ["website"] = random => $"https://{Texts.Letters(random, 9)}.example.com/{Uri.EscapeDataString(Texts.OfLength(random, 20))}",
    };

    /// <summary>Members whose value may be taken once only.</summary>
    private static readonly HashSet<string> Unique = new(StringComparer.Ordinal) { "EnterpriseRequest.identifiers", "EnterprisePatch.identifiers", "CorridorRequest.id", "AliasRequest.text" };

    /// <summary>Deletions that leave something to be read: a key that is revoked stays in sight.</summary>
    private static readonly HashSet<string> Kept = new(StringComparer.Ordinal) { "RevokeKey" };

    /// <summary>Operations whose requests take long: they get as few as allowed.</summary>
    private static readonly HashSet<string> Slow = new(StringComparer.Ordinal) { "AddAlias", "CancelImport", "CancelMatchRun", "DeleteMatchRun", "LearnWeights", "MeasureSensitivity", "RemoveAlias", "StartMatchRun" };

    /// <summary>Members that only make sense together with others, which the example keeps in step.</summary>
    private static readonly HashSet<string> Fixed = new(StringComparer.Ordinal)
    {
        "EnterpriseRequest.country", "EnterpriseRequest.region",
        "EnterprisePatch.country", "EnterprisePatch.region",
        "OfferEntry.code", "OfferEntry.confidence", "NeedEntry.code", "NeedEntry.confidence",
        "CorridorRequest.first", "CorridorRequest.second",
        "RankingProfileRequest.form", "LearningRequest.form",
        "ComparisonsRequest.judgements", "ComparisonsRequest.criteria", "ComparisonsRequest.matrix", "ComparisonsRequest.force",
        "Identifier.scheme", "Identifier.value",
    };

    /// <summary>Resources that exist only in a state that has to be brought about: the address for an operation, made anew each time.</summary>
    private static readonly Dictionary<string, Func<World, Random, Task<string>>> Addresses = new(StringComparer.Ordinal)
    {
        ["CancelImport"] = async (world, random) => await StartLongImportAsync(world, random) + "/cancel",
        ["CancelMatchRun"] = async (world, _) => await StartRunAsync(world, new JsonObject { ["side"] = "both", ["top"] = 100, ["minScore"] = 0 }) + "/cancel",
        ["DeleteMatchRun"] = (world, _) => FinishRunAsync(world),
        ["ExportMatchRunResults"] = async (world, _) => await world.OnceAsync("run", () => FinishRunAsync(world)) + "/results/export",
        ["LearnWeights"] = (world, _) => world.OnceAsync("decisions", () => DecideAsync(world)),
        ["ListMatchRunResults"] = async (world, _) => await world.OnceAsync("run", () => FinishRunAsync(world)) + "/results",
        ["MeasureSensitivity"] = (_, _) => Task.FromResult("/v1/enterprises/swz/matches/sensitivity"),
        ["RedeliverDeadLetter"] = (_, random) => Task.FromResult($"/v1/webhooks/{Texts.Letters(random, 8)}/dead-letters/{Texts.Letters(random, 8)}/redeliver"),
        ["WatchMatchRun"] = async (world, _) => await world.OnceAsync("run", () => FinishRunAsync(world)) + "/events",
    };

    /// <summary>Bodies of operations whose answers depend on the moment, so that they have no example.</summary>
    private static readonly Dictionary<string, Func<JsonNode>> Bodies = new(StringComparer.Ordinal)
    {
        ["LearnWeights"] = () => new JsonObject { ["name"] = "Learnt", ["form"] = "joint-venture" },
    };

    /// <summary>Operations that nothing can make succeed within a test, with the reason; their refusals are tried.</summary>
    private static readonly Dictionary<string, string> OutOfReach = new(StringComparer.Ordinal)
    {
        ["RedeliverDeadLetter"] = "a message becomes a dead letter after days without a receiver",
    };

    public static JsonNode? ValueOf(Random random, string owner, string name) =>
        Values.TryGetValue($"{owner}.{name}", out var value) || Values.TryGetValue(name, out value) ? value(random) : null;

    public static bool IsFixed(string owner, string name) => Fixed.Contains($"{owner}.{name}");

    /// <summary>A corridor with few enterprises on one side, whose pairs are ranked in no time.</summary>
    public static JsonObject SmallCorridor() => new() { ["id"] = SmallCorridorId, ["name"] = "Few", ["first"] = new JsonArray("BY-VI"), ["second"] = new JsonArray("RU-SAM") };

    public static bool IsUnique(string owner, string name) => Unique.Contains($"{owner}.{name}");

    public static bool IsKept(string operationId) => Kept.Contains(operationId);

    public static bool IsSlow(string operationId) => Slow.Contains(operationId);

    /// <summary>Brings in step what depends on each other across members or parameters.</summary>
    public static FuzzRequest Agree(string operationId, FuzzRequest request)
    {
        if (request.Json is JsonObject body)
        {
            AgreeMembers(operationId, body);
        }

        // A profile weighs one form; those that are shipped have its name.
        if (request.Query.FirstOrDefault(q => q.Key == "profile").Value is { } profile)
        {
            request = request.WithQuery("form", profile);
        }

        if (request.Json is JsonObject { } query && (string?)query["profile"] is { } chosen)
        {
            query["form"] = chosen;
        }

        // A time ends after it began.
        if (request.Query.FirstOrDefault(q => q.Key == "from").Value is { } from && request.Query.FirstOrDefault(q => q.Key == "to").Value is { } to && string.CompareOrdinal(to, from) <= 0)
        {
            request = request.WithoutQuery("to");
        }

        // Where a pair stands is told of now only.
        if (request.Query.Any(q => q.Key == "asOf"))
        {
            request = request.WithoutQuery("whyNot");
        }

        // Ids of resources of different kinds may be the same.
        if (request.Query.Any(q => q.Key == "resourceId"))
        {
            request = request.WithQuery("resource", "enterprise");
        }

        // Everybody is ranked a thousand times for each answer.
        if (operationId == "MeasureSensitivity")
        {
            request = request.WithQuery("corridor", SmallCorridorId);
        }

        // A joint venture is symmetric: a role goes with the other forms only.
        if (operationId is "RankPartners" or "MeasureSensitivity"
            && request.Query.Any(q => q.Key == "role") && request.Query.FirstOrDefault(q => q.Key == "form").Value is null or "joint-venture")
        {
            return request.WithQuery("form", "supplier");
        }

        // Nothing more is learnt from ranking all pairs of the sample each time.
        if (operationId == "RankPairs")
        {
            return request.WithQuery("corridor", SmallCorridorId);
        }

        // A market is balanced over both sides in whatever roles, and only a market has a cap. Many runs of the whole sample would go on for long.
        if (operationId == "StartMatchRun" && request.Json is JsonObject run)
        {
            run["corridor"] = SmallCorridorId;
            if ((string?)run["balance"] == "market")
            {
                run["side"] = "both";
                run.Remove("role");
            }
            else
            {
                run.Remove("exposureCap");
            }
        }

        return request;
    }

    private static void AgreeMembers(string operationId, JsonObject body)
    {
        if (operationId is "CreateWebhook" or "ReplaceWebhook")
        {
            // Nothing is sent anywhere.
            body["enabled"] = false;
        }

        if (operationId == "DecidePair")
        {
            // A rejection says why, an exclusion may, other decisions have no reason.
            if ((string?)body["decision"] is "accept" or "withdraw")
            {
                body.Remove("reason");
            }
            else if ((string?)body["decision"] == "reject" && body["reason"] is null)
            {
                body["reason"] = "not-needed";
            }

            if ((string?)body["reason"] == "other")
            {
                body["comment"] = "Something else.";
            }
        }

        if (body["role"] is not null && (string?)body["form"] is null or "joint-venture")
        {
            body["form"] = "supplier";
        }
    }

    /// <summary>Decisions enough to learn from: several pairs of several enterprises, some accepted, some rejected.</summary>
    private static async Task<string> DecideAsync(World world)
    {
        var sides = new List<string[]>();
        foreach (var region in new[] { "BY-HM", "RU-SAM" })
        {
            var found = await world.SendAsync(FuzzRequest.To("GET", $"/v1/enterprises?region={region}&status=published&limit=6"));
            sides.Add([.. found.Json!["items"]!.AsArray().Select(e => (string)e!["id"]!)]);
        }

        foreach (var (a, i) in sides[0].Select((a, i) => (a, i)))
        {
            foreach (var (b, j) in sides[1].Select((b, j) => (b, j)))
            {
                var decision = (i + j) % 2 == 0 ? new JsonObject { ["decision"] = "accept" } : new JsonObject { ["decision"] = "reject", ["reason"] = "not-needed" };
                await world.SendAsync(new FuzzRequest("POST", $"/v1/pairs/{a}/{b}/decisions") { ContentType = "application/json", Json = decision });
            }
        }

        return "/v1/ranking-profiles/from-decisions";
    }

    public static JsonNode? BodyOf(string operationId) => Bodies.TryGetValue(operationId, out var body) ? body() : null;

    /// <summary>Why the operation cannot succeed within a test, or null where it can.</summary>
    public static string? WhyOutOfReach(string operationId) => OutOfReach.GetValueOrDefault(operationId);

    public static Func<World, Random, Task<string>>? AddressOf(string operationId) => Addresses.GetValueOrDefault(operationId);

    /// <summary>An import that is still under way when the next request comes: the caller does not wait for it, and its rows take long.</summary>
    private static async Task<string> StartLongImportAsync(World world, Random random)
    {
        var rows = new StringBuilder("name_en,country,region,makes\n");
        for (var row = 0; row < 20_000; row++)
        {
            rows.Append(CultureInfo.InvariantCulture, $"Long {Texts.Letters(random, 6)} {row},BY,BY-HM,steel castings\n");
        }

        var request = (FuzzRequest.To("POST", "/v1/enterprises/import?dryRun=true") with { ContentType = "text/csv" }).WithText(rows.ToString()).WithHeader("Prefer", "respond-async");
        return (await world.SendAsync(request)).Headers["Location"];
    }

    private static async Task<string> StartRunAsync(World world, JsonObject order) =>
        (await world.SendAsync(new FuzzRequest("POST", "/v1/match-runs") { ContentType = "application/json", Json = order })).Headers["Location"];

    /// <summary>A run that is done: it has results, and may be removed.</summary>
    private static async Task<string> FinishRunAsync(World world)
    {
        var location = await StartRunAsync(world, new JsonObject { ["enterprises"] = new JsonArray("mzor"), ["form"] = "supplier", ["top"] = 3 });
        await world.WaitAsync(location, "done");
        return location;
    }

    private static T Pick<T>(this Random random, IEnumerable<T> values) => random.GetItems(values.ToArray(), 1)[0];
}

/// <summary>Texts as people write them, and as nobody should have to.</summary>
internal static class Texts
{
    private static readonly string[] Words = ["Plant", "завод", "Gomel", "Тольятти", "é́", "漢字", "🚜", "<b>", "'; --", "ﬁ", "O'Neil", "\"quoted\"", "%41", "a\tb", "İ", "ß", "ي", "=1+1", "й"];

    /// <summary>Not blank, and at most <paramref name="length"/> UTF-16 units.</summary>
    public static string OfLength(Random random, int length)
    {
        var text = new StringBuilder(Letters(random, 1));
        while (text.Length < length)
        {
            var word = Words[random.Next(Words.Length)];
            text.Append(word.Length + 1 <= length - text.Length ? " " + word : Letters(random, length - text.Length));
        }

        return text.ToString();
    }

    public static JsonNode Any(Random random) => OfLength(random, random.Next(1, 40));

    public static string Letters(Random random, int length) => new(random.GetItems("abcdefghijklmnopqrstuvwxyz".AsSpan(), length));

    /// <summary>One to three different entries.</summary>
    public static JsonArray List(Random random, Func<Random, JsonNode> entry) =>
        [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => entry(random)).DistinctBy(e => e.ToJsonString()).ToArray()];

    public static string PastTime(Random random) => new DateTime(2020 + random.Next(6), 1 + random.Next(12), 1, random.Next(24), 0, 0, DateTimeKind.Utc).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);

    /// <summary>A Belarusian taxpayer number with a right check digit.</summary>
    public static string Unp(Random random)
    {
        int[] weights = [29, 23, 19, 17, 13, 7, 5, 3];
        while (true)
        {
            var digits = Enumerable.Range(0, 8).Select(i => i == 0 ? random.Next(1, 8) : random.Next(10)).ToArray();
            var check = digits.Zip(weights, (d, w) => d * w).Sum() % 11;
            if (check < 10)
            {
                return string.Concat(digits) + check.ToString(CultureInfo.InvariantCulture);
            }
        }
    }
}
