namespace PartnerMatch.Ranking.Index;

/// <summary>
/// Entries that whoever can enter the list must have: one that is heavy, or two that are light. A competency's entries are heavy from one impact up, and light from another up to there.
/// </summary>
internal sealed class EssentialEntries
{
    private readonly List<(int Code, int FromHeavy, int FromLight)> _entries = [];

    /// <summary>The impact that no entry has.</summary>
    public const int None = byte.MaxValue + 1;

    public void Add(int code, int fromHeavy, int fromLight) => _entries.Add((code, fromHeavy, fromLight));

    /// <summary>How many entries of a range are among them.</summary>
    public int Count(Postings postings)
    {
        var count = 0;
        foreach (var (code, _, fromLight) in _entries)
        {
            count += postings.Count(code, fromLight, None);
        }

        return count;
    }

    /// <summary>Sets the bits of the slots that have a heavy one or two light ones.</summary>
    /// <param name="postings">Those of a range.</param>
    /// <param name="found">A bit for each slot of the range.</param>
    /// <param name="once">Room for as many bits, all 0.</param>
    public void Mark(Postings postings, Span<ulong> found, Span<ulong> once)
    {
        foreach (var (code, fromHeavy, fromLight) in _entries)
        {
            foreach (var slot in postings.Slots(code, fromHeavy, None))
            {
                found[slot / 64] |= 1UL << slot;
            }

            foreach (var slot in postings.Slots(code, fromLight, fromHeavy))
            {
                var bit = 1UL << slot;
                found[slot / 64] |= once[slot / 64] & bit;
                once[slot / 64] |= bit;
            }
        }
    }
}
