using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using FluentValidation;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using PartnerMatch.Api.Access;
using PartnerMatch.Api.Http;
using PartnerMatch.Api.Idempotency;

namespace PartnerMatch.Api.Keys;

internal static class KeyEndpoints
{
    public static IServiceCollection AddKeys(this IServiceCollection services) => services
        .AddSingleton<KeyStore>()
        .AddHostedService<KeyUses>()
        .AddSingleton<IValidator<KeyRequest>, KeyRequestValidator>()
        .AddSingleton<IValidator<RotationRequest>, RotationRequestValidator>()
        .AddSingleton<IValidator<KeyQuery>, KeyQueryValidator>();

    public static void MapKeys(this IEndpointRouteBuilder v1)
    {
        var keys = v1.MapGroup("/keys").WithTags("Keys").Needs(Scope.Admin).IsNeverStored();
        keys.MapGet("/", ListKeysAsync)
            .WithName("ListKeys")
            .WithSummary("Lists the API keys")
            .WithDescription("In order of creation, without their secrets; revoked and expired ones among them.")
            .ComparesAnswers();
        keys.MapPost("/", CreateKeyAsync)
            .WithName("CreateKey")
            .WithSummary("Makes an API key")
            .WithDescription("The answer is the only one that holds the secret. A key with an owner creates and changes only enterprises of that owner, and sees contacts of others only where they agreed.")
            .TakesBody()
            .CreatesOnce(secret: "secret");
        keys.MapGet("/{keyId}", GetKeyAsync)
            .WithName("GetKey")
            .WithSummary("One API key")
            .WithDescription("Without its secret.")
            .ComparesAnswers();
        keys.MapDelete("/{keyId}", RevokeKeyAsync)
            .WithName("RevokeKey")
            .WithSummary("Revokes an API key")
            .WithDescription("At once and for good. It stays in the list, so that the audit trail can name it. Takes no If-Match: a key that leaked is revoked whatever else happened to it.");
        keys.MapPost("/{keyId}/rotate", RotateKeyAsync)
            .WithName("RotateKey")
            .WithSummary("Replaces an API key by a new one")
            .WithDescription("The new key has the name, scopes and owner of the old one and lives as long as that was to live; the old one is valid for overlapHours more, so that its holder can change over without a gap.")
            .TakesBody()
            .CreatesOnce(secret: "secret");
    }

    private static async Task<Results<Ok<KeyList>, InvalidProblem>> ListKeysAsync([AsParameters] KeyQuery query, KeyStore store, HttpContext context, CancellationToken cancellation)
    {
        var after = query.Cursor is null ? null : Paging.Decode<KeyPosition>(query.Cursor);
        if (query.Cursor is not null && after is null)
        {
            return Paging.BadCursor();
        }

        var limit = query.Limit ?? Paging.DefaultLimit;
        var found = await store.FindPageAsync(after, limit + 1, cancellation);
        var items = found.Take(limit).ToArray();
        var next = found.Count > limit ? Paging.Next(context, Paging.Encode(new KeyPosition(items[^1].CreatedAt.ToUnixTimeMilliseconds(), items[^1].Id))) : null;
        return TypedResults.Ok(new KeyList(items, next));
    }

    private static async Task<Created<IssuedKey>> CreateKeyAsync([FromBody] KeyRequest request, KeyStore store, CancellationToken cancellation)
    {
        var issued = await store.CreateAsync(request.Name.Trim(), request.Scopes, request.Owner, request.ExpiresAt, cancellation);
        return TypedResults.Created($"/v1/keys/{issued.Id}", issued);
    }

    private static async Task<Results<Ok<ApiKey>, NotFoundProblem>> GetKeyAsync(string keyId, KeyStore store, CancellationToken cancellation) =>
        await store.FindAsync(keyId, cancellation) is { } key ? TypedResults.Ok(key) : new NotFoundProblem("key", keyId);

