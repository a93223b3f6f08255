using PartnerMatch.Api.Enterprises;
using PartnerMatch.Api.Matches;
using PartnerMatch.Ranking.Scoring;

namespace PartnerMatch.Evaluation.Pairs;

/// <summary>Where lists come from: the libraries in this process, or a running service.</summary>
internal interface IMatchSource : IAsyncDisposable
{
    /// <summary>Loads the partners by their words beside the sample; what was loaded before is removed.</summary>
    Task LoadAsync(IReadOnlyList<Partner> partners);

    /// <summary>Everybody, the loaded partners under the ids that the source gave them.</summary>
    Task<IReadOnlyList<Enterprise>> FindEnterprisesAsync();

    /// <summary>The id that the source gave to a loaded partner.</summary>
    string IdOf(Partner partner);

    /// <summary>All candidates of a loaded partner.</summary>
    Task<IReadOnlyList<RankedCandidate>> RankAsync(Partner partner, CooperationForm form);
}

/// <summary>A candidate with what the order goes by.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Value">The value before the floor.</param>
/// <param name="Confidence">Decides between equal values.</param>
/// <param name="Explain">The match in words.</param>
internal sealed record RankedCandidate(string Id, double Value, double Confidence, Func<Match> Explain);
