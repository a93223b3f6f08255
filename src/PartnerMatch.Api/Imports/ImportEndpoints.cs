using System.Diagnostics;
using System.Reflection;
using FluentValidation;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Net.Http.Headers;
using PartnerMatch.Api.Access;
using PartnerMatch.Api.Enterprises;
using PartnerMatch.Api.Http;
using PartnerMatch.Api.Idempotency;
using PartnerMatch.Api.Jobs;
using PartnerMatch.Api.Limits;
using PartnerMatch.Api.Tables;
using PartnerMatch.Api.Telemetry;

namespace PartnerMatch.Api.Imports;

internal static class ImportEndpoints
{
    private const string AsyncPreference = "respond-async";
    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(2);

    public static IServiceCollection AddImports(this IServiceCollection services) => services
        .AddSingleton(provider => ImportSettings.From(provider.GetRequiredService<IConfiguration>()))
        .AddSingleton<ImportFiles>()
        .AddSingleton<ImportStore>()
        .AddSingleton<RowChecks>()
        .AddSingleton<ImportRun>()
        .AddSingleton<ImportQueue>()
        .AddHostedService(provider => provider.GetRequiredService<ImportQueue>())
        .AddSingleton<EnterpriseExport>()
        .AddSingleton<IValidator<ImportQuery>, InlineValidator<ImportQuery>>()
        .AddSingleton<IValidator<ExportQuery>, ExportQueryValidator>();

    public static void MapImports(this IEndpointRouteBuilder v1)
    {
        var settings = v1.ServiceProvider.GetRequiredService<ImportSettings>();
        v1.MapPost("/enterprises/import", ImportEnterprisesAsync)
            .WithName("ImportEnterprises")
            .TakesItsTime()
            .Needs(Scope.ProfilesWrite)
            .WithTags("Import and export")
            .WithSummary("Imports enterprises from a file")
            .WithDescription(
                $"""
                The body is the file: CSV (UTF-8, cells separated by `;` or `,`, with a header), NDJSON (one enterprise a line, as GET answers it) or an XLSX workbook, whose first sheet is read.

                Columns of CSV and XLSX, in any order: `{string.Join(",", SheetColumns.All)}`. `country`, `region` and one of the names are required. Lists (makes, makes_ru, needs, needs_ru, markets, certificates, sources, identifiers) are separated by `;`. Countries and regions are codes or names in English or Russian. Entries of makes and needs are words, which the service maps to codes, or codes.

                A row means a stored enterprise by its id, else by an identifier, else by name, country and region; else it is new. A sheet changes what it has columns for; a line of NDJSON replaces the profile. To import a file again changes nothing.

                All rows are stored together, or none where one is refused (422); `mode=partial` stores the others, `dryRun=true` only reports. Files up to {ImportSettings.MaxSizeAtOnce / 1024 / 1024} MB are done at once; larger ones, or any with `Prefer: respond-async`, become a job (202), whose progress and report are at `Location`.
                """)
            .CreatesRepeatably()
            .WithMetadata(new RequestSizeLimitAttribute(settings.MaxSize))
            .WithMetadata(new TakesFileMetadata(
                (CsvTable.ContentType, "A header and a row an enterprise, in UTF-8."),
                (NdjsonLines.ContentType, "An enterprise a line, as GetEnterprise answers it; revision, createdAt and updatedAt are accepted and ignored."),
                (XlsxTable.ContentType, "A workbook, whose first sheet has the columns of the CSV.")));
        var imports = v1.MapGroup("/imports").WithTags("Import and export").Needs(Scope.ProfilesWrite);
        imports.MapGet("/{importId}", GetImportAsync)
            .WithName("GetImport")
            .WithSummary("How far an import is, and what came of it")
            .WithDescription($"Lists in the report hold at most {ImportReport.MaxEntries} entries; the counts beside them are complete.")
            .ComparesAnswers();
        imports.MapPost("/{importId}/cancel", CancelImportAsync)
            .WithName("CancelImport")
            .WithSummary("Stops an import")
            .WithDescription("Nothing of it is stored. An import that is over, or whose rows are stored already, is not undone: 409. Takes no If-Match: it stops whatever it has come to.");
        v1.MapGet("/enterprises/export", ExportEnterprisesAsync)
            .WithName("ExportEnterprises")
            .IsNeverStored()
            .TakesItsTime()
            .Needs(Scope.Read)
            .WithTags("Import and export")
            .WithSummary("All enterprises as a file that import takes")
            .WithDescription("In order of name. NDJSON holds whole profiles, contacts among them; CSV and XLSX what their columns hold. To import it again changes nothing. Cells that a spreadsheet would run as a formula begin with an apostrophe, which import takes away.")
            .WithMetadata(new GivesFileMetadata(NdjsonLines.ContentType));
    }

