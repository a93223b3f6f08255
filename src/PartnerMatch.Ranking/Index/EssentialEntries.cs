using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace PartnerMatch.Ranking.Index;

/// <summary>
/// Tells from postings alone which slots of a range are to be looked at. For each slot one byte adds up what its entries meet, those aside that meet little (the essential lists of MaxScore,
/// Turtle and Flood 1995; in bytes as the accumulators of JASS, Lin and Trotman 2015), and another says how much is needed of whoever has as much besides. All others meet too little.
/// </summary>
/// <param name="needed">Of whoever has nothing besides.</param>
/// <param name="kin">By group the offers that bring something besides, and what is then needed: less from group to group.</param>
/// <param name="trading">The offers of trade, which come on top.</param>
/// <param name="neededWithTrade">By what is needed without trade, what is needed with it.</param>
/// <param name="meeting">The entries that meet something.</param>
/// <param name="met">What each of them meets, shade by shade.</param>
internal sealed class EssentialEntries(byte needed, IReadOnlyList<(int[] Offers, byte Needed)> kin, int[] trading, byte[] neededWithTrade, IReadOnlyList<int> meeting, byte[] met)
{
    /// <summary>Sets the bits of the slots to be looked at.</summary>
    /// <param name="postings">Those of a range.</param>
    /// <param name="slots">How many slots it has.</param>
    /// <param name="room">Where they are added up.</param>
    public ReadOnlySpan<ulong> Mark(Postings postings, int slots, Accumulators room)
    {
        room.Reset(slots, needed);
        var bits = room.Bits;
        var sums = room.Sums;
        var needs = room.Needs;

        // Slots lie within the range, and sums within a byte: what all entries of a slot can meet fits into one.
        ref var need = ref MemoryMarshal.GetReference(needs);
        foreach (var (offers, less) in kin)
        {
            foreach (var offer in offers)
            {
                foreach (var slot in postings.Slots(offer))
                {
                    Unsafe.Add(ref need, slot) = less;
                }
            }
        }

        foreach (var offer in trading)
        {
            foreach (var slot in postings.Slots(offer))
            {
                ref var of = ref Unsafe.Add(ref need, slot);
                of = neededWithTrade[of];
            }
        }

        ref var sum = ref MemoryMarshal.GetReference(sums);
        for (var at = 0; at < meeting.Count; at++)
        {
            for (var shade = 0; shade < Postings.Shades; shade++)
            {
                if (met[(at * Postings.Shades) + shade] is not 0 and var add)
                {
                    foreach (var slot in postings.Slots(meeting[at], shade))
                    {
                        Unsafe.Add(ref sum, slot) += add;
                    }
                }
            }
        }

        for (var word = 0; word < bits.Length; word++)
        {
            var at = word * 64;
            bits[word] = Enough(sums, needs, at) | ((ulong)Enough(sums, needs, at + Vector256<byte>.Count) << Vector256<byte>.Count);
        }

        if (slots % 64 is > 0 and var rest)
        {
            bits[^1] &= ulong.MaxValue >> (64 - rest);
        }

        return bits;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Enough(ReadOnlySpan<byte> sums, ReadOnlySpan<byte> needs, int at) =>
        Vector256.GreaterThanOrEqual(Vector256.Create(sums[at..]), Vector256.Create(needs[at..])).ExtractMostSignificantBits();
}

/// <summary>Room for the slots of one range after another: for each a sum, what is needed of it, and a bit. There is room for a multiple of 64.</summary>
internal sealed class Accumulators
{
    private ulong[] _bits = [];
    private byte[] _sums = [];
    private byte[] _needs = [];
    private int _words;

    /// <summary>As they were left.</summary>
    public Span<ulong> Bits => _bits.AsSpan(0, _words);

    public Span<byte> Sums => _sums.AsSpan(0, 64 * _words);

    public Span<byte> Needs => _needs.AsSpan(0, 64 * _words);

    /// <summary>Turns to another range, with sums of 0.</summary>
    /// <param name="slots">How many slots it has.</param>
    /// <param name="needed">What is needed of each, until something else is said.</param>
    public void Reset(int slots, byte needed)
    {
        _words = (slots + 63) / 64;
        if (_bits.Length < _words)
        {
            (_bits, _sums, _needs) = (new ulong[_words], new byte[64 * _words], new byte[64 * _words]);
        }

        Sums.Clear();
        Needs.Fill(needed);
    }
}
