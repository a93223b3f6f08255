using PartnerMatch.Ranking.Taxonomy;

namespace PartnerMatch.Api.Reference;

/// <summary>A trade and how much there is in it of what makes enterprises buy common things: canteens, vehicles, wet rooms and the like, 0 to 10.</summary>
/// <param name="Code">A division, or a code below one that differs from it.</param>
/// <param name="Traits">By name; below a division only those that differ.</param>
internal sealed record Trade(string Code, IReadOnlyDictionary<string, double> Traits);

/// <summary>What trades of any kind buy a little of.</summary>
/// <param name="Input">The code bought.</param>
/// <param name="Kind">How it goes in.</param>
/// <param name="Weight">What it weighs for a trade that has all of the traits.</param>
/// <param name="Traits">What makes a trade buy it, with shares.</param>
/// <param name="Least">The mixed trait, 0 to 10, from which a trade buys it at all.</param>
/// <param name="Only">The trades that may buy it; all where empty.</param>
/// <param name="Except">The trades that do not.</param>
internal sealed record CommonPurchase(
    string Input,
    LinkKind Kind,
    double Weight,
    IReadOnlyDictionary<string, double> Traits,
    double Least,
    IReadOnlyList<string> Only,
    IReadOnlyList<string> Except);

/// <summary>
/// Turns what any trade buys a little of (lamps, work clothes, canteen food, the repair of lorries) into links of small weight, graded by the trade's traits, so that
/// distant candidates get a reasoned, low, distinct score. A link that is written down always wins: what a trade buys already, or
/// something above or below it, is left alone.
/// </summary>
internal static class CommonPurchases
{
    private const double Lightest = 0.005;
    private const double Heaviest = 0.05;
    private const double Base = 0.003;

    /// <summary>A class gets a link of its own only where it differs by this much from what is above it.</summary>
    private const double Difference = 0.003;

    public static IReadOnlyList<ProductionLink> Expand(IEnumerable<Trade> trades, IEnumerable<CommonPurchase> purchases, IReadOnlyCollection<ProductionLink> written)
    {
        var resolved = Resolve(trades);
        var inputs = written.Where(l => l.Kind != LinkKind.Channel).ToLookup(l => l.Output, l => l.Input, StringComparer.Ordinal);
        var bought = resolved.ToDictionary(t => t.Code, t => AtAndAbove(t.Code).SelectMany(above => inputs[above]).ToHashSet(StringComparer.Ordinal), StringComparer.Ordinal);
        var boughtUnder = bought.ToDictionary(b => b.Key, b => b.Value.SelectMany(AtAndAbove).ToHashSet(StringComparer.Ordinal), StringComparer.Ordinal);
        var links = new Dictionary<(string Input, string Output, LinkKind Kind), double>();
        foreach (var purchase in purchases)
        {
            foreach (var (code, traits) in resolved)
            {
                if (purchase.Input[..2] == code[..2]
                    || (purchase.Only.Count > 0 && !purchase.Only.Any(o => IsAtOrUnder(code, o)))
                    || purchase.Except.Any(e => IsAtOrUnder(code, e))
                    || AtAndAbove(purchase.Input).Any(bought[code].Contains)
                    || boughtUnder[code].Contains(purchase.Input))
                {
                    continue;
                }

                var mixed = purchase.Traits.Sum(t => t.Value * traits[t.Key]);
                var weight = mixed < purchase.Least ? 0 : Math.Round(Math.Clamp(Base + (purchase.Weight * mixed / 10), Lightest, Heaviest), 3);
                var above = AtAndAbove(code).Skip(1).Select(a => links.GetValueOrDefault((purchase.Input, a, purchase.Kind))).FirstOrDefault(w => w > 0);

                // Where the trade above buys it, the least weight says that this one hardly does.
                var own = weight == 0 && above > Lightest ? Lightest : weight;
                if (own > 0 && (above == 0 || Math.Abs(own - above) >= Difference))
                {
                    links[(purchase.Input, code, purchase.Kind)] = own;
                }
            }
        }

        return [.. links.Where(l => !Contradicts(l.Key, l.Value, links)).Select(l => new ProductionLink(l.Key.Input, l.Key.Output, l.Key.Kind, l.Value))];
    }

    /// <summary>Each trade with all its traits, the broader before the narrower.</summary>
    private static List<(string Code, IReadOnlyDictionary<string, double> Traits)> Resolve(IEnumerable<Trade> trades)
    {
        var resolved = new Dictionary<string, IReadOnlyDictionary<string, double>>(StringComparer.Ordinal);
        foreach (var trade in trades.OrderBy(t => t.Code.Length).ThenBy(t => t.Code, StringComparer.Ordinal))
        {
            var above = AtAndAbove(trade.Code).Skip(1).Select(resolved.GetValueOrDefault).FirstOrDefault(t => t is not null);
            resolved[trade.Code] = above is null ? trade.Traits : above.ToDictionary(t => t.Key, t => trade.Traits.GetValueOrDefault(t.Key, t.Value), StringComparer.Ordinal);
        }

        return [.. resolved.Select(r => (r.Key, r.Value))];
    }

    /// <summary>A narrower input must not weigh less than a broader one of the same output: then the narrower one is not worth saying.</summary>
    private static bool Contradicts((string Input, string Output, LinkKind Kind) link, double weight, Dictionary<(string Input, string Output, LinkKind Kind), double> links) =>
        AtAndAbove(link.Input).Skip(1).Any(broader => links.TryGetValue((broader, link.Output, link.Kind), out var w) && weight < w);

    private static bool IsAtOrUnder(string code, string other) => code == other || CompetencyCode.IsUnder(code, other);

    private static IEnumerable<string> AtAndAbove(string code)
    {
        yield return code;
        for (var length = code.Length - 1; length >= 2; length--)
        {
            if (code[length - 1] != '.')
            {
                yield return code[..length];
            }
        }
    }
}
