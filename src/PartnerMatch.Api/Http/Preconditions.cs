using System.Reflection;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using PartnerMatch.Api.Tables;

namespace PartnerMatch.Api.Http;

/// <summary>Who changes a resource says which version of it was seen: ETag and If-Match (RFC 9110).</summary>
internal static class Preconditions
{
    /// <summary>Tells the version of the resource that is answered.</summary>
    public static void TellVersion(this HttpContext context, string version) => context.Response.Headers.ETag = Quoted(version);

    /// <summary>
    /// Tells the version of what is to be answered; null where <paramref name="ifNoneMatch"/> does not name it. Asked before the answer is made:
    /// who has it already costs no more than that.
    /// </summary>
    public static NotModified? FindUnchanged(this HttpContext context, string? ifNoneMatch, string version)
    {
        context.TellVersion(version);
        var isKnown = ifNoneMatch is not null && EntityTagHeaderValue.TryParseStrictList([ifNoneMatch], out var tags)
            && tags.Any(t => t.Equals(EntityTagHeaderValue.Any) || t.Tag == Quoted(version));
        return isKnown ? new NotModified() : null;
    }

    /// <summary>Null where <paramref name="ifMatch"/> names the version that is stored.</summary>
    public static PreconditionProblem? Check(string? ifMatch, string version)
    {
        if (string.IsNullOrWhiteSpace(ifMatch))
        {
            return PreconditionProblem.Required();
        }

        var names = EntityTagHeaderValue.TryParseStrictList([ifMatch], out var tags)
            && tags.Any(t => t.Equals(EntityTagHeaderValue.Any) || (!t.IsWeak && t.Tag == Quoted(version)));
        return names ? null : PreconditionProblem.Failed(Quoted(version));
    }

    /// <summary>Says in the document that the answer carries an ETag.</summary>
    public static RouteHandlerBuilder GivesVersion(this RouteHandlerBuilder builder) => builder.WithMetadata(new GivesVersionMetadata());

    /// <summary>
    /// Gives a small answer an ETag that is made of what it says, and 304 to who has it already. For what no change names by If-Match: of two answers
    /// that say the same one does not know whether something happened in between.
    /// </summary>
    public static RouteHandlerBuilder ComparesAnswers(this RouteHandlerBuilder builder) => builder
        .GivesVersion()
        .WithMetadata(new ComparesAnswersMetadata(), new ProducesResponseTypeMetadata(StatusCodes.Status304NotModified, typeof(void)))
        .AddEndpointFilter(CompareAsync);

    private static async ValueTask<object?> CompareAsync(EndpointFilterInvocationContext invocation, EndpointFilterDelegate next)
    {
        var result = await next(invocation);
        var answer = result is INestedHttpResult nested ? nested.Result : result;
        var context = invocation.HttpContext;
        if (answer is TableFile { Page: { } page } table)
        {
            // The next page is told beside the table only.
            object?[] told = [table.Format, context.Response.Headers.Link.ToString(), page];
            return FindUnchangedAnswer(context, JsonSerializer.SerializeToUtf8Bytes(told)) ?? result;
        }

        if (answer is not IValueHttpResult { Value: { } value } || answer is not IStatusCodeHttpResult { StatusCode: StatusCodes.Status200OK })
        {
            return result;
        }

        var json = JsonSerializer.SerializeToUtf8Bytes(value, value.GetType(), context.RequestServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions);
        return FindUnchangedAnswer(context, json) ?? (object)TypedResults.Bytes(json, "application/json; charset=utf-8");
    }

    private static NotModified? FindUnchangedAnswer(HttpContext context, byte[] told)
    {
        var unchanged = context.FindUnchanged(context.Request.Headers.IfNoneMatch, Convert.ToHexStringLower(SHA256.HashData(told).AsSpan(..16)));
        if (unchanged is not null)
        {
            // Who has the answer has its links.
            context.Response.Headers.Remove(HeaderNames.Link);
        }

        return unchanged;
    }

    private static string Quoted(string version) => $"\"{version}\"";
}

/// <summary>Documents that 200, 201 and 304 answers carry an ETag.</summary>
internal sealed class GivesVersionMetadata;

/// <summary>Documents that the answer need not be sent to who has it.</summary>
internal sealed class ComparesAnswersMetadata;

/// <summary>304: the caller has the answer already.</summary>
internal sealed class NotModified : IResult, IEndpointMetadataProvider
{
    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.StatusCode = StatusCodes.Status304NotModified;
        return Task.CompletedTask;
    }

    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) =>
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status304NotModified, typeof(void)));
}

/// <summary>428: the change does not say which version was seen; 412: another one is stored.</summary>
internal sealed class PreconditionProblem : ProblemResult, IEndpointMetadataProvider
{
    private PreconditionProblem(Problem problem)
        : base(problem)
    {
    }

    public static PreconditionProblem Required() => new(Problem.Of(
        428,
        "precondition-required",
        "Say which version you change.",
        "Send If-Match with the ETag of the version that you have seen."));

    public static PreconditionProblem Failed(string current) => new(Problem.Of(
        412,
        "precondition-failed",
        "Another version is stored.",
        $"The resource has changed since: its ETag is {current} now. Nothing was stored."));

    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder)
    {
        Describe(builder, 412, "Another version is stored than If-Match names.");
        Describe(builder, 428, "If-Match is missing.");
    }
}
