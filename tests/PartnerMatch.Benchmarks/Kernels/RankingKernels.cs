using System.Text.Json;
using BenchmarkDotNet.Attributes;
using PartnerMatch.Api.Http;
using PartnerMatch.Api.Matches;
using PartnerMatch.Benchmarks.Comparing;
using PartnerMatch.Benchmarks.Generating;
using PartnerMatch.Ranking.Index;
using PartnerMatch.Ranking.Profiles;
using PartnerMatch.Ranking.Scoring;

namespace PartnerMatch.Benchmarks.Kernels;

/// <summary>The steps of one match list, each alone, over the product's own taxonomy and links.</summary>
[MemoryDiagnoser]
public class RankingKernels
{
    private const int Block = 4096;
    private readonly World _world = World.OfProduct();
    private readonly JsonSerializerOptions _json = new(JsonSerializerDefaults.Web);
    private WholeRanking _ofNone = null!;
    private WholeRanking _ofBlock = null!;
    private EnterpriseIndex _index = null!;
    private PartnerRanker _ranker = null!;
    private EnterpriseProfile _subject = null!;
    private EnterpriseProfile _candidate = null!;
    private ExpandedProfile _expandedSubject = null!;
    private ExpandedProfile _expandedCandidate = null!;
    private RankingProfile _profile = null!;
    private Scarcity _scarcity = null!;
    private MatchList _list = null!;

    /// <summary>Builds what the kernels work on.</summary>
    [GlobalSetup]
    public void SetUp()
    {
        JsonConventions.Apply(_json);
        var candidates = _world.Candidates(Block);
        var directory = _world.Directory(candidates);
        _index = directory.Current.Index;
        _ranker = new PartnerRanker(_world.Knowledge);
        _subject = _world.Subjects(1)[0];
        _ofBlock = new WholeRanking(_world, directory, _ranker);
        _ofNone = new WholeRanking(_world, _world.Directory([]), _ranker);
        _list = _ofBlock.Answer(_subject);
        _candidate = candidates.Single(c => c.Id == _list.Items[0].Enterprise.Id);
        _expandedSubject = _world.Knowledge.Expand(_subject);
        _expandedCandidate = _world.Knowledge.Expand(_candidate);
        _profile = _world.Reference.FormOf(CooperationForm.JointVenture).Profile;
        _scarcity = directory.Current.ScarcityIn(_world.Corridor);
    }

    /// <summary>Section 2 of the model for one profile.</summary>
    [Benchmark]
    public object ExpandProfile() => _world.Knowledge.Expand(_candidate);

    /// <summary>All components of a joint venture, explained, with both profiles expanded.</summary>
    [Benchmark]
    public double ScorePair() => _ranker.Score(_expandedSubject, _expandedCandidate, _profile, _world.Corridor, _scarcity).Score;

    /// <summary>What a query costs before the first candidate: expansion and plan; besides, what lacked.</summary>
    [Benchmark]
    public object RankNobody() => _ofNone.Answer(_subject);

    /// <summary>The same with the scan of one block, the scoring of the promising and the words for twenty.</summary>
    [Benchmark]
    public object RankOneBlock() => _ofBlock.Answer(_subject);

    /// <summary>A new version of the index with one profile replaced.</summary>
    [Benchmark]
    public object ChangeProfile() => _index.With([KeyValuePair.Create(_candidate.Id, (EnterpriseProfile?)_candidate)]);

    /// <summary>The list as JSON in UTF-8.</summary>
    [Benchmark]
    public int WriteListAsJson() => JsonSerializer.SerializeToUtf8Bytes(_list, _json).Length;
}
