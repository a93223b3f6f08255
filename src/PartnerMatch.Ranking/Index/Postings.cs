namespace PartnerMatch.Ranking.Index;

/// <summary>For each competency the slots that have it, ascending, with their values rounded up to 255ths, so that a sum over them is never too small.</summary>
internal sealed class Postings
{
    private readonly int[] _starts;
    private readonly int[] _slots;
    private readonly byte[] _impacts;

    private Postings(int[] starts, int[] slots, byte[] impacts) => (_starts, _slots, _impacts) = (starts, slots, impacts);

    /// <summary>Bytes held.</summary>
    public long Bytes => (_starts.Length * (long)sizeof(int)) + (_slots.Length * (long)(sizeof(int) + sizeof(byte)));

    /// <summary>Builds the postings of all slots.</summary>
    /// <param name="codes">The number of competencies.</param>
    /// <param name="slots">The number of slots.</param>
    /// <param name="list">Appends the (competency, value) pairs of a slot, each competency once.</param>
    public static Postings Build(int codes, int slots, Action<int, List<(int Code, double Value)>> list)
    {
        var starts = new int[codes + 1];
        var entries = new List<(int Code, double Value)>();
        for (var slot = 0; slot < slots; slot++)
        {
            entries.Clear();
            list(slot, entries);
            foreach (var (code, _) in entries)
            {
                starts[code + 1]++;
            }
        }

        for (var code = 0; code < codes; code++)
        {
            starts[code + 1] += starts[code];
        }

        var next = starts[..codes];
        var at = new int[starts[codes]];
        var impacts = new byte[starts[codes]];
        for (var slot = 0; slot < slots; slot++)
        {
            entries.Clear();
            list(slot, entries);
            foreach (var (code, value) in entries)
            {
                at[next[code]] = slot;
                impacts[next[code]++] = (byte)Math.Clamp((int)Math.Ceiling(value * byte.MaxValue), 1, byte.MaxValue);
            }
        }

        return new Postings(starts, at, impacts);
    }

    /// <summary>The slots of a competency within a range of slots.</summary>
    public ReadOnlySpan<int> Slots(int code, int from, int to, out ReadOnlySpan<byte> impacts)
    {
        var slots = _slots.AsSpan(_starts[code], _starts[code + 1] - _starts[code]);
        var first = LowerBound(slots, from);
        var last = first + LowerBound(slots[first..], to);
        impacts = _impacts.AsSpan(_starts[code] + first, last - first);
        return slots[first..last];
    }

    private static int LowerBound(ReadOnlySpan<int> slots, int slot)
    {
        var at = slots.BinarySearch(slot);
        return at < 0 ? ~at : at;
    }
}
