using System.Data;
using System.Text.Json;
using Dapper;
using Microsoft.Extensions.Options;
using PartnerMatch.Api.Access;
using PartnerMatch.Api.Http;
using PartnerMatch.Api.Reference;
using PartnerMatch.Api.Storage;

namespace PartnerMatch.Api.RankingProfiles;

/// <summary>Weight sets in the database; every version is kept, and a write moves the catalog on before the next writer may start.</summary>
internal sealed class RankingProfileStore(
    SqliteDatabase database,
    RankingProfileCatalog catalog,
    ReferenceCatalog reference,
    TimeProvider time,
    IOptions<Microsoft.AspNetCore.Http.Json.JsonOptions> json)
{
    private readonly JsonSerializerOptions _json = json.Value.SerializerOptions;

    /// <summary>Fills the catalog at start; a version that the components no longer understand stops it.</summary>
    public Task LoadAsync(CancellationToken cancellation) => ReadAsync(catalog, reference, long.MaxValue, cancellation);

    /// <summary>The weight sets as they were.</summary>
    /// <param name="past">The reference data of that time.</param>
    /// <param name="asOf">The time.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<RankingProfileCatalog> ReadAsync(ReferenceCatalog past, DateTimeOffset asOf, CancellationToken cancellation)
    {
        var profiles = new RankingProfileCatalog(past);
        await ReadAsync(profiles, past, asOf.ToUnixTimeMilliseconds(), cancellation);
        return profiles;
    }

    private async Task ReadAsync(RankingProfileCatalog into, ReferenceCatalog known, long until, CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        var versions = await connection.QueryAsync<VersionRow>(
            """
            select profile_id as Id, version as Version, profile as Profile, changed_at as ChangedAt
            from ranking_profile_versions v
            where changed_at <= @until
              and not exists (select 1 from ranking_profile_versions r where r.profile_id = v.profile_id and r.profile is null and r.changed_at <= @until)
            order by sequence
            """,
            new { until });
        var adoptions = await connection.QueryAsync<AdoptionRow>(
            "select profile_id as Id, version as Version from ranking_profile_adoptions where adopted_at <= @until order by sequence",
            new { until });
        into.Load(
            [.. versions.Select(v => Parse(v.Profile).ToProfile(v.Id, v.Version, DateTimeOffset.FromUnixTimeMilliseconds(v.ChangedAt), known))],
            adoptions.Select(a => (a.Id, a.Version)));
    }

    /// <summary>The first version of a new profile, which is the caller's own.</summary>
    public Task<StoredProfile> CreateAsync(ProfileContent content, CancellationToken cancellation) => database.WriteAsync(
        transaction => AppendAsync(transaction, Guid.CreateVersion7().ToString("n"), 1, content with { Owner = Caller.Current.Owner }),
        catalog.Add,
        cancellation);

    /// <summary>A new version, where <paramref name="mayReplace"/> the stored one; null where there is no such profile or it may not.</summary>
    public Task<StoredProfile?> ReplaceAsync(string id, ProfileContent content, Func<StoredProfile, bool> mayReplace, CancellationToken cancellation) => database.WriteAsync<StoredProfile?>(
        async transaction => catalog.Find(id) is { } current && mayReplace(current) ? await AppendAsync(transaction, id, current.Version + 1, content with { Owner = current.Owner }) : null,
        version =>
        {
            if (version is not null)
            {
                catalog.Add(version);
            }
        },
        cancellation);

    /// <summary>Removes a profile, where <paramref name="mayRemove"/> the stored one; its versions stay in the database. False where there is none or it may not.</summary>
    public Task<bool> RemoveAsync(string id, Func<StoredProfile, bool> mayRemove, CancellationToken cancellation) => database.WriteAsync(
        async transaction =>
        {
            if (catalog.Find(id) is not { } current || !mayRemove(current))
            {
                return false;
            }

            await AppendAsync(transaction, id, current.Version + 1, Kebab.Of(current.Profile.Form), null, Now());
            return true;
        },
        removed =>
        {
            if (removed)
            {
                catalog.Remove(id);
            }
        },
        cancellation);

    /// <summary>Makes a version what its form uses; null where it is gone. One that is used already stays so without a trace.</summary>
    public Task<StoredProfile?> AdoptAsync(string id, int? version, CancellationToken cancellation) => database.WriteAsync(
        async transaction =>
        {
            if (catalog.Find(id, version) is not { } profile)
            {
                return null;
            }

            if (!catalog.IsAdopted(profile))
            {
                await transaction.Connection!.ExecuteAsync(
                    "insert into ranking_profile_adoptions (form, profile_id, version, adopted_at) values (@form, @id, @version, @now)",
                    new { form = Kebab.Of(profile.Profile.Form), id, version = profile.Version, now = Now().ToUnixTimeMilliseconds() },
                    transaction);
            }

            return profile;
        },
        profile =>
        {
            if (profile is not null)
            {
                catalog.Adopt(profile);
            }
        },
        cancellation);

    private async Task<StoredProfile> AppendAsync(IDbTransaction transaction, string id, int version, ProfileContent content)
    {
        var now = Now();
        var profile = content.ToProfile(id, version, now, reference);
        await AppendAsync(transaction, id, version, Kebab.Of(content.Form), JsonSerializer.Serialize(content, _json), now);
        return profile;
    }

    private static Task<int> AppendAsync(IDbTransaction transaction, string id, int version, string form, string? profile, DateTimeOffset now) =>
        transaction.Connection!.ExecuteAsync(
            "insert into ranking_profile_versions (profile_id, version, form, profile, changed_at) values (@id, @version, @form, @profile, @changedAt)",
            new { id, version, form, profile, changedAt = now.ToUnixTimeMilliseconds() },
            transaction);

    private ProfileContent Parse(string profile) => JsonSerializer.Deserialize<ProfileContent>(profile, _json)!;

    /// <summary>Whole milliseconds, as they are stored and answered.</summary>
    private DateTimeOffset Now() => DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());

    private sealed record VersionRow
    {
        public string Id { get; init; } = "";

        public int Version { get; init; }

        public string Profile { get; init; } = "";

        public long ChangedAt { get; init; }
    }

    private sealed record AdoptionRow
    {
        public string Id { get; init; } = "";

        public int Version { get; init; }
    }
}
