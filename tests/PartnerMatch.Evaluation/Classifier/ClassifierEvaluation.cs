using PartnerMatch.Classification;
using PartnerMatch.Evaluation.Inputs;
using PartnerMatch.Evaluation.Reporting;
using PartnerMatch.Evaluation.Statistics;

namespace PartnerMatch.Evaluation.Classifier;

/// <summary>Measures words to codes: on enterprises of known activity, on labelled phrases, and on phrases that mean nothing.</summary>
internal sealed class ClassifierEvaluation(Workbench workbench)
{
    private const int MistakesShown = 200;
    private static readonly CodeLevel[] AllLevels = [CodeLevel.Class, CodeLevel.Group, CodeLevel.Division];
    private static readonly SetHalf?[] AllHalves = [SetHalf.Development, SetHalf.HeldOut, null];

    /// <summary>Everything that needs no file from outside the project.</summary>
    public Report EvaluateOwn(bool withMistakes)
    {
        var report = new Report();
        AddPhrases(report, withMistakes);
        AddNonsense(report, withMistakes);
        return report;
    }

    /// <summary>The coded enterprises of the facts file.</summary>
    public Report EvaluateFacts(string factsFile, bool withMistakes)
    {
        var enterprises = CsvFiles.Read<FactsRow>(factsFile).Where(r => r.nace.Length == 4).Select(r => new CodedEnterprise(
            r.id,
            $"{r.nace[..2]}.{r.nace[2..]}",
            Halves.Of(r.id),
            [.. CsvFiles.Split(r.makes).Select(Classify)],
            [.. CsvFiles.Split(r.makes_ru).Select(Classify)])).ToArray();
        var report = new Report();
        AddActivities(report, enterprises);
        AddCalibration(report, enterprises);
        if (withMistakes)
        {
            AddMistakes(report, enterprises);
        }

        return report;
    }

    /// <summary>Share of labelled phrases whose surest code has the right class.</summary>
    public double PhraseAccuracy() => ReadPhrases().Average(p => p.HasRightClass ? 1.0 : 0);

    /// <summary>Share of meaningless phrases that get a code.</summary>
    public double NonsenseShare() => CsvFiles.Read<NonsenseRow>(CsvFiles.OwnFile("nonsense.csv")).Average(r => workbench.Vocabulary.Classify(r.text).Count > 0 ? 1.0 : 0);

    private static void AddActivities(Report report, CodedEnterprise[] enterprises)
    {
        var table = report.Add(
            "The enterprise's activity among the first codes of its words",
            "Share of enterprises whose given NACE code is the first, or among the first three, of its phrases' codes. Phrases add up by the sum of their confidences, the n-th of a list weighing 1/sqrt(n). Halves by SHA-256 of the id.",
            ["words", "half", "enterprises", "class top-1", "class top-3", "group top-1", "group top-3", "division top-1", "division top-3"]);
        foreach (var words in Enum.GetValues<WordsUsed>())
        {
            foreach (var half in AllHalves)
            {
                var some = enterprises.Where(e => half is null || e.Half == half).ToArray();
                var shares = AllLevels.SelectMany(level => new[] { 1, 3 }.Select(first => (object?)some.Average(e => e.IsAmong(first, words, level) ? 1.0 : 0)));
                table.Add([NameOf(words), Halves.NameOf(half), some.Length, .. shares]);
            }
        }
    }

    private static void AddCalibration(Report report, CodedEnterprise[] enterprises)
    {
        var table = report.Add(
            "Calibration on the enterprises' phrases",
            "Each phrase that gets a code claims by its surest one. The claim is right where that code and the enterprise's class lie on one path of the tree (for divisions: where the first two digits agree). " +
            "An enterprise makes more than its main class, so the error at class level is an upper bound. ECE: ten bins of equal width.",
            ["words", "half", "phrases", "with a code", "mean confidence", "right class", "ECE class", "right division", "ECE division"]);
        foreach (var words in Enum.GetValues<WordsUsed>())
        {
            foreach (var half in AllHalves)
            {
                var phrases = enterprises.Where(e => half is null || e.Half == half).SelectMany(e => e.Lists(words).SelectMany(l => l).Select(p => (e.Class, p.Codes))).ToArray();
                var answered = phrases.Where(p => p.Codes.Count > 0).Select(p => (p.Class, Surest: p.Codes[0])).ToArray();
                var byClass = answered.Select(p => new Claim(p.Surest.Confidence, Levels.OnOnePath(p.Surest.Code, p.Class))).ToArray();
                var byDivision = answered.Select(p => new Claim(p.Surest.Confidence, p.Surest.Code[..2] == p.Class[..2])).ToArray();
                table.Add(
                    NameOf(words),
                    Halves.NameOf(half),
                    phrases.Length,
                    answered.Length,
                    byClass.Average(c => c.Confidence),
                    byClass.Average(c => c.IsRight ? 1.0 : 0),
                    Calibration.ExpectedError(byClass),
                    byDivision.Average(c => c.IsRight ? 1.0 : 0),
                    Calibration.ExpectedError(byDivision));
            }
        }
    }

