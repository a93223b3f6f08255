using System.Diagnostics;
using System.Diagnostics.Metrics;
using PartnerMatch.Api.Http;
using PartnerMatch.Ranking.Scoring;

namespace PartnerMatch.Api.Telemetry;

/// <summary>What is asked of the ranking.</summary>
internal enum RankingKind
{
    /// <summary>The partners of a stored enterprise.</summary>
    Partners,

    /// <summary>The partners of a profile that is not stored.</summary>
    Profile,

    /// <summary>Where one partner stands.</summary>
    Standing,

    /// <summary>The best pairs of a corridor.</summary>
    Pairs,

    /// <summary>How stable ranks are.</summary>
    Sensitivity,
}

/// <summary>Measures the rankings that somebody waits for. The ranking itself knows no clock: it tells how much it looked at.</summary>
internal sealed class RankingMeter
{
    public const string Name = "PartnerMatch.Ranking";

    /// <summary>Made beforehand, so that a query makes none.</summary>
    private static readonly Dictionary<(RankingKind, CooperationForm), TagList> Tags = (
        from kind in Enum.GetValues<RankingKind>()
        from form in Enum.GetValues<CooperationForm>()
        select (kind, form)).ToDictionary(t => t, t => new TagList { { "kind", Kebab.Of(t.kind) }, { "form", Kebab.Of(t.form) } });

    private readonly TimeProvider _time;
    private readonly Counter<long> _queries;
    private readonly Histogram<double> _duration;
    private readonly Counter<long> _candidates;
    private readonly Counter<long> _scored;

    public RankingMeter(IMeterFactory meters, TimeProvider time)
    {
        _time = time;
        var meter = meters.Create(Name);
        _queries = meter.CreateCounter<long>("partnermatch.ranking.queries", "{query}", "Rankings that were computed within a request.");
        _duration = meter.CreateHistogram("partnermatch.ranking.duration", "s", "How long a ranking took, without waiting for its turn and writing the answer.", advice: Buckets.Fast);
        _candidates = meter.CreateCounter<long>("partnermatch.ranking.candidates", "{candidate}", "Candidates that rankings chose from.");
        _scored = meter.CreateCounter<long>("partnermatch.ranking.scored", "{candidate}", "Those of them that the index could not rule out and that were scored.");
    }

    /// <summary>Ranks partners, and counts them.</summary>
    public RankedPartners Measure(RankingKind kind, CooperationForm form, Func<RankedPartners> rank)
    {
        var ranked = Measure<RankedPartners>(kind, form, rank);
        _candidates.Add(ranked.Candidates, Tags[(kind, form)]);
        _scored.Add(ranked.Scored, Tags[(kind, form)]);
        return ranked;
    }

    /// <summary>Computes another answer of the ranking.</summary>
    public T Measure<T>(RankingKind kind, CooperationForm form, Func<T> rank)
    {
        var tags = Tags[(kind, form)];
        using var span = Spans.Begin("rank");
        if (span is not null)
        {
            foreach (var (name, value) in tags)
            {
                span.SetTag("partnermatch.ranking." + name, value);
            }
        }

        var begun = _time.GetTimestamp();
        var answer = rank();
        _duration.Record(_time.GetElapsedTime(begun).TotalSeconds, tags);
        _queries.Add(1, tags);
        return answer;
    }
}
