using System.Diagnostics;
using System.Globalization;
using PartnerMatch.Benchmarks.Generating;
using PartnerMatch.Benchmarks.Measuring;
using PartnerMatch.Ranking.Profiles;
using PartnerMatch.Ranking.Scoring;

namespace PartnerMatch.Benchmarks.Comparing;

/// <summary>One run over the same generated data: the product beside whatever else could answer the same question.</summary>
internal sealed class Comparison(int queries, TimeSpan budget)
{
    /// <summary>How many partners a query asks for.</summary>
    public const int Top = 20;

    /// <summary>Sums of some sixty single-precision numbers, in different orders.</summary>
    private const double Tolerance = 1e-4;
    private const int CheckedByBruteForce = 3;
    private const int LargestBruteForce = 10_000;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(1.5);

    private readonly World _world = World.Generated();
    private readonly List<Row> _rows = [];
    private readonly List<string> _notes = [];

    public void Run(IReadOnlyList<int> sizes, string command, FileInfo? file)
    {
        using var postgres = PostgresCluster.Start(out var reason);
        foreach (var size in sizes)
        {
            Measure(size, postgres);
        }

        if (postgres is null)
        {
            _notes.Add(reason);
            Console.WriteLine(reason);
        }

        var plain = _rows.Where(r => r.Name == "plain loop").ToDictionary(r => r.Candidates, r => r.Latencies.P50);
        var results = new Results("Comparison", command)
            .Say("""
                Top 20 of one subject's query, one query at a time. `product, whole ranking` is the joint venture with its default weights as the API answers it: the subject's expansion, all ten
                components in both directions, and the twenty explained in sentences. All others answer the same weighted sum `S = sum_u (q[u] n[u] O[u])^p`, the linear part of supply: who meets the
                subject's needs; the run checks that all give the same twenty sums, and, for three subjects at up to 10,000 candidates, that the whole ranking is the first of the full sort. The product answers it through `EnterpriseIndex.RankScores`
                (form supplier, the subject as buyer, supply the only weight), exactly scored. Needs lie on one cut of the generated tree, so that none lies above another and the sum is plain.
                """)
            .Say(string.Join("\n", _notes.Select(n => "- " + n)))
            .Table(
                ["candidates", "engine", "queries", "p50 ms", "p99 ms", "p50 / plain loop", "set-up s", "largest difference of sums"],
                _rows.Select(r => (IReadOnlyList<object?>)[r.Candidates, r.Name, r.Latencies.Count, r.Latencies.P50, r.Latencies.P99, r.Latencies.P50 / plain[r.Candidates], r.SetUp.TotalSeconds, r.Difference?.ToString("0.0e0", CultureInfo.InvariantCulture)]));
        if (sizes.Count > 1)
        {
            results
                .Say("Growth: how many times the cost grows from size to size; less than the candidates where the last column says so.")
                .Table(["engine", .. sizes.Select(s => s.ToString("N0", CultureInfo.InvariantCulture) + ", p50 ms"), "cost grows", "candidates grow"], _rows.GroupBy(r => r.Name).Where(g => g.Count() == sizes.Count).Select(ToGrowth));
        }

        results.Publish(file);

        IReadOnlyList<object?> ToGrowth(IGrouping<string, Row> rows)
        {
            double[] costs = [.. rows.Select(r => r.Latencies.P50)];
            return [rows.Key, .. costs.Cast<object?>(), costs[^1] / costs[0], (double)sizes[^1] / sizes[0]];
        }
    }

