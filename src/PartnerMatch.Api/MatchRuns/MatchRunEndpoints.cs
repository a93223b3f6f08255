using System.Globalization;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;
using FluentValidation;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using PartnerMatch.Api.Access;
using PartnerMatch.Api.Corridors;
using PartnerMatch.Api.Enterprises;
using PartnerMatch.Api.Http;
using PartnerMatch.Api.Idempotency;
using PartnerMatch.Api.Imports;
using PartnerMatch.Api.Jobs;
using PartnerMatch.Api.Limits;
using PartnerMatch.Api.Matches;
using PartnerMatch.Api.RankingProfiles;
using PartnerMatch.Api.Reference;
using PartnerMatch.Api.Tables;
using PartnerMatch.Ranking.Explaining;
using PartnerMatch.Ranking.Profiles;
using PartnerMatch.Ranking.Scoring;

namespace PartnerMatch.Api.MatchRuns;

internal static class MatchRunEndpoints
{
    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(2);

    public static IServiceCollection AddMatchRuns(this IServiceCollection services) => services
        .AddSingleton(provider => MatchRunSettings.From(provider.GetRequiredService<IConfiguration>()))
        .AddSingleton<MatchRunStore>()
        .AddSingleton<MatchRunWork>()
        .AddSingleton<MatchRunQueue>()
        .AddHostedService(provider => provider.GetRequiredService<MatchRunQueue>())
        .AddSingleton<MatchRunReplay>()
        .AddSingleton<CorridorRuns>()
        .AddSingleton<IValidator<MatchRunRequest>, MatchRunRequestValidator>()
        .AddSingleton<IValidator<MatchRunsQuery>, MatchRunsQueryValidator>()
        .AddSingleton<IValidator<MatchRunResultsQuery>, MatchRunResultsQueryValidator>()
        .AddSingleton<IValidator<MatchRunExportQuery>, InlineValidator<MatchRunExportQuery>>();

    public static void MapMatchRuns(this IEndpointRouteBuilder v1)
    {
        var runs = v1.MapGroup("/match-runs").WithTags("Match runs").Needs(Scope.Match);
        runs.MapPost("/", StartMatchRunAsync)
            .WithName("StartMatchRun")
            .WithSummary("Ranks the partners of many enterprises as a job")
            .WithDescription(
                """
                Every published enterprise of a side of the corridor, or of both, or a list of enterprises gets its best partners of the other side, as `GET /v1/enterprises/{id}/matches` would rank them. The run works on the profiles as they are when it begins, whatever changes meanwhile; `dataVersion` names them. It goes on where it was after a stop of the service, and steps aside while somebody waits for a match query.

                `balance=market` looks at all lists at once: as when everybody uses theirs at the same time, what many want is shared out (transferable utility, by iterative proportional fitting, over the scores of each enterprise's best partners, twice as many as are listed), and no enterprise is on more than `exposureCap` times its fair share of lists. `market` then has expected matches, exposure and envy beside those of the plain lists. A market has at most 8,000,000 places to choose from (where the operator has not set another number): the published enterprises of both sides, times twice `top` and at most 100. A larger one is refused at once: 409.

                The answer is 202 with the run, whose progress is at `Location`. A key or token that is bound to an owner sees its own runs only, and the automatic ones that are there for everybody. A side without published enterprises: 409.
                """)
            .TakesBody()
            .CreatesOnce();
        runs.MapGet("/", ListMatchRunsAsync)
            .WithName("ListMatchRuns")
            .WithSummary("Lists runs, newest first")
            .WithDescription("Those that answer the pairs of a large corridor are among them (automatic), under a portal's own weight set for this portal only. The runs of other owners are not.")
            .ComparesAnswers();
        runs.MapGet("/{runId}", GetMatchRunAsync)
            .WithName("GetMatchRun")
            .WithSummary("How far a run is")
            .WithDescription("While it runs, progress has what is done, the pairs ranked a second and the seconds left at that pace.")
            .ComparesAnswers();
        runs.MapPost("/{runId}/cancel", CancelMatchRunAsync)
            .WithName("CancelMatchRun")
            .WithSummary("Stops a run")
            .WithDescription("Nothing of it is kept. A run that is over stays as it is: 409. A key or token that is bound to an owner stops its own only, automatic ones under its own weights among them: one that is there for everybody is 403, those of others are not there. Takes no If-Match: it stops whatever it has come to.");
        runs.MapDelete("/{runId}", DeleteMatchRunAsync)
            .WithName("DeleteMatchRun")
            .WithSummary("Removes a run with its results")
            .WithDescription("A run that is not over is cancelled first: 409. A key or token that is bound to an owner removes its own only, automatic ones under its own weights among them: one that is there for everybody is 403, those of others are not there. Takes no If-Match: a run that is over never changes.");
        runs.MapGet("/{runId}/events", WatchMatchRunAsync)
            .WithName("WatchMatchRun")
            .TakesItsTime()
            .IsFollowed()
            .WithSummary("Follows a run")
            .WithDescription("Server-sent events: one of type `progress` whenever the run has moved on, and at the end one of type `done`, `failed` or `cancelled`, after which the stream ends, as it does once the key is revoked or the key or token expires. The data of each is the run as GET answers it.");
        runs.MapGet("/{runId}/results", ListMatchRunResultsAsync)
            .WithName("ListMatchRunResults")
            .WithSummary("What a run has found")
            .WithDescription("The best pairs first, or with `sort=enterprise` list after list, in the order of ids or as the enterprises were listed. `summary` is on the profiles that the run worked on; `explanation` leads to the pair as it is now. By Accept the page can be had as CSV or XLSX. Only of a run that is done: else 409.")
            .ComparesAnswers();
        runs.MapGet("/{runId}/results/export", ExportMatchRunResultsAsync)
            .WithName("ExportMatchRunResults")
            .TakesItsTime()
            .WithSummary("All results of a run as a file")
            .WithDescription("In the order of `sort`, enterprise where absent. CSV and XLSX have a row a result; NDJSON has a line a result, as the list answers it but without summaries.")
            .WithMetadata(new GivesFileMetadata(NdjsonLines.ContentType));
    }

