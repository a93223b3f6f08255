using System.Globalization;
using System.Reflection;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Net.Http.Headers;
using Microsoft.OpenApi;
using PartnerMatch.Api.Access;
using PartnerMatch.Api.Audit;
using PartnerMatch.Api.Changes;
using PartnerMatch.Api.Competencies;
using PartnerMatch.Api.Corridors;
using PartnerMatch.Api.Enterprises;
using PartnerMatch.Api.Idempotency;
using PartnerMatch.Api.Imports;
using PartnerMatch.Api.Limits;
using PartnerMatch.Api.Matches;
using PartnerMatch.Api.RankingProfiles;

namespace PartnerMatch.Api.Http;

/// <summary>What the OpenAPI document says beyond what the code itself declares: parameters in words, their values, and examples taken from the service.</summary>
internal static class OpenApiDocumentation
{
    private static readonly Dictionary<string, (string Description, string? Example)> Parameters = new(StringComparer.Ordinal)
    {
        ["id"] = ("Id of the enterprise.", "mzor"),
        ["a"] = ("Id of one enterprise; the supplier in a directed form.", "mzor"),
        ["b"] = ("Id of the other enterprise.", "aviakor"),
        ["code"] = ("A code of the competency taxonomy, CPA 2008.", "28.41.22"),
        ["aliasId"] = ("Id of an alias that was added.", null),
        ["form"] = ("The cooperation form; joint-venture where absent.", null),
        ["role"] = ("The asking enterprise's role in a directed form; any where absent.", null),
        ["corridor"] = ("The corridor; by-ru-sam where absent.", null),
        ["limit"] = ($"Items a page, 1 to {Paging.MaxLimit}; {Paging.DefaultLimit} where absent.", null),
        ["cursor"] = ("Where to go on: taken from next, with the same other parameters.", null),
        ["minScore"] = ("The lowest score to list, 0 to 100; the form's own threshold where absent.", null),
        ["lang"] = ("The language of summaries and labels, or of the words searched for; en where absent (a search looks at both).", null),
        ["region"] = ("ISO 3166 code of a region or a country.", null),
        ["country"] = ("ISO 3166-1 alpha-2 code of a country.", null),
        ["competency"] = ("Only enterprises that offer or state a need for this competency or anything under it.", null),
        ["q"] = ("Words to search for.", null),
        ["status"] = ("Only enterprises of this status.", null),
        ["keyId"] = ("Id of the key: the sixteen digits after pmk_.", null),
        ["resource"] = ("Only changes of resources of this kind.", "enterprise"),
        ["resourceId"] = ("Only changes of the resource with this id; goes with resource.", null),
        ["actor"] = ("Only changes by this actor: key: and the id of a key, token: and the subject of a token, anyone, command or service.", null),
        ["from"] = ("Only from this time on (RFC 3339).", null),
        ["to"] = ("Only before this time (RFC 3339).", null),
        ["importId"] = ("Id of the import.", null),
        ["mode"] = ("all: nothing is stored where a row is refused. partial: the other rows are. all where absent.", null),
        ["dryRun"] = ("Whether to report only and store nothing; false where absent.", null),
        ["format"] = ("The format of the file; csv where absent.", null),
        ["decisionId"] = ("Id of the decision.", null),
        ["decision"] = ("Only decisions of this kind.", null),
        ["enterprise"] = ("Only decisions on pairs of this enterprise, or only the list that a run made for it.", null),
        ["profile"] = ("Id of the ranking profile whose weights count, with @version behind it for one that is not the current one; what the form has adopted where absent.", null),
        ["profileId"] = ("Id of the ranking profile; the shipped one of a form has the form's name.", "joint-venture"),
        ["version"] = ("The version, from 1; the current one where absent.", null),
        [HeaderNames.IfMatch] = ("The ETag of the version that was seen, or * for whichever is stored; 428 without it.", null),
        ["If-None-Match"] = ("The ETag of an answer that is kept: 304 where it still holds.", null),
        ["asOf"] = ("The answer as it was at this time, RFC 3339; now where absent. Nothing is known of times before the service first kept its data versions.", null),
        ["counterfactuals"] = ("Whether to say what would raise the score most; false where absent.", null),
        ["whyNot"] = ("Whether to say where each of the two stands among the other's candidates; false where absent. Not with asOf.", null),
        ["corridorId"] = ("Id of the corridor.", "by-ru-sam"),
        ["side"] = ("Only what this side of the corridor needs; both where absent.", null),
        ["after"] = ("Only changes after this place in their order; all from the first where absent.", null),
        ["wait"] = ("How long the answer may wait for the next change where there is none, in seconds, 0 to 30; 0 where absent.", null),
        ["watchId"] = ("Id of the watch.", null),
        ["webhookId"] = ("Id of the webhook.", null),
        ["messageId"] = ("Id of the message, as in webhook-id.", null),
        ["runId"] = ("Id of the run.", null),
        ["sort"] = ("score: the best pairs first. enterprise: the lists of the asking enterprises one after another. score where absent.", null),
        ["state"] = ("Only those in this state.", null),
        ["parent"] = ("Only what lies under this competency.", null),
    };

