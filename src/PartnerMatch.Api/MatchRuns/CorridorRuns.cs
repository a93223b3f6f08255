using PartnerMatch.Api.Jobs;
using PartnerMatch.Api.Matches;
using PartnerMatch.Api.RankingProfiles;
using PartnerMatch.Api.Reference;
using PartnerMatch.Ranking.Scoring;

namespace PartnerMatch.Api.MatchRuns;

/// <summary>The runs from which the pairs of large corridors are answered: found where there is one, else started, once.</summary>
internal sealed class CorridorRuns(MatchRunStore store, MatchRunQueue queue, MatchRunSettings settings, ReferenceCatalog reference, RankingProfileCatalog profiles, TimeProvider time) : IDisposable
{
    /// <summary>A run on data that has changed is followed by a new one when it is older than this; it answers meanwhile.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromHours(1);

    private readonly SemaphoreSlim _starting = new(1, 1);

    /// <summary>The newest run that is done, with its results; or the one whose results are to be waited for.</summary>
    /// <param name="snapshot">The data as it is now.</param>
    /// <param name="corridor">The corridor.</param>
    /// <param name="profile">The weights.</param>
    /// <param name="minScore">The lowest score that is asked for.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<(MatchRun Run, MatchRunResults? Results)> FindOrStartAsync(DirectorySnapshot snapshot, Corridor corridor, StoredProfile profile, double minScore, CancellationToken cancellation)
    {
        await _starting.WaitAsync(cancellation);
        try
        {
            // Under other reference data scores are others.
            var runs = await store.FindOfCorridorAsync(corridor.Id, profile.Profile.Hash, minScore, cancellation);
            var waiting = runs.FirstOrDefault(r => r.State != JobState.Done);
            var done = runs.FirstOrDefault(r => r.State == JobState.Done && r.DataVersion!.Split('.').Contains("r" + reference.Version));
            var isStale = done is null || (done.DataVersion != snapshot.Version && time.GetUtcNow() - done.FinishedAt > Fresh);
            if (isStale && waiting is null)
            {
                waiting = NewRun(snapshot, corridor, profile, minScore);
                await queue.AddAsync(waiting, null, cancellation);
            }

            return done is not null ? (done, new MatchRunResults(settings.FileOf(done.Id))) : (await queue.FindAsync(waiting!.Id, cancellation) ?? waiting, null);
        }
        finally
        {
            _starting.Release();
        }
    }

    public void Dispose() => _starting.Dispose();

    private MatchRun NewRun(DirectorySnapshot snapshot, Corridor corridor, StoredProfile profile, double minScore)
    {
        var now = time.GetUtcNow();
        return new MatchRun
        {
            Id = Guid.CreateVersion7(now).ToString("n"),
            State = JobState.Queued,
            Corridor = corridor.Id,
            Form = profile.Profile.Form,
            Role = PartnerRole.Any,
            Side = MatchRunSide.First,
            Top = MatchRunRequest.DefaultTop,
            MinScore = Math.Min(minScore, profile.Profile.Threshold),
            Profile = profile.Reference,
            Weights = null,
            WeightsHash = profile.Profile.Hash,
            Balance = MatchBalance.None,
            ExposureCap = null,
            Automatic = true,

            // Everybody may rank by the version that a form uses, by another its owner alone.
            Owner = profiles.IsAdopted(profile) ? null : profile.Owner,
            Enterprises = snapshot.PublishedIn(corridor).First,
            Pairs = snapshot.PublishedIn(corridor).Pairs,
            CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(now.ToUnixTimeMilliseconds()),
        };
    }
}
