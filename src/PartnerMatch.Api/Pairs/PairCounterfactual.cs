using PartnerMatch.Api.Matches;
using PartnerMatch.Api.Replay;
using PartnerMatch.Ranking.Counterfactuals;
using PartnerMatch.Ranking.Explaining;

namespace PartnerMatch.Api.Pairs;

/// <summary>A change of one profile and the score that the pair would then have, scarcity staying as it is.</summary>
internal sealed record PairCounterfactual
{
    /// <summary>Id of the enterprise whose profile changes.</summary>
    public required string Enterprise { get; init; }

    /// <summary>What changes.</summary>
    public required ChangeKind Change { get; init; }

    /// <summary>The competency offered at strength 1, or needed at urgency 1; null where it is none.</summary>
    public required CodedLabel? Competency { get; init; }

    /// <summary>The list of markets after the change; null where it stays.</summary>
    public required IReadOnlyList<string>? Markets { get; init; }

    /// <summary>The number of employees at which the score is highest; null where it stays.</summary>
    public required int? Employees { get; init; }

    /// <summary>The score after the change.</summary>
    public required double Score { get; init; }

    /// <summary>By how many points the change raises the score, above 0.</summary>
    public required double Gain { get; init; }

    /// <summary>Whether a fact is missing, so that the score is the most that the real one can give.</summary>
    public required bool AtMost { get; init; }

    /// <summary>One sentence to read out.</summary>
    public required string Summary { get; init; }

    public static PairCounterfactual From(Counterfactual counterfactual, PairState state, Language language)
    {
        var (change, tree) = (counterfactual.Change, state.Reference.Tree);
        var changed = change.EnterpriseId == state.A!.Id ? state.A : state.B!;
        var competency = change.Code is null ? null : tree.Find(change.Code)!;
        return new PairCounterfactual
        {
            Enterprise = change.EnterpriseId,
            Change = change.Kind,
            Competency = competency is null ? null : new CodedLabel(competency.Code, language == Language.Ru ? competency.LabelRu : competency.LabelEn),
            Markets = change.Kind == ChangeKind.Market ? change.ApplyTo(changed).Markets : null,
            Employees = change.Employees,
            Score = counterfactual.Score.Score,
            Gain = counterfactual.Gain,
            AtMost = change.IsUpperBound,
            Summary = new Phrasebook(tree).Describe(counterfactual, changed, language),
        };
    }
}
