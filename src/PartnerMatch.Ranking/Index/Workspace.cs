using PartnerMatch.Ranking.Components;
using PartnerMatch.Ranking.Scoring;

namespace PartnerMatch.Ranking.Index;

/// <summary>What one query needs to work with; lent to one query after another, so that queries allocate little.</summary>
internal sealed class Workspace
{
    private const int LargestKept = 4096;
    private static readonly Comparer<double> LargestFirst = Comparer<double>.Create((left, right) => right.CompareTo(left));

    public Workspace(RankingKnowledge knowledge)
    {
        Meeting = new Meeting(knowledge);
        Plan = new QueryPlan(knowledge);
        Sums = new EntrySums(knowledge);
        Look = new RangeLook(Sums);
    }

    /// <summary>Where pairs are scored.</summary>
    public Meeting Meeting { get; }

    /// <summary>What each entry can add.</summary>
    public QueryPlan Plan { get; }

    /// <summary>What sums of entries bound.</summary>
    public EntrySums Sums { get; }

    /// <summary>What looks through ranges, and keeps the survivors.</summary>
    public RangeLook Look { get; }

    /// <summary>The survivors that can still enter the list, largest bound first.</summary>
    public PriorityQueue<(int Range, int Slot), double> Promising { get; } = new(LargestFirst);

    /// <summary>Of a sample those that promise most, the least of them first.</summary>
    public PriorityQueue<(int Range, int Slot), float> Sample { get; } = new();

    /// <summary>Who is scored already.</summary>
    public HashSet<(int Range, int Slot)> Scored { get; private set; } = [];

    /// <summary>Nobody is scored yet. A set that has grown large takes long to clear: then a new one is begun.</summary>
    public void ForgetScored()
    {
        if (Scored.Capacity > LargestKept)
        {
            Scored = [];
        }

        Scored.Clear();
    }
}
