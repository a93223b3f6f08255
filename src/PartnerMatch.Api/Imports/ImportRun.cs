using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Extensions.Options;
using PartnerMatch.Api.Access;
using PartnerMatch.Api.Competencies;
using PartnerMatch.Api.Enterprises;
using PartnerMatch.Api.Jobs;
using PartnerMatch.Api.Matches;
using PartnerMatch.Api.Reference;
using PartnerMatch.Api.Replay;
using PartnerMatch.Api.Storage;
using PartnerMatch.Api.Tables;
using PartnerMatch.Api.Telemetry;
using PartnerMatch.Ranking.Index;

namespace PartnerMatch.Api.Imports;

/// <summary>
/// Carries out imports: reads and checks the rows into a stage, compares them with what is stored, and stores what is new or changed together
/// with the end of the import in one transaction. Only that transaction touches enterprises, so an import that is interrupted has done nothing.
/// </summary>
internal sealed class ImportRun(
    SqliteDatabase database,
    ImportFiles files,
    ImportStore store,
    ImportSettings settings,
    RowChecks checks,
    EnterpriseDirectory directory,
    DataVersionLog versions,
    ScarcityEpochs epochs,
    CompetencyVocabulary vocabulary,
    WaitingWords waiting,
    ReferenceCatalog reference,
    ImportMeter meter,
    TimeProvider time,
    IOptions<Microsoft.AspNetCore.Http.Json.JsonOptions> json)
{
    private const int BatchRows = 1000;
    private const int BatchLength = 4 * 1024 * 1024;

    /// <summary>How often an import compares anew because others have written meanwhile, before it keeps them out for as long as it compares.</summary>
    private const int PoliteAttempts = 2;

    private readonly JsonSerializerOptions _json = json.Value.SerializerOptions;

    /// <summary>Runs an import that was started, to its end. Where it is cancelled meanwhile, nothing is stored.</summary>
    public async Task RunAsync(Import import, ImportCounter counter, CancellationToken cancellation)
    {
        await using var stage = await ImportStage.CreateAsync(database, files.StageOf(import.Id), _json, cancellation);
        var read = new ReadRows();
        var generation = vocabulary.Generation;
        try
        {
            await ReadAsync(import, stage, read, counter, cancellation);
        }
        catch (MalformedTableException e)
        {
            await store.FinishAsync(import.Id, JobState.Failed, null, ImportFailure.Unreadable(e.Place, e.Detail), cancellation);
            return;
        }

        for (var attempt = 0; await CompareAndStoreAsync(import, stage, read, counter, isAlone: attempt >= PoliteAttempts, cancellation) is false; attempt++)
        {
        }

        // An alias that was added after the rows were read did not find their words waiting.
        if (vocabulary.Generation != generation)
        {
            await waiting.MapAsync(CancellationToken.None);
        }
    }

    /// <summary>Reads, checks and stages all rows; refused ones are only remembered.</summary>
    private async Task ReadAsync(Import import, ImportStage stage, ReadRows read, ImportCounter counter, CancellationToken cancellation)
    {
        counter.Phase = ImportPhase.Reading;
        await using var file = files.Open(import.Id);
        var rows = import.Format switch
        {
            ImportFormat.Csv => CsvTable.ReadAsync(file, cancellation),
            ImportFormat.Ndjson => NdjsonLines.ReadAsync(file, cancellation),
            ImportFormat.Xlsx => XlsxTable.ReadAsync(file, cancellation),
        };
        IReadOnlyDictionary<string, int>? columns = null;
        await foreach (var batch in InBatches(rows, cancellation))
        {
            var body = batch;
            if (import.Format != ImportFormat.Ndjson && columns is null)
            {
                (columns, var errors) = RowChecks.ReadHeader(batch[0]);
                if (columns is null)
                {
                    throw new MalformedTableException(errors[0].Path, $"{string.Join(" ", errors.Take(3).Select(e => e.Detail))} The columns are {string.Join(", ", SheetColumns.All)}.");
                }

                read.Columns = columns.Keys.ToHashSet(StringComparer.Ordinal);
                body = [.. batch.Skip(1)];
            }

            read.Count += body.Count;
            if (read.Count > settings.MaxRows)
            {
                throw new MalformedTableException($"row {body[^1].Number}", $"The file has more than {settings.MaxRows} rows.");
            }

            var results = new (StagedRow? Row, RefusedRow? Refused)[body.Count];
            Parallel.For(0, body.Count, new ParallelOptions { CancellationToken = cancellation }, i => results[i] = columns is null
                ? checks.CheckLine(body[i].Number, body[i].Cells[0])
                : checks.CheckSheet(body[i], columns, isPadded: import.Format == ImportFormat.Xlsx));
            results = [.. results.Select(RefuseOthers)];
            stage.Add(results.Select(r => r.Row).OfType<StagedRow>());
            foreach (var refused in results.Select(r => r.Refused).OfType<RefusedRow>())
            {
                read.Refuse(refused);
            }

            counter.Count(read.Count, read.RefusedCount, (double)file.Position / file.Length);
        }

        if (import.Format != ImportFormat.Ndjson && columns is null)
        {
            throw new MalformedTableException("row 1", "The file has no header.");
        }
    }

    /// <summary>A row that names an owner for whom the caller may not write is refused.</summary>
    private static (StagedRow? Row, RefusedRow? Refused) RefuseOthers((StagedRow? Row, RefusedRow? Refused) result) =>
        result.Row is { } row && row.Request.KeptBy(Caller.Current) is null
            ? (null, new RefusedRow(row.Number, "owner", $"The import stores enterprises of '{Caller.Current.Owner}' only."))
            : result;

    /// <summary>Compares the staged rows with what is stored and stores the difference. False where enterprises changed in between: it must be compared anew.</summary>
    private async Task<bool> CompareAndStoreAsync(Import import, ImportStage stage, ReadRows read, ImportCounter counter, bool isAlone, CancellationToken cancellation)
    {
        var comparison = isAlone ? null : Compare(import, stage, read, counter, cancellation);
        var isOutdated = false;
        await database.WriteAsync(
            stage.Connection,
            async transaction =>
            {
                var report = comparison!.Report;
                isOutdated = report.Stored && await ImportStage.ReadSequenceAsync(transaction) != comparison.Sequence;
                var isRefused = report.Refused > 0 && import is { DryRun: false, Mode: ImportMode.All };

                // The import ends in the transaction that stores its rows; it may have been cancelled, and then they are not.
                if (isOutdated
                    || !await store.FinishAsync(transaction, import.Id, isRefused ? JobState.Failed : JobState.Done, report, isRefused ? ImportFailure.Refused(report) : null)
                    || !report.Stored)
                {
                    return (long?)null;
                }

                counter.Phase = ImportPhase.Storing;
                await ImportStage.StoreAsync(transaction);
                var stored = await ImportStage.ReadSequenceAsync(transaction);
                await versions.AppendAsync(transaction, stored);
                return stored;
            },
            sequence =>
            {
                if (sequence is { } last)
                {
                    directory.Apply(last, comparison!.Changes!);
                }
            },
            cancellation,
            prepare: () => comparison ??= Compare(import, stage, read, counter, cancellation));
        await epochs.MoveOnAsync();
        if (!isOutdated)
        {
            meter.Count(comparison!.Report);
        }

        return !isOutdated;
    }

    private Comparison Compare(Import import, ImportStage stage, ReadRows read, ImportCounter counter, CancellationToken cancellation)
    {
        var snapshot = directory.Current;
        counter.Phase = ImportPhase.Comparing;
        counter.Done = 0;
        var refused = stage.Match(snapshot.Index.Profiles.OrderBy(p => p.Id, StringComparer.Ordinal), Caller.Current.Owner);
        var duplicates = stage.FindDuplicates(ImportReport.MaxEntries);
        stage.ClearPlan();
        var (created, updated, unchanged, unmapped) = (0, 0, 0, 0);
        var unmappedFirst = new List<UnmappedText>();
        var now = DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());
        for (IReadOnlyList<MatchedRow> batch = stage.ReadMatched(int.MinValue, BatchRows); batch.Count > 0; batch = stage.ReadMatched(batch[^1].Row, BatchRows))
        {
            cancellation.ThrowIfCancellationRequested();
            var planned = new (PlannedRow? Change, Enterprise Enterprise)[batch.Count];
            Parallel.For(0, batch.Count, new ParallelOptions { CancellationToken = cancellation }, i => planned[i] = Plan(batch[i], read.Columns, now));
            stage.Plan(planned.Select(p => p.Change).OfType<PlannedRow>());
            for (var i = 0; i < planned.Length; i++)
            {
                var (change, enterprise) = planned[i];
                created += change is { IsNew: true } ? 1 : 0;
                updated += change is { IsNew: false } ? 1 : 0;
                unchanged += change is null ? 1 : 0;
                foreach (var text in UnmappedOf(batch[i].Row, enterprise))
                {
                    unmapped++;
                    if (unmappedFirst.Count < ImportReport.MaxEntries)
                    {
                        unmappedFirst.Add(text);
                    }
                }
            }

            counter.Done += batch.Count;
        }

        var total = read.RefusedCount + refused.Count;
        counter.Count(read.Count, total, 1);
        var report = new ImportReport
        {
            Rows = read.Count,
            Created = created,
            Updated = updated,
            Unchanged = unchanged,
            Refused = total,
            Stored = !import.DryRun && created + updated > 0 && (total == 0 || import.Mode == ImportMode.Partial),
            RefusedRows = [.. read.Refused.Concat(refused).OrderBy(r => r.Row).Take(ImportReport.MaxEntries)],
            Unmapped = unmapped,
            UnmappedWords = unmappedFirst,
            Duplicates = duplicates.Count,
            PossibleDuplicates = duplicates.First,
        };
        return new Comparison(snapshot.Sequence, report, report.Stored ? directory.Prepare(stage.ReadPlanned().Select(e => e.ToProfile(reference))) : null);
    }

    private (PlannedRow? Change, Enterprise Enterprise) Plan(MatchedRow matched, ISet<string> columns, DateTimeOffset now)
    {
        var row = JsonSerializer.Deserialize<StagedRow>(matched.Content, _json)!;
        if (matched.Profile is null)
        {
            var created = Enterprise.From(row.Id ?? Guid.CreateVersion7(now).ToString("n"), row.ApplyTo(null, columns).KeptBy(Caller.Current)!, matched.LastRevision + 1, now, now);
            return (new PlannedRow(matched.Row, created, IsNew: true, ToProfile(created)), created);
        }

        var current = JsonSerializer.Deserialize<Enterprise>(matched.Profile, _json)! with
        {
            Contacts = matched.Contacts is null ? [] : JsonSerializer.Deserialize<Contact[]>(matched.Contacts, _json)!,
        };
        var same = Enterprise.From(current.Id, row.ApplyTo(current, columns).KeptBy(Caller.Current)!, current.Revision, current.CreatedAt, current.UpdatedAt);
        if (JsonSerializer.Serialize(same, _json) == JsonSerializer.Serialize(current, _json))
        {
            return (null, current);
        }

        var updated = same with { Revision = current.Revision + 1, UpdatedAt = now };
        return (new PlannedRow(matched.Row, updated, IsNew: false, ToProfile(updated)), updated);
    }

    /// <summary>The profile as it is kept: contacts lie apart.</summary>
    private string ToProfile(Enterprise enterprise) => JsonSerializer.Serialize(enterprise with { Contacts = [] }, _json);

    private static IEnumerable<UnmappedText> UnmappedOf(int row, Enterprise enterprise) =>
        enterprise.Offers.Where(o => o.Code is null).Select(o => new UnmappedText(row, "offers", o.Text!))
            .Concat(enterprise.Needs.Where(n => n.Code is null).Select(n => new UnmappedText(row, "needs", n.Text!)));

    /// <summary>Rows in portions that are bounded by their number and by what they hold.</summary>
    private static async IAsyncEnumerable<IReadOnlyList<TableRow>> InBatches(IAsyncEnumerable<TableRow> rows, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var batch = new List<TableRow>(BatchRows);
        var length = 0;
        await foreach (var row in rows.WithCancellation(cancellation))
        {
            batch.Add(row);
            length += row.Cells.Sum(c => c.Length);
            if (batch.Count == BatchRows || length >= BatchLength)
            {
                yield return batch;
                (batch, length) = (new List<TableRow>(BatchRows), 0);
            }
        }

        if (batch.Count > 0)
        {
            yield return batch;
        }
    }

    /// <summary>What an import would do, and of which state of the enterprises that is true.</summary>
    private sealed record Comparison(long Sequence, ImportReport Report, PreparedProfiles? Changes);

    /// <summary>What was read of a file so far.</summary>
    private sealed class ReadRows
    {
        public ISet<string> Columns { get; set; } = new HashSet<string>(StringComparer.Ordinal);

        public int Count { get; set; }

        public int RefusedCount { get; private set; }

        public List<RefusedRow> Refused { get; } = [];

        public void Refuse(RefusedRow row)
        {
            RefusedCount++;
            if (Refused.Count < ImportReport.MaxEntries)
            {
                Refused.Add(row);
            }
        }
    }
}

/// <summary>Counts while an import runs; read by those who ask how far it is.</summary>
internal sealed class ImportCounter(TimeProvider time)
{
    private readonly long _started = time.GetTimestamp();
    private int _read;
    private int _refused;
    private double _share;

    public ImportPhase Phase { get; set; }

    public int Done { get; set; }

    /// <summary>Takes down how far the file was read.</summary>
    /// <param name="read">Rows read.</param>
    /// <param name="refused">Those of them that were refused.</param>
    /// <param name="share">The part of the file's bytes that was read, in [0,1].</param>
    public void Count(int read, int refused, double share)
    {
        Volatile.Write(ref _read, read);
        Volatile.Write(ref _refused, refused);
        Volatile.Write(ref _share, share);
    }

    public ImportProgress ToProgress()
    {
        var seconds = time.GetElapsedTime(_started).TotalSeconds;
        var share = Volatile.Read(ref _share);
        return new ImportProgress(
            Phase,
            Volatile.Read(ref _read),
            Volatile.Read(ref _refused),
            Done,
            seconds > 0 ? Math.Round(Volatile.Read(ref _read) / seconds, 1) : 0,
            share > 0 ? Math.Round(seconds * (1 - share) / share, 1) : null);
    }
}