    private static async Task<Results<Ok<Import>, Accepted<Import>, InvalidProblem, RefusedRowsProblem, FileTooLargeProblem, UnsupportedFileProblem>> ImportEnterprisesAsync(
        [AsParameters] ImportQuery query,
        HttpContext context,
        ImportFiles files,
        ImportQueue queue,
        ImportSettings settings,
        TimeProvider time,
        CancellationToken cancellation)
    {
        if (FormatOf(context.Request) is not { } format)
        {
            return new UnsupportedFileProblem(context.Request.ContentType);
        }

        var now = time.GetUtcNow();
        var id = Guid.CreateVersion7(now).ToString("n");
        var body = await files.KeepAsync(id, context.Request.Body, format, cancellation);
        if (body.IsTooLarge)
        {
            return new FileTooLargeProblem(settings.MaxSize);
        }

        if (body.Error is { } error)
        {
            return new InvalidProblem(new FieldError("body", error.Place, error.Detail));
        }

        var import = new Import
        {
            Id = id,
            State = JobState.Queued,
            Format = format,
            Mode = query.Mode?.Value ?? ImportMode.All,
            DryRun = query.DryRun ?? false,
            Size = body.Size,
            CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(now.ToUnixTimeMilliseconds()),
        };
        var prefersJob = Prefers(context.Request);
        if (prefersJob || body.Size > ImportSettings.MaxSizeAtOnce)
        {
            await queue.AddAsync(import, cancellation);
            context.Response.Headers.RetryAfter = AskAgain.TotalSeconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
            if (prefersJob)
            {
                context.Response.Headers["Preference-Applied"] = AsyncPreference;
            }

            return TypedResults.Accepted($"/v1/imports/{id}", import);
        }

        return await queue.RunNowAsync(import, cancellation) switch
        {
            { Failure: null } done => TypedResults.Ok(done),
            { Report: null, Failure: { } failure } => ToProblem(failure),
            { } refused => new RefusedRowsProblem(refused),
        };
    }

    private static async Task<Results<Ok<Import>, NotFoundProblem>> GetImportAsync(string importId, ImportQueue queue, CancellationToken cancellation) =>
        await queue.FindAsync(importId, cancellation) is { } import ? TypedResults.Ok(import) : new NotFoundProblem("import", importId);

    private static async Task<Results<Ok<Import>, NotFoundProblem, ConflictProblem>> CancelImportAsync(string importId, ImportQueue queue, CancellationToken cancellation)
    {
        if (await queue.FindAsync(importId, cancellation) is null)
        {
            return new NotFoundProblem("import", importId);
        }

        var cancelled = await queue.CancelAsync(importId, cancellation);
        return (await queue.FindAsync(importId, cancellation))! switch
        {
            { } import when !cancelled => new ConflictProblem("import-over", "The import is over.", $"The state of the import is {Kebab.Of(import.State)}."),
            { } import => TypedResults.Ok(import),
        };
    }

    private static async Task<Results<NdjsonFile<Enterprise>, TableFile, InvalidProblem>> ExportEnterprisesAsync([AsParameters] ExportQuery query, EnterpriseExport export, CancellationToken cancellation)
    {
        var filter = query.ToFilter();
        var format = query.Format?.Value ?? ImportFormat.Csv;
        if (format == ImportFormat.Ndjson)
        {
            return new NdjsonFile<Enterprise>("enterprises", export.ReadLinesAsync(filter, cancellation));
        }

        if (format == ImportFormat.Xlsx && await export.CountAsync(filter, cancellation) >= XlsxTable.MaxRows)
        {
            return new InvalidProblem(new FieldError("query", "format", $"A sheet has at most {XlsxTable.MaxRows} rows.", ["csv", "ndjson"]));
        }

        return new TableFile(format == ImportFormat.Csv ? ListFormat.Csv : ListFormat.Xlsx, "enterprises", export.ReadCellsAsync(filter, cancellation));
    }