    private void Measure(int size, PostgresCluster? postgres)
    {
        var candidates = _world.Candidates(size);
        var subjects = _world.Subjects(queries);
        var began = Stopwatch.GetTimestamp();
        var directory = _world.Directory(candidates.Concat(subjects));
        var scarcity = directory.Current.ScarcityIn(_world.Corridor);
        var indexed = Stopwatch.GetElapsedTime(began);
        var ranker = new PartnerRanker(_world.Knowledge);
        Subject[] asking = [.. subjects.Select(s => Subject.Of(s, _world, scarcity))];
        began = Stopwatch.GetTimestamp();
        var table = ImpactTable.Of(_world, candidates);
        var expanded = Stopwatch.GetElapsedTime(began);
        var postings = asking.Average(s => s.Codes.Sum(c => (double)(table.Starts[c + 1] - table.Starts[c])));
        _notes.Add(string.Create(
            CultureInfo.InvariantCulture,
            $"{size:N0} candidates: {(double)table.Impacts.Length / size:0.0} expanded competencies each from {candidates.Average(c => c.Offers.Count):0.0} offers, {_world.Knowledge.Tree.Count:N0} competencies, {asking.Average(s => s.Codes.Length):0.0} terms and {postings:N0} postings a query; the product's columns hold {directory.Current.Index.ColumnBytes / (double)(size + queries):0} bytes an enterprise."));
        Console.WriteLine(_notes[^1]);

        var whole = new WholeRanking(_world, directory, ranker);
        Add("product, whole ranking", size, Latencies.Measure(queries, q => whole.Answer(subjects[q]), WarmUp, budget), indexed, null);
        if (size <= LargestBruteForce)
        {
            CheckByBruteForce(whole, subjects, candidates);
        }

        using var plain = new PlainLoop(table);
        var expected = asking.Select(plain.Best).ToArray();
        Compete(() => new LinearPart(_world, directory.Current.Index, scarcity, ranker), indexed);
        Compete(() => new PlainLoop(table), expanded);
        Compete(() => new LuceneIndex(table), expanded);
        Compete(() => new SqliteSum(table), expanded);
        if (postgres is not null)
        {
            Compete(() => new PostgresSum(postgres, table), expanded);
        }

        void Compete(Func<IContender> create, TimeSpan setUp)
        {
            var start = Stopwatch.GetTimestamp();
            using var contender = create();
            setUp += Stopwatch.GetElapsedTime(start);
            var answers = new double[]?[queries];
            var latencies = Latencies.Measure(queries, q => answers[q] = contender.Best(asking[q]), WarmUp, budget);
            Add(contender.Name, size, latencies, setUp, Disagreement(expected, answers));
        }
    }

    private void Add(string name, int size, Latencies latencies, TimeSpan setUp, double? difference)
    {
        _rows.Add(new Row(name, size, latencies, setUp, difference));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{size,9:N0} {name,-24} p50 {latencies.P50,9:0.000} ms  p99 {latencies.P99,9:0.000} ms  {latencies.Count} queries  difference {difference:0.0e0}"));
    }

    /// <summary>The largest relative difference of any sum; throws where an engine did not answer the same question.</summary>
    private static double Disagreement(double[][] expected, double[]?[] answers)
    {
        var largest = 0.0;
        foreach (var (query, answer) in answers.Index().Where(a => a.Item is not null))
        {
            if (answer!.Length != expected[query].Length)
            {
                throw new InvalidOperationException($"Query {query}: {answer.Length} answers in the place of {expected[query].Length}.");
            }

            foreach (var (sum, wanted) in answer.Zip(expected[query]))
            {
                largest = Math.Max(largest, Math.Abs(sum - wanted) / wanted);
            }
        }

        return largest <= Tolerance ? largest : throw new InvalidOperationException($"The sums differ by {largest:0.0e0}: not the same question, or not exact.");
    }

    private void CheckByBruteForce(WholeRanking whole, EnterpriseProfile[] subjects, EnterpriseProfile[] candidates)
    {
        ExpandedProfile[] expanded = [.. candidates.Select(_world.Knowledge.Expand)];
        foreach (var subject in subjects.Take(CheckedByBruteForce))
        {
            var list = whole.Answer(subject).Items.Select(m => (m.Enterprise.Id, m.Score));
            if (!list.SequenceEqual(whole.BruteForce(subject, expanded)))
            {
                throw new InvalidOperationException($"The list of {subject.Id} is not the first of the full sort.");
            }
        }
    }

    private sealed record Row(string Name, int Candidates, Latencies Latencies, TimeSpan SetUp, double? Difference);
}
