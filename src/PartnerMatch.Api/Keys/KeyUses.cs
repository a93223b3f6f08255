namespace PartnerMatch.Api.Keys;

/// <summary>Writes down about once a minute, and at the end, when keys were last used.</summary>
internal sealed partial class KeyUses(KeyStore keys, TimeProvider time, ILogger<KeyUses> log) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await SaveAsync();
            }
        }
        finally
        {
            await SaveAsync();
        }
    }

    private async Task SaveAsync()
    {
        try
        {
            await keys.SaveUsesAsync(CancellationToken.None);
        }
        catch (Microsoft.Data.Sqlite.SqliteException e)
        {
            // A database that takes no writes must not end the service; the uses are kept for the next time.
            LogNotSaved(log, e);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "When keys were last used could not be written down")]
    private static partial void LogNotSaved(ILogger log, Exception exception);
}
