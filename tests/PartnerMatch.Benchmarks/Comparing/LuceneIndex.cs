using System.Globalization;
using Lucene.Net.Index;
using Lucene.Net.Search;
using Lucene.Net.Search.Similarities;
using Lucene.Net.Store;
using Lucene.Net.Util;
using Directory = System.IO.Directory;

namespace PartnerMatch.Benchmarks.Comparing;

/// <summary>
/// Lucene.NET with one boosted optional clause a term. The impact of a posting is stored as its term frequency, in 65,535ths: the fastest place that
/// Lucene has for a number of a posting, read without positions or payloads. The segment is written by Lucene from postings that are at hand.
/// One segment, mapped into memory.
/// </summary>
internal sealed class LuceneIndex : IContender
{
    private const string Field = "competency";
    private readonly string _folder = Directory.CreateTempSubdirectory("partnermatch-lucene-").FullName;
    private readonly MMapDirectory _directory;
    private readonly DirectoryReader _reader;
    private readonly IndexSearcher _searcher;

    public LuceneIndex(ImpactTable table)
    {
        _directory = new MMapDirectory(_folder);
        using (var writer = new IndexWriter(_directory, new IndexWriterConfig(LuceneVersion.LUCENE_48, null)))
        using (var postings = new TableReader(table))
        {
            writer.AddIndexes(postings);
            writer.ForceMerge(1);
        }

        _reader = DirectoryReader.Open(_directory);
        _searcher = new IndexSearcher(_reader) { Similarity = new ImpactSimilarity() };
    }

    public string Name => "Lucene.NET";

    public double[] Best(Subject subject)
    {
        var query = new BooleanQuery(disableCoord: true);
        for (var term = 0; term < subject.Codes.Length; term++)
        {
            query.Add(new TermQuery(new Term(Field, TermOf(subject.Codes[term]))) { Boost = subject.Weights[term] }, Occur.SHOULD);
        }

        return [.. _searcher.Search(query, Comparison.Top).ScoreDocs.Select(d => (double)d.Score)];
    }

    public void Dispose()
    {
        _reader.Dispose();
        _directory.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static string TermOf(int code) => code.ToString("x4", CultureInfo.InvariantCulture);

    /// <summary>A clause scores its boost times the impact, and clauses add up.</summary>
    private sealed class ImpactSimilarity : Similarity
    {
        public override long ComputeNorm(FieldInvertState state) => 0;

        public override SimWeight ComputeWeight(float queryBoost, CollectionStatistics collectionStats, params TermStatistics[] termStats) => new BoostWeight(queryBoost / ushort.MaxValue);

        public override SimScorer GetSimScorer(SimWeight weight, AtomicReaderContext context) => new ImpactScorer(((BoostWeight)weight).Boost);

        private sealed class BoostWeight(float boost) : SimWeight
        {
            public float Boost => boost;

            public override float GetValueForNormalization() => 1;

            public override void Normalize(float queryNorm, float topLevelBoost)
            {
            }
        }

        private sealed class ImpactScorer(float boost) : SimScorer
        {
            public override float Score(int doc, float freq) => boost * freq;

            public override float ComputeSlopFactor(int distance) => 1;

            public override float ComputePayloadFactor(int doc, int start, int end, BytesRef payload) => 1;
        }
    }

    /// <summary>The table in the shape in which Lucene merges segments.</summary>
    private sealed class TableReader(ImpactTable table) : AtomicReader
    {
        public override Fields Fields => new TableFields(table);

        public override FieldInfos FieldInfos { get; } = new([new FieldInfo(Field, true, 0, false, true, false, IndexOptions.DOCS_AND_FREQS, DocValuesType.NONE, DocValuesType.NONE, null)]);

        public override IBits? LiveDocs => null;

        public override int NumDocs => table.Count;

        public override int MaxDoc => table.Count;

        public override NumericDocValues? GetNumericDocValues(string field) => null;

        public override BinaryDocValues? GetBinaryDocValues(string field) => null;

        public override SortedDocValues? GetSortedDocValues(string field) => null;

        public override SortedSetDocValues? GetSortedSetDocValues(string field) => null;

        public override IBits? GetDocsWithField(string field) => null;

        public override NumericDocValues? GetNormValues(string field) => null;

        public override Fields? GetTermVectors(int docID) => null;

        public override void Document(int docID, StoredFieldVisitor visitor)
        {
        }

        public override void CheckIntegrity()
        {
        }

        protected override void DoClose()
        {
        }
    }

    private sealed class TableFields(ImpactTable table) : Fields
    {
        public override int Count => 1;

        public override IEnumerator<string> GetEnumerator()
        {
            yield return Field;
        }

        public override Terms? GetTerms(string field) => field == Field ? new TableTerms(table) : null;
    }

    private sealed class TableTerms(ImpactTable table) : Terms
    {
        public override IComparer<BytesRef> Comparer => BytesRef.UTF8SortedAsUnicodeComparer;

        public override long Count => table.Starts.Length - 1;

        public override long SumTotalTermFreq => -1;

        public override long SumDocFreq => table.Enterprises.Length;

        public override int DocCount => table.Count;

        public override bool HasFreqs => true;

        public override bool HasOffsets => false;

        public override bool HasPositions => false;

        public override bool HasPayloads => false;

        public override TermsEnum GetEnumerator() => new TableTermsEnum(table);
    }

    /// <summary>The terms that have postings, in order; a merge only walks.</summary>
    private sealed class TableTermsEnum(ImpactTable table) : TermsEnum
    {
        private int _code = -1;

        public override BytesRef? Term => _code >= 0 && _code < table.Starts.Length - 1 ? new BytesRef(TermOf(_code)) : null;

        public override IComparer<BytesRef> Comparer => BytesRef.UTF8SortedAsUnicodeComparer;

        public override long Ord => _code;

        public override int DocFreq => table.Starts[_code + 1] - table.Starts[_code];

        public override long TotalTermFreq => -1;

        public override bool MoveNext()
        {
            do
            {
                _code++;
            }
            while (_code < table.Starts.Length - 1 && DocFreq == 0);
            return _code < table.Starts.Length - 1;
        }

        [Obsolete("Of the base class.")]
        public override BytesRef? Next() => MoveNext() ? Term : null;

        public override SeekStatus SeekCeil(BytesRef text) => throw new NotSupportedException();

        public override void SeekExact(long ord) => throw new NotSupportedException();

        public override DocsEnum Docs(IBits liveDocs, DocsEnum reuse, DocsFlags flags) => new TableDocs(table, table.Starts[_code], table.Starts[_code + 1]);

        public override DocsAndPositionsEnum? DocsAndPositions(IBits liveDocs, DocsAndPositionsEnum reuse, DocsAndPositionsFlags flags) => null;
    }

    private sealed class TableDocs(ImpactTable table, int from, int to) : DocsEnum
    {
        private int _at = from - 1;

        public override int Freq => Math.Max(1, (int)MathF.Round(table.Impacts[_at] * ushort.MaxValue));

        public override int DocID => _at < from ? -1 : _at < to ? table.Enterprises[_at] : NO_MORE_DOCS;

        public override int NextDoc()
        {
            _at++;
            return DocID;
        }

        public override int Advance(int target) => SlowAdvance(target);

        public override long GetCost() => to - from;
    }
}
