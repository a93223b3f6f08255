using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;

namespace PartnerMatch.Api.Tests;

/// <summary>
/// The published document equals the served one, and every example in it is what the service answers. After a wanted change run the tests once
/// with UPDATE_CONTRACT=1, build, run them again so, and review the difference.
/// </summary>
public sealed class ContractTests(SampleFixture api) : IClassFixture<SampleFixture>
{
    /// <summary>In an order in which no change comes before a read.</summary>
    private static readonly string[] Order = ["GET", "POST", "PATCH", "PUT"];
    private static readonly string[] Volatile = ["id", "createdAt", "updatedAt", "startedAt", "finishedAt", "changedAt", "decidedAt", "occurredAt", "secret", "prefix", "lastUsedAt", "at", "position"];

    /// <summary>What they answer depends on the moment, or on more decisions than an example makes.</summary>
    private static readonly string[] Unreplayed = ["CancelImport", "CancelMatchRun", "LearnWeights", "RedeliverDeadLetter", "WatchMatchRun"];

    /// <summary>What requests may hold without a bound in the document: files, what is as many as the service knows, and what answers hold too, with rounding.</summary>
    private static readonly string[] Unbounded =
    [
        "ImportEnterprises", "KeyRequest.scopes", "WebhookRequest.types", "WebhookRequest.types[]",
        "ComparisonsRequest.judgements", "ComparisonsRequest.criteria", "ComparisonsRequest.criteria[]",
        "ComparisonsRequest.matrix", "ComparisonsRequest.matrix[]", "ComparisonsRequest.matrix[][]",
        "JudgementItem.component", "JudgementItem.other", "JudgementItem.intensity",
    ];

    private static readonly bool Update = Environment.GetEnvironmentVariable("UPDATE_CONTRACT") == "1";
    private readonly HttpClient _client = api.Connect();

    [Fact]
    public async Task The_published_document_is_the_one_that_is_served()
    {
        var file = Path.Combine(OpenApiFolder(), "partnermatch.v1.json");
        var served = JsonNode.Parse(await _client.GetStringAsync("/openapi/v1.json"))!.ToJsonString(ClientExtensions.Indented) + "\n";
        if (Update)
        {
            await File.WriteAllTextAsync(file, served);
        }

        Assert.Equal(await File.ReadAllTextAsync(file), served);
    }

    [Fact]
    public async Task Every_reference_resolves_and_every_enum_value_is_a_word()
    {
        var document = JsonNode.Parse(await _client.GetStringAsync("/openapi/v1.json"))!;
        var schemas = document["components"]!["schemas"]!.AsObject();
        var references = System.Text.RegularExpressions.Regex.Matches(document.ToJsonString(), "\"#/components/schemas/([^\"]+)\"").Select(m => m.Groups[1].Value).ToHashSet();
        Assert.Subset(schemas.Select(s => s.Key).ToHashSet(), references);
        Assert.All(schemas.Where(s => s.Value!["enum"] is not null), s => Assert.DoesNotContain(s.Value!["enum"]!.AsArray(), v => v is null));
        Assert.Null(schemas["EnterprisePatch"]!["required"]);
    }

    [Fact]
    public async Task How_long_and_large_what_is_sent_may_be_is_told()
    {
        var document = JsonNode.Parse(await _client.GetStringAsync("/openapi/v1.json"))!;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var operations = document["paths"]!.AsObject().SelectMany(p => p.Value!.AsObject().Select(o => o.Value!));
        var unbounded = operations
            .Where(o => o["requestBody"] is not null)
            .SelectMany(o => o["requestBody"]!["content"]!.AsObject().SelectMany(c => FindUnbounded((string)o["operationId"]!, c.Value!["schema"]!)));
        Assert.Equal(Unbounded.Order(StringComparer.Ordinal), unbounded.Distinct().Order(StringComparer.Ordinal));

        IEnumerable<string> FindUnbounded(string place, JsonNode schema)
        {
            if ((string?)schema["$ref"] is { } reference)
            {
                var name = reference.Split('/')[^1];
                return seen.Add(name) ? FindUnbounded(name, document["components"]!["schemas"]![name]!) : [];
            }

            string[] types = schema["type"] switch { JsonArray several => [.. several.Select(t => (string)t!)], JsonValue one => [(string)one!], _ => [] };
            string[] bounds = types.Contains("string") ? ["maxLength", "pattern", "enum", "format"] : types.Contains("array") ? ["maxItems"] : types.Contains("number") || types.Contains("integer") ? ["maximum"] : [];
            var own = bounds.Length > 0 && !bounds.Any(b => schema[b] is not null) ? [place] : Array.Empty<string>();
            return own
                .Concat((schema["oneOf"]?.AsArray() ?? []).SelectMany(choice => FindUnbounded(place, choice!)))
                .Concat((schema["properties"]?.AsObject() ?? []).SelectMany(p => FindUnbounded($"{place}.{p.Key}", p.Value!)))
                .Concat(schema["items"] is { } entry ? FindUnbounded(place + "[]", entry) : [])
                .Concat(schema["additionalProperties"] is JsonObject value ? FindUnbounded(place + ".*", value) : []);
        }
    }

