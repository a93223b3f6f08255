using System.Data;
using Dapper;
using PartnerMatch.Api.Http;
using PartnerMatch.Api.Storage;
using PartnerMatch.Classification;
using PartnerMatch.Ranking.Explaining;

namespace PartnerMatch.Api.Competencies;

/// <summary>Names that staff added, in the database; a write moves the vocabulary on before the next writer may start.</summary>
internal sealed class AliasStore(SqliteDatabase database, CompetencyVocabulary vocabulary, TimeProvider time)
{
    /// <summary>Fills the vocabulary at start.</summary>
    public async Task LoadAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        vocabulary.Load(await ReadAllAsync(connection, null));
    }

    /// <summary>The alias as stored, or null where the name is taken already.</summary>
    public Task<CompetencyAlias?> AddAsync(string code, Language lang, string text, CancellationToken cancellation) => ChangeAsync(
        async transaction =>
        {
            var alias = new CompetencyAlias(Guid.CreateVersion7().ToString("n"), code, lang, text, DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds()));
            var added = await transaction.Connection!.ExecuteAsync(
                """
                insert into competency_aliases (id, code, lang, text, folded, created_at)
                values (@Id, @Code, @Lang, @Text, @Folded, @CreatedAt) on conflict (folded) do nothing
                """,
                new { alias.Id, alias.Code, Lang = Kebab.Of(lang), alias.Text, Folded = TextFolding.Fold(text), CreatedAt = alias.CreatedAt.ToUnixTimeMilliseconds() },
                transaction);
            return added > 0 ? alias : null;
        },
        cancellation);

    /// <summary>False where the competency has no such added alias.</summary>
    public Task<bool> RemoveAsync(string code, string id, CancellationToken cancellation) => ChangeAsync(
        async transaction => await transaction.Connection!.ExecuteAsync("delete from competency_aliases where code = @code and id = @id", new { code, id }, transaction) > 0,
        cancellation);

    /// <summary>Null or false of a change says that nothing was changed: the vocabulary, dear to build, stays as it is.</summary>
    private async Task<T> ChangeAsync<T>(Func<IDbTransaction, Task<T>> change, CancellationToken cancellation)
    {
        var (result, _) = await database.WriteAsync<(T Result, IReadOnlyList<CompetencyAlias>? Aliases)>(
            async transaction =>
            {
                var result = await change(transaction);
                return (result, EqualityComparer<T>.Default.Equals(result, default) ? null : await ReadAllAsync(transaction.Connection!, transaction));
            },
            changed =>
            {
                if (changed.Aliases is { } aliases)
                {
                    vocabulary.Load(aliases);
                }
            },
            cancellation);
        return result;
    }

    private static async Task<IReadOnlyList<CompetencyAlias>> ReadAllAsync(IDbConnection connection, IDbTransaction? transaction) =>
        [.. (await connection.QueryAsync<Row>(
            "select id as Id, code as Code, lang as Lang, text as Text, created_at as CreatedAt from competency_aliases order by id",
            transaction: transaction)).Select(r => r.ToAlias())];

    private sealed record Row
    {
        public string Id { get; init; } = "";

        public string Code { get; init; } = "";

        public string Lang { get; init; } = "";

        public string Text { get; init; } = "";

        public long CreatedAt { get; init; }

        public CompetencyAlias ToAlias() => new(Id, Code, Enum.Parse<Language>(Lang, ignoreCase: true), Text, DateTimeOffset.FromUnixTimeMilliseconds(CreatedAt));
    }
}
