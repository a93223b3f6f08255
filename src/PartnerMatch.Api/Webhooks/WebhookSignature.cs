using System.Security.Cryptography;
using System.Text;

namespace PartnerMatch.Api.Webhooks;

/// <summary>
/// Signs messages by the Standard Webhooks scheme (https://www.standardwebhooks.com): HMAC-SHA256 of <c>id.timestamp.body</c> under the
/// secret's bytes, as <c>v1,</c> and base64.
/// </summary>
internal static class WebhookSignature
{
    private const string Prefix = "whsec_";
    private const int SecretBytes = 32;

    public static string NewSecret() => Prefix + Convert.ToBase64String(RandomNumberGenerator.GetBytes(SecretBytes));

    public static string Sign(string secret, string id, long timestamp, string body) => "v1," + Convert.ToBase64String(HMACSHA256.HashData(
        Convert.FromBase64String(secret[Prefix.Length..]),
        Encoding.UTF8.GetBytes(FormattableString.Invariant($"{id}.{timestamp}.{body}"))));
}