    /// <summary>What the validators of the parameters ask for, and the lookups that find nothing else.</summary>
    private static readonly Dictionary<string, Action<OpenApiSchema>> Bounds = new(StringComparer.Ordinal)
    {
        ["id"] = schema => schema.MaxLength = RowChecks.MaxIdLength,
        ["a"] = schema => schema.MaxLength = RowChecks.MaxIdLength,
        ["b"] = schema => schema.MaxLength = RowChecks.MaxIdLength,
        ["code"] = schema => schema.Pattern = EnterpriseValidator.CodeForm,
        ["country"] = schema => schema.Pattern = EnterpriseValidator.CountryForm,
        ["competency"] = schema => schema.Pattern = EnterpriseValidator.CodeForm,
        ["parent"] = schema => schema.Pattern = EnterpriseValidator.CodeForm,
        ["region"] = schema => schema.Pattern = EnterpriseValidator.PlaceForm,
        ["limit"] = schema => (schema.Minimum, schema.Maximum, schema.Default) = ("1", $"{Paging.MaxLimit}", JsonValue.Create(Paging.DefaultLimit)),
        ["cursor"] = schema => schema.MaxLength = Paging.MaxCursorLength,
        ["minScore"] = schema => (schema.Minimum, schema.Maximum) = ($"{ScoreBounds.Lowest}", $"{ScoreBounds.Highest}"),
        ["q"] = schema => schema.MaxLength = CompetencyRules.MaxText,
        ["resource"] = schema => schema.MaxLength = AuditQueryValidator.MaxText,
        ["resourceId"] = schema => schema.MaxLength = AuditQueryValidator.MaxText,
        ["actor"] = schema => schema.MaxLength = AuditQueryValidator.MaxText,
        ["after"] = schema => schema.Minimum = "0",
        ["wait"] = schema => (schema.Minimum, schema.Maximum) = ("0", $"{ChangeQueryValidator.MaxWait}"),
        ["version"] = schema => schema.Minimum = "1",
        ["corridor"] = schema => schema.MaxLength = CorridorValidator.MaxIdLength,
        ["corridorId"] = schema => schema.MaxLength = CorridorValidator.MaxIdLength,
        ["enterprise"] = schema => schema.MaxLength = RowChecks.MaxIdLength,
        ["profile"] = schema => schema.MaxLength = ProfileRules.MaxReference,
        ["profileId"] = schema => schema.MaxLength = ProfileRules.MaxId,
    };

    private static readonly (string Name, string Description)[] Tags =
    [
        ("Matches", "Ranked, explained partners and pairs."),
        ("Decisions", "What staff decide of pairs."),
        ("Weights", "What a score is made of, and how much each part counts."),
        ("Match runs", "The best partners of many enterprises, as a job on one version of the data."),
        ("Enterprises", "Profiles: who makes or does what, and looks for what."),
        ("Import and export", "Enterprises in bulk, as CSV, NDJSON or XLSX."),
        ("Competencies", "The taxonomy of what can be offered and needed, with its production links."),
        ("Regions and corridors", "What can be matched."),
        ("Keys", "API keys: who may call, and what for."),
        ("Audit", "Who changed what, when and from where."),
        ("Changes", "Staying in step with what the service keeps."),
        ("Health", "Whether the service lives and can work."),
    ];

