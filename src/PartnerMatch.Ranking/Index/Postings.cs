namespace PartnerMatch.Ranking.Index;

/// <summary>By entry the slots that have it, ascending; those that may not be recommended left out.</summary>
internal sealed class Postings
{
    private readonly int[] _starts;
    private readonly int[] _slots;

    private Postings(int[] starts, int[] slots) => (_starts, _slots) = (starts, slots);

    public long Bytes => (_starts.Length + (long)_slots.Length) * sizeof(int);

    public static Postings Of(Segment segment, int entries)
    {
        var starts = new int[entries + 1];
        foreach (var range in segment.Regions)
        {
            for (var slot = range.From; slot < range.PublishedTo; slot++)
            {
                foreach (var code in segment.Codes(slot))
                {
                    starts[code + 1]++;
                }
            }
        }

        for (var code = 0; code < entries; code++)
        {
            starts[code + 1] += starts[code];
        }

        var next = starts[..^1];
        var slots = new int[starts[^1]];
        foreach (var range in segment.Regions)
        {
            for (var slot = range.From; slot < range.PublishedTo; slot++)
            {
                foreach (var code in segment.Codes(slot))
                {
                    slots[next[code]++] = slot;
                }
            }
        }

        return new Postings(starts, slots);
    }

    /// <summary>How many slots have the entry.</summary>
    public int Count(int code) => _starts[code + 1] - _starts[code];

    /// <summary>The slots from <paramref name="from"/> to before <paramref name="to"/> that have the entry.</summary>
    public ReadOnlySpan<int> Slots(int code, int from, int to)
    {
        var slots = _slots.AsSpan(_starts[code], Count(code));
        var first = LowerBound(slots, from);
        return slots[first..LowerBound(slots, to)];
    }

    private static int LowerBound(ReadOnlySpan<int> slots, int slot)
    {
        var at = slots.BinarySearch(slot);
        return at < 0 ? ~at : at;
    }
}
