using PartnerMatch.Ranking.Profiles;
using PartnerMatch.Ranking.Scoring;

namespace PartnerMatch.Ranking.Components;

/// <summary>
/// What a subject and a partner have in common, found once and shared by the components: the needs that each meets of the other. Only what
/// both sides touch is expanded, so that a partner costs no more than its own offers. One object serves one pair after another, and allocates nothing for it.
/// </summary>
internal sealed class Meeting(RankingKnowledge knowledge)
{
    // The partner's offers by competency: as if expanded, and cleared again before the next partner.
    private readonly double[] _offered = new double[knowledge.Tree.Count];
    private readonly ushort[] _sources = new ushort[knowledge.Tree.Count];
    private readonly MetNeeds _given = new();
    private readonly MetNeeds _taken = new();
    private InferredNeed[] _inferred = new InferredNeed[64];
    private int[] _touched = new int[64];
    private int _touchedCount;
    private ulong[] _possible = [];
    private ExpandedProfile? _subject;
    private ExpandedProfile? _partner;
    private SubjectTable? _table;
    private Scarcity? _scarcity;
    private LinkKinds _kinds;

    /// <summary>Turns to another pair.</summary>
    public void Open(ExpandedProfile subject, ExpandedProfile partner, LinkKinds kinds, Scarcity scarcity)
    {
        foreach (var code in _touched.AsSpan(0, _touchedCount))
        {
            _offered[code] = 0;
        }

        _touchedCount = 0;
        _table = ReferenceEquals(subject, _subject) && kinds == _kinds ? _table : subject.TableOf(kinds);
        (_subject, _partner, _kinds, _scarcity) = (subject, partner, kinds, scarcity);
        foreach (var offer in partner.RawOffers)
        {
            foreach (var (need, near) in knowledge.AnswersOf(offer.Code))
            {
                var value = offer.Value * near;
                if (_offered[need] == 0)
                {
                    Touch(need);
                }

                if (value > _offered[need])
                {
                    _offered[need] = value;
                    _sources[need] = (ushort)offer.Code;
                }
            }
        }

        _given.Forget();
        _taken.Forget();
    }

    /// <summary>The needs of the other that one of the two meets.</summary>
    public MetNeeds GivenBy(ExpandedProfile giver)
    {
        var given = ReferenceEquals(giver, _subject);
        var met = given ? _given : _taken;
        if (!met.IsFound)
        {
            var hasEvidence = given
                ? _table!.Offers.Length > 0 && _partner!.HasNeeds(_kinds)
                : _partner!.RawOffers.Length > 0 && _table!.Needs.Length > 0;
            if (hasEvidence && given)
            {
                FindGiven();
            }
            else if (hasEvidence)
            {
                FindTaken();
            }

            met.Measure(hasEvidence, knowledge);
        }

        return met;
    }

    /// <summary>How well the offers of one of the two answer a need for the competency, 0 where they do not.</summary>
    public double OfferedValue(ExpandedProfile side, int code) => ReferenceEquals(side, _subject) ? _table!.OfferedValue(code) : _offered[code];

    /// <summary>The offer that stands behind it.</summary>
    public int SourceOf(ExpandedProfile side, int code) => ReferenceEquals(side, _subject) ? _table!.Offers[_table.OfferAt(code)].Source : _sources[code];

    /// <summary>The products that the subject could make with somebody, those that could gain most first.</summary>
    public JointChance[] JointProducts => _table!.JointProducts;

    /// <summary>Of those a bit for each to which the partner brings something that the subject lacks; good until the next pair.</summary>
    public ReadOnlySpan<ulong> FindPossible()
    {
        var words = _table!.JointProductWords;
        Array.Resize(ref _possible, Math.Max(words, _possible.Length));
        var possible = _possible.AsSpan(0, words);
        possible.Clear();
        foreach (var code in _touched.AsSpan(0, _touchedCount))
        {
            var lacking = _table.JointProductsLacking(code);
            for (var word = 0; word < lacking.Length; word++)
            {
                possible[word] |= lacking[word];
            }
        }

        return possible;
    }

    private void Touch(int code)
    {
        if (_touchedCount == _touched.Length)
        {
            Array.Resize(ref _touched, 2 * _touchedCount);
        }

        _touched[_touchedCount++] = code;
    }

