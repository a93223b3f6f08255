using System.Text.Json.Serialization;
using FluentValidation;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using PartnerMatch.Api.Access;
using PartnerMatch.Api.Corridors;
using PartnerMatch.Api.Http;
using PartnerMatch.Api.Limits;
using PartnerMatch.Api.Matches;
using PartnerMatch.Api.MatchRuns;
using PartnerMatch.Api.RankingProfiles;
using PartnerMatch.Api.Reference;
using PartnerMatch.Api.Replay;
using PartnerMatch.Api.Tables;
using PartnerMatch.Api.Telemetry;
using PartnerMatch.Ranking.Counterfactuals;
using PartnerMatch.Ranking.Explaining;
using PartnerMatch.Ranking.Profiles;
using PartnerMatch.Ranking.Scoring;

namespace PartnerMatch.Api.Pairs;

internal static class PairEndpoints
{
    public static IServiceCollection AddPairs(this IServiceCollection services) => services
        .AddSingleton<IValidator<PairsParameters>, PairsParametersValidator>()
        .AddSingleton<IValidator<PairParameters>, PairParametersValidator>();

    public static void MapPairs(this IEndpointRouteBuilder v1)
    {
        var pairs = v1.MapGroup("/pairs").WithTags("Matches").Needs(Scope.Match);
        pairs.MapGet("/", RankPairsAsync)
            .WithName("RankPairs")
            .RanksAtOnce()
            .WithSummary("Ranks the best pairs of a whole corridor")
            .WithDescription(
                $"""
                Every published enterprise of one side with every one of the other; a is of the corridor's first side. By Accept the page can be had as CSV or XLSX.

                A corridor of more than 4,000,000 pairs (where the operator has not set another number) is answered from the newest finished match run of its first side under these weights: `meta.run` names it, `dataVersion` is its own, and the list holds the {MatchRunRequest.DefaultTop} best partners or more of each enterprise, complete above `meta.run.completeAbove`; pairs that were excluded since, and enterprises that are no longer published, are left out. Where there is none yet, one is started and the answer is 202 with the run; ask again when it is done. A run older than an hour on data that has changed is followed by a new one.
                """)
            .GoesBeforeRuns()
            .ComparesAnswers();
        pairs.MapGet("/{a}/{b}", ExplainPairAsync)
            .WithName("ExplainPair")
            .RanksAtOnce()
            .WithSummary("Explains one pair in full")
            .WithDescription(
                "Every component with all its terms. In a directed form a is the supplier. A pair that was excluded is still explained, and flagged, to everybody. " +
                "With whyNot it also says where each of the two stands among the other's candidates, and what stands above it; with counterfactuals, what would raise the score most. " +
                "With asOf the answer is that of an earlier time, byte for byte: on the profiles, scarcity, reference data and weights as they were then.")
            .GoesBeforeRuns();
    }

