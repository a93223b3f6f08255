using System.Text.Json.Serialization.Metadata;
using Microsoft.OpenApi;

namespace PartnerMatch.Api.Http;

/// <summary>
/// What the service always writes is required in the document, so that no client need ask whether it is there: every member of what is only
/// answered, unless it says by <c>JsonIgnore</c> that it is left out at times.
/// </summary>
internal static class WrittenMembers
{
    private const string Key = "written-members";

    /// <summary>Notes what the serializer always writes of a type.</summary>
    public static void Note(OpenApiSchema schema, JsonTypeInfo type)
    {
        if (type.Kind == JsonTypeInfoKind.Object)
        {
            (schema.Metadata ??= new Dictionary<string, object>())[Key] = type.Properties.Where(p => p.Get is not null && p.ShouldSerialize is null).Select(p => p.Name).ToArray();
        }
    }

    /// <summary>Requires that in the schemas of answers; what requests carry may leave out what it may leave out.</summary>
    public static void Require(OpenApiDocument document)
    {
        var sent = new HashSet<string>(StringComparer.Ordinal);
        foreach (var media in document.Paths.Values.SelectMany(p => p.Operations!.Values).SelectMany(o => o.RequestBody?.Content?.Values ?? []))
        {
            Collect(media.Schema);
        }

        foreach (var (name, schema) in document.Components!.Schemas!)
        {
            if (!sent.Contains(name) && schema is OpenApiSchema { Properties: { } members, Metadata: { } metadata } answered && metadata.TryGetValue(Key, out var written))
            {
                answered.Required = members.Keys.Where(m => answered.Required?.Contains(m) == true || ((string[])written).Contains(m)).ToHashSet(StringComparer.Ordinal);
            }
        }

        void Collect(IOpenApiSchema? schema)
        {
            if (schema is null || (schema is OpenApiSchemaReference { Reference.Id: { } id } && !sent.Add(id)))
            {
                return;
            }

            foreach (var part in (schema.Properties?.Values ?? []).Concat(schema.OneOf ?? []).Concat(schema.AnyOf ?? []).Concat(schema.AllOf ?? []).Append(schema.Items).Append(schema.AdditionalProperties))
            {
                Collect(part);
            }
        }
    }
}
