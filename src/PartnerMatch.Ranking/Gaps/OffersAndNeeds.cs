using PartnerMatch.Ranking.Profiles;
using PartnerMatch.Ranking.Scoring;
using PartnerMatch.Ranking.Taxonomy;

namespace PartnerMatch.Ranking.Gaps;

/// <summary>
/// The expanded offers and the needs of one enterprise after another by competency, the same as those of <see cref="ExpandedProfile"/>: but whoever adds up over
/// everybody looks at each enterprise once, and tables of its own would cost more than what is read from them. Small needs are passed over: most are.
/// </summary>
internal sealed class OffersAndNeeds(RankingKnowledge knowledge, LinkKinds kinds, double smallestNeed)
{
    /// <summary>By competency the links that can make a need that counts: a core product's, of which its maker makes no input itself.</summary>
    private readonly EffectiveLink[]?[] _links = new EffectiveLink[knowledge.Tree.Count][];
    private readonly double[] _offered = new double[knowledge.Tree.Count];
    private readonly Codes _offeredCodes = new(knowledge.Tree.Count);
    private readonly Reason[] _needs = new Reason[knowledge.Tree.Count];
    private readonly Codes _neededCodes = new(knowledge.Tree.Count);

    /// <summary>The competencies for which a need is answered, in no promised order.</summary>
    public ReadOnlySpan<int> OfferedCodes => _offeredCodes.All;

    /// <summary>The competencies of which the need is not small, in no promised order.</summary>
    public ReadOnlySpan<int> NeededCodes => _neededCodes.All;

    /// <summary>How well the expanded offers answer a need for the competency, 0 where they do not.</summary>
    public double Offered(int code) => _offered[code];

    /// <summary>The need for one of <see cref="NeededCodes"/>.</summary>
    public NeedEntry NeedFor(int code) => _needs[code].Need;

    /// <summary>Turns to another enterprise.</summary>
    public void Turn(ExpandedProfile enterprise)
    {
        foreach (var code in OfferedCodes)
        {
            _offered[code] = 0;
        }

        foreach (var code in NeededCodes)
        {
            _needs[code] = default;
        }

        _offeredCodes.Clear();
        _neededCodes.Clear();
        foreach (var offer in enterprise.RawOffers)
        {
            foreach (var (need, near) in knowledge.AnswersOf(offer.Code))
            {
                if (_offered[need] == 0)
                {
                    _offeredCodes.Add(need);
                }

                _offered[need] = Math.Max(_offered[need], offer.Value * near);
            }
        }

        foreach (var offer in enterprise.RawOffers)
        {
            foreach (var link in LinksOf(offer.Code))
            {
                var inferred = new InferredNeed(link.Input, link.Kind, InferredNeed.ValueOf(link.Weight, offer.Value, _offered[link.Input]), offer.Code);
                Keep(new Reason(inferred.Weaken(knowledge.Parameters), inferred.Value));
            }
        }

        // On equal value the stated need is the one to speak of.
        foreach (var stated in enterprise.StatedNeeds)
        {
            if (stated.Value >= _needs[stated.Code].Need.Value)
            {
                Set(new Reason(stated, stated.Value));
            }
        }
    }

    private EffectiveLink[] LinksOf(int code) => _links[code] ??=
        [.. knowledge.Graph.PurchasesOf(code).Where(l => kinds.Counts(l.Kind) && new InferredNeed(l.Input, l.Kind, l.Weight, code).Weaken(knowledge.Parameters).Value >= smallestNeed)];

    /// <summary>Of an inferred need the strongest reason: of kinds that weigh the same the first, and of one kind the first product.</summary>
    private void Keep(in Reason added)
    {
        ref var known = ref _needs[added.Need.Code];
        if (added.Need.Value > known.Need.Value
            || (added.Need.Value == known.Need.Value && (added.Need.Kind < known.Need.Kind || (added.Need.Kind == known.Need.Kind && added.BeforeWeakening > known.BeforeWeakening))))
        {
            Set(added);
        }
    }

    private void Set(in Reason reason)
    {
        var code = reason.Need.Code;
        if (reason.Need.Value < smallestNeed)
        {
            return;
        }

        if (_needs[code].Need.Value == 0)
        {
            _neededCodes.Add(code);
        }

        _needs[code] = reason;
    }

    /// <summary>A need with its value before it was weakened, by which products that give one kind of reason compare.</summary>
    private readonly record struct Reason(NeedEntry Need, double BeforeWeakening);

    /// <summary>Distinct codes.</summary>
    private sealed class Codes(int most)
    {
        private readonly int[] _codes = new int[most];
        private int _count;

        public ReadOnlySpan<int> All => _codes.AsSpan(0, _count);

        public void Add(int code) => _codes[_count++] = code;

        public void Clear() => _count = 0;
    }
}
