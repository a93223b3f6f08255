using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Json.Schema;

namespace PartnerMatch.Fuzz;

/// <summary>The OpenAPI document as the service serves it: what each operation takes and what it may answer.</summary>
public sealed class Contract
{
    private const string ComponentPrefix = "#/components/schemas/";
    private static readonly string[] Methods = ["get", "put", "post", "delete", "patch"];
    private static readonly EvaluationOptions Evaluation = new() { OutputFormat = OutputFormat.List, RequireFormatValidation = true };

    private readonly JsonObject _document;
    private readonly JsonObject _definitions;
    private readonly Dictionary<JsonNode, JsonSchema> _validators = [];

    public Contract(JsonObject document)
    {
        _document = document;

        // A schema stands for itself: its references lead to definitions beside it.
        _definitions = JsonNode.Parse(document["components"]!["schemas"]!.ToJsonString().Replace(ComponentPrefix, "#/$defs/", StringComparison.Ordinal))!.AsObject();
        Operations = [.. document["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject()
            .Where(operation => Methods.Contains(operation.Key))
            .Select(operation => new Operation(path.Key, operation.Key.ToUpperInvariant(), operation.Value!.AsObject())))];
    }

    public IReadOnlyList<Operation> Operations { get; }

    public Operation? Find(string method, string path) => Operations.FirstOrDefault(o => o.Method == method && o.Path == path);

    /// <summary>The schema that a reference leads to, or the schema itself.</summary>
    public JsonObject Resolve(JsonNode schema)
    {
        var resolved = schema.AsObject();
        while (resolved["$ref"] is { } reference)
        {
            resolved = _document["components"]!["schemas"]![((string)reference!)[ComponentPrefix.Length..]]!.AsObject();
        }

        return resolved;
    }

    /// <summary>The name of a referenced schema, or an empty string.</summary>
    public static string NameOf(JsonNode schema) => schema["$ref"] is { } reference ? ((string)reference!)[ComponentPrefix.Length..] : "";

    /// <summary>What is wrong with a body by its schema; empty where nothing is.</summary>
    public IReadOnlyList<string> FindErrors(JsonNode schema, JsonElement body)
    {
        if (!_validators.TryGetValue(schema, out var validator))
        {
            var standalone = JsonNode.Parse(schema.ToJsonString().Replace(ComponentPrefix, "#/$defs/", StringComparison.Ordinal))!.AsObject();
            standalone["$defs"] = _definitions.DeepClone();
            _validators[schema] = validator = JsonSchema.FromText(standalone.ToJsonString());
        }

        var result = validator.Evaluate(body, Evaluation);
        return result.IsValid ? [] : [.. (result.Details ?? []).Where(d => d.Errors is not null).SelectMany(d => d.Errors!.Select(e => $"{d.InstanceLocation}: {e.Value}")).Take(5)];
    }
}

/// <summary>One operation of the document.</summary>
public sealed class Operation(string path, string method, JsonObject description)
{
    public string Id => (string)description["operationId"]!;

    public string Path => path;

    public string Method => method;

    public bool IsSafe => method == "GET";

    public IReadOnlyList<JsonObject> Parameters { get; } = [.. (description["parameters"]?.AsArray() ?? []).Select(p => p!.AsObject())];

    /// <summary>The body's schema by media type; empty where there is no body.</summary>
    public IReadOnlyDictionary<string, JsonNode> Bodies { get; } = (description["requestBody"]?["content"]?.AsObject() ?? [])
        .ToDictionary(c => c.Key, c => c.Value!["schema"]!, StringComparer.Ordinal);

    /// <summary>The scope that a caller must hold; null where the operation is open to all.</summary>
    public string? Scope { get; } = (string?)(description["security"]?.AsArray() ?? []).SingleOrDefault()?["bearer"]![0];

    /// <summary>The largest body, in bytes, where the document has the number.</summary>
    public int? MaxBodySize { get; } = Regex.Match((string?)description["responses"]!["413"]?["description"] ?? "", "[0-9]{4,}") is { Success: true } size ? int.Parse(size.Value, CultureInfo.InvariantCulture) : null;

    /// <summary>Some operations can do without the body that they describe.</summary>
    public bool RequiresBody => (bool?)description["requestBody"]?["required"] == true;

    public JsonObject Responses => description["responses"]!.AsObject();

    public IEnumerable<JsonObject> In(string place) => Parameters.Where(p => (string)p["in"]! == place);

    public JsonObject? Header(string name) => In("header").FirstOrDefault(p => string.Equals((string)p["name"]!, name, StringComparison.OrdinalIgnoreCase));

    public override string ToString() => Id;
}
