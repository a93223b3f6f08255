using System.Runtime.CompilerServices;
using PartnerMatch.Ranking.Profiles;
using PartnerMatch.Ranking.Scoring;
using PartnerMatch.Ranking.Taxonomy;

namespace PartnerMatch.Ranking.Gaps;

/// <summary>Adds up what each side needs and supplies, and finds what does not meet.</summary>
internal sealed class CompetencyGaps(RankingKnowledge knowledge)
{
    private const int MostNeeding = 5;

    /// <summary>What making an enterprise's products takes less of than this is no need to speak of: all buy lamps and work clothes.</summary>
    public const double SmallestNeed = 0.1;

    /// <summary>As much as one enterprise whose core product it is: then there is somebody to go to.</summary>
    private const double EnoughSupply = 1;

    /// <summary>A division (two digits) or a group (three) says too little of what is lacking.</summary>
    private const int FewestDigits = 4;

    private readonly Side _first = new(knowledge.Tree.Count);
    private readonly Side _second = new(knowledge.Tree.Count);

    /// <summary>Counts an enterprise in. They come in order of id: who comes first is told first of those that need the same, and sums have the same last digits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Add(CorridorSide at, string id, OffersAndNeeds own)
    {
        var side = Of(at);
        foreach (var code in own.OfferedCodes)
        {
            side.Supply[code] += own.Offered(code);
        }

        foreach (var code in own.NeededCodes)
        {
            var sum = side.Needing[code] ??= new NeedSum();
            if (sum.Add(own.Needed(code), own.IsStated(code)))
            {
                sum.Keep(own.NeedFor(code), id);
            }
        }
    }

    /// <summary>The largest gap first. Of codes on one path of the tree only the one with the largest gap is told.</summary>
    public List<CompetencyGap> Find()
    {
        var found = Between(CorridorSide.First, CorridorSide.Second).Concat(Between(CorridorSide.Second, CorridorSide.First))
            .OrderByDescending(g => g.Value)
            .ThenBy(g => g.Code, StringComparer.Ordinal)
            .ThenBy(g => g.Side);
        var told = new Dictionary<CorridorSide, HashSet<int>> { [CorridorSide.First] = [], [CorridorSide.Second] = [] };
        return [.. found.Where(gap => TellOnce(told[gap.Side], knowledge.Tree.IndexOf(gap.Code)))];
    }

    private bool TellOnce(HashSet<int> told, int code)
    {
        var tree = knowledge.Tree;
        for (var up = code; up >= 0; up = tree.ParentIndex(up))
        {
            if (told.Contains(up))
            {
                return false;
            }
        }

        return !Enumerable.Range(code, tree.SubtreeEnd(code) - code).Any(told.Contains) && told.Add(code);
    }

    private IEnumerable<CompetencyGap> Between(CorridorSide needing, CorridorSide supplying)
    {
        var (needs, supplies) = (Of(needing), Of(supplying));
        for (var code = 0; code < knowledge.Tree.Count; code++)
        {
            if (needs.Needing[code] is not { } need
                || supplies.Supply[code] >= EnoughSupply
                || CompetencyCode.Digits(knowledge.Tree[code].Code) < FewestDigits
                || IsResidual(knowledge.Tree[code]))
            {
                continue;
            }

            yield return new CompetencyGap
            {
                Side = needing,
                Code = knowledge.Tree[code].Code,
                Value = need.Sum / (1 + supplies.Supply[code] + needs.Supply[code]),
                Need = need.Sum,
                Needing = need.Count,
                Stating = need.Stated,
                Supply = supplies.Supply[code],
                OwnSupply = needs.Supply[code],
                Most = [.. need.Most.Select(m => new NeedingEnterprise(
                    m.Id,
                    m.Need.Value,
                    m.Need.IsStated ? null : knowledge.Tree[m.Need.Via].Code,
                    m.Need.Kind))],
            };
        }
    }

    /// <summary>"Other special machines" names nothing that one could ask for.</summary>
    private static bool IsResidual(Competency competency) => competency.LabelEn.StartsWith("Other ", StringComparison.Ordinal);

    private Side Of(CorridorSide side) => side == CorridorSide.First ? _first : _second;

    private sealed class Side(int codes)
    {
        public double[] Supply { get; } = new double[codes];

        public NeedSum?[] Needing { get; } = new NeedSum?[codes];
    }

    private sealed class NeedSum
    {
        private double _least = double.NegativeInfinity;

        public double Sum { get; private set; }

        public int Count { get; private set; }

        public int Stated { get; private set; }

        public List<(NeedEntry Need, string Id)> Most { get; } = new(MostNeeding + 1);

        /// <summary>Counts a need in.</summary>
        /// <returns>Whether it is one of those that need most, to be kept.</returns>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool Add(double need, bool isStated)
        {
            Sum += need;
            Count++;
            Stated += isStated ? 1 : 0;
            return need > _least;
        }

        public void Keep(in NeedEntry need, string id)
        {
            var at = Most.Count;
            while (at > 0 && Most[at - 1].Need.Value < need.Value)
            {
                at--;
            }

            Most.Insert(at, (need, id));
            if (Most.Count > MostNeeding)
            {
                Most.RemoveAt(MostNeeding);
            }

            _least = Most.Count < MostNeeding ? _least : Most[^1].Need.Value;
        }
    }
}
