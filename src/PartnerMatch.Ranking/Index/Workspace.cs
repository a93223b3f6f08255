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

    /// <summary>By entry, points at most: offers and then needs.</summary>
    public float[] Points { get; } = new float[2 * knowledge.Tree.Count];

    /// <summary>The candidates that a sweep could not rule out.</summary>
    public List<(int Segment, int Slot)> Survivors { get; } = [];

    /// <summary>The survivors that can still enter the list, largest bound first.</summary>
    public PriorityQueue<(int Segment, int Slot), double> Promising { get; } = new(LargestFirst);

    private static readonly Comparer<double> LargestFirst = Comparer<double>.Create((left, right) => right.CompareTo(left));
}
