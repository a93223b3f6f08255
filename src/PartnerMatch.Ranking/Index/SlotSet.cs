namespace PartnerMatch.Ranking.Index;

/// <summary>An immutable set of slots: which profiles of a segment no newer one replaces.</summary>
internal sealed class SlotSet
{
    private readonly ulong[] _bits;

    private SlotSet(ulong[] bits, int count) => (_bits, Count) = (bits, count);

    public int Count { get; }

    public bool this[int slot] => (_bits[slot >> 6] >> (slot & 63) & 1) != 0;

    public static SlotSet All(int slots)
    {
        var bits = new ulong[(slots + 63) >> 6];
        for (var slot = 0; slot < slots; slot++)
        {
            bits[slot >> 6] |= 1UL << (slot & 63);
        }

        return new SlotSet(bits, slots);
    }

    public SlotSet Without(IEnumerable<int> slots)
    {
        var bits = (ulong[])_bits.Clone();
        var count = Count;
        foreach (var slot in slots)
        {
            var bit = 1UL << (slot & 63);
            count -= (bits[slot >> 6] & bit) != 0 ? 1 : 0;
            bits[slot >> 6] &= ~bit;
        }

        return new SlotSet(bits, count);
    }
}
