using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Diagnostics;
using PartnerMatch.Api.Storage;

namespace PartnerMatch.Api.Http;

/// <summary>Makes every failure leave as a problem: what does not bind, what is not found, what throws.</summary>
internal sealed partial class ProblemHandling : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        var problem = exception switch
        {
            BadHttpRequestException { StatusCode: 400 } bad => Problem.Invalid(Locate(bad, httpContext.Request.Query)),
            BadHttpRequestException bad => Problem.OfStatus(bad.StatusCode),
            _ when StorageFailure.IsFull(exception) => Problem.OfStatus(507),
            _ when StorageFailure.IsUnavailable(exception) => Problem.Of(503, "database-unavailable", "The database cannot be used just now. Nothing of the request was stored."),
            _ => Problem.OfStatus(500),
        };
        if (problem.Status is 503 or 507)
        {
            httpContext.Response.Headers.RetryAfter = "10";
        }

        await problem.WriteAsync(httpContext);
        return true;
    }

    public static Task WriteStatusAsync(StatusCodeContext context) =>
        Problem.OfStatus(context.HttpContext.Response.StatusCode).WriteAsync(context.HttpContext);

    /// <summary>The place in a body that the serializer refused, in words that name no type of ours.</summary>
    public static FieldError Locate(JsonException exception)
    {
        var path = exception.Path is { Length: > 2 } p && p.StartsWith("$.", StringComparison.Ordinal) ? p[2..] : exception.Path ?? "$";
        if (UnknownMember().Match(exception.Message) is { Success: true } unknown)
        {
            return new FieldError("body", Join(path, unknown.Groups["name"].Value), "There is no such field.");
        }

        if (MissingMembers().Match(exception.Message) is { Success: true } missing)
        {
            return new FieldError("body", missing.Groups["name"].Value, "The field is required.");
        }

        if (DuplicateMember().Match(exception.Message) is { Success: true } duplicate)
        {
            return new FieldError("body", duplicate.Groups["name"].Value, "The field is given twice.");
        }

        var isSyntax = !exception.Message.Contains("could not be converted", StringComparison.Ordinal)
            && !exception.Message.Contains("null values", StringComparison.Ordinal);
        return new FieldError("body", path, isSyntax ? "This is not well-formed JSON." : "The value is of the wrong type.");
    }

    private static string Join(string path, string name) =>
        path == "$" || path == name || path.EndsWith('.' + name, StringComparison.Ordinal) ? path == "$" ? name : path : $"{path}.{name}";

    private static FieldError Locate(BadHttpRequestException exception, IQueryCollection query)
    {
        if (exception.InnerException is JsonException json)
        {
            return Locate(json);
        }

        if (UnboundParameter().Match(exception.Message) is { Success: true } parameter)
        {
            // The framework names its own member; the request knows the parameter by the value.
            var value = parameter.Groups["value"].Value;
            var name = query.FirstOrDefault(q => q.Value.ToString() == value).Key ?? parameter.Groups["name"].Value;
            return new FieldError("query", name, $"'{value}' is not a value that this parameter takes.");
        }

        return new FieldError("body", "$", exception.Message.Contains("no body", StringComparison.OrdinalIgnoreCase)
            || exception.Message.Contains("Implicit body", StringComparison.Ordinal)
            || exception.Message.Contains("Required parameter", StringComparison.Ordinal)
                ? "A JSON body is required."
                : "The body cannot be read.");
    }

    [GeneratedRegex("The JSON property '(?<name>[^']*)' could not be mapped")]
    private static partial Regex UnknownMember();

    [GeneratedRegex("missing required properties.*?'(?<name>[^']*)'")]
    private static partial Regex MissingMembers();

    [GeneratedRegex("Duplicate property '(?<name>[^']*)'")]
    private static partial Regex DuplicateMember();

    [GeneratedRegex("Failed to bind parameter \".*? (?<name>\\w+)\" from \"(?<value>.*)\"")]
    private static partial Regex UnboundParameter();
}
