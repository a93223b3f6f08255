using System.Text.Json;
using System.Text.Json.Serialization;

namespace PartnerMatch.Api.Changes;

/// <summary>A change of what the service keeps.</summary>
/// <param name="Sequence">Its place in the order of changes, from 1 and without gaps.</param>
/// <param name="Type">What happened, one of <see cref="ChangeTypes"/>.</param>
/// <param name="Subject">The id of what changed.</param>
/// <param name="Data">What tells changes of one subject apart. Never contacts.</param>
/// <param name="OccurredAt">When it was made.</param>
internal sealed record ChangeItem(long Sequence, string Type, string Subject, ChangeData Data, DateTimeOffset OccurredAt);

/// <summary>What a change says besides its subject; members that do not go with its type are absent.</summary>
internal sealed record ChangeData
{
    /// <summary>Of an enterprise that was created, updated or deleted: its revision, after a deletion that of the tombstone.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Revision { get; init; }

    /// <summary>Of a decision: one enterprise of the pair.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? A { get; init; }

    /// <summary>Of a decision: the other.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? B { get; init; }

    /// <summary>Of a match run: its corridor.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Corridor { get; init; }

    /// <summary>Of a decision or a match run: the cooperation form.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Form { get; init; }

    /// <summary>Of a decision: what was decided.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Decision { get; init; }

    /// <summary>Of a watch: the enterprise that looks for partners.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Enterprise { get; init; }

    /// <summary>Of a watch: whom it found.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Partner { get; init; }

    /// <summary>Of a watch: the score, 0 to 100.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Score { get; init; }

    /// <summary>Of a watch, what the score was computed from; of a match run that is over, what it worked on, absent where it never began.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? DataVersion { get; init; }

    /// <summary>As the database keeps it.</summary>
    public static ChangeData Parse(string json) => JsonSerializer.Deserialize<ChangeData>(json, JsonSerializerOptions.Web)!;
}

/// <summary>The kinds of changes, as subject and what happened to it.</summary>
internal static class ChangeTypes
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        "enterprise.created", "enterprise.updated", "enterprise.deleted", "enterprise.contacts-erased",
        "decision.made",
        "match-run.queued", "match-run.done", "match-run.failed", "match-run.cancelled",
        "watch.matched",
    ];
}

/// <summary>Changes in their order.</summary>
/// <param name="Items">At most as many as asked for; none where there is nothing new.</param>
/// <param name="Last">The place to go on after: that of the last change looked at, or the one that was given.</param>
/// <param name="Next">The address that goes on there, always.</param>
internal sealed record ChangeList(IReadOnlyList<ChangeItem> Items, long Last, string Next);
