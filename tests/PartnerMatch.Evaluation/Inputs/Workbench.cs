using PartnerMatch.Api.Competencies;
using PartnerMatch.Api.Enterprises;
using PartnerMatch.Api.Reference;

namespace PartnerMatch.Evaluation.Inputs;

/// <summary>The product's own parts, put together as the service does at its start, with no alias of staff.</summary>
internal sealed class Workbench : IDisposable
{
    private Workbench(ReferenceCatalog reference)
    {
        Reference = reference;
        Vocabulary = new CompetencyVocabulary(reference);
        Vocabulary.Load([]);
        Words = new WordsToCodes(Vocabulary);
    }

    public ReferenceCatalog Reference { get; }

    public CompetencyVocabulary Vocabulary { get; }

    /// <summary>The public path from words to codes.</summary>
    public WordsToCodes Words { get; }

    public static string DbFolder => Path.Combine(AppContext.BaseDirectory, "db");

    public static Workbench Open() => new(ReferenceFiles.Load(Path.Combine(DbFolder, "reference")));

    public void Dispose() => Vocabulary.Dispose();
}
