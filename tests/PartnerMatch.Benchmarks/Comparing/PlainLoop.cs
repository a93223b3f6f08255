namespace PartnerMatch.Benchmarks.Comparing;

/// <summary>Term at a time: one pass over the postings of each term into an array of sums, then one over the sums with a heap.</summary>
internal sealed class PlainLoop(ImpactTable table) : IContender
{
    private readonly float[] _sums = new float[table.Count];
    private readonly PriorityQueue<int, float> _best = new(Comparison.Top);

    public string Name => "plain loop";

    public double[] Best(Subject subject)
    {
        Array.Clear(_sums);
        for (var term = 0; term < subject.Codes.Length; term++)
        {
            var weight = subject.Weights[term];
            var from = table.Starts[subject.Codes[term]];
            var length = table.Starts[subject.Codes[term] + 1] - from;
            var enterprises = table.Enterprises.AsSpan(from, length);
            var impacts = table.Impacts.AsSpan(from, length);
            for (var i = 0; i < enterprises.Length; i++)
            {
                _sums[enterprises[i]] += weight * impacts[i];
            }
        }

        _best.Clear();
        var smallest = 0f;
        for (var number = 0; number < _sums.Length; number++)
        {
            if (_sums[number] <= smallest)
            {
                continue;
            }

            if (_best.Count < Comparison.Top)
            {
                _best.Enqueue(number, _sums[number]);
            }
            else
            {
                _best.EnqueueDequeue(number, _sums[number]);
            }

            if (_best.Count == Comparison.Top)
            {
                _best.TryPeek(out _, out smallest);
            }
        }

        return [.. _best.UnorderedItems.Select(i => (double)i.Priority).OrderDescending()];
    }

    public void Dispose()
    {
    }
}
