using System.Numerics;

namespace PartnerMatch.Ranking.Index;

/// <summary>An immutable set of slots: which profiles of a segment no newer one replaces. A set with fewer slots shares all but the touched blocks.</summary>
internal sealed class SlotSet
{
    private const int WordsPerBlock = 64;
    private const int SlotsPerBlock = 64 * WordsPerBlock;
    private static readonly ulong[] Full = [.. Enumerable.Repeat(ulong.MaxValue, WordsPerBlock)];

    private readonly ulong[][] _blocks;
    private readonly int _slots;

    private SlotSet(ulong[][] blocks, int slots, int count) => (_blocks, _slots, Count) = (blocks, slots, count);

    public int Count { get; }

    /// <summary>Nothing was taken away.</summary>
    public bool IsWhole => Count == _slots;

    public bool this[int slot] => (_blocks[slot / SlotsPerBlock][slot / 64 % WordsPerBlock] >> (slot & 63) & 1) != 0;

    public static SlotSet All(int slots) => new([.. Enumerable.Repeat(Full, (slots + SlotsPerBlock - 1) / SlotsPerBlock)], slots, slots);

    public SlotSet Without(IReadOnlyCollection<int> slots)
    {
        var blocks = (ulong[][])_blocks.Clone();
        var count = Count;
        foreach (var slot in slots)
        {
            if (this[slot])
            {
                var block = slot / SlotsPerBlock;
                blocks[block] = ReferenceEquals(blocks[block], _blocks[block]) ? (ulong[])blocks[block].Clone() : blocks[block];
                ref var word = ref blocks[block][slot / 64 % WordsPerBlock];
                count -= (int)(word >> (slot & 63) & 1);
                word &= ~(1UL << (slot & 63));
            }
        }

        return new SlotSet(blocks, _slots, count);
    }

    /// <summary>The slots that were taken away, ascending.</summary>
    public IEnumerable<int> Gaps()
    {
        for (var block = 0; block < _blocks.Length; block++)
        {
            if (ReferenceEquals(_blocks[block], Full))
            {
                continue;
            }

            for (var at = 0; at < WordsPerBlock; at++)
            {
                for (var gone = ~_blocks[block][at]; gone != 0; gone &= gone - 1)
                {
                    yield return (((block * WordsPerBlock) + at) * 64) + BitOperations.TrailingZeroCount(gone);
                }
            }
        }
    }
}
