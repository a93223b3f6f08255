using System.Globalization;
using System.Text;

namespace PartnerMatch.Soak;

/// <summary>A row of the table.</summary>
/// <param name="Tried">What was tried.</param>
/// <param name="HowOften">How often, and for how long.</param>
/// <param name="Tally">What came of it.</param>
/// <param name="Figures">Times and memory, where they tell something.</param>
internal sealed record Outcome(string Tried, string HowOften, Tally Tally, string Figures = "")
{
    public static string ToTable(IEnumerable<Outcome> outcomes)
    {
        var table = new StringBuilder("| tried | how often | acknowledged | lost | doubled | torn | otherwise wrong | figures | verdict |\n| --- | --- | ---: | ---: | ---: | ---: | ---: | --- | --- |\n");
        foreach (var o in outcomes)
        {
            table.Append(CultureInfo.InvariantCulture, $"| {o.Tried} | {o.HowOften} | {o.Tally.Acknowledged:N0} | {o.Tally.Lost} | {o.Tally.Doubled} | {o.Tally.Torn} | {o.Tally.Wrong} | {o.Figures} | {(o.Tally.IsClean ? "held" : "**failed**")} |\n");
        }

        return table.ToString();
    }
}

/// <summary>Counts what the service acknowledged, and what it then did not keep to; many may count at once.</summary>
internal sealed class Tally
{
    private const int MaxTold = 20;

    private readonly Lock _gate = new();
    private readonly List<string> _told = [];
    private long _acknowledged;

    public long Acknowledged => Interlocked.Read(ref _acknowledged);

    /// <summary>Acknowledged and not there, or not as acknowledged.</summary>
    public int Lost { get; private set; }

    /// <summary>Made more than once.</summary>
    public int Doubled { get; private set; }

    /// <summary>There in part.</summary>
    public int Torn { get; private set; }

    /// <summary>Anything else that is not as documented.</summary>
    public int Wrong { get; private set; }

    public bool IsClean => Lost + Doubled + Torn + Wrong == 0;

    /// <summary>What was counted against the service, in words; the first few.</summary>
    public IReadOnlyList<string> Told => _told;

    public void Acknowledge() => Interlocked.Increment(ref _acknowledged);

    public void Lose(string what) => Count(() => Lost++, "lost: " + what);

    public void Double(string what) => Count(() => Doubled++, "doubled: " + what);

    public void Tear(string what) => Count(() => Torn++, "torn: " + what);

    public void Fail(string what) => Count(() => Wrong++, "wrong: " + what);

    private void Count(Action count, string what)
    {
        lock (_gate)
        {
            count();
            if (_told.Count < MaxTold)
            {
                _told.Add(what);
            }
        }
    }
}
