using System.Numerics;
using PartnerMatch.Ranking.Components;
using PartnerMatch.Ranking.Scoring;

namespace PartnerMatch.Ranking.Weighing;

/// <summary>Candidates in their present order with what each component says of them, in columns: so a trial of other weights adds up several at once.</summary>
internal sealed class Contenders
{
    private readonly (int Rank, PartnerValue Partner, ComponentValue[][] Values)[] _contenders;

    /// <summary>The components that have a weight.</summary>
    private readonly int[] _components;

    /// <summary>One a direction: a column a component, as long as there are contenders and then some, to be read in whole vectors.</summary>
    private readonly double[][] _directions;
    private readonly int _rows;
    private readonly (int Contender, double Value)[] _top = new (int, double)[RankSensitivity.Top + 1];

    private Contenders((int Rank, PartnerValue Partner, ComponentValue[][] Values)[] contenders, int[] components)
    {
        (_contenders, _components) = (contenders, components);
        _rows = (contenders.Length + Vector<double>.Count - 1) / Vector<double>.Count * Vector<double>.Count;
        _directions = new double[contenders.Length == 0 ? 0 : contenders[0].Values.Length][];
        for (var direction = 0; direction < _directions.Length; direction++)
        {
            var columns = _directions[direction] = new double[_rows * components.Length];
            for (var row = 0; row < contenders.Length; row++)
            {
                for (var column = 0; column < components.Length; column++)
                {
                    columns[(column * _rows) + row] = contenders[row].Values[direction][components[column]].Value ?? 0;
                }
            }
        }
    }

    /// <summary>How many there are.</summary>
    public int Count => _contenders.Length;

    /// <summary>The partner with its present value.</summary>
    public PartnerValue this[int contender] => _contenders[contender].Partner;

    /// <summary>
    /// Brings them together. Of those of whom all components say the same only so many are taken as the top holds: under any weights they are equal, and
    /// stand in order of id.
    /// </summary>
    /// <param name="partners">The first, in their present order.</param>
    /// <param name="profile">The present weights.</param>
    /// <param name="evaluate">What components say of a partner, a row a direction.</param>
    public static Contenders Of(IReadOnlyList<PartnerValue> partners, RankingProfile profile, Func<PartnerValue, ComponentValue[][]> evaluate)
    {
        var contenders = new List<(int Rank, PartnerValue Partner, ComponentValue[][] Values)>(partners.Count);
        var alike = 0;
        for (var at = 0; at < partners.Count; at++)
        {
            var values = evaluate(partners[at]);
            alike = contenders is [.., var last] && AreAlike(last.Values, values) ? alike + 1 : 1;
            if (alike <= RankSensitivity.Top)
            {
                contenders.Add((at + 1, partners[at], values));
            }
        }

        return new Contenders([.. contenders], [.. Enumerable.Range(0, ComponentRegistry.All.Length).Where(c => profile.WeightsInOrder[c] != 0)]);
    }

    /// <summary>The present rank.</summary>
    public int RankOf(int contender) => _contenders[contender].Rank;

    /// <summary>Who comes first under other weights, best first; valid until the next call.</summary>
    public ReadOnlySpan<(int Contender, double Value)> FindTop(double[] weights)
    {
        Span<double> points = stackalloc double[_components.Length];
        for (var column = 0; column < points.Length; column++)
        {
            points[column] = Tally.PointsOf(weights[_components[column]]);
        }

        var (count, last) = (0, double.NegativeInfinity);
        for (var row = 0; row < Count; row += Vector<double>.Count)
        {
            // In the order of the scorer, and rounded after each step as it does: the last digits are the same.
            var values = new Vector<double>(double.NegativeInfinity);
            foreach (var columns in _directions)
            {
                var sum = Vector<double>.Zero;
                for (var column = 0; column < points.Length; column++)
                {
                    sum += points[column] * new Vector<double>(columns, (column * _rows) + row);
                }

                values = Vector.Max(values, sum);
            }

            if (count == RankSensitivity.Top && !Vector.GreaterThanOrEqualAny(values, new Vector<double>(last)))
            {
                continue;
            }

            for (var lane = 0; lane < Vector<double>.Count && row + lane < Count; lane++)
            {
                count = Insert(count, (row + lane, values[lane]), weights);
            }

            last = _top[count - 1].Value;
        }

        return _top.AsSpan(0, count);
    }

    private int Insert(int count, (int Contender, double Value) added, double[] weights)
    {
        var at = count;
        while (at > 0 && ComesBefore(added, _top[at - 1], weights))
        {
            _top[at] = _top[at - 1];
            at--;
        }

        _top[at] = added;
        return Math.Min(count + 1, RankSensitivity.Top);
    }

    /// <summary>In the promised order.</summary>
    private bool ComesBefore((int Contender, double Value) left, (int Contender, double Value) right, double[] weights) =>
        left.Value != right.Value ? left.Value > right.Value : PartnerRanker.BestFirst(ValueOf(left.Contender, weights), ValueOf(right.Contender, weights)) < 0;

    private PartnerValue ValueOf(int contender, double[] weights)
    {
        var (_, partner, directions) = _contenders[contender];
        PartnerValue? best = null;
        foreach (var values in directions)
        {
            var tally = default(Tally);
            foreach (var component in _components)
            {
                tally.Add(weights[component], values[component].Value, values[component].StatedShare);
            }

            var value = partner with { Value = tally.Value, Confidence = tally.Confidence };
            best = best is { } known && PartnerRanker.BestFirst(known, value) <= 0 ? known : value;
        }

        return best!.Value;
    }

    private static bool AreAlike(ComponentValue[][] left, ComponentValue[][] right)
    {
        for (var direction = 0; direction < left.Length; direction++)
        {
            for (var component = 0; component < left[direction].Length; component++)
            {
                if (left[direction][component].Value != right[direction][component].Value || left[direction][component].StatedShare != right[direction][component].StatedShare)
                {
                    return false;
                }
            }
        }

        return true;
    }
}
