using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using FluentValidation;

namespace PartnerMatch.Api.Http;

/// <summary>JSON Merge Patch, RFC 7396.</summary>
internal static class MergePatch
{
    /// <summary>The patched request, or the place where the patch does not fit.</summary>
    public static T? Apply<T>(JsonObject patch, T target, JsonSerializerOptions json, out FieldError? error)
        where T : class
    {
        var patched = Merge(JsonSerializer.SerializeToNode(target, json), patch);
        try
        {
            error = null;
            return patched.Deserialize<T>(json);
        }
        catch (JsonException e)
        {
            error = ProblemHandling.Locate(e);
            return null;
        }
    }

    /// <summary>RFC 7396, section 2; what the patch removes is left out, so that it reads as not given.</summary>
    private static JsonNode? Merge(JsonNode? target, JsonNode? patch)
    {
        if (patch is not JsonObject changes)
        {
            return patch?.DeepClone();
        }

        var result = target is JsonObject known ? known.DeepClone().AsObject() : [];
        foreach (var (name, value) in changes)
        {
            if (value is null)
            {
                result.Remove(name);
            }
            else
            {
                result[name] = Merge(result[name], value);
            }
        }

        return result;
    }
}

/// <summary>Reads a patch and refuses members that it has twice; the framework's own reader fails at them.</summary>
internal sealed class PatchConverter : JsonConverter<JsonObject>
{
    public override JsonObject? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var ahead = reader;
        using (var written = JsonDocument.ParseValue(ref ahead))
        using (JsonDocument.Parse(written.RootElement.GetRawText(), new JsonDocumentOptions { AllowDuplicateProperties = false }))
        {
            return JsonSerializer.Deserialize<JsonObject>(ref reader, JsonSerializerOptions.Default);
        }
    }

    public override void Write(Utf8JsonWriter writer, JsonObject value, JsonSerializerOptions options) => value.WriteTo(writer, options);
}

/// <summary>A patch itself has no rules: what comes of it is validated like any body.</summary>
internal sealed class MergePatchValidator : AbstractValidator<JsonObject>;
