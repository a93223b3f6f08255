using Microsoft.Data.Sqlite;

namespace PartnerMatch.Api.Imports;

/// <summary>The limits of imports, and where their files lie until they are over; section <c>PartnerMatch:Imports</c>.</summary>
internal sealed record ImportSettings
{
    /// <summary>Bodies up to this size are imported at once, larger ones as a job.</summary>
    public const long MaxSizeAtOnce = 5 * 1024 * 1024;

    /// <summary>The largest file taken, in bytes.</summary>
    public long MaxSize { get; init; } = 1024L * 1024 * 1024;

    /// <summary>The most rows a file may have.</summary>
    public int MaxRows { get; init; } = 2_000_000;

    /// <summary>How much a workbook may unpack to, in bytes.</summary>
    public long MaxUnpackedSize { get; init; } = 1024L * 1024 * 1024;

    /// <summary>Where files lie until they are over; <c>imports</c> beside the database where null. It survives a restart, or jobs do not.</summary>
    public string? Folder { get; init; }

    public static ImportSettings From(IConfiguration configuration)
    {
        var settings = configuration.GetSection("PartnerMatch:Imports").Get<ImportSettings>() ?? new ImportSettings();
        if (settings.MaxSize <= 0 || settings.MaxRows <= 0 || settings.MaxUnpackedSize <= 0)
        {
            throw new InvalidOperationException("The limits of PartnerMatch:Imports must be above zero.");
        }

        var database = new SqliteConnectionStringBuilder(configuration.GetConnectionString("PartnerMatch")).DataSource;
        return settings with { Folder = settings.Folder ?? Path.Combine(Path.GetDirectoryName(Path.GetFullPath(database))!, "imports") };
    }
}