    public static IServiceCollection AddOpenApiDocumentation(this IServiceCollection services) => services.AddOpenApi("v1", options =>
    {
        options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo
            {
                Title = "PartnerMatch",
                Version = "1.0.0",
                Description = "Finds joint-venture partners across a trade corridor and explains every score. Scores support a decision; they do not make it.",
            };
            document.Servers = [];
            DescribePatches(document);
            RemoveNullsFromEnums(document);
            RemoveHelpers(document);
            WrittenMembers.Require(document);
            DescribeOpenObjects(document);
            AccessDocumentation.Describe(document);
            LimitDocumentation.Describe(document);
            document.Tags = new HashSet<OpenApiTag>(Tags.Select(t => new OpenApiTag { Name = t.Name, Description = t.Description }));
            return Task.CompletedTask;
        });
        options.AddSchemaTransformer((schema, context, _) =>
        {
            WrittenMembers.Note(schema, context.JsonTypeInfo);
            DescribeEntries(schema, context);
            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, context, _) =>
        {
            DescribeParameters(operation, context);
            DescribeFiles(operation, context);
            DescribeEvents(operation);
            DescribeBodies(operation);
            DescribeLinks(operation, context);
            DescribeVersions(operation, context);
            DescribeProblems(operation, context);
            AccessDocumentation.Describe(operation, context);
            DescribeKeys(operation, context);
            LimitDocumentation.Describe(operation, context);
            return Task.CompletedTask;
        });
    });

    /// <summary>A merge patch has the fields of the resource, none of them required.</summary>
    private static void DescribePatches(OpenApiDocument document)
    {
        var schemas = document.Components!.Schemas!;
        foreach (var patch in document.Paths.Values.SelectMany(p => p.Operations!).Where(o => o.Key == HttpMethod.Patch).Select(o => o.Value))
        {
            var resource = patch.OperationId!["Patch".Length..];
            var full = (OpenApiSchema)schemas[resource + "Request"];
            schemas[resource + "Patch"] = new OpenApiSchema { Type = full.Type, Properties = full.Properties, Description = "The fields to change; null removes one." };
            foreach (var media in patch.RequestBody!.Content!.Values.OfType<OpenApiMediaType>())
            {
                media.Schema = new OpenApiSchemaReference(resource + "Patch", document);
            }
        }
    }

    /// <summary>What each entry of a list or value of a dictionary may be is told where that is.</summary>
    private static void DescribeEntries(OpenApiSchema schema, OpenApiSchemaTransformerContext context)
    {
        if ((schema.Items ?? schema.AdditionalProperties) is OpenApiSchema entry && context.JsonPropertyInfo?.AttributeProvider?.GetCustomAttributes(typeof(EachAttribute), false) is [EachAttribute each])
        {
            entry.MinLength = each.MinLength > 0 ? each.MinLength : null;
            entry.MaxLength = each.MaxLength > 0 ? each.MaxLength : null;
            entry.Pattern = each.Pattern;
            entry.Minimum = double.IsNaN(each.Minimum) ? null : each.Minimum.ToString(CultureInfo.InvariantCulture);
            entry.Maximum = double.IsNaN(each.Maximum) ? null : each.Maximum.ToString(CultureInfo.InvariantCulture);
        }
    }

    /// <summary>A nullable use of an enum says so beside the reference; within the enum itself null would match twice.</summary>
    private static void RemoveNullsFromEnums(OpenApiDocument document)
    {
        foreach (var schema in document.Components!.Schemas!.Values.OfType<OpenApiSchema>().Where(s => s.Enum is not null))
        {
            schema.Enum = [.. schema.Enum!.Where(value => value is not null && value.GetValueKind() != System.Text.Json.JsonValueKind.Null)];
        }
    }

    /// <summary>Types that only serve to read a request are no part of the contract.</summary>
    private static void RemoveHelpers(OpenApiDocument document)
    {
        var schemas = document.Components!.Schemas!;
        foreach (var helper in schemas.Keys.Where(k => k.StartsWith("EnumParameterOf", StringComparison.Ordinal) || k.StartsWith("SseItemOf", StringComparison.Ordinal) || k is "JsonObject" or "TimeParameter").ToArray())
        {
            schemas.Remove(helper);
        }
    }

    /// <summary>What may be any object is at least an object: beside the choice of null, anything at all would match twice.</summary>
    private static void DescribeOpenObjects(OpenApiDocument document)
    {
        var schemas = document.Components!.Schemas!;
        if (schemas.ContainsKey(nameof(System.Text.Json.JsonElement)))
        {
            schemas[nameof(System.Text.Json.JsonElement)] = new OpenApiSchema { Type = JsonSchemaType.Object, Description = "An object whose members depend on what it is of." };
        }
    }

    private static void DescribeProblems(OpenApiOperation operation, OpenApiOperationTransformerContext context)
    {
        foreach (var problem in context.Description.ActionDescriptor.EndpointMetadata.OfType<IProducesResponseTypeMetadata>().Where(m => m.Description is not null))
        {
            if (operation.Responses!.TryGetValue(problem.StatusCode.ToString(CultureInfo.InvariantCulture), out var response))
            {
                response.Description = problem.Description;
            }
        }
    }

    /// <summary>What a request that creates takes and answers where it may be sent again.</summary>
    private static void DescribeKeys(OpenApiOperation operation, OpenApiOperationTransformerContext context)
    {
        if (context.Description.ActionDescriptor.EndpointMetadata.OfType<CreatesOnceMetadata>().LastOrDefault() is not { } endpoint)
        {
            return;
        }

        operation.Parameters ??= [];
        operation.Parameters.Add(new OpenApiParameter
        {
            Name = IdempotencyMiddleware.KeyHeader,
            In = ParameterLocation.Header,
            Description = "Chosen by the caller, a random UUID for instance: the same request under the same key is answered as before for 24 hours and creates nothing."
                + (endpoint.SecretMember is { } secret ? $" The answer is kept without its {secret}, which is shown once." : ""),
            Schema = new OpenApiSchema { Type = JsonSchemaType.String, MinLength = 1, MaxLength = IdempotencyMiddleware.MaxKeyLength, Pattern = "^[!-~]+$" },
        });
        foreach (var response in operation.Responses!.Where(r => r.Key.StartsWith('2')).Select(r => r.Value).OfType<OpenApiResponse>())
        {
            response.Headers ??= new Dictionary<string, IOpenApiHeader>();
            response.Headers[IdempotencyMiddleware.ReplayedHeader] = new OpenApiHeader
            {
                Description = "true where this is the answer that was given to the key before; else absent.",
                Schema = new OpenApiSchema { Type = JsonSchemaType.String, Enum = [JsonValue.Create("true")!] },
            };
        }

        var refused = (OpenApiResponse)operation.Responses!["422"];
        var media = (OpenApiMediaType)refused.Content![Problem.ContentType];
        if (media.Schema is OpenApiSchemaReference { Reference.Id: not nameof(Problem) } own)
        {
            media.Schema = new OpenApiSchema { AnyOf = [own, new OpenApiSchemaReference(nameof(Problem), context.Document)] };
            refused.Description = $"{refused.Description} {CreatesOnceExtensions.KeyReused}";
        }

        ((OpenApiResponse)operation.Responses["409"]).Headers = new Dictionary<string, IOpenApiHeader>
        {
            ["Retry-After"] = new OpenApiHeader { Description = "Seconds after which to ask again, where a request with this key is in progress.", Schema = new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "int32" } },
        };
    }

    private static void DescribeParameters(OpenApiOperation operation, OpenApiOperationTransformerContext context)
    {
        foreach (var parameter in (operation.Parameters ?? []).OfType<OpenApiParameter>())
        {
            var (description, example) = Parameters[parameter.Name!];
            parameter.Description = description;
            parameter.Example = example is null ? null : JsonValue.Create(example);
            var type = context.Description.ParameterDescriptions.FirstOrDefault(p => p.Name == parameter.Name)?.ParameterDescriptor?.ParameterType;
            var schema = parameter.Schema as OpenApiSchema;

            // It binds to null, so that its absence has an answer of its own.
            parameter.Required |= parameter.Name == HeaderNames.IfMatch;
            type = type is null ? null : Nullable.GetUnderlyingType(type) ?? type;
            if (type is not null && type.IsAssignableTo(typeof(IEnumParameter)))
            {
                var names = (IEnumerable<string>)type.GetProperty("Names", BindingFlags.Public | BindingFlags.Static)!.GetValue(null)!;
                parameter.Schema = new OpenApiSchema { Type = JsonSchemaType.String, Enum = [.. names.Select(n => (JsonNode)JsonValue.Create(n)!)] };
            }
            else if (type == typeof(TimeParameter))
            {
                parameter.Schema = new OpenApiSchema { Type = JsonSchemaType.String, Format = "date-time" };
            }
            else if (schema is not null && Bounds.TryGetValue(parameter.Name!, out var bound))
            {
                bound(schema);
            }
        }
    }

    /// <summary>Files are texts or bytes; what they hold is told in words.</summary>
    /// <summary>A stream of events is a text; what the data of each holds, the operation says in words.</summary>
    private static void DescribeEvents(OpenApiOperation operation)
    {
        foreach (var stream in (operation.Responses ?? []).Values.SelectMany(r => r.Content ?? new Dictionary<string, OpenApiMediaType>()).Where(c => c.Key == "text/event-stream"))
        {
            stream.Value.Schema = new OpenApiSchema { Type = JsonSchemaType.String };
        }
    }

    private static void DescribeFiles(OpenApiOperation operation, OpenApiOperationTransformerContext context)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        if (metadata.OfType<TakesFileMetadata>().SingleOrDefault() is { } taken)
        {
            operation.RequestBody = new OpenApiRequestBody
            {
                Required = true,
                Content = taken.Formats.ToDictionary(f => f.ContentType, f => new OpenApiMediaType { Schema = ToFileSchema(f.ContentType, f.Description) }),
            };
            operation.Parameters ??= [];
            operation.Parameters.Add(new OpenApiParameter
            {
                Name = "Prefer",
                In = ParameterLocation.Header,
                Description = "respond-async makes a job of it, whatever its size (RFC 7240).",
                Schema = new OpenApiSchema { Type = JsonSchemaType.String, Enum = [JsonValue.Create("respond-async")] },
            });
        }

        foreach (var contentType in metadata.OfType<GivesFileMetadata>().SelectMany(g => g.ContentTypes))
        {
            var ok = (OpenApiResponse)(operation.Responses!.TryGetValue("200", out var known) ? known : operation.Responses["200"] = new OpenApiResponse { Description = "OK" });
            ok.Content ??= new Dictionary<string, OpenApiMediaType>();
            ok.Content[contentType] = new OpenApiMediaType { Schema = ToFileSchema(contentType, null) };
            (ok.Headers ??= new Dictionary<string, IOpenApiHeader>())["Content-Disposition"] =
                new OpenApiHeader { Description = "The name for the file (RFC 6266); with files only.", Schema = new OpenApiSchema { Type = JsonSchemaType.String } };
        }
    }

    private static OpenApiSchema ToFileSchema(string contentType, string? description) => new()
    {
        Type = JsonSchemaType.String,
        Format = contentType.StartsWith("application/vnd", StringComparison.Ordinal) ? "binary" : null,
        Description = description,
    };

    /// <summary>Examples are kept beside the published document; a test replays them against the service.</summary>
    private static void DescribeBodies(OpenApiOperation operation)
    {
        if (Assembly.GetExecutingAssembly().GetManifestResourceStream($"examples/{operation.OperationId}.json") is not { } stream)
        {
            return;
        }

        using (stream)
        {
            var example = JsonNode.Parse(stream)!.AsObject();
            var contentType = (string?)example["contentType"];
            foreach (var (type, media) in operation.RequestBody?.Content ?? new Dictionary<string, OpenApiMediaType>())
            {
                if (contentType is null || contentType == type)
                {
                    media.Example = example["request"]?.DeepClone();
                }
            }

            foreach (var (status, response) in operation.Responses ?? [])
            {
                // Where an operation creates or only previews, its example creates.
                if ((status == "201" || (status == "200" && !operation.Responses!.ContainsKey("201"))) && response.Content is { } content && example["response"] is { } body)
                {
                    foreach (var (type, media) in content.Where(c => body is not JsonValue == (c.Key == "application/json")))
                    {
                        media.Example = type == "application/json" || (string?)example["accept"] is not { } accept || accept == type ? body.DeepClone() : null;
                    }
                }
            }
        }
    }

    private static void DescribeLinks(OpenApiOperation operation, OpenApiOperationTransformerContext context)
    {
        if (operation.Parameters?.Any(p => p.Name == "cursor") == true && operation.Responses!["200"] is OpenApiResponse ok)
        {
            (ok.Headers ??= new Dictionary<string, IOpenApiHeader>())["Link"] =
                new OpenApiHeader { Description = "The next page with rel=\"next\" (RFC 8288); absent at the end.", Schema = new OpenApiSchema { Type = JsonSchemaType.String } };
        }

        if (operation.Responses?.TryGetValue("202", out var accepted) == true && accepted is OpenApiResponse job)
        {
            job.Description = "A job was made of it.";
            job.Headers = new Dictionary<string, IOpenApiHeader>
            {
                ["Location"] = new OpenApiHeader { Description = "The address of the job.", Schema = new OpenApiSchema { Type = JsonSchemaType.String } },
                ["Retry-After"] = new OpenApiHeader { Description = "Seconds after which to ask how far it is.", Schema = new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "int32" } },
            };
            if (context.Description.ActionDescriptor.EndpointMetadata.OfType<TakesFileMetadata>().Any())
            {
                job.Headers["Preference-Applied"] = new OpenApiHeader { Description = "respond-async where that was preferred.", Schema = new OpenApiSchema { Type = JsonSchemaType.String } };
            }
        }

        if (operation.Responses?.TryGetValue("201", out var created) == true && created is OpenApiResponse response)
        {
            response.Headers = new Dictionary<string, IOpenApiHeader>
            {
                ["Location"] = new OpenApiHeader { Description = "The address of what was created.", Schema = new OpenApiSchema { Type = JsonSchemaType.String } },
            };
        }
    }
    private static void DescribeVersions(OpenApiOperation operation, OpenApiOperationTransformerContext context)
    {
        if (!context.Description.ActionDescriptor.EndpointMetadata.OfType<GivesVersionMetadata>().Any())
        {
            return;
        }

        if (context.Description.ActionDescriptor.EndpointMetadata.OfType<ComparesAnswersMetadata>().Any())
        {
            operation.Parameters ??= [];
            operation.Parameters.Add(new OpenApiParameter
            {
                Name = HeaderNames.IfNoneMatch,
                In = ParameterLocation.Header,
                Description = Parameters[HeaderNames.IfNoneMatch].Description,
                Schema = new OpenApiSchema { Type = JsonSchemaType.String },
            });
        }

        foreach (var response in operation.Responses!.Where(r => r.Key is "200" or "201" or "304").Select(r => (OpenApiResponse)r.Value))
        {
            response.Headers ??= new Dictionary<string, IOpenApiHeader>();
            response.Headers["ETag"] = new OpenApiHeader { Description = "Names the version: a change sends it back as If-Match, and a caller that keeps the answer as If-None-Match where that is taken.", Schema = new OpenApiSchema { Type = JsonSchemaType.String } };
        }
    }
}
