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

    /// <summary>Entries that meet little are left out where postings are added up: all that a slot has may meet together such a part of the least that anybody needs.</summary>
    private const float LeftOut = 0.5f;

    /// <summary>What is needed is told apart up to so many times the least: few need more, and count as if they needed that.</summary>
    private const float ToldApart = 2;
    private readonly Vector128<float>[] _byCode;
    private readonly Vector128<float>[] _byImpact;
    private readonly Vector128<float>[] _byShare;
    private readonly float[] _kin;
    private readonly List<(int Code, float Most)> _meeting = [];
    private readonly SortedDictionary<float, List<int>> _byKin = [];
    private readonly List<int> _trading = [];
    private readonly Dictionary<int, EssentialEntries?> _essential = [];
    private readonly float[] _pooling = new float[(2 * Steps) + 2];
    private readonly float[] _needed = new float[Steps + 1];
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
        _offers = knowledge.Tree.Count;
        _byCode = new Vector128<float>[2 * _offers];
        _kin = new float[2 * _offers];
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
        _byKin.Clear();
        _trading.Clear();
        _meeting.Clear();
        for (var code = 0; code < _offers; code++)
        {
            ref readonly var entry = ref plan.Entries[code];
            var trade = (float)(weights.Channel + weights.MarketAccess) * Math.Max(entry.Sells, entry.Sold);
            var joint = (float)weights.JointProduct * entry.Joint;
            var points = Vector128.Create(giving * entry.Gives, taking * entry.Takes, entry.Alike, trade + joint);
            var needed = giving * plan.Entries[_offers + code].Gives;
            (_byCode[code], _byCode[_offers + code]) = (points, Vector128.CreateScalar(needed));
            _kin[code] = entry.Kin;
            (mostKin, mostJoint, mostTrade) = (Math.Max(mostKin, entry.Kin), Math.Max(mostJoint, joint), Math.Max(mostTrade, trade));
            if (entry.Kin > 0)
            {
                if (!_byKin.TryGetValue(entry.Kin, out var offers))
                {
                    _byKin[entry.Kin] = offers = [];
                }

                offers.Add(code);
            }

            if (trade > 0)
            {
                _trading.Add(code);
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
                _meeting.Add((code, most));
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

        _essential.Clear();
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

    /// <summary>What tells the slots of a range to be looked at that have so many entries each; null where all must be.</summary>
    public EssentialEntries? FindEssential(int entries)
    {
        if (!_essential.TryGetValue(entries, out var essential))
        {
            _essential[entries] = essential = MakeEssential(entries);
        }

        return essential;
    }

    private EssentialEntries? MakeEssential(int entries)
    {
        // All that a slot has must fit into a byte.
        var most = byte.MaxValue / entries;
        var everybody = NeededWith(_jointMost);
        if (most == 0 || everybody == 0)
        {
            return null;
        }

        var groups = _byKin.Select(group => (Offers: group.Value, Pool: Pool(group.Key, 1))).Select(g => (g.Offers, g.Pool, Needed: NeededWith(g.Pool + _jointMost))).ToArray();
        var (least, largest) = float.IsFinite(everybody) ? (everybody, everybody) : (float.PositiveInfinity, 0);
        foreach (var (_, _, needed) in groups)
        {
            if (needed > 0 && float.IsFinite(needed))
            {
                (least, largest) = (Math.Min(least, needed), Math.Max(largest, needed));
            }
        }

        var leftOut = float.IsFinite(least) ? LeftOut * least : 0;
        var unit = float.IsFinite(least) ? (Math.Min(largest, ToldApart * least) - leftOut) / most : 1;
        byte[] neededWithTrade = [.. Enumerable.Range(0, byte.MaxValue + 1).Select(without => (byte)without)];
        var kinOffers = new List<(int[] Offers, byte Needed)>(groups.Length);
        AddTrade(everybody, 0);
        foreach (var (offers, pool, needed) in groups)
        {
            AddTrade(needed, pool);
            if (needed < everybody)
            {
                kinOffers.Add(([.. offers], Quantise(needed)));
            }
        }

        var (meeting, met, each) = (new List<int>(_meeting.Count), new byte[_meeting.Count * Postings.Shades], leftOut / entries);
        foreach (var (code, all) in _meeting)
        {
            if (all <= each)
            {
                continue;
            }

            for (var shade = Postings.Shades - 1; shade >= 0 && (all * _byImpact[Postings.LargestImpact(shade)][0]) - each is > 0 and var more; shade--)
            {
                met[(meeting.Count * Postings.Shades) + shade] = (byte)Math.Min(most, MathF.Ceiling(more / unit));
            }

            meeting.Add(code);
        }

        return new EssentialEntries(Quantise(everybody), kinOffers, [.. _trading], neededWithTrade, meeting, met);

        float NeededWith(float others) => _needed[StepOf(Math.Min(_othersMost, others))];

        byte Quantise(float needed) => float.IsFinite(needed) ? (byte)Math.Min(most, MathF.Max(0, needed - leftOut) / unit) : byte.MaxValue;

        void AddTrade(float without, float pool)
        {
            ref var with = ref neededWithTrade[Quantise(without)];
            with = Math.Min(with, Quantise(NeededWith(pool + _extraMost)));
        }
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
