using PartnerMatch.Api.Keys;

namespace PartnerMatch.Api.Access;

/// <summary>
/// Decides at the start whether callers must identify themselves. Where there is neither a key nor an issuer of tokens, Development runs
/// open and says so, and everything else refuses to start. A key that is sent counts in either case.
/// </summary>
internal sealed partial class AccessMode(KeyStore keys, TokenSettings tokens, IHostEnvironment environment, ILogger<AccessMode> log) : IHostedService
{
    public bool IsOpen { get; private set; }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (tokens.Authority is not null || await keys.HasUsableAsync(cancellationToken))
        {
            return;
        }

        if (!environment.IsDevelopment())
        {
            throw new InvalidOperationException(
                "Nobody could call this service: there is no API key yet, and no issuer of tokens is set. Create the first key with 'keys create --name NAME --scopes admin' " +
                "(the program's own command, on the same database), or set PartnerMatch:Tokens:Authority and PartnerMatch:Tokens:Audience. Only Development runs open.");
        }

        IsOpen = true;
        LogOpen(log);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(Level = LogLevel.Warning, Message = "OPEN TO EVERYONE: there is no API key and no issuer of tokens, so all who reach this service may do everything. Only Development starts so; create a key with 'keys create'.")]
    private static partial void LogOpen(ILogger log);
}
