using PartnerMatch.Api.Access;
using PartnerMatch.Api.Changes;
using PartnerMatch.Api.Corridors;
using PartnerMatch.Api.Enterprises;
using PartnerMatch.Api.Matches;
using PartnerMatch.Api.RankingProfiles;
using PartnerMatch.Api.Reference;
using PartnerMatch.Api.Storage;
using PartnerMatch.Ranking.Profiles;
using PartnerMatch.Ranking.Scoring;

namespace PartnerMatch.Api.Watches;

/// <summary>
/// Looks through the watches for each enterprise that is new or has changed: one pair a watch, by the scorer and on the profiles of match
/// lists. What is found is a change itself, and goes the way of all changes.
/// </summary>
internal sealed partial class WatchEvaluation(
    WatchStore store,
    ChangeStore changes,
    SqliteDatabase database,
    EnterpriseDirectory directory,
    Preparing preparing,
    CorridorStore corridors,
    EnterpriseStore enterprises,
    RankingProfileCatalog profiles,
    ReferenceCatalog reference,
    PartnerRanker ranker,
    TimeProvider time,
    ILogger<WatchEvaluation> log) : BackgroundService
{
    private const int Batch = 500;

    /// <summary>After so many changes the position is stored though nothing was found: a start looks through no more than that again.</summary>
    private const int StoredEvery = 10_000;
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Before all profiles are in memory, changes would be passed over as of enterprises that are gone.
        await preparing.Done.WaitAsync(stoppingToken);
        long? stored = null;
        var position = 0L;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                // Taken before the look: what is committed in between ends the wait at once.
                var commit = database.NextCommit;
                position = stored is null ? (stored = await store.FindPositionAsync(stoppingToken)).Value : position;
                var next = await changes.FindAfterAsync(position, Batch, stoppingToken);
                if (next.Last is not { } reached)
                {
                    await commit.WaitAsync(stoppingToken);
                    await Task.Delay(SqliteDatabase.Gathering, stoppingToken);
                    continue;
                }

                var snapshot = directory.Current;
                var matches = await FindMatchesAsync(snapshot, next.Items, stoppingToken);
                position = reached;
                if (matches.Count > 0 || position - stored >= StoredEvery)
                {
                    await store.AddMatchesAsync(matches, snapshot.Version, position, stoppingToken);
                    stored = position;
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
#pragma warning disable CA1031 // A database that takes no writes for a while must not end the watches.
            catch (Exception e)
#pragma warning restore CA1031
            {
                LogFailed(log, e);
                stored = null;
                await Task.Delay(AfterFailure, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task<IReadOnlyList<(string WatchId, string EnterpriseId, double Score)>> FindMatchesAsync(DirectorySnapshot snapshot, IReadOnlyList<ChangeItem> next, CancellationToken cancellation)
    {
        var changed = next.Where(c => c.Type is "enterprise.created" or "enterprise.updated").GroupBy(c => c.Subject).ToDictionary(g => g.Key, g => g.Max(c => c.Sequence));
        var candidates = changed.Keys.Select(snapshot.Index.Find).OfType<EnterpriseProfile>().Select(reference.Knowledge.Expand).ToArray();
        if (candidates.Length == 0)
        {
            return [];
        }

        var known = (await corridors.FindAllAsync(cancellation)).ToDictionary(c => c.Id, c => c.ToCorridor(), StringComparer.Ordinal);
        var matches = new List<(string, string, double)>();
        for (IReadOnlyList<Watch> page = await store.FindPageAsync(null, Batch, cancellation); page.Count > 0; page = await store.FindPageAsync(page[^1].Id, Batch, cancellation))
        {
            foreach (var watch in page)
            {
                var owner = Caller.Service with { Owner = watch.Owner };

                // A weight set that was removed, an enterprise that left the market, or what is no longer for the owner to see, leaves its watch without anything to find.
                if (snapshot.Index.Find(watch.Enterprise) is { Status: ProfileStatus.Published or ProfileStatus.Draft } subject
                    && (subject.Status != ProfileStatus.Draft || (await enterprises.FindAsync(subject.Id, cancellation))?.IsVisibleTo(owner) == true)
                    && known.GetValueOrDefault(watch.Corridor) is { } corridor
                    && corridor.SideOf(subject) is not null
                    && profiles.Choose(watch.Profile, watch.Form, watch.Role, "body", owner).Profile is { } chosen)
                {
                    var query = new RankingQuery
                    {
                        Subject = reference.Knowledge.Expand(subject),
                        Profile = chosen.Profile,
                        Corridor = corridor,
                        Scarcity = snapshot.ScarcityIn(corridor),
                        Role = watch.Role,
                        MinScore = watch.MinScore,
                        Limit = Batch,
                        Constraints = MatchConstraints.None with { ExcludedEnterprises = snapshot.Exclusions.PartnersOf(subject.Id) },
                    };
                    matches.AddRange(ranker.Rank(query, candidates.Where(c => changed[c.Profile.Id] > watch.After)).Items.Select(i => (watch.Id, i.Score.PartnerId, i.Score.Score)));
                }
            }
        }

        return matches;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Looking through the watches failed; it goes on")]
    private static partial void LogFailed(ILogger log, Exception exception);
}
