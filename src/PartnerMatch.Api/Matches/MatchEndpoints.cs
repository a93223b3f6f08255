using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using FluentValidation;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using PartnerMatch.Api.Access;
using PartnerMatch.Api.Corridors;
using PartnerMatch.Api.Enterprises;
using PartnerMatch.Api.Http;
using PartnerMatch.Api.Imports;
using PartnerMatch.Api.Limits;
using PartnerMatch.Api.RankingProfiles;
using PartnerMatch.Api.Reference;
using PartnerMatch.Api.Tables;
using PartnerMatch.Api.Telemetry;
using PartnerMatch.Ranking.Explaining;
using PartnerMatch.Ranking.Profiles;
using PartnerMatch.Ranking.Scoring;

namespace PartnerMatch.Api.Matches;

internal static class MatchEndpoints
{
    public static IServiceCollection AddMatches(this IServiceCollection services) => services
        .AddSingleton<EnterpriseDirectory>()
        .AddSingleton<InteractiveQueries>()
        .AddSingleton<MatchWriter>()
        .AddSingleton(provider => new PartnerRanker(provider.GetRequiredService<ReferenceCatalog>().Knowledge))
        .AddSingleton<IValidator<MatchQuery>, MatchQueryValidator>()
        .AddSingleton<IValidator<SensitivityQuery>, InlineValidator<SensitivityQuery>>()
        .AddSingleton<IValidator<MatchQueryRequest>, MatchQueryRequestValidator>();

    public static void MapMatches(this IEndpointRouteBuilder v1)
    {
        v1.MapGet("/enterprises/{id}/matches", RankPartnersAsync)
            .WithName("RankPartners")
            .GivesVersion()
            .RanksAtOnce()
            .Needs(Scope.Match)
            .WithTags("Matches")
            .WithSummary("Ranks the partners of one enterprise")
            .WithDescription(
                "Scores every published enterprise on the other side of the corridor and lists those that reach minScore (where absent, the form's own threshold), best first, each with the reasons. " +
                "Where nothing reaches it the list is empty, and meta says what came closest and what was lacking. " +
                "By Accept the page can be had as CSV or XLSX, with a column for the points of each component; the next page is then in the Link header. The ETag changes with the data, the weights and the question: If-None-Match tells at little cost that a list still holds.")
            .GoesBeforeRuns();
        v1.MapGet("/enterprises/{id}/matches/sensitivity", MatchSensitivity.MeasureAsync)
            .WithName("MeasureSensitivity")
            .Needs(Scope.Match)
            .RanksAtOnce()
            .WithTags("Matches")
            .WithSummary("Says how stable the ranks of partners are")
            .WithDescription(
                "Every weight is moved by up to 10% by chance, and everybody ranked anew, a thousand times: in which share of the trials a partner stands among the first five, and the first ten. " +
                "Whoever stood among the ten in some trial is listed. The same question has the same answer.")
            .GoesBeforeRuns();
        v1.MapPost("/matches/query", QueryMatchesAsync)
            .WithName("QueryMatches")
            .RanksAtOnce()
            .Needs(Scope.Match)
            .WithTags("Matches")
            .WithSummary("Ranks the partners of profiles that are not stored")
            .WithDescription($"Up to {MatchQueryRequestValidator.MaxProfiles} profiles, with weights of one's own if wanted. Nothing is stored.")
            .TakesBody()
            .GoesBeforeRuns();
        v1.MapGet("/forms", ListForms)
            .WithName("ListForms")
            .Needs(Scope.Read)
            .WithTags("Matches")
            .WithSummary("Lists the cooperation forms with the weights that they use")
            .WithDescription("What each form counts, how it weighs the components, and the score from which a partner is recommended.")
            .ComparesAnswers();
    }

    private static async Task<Results<Results<MatchListJson, TableFile, NotModified>, NotFoundProblem, ConflictProblem, InvalidProblem, NotAcceptableProblem>> RankPartnersAsync(
        string id,
        [AsParameters] MatchQuery query,
        [FromHeader(Name = "If-None-Match")] string? ifNoneMatch,
        ReferenceCatalog reference,
        EnterpriseDirectory directory,
        CorridorStore corridors,
        RankingProfileCatalog profiles,
        PartnerRanker ranker,
        RankingMeter meter,
        MatchWriter writer,
        HttpContext context,
        CancellationToken cancellation)
    {
        if (ListFormats.Choose(context) is not { } format)
        {
            return new NotAcceptableProblem();
        }

        var snapshot = directory.Current;
        if (snapshot.Index.Find(id) is not { } subject)
        {
            return new NotFoundProblem("enterprise", id);
        }

        if (NotMatchable(subject) is { } conflict)
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
            return OutsideCorridor(id, corridorId);
        }

