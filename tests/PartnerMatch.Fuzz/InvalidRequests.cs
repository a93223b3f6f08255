using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace PartnerMatch.Fuzz;

/// <summary>Requests with one thing wrong: those that must be refused, and those that may go either way but never bring the service down.</summary>
internal sealed class InvalidRequests(Contract contract, Random random)
{
    private const string Unknown = "noSuchThing";
    private static readonly string[] OtherTypes = ["text/plain", "application/xml", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded", "image/png", "nonsense"];

    /// <summary>Everything that can be made wrong about a valid request by the document; empty where nothing can.</summary>
    public IReadOnlyList<FuzzRequest> Breakages(Operation operation, FuzzRequest valid)
    {
        var broken = new List<FuzzRequest>();
        if (operation.Responses.ContainsKey("400"))
        {
            broken.Add(valid.WithQuery(Texts.Letters(random, 6), "1").With("unknown parameter"));
        }

        broken.AddRange(operation.In("query").SelectMany(p => BreakParameter(valid, p)));
        if (operation.Responses.ContainsKey("404"))
        {
            broken.AddRange(BreakPath(operation, valid));
        }

        broken.AddRange(BreakPreconditions(operation, valid));
        if (ValidRequests.BodyOf(operation, valid) is { } schema && valid.Json is not null)
        {
            broken.AddRange(BreakBody(operation, valid));
            broken.AddRange(BreakMembers(valid, schema));
        }
        else if (operation.Bodies.Count > 0 && operation.RequiresBody)
        {
            broken.AddRange(OtherTypes.Select(type => (valid with { ContentType = type }).With($"media type {type}")));
            broken.Add((valid with { Bytes = [], Json = null }).With("empty body"));
        }

        return broken;
    }

    /// <summary>Requests of which the document does not say whether they are valid.</summary>
    public IReadOnlyList<FuzzRequest> Oddities(Operation operation, FuzzRequest valid)
    {
        var odd = new List<FuzzRequest>
        {
            valid.WithHeader("Accept", "image/webp").With("answers that nobody has"),
            valid.WithHeader("Accept", "*/*;q=0.1, application/json;q=0").With("refuses JSON"),
            valid.WithHeader("Accept", ";;;").With("Accept that is none"),
            valid.WithHeader("Accept-Language", "xx-\u00ff, *;q=2").With("languages that are none"),
            valid.WithHeader("traceparent", "00-zz").With("trace context that is none"),
            valid.WithHeader("If-None-Match", Texts.Letters(random, 5)).With("validator without quotes"),
            valid.WithHeader("Range", "bytes=5-2").With("range that is none"),
            valid.WithHeader("X-Forwarded-For", new string('9', 3000)).With("long header"),
            valid.WithHeader("X-HTTP-Method-Override", "DELETE").With("method override"),
            valid.WithHeader("Prefer", "respond-async;;=, wait=\"").With("preference that is none"),
        };
        foreach (var parameter in operation.In("query").Select(p => (string)p["name"]!))
        {
            foreach (var raw in new[] { "%00", "%ff%fe", "%", "%zz", "%ED%A0%80", "+", "", "%F0%9F%9A%9C", "%0d%0aX: y", new string('a', 3000), "..%2f..%2fetc%2fpasswd", "1e308", "NaN", "-0", "'%20or%201=1", "%22*%22%20AND%20(" })
            {
                odd.Add((valid.WithoutQuery(parameter) with { Query = [.. valid.WithoutQuery(parameter).Query, new(parameter, raw)] }).With($"odd value of {parameter}: {raw[..Math.Min(raw.Length, 20)]}"));
            }
        }

        var segments = Segments(operation, valid);
        foreach (var (index, _) in segments)
        {
            foreach (var raw in new[] { "%00", "%ff", "%", "%2e%2e", "%2f", "%F0%9F%9A%9C", new string('x', 2000), "%0a", "null", "0", "-1", "%ED%A0%80", "a;b=c", "*" })
            {
                odd.Add(ReplaceSegment(valid, index, raw).With($"odd id {raw[..Math.Min(raw.Length, 20)]}"));
            }
        }

        if (valid.Json is not null)
        {
            var text = valid.Json.ToJsonString();
            odd.Add((valid with { Json = null, Bytes = [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(text)] }).With("byte order mark"));
            foreach (var path in Places(valid.Json).Where(p => p.Node?.GetValueKind() == JsonValueKind.String).Select(p => p.Path))
            {
                odd.AddRange(new[] { "\0", "\u0001\u0002", "\ufffe", "\u202e", new string('x', 70_000), "", " ", "\n" }
                    .Select(oddText => (valid with { Json = Replace(valid.Json, path, JsonValue.Create(oddText)) }).With($"odd text at {string.Join('.', path)}")));
            }
        }
        else if (valid.Bytes is { } bytes)
        {
            var changed = (byte[])bytes.Clone();
            for (var i = 0; i < 1 + (bytes.Length / 50); i++)
            {
                changed[random.Next(changed.Length)] = (byte)random.Next(256);
            }

            odd.Add((valid with { Bytes = changed }).With("some bytes are others"));
            odd.Add((valid with { Bytes = bytes[..random.Next(bytes.Length)] }).With("cut off"));
            odd.AddRange(operation.Bodies.Keys.Select(type => (valid with { ContentType = type, Bytes = changed }).With($"sent as {type}")));
        }

        return odd;
    }

    private IEnumerable<FuzzRequest> BreakParameter(FuzzRequest valid, JsonObject parameter)
    {
        var name = (string)parameter["name"]!;
        var schema = contract.Resolve(parameter["schema"]!);
        var types = ValidRequests.TypesOf(schema);
        if ((bool?)parameter["required"] == true)
        {
            yield return valid.WithoutQuery(name).With($"without the required {name}");
        }

        if (schema["enum"] is not null)
        {
            yield return valid.WithQuery(name, Unknown).With($"{name} is no value of its enum");
            yield return valid.WithQuery(name, "0").With($"{name} is the number of a value");
            yield return valid.WithQuery(name, ((string)schema["enum"]![0]!).ToUpperInvariant()).With($"{name} in capitals");
        }

        if (types.Contains("integer") || types.Contains("number"))
        {
            foreach (var text in new[] { "abc", "1x", "0x10", "NaN", "Infinity", "1e400", "99999999999999999999", "--1" }.Concat(types.Contains("integer") ? ["1.5"] : []))
            {
                yield return valid.WithQuery(name, text).With($"{name} is no number that it takes");
            }

            foreach (var text in OutOfRange(schema))
            {
                yield return valid.WithQuery(name, text.ToJsonString()).With($"{name} out of range");
            }
        }

        if (types.Contains("boolean"))
        {
            yield return valid.WithQuery(name, "maybe").With($"{name} is neither true nor false");
        }

        if ((int?)schema["maxLength"] is { } longest)
        {
            yield return valid.WithQuery(name, new string('a', longest + 1)).With($"{name} is too long");
        }

        if (name == "cursor")
        {
            yield return valid.WithQuery(name, Texts.Letters(random, 20)).With("cursor that is none");
            yield return valid.WithQuery(name, "bnVsbA").With("cursor of null");
            yield return valid.WithQuery(name, "e30").With("cursor of an empty object");
        }

        if (valid.Query.FirstOrDefault(q => q.Key == name) is { Key: not null } given)
        {
            yield return (valid with { Query = [.. valid.Query, given] }).With($"{name} twice");
        }
    }

    private static IEnumerable<FuzzRequest> BreakPath(Operation operation, FuzzRequest valid) =>
        Segments(operation, valid).Select(s => ReplaceSegment(valid, s.Index, Unknown).With($"unknown {s.Name}"));

    private IEnumerable<FuzzRequest> BreakPreconditions(Operation operation, FuzzRequest valid)
    {
        if (operation.Header("If-Match") is not null)
        {
            yield return valid.WithoutHeader("If-Match").With("without If-Match");
            yield return valid.WithHeader("If-Match", Texts.Letters(random, 8)).With("If-Match that is no tag");
            yield return valid.WithHeader("If-Match", "W/" + valid.Headers.First(h => h.Key == "If-Match").Value).With("weak If-Match");
            yield return valid.WithHeader("If-Match", $"\"{Texts.Letters(random, 8)}\"").With("If-Match of another version");
        }

        foreach (var header in operation.In("header").Where(h => h["schema"]!["maxLength"] is not null))
        {
            var name = (string)header["name"]!;
            yield return valid.WithHeader(name, new string('k', (int)header["schema"]!["maxLength"]! + 1)).With($"{name} is too long");
        }
    }

    private IEnumerable<FuzzRequest> BreakBody(Operation operation, FuzzRequest valid)
    {
        var text = valid.Json!.ToJsonString();
        yield return valid.WithText(text[..random.Next(1, text.Length)]).With("cut off");
        yield return valid.WithText(text + "x").With("more after the end");
        yield return valid.WithText("{'a':1}").With("single quotes");
        yield return valid.WithText("/* */" + text).With("comment");
        yield return valid.WithText(string.Concat(Enumerable.Repeat("[", 2000))).With("two thousand arrays within each other");
        yield return valid.WithText("null").With("null");
        yield return valid.WithText("[]").With("an array");
        yield return valid.WithText("\"text\"").With("a text");
        yield return valid.WithText("NaN").With("no number");
        yield return valid.WithText("{\"\\ud800\":1}").With("half a character as a name");
        yield return (valid with { Json = null, Bytes = [.. Encoding.UTF8.GetBytes(text[..^1]), (byte)',', (byte)'"', 0xC3, 0x28, (byte)'"', (byte)':', (byte)'1', (byte)'}'] }).With("not UTF-8");
        yield return (valid with { Json = null, Bytes = Encoding.Unicode.GetBytes(text) }).With("UTF-16");
        yield return (valid with { ContentType = "application/json; charset=utf-16" }).With("charset UTF-16");
        if (operation.RequiresBody)
        {
            yield return (valid with { Json = null, Bytes = [] }).With("empty body");
        }

        foreach (var type in OtherTypes.Where(t => !operation.Bodies.ContainsKey(t)))
        {
            yield return (valid with { ContentType = type }).With($"media type {type}");
        }
    }

    private IEnumerable<FuzzRequest> BreakMembers(FuzzRequest valid, JsonNode schema)
    {
        foreach (var place in Places(valid.Json!, schema))
        {
            var where = string.Join('.', place.Path);
            var resolved = Alternatives(place.Schema!);
            var types = resolved.SelectMany(ValidRequests.TypesOf).ToHashSet(StringComparer.Ordinal);
            foreach (var wrong in WrongTypes(types).Where(_ => types.Count > 0))
            {
                yield return Set(place.Path, wrong, $"{where} is of a wrong type");
            }

            foreach (var rule in resolved)
            {
                if (rule["enum"] is JsonArray)
                {
                    yield return Set(place.Path, Unknown, $"{where} is no value of its enum");
                    yield return Set(place.Path, 0, $"{where} is the number of a value");
                }

                if (place.Node is JsonObject given)
                {
                    foreach (var name in (rule["required"]?.AsArray() ?? []).Select(r => (string)r!).Where(given.ContainsKey))
                    {
                        yield return Set([.. place.Path], Without(given, name), $"{where} without {name}");
                    }

                    if (rule["additionalProperties"] is JsonValue closed && !(bool)closed)
                    {
                        yield return Set([.. place.Path, Unknown], 1, $"{where} with an unknown member");
                        if (given.FirstOrDefault(m => m.Key.Any(char.IsAsciiLetterLower)) is { Key: { } name })
                        {
                            yield return Set([.. place.Path, name.ToUpperInvariant()], given[name]?.DeepClone(), $"{where} with a member in capitals");
                        }
                    }
                }

                foreach (var number in OutOfRange(rule))
                {
                    yield return Set(place.Path, number, $"{where} out of range");
                }

                if ((int?)rule["maxLength"] is { } longest && types.Contains("string"))
                {
                    yield return Set(place.Path, new string('a', longest + 1), $"{where} is too long");
                }

                if ((int?)rule["minLength"] is > 0 && types.Contains("string"))
                {
                    yield return Set(place.Path, "", $"{where} is empty");
                }

                if (rule["pattern"] is not null || (string?)rule["format"] is "uri" or "email" or "date-time" or "date")
                {
                    yield return Set(place.Path, "\u0007 ~", $"{where} is not of its form");
                }

                if (place.Node is JsonArray { Count: > 0 } items)
                {
                    if ((int?)rule["maxItems"] is { } most)
                    {
                        yield return Set(place.Path, new JsonArray([.. Enumerable.Range(0, most + 1).Select(i => items[i % items.Count]?.DeepClone())]), $"{where} is too long");
                    }

                    if ((int?)rule["minItems"] is > 0)
                    {
                        yield return Set(place.Path, new JsonArray(), $"{where} is empty");
                    }
                }
            }
        }

        FuzzRequest Set(IReadOnlyList<string> path, JsonNode? value, string change) => (valid with { Json = Replace(valid.Json!, path, value) }).With(change);
    }

    private static IEnumerable<JsonNode?> WrongTypes(HashSet<string> types)
    {
        var candidates = new (string Type, JsonNode? Value)[] { ("null", null), ("string", "12"), ("number", 12.5), ("boolean", true), ("array", new JsonArray("x")), ("object", new JsonObject { ["x"] = 1 }) };
        return candidates.Where(c => !types.Contains(c.Type)).Select(c => c.Value).Concat(types.Contains("integer") ? [1.5] : []);
    }

    private static IEnumerable<JsonNode> OutOfRange(JsonObject schema)
    {
        var types = ValidRequests.TypesOf(schema);
        if (!types.Contains("integer") && !types.Contains("number"))
        {
            yield break;
        }

        if ((double?)schema["minimum"] is { } low)
        {
            yield return JsonValue.Create(low - 1);
        }

        if ((double?)schema["maximum"] is { } high)
        {
            yield return JsonValue.Create(high + 1);
        }

        if ((double?)schema["exclusiveMinimum"] is { } above)
        {
            yield return JsonValue.Create(above);
        }

        if ((string?)schema["format"] is "int32")
        {
            yield return JsonValue.Create(1L + int.MaxValue);
        }
    }

    private JsonObject[] Alternatives(JsonNode schema) =>
        schema["oneOf"] is JsonArray choices ? [.. choices.Select(c => contract.Resolve(c!))] : [contract.Resolve(schema)];

    /// <summary>Each place of a body with what the document says of it.</summary>
    private IEnumerable<(IReadOnlyList<string> Path, JsonNode? Node, JsonNode? Schema)> Places(JsonNode node, JsonNode schema) => Places([], node, schema);

    private IEnumerable<(IReadOnlyList<string> Path, JsonNode? Node, JsonNode? Schema)> Places(IReadOnlyList<string> path, JsonNode? node, JsonNode schema)
    {
        yield return (path, node, schema);
        var rules = Alternatives(schema);
        if (node is JsonObject members && rules.FirstOrDefault(r => r["properties"] is not null)?["properties"] is JsonObject properties)
        {
            foreach (var place in members.Where(m => properties.ContainsKey(m.Key)).SelectMany(m => Places([.. path, m.Key], m.Value, properties[m.Key]!)))
            {
                yield return place;
            }
        }

        if (node is JsonArray items && rules.FirstOrDefault(r => r["items"] is not null)?["items"] is { } item)
        {
            foreach (var place in items.SelectMany((value, i) => Places([.. path, i.ToString(System.Globalization.CultureInfo.InvariantCulture)], value, item)))
            {
                yield return place;
            }
        }
    }

    private static IEnumerable<(IReadOnlyList<string> Path, JsonNode? Node)> Places(JsonNode? node, params IReadOnlyList<string> path) => node switch
    {
        JsonObject members => members.SelectMany(m => Places(m.Value, [.. path, m.Key])).Prepend((path, node)),
        JsonArray items => items.SelectMany((value, i) => Places(value, [.. path, i.ToString(System.Globalization.CultureInfo.InvariantCulture)])).Prepend((path, node)),
        _ => [(path, node)],
    };

    private static JsonNode? Replace(JsonNode body, IReadOnlyList<string> path, JsonNode? value)
    {
        if (path.Count == 0)
        {
            return value;
        }

        var copy = body.DeepClone();
        var parent = path.Take(path.Count - 1).Aggregate(copy, (node, step) => node is JsonArray items ? items[int.Parse(step, System.Globalization.CultureInfo.InvariantCulture)]! : node[step]!);
        if (parent is JsonArray array)
        {
            array[int.Parse(path[^1], System.Globalization.CultureInfo.InvariantCulture)] = value;
        }
        else
        {
            parent[path[^1]] = value;
        }

        return copy;
    }

    private static JsonObject Without(JsonObject members, string name)
    {
        var copy = members.DeepClone().AsObject();
        copy.Remove(name);
        return copy;
    }

    /// <summary>Where in the address the parameters of the path stand.</summary>
    private static IReadOnlyList<(int Index, string Name)> Segments(Operation operation, FuzzRequest request)
    {
        var template = operation.Path.Split('/');
        return template.Length == request.Path.Split('/').Length ? [.. template.Index().Where(s => s.Item.StartsWith('{')).Select(s => (s.Index, s.Item.Trim('{', '}')))] : [];
    }

    private static FuzzRequest ReplaceSegment(FuzzRequest request, int index, string value)
    {
        var segments = request.Path.Split('/');
        segments[index] = value;
        return request with { Path = string.Join('/', segments) };
    }
}
