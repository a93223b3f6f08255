using FluentValidation;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using PartnerMatch.Api.Access;
using PartnerMatch.Api.Corridors;
using PartnerMatch.Api.Http;
using PartnerMatch.Api.Matches;
using PartnerMatch.Api.Reference;
using PartnerMatch.Classification;
using PartnerMatch.Ranking.Explaining;
using PartnerMatch.Ranking.Profiles;
using PartnerMatch.Ranking.Scoring;
using PartnerMatch.Ranking.Taxonomy;

namespace PartnerMatch.Api.Competencies;

internal static class CompetencyEndpoints
{
    public static IServiceCollection AddCompetencies(this IServiceCollection services) => services
        .AddSingleton<CompetencyVocabulary>()
        .AddSingleton<AliasStore>()
        .AddSingleton<WaitingWords>()
        .AddSingleton<IValidator<ClassifyRequest>, ClassifyRequestValidator>()
        .AddSingleton<IValidator<AliasRequest>, AliasRequestValidator>()
        .AddSingleton<IValidator<UnmappedQuery>, UnmappedQueryValidator>()
        .AddSingleton<IValidator<CompetencyQuery>, CompetencyQueryValidator>()
        .AddSingleton<IValidator<CompetencyDetailQuery>, InlineValidator<CompetencyDetailQuery>>();

    public static void MapCompetencies(this IEndpointRouteBuilder v1)
    {
        var competencies = v1.MapGroup("/competencies").WithTags("Competencies");
        competencies.MapGet("/", ListCompetencies)
            .WithName("ListCompetencies")
            .Needs(Scope.Read)
            .WithSummary("Searches and browses the competency taxonomy")
            .WithDescription("With q, the competencies whose code, label or alias fits, best first. With parent, what lies directly below it. With neither, the divisions.")
            .ComparesAnswers();
        competencies.MapClassification();
        competencies.MapGet("/{code}", GetCompetencyAsync)
            .WithName("GetCompetency")
            .Needs(Scope.Read)
            .WithSummary("One competency with its production links")
            .WithDescription("What it takes and what it goes into, and how many published enterprises of each side of the corridor offer or state a need for it or anything under it.")
            .ComparesAnswers();
    }

    private static Results<Ok<CompetencyList>, InvalidProblem> ListCompetencies(
        [AsParameters] CompetencyQuery query,
        CompetencyVocabulary vocabulary,
        ReferenceCatalog reference,
        HttpContext context)
    {
        var skip = 0;
        if (query.Cursor is not null)
        {
            if (Paging.Decode<CompetencyPosition>(query.Cursor) is not { Skip: > 0 } position)
            {
                return Paging.BadCursor();
            }

            skip = position.Skip;
        }

        var limit = query.Limit ?? Paging.DefaultLimit;
        var all = query.Text is { } text
            ? vocabulary.Search(text, query.Language?.Value).Where(c => query.Parent is null || CompetencyCode.IsUnder(c.Code, query.Parent))
            : reference.Tree.ChildrenOf(query.Parent);
        var found = all.Skip(skip).Take(limit + 1).ToArray();
        var next = found.Length > limit ? Paging.Next(context, Paging.Encode(new CompetencyPosition(skip + limit))) : null;
        return TypedResults.Ok(new CompetencyList([.. found.Take(limit).Select(c => CompetencyItem.From(c, reference.Tree))], next));
    }

    private static async Task<Results<Ok<CompetencyDetail>, NotFoundProblem, InvalidProblem>> GetCompetencyAsync(
        string code,
        [AsParameters] CompetencyDetailQuery query,
        ReferenceCatalog reference,
        CompetencyVocabulary vocabulary,
        CorridorStore corridors,
        EnterpriseDirectory directory,
        CancellationToken cancellation)
    {
        if (reference.Tree.Find(code) is not { } competency)
        {
            return new NotFoundProblem("competency", code);
        }

        var corridorId = query.Corridor ?? MatchDefaults.Corridor;
        if (await corridors.FindAsync(corridorId, cancellation) is not { } corridor)
        {
            return MatchDefaults.UnknownCorridor(corridorId);
        }

        return TypedResults.Ok(CompetencyDetail.From(vocabulary.Complete(competency), reference, corridor.ToCorridor(), directory.Current));
    }

    private sealed record CompetencyPosition(int Skip);
}

/// <summary>What to search or browse.</summary>
internal sealed record CompetencyQuery(
    [FromQuery(Name = "q")] string? Text,
    [FromQuery(Name = "lang")] EnumParameter<Language>? Language,
    [FromQuery(Name = "parent")] string? Parent,
    [FromQuery(Name = "limit")] int? Limit,
    [FromQuery(Name = "cursor")] string? Cursor);

/// <summary>Which corridor's sides to count.</summary>
internal sealed record CompetencyDetailQuery([FromQuery(Name = "corridor")] string? Corridor);

internal sealed class CompetencyQueryValidator : AbstractValidator<CompetencyQuery>
{
    public CompetencyQueryValidator(ReferenceCatalog reference)
    {
        RuleFor(q => q.Limit).IsLimit();
        RuleFor(q => q.Parent).IsKnownCompetency(reference);
        RuleFor(q => q.Text).IsSearchable().OverridePropertyName("q");
    }
}

internal static class CompetencyRules
{
    public const int MaxText = 200;

