using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace PartnerMatch.Api.Access;

/// <summary>What the OpenAPI document says of keys, tokens and scopes; an operation is documented as it is guarded, from the same metadata.</summary>
internal static class AccessDocumentation
{
    private const string SchemeName = "bearer";

    public static void Describe(OpenApiDocument document)
    {
        document.Components!.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
        {
            [SchemeName] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "bearer",
                BearerFormat = "pmk_... or JWT",
                Description = "An API key of this service, or a token of the issuer that it trusts (claims scope or scp). " +
                    "Scopes: read, match, profiles:write, missions:write, admin; each operation names the one that it needs, and admin includes all. " +
                    "Where Development runs open none is needed.",
            },
        };
    }

    public static void Describe(OpenApiOperation operation, OpenApiOperationTransformerContext context)
    {
        var needed = context.Description.ActionDescriptor.EndpointMetadata.OfType<NeededScope>().SingleOrDefault();
        operation.Security = needed is null
            ? []
            : [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(SchemeName, context.Document)] = [ScopeNames.Of(needed.Scope)] }];
        foreach (var status in (string[])["401", "403"])
        {
            if (operation.Responses!.TryGetValue(status, out var response) && response is OpenApiResponse refused)
            {
                refused.Headers ??= new Dictionary<string, IOpenApiHeader>();
                refused.Headers["WWW-Authenticate"] = new OpenApiHeader
                {
                    Description = "Bearer, with error and scope where something was sent (RFC 6750).",
                    Schema = new OpenApiSchema { Type = JsonSchemaType.String },
                };
            }
        }
    }
}
