namespace PartnerMatch.Ranking.Index;

/// <summary>What a scan adds up for one block of slots; a block fits the processor's cache.</summary>
internal sealed class BlockSums
{
    /// <summary>Slots of a block.</summary>
    public const int Slots = 1 << 12;

    /// <summary>Emphasised met need of the subject's supply.</summary>
    public float[] Gives { get; } = new float[Slots];

    /// <summary>Emphasised met need of the candidate's supply.</summary>
    public float[] Takes { get; } = new float[Slots];

    /// <summary>Points of the other directed components.</summary>
    public float[] Extras { get; } = new float[Slots];

    /// <summary>Likeness of the nearest two products.</summary>
    public float[] Kin { get; } = new float[Slots];

    /// <summary>Product of the two ranges.</summary>
    public float[] Ranges { get; } = new float[Slots];

    public void Clear(int slots)
    {
        Array.Clear(Gives, 0, slots);
        Array.Clear(Takes, 0, slots);
        Array.Clear(Extras, 0, slots);
        Array.Clear(Kin, 0, slots);
        Array.Clear(Ranges, 0, slots);
    }

    /// <summary>Adds what the slots from <paramref name="from"/> to before <paramref name="to"/> have of each weighed competency.</summary>
    public static void Add(Postings postings, Weights weights, float[] sums, int from, int to)
    {
        var counts = weights.Impacts;
        foreach (var (code, weight) in weights.Entries)
        {
            var slots = postings.Slots(code, from, to, out var impacts);
            for (var i = 0; i < slots.Length; i++)
            {
                sums[slots[i] - from] += weight * counts[impacts[i]];
            }
        }
    }

    /// <summary>Raises the slots to the largest that they have.</summary>
    public static void Raise(Postings postings, Weights weights, float[] sums, int from, int to)
    {
        var counts = weights.Impacts;
        foreach (var (code, weight) in weights.Entries)
        {
            var slots = postings.Slots(code, from, to, out var impacts);
            for (var i = 0; i < slots.Length; i++)
            {
                ref var sum = ref sums[slots[i] - from];
                sum = Math.Max(sum, weight * counts[impacts[i]]);
            }
        }
    }
}
