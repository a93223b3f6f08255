namespace PartnerMatch.Api.Enterprises;

/// <summary>Verifies the check digits of legal identifiers.</summary>
internal static class LegalIdentifiers
{
    /// <summary>What the identifiers of all registries have in common.</summary>
    public const string Form = "^[0-9A-Z]{9,20}$";

    private static readonly int[] UnpWeights = [29, 23, 19, 17, 13, 7, 5, 3];
    private static readonly int[] InnWeights10 = [2, 4, 10, 3, 5, 9, 4, 6, 8];
    private static readonly int[] InnWeights11 = [7, 2, 4, 10, 3, 5, 9, 4, 6, 8];
    private static readonly int[] InnWeights12 = [3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8];

    /// <summary>What is wrong with the value, or null where nothing is.</summary>
    public static string? FindError(IdentifierScheme scheme, string value) => scheme switch
    {
        IdentifierScheme.Unp when !IsDigits(value, 9) => "A UNP has nine digits.",
        IdentifierScheme.Unp => IsUnp(value) ? null : "The check digit of the UNP is wrong.",
        IdentifierScheme.Inn when !IsDigits(value, 10) && !IsDigits(value, 12) => "An INN has ten digits, or twelve for an entrepreneur.",
        IdentifierScheme.Inn => IsInn(value) ? null : "A check digit of the INN is wrong.",
        IdentifierScheme.Ogrn when !IsDigits(value, 13) && !IsDigits(value, 15) => "An OGRN has thirteen digits, or fifteen for an entrepreneur.",
        IdentifierScheme.Ogrn => IsOgrn(value) ? null : "The check digit of the OGRN is wrong.",
        IdentifierScheme.Lei when value.Length != 20 || !value.All(c => char.IsAsciiDigit(c) || char.IsAsciiLetterUpper(c)) => "An LEI has twenty characters, digits and capital letters.",
        IdentifierScheme.Lei => IsLei(value) ? null : "The check digits of the LEI are wrong.",
    };

    private static bool IsDigits(string value, int count) => value.Length == count && value.All(char.IsAsciiDigit);

    /// <summary>Weighted sum modulo 11; a remainder of 10 is never issued.</summary>
    private static bool IsUnp(string value) => Weigh(value, UnpWeights) % 11 is < 10 and var check && check == Digit(value, 8);

    private static bool IsInn(string value) => value.Length == 10
        ? InnCheck(value, InnWeights10) == Digit(value, 9)
        : InnCheck(value, InnWeights11) == Digit(value, 10) && InnCheck(value, InnWeights12) == Digit(value, 11);

    private static int InnCheck(string value, int[] weights) => Weigh(value, weights) % 11 % 10;

    private static bool IsOgrn(string value)
    {
        var body = long.Parse(value[..^1], System.Globalization.CultureInfo.InvariantCulture);
        return body % (value.Length - 2) % 10 == Digit(value, value.Length - 1);
    }

    /// <summary>ISO 7064 MOD 97-10: letters stand for 10 to 35, and the whole number leaves 1.</summary>
    private static bool IsLei(string value)
    {
        var remainder = 0;
        foreach (var c in value)
        {
            remainder = char.IsAsciiDigit(c) ? ((remainder * 10) + (c - '0')) % 97 : ((remainder * 100) + (c - 'A' + 10)) % 97;
        }

        return remainder == 1;
    }

    private static int Weigh(string value, int[] weights)
    {
        var sum = 0;
        for (var i = 0; i < weights.Length; i++)
        {
            sum += weights[i] * Digit(value, i);
        }

        return sum;
    }

    private static int Digit(string value, int at) => value[at] - '0';
}