    private static async Task<Results<Ok<PairList>, Accepted<MatchRun>, TableFile, InvalidProblem, NotAcceptableProblem>> RankPairsAsync(
        [AsParameters] PairsParameters query,
        EnterpriseDirectory directory,
        CorridorStore corridors,
        RankingProfileCatalog profiles,
        PartnerRanker ranker,
        RankingMeter meter,
        MatchWriter writer,
        CorridorRuns runs,
        MatchRunReplay replay,
        MatchRunSettings settings,
        InteractiveQueries interactive,
        HttpContext context,
        CancellationToken cancellation)
    {
        if (ListFormats.Choose(context) is not { } format)
        {
            return new NotAcceptableProblem();
        }

        var corridorId = query.Corridor ?? MatchDefaults.Corridor;
        if (await corridors.FindAsync(corridorId, cancellation) is not { } description)
        {
            return MatchDefaults.UnknownCorridor(corridorId);
        }

        var (chosen, problem) = profiles.Choose(query.Profile, query.Form?.Value, null, "query");
        if (chosen is null)
        {
            return problem!;
        }

        var profile = chosen.Profile;
        var fingerprint = FormattableString.Invariant($"{corridorId}|{profile.Hash}|{query.MinScore}");
        var cursor = query.Cursor is null ? null : Paging.Decode<PairsCursor>(query.Cursor);
        if (query.Cursor is not null && cursor?.Fingerprint != fingerprint)
        {
            return Paging.BadCursor();
        }

        var snapshot = directory.Current;
        var corridor = description.ToCorridor();
        var language = query.Language?.Value ?? Language.En;
        var limit = query.Limit ?? Paging.DefaultLimit;
        var threshold = query.MinScore ?? profile.Threshold;
        PairList list;
        if (snapshot.PublishedIn(corridor).Pairs > settings.MaxPairsAtOnce)
        {
            var (run, results) = await runs.FindOrStartAsync(snapshot, corridor, chosen, threshold, cancellation);
            if (results is null)
            {
                return MatchRunEndpoints.Accept(context, run);
            }

            using (results)
            {
                list = await ListFromRunAsync(run, results);
            }
        }
        else
        {
            list = ListAtOnce();
        }

        return format == ListFormat.Json ? TypedResults.Ok(list) : TableFile.Of(format, $"pairs-{corridorId}", MatchTable.FromPairs(list.Items));

        PairList ListAtOnce()
        {
            var pairs = new PairsQuery
            {
                Profile = profile,
                Corridor = corridor,
                Scarcity = snapshot.ScarcityIn(corridor),
                Exclusions = snapshot.Exclusions,
                MinScore = query.MinScore,
                Limit = limit,
                After = cursor?.Position,
            };
            var ranked = meter.Measure(RankingKind.Pairs, profile.Form, () =>
            {
                var ranking = snapshot.Index.RankPairs(ranker, pairs);
                interactive.Share(settings.Workers!.Value, ranking.RankNext, cancellation);
                return ranking.ToList();
            });
            return new PairList(
                [.. ranked.Items.Select(i => PairItem.From(i, snapshot[i.Score.SubjectId], snapshot[i.Score.PartnerId], writer, language))],
                new PairsMeta(profile.Form, corridorId, snapshot.Version, chosen.Reference, profile.Hash, threshold, ranked.Candidates, MatchWriter.ToCounts(ranked.Excluded)),
                NextAfter(ranked.Next));
        }

        async Task<PairList> ListFromRunAsync(MatchRun run, MatchRunResults results)
        {
            var found = ReadOpen(results, cursor is null ? 0 : results.CountBefore(cursor.Position)).Take(limit + 1).ToArray();
            var page = found.Take(limit).ToArray();
            var pairs = await replay.ExplainAsync(run, results.Version, page, cancellation);
            var before = cursor?.Position.Rank ?? 0;
            return new PairList(
                [.. pairs.Select((p, at) => PairItem.From(new RankedPartner(before + at + 1, p.Score), p.Asking, p.Partner, p.Writer, language))],
                new PairsMeta(profile.Form, corridorId, run.DataVersion!, chosen.Reference, profile.Hash, threshold, run.Pairs, [])
                {
                    Run = new PairsRun(run.Id, run.FinishedAt!.Value, run.DataVersion == snapshot.Version, results.CompleteAbove),
                },
                NextAfter(found.Length > limit ? new PairsPosition(page[^1].Value, page[^1].Confidence, page[^1].Enterprise.Id, page[^1].Partner.Id, before + limit) : null));
        }

        // What may no longer be recommended, whatever it was when the run began, is passed over at once.
        IEnumerable<RankedResult> ReadOpen(MatchRunResults results, long after)
        {
            for (IReadOnlyList<RankedResult> more; (more = results.ReadBest(after, limit + 1)).Count > 0; after = more[^1].Place)
            {
                foreach (var result in more)
                {
                    if (Math.Max(0, result.Value) < threshold)
                    {
                        yield break;
                    }

                    if (!snapshot.Exclusions.Contains(result.Enterprise.Id, result.Partner.Id) && IsPublished(result.Enterprise.Id) && IsPublished(result.Partner.Id))
                    {
                        yield return result;
                    }
                }
            }
        }

        bool IsPublished(string id) => snapshot.Index.Find(id)?.Status == ProfileStatus.Published;

        string? NextAfter(PairsPosition? position) => position is null ? null : Paging.Next(context, Paging.Encode(new PairsCursor(fingerprint, position)));
    }

