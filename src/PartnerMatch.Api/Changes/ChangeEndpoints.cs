using System.Globalization;
using FluentValidation;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using PartnerMatch.Api.Access;
using PartnerMatch.Api.Http;
using PartnerMatch.Api.Limits;
using PartnerMatch.Api.Telemetry;

namespace PartnerMatch.Api.Changes;

internal static class ChangeEndpoints
{
    public static IServiceCollection AddChanges(this IServiceCollection services) => services
        .AddSingleton<ChangeStore>()
        .AddSingleton<IValidator<ChangeQuery>, ChangeQueryValidator>();

    public static void MapChanges(this IEndpointRouteBuilder v1) => v1.MapGet("/changes", ListChangesAsync)
        .WithName("ListChanges")
        .WithTags("Changes")
        .Needs(Scope.Read)
        .WithSummary("What has changed, in order")
        .WithDescription(
            $"""
            Every change of enterprises, every decision, the beginning and end of every match run, and what saved searches found, in the order in which they were made, from the first day and without gaps (a key that is bound to an owner is not told of the drafts, runs and searches of others, nor of decisions about pairs of which it keeps no enterprise); a reader that was away goes on with `next`, however long it was. Types: {string.Join(", ", ChangeTypes.All.Select(t => $"`{t}`"))}. A change names its subject, which may have changed again or be gone since; a deletion stays as a tombstone.

            Where there is nothing new, `wait` lets the answer wait for the next change. With `Accept: text/event-stream` changes are sent as they happen, as server-sent events with the sequence as id and the type as event; a reader that reconnects with `Last-Event-ID` misses none. An event `alive` every {ChangeStream.Alive.TotalSeconds:0} seconds keeps the connection open; the stream ends once the key is revoked or the key or token expires. A caller has at most 100 streams and waiting answers at once (where the operator has not set another number): 429.

            A reader may see a change twice where it asks twice; it never misses one.
            """)
        .TakesItsTime()
        .IsFollowed()
        .WithMetadata(new GivesFileMetadata(ChangeStream.ContentType));

    private static async Task<Results<Ok<ChangeList>, ChangeStream, InvalidProblem>> ListChangesAsync(
        [AsParameters] ChangeQuery query,
        ChangeStore store,
        TrafficMeter meter,
        HttpContext context,
        IHostApplicationLifetime lifetime,
        CancellationToken cancellation)
    {
        var after = query.After ?? 0;
        if (context.Request.GetTypedHeaders().Accept.Any(a => a.MediaType.Equals(ChangeStream.ContentType, StringComparison.OrdinalIgnoreCase)))
        {
            var last = context.Request.Headers["Last-Event-ID"];
            if (last.Count > 0 && !(long.TryParse(last, NumberStyles.None, CultureInfo.InvariantCulture, out after) && last.Count == 1))
            {
                return new InvalidProblem(new FieldError("header", "Last-Event-ID", "The header is the id of an event of this feed."));
            }

            return new ChangeStream(store, meter, after, lifetime.ApplicationStopping);
        }

        var limit = query.Limit ?? Paging.DefaultLimit;
        using var following = query.Wait > 0 ? meter.FollowChanges("poll") : null;
        var page = query.Wait is > 0 and var seconds
            ? await store.WaitAfterAsync(after, limit, TimeSpan.FromSeconds(seconds), hurry: lifetime.ApplicationStopping, cancellation)
            : await store.FindAfterAsync(after, limit, cancellation);
        var reached = page.Last ?? after;
        return TypedResults.Ok(new ChangeList(page.Items, reached, FormattableString.Invariant($"/v1/changes?after={reached}&limit={limit}")));
    }
}

/// <summary>Which changes to tell.</summary>
internal sealed record ChangeQuery(
    [FromQuery(Name = "after")] long? After,
    [FromQuery(Name = "limit")] int? Limit,
    [FromQuery(Name = "wait")] int? Wait);

internal sealed class ChangeQueryValidator : AbstractValidator<ChangeQuery>
{
    public const int MaxWait = 30;

    public ChangeQueryValidator()
    {
        RuleFor(q => q.After).GreaterThanOrEqualTo(0);
        RuleFor(q => q.Limit).IsLimit();
        RuleFor(q => q.Wait).InclusiveBetween(0, MaxWait).WithMessage($"The answer waits 0 to {MaxWait} seconds.");
    }
}
