using PartnerMatch.Api.Enterprises;
using PartnerMatch.Api.Matches;
using PartnerMatch.Evaluation.Inputs;
using PartnerMatch.Ranking.Explaining;
using PartnerMatch.Ranking.Profiles;
using PartnerMatch.Ranking.Scoring;

namespace PartnerMatch.Evaluation.Pairs;

/// <summary>Ranks in this process, by the same path as the service: words to codes, stored form, profile, ranking.</summary>
internal sealed class LibrarySource(Workbench workbench) : IMatchSource
{
    private readonly PartnerRanker _ranker = new(workbench.Reference.Knowledge);
    private readonly MatchWriter _writer = new(workbench.Reference);
    private readonly Corridor _corridor = workbench.Reference.Corridors.Single(c => c.Id == MatchDefaults.Corridor).ToCorridor();
    private readonly Enterprise[] _sample = [.. SampleFile.Read().Select(s => ToEnterprise(s.Id, s.Request))];
    private readonly Dictionary<string, string> _ids = new(StringComparer.Ordinal);
    private Enterprise[] _all = [];
    private Dictionary<string, ExpandedProfile> _profiles = [];
    private Scarcity _scarcity = Scarcity.None(workbench.Reference.Knowledge);

    public Task LoadAsync(IReadOnlyList<Partner> partners)
    {
        _ids.Clear();
        foreach (var (index, partner) in partners.Index())
        {
            _ids[partner.Key] = FormattableString.Invariant($"pair-{index:000}");
        }

        _all = [.. _sample, .. partners.Select(p => ToEnterprise(_ids[p.Key], workbench.Words.Map(p.ToRequest())))];
        _profiles = _all.ToDictionary(e => e.Id, e => workbench.Reference.Knowledge.Expand(e.ToProfile(workbench.Reference)), StringComparer.Ordinal);
        _scarcity = Scarcity.Measure(workbench.Reference.Knowledge, _corridor, _profiles.Values.Select(p => p.Profile));
        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<Enterprise>> FindEnterprisesAsync() => Task.FromResult<IReadOnlyList<Enterprise>>(_all);

    public string IdOf(Partner partner) => _ids[partner.Key];

    public Task<IReadOnlyList<RankedCandidate>> RankAsync(Partner partner, CooperationForm form) =>
        Task.FromResult(Rank(partner, workbench.Reference.FormOf(form).Profile));

    /// <summary>The list by other weights than the form's own.</summary>
    public IReadOnlyList<RankedCandidate> Rank(Partner partner, RankingProfile profile)
    {
        var subject = _profiles[IdOf(partner)];
        var query = new RankingQuery { Subject = subject, Profile = profile, Corridor = _corridor, Scarcity = _scarcity, MinScore = 0, Limit = int.MaxValue };
        return [.. _ranker.Rank(query, _profiles.Values).Items.Select(i => new RankedCandidate(
            i.Score.PartnerId,
            i.Score.ValueBeforeFloor,
            i.Score.Confidence,
            () => _writer.ToMatch(i, subject.Profile, _profiles[i.Score.PartnerId].Profile, Language.En)))];
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static Enterprise ToEnterprise(string id, EnterpriseRequest request) => Enterprise.From(id, request, 1, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch);
}
