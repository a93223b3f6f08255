using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using PartnerMatch.Ranking.Scoring;

namespace PartnerMatch.Ranking.Index;

/// <summary>
/// A first bound by one addition an entry: of the emphasised met needs of each direction, of the likeness of the whole ranges, and of the points of trade and of joint products, a sum over
/// entries is at least what a candidate has. The four are added side by side, as the lanes of a vector; of the nearest product the largest counts.
/// </summary>
internal sealed class EntrySums
{
    /// <summary>Points besides supply, and likeness, are told apart so finely.</summary>
    private const int Steps = 64;

    /// <summary>Sums are single precision: what is needed is lowered by more than they can be wrong.</summary>
    private const float Rounding = 1 - 1e-4f;

    /// <summary>So few points lie within the slack of the bounds.</summary>
    private const float Negligible = 1e-5f;
    private const double TypicalSupply = 0.6;

    /// <summary>Those are looked up together who must meet at most so many times as much as each other, while there are groups left.</summary>
    private const float GroupedUpTo = 1.8f;
    private const int MostGroups = 3;

    /// <summary>An entry is heavy that makes such a part of what is needed.</summary>
    private const float HeavyShare = 0.4f;
    private readonly Vector128<float>[] _byCode;
    private readonly Vector128<float>[] _byImpact;
    private readonly Vector128<float>[] _byShare;
    private readonly float[] _kin;
    private readonly float[] _trade;
    private readonly List<int> _beside = [];
    private readonly List<(int Code, float Most, float Tempered)> _meeting = [];
    private readonly List<(int[] Offers, float Needed)> _groups = [];
    private readonly Dictionary<int, EssentialEntries> _essential = [];
    private readonly float[] _pooling = new float[(2 * Steps) + 2];
    private readonly float[] _needed = new float[Steps + 1];
    private readonly ModelParameters _parameters;
    private readonly int _offers;
    private BoundWeights? _weights;
    private float _access;
    private float _jointMost;
    private float _extraMost;
    private float _othersMost;
    private float _steps;
    private float _slope;

    public EntrySums(RankingKnowledge knowledge)
    {
        _parameters = knowledge.Parameters;
        _offers = knowledge.Tree.Count;
        _byCode = new Vector128<float>[2 * _offers];
        _kin = new float[2 * _offers];
        _trade = new float[_offers];
        var values = Enumerable.Range(0, byte.MaxValue + 1).Select(impact => (float)impact / byte.MaxValue).ToArray();
        _byImpact = Array.ConvertAll(values, value => (float)knowledge.Parameters.Emphasise(value)).Select(met => Vector128.Create(met, met, 0, 1)).ToArray();
        _byShare = Array.ConvertAll(values, value => Vector128.Create(0, 0, value, 0));
    }

    /// <summary>Turns to another query.</summary>
    /// <param name="plan">What each entry can add.</param>
    /// <param name="weights">The weights of the query.</param>
    /// <param name="apart">The largest part of their markets that the subject and a candidate do not share: there is nothing to pool in the others.</param>
    public void Lay(QueryPlan plan, BoundWeights weights, double apart)
    {
        // Reciprocity, the harmonic mean of both directions, is at most the larger one.
        var both = weights.Reciprocity > 0;
        var giving = both || weights.CountsGiving ? 1f : 0;
        var taking = both || weights.CountsTaking ? 1f : 0;
        var (mostKin, mostJoint, mostTrade) = (0f, 0f, 0f);
        _weights = weights;
        _beside.Clear();
        _meeting.Clear();
        for (var code = 0; code < _offers; code++)
        {
            ref readonly var entry = ref plan.Entries[code];
            var trade = (float)(weights.Channel + weights.MarketAccess) * Math.Max(entry.Sells, entry.Sold);
            var joint = (float)weights.JointProduct * entry.Joint;
            var points = Vector128.Create(giving * entry.Gives, taking * entry.Takes, entry.Alike, trade + joint);
            var needed = giving * plan.Entries[_offers + code].Gives;
            (_byCode[code], _byCode[_offers + code]) = (points, Vector128.CreateScalar(needed));
            (_kin[code], _trade[code]) = (entry.Kin, trade);
            (mostKin, mostJoint, mostTrade) = (Math.Max(mostKin, entry.Kin), Math.Max(mostJoint, joint), Math.Max(mostTrade, trade));
            if (entry.Kin > 0 || trade > 0)
            {
                _beside.Add(code);
            }

            Meet(code, Math.Max(points[0], points[1]));
            Meet(_offers + code, needed);
        }

        for (var step = 0; step < _pooling.Length; step++)
        {
            _pooling[step] = (float)(weights.OfPooling * weights.Pool(apart * Math.Min(2, (double)step / Steps) / 2));
        }

        (_access, _jointMost, _extraMost) = ((float)weights.MarketAccess, mostJoint, mostJoint + mostTrade);
        _othersMost = Pool(mostKin, 1) + _extraMost;
        _steps = _othersMost > Negligible ? Steps / _othersMost : 0;
        _slope = (float)((weights.OfSupply + weights.Reciprocity) * weights.Supply.SlopeAt(weights.Supply.MetAt(TypicalSupply)));

        void Meet(int code, float most)
        {
            if (most > 0)
            {
                _meeting.Add((code, most, (float)_parameters.Temper(most)));
            }
        }
    }

    /// <summary>Sets what the first bound is held against.</summary>
    /// <param name="target">Points of the whole score.</param>
    /// <param name="besides">Points that any candidate may have besides those of its entries.</param>
    public void Require(double target, double besides)
    {
        var weight = _weights!.OfSupply + _weights.Reciprocity;
        for (var step = 0; step <= Steps; step++)
        {
            var others = _steps > 0 ? Math.Min(_othersMost, (step + 1) / _steps) : 0;
            var supply = target - besides - others;
            _needed[step] = supply <= 0 ? 0 : supply < weight ? (float)_weights.Supply.MetAt(supply / weight) * Rounding : float.PositiveInfinity;
        }

        Group();
    }

