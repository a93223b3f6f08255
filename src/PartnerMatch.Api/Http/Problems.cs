using System.Reflection;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.Metadata;
using PartnerMatch.Api.Telemetry;

namespace PartnerMatch.Api.Http;

/// <summary>An error as RFC 9457 describes it, the only shape in which a request fails.</summary>
internal sealed record Problem
{
    public const string ContentType = "application/problem+json";

    /// <summary>Stable name of the kind of error, <c>urn:partnermatch:problem:...</c>.</summary>
    public required string Type { get; init; }

    /// <summary>The kind of error in words.</summary>
    public required string Title { get; init; }

    /// <summary>The HTTP status code.</summary>
    public required int Status { get; init; }

    /// <summary>What went wrong this time.</summary>
    public string? Detail { get; init; }

    /// <summary>Names the request in the service's log: the trace id of W3C Trace Context, of the caller where it sent a traceparent.</summary>
    public string? TraceId { get; init; }

    /// <summary>One entry per place that is wrong; on invalid requests only.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<FieldError>? Errors { get; init; }

    public static Problem Of(int status, string kind, string title, string? detail = null, IReadOnlyList<FieldError>? errors = null) =>
        new() { Type = "urn:partnermatch:problem:" + kind, Title = title, Status = status, Detail = detail, Errors = errors };

    public static Problem Invalid(params IReadOnlyList<FieldError> errors) =>
        Of(400, "invalid-request", "The request is not valid.", string.Join(" ", errors.Take(3).Select(e => $"{e.Path}: {e.Detail}")), errors);

    /// <summary>The problem of a bare status code, raised by the framework itself.</summary>
    public static Problem OfStatus(int status, string? detail = null) => status switch
    {
        400 => Of(status, "bad-request", "The request cannot be read.", detail),
        401 => Of(status, "unauthorized", "The caller is not known.", detail),
        403 => Of(status, "forbidden", "The caller may not do this.", detail),
        404 => Of(status, "not-found", "There is nothing at this address.", detail),
        405 => Of(status, "method-not-allowed", "This address does not take that method.", detail),
        413 => Of(status, "body-too-large", "The body is larger than this service takes.", detail),
        415 => Of(status, "unsupported-media-type", "The body must be application/json (or application/merge-patch+json for PATCH).", detail),
        429 => Of(status, "too-many-requests", "Too many requests.", detail),
        503 => Of(status, "overloaded", "The service cannot take this now.", detail),
        507 => Of(status, "storage-full", "The disk is full. Nothing of the request was stored.", detail),
        >= 500 => Of(status, "internal-error", "The service failed. Nothing of the request was stored.", detail),
        _ => Of(status, "http-" + status, "The request failed.", detail),
    };

    public Task WriteAsync(HttpContext context)
    {
        context.Response.StatusCode = Status;
        var traced = this with { TraceId = Spans.TraceIdOf(context) };

        // A request that was given up because it took too long is still answered.
        return context.Response.WriteAsJsonAsync(traced, options: null, ContentType, CancellationToken.None);
    }
}

/// <summary>One place of a request that is wrong.</summary>
/// <param name="In">Where: <c>body</c>, <c>query</c>, <c>path</c> or <c>header</c>.</param>
/// <param name="Path">The parameter's or header's name, or the JSON path in the body, <c>offers[0].code</c>.</param>
/// <param name="Detail">What is wrong with it.</param>
/// <param name="Suggestions">Values that would be right, where some are near; else absent.</param>
internal sealed record FieldError(
    string In,
    string Path,
    string Detail,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<string>? Suggestions = null);

/// <summary>A typed result that says in the OpenAPI document that it is a problem; the framework's own does not.</summary>
internal abstract class ProblemResult(Problem problem) : IResult, IStatusCodeHttpResult
{
    public int? StatusCode => problem.Status;

    public Task ExecuteAsync(HttpContext httpContext) => problem.WriteAsync(httpContext);

    protected static void Describe(EndpointBuilder builder, int status, string description) =>
        builder.Metadata.Add(new ProducesProblemMetadata(status, description));
}

/// <summary>Documents a problem that an endpoint may answer.</summary>
internal sealed class ProducesProblemMetadata(int statusCode, string description) : IProducesResponseTypeMetadata
{
    public Type Type => typeof(Problem);

    public int StatusCode => statusCode;

    public IEnumerable<string> ContentTypes => [Problem.ContentType];

    public string Description => description;
}

/// <summary>404: the resource named in the path does not exist.</summary>
/// <param name="what">The kind of resource.</param>
/// <param name="id">The id asked for.</param>
/// <param name="asOf">The time asked about, where that is not now.</param>
internal sealed class NotFoundProblem(string what, string id, DateTimeOffset? asOf = null)
    : ProblemResult(Problem.Of(404, "not-found", $"There is no such {what}.", asOf is null ? $"No {what} has the id '{id}'." : $"No {what} had the id '{id}' at {asOf:O}.")), IEndpointMetadataProvider
{
    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) => Describe(builder, 404, "The resource does not exist.");
}

/// <summary>403: the caller may do such things, but not to this. Every operation that needs a scope documents the status already.</summary>
internal sealed class ForbiddenProblem(string detail) : ProblemResult(Problem.OfStatus(403, detail));

/// <summary>409: the request contradicts what is stored.</summary>
internal sealed class ConflictProblem(string kind, string title, string detail, IReadOnlyList<FieldError>? errors = null)
    : ProblemResult(Problem.Of(409, kind, title, detail, errors)), IEndpointMetadataProvider
{
    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) => Describe(builder, 409, "The request contradicts what is stored.");
}

/// <summary>400: the request is malformed or names something unknown.</summary>
internal sealed class InvalidProblem(params IReadOnlyList<FieldError> errors) : ProblemResult(Problem.Invalid(errors)), IEndpointMetadataProvider
{
    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) => Describe(builder, 400, "The request is not valid; errors names each place.");
}
