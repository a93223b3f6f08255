using PartnerMatch.Api.Http;
using PartnerMatch.Ranking.Scoring;

namespace PartnerMatch.Api.Matches;

/// <summary>What a match query means where it does not say.</summary>
internal static class MatchDefaults
{
    public const string Corridor = "by-ru-sam";
    public const CooperationForm Form = CooperationForm.JointVenture;

    public static InvalidProblem UnknownCorridor(string id, string where = "query") => new(new FieldError(where, "corridor", $"There is no corridor '{id}'."));

    public static ConflictProblem NotOpposite(string a, string b, string corridor) =>
        new("outside-corridor", "The two are not of different sides of the corridor.", $"'{a}' and '{b}' are not on opposite sides of the corridor '{corridor}'.");
}