    /// <summary>Puts those of some slots that can reach what is required first.</summary>
    /// <param name="entries">Of all slots of a range, one after the other.</param>
    /// <param name="each">How many entries a slot has.</param>
    /// <param name="slots">Numbers of slots.</param>
    /// <returns>How many they are.</returns>
    public int Reach(ReadOnlySpan<Entry> entries, int each, Span<int> slots)
    {
        var tables = new Tables(this);
        var count = 0;
        foreach (var slot in slots)
        {
            var (met, others) = tables.Sum(entries.Slice(slot * each, each));
            slots[count] = slot;
            count += met >= _needed[StepOf(others)] ? 1 : 0;
        }

        return count;
    }

    /// <summary>How promising some slots are, to choose from: their supply as if straight, and their points besides.</summary>
    /// <param name="entries">Theirs, one after the other.</param>
    /// <param name="each">How many entries a slot has.</param>
    /// <param name="promises">One a slot.</param>
    public void Promise(ReadOnlySpan<Entry> entries, int each, Span<float> promises)
    {
        var tables = new Tables(this);
        for (var slot = 0; slot < promises.Length; slot++)
        {
            var (met, others) = tables.Sum(entries.Slice(slot * each, each));
            promises[slot] = (_slope * met) + others;
        }
    }

    /// <summary>What the slots of a range must have that have so many entries each; null where anybody may reach what is required, so that all must be looked at.</summary>
    public EssentialEntries? FindEssential(int entries)
    {
        if (_groups is [([], 0)])
        {
            return null;
        }

        return _essential.TryGetValue(entries, out var known)
            ? known
            : _essential[entries] = new EssentialEntries([.. _groups.Select(g => (g.Offers, FindMet(g.Needed, entries)))]);
    }

    /// <summary>Those who must meet about as much, for they have as much besides.</summary>
    private void Group()
    {
        _groups.Clear();
        _essential.Clear();
        var needed = _needed[StepOf(_jointMost)];
        (int Offer, float Needed)[] sorted = needed == 0 ? [] : [.. _beside
            .Select(offer => (Offer: offer, Needed: _needed[StepOf(_trade[offer] > 0 ? _othersMost : Pool(_kin[offer], 1) + _jointMost)]))
            .Where(b => b.Needed < needed)
            .OrderBy(b => b.Needed)];
        var from = 0;
        for (var to = 1; to <= sorted.Length; to++)
        {
            if (to == sorted.Length || (sorted[to].Needed > GroupedUpTo * sorted[from].Needed && _groups.Count < MostGroups - 1))
            {
                _groups.Add(([.. sorted[from..to].Select(b => b.Offer)], sorted[from].Needed));
                from = to;
            }
        }

        if (float.IsFinite(needed))
        {
            _groups.Add(([], needed));
        }
    }

    /// <summary>The entries without which so much cannot be met; null where nothing must be met.</summary>
    private List<EssentialEntry>? FindMet(float needed, int entries)
    {
        if (!(needed > 0))
        {
            return null;
        }

        // The most without a heavy entry and with one light one: both as large as they can be, and the rest below light.
        var heavy = entries > 2 ? HeavyShare : 1f / entries;
        var light = entries > 2 ? (1 - heavy) / (entries - 1) : heavy;
        var (fromHeavy, fromLight) = (ImpactAt(heavy), ImpactAt(light));
        var essential = new List<EssentialEntry>(_meeting.Count);
        foreach (var (code, most, tempered) in _meeting)
        {
            if (most >= light * needed)
            {
                essential.Add(new EssentialEntry(code, Math.Min(EssentialEntry.None, (int)(fromHeavy / tempered)), (int)(fromLight / tempered)));
            }
        }

        return essential;

        float ImpactAt(float share) => (float)_parameters.Temper(share * needed) * byte.MaxValue;
    }

    private float Pool(float kin, float alike) => _pooling[(int)((kin + alike) * Steps) + 1] + (_access * kin);

    private int StepOf(float others) => (int)(others * _steps);

    /// <summary>The tables of one query, read without asking each time whether a code lies within.</summary>
    private readonly ref struct Tables(EntrySums sums)
    {
        private readonly ref Vector128<float> _byCode = ref MemoryMarshal.GetArrayDataReference(sums._byCode);
        private readonly ref Vector128<float> _byImpact = ref MemoryMarshal.GetArrayDataReference(sums._byImpact);
        private readonly ref Vector128<float> _byShare = ref MemoryMarshal.GetArrayDataReference(sums._byShare);
        private readonly ref float _kin = ref MemoryMarshal.GetArrayDataReference(sums._kin);

        /// <summary>What a candidate meets at most, and the points that it has besides, those aside that anybody may have.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public (float Met, float Others) Sum(ReadOnlySpan<Entry> entries)
        {
            var (sum, kin) = (Vector128<float>.Zero, 0f);
            foreach (var entry in entries)
            {
                sum = Vector128.MultiplyAddEstimate(
                    Unsafe.Add(ref _byCode, entry.Code),
                    Unsafe.Add(ref _byImpact, entry.Impact) + Unsafe.Add(ref _byShare, entry.Share),
                    sum);
                kin = float.MaxNative(kin, Unsafe.Add(ref _kin, entry.Code));
            }

            return (float.MaxNative(sum[0], sum[1]), (kin > 0 ? sums.Pool(kin, float.MinNative(1, sum[2])) : 0) + float.MinNative(sum[3], sums._extraMost));
        }
    }
}