    private static async Task<Results<Accepted<MatchRun>, InvalidProblem, ConflictProblem>> StartMatchRunAsync(
        [FromBody] MatchRunRequest request,
        ReferenceCatalog reference,
        EnterpriseDirectory directory,
        CorridorStore corridors,
        RankingProfileCatalog profiles,
        EnterpriseStore enterprises,
        MatchRunQueue queue,
        MatchRunSettings settings,
        TimeProvider time,
        HttpContext context,
        CancellationToken cancellation)
    {
        var corridorId = request.Corridor ?? MatchDefaults.Corridor;
        if (await corridors.FindAsync(corridorId, cancellation) is not { } description)
        {
            return MatchDefaults.UnknownCorridor(corridorId, "body");
        }

        var (chosen, problem) = profiles.Choose(request.Profile, request.Form, request.Role, "body");
        if (chosen is null)
        {
            return problem!;
        }

        var (corridor, snapshot) = (description.ToCorridor(), directory.Current);
        var listed = (request.Enterprises ?? []).Select((id, at) => (Id: id, Path: $"enterprises[{at}]", Profile: snapshot.Index.Find(id))).ToArray();
        for (var at = 0; Caller.Current.Owner is not null && at < listed.Length; at++)
        {
            // The drafts of others do not exist to a caller that is bound to an owner.
            if (listed[at].Profile?.Status == ProfileStatus.Draft && await enterprises.FindAsync(listed[at].Id, cancellation) is null)
            {
                listed[at].Profile = null;
            }
        }

        if (listed.Select(l => FindError(l.Id, l.Path, l.Profile)).OfType<FieldError>().ToArray() is { Length: > 0 } errors)
        {
            return new InvalidProblem(errors);
        }

        if (listed.Where(l => l.Profile!.Status != ProfileStatus.Published).ToArray() is { Length: > 0 } unmatchable)
        {
            return new ConflictProblem(
                "not-matchable",
                "Some of the enterprises take no part in matching.",
                $"{unmatchable.Length} of the {listed.Length} enterprises are not published.",
                [.. unmatchable.Select(l => new FieldError("body", l.Path, $"The status of '{l.Id}' is {Kebab.Of(l.Profile!.Status)}."))]);
        }

        var balance = request.Balance ?? MatchBalance.None;
        var side = request.Enterprises is null ? request.Side ?? (balance == MatchBalance.Market ? MatchRunSide.Both : MatchRunSide.First) : (MatchRunSide?)null;
        var published = snapshot.PublishedIn(corridor);
        var (asking, pairs) = side is not { } whole ? (listed.Length, listed.Sum(l => published.CandidatesOf(corridor.SideOf(l.Profile!)!.Value))) : whole switch
        {
            MatchRunSide.First => (published.First, published.Pairs),
            MatchRunSide.Second => (published.Second, published.Pairs),
            MatchRunSide.Both => (published.First + published.Second, 2 * published.Pairs),
        };
        if (pairs == 0)
        {
            return new ConflictProblem(
                "empty-corridor",
                "There is nobody to rank.",
                $"The corridor '{corridorId}' has {published.First} published enterprises on its first side and {published.Second} on its second.");
        }

        var places = (long)asking * MarketBalancing.ChoiceOf(request.Top ?? MatchRunRequest.DefaultTop);
        if (balance == MatchBalance.Market && places > settings.MaxMarketPlaces)
        {
            return new ConflictProblem(
                "market-too-large",
                "The market is too large to be balanced.",
                FormattableString.Invariant($"{asking} enterprises with {places / asking} partners each to choose from make {places} places, and the limit is {settings.MaxMarketPlaces}. Ask for a smaller top or a smaller corridor, or for lists that are not balanced."));
        }

        // Weights of one's own change nothing else of the form than its weights, whatever the form has adopted.
        var profile = request.Weights is { } weights ? reference.FormOf(chosen.Profile.Form).Profile.WithWeights(weights) : chosen.Profile;
        var now = time.GetUtcNow();
        var run = new MatchRun
        {
            Id = Guid.CreateVersion7(now).ToString("n"),
            State = JobState.Queued,
            Corridor = corridorId,
            Form = profile.Form,
            Role = request.Role ?? PartnerRole.Any,
            Side = side,
            Top = request.Top ?? MatchRunRequest.DefaultTop,
            MinScore = request.MinScore ?? profile.Threshold,
            Profile = request.Weights is null ? chosen.Reference : null,
            Weights = request.Weights,
            WeightsHash = profile.Hash,
            Balance = balance,
            ExposureCap = balance == MatchBalance.Market ? request.ExposureCap ?? MatchRunRequest.DefaultExposureCap : null,
            Automatic = false,
            Owner = Caller.Current.Owner,
            Enterprises = asking,
            Pairs = pairs,
            CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(now.ToUnixTimeMilliseconds()),
        };
        await queue.AddAsync(run, request.Enterprises, cancellation);
        return Accept(context, run);

        FieldError? FindError(string id, string path, EnterpriseProfile? found) =>
            found is null ? new FieldError("body", path, $"There is no enterprise '{id}'.")
            : corridor.SideOf(found) is not { } own ? new FieldError("body", path, $"'{id}' belongs to neither side of the corridor '{corridorId}'.")
            : request.Side is MatchRunSide.First && own != CorridorSide.First ? new FieldError("body", path, $"'{id}' belongs to the second side of the corridor, and side is first.")
            : request.Side is MatchRunSide.Second && own != CorridorSide.Second ? new FieldError("body", path, $"'{id}' belongs to the first side of the corridor, and side is second.")
            : null;
    }