    /// <summary>The needs of the partner that the subject meets: what the partner's products take, walked product by product.</summary>
    private void FindGiven()
    {
        var (table, partner, count) = (_table!, _partner!, 0);
        foreach (var offer in partner.RawOffers)
        {
            // Links come in order, so each place lies at or after the last.
            var at = 0;
            foreach (var link in table.GivenTo(offer.Code))
            {
                while (at < count && (_inferred[at].Code < link.Input || (_inferred[at].Code == link.Input && _inferred[at].Kind < link.Kind)))
                {
                    at++;
                }

                var need = new InferredNeed(link.Input, link.Kind, InferredNeed.ValueOf(link.Weight, offer.Value, _offered[link.Input]), offer.Code);
                if (at < count && _inferred[at].Code == link.Input && _inferred[at].Kind == link.Kind)
                {
                    _inferred[at] = need.Value > _inferred[at].Value ? need : _inferred[at];
                    continue;
                }

                if (count == _inferred.Length)
                {
                    Array.Resize(ref _inferred, 2 * count);
                }

                Array.Copy(_inferred, at, _inferred, at + 1, count - at);
                _inferred[at] = need;
                count++;
            }
        }

        // As in the expansion of a profile: of one competency the strongest kind, and a stated need unless the inferred one is larger.
        var (next, stated) = (0, 0);
        while (next < count || stated < partner.StatedNeeds.Length)
        {
            var code = Math.Min(next < count ? _inferred[next].Code : int.MaxValue, stated < partner.StatedNeeds.Length ? partner.StatedNeeds[stated].Code : int.MaxValue);
            NeedEntry? need = null;
            for (; next < count && _inferred[next].Code == code; next++)
            {
                var inferred = _inferred[next].Weaken(knowledge.Parameters);
                need = need is null || inferred.Value > need.Value.Value ? inferred : need;
            }

            if (stated < partner.StatedNeeds.Length && partner.StatedNeeds[stated].Code == code)
            {
                need = need is null || partner.StatedNeeds[stated].Value >= need.Value.Value ? partner.StatedNeeds[stated] : need;
                stated++;
            }

            if (table.OfferAt(code) is >= 0 and var offer)
            {
                _given.Add(table.Offers[offer], need!.Value, _scarcity!, knowledge.Parameters);
            }
        }
    }

    /// <summary>The needs of the subject that the partner meets.</summary>
    private void FindTaken()
    {
        var touched = _touched.AsSpan(0, _touchedCount);
        touched.Sort();
        foreach (var code in touched)
        {
            if (_table!.NeedAt(code) is >= 0 and var need)
            {
                _taken.Add(new OfferEntry(code, _offered[code], _sources[code]), _table.Needs[need], _scarcity!, knowledge.Parameters);
            }
        }
    }
}

/// <summary>The needs of a receiver that a giver meets, and the supply that follows.</summary>
internal sealed class MetNeeds
{
    private readonly List<MetNeed> _met = [];
    private readonly List<MetNeed> _counted = [];

    /// <summary>Whether the pair has been looked at.</summary>
    public bool IsFound { get; private set; }

    /// <summary>The component <c>supply</c>, its terms aside.</summary>
    public ComponentValue Supply { get; private set; }

    /// <summary>The met needs that make up the supply, in order of code; none lies above another.</summary>
    public IReadOnlyList<MetNeed> Counted => _counted;

    public void Forget()
    {
        IsFound = false;
        _met.Clear();
        _counted.Clear();
    }

    /// <summary>Adds a met need; they come in order of code.</summary>
    public void Add(in OfferEntry offer, in NeedEntry need, Scarcity scarcity, ModelParameters parameters) =>
        _met.Add(new MetNeed(offer, need, parameters.Emphasise(scarcity[need.Code] * need.Value * offer.Value)));

    public void Measure(bool hasEvidence, RankingKnowledge knowledge)
    {
        IsFound = true;
        Supply = ComponentValue.NoEvidence;
        if (hasEvidence)
        {
            var parameters = knowledge.Parameters;
            var sum = LargestSum(0, _met.Count, knowledge);
            var share = new StatedShare(parameters.InferredConfidence);
            foreach (var met in _counted)
            {
                share.Add(met.Value, met.Evidence);
            }

            Supply = new ComponentValue(1 - Math.Exp(-parameters.Temper(sum) / parameters.SupplyScale), [], share.Value);
        }
    }

    /// <summary>The heaviest antichain of the forest <c>met[from..to)</c> in preorder; the narrower needs win a tie.</summary>
    private double LargestSum(int from, int to, RankingKnowledge knowledge)
    {
        double sum = 0;
        for (var at = from; at < to;)
        {
            var subtreeEnd = knowledge.Tree.SubtreeEnd(_met[at].Need.Code);
            var next = at + 1;
            while (next < to && _met[next].Need.Code < subtreeEnd)
            {
                next++;
            }

            var before = _counted.Count;
            var below = LargestSum(at + 1, next, knowledge);
            if (_met[at].Value > below)
            {
                _counted.RemoveRange(before, _counted.Count - before);
                _counted.Add(_met[at]);
                below = _met[at].Value;
            }

            sum += below;
            at = next;
        }

        return sum;
    }
}

/// <summary>An offer that meets a need, with what it counts: emphasised, to be summed.</summary>
internal readonly record struct MetNeed(OfferEntry Offer, NeedEntry Need, double Value)
{
    public Evidence Evidence => Need.IsStated ? Evidence.Stated : Evidence.Inferred;
}
