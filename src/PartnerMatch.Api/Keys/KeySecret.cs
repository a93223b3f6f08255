using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace PartnerMatch.Api.Keys;

/// <summary>
/// The form of a key: <c>pmk_</c>, the id by which it is found and recognised (16 hexadecimal digits), <c>_</c>, and 256 random bits in
/// base64url. Only the hash of the whole is kept; so many random bits need no slow hash.
/// </summary>
internal static class KeySecret
{
    public const string Prefix = "pmk_";
    private const int IdBytes = 8;
    private const int SecretBytes = 32;
    private const int IdLength = IdBytes * 2;
    private const int Length = 4 + IdLength + 1 + 43;

    /// <summary>A new key and its id.</summary>
    public static (string Id, string Secret) Create()
    {
        var id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(IdBytes));
        return (id, $"{Prefix}{id}_{Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes))}");
    }

    public static byte[] HashOf(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));

    /// <summary>The id in what looks like a key, or null.</summary>
    public static string? FindId(string secret) =>
        secret.Length == Length && secret.StartsWith(Prefix, StringComparison.Ordinal) && secret[Prefix.Length + IdLength] == '_'
            ? secret.Substring(Prefix.Length, IdLength)
            : null;

    /// <summary>Takes the same time wherever the two differ.</summary>
    public static bool Fits(string secret, byte[] hash) => CryptographicOperations.FixedTimeEquals(HashOf(secret), hash);
}