    private static async Task<Results<Ok<MatchRunList>, InvalidProblem>> ListMatchRunsAsync([AsParameters] MatchRunsQuery query, MatchRunQueue queue, HttpContext context, CancellationToken cancellation)
    {
        var fingerprint = $"{query.State?.Value}|{query.Corridor}";
        var cursor = query.Cursor is null ? null : Paging.Decode<RunsCursor>(query.Cursor);
        if (query.Cursor is not null && cursor?.Fingerprint != fingerprint)
        {
            return Paging.BadCursor();
        }

        var limit = query.Limit ?? Paging.DefaultLimit;
        var found = await queue.FindPageAsync(query.State?.Value, query.Corridor, cursor?.Id, limit + 1, cancellation);
        return TypedResults.Ok(new MatchRunList(
            [.. found.Take(limit)],
            found.Count > limit ? Paging.Next(context, Paging.Encode(new RunsCursor(fingerprint, found[limit - 1].Id))) : null));
    }

    private static async Task<Results<Ok<MatchRun>, NotFoundProblem>> GetMatchRunAsync(string runId, MatchRunQueue queue, CancellationToken cancellation) =>
        await queue.FindAsync(runId, cancellation) is { } run ? TypedResults.Ok(run) : NotFound(runId);

    private static async Task<Results<Ok<MatchRun>, NotFoundProblem, ConflictProblem, ForbiddenProblem>> CancelMatchRunAsync(string runId, MatchRunQueue queue, CancellationToken cancellation)
    {
        var cancelled = await queue.CancelAsync(runId, cancellation);
        return await queue.FindAsync(runId, cancellation) switch
        {
            null => NotFound(runId),
            { } run when !Caller.Current.MayChange(run.Owner) => KeptByOthers(),
            { } run when !cancelled => new ConflictProblem("run-over", "The run is over.", $"The state of the run is {Kebab.Of(run.State)}."),
            { } run => TypedResults.Ok(run),
        };
    }

