using Microsoft.Data.Sqlite;

namespace PartnerMatch.Api.MatchRuns;

/// <summary>What runs may take of the machine; section <c>PartnerMatch:MatchRuns</c>.</summary>
internal sealed record MatchRunSettings
{
    /// <summary>Threads that rank a run, or the pairs of a small corridor; the number of processors where null. They step aside while somebody waits for a match query.</summary>
    public int? Workers { get; init; }

    /// <summary>The most bytes that the results of one run may take; a run that needs more fails. 2M results take about 120 MB.</summary>
    public long MaxFileSize { get; init; } = 16L * 1024 * 1024 * 1024;

    /// <summary>
    /// The most places that the lists of a market may have, both sides together, each list twice as long as it is asked for: they are balanced in memory. A larger market is refused.
    /// With 2.4M places (30,000 enterprises a side, 20 partners each) the service took 1.3 GB in all.
    /// </summary>
    public long MaxMarketPlaces { get; init; } = 8_000_000;

    /// <summary>
    /// The pairs of a corridor that has more of them are not ranked while somebody waits (which takes some seconds at this size) but answered from
    /// a run.
    /// </summary>
    public long MaxPairsAtOnce { get; init; } = 4_000_000;

    /// <summary>Where the results lie; <c>match-runs</c> beside the database where null. They are as worth a backup as the database.</summary>
    public string? Folder { get; init; }

    public static MatchRunSettings From(IConfiguration configuration)
    {
        var settings = configuration.GetSection("PartnerMatch:MatchRuns").Get<MatchRunSettings>() ?? new MatchRunSettings();
        if (settings.Workers is < 1 || settings.MaxFileSize <= 0 || settings.MaxPairsAtOnce <= 0 || settings.MaxMarketPlaces <= 0)
        {
            throw new InvalidOperationException("The limits of PartnerMatch:MatchRuns must be above zero.");
        }

        var database = new SqliteConnectionStringBuilder(configuration.GetConnectionString("PartnerMatch")).DataSource;
        return settings with
        {
            Workers = settings.Workers ?? Environment.ProcessorCount,
            Folder = settings.Folder ?? Path.Combine(Path.GetDirectoryName(Path.GetFullPath(database))!, "match-runs"),
        };
    }

    /// <summary>Where the results of a run lie.</summary>
    public string FileOf(string id) => Path.Combine(Folder!, id + ".run");
}
