namespace PartnerMatch.Ranking.Index;

/// <summary>Of one range: by competency the slots that have an entry of it, those with the strongest last; those that may not be recommended left out.</summary>
internal sealed class Postings
{
    /// <summary>Slots with one entry lie apart by so many shades of its value.</summary>
    private const int Shades = 8;
    private const int ImpactsPerShade = (byte.MaxValue + 1) / Shades;
    private readonly int[] _starts;
    private readonly int[] _slots;

    private Postings(int[] starts, int[] slots) => (_starts, _slots) = (starts, slots);

    public long Bytes => (_starts.Length + (long)_slots.Length) * sizeof(int);

    /// <param name="segment">Where the range lies.</param>
    /// <param name="range">The range.</param>
    /// <param name="codes">How many competencies entries can have.</param>
    public static Postings Of(Segment segment, SlotRange range, int codes)
    {
        var starts = new int[(codes * Shades) + 1];
        for (var slot = range.From; slot < range.PublishedTo; slot++)
        {
            foreach (var entry in segment.Entries(range, slot))
            {
                starts[KeyOf(entry.Code, entry.Impact) + 1]++;
            }
        }

        for (var key = 1; key < starts.Length; key++)
        {
            starts[key] += starts[key - 1];
        }

        var next = starts[..^1];
        var slots = new int[starts[^1]];
        for (var slot = range.From; slot < range.PublishedTo; slot++)
        {
            foreach (var entry in segment.Entries(range, slot))
            {
                slots[next[KeyOf(entry.Code, entry.Impact)]++] = slot - range.From;
            }
        }

        return new Postings(starts, slots);
    }

    /// <summary>The slots, from the start of the range, that have an entry of a competency from one impact up to before another, and perhaps some with a little less than the first.</summary>
    public ReadOnlySpan<int> Slots(int code, int fromImpact, int toImpact)
    {
        var (from, to) = (_starts[KeyOf(code, fromImpact)], _starts[KeyOf(code, toImpact)]);
        return _slots.AsSpan(from, to - from);
    }

    /// <summary>How many have an entry of a competency from an impact up, and perhaps with a little less.</summary>
    public int Count(int code, int fromImpact) => _starts[(code + 1) * Shades] - _starts[KeyOf(code, fromImpact)];

    private static int KeyOf(int code, int impact) => (code * Shades) + (impact / ImpactsPerShade);
}