    private static async Task<Results<NoContent, NotFoundProblem, ConflictProblem, ForbiddenProblem>> DeleteMatchRunAsync(string runId, MatchRunQueue queue, CancellationToken cancellation)
    {
        if (await queue.DeleteAsync(runId, cancellation))
        {
            return TypedResults.NoContent();
        }

        return await queue.FindAsync(runId, cancellation) switch
        {
            null => NotFound(runId),
            { } run when !Caller.Current.MayChange(run.Owner) => KeptByOthers(),
            { } run => new ConflictProblem("run-not-over", "The run is not over.", $"The state of the run is {Kebab.Of(run.State)}: cancel it first."),
        };
    }

    private static async Task<Results<ServerSentEventsResult<MatchRun>, NotFoundProblem>> WatchMatchRunAsync(string runId, MatchRunQueue queue, HttpContext context, CancellationToken cancellation)
    {
        return await queue.FindAsync(runId, cancellation) is null
            ? NotFound(runId)
            : TypedResults.ServerSentEvents(ReadEventsAsync(cancellation));

        async IAsyncEnumerable<SseItem<MatchRun>> ReadEventsAsync([EnumeratorCancellation] CancellationToken stop)
        {
            await foreach (var run in queue.WatchAsync(runId, stop))
            {
                if (!await Credentials.AreStillGoodAsync(context))
                {
                    yield break;
                }

                yield return new SseItem<MatchRun>(run, run.FinishedAt is null ? "progress" : Kebab.Of(run.State));
            }
        }
    }

    private static async Task<Results<Ok<MatchRunResultList>, TableFile, NotFoundProblem, ConflictProblem, InvalidProblem, NotAcceptableProblem>> ListMatchRunResultsAsync(
        string runId,
        [AsParameters] MatchRunResultsQuery query,
        MatchRunQueue queue,
        MatchRunSettings settings,
        MatchRunReplay replay,
        HttpContext context,
        CancellationToken cancellation)
    {
        if (ListFormats.Choose(context) is not { } format)
        {
            return new NotAcceptableProblem();
        }

        if (await queue.FindAsync(runId, cancellation) is not { } run)
        {
            return NotFound(runId);
        }

        if (run.State != JobState.Done)
        {
            return NotDone(run);
        }

        using var results = new MatchRunResults(settings.FileOf(runId));
        var only = query.Enterprise is { } id ? results.FindAsking(id) : null;
        if (query.Enterprise is not null && only is null)
        {
            return new InvalidProblem(new FieldError("query", "enterprise", $"'{query.Enterprise}' is not among the enterprises that the run looked for partners of."));
        }

        var sort = query.Sort?.Value ?? MatchRunSort.Score;
        var fingerprint = $"{runId}|{sort}|{only}";
        var cursor = query.Cursor is null ? null : Paging.Decode<ResultsCursor>(query.Cursor);
        if (query.Cursor is not null && cursor?.Fingerprint != fingerprint)
        {
            return Paging.BadCursor();
        }

        var limit = query.Limit ?? Paging.DefaultLimit;
        var found = sort == MatchRunSort.Score && only is null
            ? results.ReadBest(cursor?.Place ?? 0, limit + 1)
            : results.ReadLists(only, cursor is null ? null : (cursor.Asking, cursor.Rank), limit + 1);
        var page = found.Take(limit).ToArray();
        var language = query.Language?.Value ?? Language.En;
        var reasons = await replay.ExplainAsync(run, results.Version, page, cancellation);
        var list = new MatchRunResultList(
            [.. page.Select((r, at) => MatchRunResult.From(run, r, reasons[at].Writer.Summarise(reasons[at].Score, reasons[at].Asking, reasons[at].Partner, language)))],
            found.Count > limit ? Paging.Next(context, Paging.Encode(new ResultsCursor(fingerprint, page[^1].Place, page[^1].Asking, page[^1].Rank))) : null);
        return format == ListFormat.Json ? TypedResults.Ok(list) : TableFile.Of(format, $"match-run-{runId}", list.Items.Select(i => i.ToCells()).Prepend(MatchRunResult.Header));
    }

