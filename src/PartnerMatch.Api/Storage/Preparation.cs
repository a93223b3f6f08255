using PartnerMatch.Api.Competencies;
using PartnerMatch.Api.Corridors;
using PartnerMatch.Api.Decisions;
using PartnerMatch.Api.Enterprises;
using PartnerMatch.Api.Matches;
using PartnerMatch.Api.RankingProfiles;
using PartnerMatch.Api.Replay;

namespace PartnerMatch.Api.Storage;

/// <summary>Everything that must be done before the service can work: schema, reference corridors, profiles in memory, the sample where wanted.</summary>
internal sealed partial class Preparation(
    SqliteDatabase database,
    CorridorStore corridors,
    AliasStore aliases,
    WaitingWords waiting,
    RankingProfileStore rankingProfiles,
    EnterpriseStore enterprises,
    EnterpriseDirectory directory,
    ReferenceArchive archive,
    ScarcityEpochs epochs,
    DecisionStore decisions,
    SampleLoader sample,
    Preparing preparing,
    IConfiguration configuration,
    IHostEnvironment environment,
    TimeProvider time,
    ILogger<Preparation> log) : IHostedLifecycleService
{
    /// <summary>Where the build puts <c>db/</c>.</summary>
    public static string DbFolder => Path.Combine(AppContext.BaseDirectory, "db");

    /// <summary>What fails a start is tried before the service listens.</summary>
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        database.Migrate(Path.Combine(DbFolder, "migrations"));
        await corridors.AddReferenceCorridorsAsync(cancellationToken);
        await aliases.LoadAsync(cancellationToken);
        await rankingProfiles.LoadAsync(cancellationToken);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>What takes long is done while the service listens and says how far it is.</summary>
    public async Task StartedAsync(CancellationToken cancellationToken)
    {
        var (sequence, profiles) = await enterprises.ReadAllAsync(new LoadProgress(time, (read, total) => LogRead(log, read, total), preparing).Report, cancellationToken);
        await archive.KeepAsync(cancellationToken);
        directory.Load(sequence, profiles, await epochs.FindLastAsync([.. (await corridors.FindAllAsync(cancellationToken)).Select(c => c.ToCorridor())], cancellationToken));
        await epochs.KeepAsync(cancellationToken);
        await decisions.LoadAsync(cancellationToken);
        if (configuration.GetValue("PartnerMatch:SampleData", environment.IsDevelopment()))
        {
            await sample.LoadAsync(Path.Combine(DbFolder, "sample", "enterprises.csv"), cancellationToken);
        }

        // A newer vocabulary may understand what an older one did not.
        await waiting.MapAsync(cancellationToken);
        preparing.Finish();
        var (version, index) = (directory.Current.Version, directory.Current.Index);
        LogReady(log, index.Count, version, index.BytesPerEnterprise);
    }

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(Level = LogLevel.Information, Message = "Read {Read} of {Total} enterprises")]
    private static partial void LogRead(ILogger log, int read, int total);

    [LoggerMessage(Level = LogLevel.Information, Message = "Ready with {Count} enterprises, data version {Version}, {Bytes:0.0} bytes each in the columns of the index")]
    private static partial void LogReady(ILogger log, int count, string version, double bytes);

    /// <summary>Passes progress on: to those who ask at once, to the log every few seconds.</summary>
    private sealed class LoadProgress(TimeProvider time, Action<int, int> tell, Preparing preparing)
    {
        private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);
        private readonly Lock _gate = new();
        private long _told = time.GetTimestamp();

        public void Report(int read, int total)
        {
            lock (_gate)
            {
                preparing.Report(read, total);
                if (time.GetElapsedTime(_told) >= Interval)
                {
                    _told = time.GetTimestamp();
                    tell(read, total);
                }
            }
        }
    }
}
