using System.Runtime.Intrinsics;
using PartnerMatch.Ranking.Scoring;

namespace PartnerMatch.Ranking.Index;

/// <summary>
/// A first bound by one addition an entry: of the emphasised met needs of each direction, and of the points of pooling and of trade, a sum over entries is at
/// least what a candidate has. The four are added side by side, as the lanes of a vector.
/// </summary>
internal sealed class EntrySums
{
    /// <summary>Points besides supply are told apart so finely.</summary>
    private const int Steps = 64;

    /// <summary>Sums are single precision: what is needed is lowered by more than they can be wrong.</summary>
    private const float Rounding = 1 - 1e-4f;

    /// <summary>So few points lie within the slack of the bounds.</summary>
    private const float Negligible = 1e-5f;
    private const double TypicalSupply = 0.6;

    /// <summary>An entry is heavy that makes such a part of what is needed.</summary>
    private const float HeavyShare = 0.4f;
    private readonly Vector128<float>[] _byCode;
    private readonly Vector128<float>[] _byImpact;
    private readonly float[] _needed = new float[Steps + 1];
    private readonly ModelParameters _parameters;
    private readonly int _offers;
    private BoundWeights? _weights;
    private float _poolingMost;
    private float _tradeMost;
    private float _metMost;
    private float _steps;
    private float _slope;

    public EntrySums(RankingKnowledge knowledge)
    {
        _parameters = knowledge.Parameters;
        _offers = knowledge.Tree.Count;
        _byCode = new Vector128<float>[2 * _offers];
        _byImpact = [.. Enumerable.Range(0, byte.MaxValue + 1).Select(impact =>
        {
            var value = (float)impact / byte.MaxValue;
            var met = (float)knowledge.Parameters.Emphasise(value);
            return Vector128.Create(met, met, 1, value);
        })];
    }

    /// <summary>The points besides supply that entries can make at most.</summary>
    private float OthersMost => _poolingMost + _tradeMost;

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
        (_weights, _poolingMost, _tradeMost, _metMost) = (weights, 0, 0, 0);
        var (mostPooling, mostJoint) = (0f, 0f);
        for (var code = 0; code < _offers; code++)
        {
            ref readonly var entry = ref plan.Entries[code];
            var (kin, trade) = (entry.Kin, Math.Max(entry.Sells, entry.Sold));
            var pooling = kin > 0 ? (float)((weights.OfPooling * weights.Pool(apart * (kin + 1) / 2)) + (weights.MarketAccess * kin)) : 0;
            var joint = (float)weights.JointProduct * entry.Joint;
            var points = Vector128.Create(giving * entry.Gives, taking * entry.Takes, pooling + joint, (float)(weights.Channel + weights.MarketAccess) * trade);
            _byCode[code] = points;
            _byCode[_offers + code] = Vector128.CreateScalar(giving * plan.Entries[_offers + code].Gives);
            _metMost = Math.Max(_metMost, Math.Max(Math.Max(points[0], points[1]), _byCode[_offers + code][0]));
            (mostPooling, mostJoint) = (Math.Max(mostPooling, pooling), Math.Max(mostJoint, joint));
            _tradeMost = Math.Max(_tradeMost, points[3]);
        }

        _poolingMost = mostPooling + mostJoint;
        _steps = OthersMost > Negligible ? Steps / OthersMost : 0;
        _slope = (float)((weights.OfSupply + weights.Reciprocity) * weights.Supply.SlopeAt(weights.Supply.MetAt(TypicalSupply)));
    }

    /// <summary>Sets what the first bound is held against.</summary>
    /// <param name="target">Points of the whole score.</param>
    /// <param name="besides">Points that any candidate may have besides those of its entries.</param>
    public void Require(double target, double besides)
    {
        var weight = _weights!.OfSupply + _weights.Reciprocity;
        for (var step = 0; step <= Steps; step++)
        {
            var others = _steps > 0 ? Math.Min(OthersMost, (step + 1) / _steps) : 0;
            var supply = target - besides - others;
            _needed[step] = supply <= 0 ? 0 : supply < weight ? (float)_weights.Supply.MetAt(supply / weight) : float.PositiveInfinity;
        }
    }

    /// <summary>Whether a candidate with these entries can reach what is required.</summary>
    public bool Reach(ReadOnlySpan<Entry> entries)
    {
        var sum = Add(entries);
        return Math.Max(sum[0], sum[1]) >= _needed[StepOf(OthersOf(sum))];
    }

    /// <summary>How promising a candidate with these entries is, to choose some by: its supply as if straight, and its points besides.</summary>
    public float Promise(ReadOnlySpan<Entry> entries)
    {
        var sum = Add(entries);
        return (_slope * Math.Max(sum[0], sum[1])) + OthersOf(sum);
    }

    /// <summary>
    /// What a candidate with so many entries must have to reach what is required, by what it meets: without a heavy entry, and with one light one at most, its sum stays below.
    /// Null where nothing must be met. Whoever trades may need to meet less, so that all entries of trade count as heavy.
    /// </summary>
    public EssentialEntries? FindEssentialMet(int entries)
    {
        var needed = _needed[StepOf(_poolingMost)] * Rounding;
        if (!(needed > 0))
        {
            return null;
        }

        var heavy = entries > 2 ? HeavyShare * needed : needed / entries;
        var light = entries > 2 ? (1 - HeavyShare) * needed / (entries - 1) : heavy;
        var essential = new EssentialEntries();
        for (var code = 0; code < _byCode.Length; code++)
        {
            var points = _byCode[code];
            var most = Math.Max(points[0], points[1]);
            if (points[3] > 0)
            {
                essential.Add(code, 0, 0);
            }
            else if (most >= light)
            {
                essential.Add(code, ImpactAt(most, heavy), ImpactAt(most, light));
            }
        }

        return essential;
    }

    /// <summary>The same by what it has besides; null where nothing besides is needed.</summary>
    public EssentialEntries? FindEssentialOthers(int entries)
    {
        var least = Array.FindIndex(_needed, needed => needed <= entries * _metMost);
        if (least == 0)
        {
            return null;
        }

        var share = least < 0 ? float.PositiveInfinity : least / _steps * Rounding / entries;
        var essential = new EssentialEntries();
        for (var code = 0; code < _byCode.Length; code++)
        {
            if (_byCode[code][2] + _byCode[code][3] >= share)
            {
                essential.Add(code, 0, 0);
            }
        }

        return essential;
    }

    private Vector128<float> Add(ReadOnlySpan<Entry> entries)
    {
        var sum = Vector128<float>.Zero;
        foreach (var entry in entries)
        {
            sum = Vector128.MultiplyAddEstimate(_byCode[entry.Code], _byImpact[entry.Impact], sum);
        }

        return sum;
    }

    private float OthersOf(Vector128<float> sum) => Math.Min(sum[2], _poolingMost) + Math.Min(sum[3], _tradeMost);

    private int StepOf(float others) => (int)(others * _steps);

    /// <summary>The impact at which an entry that meets so much at full value meets only so much.</summary>
    private int ImpactAt(float full, float met) => met <= full ? (int)(_parameters.Temper(met / full) * byte.MaxValue) : EssentialEntries.None;
}
