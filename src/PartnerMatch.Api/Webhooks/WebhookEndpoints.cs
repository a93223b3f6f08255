using System.Globalization;
using FluentValidation;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using PartnerMatch.Api.Access;
using PartnerMatch.Api.Http;
using PartnerMatch.Api.Idempotency;

namespace PartnerMatch.Api.Webhooks;

internal static class WebhookEndpoints
{
    public static IServiceCollection AddWebhooks(this IServiceCollection services) => services
        .AddSingleton(provider => WebhookSettings.From(provider.GetRequiredService<IConfiguration>()))
        .AddSingleton<WebhookStore>()
        .AddSingleton<WebhookSender>()
        .AddHostedService<WebhookDelivery>()
        .AddSingleton<IValidator<WebhookRequest>, WebhookValidator>()
        .AddSingleton<IValidator<DeadLetterQuery>, DeadLetterQueryValidator>();

    public static void MapWebhooks(this IEndpointRouteBuilder v1)
    {
        var webhooks = v1.MapGroup("/webhooks").WithTags("Changes").Needs(Scope.Admin);
        webhooks.MapGet("/", ListWebhooksAsync)
            .WithName("ListWebhooks")
            .WithSummary("Lists webhooks")
            .WithDescription("In order of age, each with how its deliveries go.")
            .ComparesAnswers();
        webhooks.MapPost("/", CreateWebhookAsync)
            .WithName("CreateWebhook")
            .WithSummary("Registers an address that is told of changes")
            .WithDescription(
                $$"""
                From now on each change of the types asked for is posted to the address as `{"type", "timestamp", "data"}`, where data is the change as `GET /v1/changes` tells it, signed by the Standard Webhooks scheme: headers `webhook-id` (the same at each attempt: a receiver that has seen it ignores the message), `webhook-timestamp` and `webhook-signature`, HMAC-SHA256 under the secret. The secret is in this answer only.

                Any 2xx within 15 seconds is a receipt. Else the message is sent again after 5 seconds, 5 and 30 minutes, 2, 5, 10, 14, 20 and 24 hours, each give or take {{WebhookDelivery.Jitter * 100:0}}%, and then becomes a dead letter. 410 disables the webhook. Messages are sent in the order of changes as long as they are received, at least once each.

                Addresses are https and on the public internet, unless a setting allows others; redirects are not followed.
                """)
            .GivesVersion()
            .TakesBody()
            .CreatesOnce(secret: "secret");
        webhooks.MapGet("/{webhookId}", GetWebhookAsync)
            .WithName("GetWebhook")
            .WithSummary("One webhook, and how its deliveries go")
            .WithDescription("Its ETag is of what it is set to, for changes; how deliveries go changes without it, so that there is no 304.")
            .GivesVersion();
        webhooks.MapPut("/{webhookId}", ReplaceWebhookAsync)
            .WithName("ReplaceWebhook")
            .WithSummary("Changes a webhook")
            .WithDescription("Its secret stays. While it is not enabled, changes wait for it.")
            .GivesVersion()
            .TakesBody();
        webhooks.MapDelete("/{webhookId}", DeleteWebhookAsync)
            .WithName("DeleteWebhook")
            .WithSummary("Removes a webhook")
            .WithDescription("What was not delivered yet is dropped. If-Match names the version that was seen.");
        webhooks.MapPost("/{webhookId}/rotate-secret", RotateWebhookSecretAsync)
            .WithName("RotateWebhookSecret")
            .WithSummary("Gives a webhook a new secret")
            .WithDescription($"It is in this answer only. For {WebhookStore.Overlap.TotalHours} hours messages bear two signatures, by the new secret and by the one before.")
            .GivesVersion();
        webhooks.MapGet("/{webhookId}/dead-letters", ListDeadLettersAsync)
            .WithName("ListDeadLetters")
            .WithSummary("Messages that were given up")
            .WithDescription("In the order of changes, with why the last attempt failed.")
            .ComparesAnswers();
        webhooks.MapPost("/{webhookId}/dead-letters/redeliver", RedeliverAllAsync)
            .WithName("RedeliverDeadLetters")
            .WithSummary("Sends all dead letters of a webhook again")
            .WithDescription("Under the ids that they had, as if they were new.");
        webhooks.MapPost("/{webhookId}/dead-letters/{messageId}/redeliver", RedeliverAsync)
            .WithName("RedeliverDeadLetter")
            .WithSummary("Sends a dead letter again")
            .WithDescription("Under the id that it had, as if it were new.");
    }

    private static async Task<Ok<WebhookList>> ListWebhooksAsync(WebhookStore store, CancellationToken cancellation) =>
        TypedResults.Ok(new WebhookList(await store.FindAllAsync(cancellation)));

