using System.Text.Json.Serialization;
using PartnerMatch.Api.Reference;
using PartnerMatch.Ranking.Scoring;

namespace PartnerMatch.Api.RankingProfiles;

/// <summary>Where the weights of a profile come from.</summary>
internal enum ProfileOrigin
{
    /// <summary>Part of the product's reference data.</summary>
    Shipped,

    /// <summary>Set by a person.</summary>
    ByHand,

    /// <summary>From pairwise comparisons of the components.</summary>
    Comparisons,

    /// <summary>Learnt from decisions of staff.</summary>
    Decisions,
}

/// <summary>One version of a weight set as it is kept.</summary>
internal sealed record StoredProfile
{
    /// <summary>The form's own name for a shipped profile.</summary>
    public required string Id { get; init; }

    /// <summary>From 1.</summary>
    public required int Version { get; init; }

    public required ProfileOrigin Origin { get; init; }

    public required string Name { get; init; }

    public string? NameRu { get; init; }

    public string? Description { get; init; }

    /// <summary>The portal that made it; null for what staff made, and the shipped ones.</summary>
    public string? Owner { get; init; }

    public required RankingProfile Profile { get; init; }

    public DateTimeOffset? ChangedAt { get; init; }

    public ComparisonReport? Comparisons { get; init; }

    public LearningReport? Learning { get; init; }

    /// <summary>Names this version in queries, <c>id@version</c>.</summary>
    public string Reference => FormattableString.Invariant($"{Id}@{Version}");

    public static StoredProfile Shipped(FormDescription form, string id) => new()
    {
        Id = id,
        Version = 1,
        Origin = ProfileOrigin.Shipped,
        Name = form.En,
        NameRu = form.Ru,
        Description = form.Description,
        Profile = form.Profile,
    };
}

/// <summary>What a version says, as it is stored; the form's kinds of need and the model's parameters are reference data.</summary>
internal sealed record ProfileContent
{
    public required string Name { get; init; }

    public string? NameRu { get; init; }

    public string? Description { get; init; }

    public required CooperationForm Form { get; init; }

    public string? Owner { get; init; }

    public required ProfileOrigin Origin { get; init; }

    public required IReadOnlyDictionary<string, double> Weights { get; init; }

    public required double Threshold { get; init; }

    public ComparisonReport? Comparisons { get; init; }

    public LearningReport? Learning { get; init; }

    /// <summary>The stored version in terms of the reference data of today.</summary>
    public StoredProfile ToProfile(string id, int version, DateTimeOffset? changedAt, ReferenceCatalog reference)
    {
        var form = reference.FormOf(Form).Profile;
        return new StoredProfile
        {
            Id = id,
            Version = version,
            Origin = Origin,
            Name = Name,
            NameRu = NameRu,
            Description = Description,
            Owner = Owner,
            Profile = new RankingProfile(Form, Weights, form.CountedKinds, Threshold, form.Parameters),
            ChangedAt = changedAt,
            Comparisons = Comparisons,
            Learning = Learning,
        };
    }
}

/// <summary>A weight set of a cooperation form.</summary>
internal sealed record RankingProfileItem
{
    /// <summary>Names it in queries; with <c>@version</c> behind it, that version.</summary>
    public required string Id { get; init; }

    /// <summary>From 1; each change makes a new one, and the old ones stay readable.</summary>
    public required int Version { get; init; }

    /// <summary>The version that the form uses where a query names no profile; null where it uses another profile.</summary>
    public required int? AdoptedVersion { get; init; }

    /// <summary>Where the weights come from.</summary>
    public required ProfileOrigin Origin { get; init; }

    /// <summary>The name in English.</summary>
    public required string Name { get; init; }

    /// <summary>The name in Russian.</summary>
    public required string? NameRu { get; init; }

    /// <summary>What it is for.</summary>
    public required string? Description { get; init; }

    /// <summary>The portal whose key or token made it, which alone names and changes it besides staff; null where staff made it, and for shipped ones.</summary>
    public required string? Owner { get; init; }

    /// <summary>The form that it weighs.</summary>
    public required CooperationForm Form { get; init; }

    /// <summary>The score from which a partner is listed where a query does not say, 0 to 100.</summary>
    public required double Threshold { get; init; }

    /// <summary>The normalised weight of each component that counts: the positive ones sum to 1, rivalry's is negative.</summary>
    public required IReadOnlyDictionary<string, double> Weights { get; init; }

    /// <summary>Names the weights and the parameters of the model: equal hashes score alike.</summary>
    public required string WeightsHash { get; init; }

    /// <summary>When this version was made; absent for shipped ones.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? ChangedAt { get; init; }

    /// <summary>The comparisons that the weights come from; absent for other origins.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ComparisonReport? Comparisons { get; init; }

    /// <summary>The decisions that the weights come from; absent for other origins.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public LearningReport? Learning { get; init; }

    public static RankingProfileItem From(StoredProfile stored, int? adoptedVersion) => new()
    {
        Id = stored.Id,
        Version = stored.Version,
        AdoptedVersion = adoptedVersion,
        Origin = stored.Origin,
        Name = stored.Name,
        NameRu = stored.NameRu,
        Description = stored.Description,
        Owner = stored.Owner,
        Form = stored.Profile.Form,
        Threshold = stored.Profile.Threshold,
        Weights = WeightsOf(stored.Profile),
        WeightsHash = stored.Profile.Hash,
        ChangedAt = stored.ChangedAt,
        Comparisons = stored.Comparisons,
        Learning = stored.Learning,
    };

    /// <summary>The weights that count, in the order of summation.</summary>
    public static Dictionary<string, double> WeightsOf(RankingProfile profile) =>
        Ranking.Components.ComponentRegistry.Names.Where(n => profile.Weights[n] != 0).ToDictionary(n => n, n => profile.Weights[n], StringComparer.Ordinal);
}
