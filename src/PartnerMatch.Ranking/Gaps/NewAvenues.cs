using PartnerMatch.Ranking.Profiles;
using PartnerMatch.Ranking.Scoring;
using PartnerMatch.Ranking.Taxonomy;

namespace PartnerMatch.Ranking.Gaps;

/// <summary>
/// Looks for wanted products that nobody makes, and who comes closest to making them. Cover is that of the component <c>joint-product</c>, over the
/// main inputs alone: a product takes a hundred things, and who lacks paint or packaging buys them.
/// </summary>
internal sealed class NewAvenues
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

    /// <summary>More than sums in another order can differ by.</summary>
    private const double Rounding = 1e-9;

    private readonly CompetencyTree _tree;
    private readonly Product[] _products;

    /// <summary>By competency the products that it concerns who offers it, expanded or as stated: its makers and who brings a main input, and who makes something of its class.</summary>
    private readonly Product[][] _ofOffered;
    private readonly Product[][] _ofStated;

    private readonly List<Product> _concerned = [];

    public NewAvenues(RankingKnowledge knowledge)
    {
        _tree = knowledge.Tree;
        _products = [.. knowledge.Recipes
            .Select(r => new Product(r.Product, _tree.IndexOf(r.Product.Code), [.. r.Inputs.Where(i => i.Weight >= MainWeight)]))
            .Where(p => p.Inputs.Length >= Recipe.FewestInputs)];
        var offered = _products.SelectMany(p => p.Inputs.Select(i => i.Input).Append(p.Code).Select(code => (Code: code, Product: p))).ToLookup(p => p.Code, p => p.Product);
        _ofOffered = [.. Enumerable.Range(0, _tree.Count).Select(code => offered[code].ToArray())];
        _ofStated = [.. Enumerable.Range(0, _tree.Count).Select(code => _products.Where(p => _tree.SharedDigits(code, p.Code) >= DigitsOfAClass).ToArray())];
    }

    /// <summary>Counts an enterprise in. They come in order of id: of two that are equal the first is told.</summary>
    public void Add(CorridorSide side, ExpandedProfile enterprise, OffersAndNeeds own)
    {
        foreach (var code in own.OfferedCodes)
        {
            Concern(_ofOffered[code]);
        }

        foreach (var offer in enterprise.RawOffers)
        {
            Concern(_ofStated[offer.Code]);
        }

        foreach (var product in _concerned)
        {
            product.Add(side, enterprise, own, _tree);
            product.IsConcerned = false;
        }

        _concerned.Clear();
    }

    /// <summary>The nearest to being made first.</summary>
    public List<NewAvenue> Find() => [.. _products
        .Where(p => !p.IsMade)
        .Select(p => p.ToAvenue(_tree))
        .OfType<NewAvenue>()
        .OrderByDescending(a => a.Value)
        .ThenBy(a => a.Product.Code, StringComparer.Ordinal)];

    private void Concern(Product[] products)
    {
        foreach (var product in products)
        {
            if (!product.IsMade && !product.IsConcerned)
            {
                product.IsConcerned = true;
                _concerned.Add(product);
            }
        }
    }

    private sealed class Product(JointProduct product, int code, (int Input, double Weight)[] inputs)
    {
        private readonly double _total = inputs.Sum(i => i.Weight);
        private readonly Dictionary<CorridorSide, List<Supplier>> _suppliers = new() { [CorridorSide.First] = [], [CorridorSide.Second] = [] };
        private readonly List<Maker> _nearestMakers = new(MakersShown + 1);
        private readonly double[] _offered = new double[inputs.Length];

        public int Code => code;

        public (int Input, double Weight)[] Inputs => inputs;

        public bool IsMade { get; private set; }

        /// <summary>The enterprise that is being counted in has something to do with it.</summary>
        public bool IsConcerned { get; set; }

        public void Add(CorridorSide side, ExpandedProfile enterprise, OffersAndNeeds own, CompetencyTree tree)
        {
            if (own.Offered(code) >= Makes)
            {
                IsMade = true;
                return;
            }

            KeepMaker(enterprise, tree);
            var brings = false;
            for (var i = 0; i < inputs.Length; i++)
            {
                _offered[i] = own.Offered(inputs[i].Input);
                brings |= _offered[i] > 0;
            }

            if (brings)
            {
                KeepSupplier(_suppliers[side], enterprise.Profile.Id);
            }
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
                NearestMakers = [.. _nearestMakers.Select(m => m.Id)],
            };
        }

        /// <summary>Its own nearest product counts: the more digits it shares the nearer, and then by strength.</summary>
        private void KeepMaker(ExpandedProfile enterprise, CompetencyTree tree)
        {
            var nearest = new Maker(enterprise.Profile.Id, DigitsOfAClass - 1, 0);
            foreach (var offer in enterprise.RawOffers)
            {
                var made = nearest with { SharedDigits = tree.SharedDigits(offer.Code, code), Strength = offer.Value };
                nearest = made.IsNearerThan(nearest) ? made : nearest;
            }

            if (nearest.SharedDigits >= DigitsOfAClass)
            {
                var at = _nearestMakers.FindIndex(nearest.IsNearerThan);
                _nearestMakers.Insert(at < 0 ? _nearestMakers.Count : at, nearest);
                if (_nearestMakers.Count > MakersShown)
                {
                    _nearestMakers.RemoveAt(MakersShown);
                }
            }
        }

        /// <summary>Whoever supplies no input better than another enterprise of its side is left out: with that one a pair covers at least as much.</summary>
        private void KeepSupplier(List<Supplier> suppliers, string id)
        {
            foreach (var known in suppliers)
            {
                if (Outdoes(known.Offered, _offered))
                {
                    return;
                }
            }

            suppliers.RemoveAll(known => Outdoes(_offered, known.Offered));
            suppliers.Add(new Supplier(id, [.. _offered], CoverOf(_offered, _offered)));
        }

        /// <summary>The pairs that cover most, then by id. A pair covers at most what its two cover by themselves, so that from the one that covers most on few are looked at.</summary>
        private List<(Supplier First, Supplier Second, double Cover)> ClosestPairs()
        {
            var seconds = _suppliers[CorridorSide.Second].OrderByDescending(s => s.Cover).ToArray();
            var closest = new List<(Supplier First, Supplier Second, double Cover)>(PairsShown + 1);
            foreach (var first in _suppliers[CorridorSide.First].OrderByDescending(s => s.Cover))
            {
                foreach (var second in seconds)
                {
                    if (closest.Count == PairsShown && first.Cover + second.Cover + Rounding < closest[^1].Cover)
                    {
                        break;
                    }

                    var pair = (first, second, Cover: CoverOf(first.Offered, second.Offered));
                    var at = closest.FindIndex(c => IsCloser(pair, c));
                    closest.Insert(at < 0 ? closest.Count : at, pair);
                    if (closest.Count > PairsShown)
                    {
                        closest.RemoveAt(PairsShown);
                    }
                }
            }

            return closest;
        }

        private static bool IsCloser((Supplier First, Supplier Second, double Cover) pair, (Supplier First, Supplier Second, double Cover) other) =>
            pair.Cover != other.Cover ? pair.Cover > other.Cover
            : string.CompareOrdinal(pair.First.Id, other.First.Id) is not 0 and var byFirst ? byFirst < 0
            : string.CompareOrdinal(pair.Second.Id, other.Second.Id) < 0;

        private double CoverOf(double[] first, double[] second)
        {
            double covered = 0;
            for (var i = 0; i < inputs.Length; i++)
            {
                covered += inputs[i].Weight * Math.Max(first[i], second[i]);
            }

            return covered / _total;
        }

        private ClosePair ToPair(Supplier first, Supplier second, double cover, CompetencyTree tree)
        {
            var rows = inputs.Select((input, i) => (input.Input, input.Weight, First: first.Offered[i], Second: second.Offered[i], Have: Math.Max(first.Offered[i], second.Offered[i]))).ToArray();
            return new ClosePair(
                first.Id,
                second.Id,
                cover,
                [.. rows.Where(r => r.Have > 0)
                    .OrderByDescending(r => r.Weight * r.Have)
                    .ThenBy(r => r.Input)
                    .Take(InputsShown)
                    .Select(r => new BroughtInput(tree[r.Input].Code, (r.First >= r.Second ? first : second).Id))],
                [.. rows
                    .OrderByDescending(r => r.Weight * (1 - r.Have))
                    .ThenBy(r => r.Input)
                    .Take(InputsShown)
                    .Where((r, i) => i == 0 || r.Have < 1)
                    .Select(r => new MissingInput(tree[r.Input].Code, cover + (r.Weight * (1 - r.Have) / _total)))]);
        }

        /// <summary>At least as good at every input; of two that are equal the one that came first stays.</summary>
        private static bool Outdoes(double[] offered, double[] other)
        {
            for (var i = 0; i < offered.Length; i++)
            {
                if (offered[i] < other[i])
                {
                    return false;
                }
            }

            return true;
        }
    }

    /// <summary>An enterprise with what it can supply of each input, and how much that covers.</summary>
    private sealed record Supplier(string Id, double[] Offered, double Cover);

    /// <summary>An enterprise that makes something of the product's class.</summary>
    private readonly record struct Maker(string Id, int SharedDigits, double Strength)
    {
        public bool IsNearerThan(Maker other) => SharedDigits != other.SharedDigits ? SharedDigits > other.SharedDigits : Strength > other.Strength;
    }
}
