using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using FluentValidation;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using PartnerMatch.Api.Access;
using PartnerMatch.Api.Http;
using PartnerMatch.Api.Idempotency;
using PartnerMatch.Api.Reference;
using PartnerMatch.Classification;
using PartnerMatch.Ranking.Explaining;
using PartnerMatch.Ranking.Taxonomy;

namespace PartnerMatch.Api.Competencies;

/// <summary>Words to codes.</summary>
internal static class ClassificationEndpoints
{
    private const int Guesses = 3;

    public static void MapClassification(this IEndpointRouteBuilder competencies)
    {
        competencies.MapPost("/classify", ClassifyTexts)
            .WithName("ClassifyTexts")
            .Needs(Scope.Read)
            .WithSummary("Maps words to competency codes")
            .WithDescription(
                $"Up to {ClassifyRequestValidator.MaxTexts} phrases in English or Russian. Each gets the codes that it means with a calibrated confidence and the words that decided, " +
                "several where right, none where the service does not know.")
            .TakesBody();
        competencies.MapGet("/unmapped", ListUnmappedWordsAsync)
            .WithName("ListUnmappedWords")
            .Needs(Scope.Admin)
            .WithSummary("Lists words of profiles that mean no competency yet")
            .WithDescription("The most frequent first, each with what comes nearest. An alias that explains them maps them.")
            .ComparesAnswers();
        competencies.MapPost("/{code}/aliases", AddAliasAsync)
            .WithName("AddAlias")
            .Needs(Scope.Admin)
            .WithSummary("Adds a name to a competency")
            .WithDescription("Profiles whose words waited for it are mapped before the answer.")
            .TakesBody()
            .CreatesRepeatably();
        competencies.MapDelete("/{code}/aliases/{aliasId}", RemoveAliasAsync)
            .WithName("RemoveAlias")
            .Needs(Scope.Admin)
            .WithSummary("Removes a name that was added")
            .WithDescription("What was mapped by it stays mapped. Takes no If-Match: an added name never changes.");
    }

    private static Ok<ClassifyAnswer> ClassifyTexts([FromBody] ClassifyRequest request, CompetencyVocabulary vocabulary, ReferenceCatalog reference) =>
        TypedResults.Ok(new ClassifyAnswer([.. request.Texts.Select(t => new ClassifiedText(t.Text, ToItems(vocabulary.Classify(t.Text), reference.Tree)))]));

    private static async Task<Results<Ok<UnmappedList>, InvalidProblem>> ListUnmappedWordsAsync(
        [AsParameters] UnmappedQuery query,
        WaitingWords waiting,
        CompetencyVocabulary vocabulary,
        ReferenceCatalog reference,
        HttpContext context,
        CancellationToken cancellation)
    {
        var after = query.Cursor is null ? null : Paging.Decode<UnmappedPosition>(query.Cursor);
        if (query.Cursor is not null && after is null)
        {
            return Paging.BadCursor();
        }

        var limit = query.Limit ?? Paging.DefaultLimit;
        var found = await waiting.FindPageAsync(after, limit + 1, cancellation);
        var next = found.Count > limit ? Paging.Next(context, Paging.Encode(new UnmappedPosition(found[limit - 1].Count, found[limit - 1].Folded))) : null;
        return TypedResults.Ok(new UnmappedList(
            [.. found.Take(limit).Select(w => new UnmappedItem(w.Text, w.Count, w.EnterpriseId, ToItems(vocabulary.Guess(w.Text, Guesses), reference.Tree)))],
            next));
    }

    private static async Task<Results<Created<AddedAlias>, NotFoundProblem, ConflictProblem>> AddAliasAsync(
        string code,
        [FromBody] AliasRequest request,
        ReferenceCatalog reference,
        CompetencyVocabulary vocabulary,
        AliasStore aliases,
        WaitingWords waiting,
        CancellationToken cancellation)
    {
        if (!reference.Tree.Contains(code))
        {
            return new NotFoundProblem("competency", code);
        }

        var text = request.Text.Trim();
        if (vocabulary.FindNamed(text) is { } named)
        {
            return NameTaken(text, named.Code);
        }

        return await aliases.AddAsync(code, request.Lang, text, cancellation) is { } alias
            ? TypedResults.Created($"/v1/competencies/{code}/aliases/{alias.Id}", new AddedAlias(alias.Id, code, alias.Lang, alias.Text, await waiting.MapAsync(cancellation)))
            : NameTaken(text, vocabulary.FindNamed(text)?.Code ?? code);
    }

    private static async Task<Results<NoContent, NotFoundProblem>> RemoveAliasAsync(string code, string aliasId, AliasStore aliases, CancellationToken cancellation) =>
        await aliases.RemoveAsync(code, aliasId, cancellation) ? TypedResults.NoContent() : new NotFoundProblem("added alias", aliasId);

    private static ConflictProblem NameTaken(string text, string code) =>
        new("alias-taken", "The name has a meaning already.", $"'{text}' names {code}.", [new FieldError("body", "text", $"'{text}' names {code}.", [code])]);

