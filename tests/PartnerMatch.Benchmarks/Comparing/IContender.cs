namespace PartnerMatch.Benchmarks.Comparing;

/// <summary>An engine that holds the candidates and answers who meets a subject's needs best.</summary>
internal interface IContender : IDisposable
{
    /// <summary>As the tables name it.</summary>
    string Name { get; }

    /// <summary>The sums of the first <see cref="Comparison.Top"/>, largest first.</summary>
    double[] Best(Subject subject);
}
