using PartnerMatch.Api.Jobs;
using PartnerMatch.Ranking.Balancing;
using PartnerMatch.Ranking.Scoring;

namespace PartnerMatch.Api.MatchRuns;

/// <summary>One run: the best partners of many enterprises, computed as a job on one version of the data.</summary>
internal sealed record MatchRun
{
    public required string Id { get; init; }

    public required JobState State { get; init; }

    /// <summary>The corridor.</summary>
    public required string Corridor { get; init; }

    /// <summary>The cooperation form.</summary>
    public required CooperationForm Form { get; init; }

    /// <summary>The asking enterprises' role in a directed form; any in a joint venture.</summary>
    public required PartnerRole Role { get; init; }

    /// <summary>The side of the corridor whose enterprises all ask; null where they were listed.</summary>
    public required MatchRunSide? Side { get; init; }

    /// <summary>At most so many partners an enterprise.</summary>
    public required int Top { get; init; }

    /// <summary>The lowest score kept.</summary>
    public required double MinScore { get; init; }

    /// <summary>The ranking profile, <c>id@version</c>; null where the run brought weights of its own.</summary>
    public required string? Profile { get; init; }

    /// <summary>The weights that came with the run; null where it goes by a ranking profile.</summary>
    public required IReadOnlyDictionary<string, double>? Weights { get; init; }

    /// <summary>Names the weights and the parameters of the model.</summary>
    public required string WeightsHash { get; init; }

    /// <summary>Whether the lists look at one enterprise at a time, or at the market as a whole.</summary>
    public required MatchBalance Balance { get; init; }

    /// <summary>In a market: on how many times its fair share of lists an enterprise may be at most.</summary>
    public required double? ExposureCap { get; init; }

    /// <summary>In a market that is done: what the balanced lists do to it, beside what the plain ones would.</summary>
    public MatchRunMarket? Market { get; init; }

    /// <summary>Whether it was started to answer the ranking of a large corridor's pairs; such a run gives way to the next one.</summary>
    public required bool Automatic { get; init; }

    /// <summary>The portal whose key or token asked for it, or under whose weight set it runs by itself, and which alone sees and removes it besides staff; null where staff asked, and for automatic runs that are there for everybody.</summary>
    public required string? Owner { get; init; }

    /// <summary>How many enterprises ask: as counted when the run was asked for, and anew when it starts.</summary>
    public required int Enterprises { get; init; }

    /// <summary>How many pairs are ranked: each asking enterprise with every candidate.</summary>
    public required long Pairs { get; init; }

    /// <summary>The version of the data that the whole run works on, whatever changes meanwhile; null before it starts.</summary>
    public string? DataVersion { get; init; }

    /// <summary>How many results there are, once it is done.</summary>
    public long? Results { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>How far it is; null before it starts and when it is over.</summary>
    public MatchRunProgress? Progress { get; init; }

    /// <summary>Why it failed, where it did.</summary>
    public MatchRunFailure? Failure { get; init; }
}

/// <summary>Whose partners a run looks for.</summary>
internal enum MatchRunSide
{
    /// <summary>Every published enterprise of the corridor's first side.</summary>
    First,

    /// <summary>Every published enterprise of its second side.</summary>
    Second,

    /// <summary>Both: each pair may be listed twice, once for either.</summary>
    Both,
}

/// <summary>What lists go by.</summary>
internal enum MatchBalance
{
    /// <summary>The scores of each enterprise's partners: everybody is sent to the same stars.</summary>
    None,

    /// <summary>The scores of both sides at once, as if all used their lists at the same time: transferable utility with a cap on exposure.</summary>
    Market,
}

/// <summary>What lists do to a market whose enterprises all use theirs at once.</summary>
/// <param name="Rounds">Rounds of the fitting.</param>
/// <param name="Plain">Under lists by score alone, as long.</param>
/// <param name="Balanced">Under the lists of this run.</param>
internal sealed record MatchRunMarket(int Rounds, MatchRunFigures Plain, MatchRunFigures Balanced);

/// <summary>How a market fares under lists, where the enterprise in place r is looked at with chance 1/r, and a pair matches when both look and like.</summary>
/// <param name="ExpectedMatches">How many pairs match; a score of 100 is a chance of 1.</param>
/// <param name="First">How the corridor's first side fares.</param>
/// <param name="Second">How its second side fares.</param>
internal sealed record MatchRunFigures(double ExpectedMatches, MatchRunSideFigures First, MatchRunSideFigures Second)
{
    public static MatchRunFigures From(MarketFigures figures) => new(figures.ExpectedMatches, MatchRunSideFigures.From(figures.Left), MatchRunSideFigures.From(figures.Right));
}

/// <summary>How the enterprises of a side fare.</summary>
/// <param name="ExposureGini">How unevenly they are looked at: 0, all alike, to below 1.</param>
/// <param name="LargestExposure">On how many lists the one that is on most is.</param>
/// <param name="OnNoList">How many are on no list.</param>
/// <param name="Envious">How many would expect more matches in the places of another of their side.</param>
internal sealed record MatchRunSideFigures(double ExposureGini, int LargestExposure, int OnNoList, int Envious)
{
    public static MatchRunSideFigures From(SideFigures figures) => new(figures.ExposureGini, figures.LargestExposure, figures.OnNoList, figures.Envious);
}

/// <summary>How far a run is.</summary>
/// <param name="EnterprisesDone">Enterprises whose lists are stored.</param>
/// <param name="PairsDone">Pairs ranked for them.</param>
/// <param name="PairsPerSecond">Pairs ranked a second since the run was last taken up.</param>
/// <param name="SecondsLeft">Estimated at that pace; null until there is something to go by.</param>
internal sealed record MatchRunProgress(int EnterprisesDone, long PairsDone, double PairsPerSecond, double? SecondsLeft);

/// <summary>Why a run failed.</summary>
/// <param name="Type">Stable name of the kind of failure.</param>
/// <param name="Detail">What went wrong.</param>
internal sealed record MatchRunFailure(string Type, string Detail)
{
    public static MatchRunFailure Empty { get; } = Of("empty-run", "When the run began there was nobody left to rank.");

    public static MatchRunFailure NoSpace { get; } = Of("no-space", "There is no room for the results of the run. Nothing of it is kept; free some space, or ask for less, and start it again.");

    public static MatchRunFailure Interrupted { get; } = Of("run-interrupted", "The service was stopped each time it worked on this run.");

    public static MatchRunFailure Internal { get; } = Of("internal-error", "The service failed. Nothing of the run is kept.");

    private static MatchRunFailure Of(string type, string detail) => new("urn:partnermatch:problem:" + type, detail);
}

/// <summary>Runs, newest first.</summary>
internal sealed record MatchRunList(IReadOnlyList<MatchRun> Items, string? Next);
