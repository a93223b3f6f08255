using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using PartnerMatch.Api.Access;

namespace PartnerMatch.Api.Limits;

/// <summary>What the OpenAPI document says of budgets.</summary>
internal static class LimitDocumentation
{
    private const string RetryAfter = "Retry-After";

    private static readonly (string Name, string Description)[] Headers =
    [
        ("RateLimit-Policy", "The budget that the request was paid from, and its size: \"reads\";q=6000;w=60 are 6000 requests in 60 seconds (draft-ietf-httpapi-ratelimit-headers-10)."),
        ("RateLimit", "What is left of it: \"reads\";r=5999;t=1 are 5999 requests, and all again after one second without any."),
    ];

    public static void Describe(OpenApiDocument document)
    {
        document.Components!.Headers = Headers.ToDictionary(
            h => h.Name,
            IOpenApiHeader (h) => new OpenApiHeader { Description = h.Description, Schema = new OpenApiSchema { Type = JsonSchemaType.String } });
        document.Components.Headers[RetryAfter] = new OpenApiHeader
        {
            Description = "Seconds after which to try again.",
            Schema = new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "int32" },
        };
    }

    public static void Describe(OpenApiOperation operation, OpenApiOperationTransformerContext context)
    {
        if (!context.Description.ActionDescriptor.EndpointMetadata.OfType<NeededScope>().Any())
        {
            return;
        }

        foreach (var (status, response) in operation.Responses!)
        {
            // An answer to a failure of the service itself is written after all else was cleared.
            if (status != "500" && response is OpenApiResponse documented)
            {
                documented.Headers ??= new Dictionary<string, IOpenApiHeader>();
                foreach (var (name, _) in Headers)
                {
                    documented.Headers[name] = new OpenApiHeaderReference(name, context.Document);
                }

                if (status is "429" or "503")
                {
                    documented.Headers[RetryAfter] = new OpenApiHeaderReference(RetryAfter, context.Document);
                }
            }
        }
    }
}
