using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using PartnerMatch.Api.Corridors;
using PartnerMatch.Api.Http;
using PartnerMatch.Api.RankingProfiles;
using PartnerMatch.Api.Reference;
using PartnerMatch.Api.Telemetry;
using PartnerMatch.Ranking.Scoring;
using PartnerMatch.Ranking.Weighing;

namespace PartnerMatch.Api.Matches;

/// <summary>How stable the ranks of partners are.</summary>
internal static class MatchSensitivity
{
    /// <summary>The largest relative change of a weight.</summary>
    private const double Shift = 0.1;

    /// <summary>A share of so many trials is told to about a hundredth and a half.</summary>
    private const int Trials = 1000;

    /// <summary>The same question has the same answer.</summary>
    private const ulong Seed = 1;

    public static async Task<Results<Ok<SensitivityAnswer>, NotFoundProblem, ConflictProblem, InvalidProblem>> MeasureAsync(
        string id,
        [AsParameters] SensitivityQuery query,
        ReferenceCatalog reference,
        EnterpriseDirectory directory,
        CorridorStore corridors,
        RankingProfileCatalog profiles,
        PartnerRanker ranker,
        RankingMeter meter,
        CancellationToken cancellation)
    {
        var snapshot = directory.Current;
        if (snapshot.Index.Find(id) is not { } subject)
        {
            return new NotFoundProblem("enterprise", id);
        }

        if (MatchEndpoints.NotMatchable(subject) is { } conflict)
        {
            return conflict;
        }

        var corridorId = query.Corridor ?? MatchDefaults.Corridor;
        if (await corridors.FindAsync(corridorId, cancellation) is not { } description)
        {
            return MatchDefaults.UnknownCorridor(corridorId);
        }

        var corridor = description.ToCorridor();
        if (corridor.SideOf(subject) is null)
        {
            return MatchEndpoints.OutsideCorridor(id, corridorId);
        }

        var (chosen, problem) = profiles.Choose(query.Profile, query.Form?.Value, query.Role?.Value, "query");
        if (chosen is null)
        {
            return problem!;
        }

        var ranking = new RankingQuery
        {
            Subject = reference.Knowledge.Expand(subject),
            Profile = chosen.Profile,
            Corridor = corridor,
            Scarcity = snapshot.ScarcityIn(corridor),
            Role = query.Role?.Value ?? PartnerRole.Any,
            Constraints = MatchConstraints.None with { ExcludedEnterprises = snapshot.Exclusions.PartnersOf(id) },
        };
        var measured = meter.Measure(
            RankingKind.Sensitivity,
            chosen.Profile.Form,
            () => RankSensitivity.Measure(snapshot.Index, ranker, reference.Knowledge, ranking, Shift, Trials, new SplitMix(Seed)));
        return TypedResults.Ok(new SensitivityAnswer(
            [.. measured.Select(m => new StableMatch(m.Rank, m.Partner.Score, MatchWriter.ToEnterprise(snapshot[m.Partner.PartnerId]), m.ShareInTop5, m.ShareInTop10))],
            new SensitivityMeta(chosen.Profile.Form, corridorId, snapshot.Version, chosen.Reference, chosen.Profile.Hash, Shift, Trials)));
    }
}

/// <summary>Whose ranks to look at.</summary>
internal sealed record SensitivityQuery(
    [FromQuery(Name = "form")] EnumParameter<CooperationForm>? Form,
    [FromQuery(Name = "role")] EnumParameter<PartnerRole>? Role,
    [FromQuery(Name = "profile")] string? Profile,
    [FromQuery(Name = "corridor")] string? Corridor);

/// <summary>How stable ranks are.</summary>
/// <param name="Items">In order of rank: the first ten, and whoever stood among them in some trial.</param>
/// <param name="Meta">What was tried.</param>
internal sealed record SensitivityAnswer(IReadOnlyList<StableMatch> Items, SensitivityMeta Meta);

/// <summary>A partner with the stability of its rank.</summary>
/// <param name="Rank">Its present rank, from 1.</param>
/// <param name="Score">Its present score.</param>
/// <param name="Enterprise">The partner.</param>
/// <param name="ShareInTop5">In which share of the trials it stood among the first five, 0 to 1.</param>
/// <param name="ShareInTop10">In which share of the trials it stood among the first ten, 0 to 1.</param>
internal sealed record StableMatch(int Rank, double Score, MatchedEnterprise Enterprise, double ShareInTop5, double ShareInTop10);

/// <summary>What was tried.</summary>
/// <param name="Form">The form.</param>
/// <param name="Corridor">The corridor.</param>
/// <param name="DataVersion">The data.</param>
/// <param name="Profile">The ranking profile, <c>id@version</c>.</param>
/// <param name="WeightsHash">Names its weights.</param>
/// <param name="Shift">The largest relative change of a weight in a trial.</param>
/// <param name="Trials">How many trials.</param>
internal sealed record SensitivityMeta(CooperationForm Form, string Corridor, string DataVersion, string Profile, string WeightsHash, double Shift, int Trials);
