using System.Text.Json.Nodes;

namespace PartnerMatch.Api.Tests;

/// <summary>
/// What of a newer OpenAPI document breaks a client of an older one: a client may send all that it sent, and reads all that it read. The rules
/// are those of oasdiff for removals, new obligations and narrower or wider types.
/// </summary>
internal sealed class Compatibility
{
    private const string ComponentPrefix = "#/components/schemas/";
    private static readonly string[] Methods = ["get", "put", "post", "delete", "patch"];
    private readonly JsonNode _older;
    private readonly JsonNode _newer;
    private readonly List<string> _found = [];
    private readonly HashSet<string> _compared = [];

    private Compatibility(JsonNode older, JsonNode newer)
    {
        _older = older;
        _newer = newer;
    }

    private enum Direction
    {
        /// <summary>What clients send: nothing of it may be refused that was taken.</summary>
        Request,

        /// <summary>What clients read: nothing of it may be missing or unknown.</summary>
        Response,
    }

    /// <summary>The breaking changes, each with its place; empty where there are none.</summary>
    public static IReadOnlyList<string> FindBreaks(JsonNode older, JsonNode newer)
    {
        var compatibility = new Compatibility(older, newer);
        compatibility.CompareOperations();
        return compatibility._found;
    }

    private void CompareOperations()
    {
        foreach (var (path, operations) in _older["paths"]!.AsObject())
        {
            foreach (var (method, before) in operations!.AsObject().Where(o => Methods.Contains(o.Key)))
            {
                var place = $"{method.ToUpperInvariant()} {path}";
                if (_newer["paths"]?[path]?[method] is not { } after)
                {
                    _found.Add($"{place} is gone");
                    continue;
                }

                if ((string?)before!["operationId"] != (string?)after["operationId"])
                {
                    _found.Add($"{place} has another operationId: generated clients name their methods by it");
                }

                CompareParameters(place, before, after);
                CompareBodies(place, before, after);
                CompareResponses(place, before, after);
            }
        }
    }

    private void CompareParameters(string place, JsonNode before, JsonNode after)
    {
        var known = ParametersOf(before);
        var now = ParametersOf(after);
        foreach (var (key, parameter) in known)
        {
            if (!now.TryGetValue(key, out var changed))
            {
                _found.Add($"{place}: the parameter {key} is gone");
                continue;
            }

            if (!IsRequired(parameter) && IsRequired(changed))
            {
                _found.Add($"{place}: the parameter {key} is required now");
            }

            CompareSchemas($"{place}: {key}", parameter["schema"]!, changed["schema"]!, Direction.Request);
        }

        _found.AddRange(now.Where(p => !known.ContainsKey(p.Key) && IsRequired(p.Value)).Select(p => $"{place}: the parameter {p.Key} is new and required"));
    }

    private void CompareBodies(string place, JsonNode before, JsonNode after)
    {
        if (before["requestBody"] is null && after["requestBody"] is { } demanded && IsRequired(demanded))
        {
            _found.Add($"{place}: a body is required now");
        }

        foreach (var (type, media) in before["requestBody"]?["content"]?.AsObject() ?? [])
        {
            if (after["requestBody"]?["content"]?[type] is not { } taken)
            {
                _found.Add($"{place}: {type} is no longer taken");
            }
            else if (media!["schema"] is { } schema)
            {
                CompareSchemas($"{place}: body", schema, taken["schema"]!, Direction.Request);
            }
        }
    }

    private void CompareResponses(string place, JsonNode before, JsonNode after)
    {
        foreach (var (status, response) in before["responses"]!.AsObject())
        {
            if (after["responses"]![status] is not { } answer)
            {
                if (status.StartsWith('2'))
                {
                    _found.Add($"{place}: the answer {status} is gone");
                }

                continue;
            }

            foreach (var header in (response!["headers"]?.AsObject() ?? []).Where(h => answer["headers"]?[h.Key] is null))
            {
                _found.Add($"{place}: {status} has no header {header.Key} any more");
            }

            foreach (var (type, media) in response["content"]?.AsObject() ?? [])
            {
                if (answer["content"]?[type] is not { } given)
                {
                    _found.Add($"{place}: {status} is no longer had as {type}");
                }
                else if (media!["schema"] is { } schema && given["schema"] is { } changed)
                {
                    CompareSchemas($"{place}: {status}", schema, changed, Direction.Response);
                }
            }
        }
    }