    private void AddMistakes(Report report, CodedEnterprise[] enterprises)
    {
        var table = report.Add(
            "Enterprises of the development half whose class does not come first",
            "By English and by Russian words alone; each phrase with its surest code.",
            ["enterprise", "class", "words", "first three", "phrases"]);
        foreach (var enterprise in enterprises.Where(e => e.Half == SetHalf.Development))
        {
            foreach (var words in new[] { WordsUsed.English, WordsUsed.Russian }.Where(w => !enterprise.IsAmong(1, w, CodeLevel.Class)))
            {
                table.Add(
                    enterprise.Id,
                    enterprise.Class,
                    NameOf(words),
                    string.Join(", ", enterprise.Rank(words, CodeLevel.Class).Take(3)),
                    string.Join("; ", enterprise.Lists(words).SelectMany(l => l).Select(p => $"{p.Text} = {Surest(p.Codes)}")));
            }
        }
    }

    private void AddPhrases(Report report, bool withMistakes)
    {
        var phrases = ReadPhrases();
        var table = report.Add(
            "Labelled phrases (data/phrases.csv)",
            "Precision: share of all codes returned at the default threshold whose class is an acceptable one. Recall: share of phrases with an acceptable class among their codes. " +
            "Top-1: share of phrases whose surest code has an acceptable class. Silence counts as wrong. Halves by SHA-256 of the text.",
            ["language", "half", "phrases", "silent", "precision", "recall", "top-1 class", "ECE"]);
        foreach (var language in phrases.Select(p => p.Language).Distinct().Order(StringComparer.Ordinal).Append(null))
        {
            foreach (var half in AllHalves)
            {
                var some = phrases.Where(p => (half is null || p.Half == half) && (language is null || p.Language == language)).ToArray();
                if (some.Length == 0)
                {
                    continue;
                }

                var codes = some.SelectMany(p => p.Codes.Select(c => p.Accepts(c.Code))).ToArray();
                table.Add(
                    language ?? "all",
                    Halves.NameOf(half),
                    some.Length,
                    some.Count(p => p.Codes.Count == 0),
                    codes.Length == 0 ? 0 : codes.Average(c => c ? 1.0 : 0),
                    some.Average(p => p.Codes.Any(c => p.Accepts(c.Code)) ? 1.0 : 0),
                    some.Average(p => p.HasRightClass ? 1.0 : 0),
                    Calibration.ExpectedError([.. some.SelectMany(p => p.Claims)]));
            }
        }

        AddReliability(report, phrases);
        if (withMistakes)
        {
            var mistakes = report.Add("Labelled phrases of the development half that are wrong", "", ["phrase", "acceptable", "got"]);
            foreach (var phrase in phrases.Where(p => p.Half == SetHalf.Development && !p.HasRightClass).Take(MistakesShown))
            {
                mistakes.Add(phrase.Text, string.Join(", ", phrase.Acceptable), string.Join(", ", phrase.Codes.Select(c => Surest([c]))));
            }
        }
    }

    private static void AddReliability(Report report, LabelledPhrase[] phrases)
    {
        var table = report.Add(
            "Reliability on the labelled phrases",
            "The surest code of each phrase that gets one, by its confidence; right where it and an acceptable code lie on one path of the tree.",
            ["confidence", "phrases", "mean confidence", "right"]);
        foreach (var bin in Calibration.BinsOf([.. phrases.SelectMany(p => p.Claims)]))
        {
            table.Add(FormattableString.Invariant($"{bin.From:0.0} to {bin.To:0.0}"), bin.Claims, bin.Confidence, bin.Right);
        }
    }

