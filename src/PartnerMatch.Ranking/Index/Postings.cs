namespace PartnerMatch.Ranking.Index;

/// <summary>Of one range: by competency the slots that have an entry of it, those with the strongest last; those that may not be recommended left out.</summary>
internal sealed class Postings
{
    /// <summary>Slots with one entry lie apart by so many shades of its value.</summary>
    public const int Shades = 8;
    private const int ImpactsPerShade = (byte.MaxValue + 1) / Shades;
    private readonly int[] _starts;
    private readonly ushort[] _slots;

    private Postings(int[] starts, ushort[] slots) => (_starts, _slots) = (starts, slots);

    public long Bytes => ((long)_starts.Length * sizeof(int)) + ((long)_slots.Length * sizeof(ushort));

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
        var slots = new ushort[starts[^1]];
        for (var slot = range.From; slot < range.PublishedTo; slot++)
        {
            foreach (var entry in segment.Entries(range, slot))
            {
                slots[next[KeyOf(entry.Code, entry.Impact)]++] = (ushort)(slot - range.From);
            }
        }

        return new Postings(starts, slots);
    }

    /// <summary>The slots, from the start of the range, that have an entry of a competency.</summary>
    public ReadOnlySpan<ushort> Slots(int code) => OfKeys(code * Shades, (code + 1) * Shades);

    /// <summary>Of these those whose entry has one shade.</summary>
    public ReadOnlySpan<ushort> Slots(int code, int shade) => OfKeys((code * Shades) + shade, (code * Shades) + shade + 1);

    /// <summary>The largest impact of a shade.</summary>
    public static int LargestImpact(int shade) => ((shade + 1) * ImpactsPerShade) - 1;

    private ReadOnlySpan<ushort> OfKeys(int fromKey, int toKey) => _slots.AsSpan(_starts[fromKey], _starts[toKey] - _starts[fromKey]);

    private static int KeyOf(int code, int impact) => (code * Shades) + (impact / ImpactsPerShade);
}