    private static async Task<Results<NoContent, NotFoundProblem>> RevokeKeyAsync(string keyId, KeyStore store, CancellationToken cancellation) =>
        await store.RevokeAsync(keyId, cancellation) ? TypedResults.NoContent() : new NotFoundProblem("key", keyId);

    private static async Task<Results<Created<IssuedKey>, NotFoundProblem, ConflictProblem>> RotateKeyAsync(
        string keyId,
        [FromBody] RotationRequest request,
        KeyStore store,
        CancellationToken cancellation)
    {
        if (await store.RotateAsync(keyId, TimeSpan.FromHours(request.OverlapHours ?? RotationRequest.DefaultOverlapHours), cancellation) is { } issued)
        {
            return TypedResults.Created($"/v1/keys/{issued.Id}", issued);
        }

        return await store.FindAsync(keyId, cancellation) is null
            ? new NotFoundProblem("key", keyId)
            : new ConflictProblem("key-over", "The key is not valid any more.", "A key that was revoked or has expired cannot be rotated: make a new one.");
    }
}

/// <summary>Which keys to list.</summary>
internal sealed record KeyQuery(
    [FromQuery(Name = "limit")] int? Limit,
    [FromQuery(Name = "cursor")] string? Cursor);

internal sealed class KeyQueryValidator : AbstractValidator<KeyQuery>
{
    public KeyQueryValidator() => RuleFor(q => q.Limit).IsLimit();
}

/// <summary>A key to make.</summary>
internal sealed record KeyRequest
{
    [Required, Length(1, KeyRequestValidator.MaxName), RegularExpression(KeyRequestValidator.OneLine), Description("Whose key it is, or what for.")]
    public string Name { get; init; } = "";

    [Required, Description("What its holder may do.")]
    public IReadOnlyList<Scope> Scopes { get; init; } = [];

    [Length(1, KeyRequestValidator.MaxName), RegularExpression(KeyRequestValidator.OneLine), Description("The portal whose enterprises alone it may create and change; bound to none where absent.")]
    public string? Owner { get; init; }

    [Description("When it ceases to be valid; never where absent.")]
    public DateTimeOffset? ExpiresAt { get; init; }
}

internal sealed class KeyRequestValidator : AbstractValidator<KeyRequest>
{
    public const int MaxName = 100;

    /// <summary>No control characters.</summary>
    public const string OneLine = @"^[^\x00-\x1F\x7F-\x9F]+$";

    public KeyRequestValidator(TimeProvider time)
    {
        RuleFor(k => k.Name).Must(IsText).WithMessage($"The name has 1 to {MaxName} characters.");
        RuleFor(k => k.Scopes).Must(s => s.Count > 0 && s.Distinct().Count() == s.Count).WithMessage("Name at least one scope, each once.");
        RuleFor(k => k.Owner).Must(o => o is null || IsText(o)).WithMessage($"The owner has 1 to {MaxName} characters.");
        RuleFor(k => k.Owner).Must((k, owner) => owner is null || !k.Scopes.Contains(Scope.Admin)).WithMessage("A key for everything is bound to no owner.");
        RuleFor(k => k.ExpiresAt).Must(e => e is null || e > time.GetUtcNow()).WithMessage("The time lies in the past.");
    }

    private static bool IsText(string text) => !string.IsNullOrWhiteSpace(text) && text.CountCharacters() <= MaxName && !text.Any(char.IsControl);
}

/// <summary>How to rotate a key.</summary>
internal sealed record RotationRequest
{
    public const double DefaultOverlapHours = 24;
    public const double MaxOverlapHours = 720;

    [Range(0.0, MaxOverlapHours), Description("For how many hours more the old key is valid, 0 to 720; 24 where absent.")]
    public double? OverlapHours { get; init; }
}

internal sealed class RotationRequestValidator : AbstractValidator<RotationRequest>
{
    public RotationRequestValidator() => RuleFor(r => r.OverlapHours).InclusiveBetween(0, RotationRequest.MaxOverlapHours).WithMessage("The overlap is 0 to 720 hours.");
}
