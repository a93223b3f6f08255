using System.Numerics;

namespace PartnerMatch.Ranking.Index;

/// <summary>Looks through ranges for whoever can reach what is required, and keeps the survivors.</summary>
internal sealed class RangeLook(EntrySums sums)
{
    /// <summary>So many slots are read at a time: enough that memory is asked for many at once.</summary>
    public const int SlotsTogether = 32;

    private readonly Accumulators _room = new();

    /// <summary>The candidates that the first bound could not rule out: the number of the range, and the slot.</summary>
    public List<(int Range, int Slot)> Survivors { get; } = [];

    /// <summary>Means nothing: reads add to it that only bring memory near, so that they are not left out.</summary>
    public long Touched { get; set; }

    /// <summary>Looks at those slots of a range that may meet enough.</summary>
    /// <param name="at">The number of the range.</param>
    /// <param name="range">The range.</param>
    /// <param name="segment">Where it lies.</param>
    public void Through(int at, SlotRange range, Segment segment)
    {
        Span<int> some = stackalloc int[SlotsTogether];
        var (slots, count) = (range.PublishedTo - range.From, 0);
        if (range.Postings is not { } postings || sums.FindEssential(range.Entries) is not { } essential)
        {
            for (var slot = 0; slot < slots; slot++)
            {
                Add(slot, some);
            }
        }
        else
        {
            var bits = essential.Mark(postings, slots, _room);
            for (var word = 0; word < bits.Length; word++)
            {
                for (var left = bits[word]; left != 0; left &= left - 1)
                {
                    Add((64 * word) + BitOperations.TrailingZeroCount(left), some);
                }
            }
        }

        Look(some[..count]);

        void Add(int slot, Span<int> some)
        {
            some[count++] = slot;
            if (count == some.Length)
            {
                Look(some);
                count = 0;
            }
        }

        void Look(Span<int> some)
        {
            // First all are touched, at both ends, for a row may lie across two cache lines; and then looked at: so memory is asked for many at a time.
            var entries = segment.Entries(range);
            var touched = 0;
            if (range.Entries > 0)
            {
                foreach (var slot in some)
                {
                    touched += entries[slot * range.Entries].Impact + entries[(slot * range.Entries) + range.Entries - 1].Impact;
                }
            }

            Touched += touched;
            foreach (var slot in some[..sums.Reach(entries, range.Entries, some)])
            {
                Survivors.Add((at, range.From + slot));
            }
        }
    }
}
