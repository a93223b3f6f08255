using PartnerMatch.Api.Access;

namespace PartnerMatch.Api.Keys;

/// <summary>A key, without its secret.</summary>
internal record ApiKey
{
    public required string Id { get; init; }

    /// <summary>The beginning of the secret, by which the key is recognised.</summary>
    public string Prefix => KeySecret.Prefix + Id;

    public required string Name { get; init; }

    public required IReadOnlyList<Scope> Scopes { get; init; }

    /// <summary>The portal whose enterprises alone the key may create and change; null where it is bound to none.</summary>
    public string? Owner { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it ceases to be valid; null for never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>When it was last used, to a minute or so; null for never.</summary>
    public DateTimeOffset? LastUsedAt { get; init; }

    /// <summary>When it was revoked; null where it was not.</summary>
    public DateTimeOffset? RevokedAt { get; init; }

    public bool IsUsableAt(DateTimeOffset now) => RevokedAt is null && (ExpiresAt is null || now < ExpiresAt);
}

/// <summary>A key that was just made: the only answer that holds its secret.</summary>
internal sealed record IssuedKey : ApiKey
{
    /// <summary>What to send as <c>Authorization: Bearer</c>. It is not kept and cannot be shown again: null where the request was sent before under its Idempotency-Key.</summary>
    public required string? Secret { get; init; }
}

/// <summary>A page of keys.</summary>
/// <param name="Items">In order of creation; revoked and expired ones among them.</param>
/// <param name="Next">The address of the next page, or null at the end.</param>
internal sealed record KeyList(IReadOnlyList<ApiKey> Items, string? Next);
