namespace PartnerMatch.Ranking.Index;

/// <summary>
/// What the slots of a range must have to be looked at (the essential lists of MaxScore, Turtle and Flood 1995): of each group of slots that have about as much besides, those that have an
/// entry which is heavy, or two that are light. All others meet too little.
/// </summary>
/// <param name="groups">By group the offers of which its slots have one, or none where it is of all slots; and what they must meet, or null where that is nothing.</param>
internal sealed class EssentialEntries(IReadOnlyList<(int[] Offers, IReadOnlyList<EssentialEntry>? Met)> groups)
{
    /// <summary>A group is looked at whole where there are so many times more entries to mark than it has slots.</summary>
    private const int MarksPerLook = 4;

    /// <summary>Sets the bits of the slots to be looked at.</summary>
    /// <param name="postings">Those of a range.</param>
    /// <param name="slots">How many slots it has.</param>
    /// <param name="room">Where the bits are.</param>
    public ReadOnlySpan<ulong> Mark(Postings postings, int slots, RangeLook room)
    {
        var found = room.Bits(0, slots);
        foreach (var (offers, met) in groups)
        {
            if (offers.Length == 0)
            {
                MarkMet(met!, postings, found, room.Bits(1, slots));
            }
            else if (met is null || CountMet(met, postings) > MarksPerLook * CountAny(offers, postings))
            {
                MarkAny(offers, postings, found);
            }
            else
            {
                var any = room.Bits(2, slots);
                var meets = room.Bits(3, slots);
                MarkAny(offers, postings, any);
                MarkMet(met, postings, meets, room.Bits(1, slots));
                for (var word = 0; word < found.Length; word++)
                {
                    found[word] |= any[word] & meets[word];
                }
            }
        }

        return found;
    }

    private static long CountAny(int[] offers, Postings postings)
    {
        var count = 0L;
        foreach (var code in offers)
        {
            count += postings.Count(code, 0);
        }

        return count;
    }

    private static long CountMet(IReadOnlyList<EssentialEntry> met, Postings postings)
    {
        var count = 0L;
        foreach (var entry in met)
        {
            count += postings.Count(entry.Code, entry.FromLight);
        }

        return count;
    }

    private static void MarkAny(int[] offers, Postings postings, Span<ulong> found)
    {
        foreach (var code in offers)
        {
            foreach (var slot in postings.Slots(code, 0, EssentialEntry.None))
            {
                found[slot / 64] |= 1UL << slot;
            }
        }
    }

    private static void MarkMet(IReadOnlyList<EssentialEntry> met, Postings postings, Span<ulong> found, Span<ulong> once)
    {
        foreach (var (code, fromHeavy, fromLight) in met)
        {
            foreach (var slot in postings.Slots(code, fromHeavy, EssentialEntry.None))
            {
                found[slot / 64] |= 1UL << slot;
            }

            foreach (var slot in postings.Slots(code, fromLight, fromHeavy))
            {
                var (word, bit) = (slot / 64, 1UL << slot);
                found[word] |= once[word] & bit;
                once[word] |= bit;
            }
        }
    }
}

/// <summary>An entry that meets something: heavy from one impact up, and light from another up to there.</summary>
internal readonly record struct EssentialEntry(int Code, int FromHeavy, int FromLight)
{
    /// <summary>The impact that no entry has.</summary>
    public const int None = byte.MaxValue + 1;
}
