using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using FluentValidation;
using Microsoft.AspNetCore.Http.Json;

namespace PartnerMatch.Api.Http;

/// <summary>How JSON is read and written: camelCase, enums in kebab-case, unknown and repeated members refused.</summary>
internal static class JsonConventions
{
    /// <summary>Escapes what JSON demands and no more: Cyrillic stays readable, and half as long. No answer is ever a page or part of one.</summary>
    public static JavaScriptEncoder Encoder => JavaScriptEncoder.UnsafeRelaxedJsonEscaping;

    public static void Apply(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.CamelCase;
        options.PropertyNameCaseInsensitive = false;
        options.NumberHandling = JsonNumberHandling.Strict;
        options.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        options.AllowDuplicateProperties = false;
        options.RespectNullableAnnotations = true;
        options.RespectRequiredConstructorParameters = true;
        options.Encoder = Encoder;
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false));
        options.Converters.Add(new PatchConverter());
    }

    public static IServiceCollection AddJsonConventions(this IServiceCollection services)
    {
        // Validation names fields as the JSON does.
        ValidatorOptions.Global.PropertyNameResolver = (_, member, _) => member is null ? null : JsonNamingPolicy.CamelCase.ConvertName(member.Name);
        return services.Configure<JsonOptions>(options => Apply(options.SerializerOptions));
    }
}
