using PartnerMatch.Api.Access;
using PartnerMatch.Api.Corridors;
using PartnerMatch.Api.Enterprises;
using PartnerMatch.Api.Matches;
using PartnerMatch.Api.RankingProfiles;
using PartnerMatch.Api.Reference;
using PartnerMatch.Api.Replay;
using PartnerMatch.Ranking.Profiles;
using PartnerMatch.Ranking.Scoring;

namespace PartnerMatch.Api.MatchRuns;

/// <summary>Everything that the scores of a run rest on besides the profiles, as it was when the run began.</summary>
internal sealed record MatchRunGround(ReferenceCatalog Reference, RankingProfile Profile, Corridor Corridor, Scarcity Scarcity, PartnerRanker Ranker);

/// <summary>Brings back what a run works on, and gives the reasons of its results: scores pairs again, to the same digit.</summary>
internal sealed class MatchRunReplay(
    EnterpriseStore enterprises,
    CorridorStore corridors,
    RankingProfileStore profiles,
    ReferenceArchive references,
    ScarcityEpochs epochs)
{
    /// <summary>The ground of a run.</summary>
    /// <param name="run">The run. Its ranking profile is the one that it named when it was asked for, whatever became of that since: who may see the run may see its scores.</param>
    /// <param name="version">What it works on.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<MatchRunGround> FindGroundAsync(MatchRun run, DataVersion version, CancellationToken cancellation)
    {
        var reference = await references.FindAsync(version.Reference, cancellation);
        var profile = run.Weights is { } weights
            ? reference.FormOf(run.Form).Profile.WithWeights(weights)
            : (await profiles.ReadAsync(reference, run.CreatedAt, cancellation)).FindNamed(run.Profile!, Caller.Service)!.Profile;
        return new MatchRunGround(
            reference,
            profile,
            (await corridors.FindAsync(run.Corridor, cancellation))!.ToCorridor(),
            (await epochs.FindAsync(version, run.Corridor, reference.Knowledge, cancellation))!,
            new PartnerRanker(reference.Knowledge));
    }

    /// <summary>The results with their reasons, in their order.</summary>
    public async Task<IReadOnlyList<ReplayedPair>> ExplainAsync(MatchRun run, DataVersion version, IReadOnlyList<RankedResult> results, CancellationToken cancellation)
    {
        var ground = await FindGroundAsync(run, version, cancellation);
        var then = await enterprises.FindAsOfAsync(results.SelectMany(r => new[] { r.Enterprise.Id, r.Partner.Id }), version.Sequence, ground.Reference, cancellation);
        var writer = new MatchWriter(ground.Reference);
        return [.. results.Select(r =>
        {
            var (asking, partner) = (then[r.Enterprise.Id], then[r.Partner.Id]);
            return new ReplayedPair(
                asking,
                partner,
                ground.Ranker.Score(ground.Reference.Knowledge.Expand(asking), ground.Reference.Knowledge.Expand(partner), ground.Profile, ground.Corridor, ground.Scarcity, run.Role),
                writer);
        })];
    }
}

/// <summary>A pair as a run saw it, with the reasons, and the words of the reference data of that time.</summary>
internal sealed record ReplayedPair(EnterpriseProfile Asking, EnterpriseProfile Partner, PairScore Score, MatchWriter Writer);