        var (chosen, problem) = profiles.Choose(query.Profile, query.Form?.Value, query.Role?.Value, "query");
        if (chosen is null)
        {
            return problem!;
        }

        var profile = chosen.Profile;
        var cursor = query.Cursor is null ? null : Paging.Decode<MatchCursor>(query.Cursor);
        var fingerprint = MatchCursor.FingerprintOf(id, corridorId, profile.Hash, query.Role?.Value, query.MinScore);
        if (query.Cursor is not null && cursor?.Fingerprint != fingerprint)
        {
            return Paging.BadCursor();
        }

        // The same question to the same data has the same answer: it need not be ranked to know that.
        var language = query.Language?.Value ?? Language.En;
        var limit = query.Limit ?? Paging.DefaultLimit;
        var version = FormattableString.Invariant($"{snapshot.Version}|{Assembly.GetExecutingAssembly().ManifestModule.ModuleVersionId}|{fingerprint}|{chosen.Reference}|{query.Cursor}|{limit}|{language}|{format}");
        if (context.FindUnchanged(ifNoneMatch, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(version)).AsSpan(..16))) is { } unchanged)
        {
            return Page(unchanged);
        }

        var ranking = new RankingQuery
        {
            Subject = reference.Knowledge.Expand(subject),
            Profile = profile,
            Corridor = corridor,
            Scarcity = snapshot.ScarcityIn(corridor),
            Role = query.Role?.Value ?? PartnerRole.Any,
            MinScore = query.MinScore,
            Limit = limit,
            After = cursor?.Position,
            Constraints = MatchConstraints.None with { ExcludedEnterprises = snapshot.Exclusions.PartnersOf(id) },
        };
        var ranked = meter.Measure(RankingKind.Partners, profile.Form, () => snapshot.Index.Rank(ranker, ranking));
        var list = new MatchList(
            [.. ranked.Items.Select(i => writer.ToMatch(i, subject, snapshot[i.Score.PartnerId], language))],
            writer.ToMeta(ranked, ranking, chosen.Reference, snapshot, language),
            ranked.Next is { } next ? Paging.Next(context, Paging.Encode(new MatchCursor(fingerprint, next))) : null);
        return format == ListFormat.Json ? Page(new MatchListJson(list)) : Page(TableFile.Of(format, $"matches-{id}", MatchTable.From(list.Items)));

        static Results<MatchListJson, TableFile, NotModified> Page(Results<MatchListJson, TableFile, NotModified> page) => page;
    }

    private static async Task<Results<Ok<MatchQueryAnswer>, InvalidProblem>> QueryMatchesAsync(
        [FromBody] MatchQueryRequest request,
        ReferenceCatalog reference,
        EnterpriseDirectory directory,
        CorridorStore corridors,
        RankingProfileCatalog profiles,
        PartnerRanker ranker,
        RankingMeter meter,
        MatchWriter writer,
        WordsToCodes words,
        TimeProvider time,
        CancellationToken cancellation)
    {
        var corridorId = request.Corridor ?? MatchDefaults.Corridor;
        if (await corridors.FindAsync(corridorId, cancellation) is not { } description)
        {
            return MatchDefaults.UnknownCorridor(corridorId, "body");
        }

        var corridor = description.ToCorridor();
        var subjects = request.Profiles.Select((p, i) => Enterprise.From($"query-{i}", words.Map(p), 1, time.GetUtcNow(), time.GetUtcNow()).ToProfile(reference)).ToArray();
        var outside = subjects.Index().Where(s => corridor.SideOf(s.Item) is null).ToArray();
        if (outside.Length > 0)
        {
            return new InvalidProblem([.. outside.Select(o => new FieldError("body", $"profiles[{o.Index}].region", $"The corridor '{corridorId}' has no side with this region.", [.. corridor.First, .. corridor.Second]))]);
        }

        var (chosen, problem) = profiles.Choose(request.Profile, request.Form, request.Role, "body");
        if (chosen is null)
        {
            return problem!;
        }

        var snapshot = directory.Current;
        var profile = request.Weights is { } weights ? chosen.Profile.WithWeights(weights) : chosen.Profile;
        var language = request.Lang ?? Language.En;
        var lists = subjects.Select(subject =>
        {
            var ranking = new RankingQuery
            {
                Subject = reference.Knowledge.Expand(subject),
                Profile = profile,
                Corridor = corridor,
                Scarcity = snapshot.ScarcityIn(corridor),
                Role = request.Role ?? PartnerRole.Any,
                MinScore = request.MinScore,
                Limit = request.Limit ?? Paging.DefaultLimit,
                Constraints = request.ToConstraints(),
            };
            var ranked = meter.Measure(RankingKind.Profile, profile.Form, () => snapshot.Index.Rank(ranker, ranking));
            return new MatchList(
                [.. ranked.Items.Select(i => writer.ToMatch(i, subject, snapshot[i.Score.PartnerId], language))],
                writer.ToMeta(ranked, ranking, request.Weights is null ? chosen.Reference : null, snapshot, language),
                null);
        });
        return TypedResults.Ok(new MatchQueryAnswer([.. lists]));
    }

    private static Ok<FormList> ListForms(ReferenceCatalog reference, RankingProfileCatalog profiles) => TypedResults.Ok(new FormList(
        [.. reference.Forms.Select(f => FormItem.From(f, profiles.DefaultOf(f.Profile.Form)))]));

    public static ConflictProblem? NotMatchable(EnterpriseProfile profile) => profile.Status is ProfileStatus.Withdrawn or ProfileStatus.Ceased
        ? new ConflictProblem("not-matchable", "The enterprise takes no part in matching.", $"The status of '{profile.Id}' is {Kebab.Of(profile.Status)}.")
        : null;

    public static ConflictProblem OutsideCorridor(string id, string corridor) =>
        new("outside-corridor", "The enterprise lies outside the corridor.", $"'{id}' belongs to neither side of the corridor '{corridor}'.");

    private sealed record MatchCursor(string Fingerprint, RankingPosition Position)
    {
        public static string FingerprintOf(string id, string corridor, string weights, PartnerRole? role, double? minScore) =>
            FormattableString.Invariant($"{id}|{corridor}|{weights}|{role ?? PartnerRole.Any}|{minScore}");
    }
}

