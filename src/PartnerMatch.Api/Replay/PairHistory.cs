using PartnerMatch.Api.Access;
using PartnerMatch.Api.Corridors;
using PartnerMatch.Api.Decisions;
using PartnerMatch.Api.Enterprises;
using PartnerMatch.Api.Matches;
using PartnerMatch.Api.RankingProfiles;
using PartnerMatch.Api.Reference;
using PartnerMatch.Ranking.Profiles;
using PartnerMatch.Ranking.Scoring;

namespace PartnerMatch.Api.Replay;

/// <summary>Everything that the score of a pair rests on, in one state of the data.</summary>
/// <param name="Reference">The reference data.</param>
/// <param name="Version">Names the state.</param>
/// <param name="Profiles">The weight sets.</param>
/// <param name="A">The first enterprise; null where there is none.</param>
/// <param name="B">The second enterprise; null where there is none.</param>
/// <param name="Corridor">The corridor with the scarcity in it; null where there is none.</param>
/// <param name="IsExcluded">Whether staff excluded the pair.</param>
internal sealed record PairState(
    ReferenceCatalog Reference,
    DataVersion Version,
    RankingProfileCatalog Profiles,
    EnterpriseProfile? A,
    EnterpriseProfile? B,
    (CorridorDescription Description, Scarcity Scarcity)? Corridor,
    bool IsExcluded);

/// <summary>Pairs as they were; to a caller that is bound to an owner, what was a draft of others was not there.</summary>
internal sealed class PairHistory(
    DataVersionLog versions,
    ReferenceArchive references,
    RankingProfileStore profiles,
    ScarcityEpochs epochs,
    EnterpriseStore enterprises,
    CorridorStore corridors,
    DecisionStore decisions)
{
    /// <summary>The state that was served at a time; null before the first.</summary>
    public async Task<PairState?> FindAsync(DateTimeOffset asOf, string a, string b, string corridor, CancellationToken cancellation)
    {
        if (await versions.FindAsync(asOf, cancellation) is not { } version)
        {
            return null;
        }

        var reference = await references.FindAsync(version.Reference, cancellation);
        var scarcity = await epochs.FindAsync(version, corridor, reference.Knowledge, cancellation);
        return new PairState(
            reference,
            version,
            await profiles.ReadAsync(reference, asOf, cancellation),
            await FindEnterpriseAsync(a),
            await FindEnterpriseAsync(b),
            scarcity is not null && await corridors.FindAsync(corridor, cancellation) is { } description ? (description, scarcity) : null,
            await decisions.IsExcludedAsync(a, b, asOf, cancellation));

        // What was a draft then is still its keeper's, whatever became of it.
        async Task<EnterpriseProfile?> FindEnterpriseAsync(string id) =>
            await enterprises.FindRevisionAsync(id, version.Sequence, cancellation) is { } then && then.IsVisibleTo(Caller.Current) ? then.ToProfile(reference) : null;
    }
}
