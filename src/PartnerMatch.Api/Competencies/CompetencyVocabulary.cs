using Microsoft.Extensions.Caching.Memory;
using PartnerMatch.Api.Reference;
using PartnerMatch.Classification;
using PartnerMatch.Ranking.Explaining;
using PartnerMatch.Ranking.Taxonomy;

namespace PartnerMatch.Api.Competencies;

/// <summary>What competencies are called: the names of the reference data and those that staff added. Searches and classifies by them.</summary>
internal sealed class CompetencyVocabulary(ReferenceCatalog reference) : IDisposable
{
    private const int CachedTexts = 50_000;
    private readonly MemoryCache _classified = new(new MemoryCacheOptions { SizeLimit = CachedTexts });
    private readonly CompetencyClassifier _own = new(reference.Tree);
    private volatile Names? _current;
    private int _generation;

    /// <summary>Counts how often aliases were taken over.</summary>
    public int Generation => Volatile.Read(ref _generation);

    private Names Current => _current ?? throw new InvalidOperationException("The vocabulary is not loaded yet.");

    /// <summary>Takes over the aliases of the database; texts that are classified from now on may mean them.</summary>
    public void Load(IReadOnlyList<CompetencyAlias> added)
    {
        _current = new Names(reference, _own, added);
        Interlocked.Increment(ref _generation);

        // What is kept of the names before would keep all of them in memory.
        _classified.Clear();
    }

    /// <summary>The competencies that a text means, the surest first.</summary>
    public IReadOnlyList<ClassifiedCompetency> Classify(string text)
    {
        var names = Current;
        return _classified.GetOrCreate((names, text), entry =>
        {
            entry.Size = 1;
            return names.Classifier.Classify(text);
        })!;
    }

    /// <summary>What comes nearest to a text that means no competency surely enough.</summary>
    public IReadOnlyList<ClassifiedCompetency> Guess(string text, int limit) => Current.Classifier.Classify(text, limit, threshold: 0.05);

    /// <summary>Finds competencies by the beginnings of words.</summary>
    public IEnumerable<Competency> Search(string query, Language? language) => Current.Search.Find(query, language);

    /// <summary>The competency with all its aliases.</summary>
    public Competency Complete(Competency competency) => Current.Complete(competency);

    /// <summary>The competency that already has this name, or null.</summary>
    public Competency? FindNamed(string name)
    {
        var folded = TextFolding.Fold(name);
        return Current.All.FirstOrDefault(c => c.AliasesEn.Append(c.LabelEn).Concat(c.AliasesRu).Append(c.LabelRu).Any(n => TextFolding.Fold(n) == folded));
    }

    public void Dispose() => _classified.Dispose();

    private sealed class Names
    {
        private readonly ILookup<string, CompetencyAlias> _added;

        public Names(ReferenceCatalog reference, CompetencyClassifier own, IReadOnlyList<CompetencyAlias> added)
        {
            _added = added.ToLookup(a => a.Code, StringComparer.Ordinal);
            All = [.. reference.Tree.Competencies.Select(Complete)];
            Search = new CompetencySearch(All);
            Classifier = own.With(added.Where(a => reference.Tree.Contains(a.Code)).Select(a => new CompetencyName(a.Code, a.Text)));
        }

        public IReadOnlyList<Competency> All { get; }

        public CompetencySearch Search { get; }

        public CompetencyClassifier Classifier { get; }

        public Competency Complete(Competency competency) => !_added.Contains(competency.Code) ? competency : competency with
        {
            AliasesEn = [.. competency.AliasesEn, .. _added[competency.Code].Where(a => a.Lang == Language.En).Select(a => a.Text)],
            AliasesRu = [.. competency.AliasesRu, .. _added[competency.Code].Where(a => a.Lang == Language.Ru).Select(a => a.Text)],
        };
    }
}

/// <summary>A name that staff gave to a competency.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Code">The competency.</param>
/// <param name="Lang">The language it is written in.</param>
/// <param name="Text">The name.</param>
/// <param name="CreatedAt">When it was added.</param>
internal sealed record CompetencyAlias(string Id, string Code, Language Lang, string Text, DateTimeOffset CreatedAt);
