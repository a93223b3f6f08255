using PartnerMatch.Api.Enterprises;
using PartnerMatch.Api.Jobs;
using PartnerMatch.Api.Matches;
using PartnerMatch.Api.Reference;
using PartnerMatch.Api.Telemetry;
using PartnerMatch.Ranking.Index;
using PartnerMatch.Ranking.Profiles;
using PartnerMatch.Ranking.Scoring;

namespace PartnerMatch.Api.MatchRuns;

/// <summary>Works on one run, from its beginning or from where it was interrupted.</summary>
internal sealed class MatchRunWork(
    EnterpriseDirectory directory,
    EnterpriseStore enterprises,
    ReferenceCatalog reference,
    MatchRunReplay replay,
    MatchRunStore store,
    MatchRunSettings settings,
    InteractiveQueries interactive,
    RunMeter meter)
{
    /// <summary>So many lists are stored together. A stop of the service loses less than a chunk of work a worker.</summary>
    private const int ChunkSize = 32;

    public async Task RunAsync(MatchRun run, MatchRunCounter counter, CancellationToken cancellation)
    {
        using var ground = await FindGroundAsync(run, cancellation);
        if (ground.Pairs == 0)
        {
            await store.FinishAsync(run.Id, JobState.Failed, MatchRunFailure.Empty, cancellation);
            return;
        }

        await store.PinAsync(run.Id, ground.File.Pin.Version, ground.Then.Profile.Hash, ground.File.Asking.Count, ground.Pairs, cancellation);
        var query = new RankingQuery
        {
            Subject = ground.Then.Reference.Knowledge.Expand(ground.ProfileOf(0)),
            Profile = ground.Then.Profile,
            Corridor = ground.Then.Corridor,
            Scarcity = ground.Then.Scarcity,
            Role = run.Role,
            MinScore = run.MinScore,
            Limit = run.Balance == MatchBalance.Market ? MarketBalancing.ChoiceOf(run.Top) : run.Top,
        };
        await RankAsync(ground, query, counter, cancellation);
        var market = run.Balance == MatchBalance.Market ? MarketBalancing.Balance(ground.File, ground.FirstSideAsking, run.Top, run.ExposureCap!.Value, cancellation) : null;
        await store.FinishAsync(run.Id, ground.File.Finish(run.Top, isBalanced: market is not null), market, cancellation);
    }

    /// <summary>The enterprises that ask, in the order in which they are listed.</summary>
    /// <param name="index">The profiles.</param>
    /// <param name="corridor">The corridor.</param>
    /// <param name="side">The side that asks, or null.</param>
    /// <param name="listed">The ids that ask where no side does; those that cannot are left out.</param>
    private static IReadOnlyList<EnterpriseProfile> FindAsking(EnterpriseIndex index, Corridor corridor, MatchRunSide? side, IReadOnlyList<string>? listed)
    {
        if (side is null)
        {
            return [.. listed!.Select(index.Find).OfType<EnterpriseProfile>().Where(p => p.Status == ProfileStatus.Published && corridor.SideOf(p) is not null)];
        }

        return [.. index.Profiles
            .Where(p => p.Status == ProfileStatus.Published)
            .Select(p => (Profile: p, Side: corridor.SideOf(p)))
            .Where(p => p.Side is not null && side switch
            {
                MatchRunSide.First => p.Side == CorridorSide.First,
                MatchRunSide.Second => p.Side == CorridorSide.Second,
                MatchRunSide.Both => true,
                null => false,
            })
            .OrderBy(p => p.Side)
            .ThenBy(p => p.Profile.Id, StringComparer.Ordinal)
            .Select(p => p.Profile)];
    }

    /// <summary>The data as it is now, whose version is kept beside the results; or as it was when the run began, where it was interrupted.</summary>
    private async Task<Ground> FindGroundAsync(MatchRun run, CancellationToken cancellation)
    {
        var path = settings.FileOf(run.Id);
        var snapshot = directory.Current;
        if (MatchRunFile.Resume(path, settings.MaxFileSize) is { } kept)
        {
            try
            {
                var then = await replay.FindGroundAsync(run, kept.Pin.Data, cancellation);
                var index = kept.Pin.Data.Sequence == snapshot.Sequence && kept.Pin.Data.Reference == reference.Version
                    ? snapshot.Index
                    : EnterpriseIndex.Build(then.Reference.Knowledge, await enterprises.ReadAllAsOfAsync(kept.Pin.Data.Sequence, then.Reference, cancellation));
                return new Ground(kept, index, then);
            }
            catch
            {
                kept.Dispose();
                throw;
            }
        }

        var now = await replay.FindGroundAsync(run, snapshot.DataVersion, cancellation);
        var asking = FindAsking(snapshot.Index, now.Corridor, run.Side, run.Side is null ? await store.FindAskingAsync(run.Id, cancellation) : null);
        return new Ground(MatchRunFile.Create(path, settings.MaxFileSize, new MatchRunPin(snapshot.Version, snapshot.DataVersion, snapshot.Exclusions), asking), snapshot.Index, now);
    }

    /// <summary>Ranks what is not ranked yet, on threads of its own: those of the pool belong to the requests.</summary>
    private async Task RankAsync(Ground ground, RankingQuery query, MatchRunCounter counter, CancellationToken cancellation)
    {
        var done = ground.File.ReadChunks();
        var waiting = Enumerable.Range(0, (ground.File.Asking.Count + ChunkSize - 1) / ChunkSize).Where(c => !done.Contains(c)).ToArray();
        var asked = ground.File.Asking.Count - waiting.Sum(c => ChunkOf(c).Count());
        counter.Begin(ground.Pairs, asked, ground.Pairs - waiting.SelectMany(ChunkOf).Sum(ground.CandidatesOf));
        var next = -1;

        // Where one worker fails, the others need not go on.
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var workers = Enumerable.Range(0, Math.Min(settings.Workers!.Value, waiting.Length))
            .Select(_ => Task.Factory.StartNew(Work, stop.Token, TaskCreationOptions.LongRunning, TaskScheduler.Default));
        await Task.WhenAll(workers);

        void Work()
        {
            try
            {
                for (int at; (at = Interlocked.Increment(ref next)) < waiting.Length;)
                {
                    using var span = Spans.Begin("rank a chunk of a run");
                    var lists = new List<(int, IReadOnlyList<PartnerValue>)>(ChunkSize);
                    foreach (var asking in ChunkOf(waiting[at]))
                    {
                        interactive.WaitForTurn(stop.Token);
                        stop.Token.ThrowIfCancellationRequested();
                        var own = query with
                        {
                            Subject = ground.Then.Reference.Knowledge.Expand(ground.ProfileOf(asking)),
                            Constraints = MatchConstraints.None with { ExcludedEnterprises = ground.File.Pin.Exclusions.PartnersOf(ground.File.Asking[asking]) },
                        };
                        lists.Add((asking, ground.Index.RankScores(ground.Then.Ranker, own)));
                    }

                    ground.File.Add(waiting[at], lists, id => ground.Index.Find(id)!);
                    var pairs = ChunkOf(waiting[at]).Sum(ground.CandidatesOf);
                    counter.Add(lists.Count, pairs);
                    meter.Add(lists.Count, pairs);
                }
            }
            catch
            {
                stop.Cancel();
                throw;
            }
        }

        IEnumerable<int> ChunkOf(int chunk) => Enumerable.Range(chunk * ChunkSize, Math.Min(ChunkSize, ground.File.Asking.Count - (chunk * ChunkSize)));
    }

    /// <summary>What a run works on, in memory.</summary>
    private sealed class Ground : IDisposable
    {
        private readonly PublishedCounts _published;

        public Ground(MatchRunFile file, EnterpriseIndex index, MatchRunGround then)
        {
            (File, Index, Then, _published) = (file, index, then, PublishedCounts.Of(index, then.Corridor));
            Pairs = Enumerable.Range(0, file.Asking.Count).Sum(CandidatesOf);
        }

        public MatchRunFile File { get; }

        public EnterpriseIndex Index { get; }

        public MatchRunGround Then { get; }

        public long Pairs { get; }

        /// <summary>How many of those that ask are of the first side; where both sides ask they come first.</summary>
        public int FirstSideAsking => File.Asking.Count(id => Then.Corridor.SideOf(Index.Find(id)!) == CorridorSide.First);

        public EnterpriseProfile ProfileOf(int asking) => Index.Find(File.Asking[asking])!;

        public long CandidatesOf(int asking) => _published.CandidatesOf(Then.Corridor.SideOf(ProfileOf(asking))!.Value);

        public void Dispose() => File.Dispose();
    }
}
