using PartnerMatch.Ranking.Profiles;
using PartnerMatch.Ranking.Scoring;

namespace PartnerMatch.Ranking.Counterfactuals;

/// <summary>A change of one profile and the score that the pair would then have.</summary>
/// <param name="Change">The change.</param>
/// <param name="Score">The pair's score after it.</param>
/// <param name="Gain">By how many points it raises the score, above 0.</param>
public sealed record Counterfactual(ProfileChange Change, PairScore Score, double Gain);

/// <summary>What is changed in a profile.</summary>
public enum ChangeKind
{
    /// <summary>One more competency offered, at strength 1.</summary>
    Offer,

    /// <summary>A need that is stated, at urgency 1.</summary>
    Need,

    /// <summary>One more market that it serves.</summary>
    Market,

    /// <summary>Its number of employees, which is not known.</summary>
    Employees,

    /// <summary>The place of its site, which is not known.</summary>
    Location,
}

/// <summary>One change of one profile; exactly the member that its kind names is set.</summary>
public sealed record ProfileChange
{
    /// <summary>Id of the enterprise whose profile changes.</summary>
    public required string EnterpriseId { get; init; }

    /// <summary>What changes.</summary>
    public required ChangeKind Kind { get; init; }

    /// <summary>The competency offered or needed.</summary>
    public string? Code { get; init; }

    /// <summary>ISO 3166 code of the market.</summary>
    public string? Market { get; init; }

    /// <summary>The number of employees at which the score is highest: the real one gives at most as much.</summary>
    public int? Employees { get; init; }

    /// <summary>The place at which the score is highest: the real one gives at most as much.</summary>
    public GeoPoint? Location { get; init; }

    /// <summary>A fact that is missing is not ours to choose: the gain is the most that it can bring.</summary>
    public bool IsUpperBound => Kind is ChangeKind.Employees or ChangeKind.Location;

    /// <summary>The profile after the change. Markets that were only inferred, the home country, are stated with the one that is added.</summary>
    public EnterpriseProfile ApplyTo(EnterpriseProfile profile)
    {
        ArgumentNullException.ThrowIfNull(profile);
        return Kind switch
        {
            ChangeKind.Offer => profile with { Offers = [.. profile.Offers, new Offer(Code!)] },
            ChangeKind.Need => profile with { Needs = [.. profile.Needs.Where(n => n.Code != Code), new Need(Code!)] },
            ChangeKind.Market => profile with { Markets = [.. (profile.Markets.Count > 0 ? profile.Markets : [profile.Country]).Append(Market!).Distinct()] },
            ChangeKind.Employees => profile with { Employees = Employees },
            ChangeKind.Location => profile with { Location = Location },
        };
    }
}
