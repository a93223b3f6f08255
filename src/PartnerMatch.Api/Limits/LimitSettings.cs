namespace PartnerMatch.Api.Limits;

/// <summary>How much one caller may ask for, and how much the service takes at once.</summary>
internal sealed record LimitSettings
{
    /// <summary>Operations that need the scope read, a minute and caller.</summary>
    public int ReadsPerMinute { get; init; } = 6000;

    /// <summary>Operations that need the scope match, a minute and caller.</summary>
    public int MatchesPerMinute { get; init; } = 1200;

    /// <summary>All others, imports among them, a minute and caller.</summary>
    public int WritesPerMinute { get; init; } = 1200;

    /// <summary>Keys and tokens that are not valid, a minute and address.</summary>
    public int FailedAttemptsPerMinute { get; init; } = 20;

    /// <summary>Rankings that are computed at the same time.</summary>
    public int RankingsAtOnce { get; init; } = 2 * Environment.ProcessorCount;

    /// <summary>Rankings that may wait for their turn; further ones are turned away before all become slow.</summary>
    public int RankingsWaiting { get; init; } = 128;

    /// <summary>Streams of events, and waiting readers of the change feed, of one caller at the same time: each commit wakes all of them.</summary>
    public int StreamsAtOnce { get; init; } = 100;

    /// <summary>How long a request may take, in seconds. Imports, exports and streams of events may take longer.</summary>
    public int RequestSeconds { get; init; } = 60;

    public static LimitSettings From(IConfiguration configuration)
    {
        var settings = configuration.GetSection("PartnerMatch:Limits").Get<LimitSettings>() ?? new LimitSettings();
        return settings is { ReadsPerMinute: > 0, MatchesPerMinute: > 0, WritesPerMinute: > 0, FailedAttemptsPerMinute: > 0, RankingsAtOnce: > 0, RankingsWaiting: >= 0, StreamsAtOnce: > 0, RequestSeconds: > 0 }
            ? settings
            : throw new InvalidOperationException("The settings below PartnerMatch:Limits are numbers above zero (RankingsWaiting may be zero).");
    }
}