    private static async Task<Results<Ok<PairExplanation>, NotFoundProblem, ConflictProblem, InvalidProblem>> ExplainPairAsync(
        string a,
        string b,
        [AsParameters] PairParameters query,
        ReferenceCatalog reference,
        EnterpriseDirectory directory,
        CorridorStore corridors,
        RankingProfileCatalog profiles,
        PairHistory history,
        DataVersionLog versions,
        RankingMeter meter,
        CancellationToken cancellation)
    {
        var corridorId = query.Corridor ?? MatchDefaults.Corridor;
        var snapshot = directory.Current;
        var state = query.AsOf is { } asOf
            ? await history.FindAsync(asOf.Value, a, b, corridorId, cancellation)
            : CurrentState(reference, snapshot, profiles, a, b, await corridors.FindAsync(corridorId, cancellation));
        if (state is null)
        {
            return UnknownTime(await versions.FindFirstTimeAsync(cancellation));
        }

        foreach (var (id, found) in new[] { (a, state.A), (b, state.B) })
        {
            if (found is null)
            {
                return new NotFoundProblem("enterprise", id, query.AsOf?.Value);
            }

            if (MatchEndpoints.NotMatchable(found) is { } conflict)
            {
                return conflict;
            }
        }

        if (state.Corridor is not { } known)
        {
            return MatchDefaults.UnknownCorridor(corridorId);
        }

        var corridor = known.Description.ToCorridor();
        if (corridor.SideOf(state.A!) is not { } side || corridor.SideOf(state.B!) is not { } other || side == other)
        {
            return MatchDefaults.NotOpposite(a, b, corridorId);
        }

        var (chosen, problem) = state.Profiles.Choose(query.Profile, query.Form?.Value, null, "query");
        if (chosen is null)
        {
            return problem!;
        }

        var knowledge = state.Reference.Knowledge;
        var ranker = new PartnerRanker(knowledge);
        var language = query.Language?.Value ?? Language.En;
        var role = chosen.Profile.Form.IsDirected() ? PartnerRole.Supplier : PartnerRole.Any;
        var score = ranker.Score(knowledge.Expand(state.A!), knowledge.Expand(state.B!), chosen.Profile, corridor, known.Scarcity, role);
        var explanation = PairExplanation.From(score, state, chosen, language);
        if (query.Counterfactuals == true)
        {
            var found = new CounterfactualSearch(knowledge, ranker).Find(state.A!, state.B!, chosen.Profile, corridor, known.Scarcity, role);
            explanation = explanation with { Counterfactuals = [.. found.Select(c => PairCounterfactual.From(c, state, language))] };
        }

        if (query.WhyNot == true)
        {
            var standings = new PairStandings(snapshot, knowledge, ranker, meter, new MatchWriter(state.Reference), chosen.Profile, corridor, language);
            explanation = explanation with { Standings = await standings.FindBothAsync(state.A!, state.B!, role) };
        }

        return TypedResults.Ok(explanation);
    }

    private static PairState CurrentState(ReferenceCatalog reference, DirectorySnapshot snapshot, RankingProfileCatalog profiles, string a, string b, CorridorDescription? corridor) => new(
        reference,
        snapshot.DataVersion,
        profiles,
        snapshot.Index.Find(a),
        snapshot.Index.Find(b),
        corridor is null ? null : (corridor, snapshot.ScarcityIn(corridor.ToCorridor())),
        snapshot.Exclusions.Contains(a, b));

    private static InvalidProblem UnknownTime(DateTimeOffset first) =>
        new(new FieldError("query", "asOf", $"Nothing is known of that time: scores can be replayed from {first:yyyy-MM-dd'T'HH:mm:ss.fff'Z'} on."));

    private sealed record PairsCursor(string Fingerprint, PairsPosition Position);
}

/// <summary>Which pairs to rank.</summary>
internal sealed record PairsParameters(
    [FromQuery(Name = "corridor")] string? Corridor,
    [FromQuery(Name = "form")] EnumParameter<CooperationForm>? Form,
    [FromQuery(Name = "profile")] string? Profile,
    [FromQuery(Name = "limit")] int? Limit,
    [FromQuery(Name = "cursor")] string? Cursor,
    [FromQuery(Name = "minScore")] double? MinScore,
    [FromQuery(Name = "lang")] EnumParameter<Language>? Language);

internal sealed class PairsParametersValidator : AbstractValidator<PairsParameters>
{
    public PairsParametersValidator()
    {
        RuleFor(q => q.Limit).IsLimit();
        RuleFor(q => q.MinScore).InclusiveBetween(ScoreBounds.Lowest, ScoreBounds.Highest).WithMessage("The lowest score is 0 to 100.");
    }
}

/// <summary>How to explain a pair.</summary>
internal sealed record PairParameters(
    [FromQuery(Name = "form")] EnumParameter<CooperationForm>? Form,
    [FromQuery(Name = "profile")] string? Profile,
    [FromQuery(Name = "corridor")] string? Corridor,
    [FromQuery(Name = "lang")] EnumParameter<Language>? Language,
    [FromQuery(Name = "counterfactuals")] bool? Counterfactuals,
    [FromQuery(Name = "whyNot")] bool? WhyNot,
    [FromQuery(Name = "asOf")] TimeParameter? AsOf);

internal sealed class PairParametersValidator : AbstractValidator<PairParameters>
{
    public PairParametersValidator(TimeProvider time)
    {
        RuleFor(q => q.AsOf).Must(asOf => asOf is null || asOf.Value.Value <= time.GetUtcNow()).WithMessage("The time lies in the future.");
        RuleFor(q => q.WhyNot).Must((q, whyNot) => whyNot is not true || q.AsOf is null).WithMessage("Where a pair stands is told of now only: leave out asOf or whyNot.");
    }
}