/// <summary>How to rank the partners of one enterprise.</summary>
internal sealed record MatchQuery(
    [FromQuery(Name = "form")] EnumParameter<CooperationForm>? Form,
    [FromQuery(Name = "role")] EnumParameter<PartnerRole>? Role,
    [FromQuery(Name = "profile")] string? Profile,
    [FromQuery(Name = "corridor")] string? Corridor,
    [FromQuery(Name = "limit")] int? Limit,
    [FromQuery(Name = "cursor")] string? Cursor,
    [FromQuery(Name = "minScore")] double? MinScore,
    [FromQuery(Name = "lang")] EnumParameter<Language>? Language);

internal sealed class MatchQueryValidator : AbstractValidator<MatchQuery>
{
    public MatchQueryValidator()
    {
        RuleFor(q => q.Limit).IsLimit();
        RuleFor(q => q.MinScore).InclusiveBetween(ScoreBounds.Lowest, ScoreBounds.Highest).WithMessage("The lowest score is 0 to 100.");
        RuleFor(q => q.Role).Must((q, role) => role is null or { Value: PartnerRole.Any } || q.Profile is not null || (q.Form?.Value ?? MatchDefaults.Form).IsDirected())
            .WithMessage("A joint venture is symmetric: role goes with the other forms only.");
    }
}

/// <summary>Profiles to find partners for, without storing them.</summary>
internal sealed record MatchQueryRequest
{
    [Required, Length(1, MatchQueryRequestValidator.MaxProfiles), Description("The profiles, 1 to 100.")]
    public IReadOnlyList<EnterpriseRequest> Profiles { get; init; } = [];

    [Description("joint-venture where absent.")]
    public CooperationForm? Form { get; init; }

    [Description("The role of the profiles in a directed form; any where absent.")]
    public PartnerRole? Role { get; init; }

    [MaxLength(CorridorValidator.MaxIdLength), Description("by-ru-sam where absent.")]
    public string? Corridor { get; init; }

    [Range(1, Paging.MaxLimit), Description("Partners a profile, 1 to 100; 20 where absent.")]
    public int? Limit { get; init; }

    [Range(ScoreBounds.Lowest, ScoreBounds.Highest), Description("The lowest score to list; the form's threshold where absent.")]
    public double? MinScore { get; init; }

    [MaxLength(ProfileRules.MaxReference), Description("Id of a ranking profile, with @version behind it for one that is not the current one; what the form has adopted where absent. Either profile or weights.")]
    public string? Profile { get; init; }

    [Each(Minimum = 0, Maximum = WeightRules.MaxWeight), Description("Weights by component, each at least 0 (rivalry subtracts); those of the profile where absent. A component not named weighs nothing.")]
    public Dictionary<string, double>? Weights { get; init; }

    [MaxLength(MatchQueryRequestValidator.MaxExclusions), Each(MaxLength = RowChecks.MaxIdLength), Description("Ids of enterprises that must not be listed.")]
    public IReadOnlyList<string>? ExcludeEnterprises { get; init; }