    private void CompareSchemas(string place, JsonNode before, JsonNode after, Direction direction)
    {
        // Where there is a choice now, what was there must be among it. The others answer requests that older clients do not send, as with a key of idempotency.
        if (after["anyOf"] is JsonArray choices)
        {
            after = choices.FirstOrDefault(c => (string?)c!["$ref"] == (string?)before["$ref"]) ?? after;
        }

        // A schema may contain itself; each pair is compared once.
        if (before["$ref"] is { } left && after["$ref"] is { } right && !_compared.Add($"{direction} {left} {right}"))
        {
            return;
        }

        var older = Resolve(_older, before);
        var newer = Resolve(_newer, after);
        var was = TypesOf(_older, before);
        var becomes = TypesOf(_newer, after);
        if (was.Count > 0 && becomes.Count > 0 && (direction == Direction.Request ? was.Except(becomes) : becomes.Except(was)).ToArray() is { Length: > 0 } types)
        {
            _found.Add(direction == Direction.Request ? $"{place} no longer takes {string.Join(", ", types)}" : $"{place} may be {string.Join(", ", types)} now");
        }

        CompareEnums(place, older, newer, direction);
        CompareMembers(place, older, newer, direction);
        if (direction == Direction.Request)
        {
            CompareLimits(place, older, newer);
        }

        foreach (var inner in new[] { "items", "additionalProperties" })
        {
            if (older[inner] is JsonObject item && newer[inner] is JsonObject other)
            {
                CompareSchemas($"{place}[]", item, other, direction);
            }
        }
    }

    private void CompareEnums(string place, JsonObject older, JsonObject newer, Direction direction)
    {
        if (newer["enum"] is not JsonArray values)
        {
            return;
        }

        if (older["enum"] is not JsonArray known)
        {
            if (direction == Direction.Request)
            {
                _found.Add($"{place} takes only certain values now");
            }

            return;
        }

        _found.AddRange(known.Select(v => (string?)v).Except(values.Select(v => (string?)v)).Select(v => $"{place} has no value {v} any more"));
    }

    private void CompareMembers(string place, JsonObject older, JsonObject newer, Direction direction)
    {
        var properties = newer["properties"]?.AsObject() ?? [];
        var required = RequiredOf(newer);
        foreach (var (name, property) in older["properties"]?.AsObject() ?? [])
        {
            if (!properties.TryGetPropertyValue(name, out var changed))
            {
                _found.Add($"{place}.{name} is gone");
                continue;
            }

            CompareSchemas($"{place}.{name}", property!, changed!, direction);
        }

        var obligations = direction == Direction.Request ? required.Except(RequiredOf(older)) : RequiredOf(older).Except(required).Where(properties.ContainsKey);
        _found.AddRange(obligations.Select(name => direction == Direction.Request ? $"{place}.{name} is required now" : $"{place}.{name} may be missing now"));
    }

    private void CompareLimits(string place, JsonObject older, JsonObject newer)
    {
        foreach (var limit in new[] { "maximum", "maxLength", "maxItems", "exclusiveMaximum" })
        {
            if ((double?)newer[limit] is { } now && ((double?)older[limit] is not { } was || now < was))
            {
                _found.Add($"{place} has a lower {limit}");
            }
        }

        foreach (var limit in new[] { "minimum", "minLength", "minItems", "exclusiveMinimum" })
        {
            if ((double?)newer[limit] is { } now && ((double?)older[limit] is not { } was || now > was))
            {
                _found.Add($"{place} has a higher {limit}");
            }
        }

        if (newer["pattern"] is { } pattern && (string?)older["pattern"] != (string?)pattern)
        {
            _found.Add($"{place} has another pattern");
        }
    }

    /// <summary>The schema behind references and the choice of null.</summary>
    private static JsonObject Resolve(JsonNode document, JsonNode schema)
    {
        var chosen = schema["oneOf"] is JsonArray choices ? choices.FirstOrDefault(c => !IsNull(c!)) ?? schema : schema;
        return chosen["$ref"] is { } reference ? Resolve(document, document["components"]!["schemas"]![((string)reference!)[ComponentPrefix.Length..]]!) : chosen.AsObject();
    }

    private static HashSet<string> TypesOf(JsonNode document, JsonNode schema)
    {
        var types = Resolve(document, schema)["type"] switch
        {
            JsonArray several => several.Select(t => (string)t!).ToHashSet(StringComparer.Ordinal),
            JsonValue one => [(string)one!],
            _ => [],
        };
        if (schema["oneOf"] is JsonArray choices && choices.Any(c => IsNull(c!)))
        {
            types.Add("null");
        }

        return types;
    }

    private static bool IsNull(JsonNode schema) => schema["type"] is JsonValue type && (string?)type == "null";

    private static IEnumerable<string> RequiredOf(JsonObject schema) => (schema["required"]?.AsArray() ?? []).Select(r => (string)r!);

    private static bool IsRequired(JsonNode node) => (bool?)node["required"] == true;

    private static Dictionary<string, JsonNode> ParametersOf(JsonNode operation) =>
        (operation["parameters"]?.AsArray() ?? []).ToDictionary(p => $"{p!["in"]} {p["name"]}", p => p!, StringComparer.Ordinal);
}