    private void AddNonsense(Report report, bool withMistakes)
    {
        var rows = CsvFiles.Read<NonsenseRow>(CsvFiles.OwnFile("nonsense.csv")).Select(r => (Row: r, Codes: workbench.Vocabulary.Classify(r.text))).ToArray();
        var table = report.Add(
            "Phrases that name no product or service (data/nonsense.csv)",
            "Mapped: gets a code at the default threshold. Halves by SHA-256 of the text.",
            ["language", "half", "phrases", "mapped", "share", "mean confidence of the mapped"]);
        foreach (var language in rows.Select(r => r.Row.lang).Distinct().Order(StringComparer.Ordinal).Append("all"))
        {
            foreach (var half in AllHalves)
            {
                var some = rows.Where(r => (language == "all" || r.Row.lang == language) && (half is null || Halves.Of(r.Row.text) == half)).Select(r => r.Codes).ToArray();
                var mapped = some.Where(c => c.Count > 0).ToArray();
                table.Add(language, Halves.NameOf(half), some.Length, mapped.Length, (double)mapped.Length / some.Length, mapped.Length == 0 ? null : mapped.Average(c => c[0].Confidence));
            }
        }

        if (withMistakes)
        {
            var mistakes = report.Add("Phrases of the development half that should not be mapped and are", "", ["phrase", "kind", "got", "words that decided"]);
            foreach (var (row, codes) in rows.Where(r => r.Codes.Count > 0 && Halves.Of(r.Row.text) == SetHalf.Development))
            {
                mistakes.Add(row.text, row.kind, Surest(codes), string.Join(", ", codes[0].Words));
            }
        }
    }

    private LabelledPhrase[] ReadPhrases() =>
        [.. CsvFiles.Read<PhraseRow>(CsvFiles.OwnFile("phrases.csv")).Select(r => new LabelledPhrase(r.text, r.lang, CsvFiles.Split(r.codes), workbench.Vocabulary.Classify(r.text)))];

    private ClassifiedPhrase Classify(string text) => new(text, workbench.Vocabulary.Classify(text));

    private string Surest(IReadOnlyList<ClassifiedCompetency> codes) =>
        codes.Count == 0 ? "nothing" : FormattableString.Invariant($"{codes[0].Code} {workbench.Reference.Tree.Find(codes[0].Code)!.LabelEn} {codes[0].Confidence:0.00}");

    private static string NameOf(WordsUsed words) => words switch
    {
        WordsUsed.English => "English",
        WordsUsed.Russian => "Russian",
        WordsUsed.Both => "both",
    };

    private enum WordsUsed
    {
        English,
        Russian,
        Both,
    }

    private sealed record ClassifiedPhrase(string Text, IReadOnlyList<ClassifiedCompetency> Codes);

    private sealed record CodedEnterprise(string Id, string Class, SetHalf Half, ClassifiedPhrase[] English, ClassifiedPhrase[] Russian)
    {
        public ClassifiedPhrase[][] Lists(WordsUsed words) => words switch
        {
            WordsUsed.English => [English],
            WordsUsed.Russian => [Russian],
            WordsUsed.Both => [English, Russian],
        };

        public IReadOnlyList<string> Rank(WordsUsed words, CodeLevel level) =>
            EnterpriseGuess.Rank(Lists(words).Select(l => l.Select(p => p.Codes).ToArray()), level);

        public bool IsAmong(int first, WordsUsed words, CodeLevel level) => Rank(words, level).Take(first).Contains(Levels.At(Class, level)!);
    }

    private sealed record LabelledPhrase(string Text, string Language, string[] Acceptable, IReadOnlyList<ClassifiedCompetency> Codes)
    {
        public SetHalf Half => Halves.Of(Text);

        public bool HasRightClass => Codes.Count > 0 && Accepts(Codes[0].Code);

        public IEnumerable<Claim> Claims => Codes.Take(1).Select(c => new Claim(c.Confidence, Acceptable.Any(a => Levels.OnOnePath(a, c.Code))));

        public bool Accepts(string code) => Acceptable.Any(a => Levels.At(a, CodeLevel.Class) == Levels.At(code, CodeLevel.Class));
    }

#pragma warning disable IDE1006 // The columns' own names.
    private sealed record FactsRow(string id, string makes, string makes_ru, string nace);

    private sealed record PhraseRow(string text, string lang, string codes);

    private sealed record NonsenseRow(string text, string lang, string kind);
#pragma warning restore IDE1006
}
