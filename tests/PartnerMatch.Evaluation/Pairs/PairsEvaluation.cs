using PartnerMatch.Api.Enterprises;
using PartnerMatch.Api.Http;
using PartnerMatch.Api.Matches;
using PartnerMatch.Classification;
using PartnerMatch.Evaluation.Inputs;
using PartnerMatch.Evaluation.Reporting;
using PartnerMatch.Evaluation.Statistics;
using PartnerMatch.Ranking.Components;
using PartnerMatch.Ranking.Scoring;

namespace PartnerMatch.Evaluation.Pairs;

/// <summary>
/// Measures how high true partners stand in each other's lists. Candidates of a partner are those of the file's other side and the sample's
/// other side; a sample enterprise that is a loaded partner under another id, and the further true partners of the one who asks, are taken
/// out of the list. Both directions of a pair are averaged.
/// </summary>
internal sealed class PairsEvaluation(Workbench workbench, IMatchSource source)
{
    private const string Product = "PartnerMatch";
    private static readonly string[] Methods = [Product, "random", "cosine of activity and codes", "BM25 on shared words"];

    /// <summary>Values that differ by less are equal: the order of additions must not decide.</summary>
    private const double Same = 1e-9;

    /// <inheritdoc cref="MeasureAsync(PairSet)"/>
    public async Task<IReadOnlyList<PairOutcome>> MeasureAsync(IEnumerable<PairSet> sets)
    {
        var outcomes = new List<PairOutcome>();
        foreach (var set in sets)
        {
            outcomes.AddRange(await MeasureAsync(set));
        }

        return outcomes;
    }

    /// <summary>Measures a file in the joint-venture form and in the forms that its kinds name.</summary>
    public async Task<IReadOnlyList<PairOutcome>> MeasureAsync(PairSet set)
    {
        await source.LoadAsync(set.Partners);
        var everybody = (await source.FindEnterprisesAsync()).ToDictionary(e => e.Id, StringComparer.Ordinal);
        var baselines = new Baselines(everybody.Values, workbench.Reference.Tree);
        var outcomes = new List<PairOutcome>();
        foreach (var pair in set.Pairs)
        {
            foreach (var form in new[] { CooperationForm.JointVenture, pair.Form }.Distinct())
            {
                var there = await PlaceAsync(set, everybody, baselines, pair.First, pair.Second, form);
                var back = await PlaceAsync(set, everybody, baselines, pair.Second, pair.First, form);
                outcomes.Add(new PairOutcome(set.Name, pair, form, there, back, everybody[source.IdOf(pair.First)], everybody[source.IdOf(pair.Second)]));
            }
        }

        return outcomes;
    }

    /// <summary>The figures beside the baselines, and how sure the difference is.</summary>
    public static Report ToReport(IReadOnlyList<PairOutcome> outcomes)
    {
        var report = new Report();
        var figures = report.Add(
            "True pairs",
            "MRR: mean reciprocal rank. R@k: share of partners among the first k. NDCG: at 10. Percentile: share of the other candidates below the partner. 95% intervals by bootstrap over pairs (2,000 resamples). " +
            "Ties count their mean rank (PartnerMatch decides equal scores by confidence first); random is the exact expectation over the same lists.",
            ["pairs of", "form", "pairs", "candidates", "method", "MRR", "R@1", "R@5", "R@10", "NDCG", "percentile"]);
        var differences = report.Add(
            "Difference in reciprocal rank",
            "PartnerMatch less the baseline, pair by pair; paired bootstrap, 95% interval.",
            ["pairs of", "form", "random", "cosine of activity and codes", "BM25 on shared words"]);
        foreach (var (name, form, some) in GroupsOf(outcomes))
        {
            var candidates = some.Average(o => (o.There.Candidates + o.Back.Candidates) / 2.0);
            foreach (var (at, method) in Methods.Index())
            {
                var means = some.Select(o => o.Figures(at)).ToArray();
                Interval Of(Func<RankFigures, double> figure) => Bootstrap.MeanOf([.. means.Select(figure)]);
                figures.Add(
                    name, form, some.Length, (int)Math.Round(candidates), method, Of(f => f.Reciprocal), Of(f => f.First), Of(f => f.FirstFive), Of(f => f.FirstTen), Of(f => f.Gain), Of(f => f.Percentile));
            }

            differences.Add([name, form, .. Enumerable.Range(1, Methods.Length - 1).Select(m => (object?)Bootstrap.MeanOf([.. some.Select(o => o.Figures(0).Reciprocal - o.Figures(m).Reciprocal)]))]);
        }

        return report;
    }

