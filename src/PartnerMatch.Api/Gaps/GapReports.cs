using Microsoft.Extensions.Caching.Memory;
using PartnerMatch.Api.Matches;
using PartnerMatch.Api.Reference;
using PartnerMatch.Ranking.Gaps;
using PartnerMatch.Ranking.Scoring;

namespace PartnerMatch.Api.Gaps;

/// <summary>The gaps of a corridor in one state of the data. Everybody on both sides counts, so a report that was made is kept until something changes that matters to it.</summary>
internal sealed class GapReports(ReferenceCatalog reference) : IDisposable
{
    private const int Kept = 16;
    private readonly GapFinder _finder = new(reference.Knowledge);
    private readonly MemoryCache _reports = new(new MemoryCacheOptions { SizeLimit = Kept });

    public CorridorGaps Find(DirectorySnapshot snapshot, Corridor corridor, RankingProfile profile)
    {
        var report = _reports.GetOrCreate((corridor.Id, profile.Hash, snapshot.GapChanges.LastIn(corridor)), entry =>
        {
            entry.Size = 1;
            return new Lazy<CorridorGaps>(() => _finder.Find(profile, corridor, snapshot.Index.Profiles));
        });
        return report!.Value;
    }

    public void Dispose() => _reports.Dispose();
}