    private static IReadOnlyList<ClassifiedCode> ToItems(IReadOnlyList<ClassifiedCompetency> found, CompetencyTree tree) =>
        [.. found.Select(f => new ClassifiedCode(f.Code, tree.Find(f.Code)!.LabelEn, tree.Find(f.Code)!.LabelRu, Math.Round(f.Confidence, 3), f.Words))];
}

/// <summary>Phrases to classify.</summary>
internal sealed record ClassifyRequest
{
    [Required, Length(1, ClassifyRequestValidator.MaxTexts), Description("The phrases, 1 to 1,000.")]
    public IReadOnlyList<TextToClassify> Texts { get; init; } = [];
}

/// <summary>A phrase.</summary>
internal sealed record TextToClassify
{
    [Required, Length(1, ClassifyRequestValidator.MaxText), Description("What an enterprise makes, does or looks for, in its own words.")]
    public string Text { get; init; } = "";

    [Description("The language it is written in. A hint for people: each word is read by its alphabet, and Russian in Latin letters is understood.")]
    public Language? Lang { get; init; }
}

internal sealed class ClassifyRequestValidator : AbstractValidator<ClassifyRequest>
{
    public const int MaxTexts = 1000;
    public const int MaxText = 300;

    public ClassifyRequestValidator()
    {
        RuleFor(r => r.Texts).Must(t => t.Count is >= 1 and <= MaxTexts).WithMessage($"Send 1 to {MaxTexts} texts.");
        RuleFor(r => r.Texts).Must(t => t.All(e => e is not null)).WithMessage("A text is null.");
        RuleForEach(r => r.Texts).ChildRules(text => text.RuleFor(t => t.Text)
            .Must(t => !string.IsNullOrWhiteSpace(t) && t.CountCharacters() <= MaxText)
            .WithMessage($"The text has 1 to {MaxText} characters and is not blank.")).When(r => r.Texts.Count <= MaxTexts);
    }
}

/// <summary>What the phrases mean, in their order.</summary>
internal sealed record ClassifyAnswer(IReadOnlyList<ClassifiedText> Items);

/// <summary>A phrase with what it means.</summary>
/// <param name="Text">The phrase.</param>
/// <param name="Codes">The surest first; empty where the service does not know.</param>
internal sealed record ClassifiedText(string Text, IReadOnlyList<ClassifiedCode> Codes);

/// <summary>A competency that a phrase means.</summary>
/// <param name="Code">Its code.</param>
/// <param name="Label">Its English label.</param>
/// <param name="LabelRu">Its Russian label.</param>
/// <param name="Confidence">How probably the phrase means it or something under it, in (0,1].</param>
/// <param name="Words">The words that decided, as written.</param>
internal sealed record ClassifiedCode(string Code, string Label, string LabelRu, double Confidence, IReadOnlyList<string> Words);

/// <summary>Which page of the waiting words.</summary>
internal sealed record UnmappedQuery([FromQuery(Name = "limit")] int? Limit, [FromQuery(Name = "cursor")] string? Cursor);

internal sealed class UnmappedQueryValidator : AbstractValidator<UnmappedQuery>
{
    public UnmappedQueryValidator() => RuleFor(q => q.Limit).IsLimit();
}

/// <summary>A page of waiting words.</summary>
internal sealed record UnmappedList(IReadOnlyList<UnmappedItem> Items, string? Next);

/// <summary>Words that mean no competency yet.</summary>
/// <param name="Text">The words, as one profile writes them.</param>
/// <param name="Profiles">How many profiles wait.</param>
/// <param name="Example">The id of one of them.</param>
/// <param name="Nearest">What comes nearest, too unsure to be taken.</param>
internal sealed record UnmappedItem(string Text, long Profiles, string Example, IReadOnlyList<ClassifiedCode> Nearest);

/// <summary>A name to add.</summary>
internal sealed record AliasRequest
{
    [Required, Length(AliasRequestValidator.MinText, AliasRequestValidator.MaxText), Description("The name, as people write it.")]
    public string Text { get; init; } = "";

    [Description("The language it is written in.")]
    public required Language Lang { get; init; }
}

internal sealed class AliasRequestValidator : AbstractValidator<AliasRequest>
{
    public const int MinText = 2;
    public const int MaxText = 200;

    public AliasRequestValidator() => RuleFor(a => a.Text)
        .Must(t => t.CountCharacters() is >= MinText and <= MaxText && TextFolding.Fold(t).Length >= MinText)
        .WithMessage($"A name has {MinText} to {MaxText} characters, letters or digits among them.");
}

/// <summary>A name that was added.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Code">The competency.</param>
/// <param name="Lang">Its language.</param>
/// <param name="Text">The name.</param>
/// <param name="MappedProfiles">How many waiting profiles it mapped.</param>
internal sealed record AddedAlias(string Id, string Code, Language Lang, string Text, int MappedProfiles);
