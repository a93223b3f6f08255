using PartnerMatch.Ranking.Profiles;
using PartnerMatch.Ranking.Scoring;
using PartnerMatch.Ranking.Taxonomy;

namespace PartnerMatch.Ranking.Gaps;

/// <summary>
/// Looks for wanted products that nobody makes, and who comes closest to making them. Cover is that of the component <c>joint-product</c>, over the
/// main inputs alone: a product takes a hundred things, and who lacks paint or packaging buys them.
/// </summary>
internal sealed class NewAvenues(RankingKnowledge knowledge)
{
    /// <summary>The weight from which an input is "a main purchase" in the words of the reference data.</summary>
    private const double MainWeight = 0.6;

    /// <summary>Who offers the product at least so surely makes it: itself, or something narrower.</summary>
    private const double Makes = 0.5;

    /// <summary>Who makes another product of its class (four digits) could put it together.</summary>
    private const int DigitsOfAClass = 4;

    private const int PairsShown = 3;
    private const int InputsShown = 5;
    private const int MakersShown = 3;

    private readonly Product[] _products = [.. knowledge.Recipes
        .Select(r => new Product(r.Product, knowledge.Tree.IndexOf(r.Product.Code), [.. r.Inputs.Where(i => i.Weight >= MainWeight)]))
        .Where(p => p.Inputs.Length >= Recipe.FewestInputs)];

    /// <summary>Counts an enterprise in; the order decides who is told of two that are equal.</summary>
    public void Add(CorridorSide side, ExpandedProfile enterprise)
    {
        foreach (var product in _products)
        {
            product.Add(side, enterprise, knowledge.Tree);
        }
    }

    /// <summary>The nearest to being made first.</summary>
    public List<NewAvenue> Find() => [.. _products
        .Where(p => !p.IsMade)
        .Select(p => p.ToAvenue(knowledge.Tree))
        .OfType<NewAvenue>()
        .OrderByDescending(a => a.Value)
        .ThenBy(a => a.Product.Code, StringComparer.Ordinal)];

    private sealed class Product(JointProduct product, int code, (int Input, double Weight)[] inputs)
    {
        private readonly double _total = inputs.Sum(i => i.Weight);
        private readonly Dictionary<CorridorSide, List<Supplier>> _suppliers = new() { [CorridorSide.First] = [], [CorridorSide.Second] = [] };
        private readonly List<(string Id, int SharedDigits, double Strength)> _kin = [];

        public bool IsMade { get; private set; }

        public (int Input, double Weight)[] Inputs => inputs;

        public void Add(CorridorSide side, ExpandedProfile enterprise, CompetencyTree tree)
        {
            if (IsMade || enterprise.OfferedValue(code) >= Makes)
            {
                IsMade = true;
                return;
            }

            var nearest = enterprise.RawOffers
                .Select(o => (Shared: CompetencyCode.SharedDigits(tree[o.Code].Code, product.Code), o.Value))
                .Where(o => o.Shared >= DigitsOfAClass)
                .OrderByDescending(o => o.Shared)
                .ThenByDescending(o => o.Value)
                .FirstOrDefault();
            if (nearest.Shared > 0)
            {
                _kin.Add((enterprise.Profile.Id, nearest.Shared, nearest.Value));
            }

            Keep(_suppliers[side], new Supplier(enterprise, [.. inputs.Select(i => enterprise.OfferedValue(i.Input))]));
        }

        public NewAvenue? ToAvenue(CompetencyTree tree)
        {
            var pairs = ClosestPairs();
            if (pairs.Count == 0)
            {
                return null;
            }

            var told = pairs.Select(p => ToPair(p.First, p.Second, p.Cover, tree)).ToArray();
            return new NewAvenue
            {
                Product = product,
                Value = product.Value * told[0].Missing[0].CoverWith,
                Pairs = told,
                NearestMakers = [.. _kin
                    .OrderByDescending(k => k.SharedDigits)
                    .ThenByDescending(k => k.Strength)
                    .ThenBy(k => k.Id, StringComparer.Ordinal)
                    .Take(MakersShown)
                    .Select(k => k.Id)],
            };
        }

        /// <summary>Whoever supplies no input better than another enterprise of its side is left out: with that one a pair covers at least as much.</summary>
        private static void Keep(List<Supplier> suppliers, Supplier added)
        {
            if (added.Offered.All(o => o == 0) || suppliers.Any(s => s.Outdoes(added)))
            {
                return;
            }

            suppliers.RemoveAll(added.Outdoes);
            suppliers.Add(added);
        }

        private List<(Supplier First, Supplier Second, double Cover)> ClosestPairs()
        {
            var pairs =
                from first in _suppliers[CorridorSide.First]
                from second in _suppliers[CorridorSide.Second]
                select (First: first, Second: second, Cover: CoverOf(first, second));
            return [.. pairs
                .OrderByDescending(p => p.Cover)
                .ThenBy(p => p.First.Enterprise.Profile.Id, StringComparer.Ordinal)
                .ThenBy(p => p.Second.Enterprise.Profile.Id, StringComparer.Ordinal)
                .Take(PairsShown)];
        }

        private double CoverOf(Supplier first, Supplier second)
        {
            double covered = 0;
            for (var i = 0; i < inputs.Length; i++)
            {
                covered += inputs[i].Weight * Math.Max(first.Offered[i], second.Offered[i]);
            }

            return covered / _total;
        }

        private ClosePair ToPair(Supplier first, Supplier second, double cover, CompetencyTree tree)
        {
            var rows = inputs.Select((input, i) => (input.Input, input.Weight, First: first.Offered[i], Second: second.Offered[i], Have: Math.Max(first.Offered[i], second.Offered[i]))).ToArray();
            return new ClosePair(
                first.Enterprise.Profile.Id,
                second.Enterprise.Profile.Id,
                cover,
                [.. rows.Where(r => r.Have > 0)
                    .OrderByDescending(r => r.Weight * r.Have)
                    .ThenBy(r => r.Input)
                    .Take(InputsShown)
                    .Select(r => new BroughtInput(tree[r.Input].Code, (r.First >= r.Second ? first : second).Enterprise.Profile.Id))],
                [.. rows
                    .OrderByDescending(r => r.Weight * (1 - r.Have))
                    .ThenBy(r => r.Input)
                    .Take(InputsShown)
                    .Where((r, i) => i == 0 || r.Have < 1)
                    .Select(r => new MissingInput(tree[r.Input].Code, cover + (r.Weight * (1 - r.Have) / _total)))]);
        }
    }

    /// <summary>An enterprise with what it can supply of each input.</summary>
    private sealed record Supplier(ExpandedProfile Enterprise, double[] Offered)
    {
        /// <summary>At least as good at every input; of two that are equal the one that came first stays.</summary>
        public bool Outdoes(Supplier other)
        {
            for (var i = 0; i < Offered.Length; i++)
            {
                if (Offered[i] < other.Offered[i])
                {
                    return false;
                }
            }

            return true;
        }
    }
}
