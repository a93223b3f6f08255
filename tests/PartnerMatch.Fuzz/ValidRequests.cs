using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace PartnerMatch.Fuzz;

/// <summary>Requests that must succeed: an example, with whatever the document says may be different made different.</summary>
internal sealed class ValidRequests(Contract contract, Random random)
{
    /// <summary>Texts longer than this say nothing new, and make a list of two hundred of them large.</summary>
    private const int LongText = 1000;

    public FuzzRequest Vary(Operation operation, FuzzRequest example)
    {
        var request = example.With("valid by the document");
        foreach (var parameter in operation.In("query"))
        {
            var name = (string)parameter["name"]!;
            var isRequired = (bool?)parameter["required"] == true;
            if (name != "cursor" && random.Next(3) == 0)
            {
                request = !isRequired && random.Next(3) == 0 ? request.WithoutQuery(name)
                    : NewValue(parameter["schema"]!, operation.Id, name) is { } value ? request.WithQuery(name, ToText(value))
                    : throw new InvalidOperationException($"{operation.Id}: nothing is known of the values of the parameter '{name}'. Say more in its schema, or add it to Recipes.Values.");
            }
        }

        foreach (var parameter in operation.In("header").Where(p => random.Next(3) == 0))
        {
            var name = (string)parameter["name"]!;
            if (NewValue(parameter["schema"]!, operation.Id, name) is { } value)
            {
                request = request.WithHeader(name, ToText(value));
            }
        }

        if (example.Json is not null && BodyOf(operation, example) is { } schema)
        {
            request = request with { Json = Vary(example.Json, schema) };
        }

        return Recipes.Agree(operation.Id, request);
    }

    /// <summary>The schema of the JSON that a request carries.</summary>
    public static JsonNode? BodyOf(Operation operation, FuzzRequest request) =>
        operation.Bodies.GetValueOrDefault(request.ContentType?.Split(';')[0] ?? "") ?? operation.Bodies.FirstOrDefault(b => b.Key.EndsWith("json", StringComparison.Ordinal)).Value;

    private JsonNode? Vary(JsonNode? value, JsonNode schema)
    {
        var (resolved, owner) = Unwrap(schema);
        return value switch
        {
            JsonObject members when resolved["properties"] is JsonObject properties => VaryObject(members, properties, resolved, owner),
            JsonArray items when resolved["items"] is { } item => new JsonArray([.. items.Select(i => Vary(i, item))]),
            _ => value?.DeepClone(),
        };
    }

    private JsonObject VaryObject(JsonObject members, JsonObject properties, JsonObject schema, string owner)
    {
        var required = (schema["required"]?.AsArray() ?? []).Select(r => (string)r!).ToHashSet(StringComparer.Ordinal);
        var result = new JsonObject();
        foreach (var (name, property) in properties)
        {
            var isGiven = members.TryGetPropertyValue(name, out var value);
            if (Recipes.IsFixed(owner, name))
            {
                if (isGiven)
                {
                    result[name] = value?.DeepClone();
                }

                continue;
            }

            switch (random.Next(8))
            {
                case 0 when !required.Contains(name):
                    break;
                case 1 when IsNullable(property!) && !required.Contains(name):
                    result[name] = null;
                    break;
                case 2 or 3 when NewValue(property!, owner, name) is { } other:
                    result[name] = other;
                    break;
                default:
                    if (isGiven)
                    {
                        result[name] = Recipes.IsUnique(owner, name) ? Recipes.ValueOf(random, owner, name) : Vary(value, property!);
                    }

                    break;
            }
        }

        // Members that the schema leaves open stay as they are.
        foreach (var (name, value) in members.Where(m => !properties.ContainsKey(m.Key)))
        {
            result[name] = value?.DeepClone();
        }

        return result;
    }

    /// <summary>A value that the schema and the recipes allow, or null where they do not tell.</summary>
    private JsonNode? NewValue(JsonNode schema, string owner, string name)
    {
        if (Recipes.ValueOf(random, owner, name) is { } known)
        {
            return known;
        }

        var (resolved, _) = Unwrap(schema);
        if (resolved["enum"] is JsonArray values)
        {
            return values[random.Next(values.Count)]!.DeepClone();
        }

        var types = TypesOf(resolved);
        return types.Contains("boolean") ? JsonValue.Create(random.Next(2) == 0)
            : types.Contains("integer") && Bounds(resolved) is var (low, high) ? JsonValue.Create((long)Between(Math.Ceiling(low), Math.Floor(high), 1))
            : types.Contains("number") && Bounds(resolved) is var (from, to) ? JsonValue.Create(Math.Round(Between(from, to, (to - from) / 1000), 6))
            : types.Contains("string") && IsFreeText(resolved) ? Texts.OfLength(random, LengthOf(resolved))
            : null;

        double Between(double first, double last, double step) => random.Next(6) switch
        {
            0 => first,
            1 => last,
            2 => Math.Min(first + step, last),
            _ => Math.Clamp(first + (random.NextDouble() * (last - first)), first, last),
        };
    }

    private int LengthOf(JsonObject schema)
    {
        var (shortest, longest) = ((int?)schema["minLength"] ?? 1, (int)schema["maxLength"]!);
        return random.Next(8) switch
        {
            0 => Math.Max(1, shortest),
            1 => Math.Min(longest, Math.Max(LongText, shortest)),
            _ => random.Next(Math.Max(1, shortest), Math.Min(longest, Math.Max(60, shortest)) + 1),
        };
    }

    /// <summary>Words that mean nothing to the service but themselves.</summary>
    private static bool IsFreeText(JsonObject schema) => schema["maxLength"] is not null && schema["pattern"] is null && schema["format"] is null;

    private static (double Low, double High)? Bounds(JsonObject schema)
    {
        var (low, high) = ((double?)schema["minimum"], (double?)schema["maximum"]);

        // The nearest number that an exclusive bound leaves, as far as it matters here.
        low ??= (double?)schema["exclusiveMinimum"] is { } above ? above + (TypesOf(schema).Contains("integer") ? 1 : 0.001) : null;
        high ??= (double?)schema["exclusiveMaximum"] is { } below ? below - (TypesOf(schema).Contains("integer") ? 1 : 0.001) : null;
        return low is { } from && high is { } to ? (from, to) : null;
    }

    /// <summary>The schema behind references and the choice of null, with its name.</summary>
    private (JsonObject Schema, string Name) Unwrap(JsonNode schema)
    {
        var chosen = schema["oneOf"] is JsonArray choices ? choices.First(c => (string?)c!["type"] is not "null")! : schema;
        return (contract.Resolve(chosen), Contract.NameOf(chosen));
    }

    private static bool IsNullable(JsonNode schema) => TypesOf(schema).Contains("null") || (schema["oneOf"] is JsonArray choices && choices.Any(c => c!["type"] is JsonValue type && (string?)type == "null"));

    public static IReadOnlyList<string> TypesOf(JsonNode schema) => schema["type"] switch
    {
        JsonArray types => [.. types.Select(t => (string)t!)],
        JsonValue type => [(string)type!],
        _ => [],
    };

    private static string ToText(JsonNode value) => value.GetValueKind() == JsonValueKind.String ? (string)value!
        : value.GetValueKind() == JsonValueKind.Number ? value.GetValue<object>() is IFormattable number ? number.ToString(null, CultureInfo.InvariantCulture) : value.ToJsonString()
        : value.ToJsonString();
}