    /// <summary>Words to search for: at least one letter or digit.</summary>
    public static IRuleBuilderOptions<T, string?> IsSearchable<T>(this IRuleBuilder<T, string?> rule) => rule
        .Must(t => t is null || (t.CountCharacters() <= MaxText && TextFolding.Fold(t).Length > 0))
        .WithMessage($"Say what to search for, in at most {MaxText} characters.");

    public static void IsKnownCompetency<T>(this IRuleBuilder<T, string?> rule, ReferenceCatalog reference) => rule.Custom((code, context) =>
    {
        if (code is not null && !reference.Tree.Contains(code))
        {
            var nearest = reference.Tree.NearestTo(code).Select(c => c.Code).ToArray();
            context.AddFailure(new FluentValidation.Results.ValidationFailure(context.PropertyPath, $"'{code}' is not a code of the competency taxonomy.")
            {
                CustomState = nearest.Length > 0 ? nearest : null,
            });
        }
    });
}

/// <summary>A page of competencies.</summary>
internal sealed record CompetencyList(IReadOnlyList<CompetencyItem> Items, string? Next);

/// <summary>A competency in a list.</summary>
/// <param name="Code">The CPA 2008 code.</param>
/// <param name="Label">Its English label.</param>
/// <param name="LabelRu">Its Russian label.</param>
/// <param name="Parent">The code above it, or null for a division.</param>
/// <param name="HasChildren">Whether something lies below it.</param>
internal sealed record CompetencyItem(string Code, string Label, string LabelRu, string? Parent, bool HasChildren)
{
    public static CompetencyItem From(Competency c, CompetencyTree tree) => new(c.Code, c.LabelEn, c.LabelRu, tree.ParentOf(c.Code)?.Code, tree.ChildrenOf(c.Code).Any());
}

/// <summary>A competency with its names, its place and its links.</summary>
internal sealed record CompetencyDetail
{
    public required string Code { get; init; }

    public required string Label { get; init; }

    public required string LabelRu { get; init; }

    public required IReadOnlyList<string> Aliases { get; init; }

    public required IReadOnlyList<string> AliasesRu { get; init; }

    public required string? Parent { get; init; }

    public required IReadOnlyList<CompetencyItem> Children { get; init; }

    /// <summary>What making, running or selling it takes, inherited links included.</summary>
    public required IReadOnlyList<LinkItem> Inputs { get; init; }

    /// <summary>What it goes into.</summary>
    public required IReadOnlyList<LinkItem> Outputs { get; init; }

    /// <summary>Published enterprises on the corridor's first side.</summary>
    public required SideCount First { get; init; }

    /// <summary>Published enterprises on the corridor's second side.</summary>
    public required SideCount Second { get; init; }

    public static CompetencyDetail From(Competency competency, ReferenceCatalog reference, Corridor corridor, DirectorySnapshot snapshot)
    {
        var tree = reference.Tree;
        return new CompetencyDetail
        {
            Code = competency.Code,
            Label = competency.LabelEn,
            LabelRu = competency.LabelRu,
            Aliases = competency.AliasesEn,
            AliasesRu = competency.AliasesRu,
            Parent = tree.ParentOf(competency.Code)?.Code,
            Children = [.. tree.ChildrenOf(competency.Code).Select(c => CompetencyItem.From(c, tree))],
            Inputs = [.. reference.Knowledge.Graph.LinksInto(competency.Code).OrderByDescending(l => l.Weight).Select(l => LinkItem.From(l, tree.Find(l.Input)!))],
            Outputs = [.. reference.Knowledge.Graph.LinksFrom(competency.Code).OrderByDescending(l => l.Weight).Select(l => LinkItem.From(l, tree.Find(l.Output)!))],
            First = Count(CorridorSide.First),
            Second = Count(CorridorSide.Second),
        };

        SideCount Count(CorridorSide side)
        {
            var profiles = snapshot.Index.Profiles
                .Where(p => p.Status == ProfileStatus.Published && corridor.SideOf(p) == side)
                .ToArray();
            return new SideCount(profiles.Count(p => p.Offers.Any(o => IsIt(o.Code))), profiles.Count(p => p.Needs.Any(n => IsIt(n.Code))));
        }

        bool IsIt(string code) => code == competency.Code || CompetencyCode.IsUnder(code, competency.Code);
    }
}

/// <summary>A production link seen from one end.</summary>
/// <param name="Code">The other end.</param>
/// <param name="Label">Its English label.</param>
/// <param name="LabelRu">Its Russian label.</param>
/// <param name="Kind">How the input goes into the output.</param>
/// <param name="Weight">In (0,1].</param>
/// <param name="DeclaredInput">The input as the link was declared; the competency itself, or one above or below it.</param>
/// <param name="DeclaredOutput">The output as the link was declared.</param>
internal sealed record LinkItem(string Code, string Label, string LabelRu, LinkKind Kind, double Weight, string DeclaredInput, string DeclaredOutput)
{
    public static LinkItem From(ProductionLink link, Competency other) =>
        new(other.Code, other.LabelEn, other.LabelRu, link.Kind, link.Weight, link.Input, link.Output);
}

/// <summary>How many enterprises.</summary>
/// <param name="Offer">Offer it or something under it.</param>
/// <param name="Need">State a need for it or something under it.</param>
internal sealed record SideCount(int Offer, int Need);