    [MaxLength(MatchQueryRequestValidator.MaxExclusions), Each(Pattern = EnterpriseValidator.PlaceForm), Description("ISO 3166 codes of regions or countries whose enterprises must not be listed.")]
    public IReadOnlyList<string>? ExcludeRegions { get; init; }

    [Description("The language of summaries and labels; en where absent.")]
    public Language? Lang { get; init; }

    public MatchConstraints ToConstraints() => MatchConstraints.None with
    {
        ExcludedEnterprises = (ExcludeEnterprises ?? []).ToHashSet(),
        ExcludedRegions = (ExcludeRegions ?? []).ToHashSet(),
    };
}

internal sealed partial class MatchQueryRequestValidator : AbstractValidator<MatchQueryRequest>
{
    public const int MaxProfiles = 100;
    public const int MaxExclusions = 1000;

    public MatchQueryRequestValidator(IValidator<EnterpriseRequest> profile)
    {
        RuleFor(q => q.Profiles).Must(p => p.Count is >= 1 and <= MaxProfiles).WithMessage($"Send 1 to {MaxProfiles} profiles.");
        RuleFor(q => q.Profiles).Must(p => p.All(e => e is not null)).WithMessage("A profile is null.");
        RuleForEach(q => q.Profiles).SetValidator(profile).When(q => q.Profiles.Count <= MaxProfiles);
        RuleFor(q => q.Limit).IsLimit();
        RuleFor(q => q.MinScore).InclusiveBetween(ScoreBounds.Lowest, ScoreBounds.Highest).WithMessage("The lowest score is 0 to 100.");
        RuleFor(q => q.Role).Must((q, role) => role is null or PartnerRole.Any || q.Profile is not null || (q.Form ?? MatchDefaults.Form).IsDirected())
            .WithMessage("A joint venture is symmetric: role goes with the other forms only.");
        RuleFor(q => q.ExcludeEnterprises).Must(l => l is null || l.Count <= MaxExclusions).WithMessage($"At most {MaxExclusions} entries.");
        RuleFor(q => q.ExcludeRegions).Must(l => l is null || l.Count <= MaxExclusions).WithMessage($"At most {MaxExclusions} entries.");
        When(q => q.ExcludeEnterprises?.Count <= MaxExclusions, () => RuleForEach(q => q.ExcludeEnterprises).NotNull().WithMessage("An entry is null.").HasAtMost(RowChecks.MaxIdLength));
        When(q => q.ExcludeRegions?.Count <= MaxExclusions, () => RuleForEach(q => q.ExcludeRegions).Must(place => place is not null && Place().Match(place) is { Success: true } match && match.Length == place.Length)
            .WithMessage("This is no ISO 3166 code of a country or region, such as RU or RU-SAM."));
        RuleFor(q => q.Weights).AreWeights();
        RuleFor(q => q.Profile).Null().When(q => q.Weights is not null).WithMessage("Send either a profile or weights.");
    }

    [GeneratedRegex(EnterpriseValidator.PlaceForm)]
    private static partial Regex Place();
}

/// <summary>One list a profile, in the order of the profiles.</summary>
internal sealed record MatchQueryAnswer(IReadOnlyList<MatchList> Lists);

/// <summary>The cooperation forms.</summary>
internal sealed record FormList(IReadOnlyList<FormItem> Items);

/// <summary>A cooperation form.</summary>
/// <param name="Form">Its name in queries.</param>
/// <param name="Label">Its English label.</param>
/// <param name="LabelRu">Its Russian label.</param>
/// <param name="Description">What it scores.</param>
/// <param name="Directed">Whether it has a supplier and a buyer.</param>
/// <param name="CountedKinds">The kinds of inferred need that count.</param>
/// <param name="Threshold">The score from which a partner is listed by default.</param>
/// <param name="Profile">The ranking profile that the form uses where a query names none.</param>
/// <param name="ProfileVersion">Its version.</param>
/// <param name="Weights">The normalised weight of each component; rivalry's is negative.</param>
/// <param name="WeightsHash">Names these weights.</param>
internal sealed record FormItem(
    CooperationForm Form,
    string Label,
    string LabelRu,
    string Description,
    bool Directed,
    IReadOnlyList<Ranking.Taxonomy.LinkKind> CountedKinds,
    double Threshold,
    string Profile,
    int ProfileVersion,
    IReadOnlyDictionary<string, double> Weights,
    string WeightsHash)
{
    public static FormItem From(FormDescription form, StoredProfile used) => new(
        used.Profile.Form,
        form.En,
        form.Ru,
        form.Description,
        used.Profile.Form.IsDirected(),
        used.Profile.CountedKinds,
        used.Profile.Threshold,
        used.Id,
        used.Version,
        RankingProfileItem.WeightsOf(used.Profile),
        used.Profile.Hash);
}