    [Fact]
    public async Task Every_operation_is_described_and_its_examples_are_true()
    {
        var document = JsonNode.Parse(await _client.GetStringAsync("/openapi/v1.json"))!;
        Assert.StartsWith("3.1", (string)document["openapi"]!, StringComparison.Ordinal);
        var operations = document["paths"]!.AsObject().SelectMany(p => p.Value!.AsObject().Select(o => o.Value!)).ToArray();
        Assert.Equal(operations.Length, operations.Select(o => (string)o["operationId"]!).Distinct().Count());
        Assert.All(operations, o =>
        {
            Assert.NotEmpty((string)o["summary"]!);
            Assert.NotEmpty(o["tags"]!.AsArray());
            Assert.True(o["responses"]!["200"] is null && o["responses"]!["201"] is null || File.Exists(ExampleFile(o)) || Unreplayed.Contains((string)o["operationId"]!), $"{o["operationId"]} has no example");
        });
        foreach (var file in Directory.EnumerateFiles(Path.Combine(OpenApiFolder(), "examples"))
            .OrderBy(f => Array.IndexOf(Order, (string)Read(f)["method"]!))
            .ThenByDescending(f => f, StringComparer.Ordinal))
        {
            var example = Read(file);
            var path = (string)example["path"]!;
            if (example["before"] is { } before)
            {
                using var first = await _client.PostAsync((string)before["path"]!, ContentOf(before));
                path = path.Replace("{id}", (string)JsonNode.Parse(await first.Content.ReadAsStringAsync())!["id"]!, StringComparison.Ordinal);
                if (example["before"]!["until"] is { } state)
                {
                    Assert.Equal((string)state!, (string)(await _client.WaitAsync(first.Headers.Location!.ToString()))["state"]!);
                }
            }

            using var request = new HttpRequestMessage(new HttpMethod((string)example["method"]!), path);
            request.Content = ContentOf(example);
            if (example["ifMatch"] is { } version)
            {
                request.Headers.TryAddWithoutValidation("If-Match", (string)version!);
            }

            using var response = await _client.SendAsync(request);
            var body = await response.Content.ReadAsStringAsync();
            var answer = response.Content.Headers.ContentType?.MediaType?.EndsWith("json", StringComparison.Ordinal) == true ? JsonNode.Parse(body) : JsonValue.Create(body);
            Assert.True(response.IsSuccessStatusCode, $"{Path.GetFileName(file)}: {answer}");
            var difference = FindDifference(Path.GetFileName(file), example["response"], answer);
            if (Update && difference is not null)
            {
                example["response"] = answer!.DeepClone();
                await File.WriteAllTextAsync(file, example.ToJsonString(ClientExtensions.Indented) + "\n");
                difference = null;
            }

            Assert.True(difference is null, difference);
        }
    }

    /// <summary>The first difference besides what differs at each run (given ids, times, the last digits of a number), or null.</summary>
    private static string? FindDifference(string place, JsonNode? expected, JsonNode? actual) => (expected, actual) switch
    {
        (JsonObject left, JsonObject right) when left.Select(m => m.Key).SequenceEqual(right.Select(m => m.Key)) =>
            left.Where(m => !Volatile.Contains(m.Key)).Select(m => FindDifference($"{place}.{m.Key}", m.Value, right[m.Key])).FirstOrDefault(d => d is not null),
        (JsonArray left, JsonArray right) when left.Count == right.Count =>
            left.Zip(right).Select((pair, i) => FindDifference($"{place}[{i}]", pair.First, pair.Second)).FirstOrDefault(d => d is not null),
        (JsonValue left, JsonValue right) when left.TryGetValue<double>(out var a) && right.TryGetValue<double>(out var b) && Math.Abs(a - b) < 1e-9 => null,
        _ => JsonNode.DeepEquals(expected, actual) ? null : $"{place}: {expected} is now {actual}",
    };

    private static StringContent? ContentOf(JsonNode example) => example["request"] is not { } request ? null
        : example["contentType"] is { } type ? ClientExtensions.Json((string)request!, (string)type!)
        : ClientExtensions.Json(request.ToJsonString());

    private static string ExampleFile(JsonNode operation) => Path.Combine(OpenApiFolder(), "examples", $"{operation["operationId"]}.json");

    private static JsonNode Read(string file) => JsonNode.Parse(File.ReadAllText(file))!;

    private static string OpenApiFolder([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "openapi"));
}
