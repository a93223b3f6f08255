using System.Collections.Immutable;
using System.Globalization;
using PartnerMatch.Api.Access;
using PartnerMatch.Api.Http;
using PartnerMatch.Api.Reference;
using PartnerMatch.Ranking.Scoring;

namespace PartnerMatch.Api.RankingProfiles;

/// <summary>
/// All weight sets in memory, every version of each, and which one each form uses. A query reads one state and never waits; a write replaces
/// the state after its commit. To a caller that is bound to an owner, the weight sets of other owners do not exist, but for the version that a
/// form uses: what their owner makes of it later is its own until that is adopted, too.
/// </summary>
internal sealed class RankingProfileCatalog
{
    private readonly State _shipped;
    private volatile State _state;

    public RankingProfileCatalog(ReferenceCatalog reference)
    {
        var shipped = reference.Forms.Select(f => StoredProfile.Shipped(f, Kebab.Of(f.Profile.Form))).ToArray();
        _shipped = new State(
            shipped.ToImmutableSortedDictionary(p => p.Id, ImmutableList.Create, StringComparer.Ordinal),
            shipped.ToImmutableDictionary(p => p.Profile.Form));
        _state = _shipped;
    }

    /// <summary>The current version of each, the shipped ones first, then in order of age.</summary>
    public IEnumerable<StoredProfile> All => _state.Versions.Values.Select(v => v.FindLast(p => IsVisible(p, Caller.Current))).OfType<StoredProfile>().OrderBy(p => p.Origin == ProfileOrigin.Shipped ? 0 : 1).ThenBy(p => p.Id, StringComparer.Ordinal);

    /// <summary>What a form uses where a query names no profile.</summary>
    public StoredProfile DefaultOf(CooperationForm form) => _state.Adopted[form];

    /// <summary>The version of a profile that its form uses, or null where the form uses another profile.</summary>
    public int? AdoptedVersionOf(StoredProfile profile) => DefaultOf(profile.Profile.Form) is var used && used.Id == profile.Id ? used.Version : null;

    /// <summary>Whether its form uses this very version.</summary>
    public bool IsAdopted(StoredProfile profile) => AdoptedVersionOf(profile) == profile.Version;

    /// <summary>Every version of a profile that the caller may see, the first first; empty where there is none.</summary>
    public IReadOnlyList<StoredProfile> VersionsOf(string id) => VersionsOf(id, Caller.Current);

    /// <summary>A version of a profile, the newest one where none is named; null where there is none that the caller may see.</summary>
    public StoredProfile? Find(string id, int? version = null) => Find(id, version, Caller.Current);

    /// <summary>A profile by id or by <c>id@version</c>; null where there is none that <paramref name="by"/> may see.</summary>
    public StoredProfile? FindNamed(string named, Caller by)
    {
        if (named.Length > ProfileRules.MaxReference)
        {
            return null;
        }

        var at = named.LastIndexOf('@');
        return at < 0 ? Find(named, null, by) : int.TryParse(named.AsSpan(at + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? Find(named[..at], version, by) : null;
    }

    /// <summary>The profile that a query asks for: by id, by <c>id@version</c>, or what its form uses where it names none.</summary>
    /// <param name="named">The id, with <c>@version</c> behind it for one that is not the current one; null for the form's.</param>
    /// <param name="form">The form asked for; where null that of the profile, or joint ventures.</param>
    /// <param name="role">The role asked for.</param>
    /// <param name="where">Where the request names it: <c>query</c> or <c>body</c>.</param>
    /// <param name="by">Who asks; where null the caller.</param>
    /// <returns>The profile, or what is wrong.</returns>
    public (StoredProfile? Profile, InvalidProblem? Problem) Choose(string? named, CooperationForm? form, PartnerRole? role, string where, Caller? by = null)
    {
        var profile = named is null ? DefaultOf(form ?? Matches.MatchDefaults.Form) : FindNamed(named, by ?? Caller.Current);
        return profile switch
        {
            null => (null, new InvalidProblem(new FieldError(where, "profile", $"There is no ranking profile '{named}'."))),
            _ when form is { } asked && asked != profile.Profile.Form =>
                (null, new InvalidProblem(new FieldError(where, "profile", $"The profile weighs {Kebab.Of(profile.Profile.Form)}, not {Kebab.Of(asked)}."))),
            _ when role is not (null or PartnerRole.Any) && !profile.Profile.Form.IsDirected() =>
                (null, new InvalidProblem(new FieldError(where, "role", "A joint venture is symmetric: role goes with the other forms only."))),
            _ => (profile, null),
        };
    }

    /// <summary>Fills the catalog at start.</summary>
    /// <param name="versions">Every version that was not removed, each profile's in their order.</param>
    /// <param name="adoptions">What was adopted, in order.</param>
    public void Load(IEnumerable<StoredProfile> versions, IEnumerable<(string Id, int Version)> adoptions)
    {
        var state = versions.Aggregate(_shipped, (s, version) => s.With(version));
        _state = adoptions.Aggregate(state, (s, a) => s.Versions.TryGetValue(a.Id, out var all) ? s.Adopt(all[a.Version - 1]) : s);
    }

    /// <summary>Takes over a committed new version; the caller is the only writer.</summary>
    public void Add(StoredProfile version) => _state = _state.With(version);

    /// <summary>Takes over a committed removal.</summary>
    public void Remove(string id) => _state = _state with { Versions = _state.Versions.Remove(id) };

    /// <summary>Takes over a committed adoption.</summary>
    public void Adopt(StoredProfile version) => _state = _state.Adopt(version);

    private ImmutableList<StoredProfile> VersionsOf(string id, Caller by) => _state.Versions.TryGetValue(id, out var versions) ? versions.FindAll(p => IsVisible(p, by)) : [];

    private StoredProfile? Find(string id, int? version, Caller by) => VersionsOf(id, by).LastOrDefault(p => version is null || p.Version == version);

    private bool IsVisible(StoredProfile profile, Caller by) => profile.Owner is null || by.MayChange(profile.Owner) || IsAdopted(profile);

    private sealed record State(ImmutableSortedDictionary<string, ImmutableList<StoredProfile>> Versions, ImmutableDictionary<CooperationForm, StoredProfile> Adopted)
    {
        public State With(StoredProfile version) => this with { Versions = Versions.SetItem(version.Id, Versions.GetValueOrDefault(version.Id, []).Add(version)) };

        public State Adopt(StoredProfile version) => this with { Adopted = Adopted.SetItem(version.Profile.Form, version) };
    }
}
