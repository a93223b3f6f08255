using PartnerMatch.Api.Http;
using PartnerMatch.Api.Telemetry;

namespace PartnerMatch.Api.Storage;

/// <summary>
/// How far the service is with what must be done before it can work. It listens meanwhile, so that those who watch it are told; whoever wants more is
/// asked to come again, and work in the background waits.
/// </summary>
internal sealed class Preparing(TrafficMeter meter)
{
    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(2);

    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when the service can work.</summary>
    public Task Done => _done.Task;

    /// <summary>How many profiles of how many were read; null before reading begins.</summary>
    public (int Read, int Total)? Profiles { get; private set; }

    public void Report(int read, int total) => Profiles = (read, total);

    public void Finish() => _done.SetResult();

    /// <summary>Puts off what comes too early.</summary>
    public async Task HoldAsync(HttpContext context, RequestDelegate next)
    {
        if (Done.IsCompleted || !context.Request.Path.StartsWithSegments("/v1", StringComparison.OrdinalIgnoreCase))
        {
            await next(context);
            return;
        }

        meter.CountRefusal("preparing");
        context.Response.Headers.RetryAfter = RetryAfter.Of(AskAgain);
        await Problem.Of(503, "preparing", "The service is starting.", "The profiles are not all in memory yet; GET /readyz tells how far it is.").WriteAsync(context);
    }
}
