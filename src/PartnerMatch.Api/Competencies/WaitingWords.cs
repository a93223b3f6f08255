using Dapper;
using PartnerMatch.Api.Access;
using PartnerMatch.Api.Enterprises;
using PartnerMatch.Api.Storage;

namespace PartnerMatch.Api.Competencies;

/// <summary>Words of profiles that mean no competency yet, and their mapping once an alias explains them.</summary>
internal sealed class WaitingWords(SqliteDatabase database, CompetencyVocabulary vocabulary, EnterpriseStore enterprises)
{
    /// <summary>The most frequent first.</summary>
    public async Task<IReadOnlyList<WaitingText>> FindPageAsync(UnmappedPosition? after, int limit, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        var rows = await connection.QueryAsync<WaitingText>(
            """
            select folded as Folded, min(text) as Text, count(*) as Count, min(enterprise_id) as EnterpriseId
            from unmapped_words
            group by folded
            having @AfterFolded is null or count(*) < @AfterCount or (count(*) = @AfterCount and folded > @AfterFolded)
            order by count(*) desc, folded
            limit @limit
            """,
            new { AfterFolded = after?.Folded, AfterCount = after?.Count ?? 0, limit });
        return [.. rows];
    }

    /// <summary>Maps what the vocabulary now understands, profile by profile; safe to repeat after an interruption.</summary>
    /// <returns>How many profiles were changed.</returns>
    public async Task<int> MapAsync(CancellationToken cancellation)
    {
        // Whoever gave the occasion may be bound to an owner; the words of all are mapped.
        if (Caller.Current.Owner is not null)
        {
            Caller.ActFor(Caller.Service);
        }

        string[] waiting;
        await using (var connection = await database.OpenAsync(cancellation))
        {
            var words = await connection.QueryAsync<(string Text, string EnterpriseId)>("select text, enterprise_id from unmapped_words");
            waiting = [.. words.Where(w => vocabulary.Classify(w.Text).Count > 0).Select(w => w.EnterpriseId).Distinct()];
        }

        var mapped = 0;
        foreach (var id in waiting)
        {
            // To write the same profile again is to have its words classified again.
            mapped += await enterprises.ReplaceAsync(id, _ => true, current => current.ToRequest(), cancellation) is { Changes.Count: > 0 } ? 1 : 0;
        }

        return mapped;
    }
}

/// <summary>Words that wait, in one spelling.</summary>
internal sealed record WaitingText
{
    public string Folded { get; init; } = "";

    public string Text { get; init; } = "";

    public long Count { get; init; }

    public string EnterpriseId { get; init; } = "";
}

/// <summary>Where a list of waiting words stopped.</summary>
internal sealed record UnmappedPosition(long Count, string Folded);