/// <summary>Ranked pairs of a corridor.</summary>
internal sealed record PairList(IReadOnlyList<PairItem> Items, PairsMeta Meta, string? Next);

/// <summary>A pair with its score and the reasons.</summary>
internal sealed record PairItem
{
    public required int Rank { get; init; }

    public required double Score { get; init; }

    public required double Confidence { get; init; }

    public required Direction Direction { get; init; }

    /// <summary>The enterprise of the corridor's first side.</summary>
    public required MatchedEnterprise A { get; init; }

    /// <summary>The enterprise of its second side.</summary>
    public required MatchedEnterprise B { get; init; }

    public required string Summary { get; init; }

    public required IReadOnlyList<MatchContribution> Contributions { get; init; }

    public required IReadOnlyList<MatchNotice> Flags { get; init; }

    public static PairItem From(RankedPartner item, EnterpriseProfile a, EnterpriseProfile b, MatchWriter writer, Language language) => new()
    {
        Rank = item.Rank,
        Score = item.Score.Score,
        Confidence = item.Score.Confidence,
        Direction = item.Score.Direction,
        A = MatchWriter.ToEnterprise(a),
        B = MatchWriter.ToEnterprise(b),
        Summary = writer.Summarise(item.Score, a, b, language),
        Contributions = writer.ToContributions(item.Score, a, b, language),
        Flags = item.Score.Flags,
    };
}

/// <summary>What a list of pairs was computed from.</summary>
internal sealed record PairsMeta(
    CooperationForm Form,
    string Corridor,
    string DataVersion,
    string Profile,
    string WeightsHash,
    double Threshold,
    long Candidates,
    IReadOnlyList<ExcludedCount> Excluded)
{
    /// <summary>The match run that the list is from; absent where it was computed for this answer.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public PairsRun? Run { get; init; }
}

/// <summary>The match run that a list of pairs is from.</summary>
/// <param name="Id">Its id.</param>
/// <param name="FinishedAt">When it was done.</param>
/// <param name="IsCurrent">Whether the data has not changed since it began.</param>
/// <param name="CompleteAbove">Every pair with a higher score is in the list; below, an enterprise may have more such pairs than the run kept. Null where the list is complete.</param>
internal sealed record PairsRun(string Id, DateTimeOffset FinishedAt, bool IsCurrent, double? CompleteAbove);

/// <summary>One pair in full.</summary>
internal sealed record PairExplanation
{
    public required CooperationForm Form { get; init; }

    public required string Corridor { get; init; }

    public required string DataVersion { get; init; }

    /// <summary>The ranking profile, <c>id@version</c>.</summary>
    public required string Profile { get; init; }

    public required string WeightsHash { get; init; }

    public required double Score { get; init; }

    public required double Confidence { get; init; }

    public required Direction Direction { get; init; }

    public required MatchedEnterprise A { get; init; }

    public required MatchedEnterprise B { get; init; }

    /// <summary>One sentence in English.</summary>
    public required string Summary { get; init; }

    /// <summary>One sentence in Russian.</summary>
    public required string SummaryRu { get; init; }

    public required IReadOnlyList<MatchContribution> Contributions { get; init; }

    public required IReadOnlyList<MatchNotice> Flags { get; init; }

    /// <summary>What would raise the score most, the largest gain first; where counterfactuals were asked for.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<PairCounterfactual>? Counterfactuals { get; init; }

    /// <summary>Where b stands among the candidates of a, and a among those of b; where whyNot was asked for.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<PairStanding>? Standings { get; init; }

    public static PairExplanation From(PairScore score, PairState state, StoredProfile chosen, Language language)
    {
        var writer = new MatchWriter(state.Reference);
        var (a, b) = (state.A!, state.B!);
        return new PairExplanation
        {
            Form = chosen.Profile.Form,
            Corridor = state.Corridor!.Value.Description.Id,
            DataVersion = state.Version.ToString(),
            Profile = chosen.Reference,
            WeightsHash = chosen.Profile.Hash,
            Score = score.Score,
            Confidence = score.Confidence,
            Direction = score.Direction,
            A = MatchWriter.ToEnterprise(a),
            B = MatchWriter.ToEnterprise(b),
            Summary = writer.Summarise(score, a, b, Language.En),
            SummaryRu = writer.Summarise(score, a, b, Language.Ru),
            Contributions = writer.ToContributions(score, a, b, language, int.MaxValue),
            Flags = state.IsExcluded ? [.. score.Flags, MatchNotice.Excluded] : score.Flags,
        };
    }
}
