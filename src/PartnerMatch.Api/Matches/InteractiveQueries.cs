namespace PartnerMatch.Api.Matches;

/// <summary>
/// Counts the match queries that somebody waits for, so that work in the background can step aside: whoever runs it asks for a turn before each
/// small piece, and gets it at once while nobody waits, else when the last query is answered or a moment later. A query so shares the
/// processors with background work for one piece at most, and under an endless stream of queries the background still moves on.
/// </summary>
internal sealed class InteractiveQueries : IDisposable
{
    /// <summary>How long a piece of background work is put off at most. Pieces take some milliseconds, so that queries keep most of the machine.</summary>
    private static readonly TimeSpan LongestDelay = TimeSpan.FromMilliseconds(25);

    private readonly Lock _gate = new();
    private readonly ManualResetEventSlim _idle = new(initialState: true, spinCount: 0);
    private readonly ManualResetEventSlim _alone = new(initialState: true, spinCount: 0);
    private int _inFlight;

    /// <summary>Waits until nobody waits for a query, and no longer than a moment.</summary>
    /// <exception cref="OperationCanceledException">The background work was given up.</exception>
    public void WaitForTurn(CancellationToken cancellation) => _idle.Wait(LongestDelay, cancellation);

    /// <summary>Works on a long query on as many threads as wanted: the caller's goes on, the others step aside while somebody waits for another query.</summary>
    /// <param name="threads">At most so many threads, at least 1.</param>
    /// <param name="step">A small piece of the work, for any number of threads at once; false where none is left.</param>
    /// <param name="cancellation">Gives up between two pieces.</param>
    /// <exception cref="OperationCanceledException">It was given up.</exception>
    public void Share(int threads, Func<bool> step, CancellationToken cancellation)
    {
        using var done = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var helpers = Enumerable.Range(1, threads - 1).Select(_ => Task.Run(Help, CancellationToken.None)).ToArray();
        try
        {
            while (step())
            {
                cancellation.ThrowIfCancellationRequested();
            }
        }
        finally
        {
            done.Cancel();
            Task.WaitAll(helpers, CancellationToken.None);
        }

        void Help()
        {
            try
            {
                do
                {
                    _alone.Wait(LongestDelay, done.Token);
                    done.Token.ThrowIfCancellationRequested();
                }
                while (step());
            }
            catch (OperationCanceledException) when (done.IsCancellationRequested)
            {
                // Nothing is left to help with.
            }
        }
    }

    /// <summary>A query begins; it ends when the result is disposed.</summary>
    public IDisposable Begin()
    {
        lock (_gate)
        {
            _inFlight++;
            _idle.Reset();
            if (_inFlight > 1)
            {
                _alone.Reset();
            }
        }

        return new Query(this);
    }

    public void Dispose()
    {
        _idle.Dispose();
        _alone.Dispose();
    }

    private void End()
    {
        lock (_gate)
        {
            _inFlight--;
            if (_inFlight <= 1)
            {
                _alone.Set();
            }

            if (_inFlight == 0)
            {
                _idle.Set();
            }
        }
    }

    private sealed class Query(InteractiveQueries queries) : IDisposable
    {
        public void Dispose() => queries.End();
    }
}

internal static class InteractiveQueryEndpoints
{
    /// <summary>Somebody waits for this endpoint's answer: background work steps aside meanwhile.</summary>
    public static RouteHandlerBuilder GoesBeforeRuns(this RouteHandlerBuilder builder) => builder.AddEndpointFilter(async (context, next) =>
    {
        using (context.HttpContext.RequestServices.GetRequiredService<InteractiveQueries>().Begin())
        {
            return await next(context);
        }
    });
}
