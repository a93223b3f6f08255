using System.Text.Json;
using System.Text.Json.Serialization;

namespace PartnerMatch.Client;

/// <summary>The one thing that the generator leaves to its user with System.Text.Json: enums are written as the document names them.</summary>
public partial class PartnerMatchClient
{
    static partial void UpdateJsonSerializerSettings(JsonSerializerOptions settings) =>
        settings.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false));
}