    /// <summary>What each component is worth: without it, the other weights as they were.</summary>
    public static async Task<Report> AblateAsync(Workbench workbench, IReadOnlyList<PairSet> sets)
    {
        var report = new Report();
        var table = report.Add(
            "Ablation",
            "The joint-venture form for joint ventures, the form that the kind names for links. Worth: the figure with all components less the figure without the one, 95% interval by paired bootstrap; below 0 the component hurts on these pairs.",
            "pairs of",
            "without",
            "MRR",
            "worth in MRR",
            "NDCG",
            "worth in NDCG");
        await using var library = new LibrarySource(workbench);
        foreach (var set in sets)
        {
            await library.LoadAsync(set.Partners);
            var evaluation = new PairsEvaluation(workbench, library);
            var everybody = (await library.FindEnterprisesAsync()).ToDictionary(e => e.Id, StringComparer.Ordinal);
            var whole = evaluation.MeasureWithout(set, library, everybody, null);
            table.Add(set.Name, "nothing", whole.Average(f => f.Reciprocal), null, whole.Average(f => f.Gain), null);
            foreach (var component in ComponentRegistry.Names)
            {
                var without = evaluation.MeasureWithout(set, library, everybody, component);
                var ranks = Bootstrap.MeanOf([.. whole.Zip(without, (w, o) => w.Reciprocal - o.Reciprocal)]);
                var gains = Bootstrap.MeanOf([.. whole.Zip(without, (w, o) => w.Gain - o.Gain)]);
                table.Add(set.Name, component, without.Average(f => f.Reciprocal), ranks, without.Average(f => f.Gain), gains);
            }
        }

        return report;
    }

    /// <summary>The pairs whose partners stand lowest, with what the words were taken for and why another stands first.</summary>
    public Report ToWorst(IReadOnlyList<PairOutcome> outcomes, int count)
    {
        var report = new Report();
        var table = report.Add(
            $"The {count} pairs that stand lowest",
            "In the form that the kind names. Ranks: of the second partner in the first one's list, and the other way round.",
            "pair",
            "form",
            "ranks",
            "words of the first",
            "words of the second",
            "the true partner",
            "who stands first instead");
        foreach (var outcome in outcomes.Where(o => o.Form == o.Pair.Form).OrderBy(o => o.Figures(0).Percentile).ThenBy(o => o.Pair.First.Key, StringComparer.Ordinal).Take(count))
        {
            table.Add(
                $"{outcome.Pair.First.Name} + {outcome.Pair.Second.Name}",
                Kebab.Of(outcome.Form),
                FormattableString.Invariant($"{outcome.There.Rank:0.#} and {outcome.Back.Rank:0.#} of {outcome.There.Candidates} and {outcome.Back.Candidates}"),
                WordsOf(outcome.First),
                WordsOf(outcome.Second),
                $"{Explain(outcome.There.True)} / back: {Explain(outcome.Back.True)}",
                $"{Explain(outcome.There.Top)} / back: {Explain(outcome.Back.Top)}");
        }

        return report;
    }

    /// <summary>Both directions of every pair in its own form, averaged, by the form's weights without one component.</summary>
    private RankFigures[] MeasureWithout(PairSet set, LibrarySource library, Dictionary<string, Enterprise> everybody, string? component) =>
        [.. set.Pairs.Select(p =>
        {
            var profile = workbench.Reference.FormOf(p.Form).Profile;
            if (component is not null)
            {
                profile = profile.WithWeights(profile.Weights.ToDictionary(w => w.Key, w => w.Key == component ? 0 : Math.Abs(w.Value), StringComparer.Ordinal));
            }

            return RankFigures.MeanOf([Of(p.First, p.Second), Of(p.Second, p.First)]);

            RankFigures Of(Partner asks, Partner partner)
            {
                var candidates = library.Rank(asks, profile).Where(IsCandidate(set, everybody, asks, partner)).ToArray();
                return RankFigures.Of(RankOf(library.IdOf(partner), candidates), candidates.Length);
            }
        })];

    private async Task<Place> PlaceAsync(PairSet set, Dictionary<string, Enterprise> everybody, Baselines baselines, Partner asks, Partner partner, CooperationForm form)
    {
        var candidates = (await source.RankAsync(asks, form)).Where(IsCandidate(set, everybody, asks, partner)).ToArray();
        var ids = candidates.Select(c => c.Id).ToArray();
        var subject = source.IdOf(asks);
        var id = source.IdOf(partner);
        var rank = RankOf(id, candidates);
        return new Place(
            rank,
            candidates.Length,
            [
                RankFigures.Of(rank, candidates.Length),
                RankFigures.OfChance(candidates.Length),
                RankFigures.Of(RankOf(id, ids, baselines.Cosine(subject)), candidates.Length),
                RankFigures.Of(RankOf(id, ids, baselines.SharedWords(subject, ids)), candidates.Length),
            ],
            candidates.Single(c => c.Id == id),
            candidates.First(c => c.Id != id));
    }

