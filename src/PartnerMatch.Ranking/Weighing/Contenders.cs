using System.Numerics;
using PartnerMatch.Ranking.Components;
using PartnerMatch.Ranking.Scoring;

namespace PartnerMatch.Ranking.Weighing;

/// <summary>Candidates in their present order with what each component says of them, in columns: so a trial of other weights adds up several at once.</summary>
internal sealed class Contenders
{
    private readonly Contender[] _contenders;

    /// <summary>The components that have a weight.</summary>
    private readonly int[] _components;

    /// <summary>One a direction: a column a component, as long as there are contenders and then some, to be read in whole vectors.</summary>
    private readonly double[][] _directions;
    private readonly int _rows;
    private readonly (int Contender, double Value)[] _top = new (int, double)[RankSensitivity.Top + 1];

    /// <summary>
    /// Brings them together. Of those of whom all components say the same only so many are taken as the top holds: under any weights they are equal, and
    /// stand in order of id.
    /// </summary>
    /// <param name="candidates">In any order.</param>
    /// <param name="profile">The present weights.</param>
    public Contenders(IEnumerable<Contender> candidates, RankingProfile profile)
    {
        _components = [.. Enumerable.Range(0, ComponentRegistry.All.Length).Where(c => profile.WeightsInOrder[c] != 0)];
        _contenders = LeaveOutAlike(candidates.OrderBy(c => c.Under(profile.WeightsInOrder), Comparer<PartnerValue>.Create(PartnerRanker.BestFirst)));
        _rows = (_contenders.Length + Vector<double>.Count - 1) / Vector<double>.Count * Vector<double>.Count;
        _directions = [.. Enumerable.Range(0, _contenders.Length == 0 ? 0 : _contenders[0].Directions.Count).Select(ToColumns)];
    }

    /// <summary>How many there are.</summary>
    public int Count => _contenders.Length;

    /// <summary>One of them.</summary>
    public Contender this[int at] => _contenders[at];

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
        left.Value != right.Value ? left.Value > right.Value : PartnerRanker.BestFirst(_contenders[left.Contender].Under(weights), _contenders[right.Contender].Under(weights)) < 0;

    private double[] ToColumns(int direction)
    {
        var columns = new double[_rows * _components.Length];
        for (var row = 0; row < _contenders.Length; row++)
        {
            var (_, values) = _contenders[row].Directions[direction];
            for (var column = 0; column < _components.Length; column++)
            {
                columns[(column * _rows) + row] = values[_components[column]].Value ?? 0;
            }
        }

        return columns;
    }

    private static Contender[] LeaveOutAlike(IEnumerable<Contender> inOrder)
    {
        var contenders = new List<Contender>();
        var alike = 0;
        foreach (var contender in inOrder)
        {
            alike = contenders is [.., var last] && last.IsAlike(contender) ? alike + 1 : 1;
            if (alike <= RankSensitivity.Top)
            {
                contenders.Add(contender);
            }
        }

        return [.. contenders];
    }
}

/// <summary>A candidate with what each component says of it.</summary>
/// <param name="PartnerId">The candidate.</param>
/// <param name="Directions">The directions that are scored, each with what every component that has a weight says, in the registry's order.</param>
internal sealed record Contender(string PartnerId, IReadOnlyList<(Direction Direction, ComponentValue[] Values)> Directions)
{
    /// <summary>Its value under some weights: that of the better direction.</summary>
    public PartnerValue Under(ReadOnlySpan<double> weights)
    {
        PartnerValue? best = null;
        foreach (var (direction, values) in Directions)
        {
            var tally = default(Tally);
            for (var at = 0; at < values.Length; at++)
            {
                if (weights[at] != 0)
                {
                    tally.Add(weights[at], values[at].Value, values[at].StatedShare);
                }
            }

            var value = new PartnerValue(PartnerId, tally.Value, tally.Confidence, direction);
            best = best is { } known && PartnerRanker.BestFirst(known, value) <= 0 ? known : value;
        }

        return best!.Value;
    }

    /// <summary>Whether all components say the same of both.</summary>
    public bool IsAlike(Contender other) => Directions.Zip(other.Directions).All(d =>
        d.First.Values.Zip(d.Second.Values).All(v => v.First.Value == v.Second.Value && v.First.StatedShare == v.Second.StatedShare));
}
