using System.Collections.Concurrent;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace PartnerMatch.Api.Tests;

/// <summary>What is left in the log of requests that fail.</summary>
public sealed class FailureTests
{
    [Fact]
    public async Task A_failure_of_the_service_is_logged_and_a_wrong_request_is_not()
    {
        using var api = new ApiFixture();
        using var log = new ErrorLog();
        using var logged = api.WithWebHostBuilder(builder => builder.ConfigureLogging(logging => logging.AddProvider(log)));
        var client = logged.Connect();
        await client.PostAsync("/v1/enterprises", ClientExtensions.Json("{")).ProblemAsync(400);
        Assert.Empty(log.Errors);

        await using (var connection = new SqliteConnection($"Data Source={api.DatabaseFile};Pooling=False"))
        {
            await connection.OpenAsync();
            using var command = connection.CreateCommand();
            command.CommandText = "pragma foreign_keys = off; drop table corridors;";
            await command.ExecuteNonQueryAsync();
        }

        await client.GetAsync("/v1/corridors").ProblemAsync(500);
        Assert.Contains("corridors", Assert.IsType<SqliteException>(log.Errors.Single()).Message, StringComparison.Ordinal);
    }

    private sealed class ErrorLog : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<Exception?> Errors { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                Errors.Enqueue(exception);
            }
        }

        public void Dispose()
        {
        }
    }
}
