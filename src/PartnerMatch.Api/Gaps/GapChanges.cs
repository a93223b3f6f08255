using System.Collections.Immutable;
using PartnerMatch.Ranking.Gaps;
using PartnerMatch.Ranking.Profiles;
using PartnerMatch.Ranking.Scoring;

namespace PartnerMatch.Api.Gaps;

/// <summary>Where the last change lay that may matter to what a corridor lacks: until the next one in its places a report holds.</summary>
internal sealed class GapChanges
{
    private readonly long _loaded;
    private readonly ImmutableDictionary<(string Region, string Country), long> _last;

    private GapChanges(long loaded, ImmutableDictionary<(string Region, string Country), long> last) => (_loaded, _last) = (loaded, last);

    /// <summary>Nothing has changed since all profiles were loaded.</summary>
    public static GapChanges Since(long loaded) => new(loaded, ImmutableDictionary<(string Region, string Country), long>.Empty);

    /// <summary>The last change that may matter to the corridor.</summary>
    public long LastIn(Corridor corridor) => _last.Where(place => corridor.SideOf(place.Key.Region, place.Key.Country) is not null).Select(place => place.Value).Append(_loaded).Max();

    /// <summary>After more changes.</summary>
    /// <param name="sequence">The last of them.</param>
    /// <param name="changes">Profiles before and after; null where there was none, or is none any more.</param>
    public GapChanges With(long sequence, IEnumerable<(EnterpriseProfile? Before, EnterpriseProfile? After)> changes)
    {
        var last = _last.ToBuilder();
        foreach (var (before, after) in changes)
        {
            if (GapFinder.Matters(before, after))
            {
                foreach (var changed in new[] { before, after }.OfType<EnterpriseProfile>())
                {
                    last[(changed.Region, changed.Country)] = sequence;
                }
            }
        }

        return new GapChanges(_loaded, last.ToImmutable());
    }
}