    /// <summary>The format by Content-Type; null where it is none of them, or compressed, or in another encoding than UTF-8.</summary>
    private static ImportFormat? FormatOf(HttpRequest request)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type) || request.Headers.ContentEncoding.Count > 0)
        {
            return null;
        }

        var isUtf8 = !type.Charset.HasValue || HeaderUtilities.RemoveQuotes(type.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase);
        return type.MediaType.Value!.ToLowerInvariant() switch
        {
            CsvTable.ContentType when isUtf8 => ImportFormat.Csv,
            NdjsonLines.ContentType when isUtf8 => ImportFormat.Ndjson,
            XlsxTable.ContentType => ImportFormat.Xlsx,
            _ => null,
        };
    }

    private static bool Prefers(HttpRequest request) =>
        request.Headers["Prefer"].SelectMany(v => v!.Split(',')).Any(p => p.Trim().Equals(AsyncPreference, StringComparison.OrdinalIgnoreCase));

    /// <summary>An import that the service itself failed at is a bug or an outage like any other.</summary>
    private static InvalidProblem ToProblem(ImportFailure failure) => failure.Errors.Count > 0
        ? new InvalidProblem(failure.Errors)
        : throw new UnreachableException(failure.Detail);
}

/// <summary>How to import.</summary>
internal sealed record ImportQuery(
    [FromQuery(Name = "mode")] EnumParameter<ImportMode>? Mode,
    [FromQuery(Name = "dryRun")] bool? DryRun);

/// <summary>422: the file can be read, but rows of it are refused; with the whole report.</summary>
internal sealed class RefusedRowsProblem(Import import) : IResult, IStatusCodeHttpResult, IEndpointMetadataProvider
{
    public int? StatusCode => 422;

    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) => builder.Metadata.Add(new Metadata());

    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.StatusCode = 422;
        var problem = new ImportProblem(
            import.Failure!.Type,
            "Rows of the file are refused.",
            422,
            import.Failure.Detail,
            Spans.TraceIdOf(httpContext),
            import.Failure.Errors,
            import);
        return httpContext.Response.WriteAsJsonAsync(problem, options: null, Problem.ContentType, httpContext.RequestAborted);
    }

    private sealed class Metadata : IProducesResponseTypeMetadata
    {
        public Type Type => typeof(ImportProblem);

        public int StatusCode => 422;

        public IEnumerable<string> ContentTypes => [Problem.ContentType];

        public string Description => "Rows are refused and nothing is stored; import.report names each.";
    }
}

/// <summary>A problem (RFC 9457) with the import that it tells of.</summary>
/// <param name="Type">urn:partnermatch:problem:import-refused.</param>
/// <param name="Title">The kind of error in words.</param>
/// <param name="Status">422.</param>
/// <param name="Detail">How many rows are refused.</param>
/// <param name="TraceId">Names the request in the service's log.</param>
/// <param name="Errors">The first ten of the refused rows.</param>
/// <param name="Import">The import with its report.</param>
internal sealed record ImportProblem(string Type, string Title, int Status, string Detail, string TraceId, IReadOnlyList<FieldError> Errors, Import Import);

/// <summary>413: the file is larger than is taken.</summary>
internal sealed class FileTooLargeProblem(long maxSize) : ProblemResult(Problem.Of(413, "body-too-large", "The file is larger than this service takes.", $"At most {maxSize} bytes.")), IEndpointMetadataProvider
{
    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) => Describe(builder, 413, "The file is larger than PartnerMatch:Imports:MaxSize, 1 GB where not set.");
}

/// <summary>415: the body is no file of a format that is taken.</summary>
internal sealed class UnsupportedFileProblem(string? contentType) : ProblemResult(Problem.Of(
    415,
    "unsupported-media-type",
    "The file's format is not taken.",
    $"'{contentType}' is not one of {CsvTable.ContentType}, {NdjsonLines.ContentType} (both in UTF-8) and {XlsxTable.ContentType}, none of them compressed.")), IEndpointMetadataProvider
{
    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) => Describe(builder, 415, "The body is not CSV, NDJSON or XLSX by its Content-Type, or not UTF-8, or compressed.");
}
