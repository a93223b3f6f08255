using System.Text.Json;
using FluentValidation;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using PartnerMatch.Api.Access;
using PartnerMatch.Api.Http;

namespace PartnerMatch.Api.Audit;

internal static class AuditEndpoints
{
    public static IServiceCollection AddAudit(this IServiceCollection services) => services
        .AddSingleton<AuditStore>()
        .AddSingleton<IValidator<AuditQuery>, AuditQueryValidator>();

    public static void MapAudit(this IEndpointRouteBuilder v1) => v1.MapGet("/audit", ListChangesAsync)
        .WithName("ListAuditEntries")
        .WithTags("Audit")
        .WithSummary("Lists who changed what")
        .WithDescription(
            "The newest first. An entry is written in the transaction of its change and never altered. " +
            "Contacts are no part of it: what is told of an enterprise is its profile, so that people can be erased and the trail stays whole.")
        .Needs(Scope.Admin)
        .IsNeverStored()
        .ComparesAnswers();

    private static async Task<Results<Ok<AuditList>, InvalidProblem>> ListChangesAsync([AsParameters] AuditQuery query, AuditStore store, HttpContext context, CancellationToken cancellation)
    {
        var before = query.Cursor is null ? null : Paging.Decode<AuditPosition>(query.Cursor);
        if (query.Cursor is not null && before is null)
        {
            return Paging.BadCursor();
        }

        var limit = query.Limit ?? Paging.DefaultLimit;
        var found = await store.FindPageAsync(new AuditFilter(query.Resource, query.ResourceId, query.Actor, query.From, query.To, before?.Sequence, limit + 1), cancellation);
        var items = found.Take(limit).ToArray();
        return TypedResults.Ok(new AuditList(items, found.Count > limit ? Paging.Next(context, Paging.Encode(new AuditPosition(items[^1].Sequence))) : null));
    }

    private sealed record AuditPosition(long Sequence);
}

/// <summary>Which changes to list.</summary>
internal sealed record AuditQuery(
    [FromQuery(Name = "resource")] string? Resource,
    [FromQuery(Name = "resourceId")] string? ResourceId,
    [FromQuery(Name = "actor")] string? Actor,
    [FromQuery(Name = "from")] DateTimeOffset? From,
    [FromQuery(Name = "to")] DateTimeOffset? To,
    [FromQuery(Name = "limit")] int? Limit,
    [FromQuery(Name = "cursor")] string? Cursor);

internal sealed class AuditQueryValidator : AbstractValidator<AuditQuery>
{
    public const int MaxText = 200;

    public AuditQueryValidator()
    {
        RuleFor(q => q.Limit).IsLimit();
        RuleFor(q => q.Resource).HasAtMost(MaxText);
        RuleFor(q => q.ResourceId).HasAtMost(MaxText);
        RuleFor(q => q.ResourceId).Must((q, id) => id is null || q.Resource is not null).WithMessage("Ids are those of a resource: name it in resource.");
        RuleFor(q => q.Actor).HasAtMost(MaxText);
        RuleFor(q => q.To).Must((q, to) => to is null || q.From is null || q.From < to).WithMessage("This is not after from.");
    }
}

/// <summary>A page of the audit trail.</summary>
/// <param name="Items">The newest first.</param>
/// <param name="Next">The address of the next page, or null at the end.</param>
internal sealed record AuditList(IReadOnlyList<AuditEntry> Items, string? Next);

/// <summary>What was done to a resource.</summary>
internal enum AuditOperation
{
    /// <summary>It came to be.</summary>
    Created,

    /// <summary>It changed.</summary>
    Replaced,

    /// <summary>It was removed.</summary>
    Deleted,
}

/// <summary>One change.</summary>
internal sealed record AuditEntry
{
    /// <summary>Its place in the order of changes.</summary>
    public required long Sequence { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>Who did it: <c>key:</c> and the key's id, <c>token:</c> and the token's subject, <c>anyone</c> where the service ran open, <c>command</c>, or <c>service</c>.</summary>
    public required string Actor { get; init; }

    /// <summary>The key's name, where it was a key.</summary>
    public string? ActorName { get; init; }

    /// <summary>The address that the request came from.</summary>
    public string? Address { get; init; }

    /// <summary>The program that the caller said it is.</summary>
    public string? UserAgent { get; init; }

    /// <summary>Names the request in the log.</summary>
    public string? TraceId { get; init; }

    /// <summary>The kind of resource.</summary>
    public required string Resource { get; init; }

    public required string ResourceId { get; init; }

    public required AuditOperation Operation { get; init; }

    /// <summary>The revision that the change made, where the resource counts them.</summary>
    public int? Revision { get; init; }

    /// <summary>What it was; null where there was nothing.</summary>
    public JsonElement? Before { get; init; }

    /// <summary>What it became; null where it was removed.</summary>
    public JsonElement? After { get; init; }
}