    private static async Task<Created<Webhook>> CreateWebhookAsync([FromBody] WebhookRequest request, WebhookStore store, HttpContext context, CancellationToken cancellation)
    {
        var webhook = await store.CreateAsync(request, cancellation);
        return TypedResults.Created($"/v1/webhooks/{webhook.Id}", Tell(webhook, context));
    }

    private static async Task<Results<Ok<Webhook>, NotFoundProblem>> GetWebhookAsync(string webhookId, WebhookStore store, HttpContext context, CancellationToken cancellation) =>
        await store.FindAsync(webhookId, cancellation) is { } webhook ? TypedResults.Ok(Tell(webhook, context)) : NotFound(webhookId);

    private static async Task<Results<Ok<Webhook>, NotFoundProblem, PreconditionProblem>> ReplaceWebhookAsync(
        string webhookId,
        [FromHeader(Name = "If-Match")] string? ifMatch,
        [FromBody] WebhookRequest request,
        WebhookStore store,
        HttpContext context,
        CancellationToken cancellation)
    {
        PreconditionProblem? refused = null;
        var webhook = await store.ReplaceAsync(webhookId, request, current => (refused = Preconditions.Check(ifMatch, VersionOf(current))) is null, cancellation);
        return webhook is null ? NotFound(webhookId) : refused is not null ? refused : TypedResults.Ok(Tell(webhook, context));
    }

    private static async Task<Results<NoContent, NotFoundProblem, PreconditionProblem>> DeleteWebhookAsync(
        string webhookId,
        [FromHeader(Name = "If-Match")] string? ifMatch,
        WebhookStore store,
        CancellationToken cancellation)
    {
        PreconditionProblem? refused = null;
        var removed = await store.DeleteAsync(webhookId, current => (refused = Preconditions.Check(ifMatch, VersionOf(current))) is null, cancellation);
        return removed ? TypedResults.NoContent() : refused is not null ? refused : NotFound(webhookId);
    }

    private static async Task<Results<Ok<Webhook>, NotFoundProblem>> RotateWebhookSecretAsync(string webhookId, WebhookStore store, HttpContext context, CancellationToken cancellation) =>
        await store.RotateSecretAsync(webhookId, cancellation) is { } webhook ? TypedResults.Ok(Tell(webhook, context)) : NotFound(webhookId);

    private static async Task<Results<Ok<DeadLetterList>, NotFoundProblem, InvalidProblem>> ListDeadLettersAsync(
        string webhookId,
        [AsParameters] DeadLetterQuery query,
        WebhookStore store,
        HttpContext context,
        CancellationToken cancellation)
    {
        var after = query.Cursor is null ? null : Paging.Decode<DeadLetterPosition>(query.Cursor);
        if (query.Cursor is not null && after is null)
        {
            return Paging.BadCursor();
        }

        if (await store.FindAsync(webhookId, cancellation) is null)
        {
            return NotFound(webhookId);
        }

        var limit = query.Limit ?? Paging.DefaultLimit;
        var found = await store.FindDeadAsync(webhookId, after?.Sequence ?? 0, limit + 1, cancellation);
        return TypedResults.Ok(new DeadLetterList(
            [.. found.Take(limit)],
            found.Count > limit ? Paging.Next(context, Paging.Encode(new DeadLetterPosition(found[limit - 1].Change.Sequence))) : null));
    }

    private static async Task<Results<Ok<Redelivery>, NotFoundProblem>> RedeliverAllAsync(string webhookId, WebhookStore store, CancellationToken cancellation) =>
        await store.FindAsync(webhookId, cancellation) is null
            ? NotFound(webhookId)
            : TypedResults.Ok(new Redelivery(await store.RedeliverAsync(webhookId, null, cancellation)));

    private static async Task<Results<Ok<Redelivery>, NotFoundProblem>> RedeliverAsync(string webhookId, string messageId, WebhookStore store, CancellationToken cancellation) =>
        await store.RedeliverAsync(webhookId, messageId, cancellation) is > 0 and var redelivered
            ? TypedResults.Ok(new Redelivery(redelivered))
            : new NotFoundProblem("dead letter", messageId);

    private static Webhook Tell(Webhook webhook, HttpContext context)
    {
        context.TellVersion(VersionOf(webhook));
        return webhook;
    }

    private static string VersionOf(Webhook webhook) => webhook.Revision.ToString(CultureInfo.InvariantCulture);

    private static NotFoundProblem NotFound(string id) => new("webhook", id);
}

/// <summary>Where a list of dead letters stopped.</summary>
internal sealed record DeadLetterPosition(long Sequence);

/// <summary>Which dead letters to list.</summary>
internal sealed record DeadLetterQuery([FromQuery(Name = "limit")] int? Limit, [FromQuery(Name = "cursor")] string? Cursor);

internal sealed class DeadLetterQueryValidator : AbstractValidator<DeadLetterQuery>
{
    public DeadLetterQueryValidator() => RuleFor(q => q.Limit).IsLimit();
}
