using System.Security.Cryptography;
using System.Text;

namespace PartnerMatch.Evaluation.Inputs;

/// <summary>A half of a labelled set: one to work with, one of which only totals are ever printed.</summary>
internal enum SetHalf
{
    /// <summary>Its rows may be looked at.</summary>
    Development,

    /// <summary>Held out: its rows are never printed.</summary>
    HeldOut,
}

/// <summary>Splits a labelled set for good: by the first byte of the SHA-256 of a row's key, even to the development half.</summary>
internal static class Halves
{
    public static SetHalf Of(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key))[0] % 2 == 0 ? SetHalf.Development : SetHalf.HeldOut;

    public static string NameOf(SetHalf? half) => half switch
    {
        SetHalf.Development => "development",
        SetHalf.HeldOut => "held out",
        null => "all",
    };
}
