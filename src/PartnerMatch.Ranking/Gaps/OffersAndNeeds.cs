using System.Runtime.CompilerServices;
using PartnerMatch.Ranking.Profiles;
using PartnerMatch.Ranking.Scoring;
using PartnerMatch.Ranking.Taxonomy;

namespace PartnerMatch.Ranking.Gaps;

/// <summary>
/// The expanded offers and the needs of one enterprise after another by competency, the same as those of <see cref="ExpandedProfile"/>: but whoever adds up over
/// everybody looks at each enterprise once, and tables of its own would cost more than what is read from them. Small needs are passed over: most are.
/// What is done for each enterprise is compiled well at once: else the first report would be over before that was done.
/// </summary>
internal sealed class OffersAndNeeds(RankingKnowledge knowledge, LinkKinds kinds, double smallestNeed)
{
    /// <summary>By competency the links that can make a need that counts: a core product's, of which its maker makes no input itself.</summary>
    private readonly EffectiveLink[]?[] _links = new EffectiveLink[knowledge.Tree.Count][];
    private readonly double[] _offered = new double[knowledge.Tree.Count];
    private readonly Codes _offeredCodes = new(knowledge.Tree.Count);
    private readonly double[] _needs = new double[knowledge.Tree.Count];
    private readonly Reason[] _reasons = new Reason[knowledge.Tree.Count];
    private readonly Codes _neededCodes = new(knowledge.Tree.Count);

    /// <summary>The competencies for which a need is answered, in no promised order.</summary>
    public ReadOnlySpan<int> OfferedCodes => _offeredCodes.All;

    /// <summary>The competencies of which the need is not small, in no promised order.</summary>
    public ReadOnlySpan<int> NeededCodes => _neededCodes.All;

    /// <summary>How well the expanded offers answer a need for the competency, 0 where they do not.</summary>
    public double Offered(int code) => _offered[code];

    /// <summary>How large the need for one of <see cref="NeededCodes"/> is.</summary>
    public double Needed(int code) => _needs[code];

    /// <summary>Whether one of <see cref="NeededCodes"/> is stated.</summary>
    public bool IsStated(int code) => _reasons[code].Kind is null;

    /// <summary>The need for one of <see cref="NeededCodes"/>.</summary>
    public NeedEntry NeedFor(int code) => new(code, _needs[code], _reasons[code].Via, _reasons[code].Kind);

    /// <summary>Turns to another enterprise.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Turn(ExpandedProfile enterprise)
    {
        foreach (var code in OfferedCodes)
        {
            _offered[code] = 0;
        }

        foreach (var code in NeededCodes)
        {
            _needs[code] = 0;
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

        // Most links make no need worth keeping: nothing is put together before that is known.
        foreach (var offer in enterprise.RawOffers)
        {
            foreach (ref readonly var link in LinksOf(offer.Code).AsSpan())
            {
                var inferred = InferredNeed.ValueOf(link.Weight, offer.Value, _offered[link.Input]);
                var need = InferredNeed.Weaken(inferred, knowledge.Parameters);
                if (need >= smallestNeed && need >= _needs[link.Input])
                {
                    Keep(link.Input, need, new Reason(link.Kind, offer.Code, inferred));
                }
            }
        }

        // On equal value the stated need is the one to speak of.
        foreach (var stated in enterprise.StatedNeeds)
        {
            if (stated.Value >= smallestNeed && stated.Value >= _needs[stated.Code])
            {
                Set(stated.Code, stated.Value, new Reason(stated.Kind, stated.Via, stated.Value));
            }
        }
    }

    private EffectiveLink[] LinksOf(int code) => _links[code] ??=
        [.. knowledge.Graph.PurchasesOf(code).Where(l => kinds.Counts(l.Kind) && InferredNeed.Weaken(l.Weight, knowledge.Parameters) >= smallestNeed)];

    /// <summary>Of an inferred need the strongest reason: of kinds that weigh the same the first, and of one kind the first product.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Keep(int code, double need, in Reason added)
    {
        ref readonly var known = ref _reasons[code];
        if (need > _needs[code] || added.Kind < known.Kind || (added.Kind == known.Kind && added.BeforeWeakening > known.BeforeWeakening))
        {
            Set(code, need, added);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Set(int code, double need, in Reason reason)
    {
        if (_needs[code] == 0)
        {
            _neededCodes.Add(code);
        }

        (_needs[code], _reasons[code]) = (need, reason);
    }

    /// <summary>Why there is a need, with its value before it was weakened, by which products that give one kind of reason compare.</summary>
    private readonly record struct Reason(LinkKind? Kind, int Via, double BeforeWeakening);

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
