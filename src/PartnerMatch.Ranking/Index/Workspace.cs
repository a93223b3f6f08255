using PartnerMatch.Ranking.Components;
using PartnerMatch.Ranking.Scoring;

namespace PartnerMatch.Ranking.Index;

/// <summary>What one query needs to work with; lent to one query after another, so that queries allocate little.</summary>
internal sealed class Workspace(RankingKnowledge knowledge)
{
    /// <summary>Where pairs are scored.</summary>
    public Meeting Meeting { get; } = new(knowledge);

    /// <summary>What each entry can add.</summary>
    public QueryPlan Plan { get; } = new(knowledge);

    /// <summary>What sums of entries bound.</summary>
    public EntrySums Sums { get; } = new(knowledge);

    /// <summary>The candidates that the first bound could not rule out: the number of the range, and the slot.</summary>
    public List<(int Range, int Slot)> Survivors { get; } = [];

    /// <summary>The survivors that can still enter the list, largest bound first.</summary>
    public PriorityQueue<(int Range, int Slot), double> Promising { get; } = new(LargestFirst);

    /// <summary>Of a sample those that promise most, the least of them first.</summary>
    public PriorityQueue<(int Range, int Slot), float> Sample { get; } = new();

    /// <summary>Who is scored already.</summary>
    public HashSet<(int Range, int Slot)> Scored { get; private set; } = [];

    /// <summary>Means nothing: reads add to it that only bring memory near, so that they are not left out.</summary>
    public long Touched { get; set; }


    /// <summary>Nobody is scored yet. A set that has grown large takes long to clear: then a new one is begun.</summary>
    public void ForgetScored()
    {
        if (Scored.Capacity > LargestKept)
        {
            Scored = [];
        }

        Scored.Clear();
    }

    /// <summary>Bits for the slots of a range, all 0.</summary>
    /// <param name="number">Of four that are used at a time, which.</param>
    /// <param name="slots">How many slots.</param>
    public Span<ulong> Bits(int number, int slots)
    {
        ref var bits = ref _bits[number];
        var words = (slots + 63) / 64;
        bits = bits.Length < words ? new ulong[words] : bits;
        var cleared = bits.AsSpan(0, words);
        cleared.Clear();
        return cleared;
    }

    private const int LargestKept = 4096;
    private readonly ulong[][] _bits = [[], [], [], []];
    private static readonly Comparer<double> LargestFirst = Comparer<double>.Create((left, right) => right.CompareTo(left));
}
