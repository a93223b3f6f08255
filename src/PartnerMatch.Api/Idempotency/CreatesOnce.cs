using Microsoft.AspNetCore.Http.Metadata;
using PartnerMatch.Api.Http;

namespace PartnerMatch.Api.Idempotency;

/// <summary>Marks an endpoint whose request may carry an <c>Idempotency-Key</c>.</summary>
/// <param name="IsRepeatable">Whether a second request of the same content creates nothing by itself, so that the answer may be stored after the write.</param>
/// <param name="SecretMember">The member of the answer that is shown once and never stored; null where there is none.</param>
internal sealed record CreatesOnceMetadata(bool IsRepeatable, string? SecretMember);

internal static class CreatesOnceExtensions
{
    /// <summary>What 422 means where a key can be given.</summary>
    public const string KeyReused = "Another request was sent under this Idempotency-Key.";

    /// <summary>
    /// Takes an <c>Idempotency-Key</c>. The endpoint's one write is committed together with the answer, so a crash leaves both or neither;
    /// the handler answers from what that write returned and does not use the database after it.
    /// </summary>
    /// <param name="builder">The endpoint.</param>
    /// <param name="secret">The member of the answer that is shown only once: a replay has null in its place.</param>
    public static RouteHandlerBuilder CreatesOnce(this RouteHandlerBuilder builder, string? secret = null) => builder.WithKey(new(IsRepeatable: false, secret));

    /// <summary>The same for an endpoint of several writes that do nothing when they are repeated; its answer is stored after them.</summary>
    public static RouteHandlerBuilder CreatesRepeatably(this RouteHandlerBuilder builder) => builder.WithKey(new(IsRepeatable: true, null));

    private static RouteHandlerBuilder WithKey(this RouteHandlerBuilder builder, CreatesOnceMetadata metadata)
    {
        builder.WithMetadata(metadata).WithMetadata(new ProducesProblemMetadata(409, "The request contradicts what is stored, or one with this Idempotency-Key is in progress."));
        builder.Finally(endpoint =>
        {
            // A 422 of its own stays what it is; the document adds this one to it.
            if (!endpoint.Metadata.OfType<IProducesResponseTypeMetadata>().Any(m => m.StatusCode == 422))
            {
                endpoint.Metadata.Add(new ProducesProblemMetadata(422, KeyReused));
            }
        });
        return builder;
    }
}
