using System.Globalization;
using PartnerMatch.Ranking.Scoring;
using PartnerMatch.Ranking.Taxonomy;

namespace PartnerMatch.Benchmarks.Generating;

/// <summary>
/// A made-up taxonomy in the shape of the product's own (about 70 divisions, 230 groups, 530 classes, 1,700 subcategories) with production
/// links into every class. All inputs lie on one cut through the tree, so that no need lies above another: then the needs that an offer
/// meets simply add up, which is what lets other engines compute the same sum.
/// </summary>
internal static class GeneratedKnowledge
{
    /// <summary>The exponent with which competencies are popular, as offers and as inputs.</summary>
    public const double Exponent = 0.8;

    /// <summary>With the offers of <see cref="EnterpriseGenerator"/> a subject then has about 60 needs.</summary>
    private const int InputsOfClass = 13;
    private const int JointProducts = 50;
    private const int FirstTrade = 45;
    private const int LastTrade = 47;

    public static RankingKnowledge Create(int seed, ModelParameters parameters)
    {
        var random = new Random(seed);
        var tree = new CompetencyTree(Codes(random).Select(c => new Competency(c, $"products {c}", $"изделия {c}")));
        var groups = tree.Competencies.Where(c => CompetencyCode.Digits(c.Code) == 3).Select(c => c.Code);
        var classes = tree.Competencies.Where(c => CompetencyCode.Digits(c.Code) == 4).Select(c => c.Code).ToArray();

        // What many need many make: castings, bearings.
        var made = Popularity(tree, seed).Index().ToDictionary(p => p.Item, p => Math.Pow(p.Index + 1, -Exponent), StringComparer.Ordinal);
        string[] inputs = [.. groups.SelectMany(g => random.NextDouble() < 0.4 ? [g] : CutUnder(g)).OrderByDescending(Makers)];
        string[] trades = [.. classes.Where(c => int.Parse(c.AsSpan(0, 2), CultureInfo.InvariantCulture) is >= FirstTrade and <= LastTrade)];
        var zipf = new Zipf(inputs.Length, Exponent);
        var links = new List<ProductionLink>();
        foreach (var output in classes)
        {
            var drawn = new HashSet<string>(StringComparer.Ordinal);
            while (drawn.Count < InputsOfClass)
            {
                var input = inputs[zipf.Draw(random)];
                if (input[..2] != output[..2] && drawn.Add(input))
                {
                    var kind = random.Next(8) switch { < 3 => LinkKind.Material, < 5 => LinkKind.Component, < 7 => LinkKind.Equipment, _ => LinkKind.Service };
                    links.Add(new ProductionLink(input, output, kind, Math.Round(0.05 + (0.95 * Math.Pow(random.NextDouble(), 2)), 3)));
                }
            }

            var trade = trades[random.Next(trades.Length)];
            if (trade != output)
            {
                links.Add(new ProductionLink(trade, output, LinkKind.Channel, 0.8));
            }
        }

        random.Shuffle(classes);
        var products = classes.Take(JointProducts).Select(c => new JointProduct(c, Math.Round(0.4 + (0.6 * random.NextDouble()), 2), "Generated."));
        return new RankingKnowledge(tree, new ProductionGraph(tree, links), products, parameters);

        double Makers(string code) => made.GetValueOrDefault(code) + tree.ChildrenOf(code).Sum(c => Makers(c.Code));

        IEnumerable<string> CutUnder(string group) => tree.ChildrenOf(group).SelectMany(c => tree.ChildrenOf(c.Code).Any() && random.NextDouble() < 0.5 ? LeavesUnder(c.Code) : [c.Code]);

        IEnumerable<string> LeavesUnder(string code) => tree.ChildrenOf(code).SelectMany(c => tree.ChildrenOf(c.Code).Any() ? LeavesUnder(c.Code) : [c.Code]);
    }

    /// <summary>The codes of four digits and more, the one that most enterprises make first; production links lead into them.</summary>
    public static string[] Popularity(CompetencyTree tree, int seed)
    {
        string[] codes = [.. tree.Competencies.Select(c => c.Code).Where(c => CompetencyCode.Digits(c) >= 4)];
        new Random(seed).Shuffle(codes);
        return codes;
    }

    private static IEnumerable<string> Codes(Random random)
    {
        for (var division = 1; division <= 70; division++)
        {
            var d = division.ToString("00", CultureInfo.InvariantCulture);
            yield return d;
            var groups = random.Next(1, 6);
            for (var group = 1; group <= groups; group++)
            {
                yield return $"{d}.{group}";
                var classes = random.Next(1, 5);
                for (var number = 1; number <= classes; number++)
                {
                    var c = $"{d}.{group}{number}";
                    yield return c;
                    var leaves = random.Next(0, 7);
                    var hasCategory = leaves > 1 && random.NextDouble() < 0.15;
                    if (hasCategory)
                    {
                        yield return $"{c}.1";
                    }

                    for (var leaf = 1; leaf <= leaves; leaf++)
                    {
                        yield return $"{c}.{(hasCategory && leaf < leaves ? 1 : 2)}{leaf}";
                    }
                }
            }
        }
    }
}