    private static async Task<Results<NdjsonFile<MatchRunResult>, TableFile, NotFoundProblem, ConflictProblem, InvalidProblem>> ExportMatchRunResultsAsync(
        string runId,
        [AsParameters] MatchRunExportQuery query,
        MatchRunQueue queue,
        MatchRunSettings settings,
        CancellationToken cancellation)
    {
        if (await queue.FindAsync(runId, cancellation) is not { } run)
        {
            return NotFound(runId);
        }

        if (run.State != JobState.Done)
        {
            return NotDone(run);
        }

        var (format, sort) = (query.Format?.Value ?? ImportFormat.Csv, query.Sort?.Value ?? MatchRunSort.Enterprise);
        if (format == ImportFormat.Xlsx && run.Results >= XlsxTable.MaxRows)
        {
            return new InvalidProblem(new FieldError("query", "format", $"A sheet has at most {XlsxTable.MaxRows} rows.", ["csv", "ndjson"]));
        }

        var name = $"match-run-{runId}";
        return format == ImportFormat.Ndjson
            ? new NdjsonFile<MatchRunResult>(name, ReadAsync(cancellation))
            : new TableFile(format == ImportFormat.Csv ? ListFormat.Csv : ListFormat.Xlsx, name, ReadAsync(cancellation).Select(r => r.ToCells()).Prepend(MatchRunResult.Header));

        async IAsyncEnumerable<MatchRunResult> ReadAsync([EnumeratorCancellation] CancellationToken stop)
        {
            using var results = new MatchRunResults(settings.FileOf(runId));
            await foreach (var result in results.ReadAllAsync(sort, stop))
            {
                yield return MatchRunResult.From(run, result, null);
            }
        }
    }

    /// <summary>202 with the run and the time after which to ask how far it is.</summary>
    public static Accepted<MatchRun> Accept(HttpContext context, MatchRun run)
    {
        context.Response.Headers.RetryAfter = AskAgain.TotalSeconds.ToString(CultureInfo.InvariantCulture);
        return TypedResults.Accepted($"/v1/match-runs/{run.Id}", run);
    }

    private static NotFoundProblem NotFound(string id) => new("match run", id);

    private static ForbiddenProblem KeptByOthers() => new("The key or token is bound to an owner: it cancels and removes only runs of its own.");

    private static ConflictProblem NotDone(MatchRun run) => new("run-not-done", "The run has no results.", $"The state of the run is {Kebab.Of(run.State)}. Results are there when it is done.");

    private sealed record RunsCursor(string Fingerprint, string Id);

    private sealed record ResultsCursor(string Fingerprint, long Place, int Asking, int Rank);
}

/// <summary>Which runs to list.</summary>
internal sealed record MatchRunsQuery(
    [FromQuery(Name = "state")] EnumParameter<JobState>? State,
    [FromQuery(Name = "corridor")] string? Corridor,
    [FromQuery(Name = "limit")] int? Limit,
    [FromQuery(Name = "cursor")] string? Cursor);

