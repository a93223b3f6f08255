namespace PartnerMatch.Api.MatchRuns;

/// <summary>Counts while a run is worked on; read by those who ask how far it is.</summary>
internal sealed class MatchRunCounter(TimeProvider time)
{
    private readonly Lock _gate = new();
    private long _started;
    private long _pairs;
    private long _pairsBefore;
    private long _pairsDone;
    private int _enterprisesDone;

    /// <summary>Ranking begins, with so much done by earlier attempts.</summary>
    public void Begin(long pairs, int enterprisesDone, long pairsDone)
    {
        lock (_gate)
        {
            (_started, _pairs, _enterprisesDone, _pairsBefore, _pairsDone) = (time.GetTimestamp(), pairs, enterprisesDone, pairsDone, pairsDone);
        }
    }

    /// <summary>So much more is stored.</summary>
    public void Add(int enterprises, long pairs)
    {
        lock (_gate)
        {
            (_enterprisesDone, _pairsDone) = (_enterprisesDone + enterprises, _pairsDone + pairs);
        }
    }

    /// <summary>How far it is; null before ranking begins.</summary>
    public MatchRunProgress? ToProgress()
    {
        lock (_gate)
        {
            if (_started == 0)
            {
                return null;
            }

            var seconds = time.GetElapsedTime(_started).TotalSeconds;
            var pace = seconds > 0 ? (_pairsDone - _pairsBefore) / seconds : 0;
            return new MatchRunProgress(_enterprisesDone, _pairsDone, Math.Round(pace), pace > 0 ? Math.Round((_pairs - _pairsDone) / pace, 1) : null);
        }
    }
}
