using PartnerMatch.Benchmarks.Generating;
using PartnerMatch.Ranking.Profiles;

namespace PartnerMatch.Benchmarks.Comparing;

/// <summary>
/// The candidates' expanded offers as other engines store them: for each competency who has it, ascending, with the impact
/// <c>O[u]^p</c>, p being the norm's order of the model. A query then is a weighted sum of impacts.
/// </summary>
internal sealed class ImpactTable
{
    private ImpactTable(int[] starts, int[] enterprises, float[] impacts, int count) =>
        (Starts, Enterprises, Impacts, Count) = (starts, enterprises, impacts, count);

    /// <summary>By competency where its postings start; one more at the end.</summary>
    public int[] Starts { get; }

    /// <summary>Numbers of the candidates.</summary>
    public int[] Enterprises { get; }

    public float[] Impacts { get; }

    /// <summary>How many candidates there are.</summary>
    public int Count { get; }

    public static ImpactTable Of(World world, EnterpriseProfile[] candidates)
    {
        var order = world.Knowledge.Parameters.NeedEmphasis;
        var starts = new int[world.Knowledge.Tree.Count + 1];
        var codes = new List<int>(candidates.Length * EnterpriseGenerator.ExpandedOffers);
        var values = new List<float>(candidates.Length * EnterpriseGenerator.ExpandedOffers);
        var ends = new int[candidates.Length];
        for (var number = 0; number < candidates.Length; number++)
        {
            foreach (var offer in world.Knowledge.Expand(candidates[number]).Offers)
            {
                starts[offer.Code + 1]++;
                codes.Add(offer.Code);
                values.Add((float)Math.Pow(offer.Value, order));
            }

            ends[number] = codes.Count;
        }

        for (var code = 1; code < starts.Length; code++)
        {
            starts[code] += starts[code - 1];
        }

        var next = starts[..^1];
        var enterprises = new int[codes.Count];
        var impacts = new float[codes.Count];
        for (int number = 0, at = 0; number < candidates.Length; number++)
        {
            for (; at < ends[number]; at++)
            {
                enterprises[next[codes[at]]] = number;
                impacts[next[codes[at]]++] = values[at];
            }
        }

        return new ImpactTable(starts, enterprises, impacts, candidates.Length);
    }
}
