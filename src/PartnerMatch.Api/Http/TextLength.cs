using FluentValidation;

namespace PartnerMatch.Api.Http;

/// <summary>How long a text is, in code points, as JSON Schema and so the document count: an emoji is one character, and two of <see cref="string.Length"/>.</summary>
internal static class TextLength
{
    /// <summary>The number of code points.</summary>
    public static int CountCharacters(this string text) => text.EnumerateRunes().Count();

    /// <summary>At most so many characters, or no text at all.</summary>
    public static IRuleBuilderOptions<T, string?> HasAtMost<T>(this IRuleBuilder<T, string?> rule, int characters) =>
        rule.Must(text => text is null || text.Length <= characters || text.CountCharacters() <= characters).WithMessage($"The text has at most {characters} characters.");
}