    private Func<RankedCandidate, bool> IsCandidate(PairSet set, Dictionary<string, Enterprise> everybody, Partner asks, Partner partner)
    {
        var loaded = set.Partners.Select(source.IdOf).ToHashSet();
        var names = set.Partners.Where(p => p.Side != asks.Side).SelectMany(p => NamesOf(p.Name)).ToHashSet();
        var others = set.Pairs.Where(p => p.First == asks || p.Second == asks).Select(p => p.First == asks ? p.Second : p.First).Where(p => p != partner).Select(source.IdOf).ToHashSet();
        return candidate => !others.Contains(candidate.Id) && (loaded.Contains(candidate.Id) || !NamesOf(everybody[candidate.Id].Name).Any(names.Contains));
    }

    /// <summary>The names that are plain: the whole, the part before a bracket, the part in it.</summary>
    private static IEnumerable<string> NamesOf(string name)
    {
        var open = name.IndexOf('(', StringComparison.Ordinal);
        var close = name.LastIndexOf(')');
        string[] names = open > 0 && close > open ? [name, name[..open], name[(open + 1)..close]] : [name];
        return names.Select(TextFolding.Fold).Where(n => n.Length > 2).Distinct();
    }

    private static double RankOf(string id, IReadOnlyList<RankedCandidate> candidates)
    {
        var own = candidates.Single(c => c.Id == id);
        var order = candidates.Select(c => Math.Abs(c.Value - own.Value) > Same ? c.Value.CompareTo(own.Value) : Math.Abs(c.Confidence - own.Confidence) > Same ? c.Confidence.CompareTo(own.Confidence) : 0).ToArray();
        return MeanRank(order.Count(o => o > 0), order.Count(o => o == 0));
    }

    private static double RankOf(string id, IReadOnlyList<string> candidates, Func<string, double> score)
    {
        var own = score(id);
        var scores = candidates.Select(score).ToArray();
        return MeanRank(scores.Count(s => s > own + Same), scores.Count(s => Math.Abs(s - own) <= Same));
    }

    private static double MeanRank(int above, int equal) => above + ((equal + 1) / 2.0);

    /// <summary>Each file by form, and the pairs of each file in the form that their kinds name.</summary>
    private static IEnumerable<(string Name, string Form, PairOutcome[] Outcomes)> GroupsOf(IReadOnlyList<PairOutcome> outcomes)
    {
        foreach (var set in outcomes.GroupBy(o => o.Set))
        {
            foreach (var form in set.GroupBy(o => o.Form).OrderBy(g => g.Key))
            {
                yield return (set.Key, Kebab.Of(form.Key), [.. form]);
            }

            if (set.Any(o => o.Form != CooperationForm.JointVenture))
            {
                yield return (set.Key, "as the kind names", [.. set.Where(o => o.Form == o.Pair.Form)]);
            }
        }

        if (outcomes.Select(o => o.Set).Distinct().Count() > 1)
        {
            yield return ("all files", Kebab.Of(CooperationForm.JointVenture), [.. outcomes.Where(o => o.Form == CooperationForm.JointVenture)]);
            yield return ("all files", "as the kind names", [.. outcomes.Where(o => o.Form == o.Pair.Form)]);
        }
    }

    private string WordsOf(Enterprise enterprise) => string.Join("; ", enterprise.Offers
        .GroupBy(o => o.Text)
        .Select(g => $"{g.Key} = {string.Join(", ", g.Select(o => o.Code is null ? "nothing" : FormattableString.Invariant($"{o.Code} {workbench.Reference.Tree.Find(o.Code)!.LabelEn} {o.Confidence:0.00}")))}"));

    private static string Explain(RankedCandidate candidate)
    {
        var match = candidate.Explain();
        return FormattableString.Invariant($"{match.Enterprise.Name} {candidate.Value:0.0}: {match.Summary} ({string.Join(", ", match.Contributions.Where(c => c.Points != 0).Select(ToText))})");

        static string ToText(MatchContribution contribution) => FormattableString.Invariant($"{contribution.Component} {contribution.Points:0.0}");
    }
}

/// <summary>Where a true partner stands in one list.</summary>
/// <param name="Rank">By the product.</param>
/// <param name="Candidates">How many stand in the list.</param>
/// <param name="ByMethod">The figures of the product and of each baseline.</param>
/// <param name="True">The true partner.</param>
/// <param name="Top">The best of the others.</param>
internal sealed record Place(double Rank, int Candidates, RankFigures[] ByMethod, RankedCandidate True, RankedCandidate Top);

/// <summary>A pair measured in one form, both ways.</summary>
internal sealed record PairOutcome(string Set, TruePair Pair, CooperationForm Form, Place There, Place Back, Enterprise First, Enterprise Second)
{
    public RankFigures Figures(int method) => RankFigures.MeanOf([There.ByMethod[method], Back.ByMethod[method]]);
}
