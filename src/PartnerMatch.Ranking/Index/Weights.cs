namespace PartnerMatch.Ranking.Index;

/// <summary>What some competencies weigh in a query, and what a stored impact then counts.</summary>
internal sealed class Weights
{
    private Weights((int Code, float Weight)[] entries, float[] impacts) => (Entries, Impacts) = (entries, impacts);

    /// <summary>Nothing weighs anything.</summary>
    public static Weights None { get; } = Linear([]);

    /// <summary>The competencies that weigh, in preorder.</summary>
    public (int Code, float Weight)[] Entries { get; }

    /// <summary>By impact in 255ths, what it counts.</summary>
    public float[] Impacts { get; }

    /// <summary>Impacts count as they are.</summary>
    public static Weights Linear(float[] byCode) => Of(byCode, value => value);

    /// <summary>Impacts count as a growing function of their value says.</summary>
    public static Weights Of(float[] byCode, Func<double, double> count) => new(
        [.. byCode.Select((weight, code) => (code, weight)).Where(w => w.weight > 0)],
        [.. Enumerable.Range(0, byte.MaxValue + 1).Select(impact => (float)count((double)impact / byte.MaxValue))]);
}