internal sealed class MatchRunsQueryValidator : AbstractValidator<MatchRunsQuery>
{
    public MatchRunsQueryValidator()
    {
        RuleFor(q => q.Limit).IsLimit();
        RuleFor(q => q.Corridor).HasAtMost(CorridorValidator.MaxIdLength);
    }
}

/// <summary>Which results to list, and how.</summary>
internal sealed record MatchRunResultsQuery(
    [FromQuery(Name = "sort")] EnumParameter<MatchRunSort>? Sort,
    [FromQuery(Name = "enterprise")] string? Enterprise,
    [FromQuery(Name = "limit")] int? Limit,
    [FromQuery(Name = "cursor")] string? Cursor,
    [FromQuery(Name = "lang")] EnumParameter<Language>? Language);

internal sealed class MatchRunResultsQueryValidator : AbstractValidator<MatchRunResultsQuery>
{
    public MatchRunResultsQueryValidator() => RuleFor(q => q.Limit).IsLimit();
}

/// <summary>How to export results.</summary>
internal sealed record MatchRunExportQuery(
    [FromQuery(Name = "format")] EnumParameter<ImportFormat>? Format,
    [FromQuery(Name = "sort")] EnumParameter<MatchRunSort>? Sort);

/// <summary>The order of results.</summary>
internal enum MatchRunSort
{
    /// <summary>The best pairs first.</summary>
    Score,

    /// <summary>List after list.</summary>
    Enterprise,
}

/// <summary>Results of a run.</summary>
internal sealed record MatchRunResultList(IReadOnlyList<MatchRunResult> Items, string? Next);

/// <summary>A partner that a run found for an enterprise.</summary>
internal sealed record MatchRunResult
{
    public static IReadOnlyList<object?> Header { get; } =
    [
        "rank", "plain_rank", "score", "confidence", "direction", .. MatchTable.Enterprise.Select(c => "enterprise_" + c), .. MatchTable.Enterprise.Select(c => "partner_" + c),
    ];

    /// <summary>The partner's place in the enterprise's list, from 1.</summary>
    public required int Rank { get; init; }

    /// <summary>In a balanced list: the partner's place by score alone; null where it stands below what was ranked, and in lists that are not balanced.</summary>
    public required int? PlainRank { get; init; }

    /// <summary>The enterprise whose list it is.</summary>
    public required MatchedEnterprise Enterprise { get; init; }

    /// <summary>The partner.</summary>
    public required MatchedEnterprise Partner { get; init; }

    /// <summary>0 to 100.</summary>
    public required double Score { get; init; }

    /// <summary>How much of the score rests on stated facts, 0 to 1; never scored.</summary>
    public required double Confidence { get; init; }

    /// <summary>Who supplies: to-partner, from-partner, or mutual in a joint venture.</summary>
    public required Direction Direction { get; init; }

    /// <summary>One sentence to read out; absent in exports.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Summary { get; init; }

    /// <summary>Where the pair is explained in full, as it is now; null under weights that came with the run.</summary>
    public required string? Explanation { get; init; }

    public static MatchRunResult From(MatchRun run, RankedResult result, string? summary)
    {
        var (a, b) = result.Direction == Direction.FromPartner ? (result.Partner.Id, result.Enterprise.Id) : (result.Enterprise.Id, result.Partner.Id);
        return new MatchRunResult
        {
            Rank = result.Rank,
            PlainRank = result.PlainRank,
            Enterprise = result.Enterprise,
            Partner = result.Partner,
            Score = Math.Max(0, result.Value),
            Confidence = result.Confidence,
            Direction = result.Direction,
            Summary = summary,
            Explanation = run.Profile is not null ? $"/v1/pairs/{Uri.EscapeDataString(a)}/{Uri.EscapeDataString(b)}?corridor={run.Corridor}&profile={run.Profile}" : null,
        };
    }

    public IReadOnlyList<object?> ToCells() => [Rank, PlainRank, Score, Confidence, Kebab.Of(Direction), .. MatchTable.ToCells(Enterprise), .. MatchTable.ToCells(Partner)];
}
