namespace PartnerMatch.Ranking.Weighing;

/// <summary>
/// The mean consistency index of random judgements. With no comparison missing it is Saaty's (2008). With some missing it falls nearly in a straight
/// line to 0, which a tree of comparisons has (Agoston and Csato 2022, "Inconsistency thresholds for incomplete pairwise comparison matrices"). Their
/// values belong to another way of filling the gaps (the least eigenvalue), so those here were simulated for this one: the mean over 20,000 matrices
/// with judgements drawn evenly from the 17 values of the scale and comparisons missing at random, disconnected ones drawn again; standard error at most
/// 0.004. A test simulates some of them anew.
/// </summary>
internal static class RandomIndex
{
    /// <summary>There are indices for so many criteria.</summary>
    public const int MostCriteria = 10;

    /// <summary>By the number of criteria from 3, then by the number of missing comparisons.</summary>
    private static readonly double[][] Means =
    [
        [0.52],
        [0.89, 0.588, 0.304],
        [1.11, 0.929, 0.748, 0.568, 0.394, 0.201],
        [1.25, 1.130, 1.011, 0.898, 0.776, 0.660, 0.537, 0.414, 0.288, 0.152],
        [1.35, 1.258, 1.179, 1.094, 1.013, 0.924, 0.846, 0.759, 0.677, 0.589, 0.501, 0.412, 0.315, 0.218, 0.116],
        [1.40, 1.344, 1.284, 1.220, 1.163, 1.097, 1.035, 0.976, 0.914, 0.850, 0.788, 0.723, 0.659, 0.595, 0.531, 0.465, 0.398, 0.327, 0.253, 0.177, 0.095],
        [1.45, 1.405, 1.356, 1.308, 1.258, 1.213, 1.165, 1.116, 1.073, 1.023, 0.977, 0.929, 0.878, 0.830, 0.781, 0.731, 0.687, 0.634, 0.586, 0.534, 0.487, 0.433, 0.378, 0.323, 0.268, 0.210, 0.146, 0.079],
        [1.49, 1.449, 1.412, 1.372, 1.335, 1.298, 1.260, 1.221, 1.187, 1.144, 1.108, 1.070, 1.035, 0.992, 0.954, 0.917, 0.879, 0.840, 0.803, 0.762, 0.724, 0.685, 0.644, 0.606, 0.566, 0.528, 0.485, 0.446, 0.405, 0.363, 0.318, 0.272, 0.226, 0.176, 0.124, 0.066],
    ];

    /// <summary>The index of so many criteria with so many comparisons missing; 0 where judgements cannot contradict each other.</summary>
    public static double Of(int criteria, int missing) => criteria > 2 && Means[criteria - 3] is var means && missing < means.Length ? means[missing] : 0;
}
