namespace PartnerMatch.Soak;

/// <summary>Something that goes wrong around the service, and what must hold all the same.</summary>
internal abstract class Fault
{
    /// <summary>What <c>--only</c> calls it.</summary>
    public abstract string Name { get; }

    /// <summary>Why it cannot be tried on this machine; null where it can.</summary>
    public virtual string? Obstacle => null;

    /// <summary>Tries it; a row of the table for each thing that was tried.</summary>
    public abstract Task<IReadOnlyList<Outcome>> RunAsync(Effort effort);
}

/// <summary>How much is tried.</summary>
/// <param name="Seed">What is drawn at random is drawn from this: writes and moments. How far the service is at a moment is the machine's affair.</param>
/// <param name="IsShort">Whether only so much is tried as fits among the tests.</param>
/// <param name="Rounds">How often what comes in rounds is repeated; the fault's own number where null.</param>
internal sealed record Effort(int Seed, bool IsShort, int? Rounds = null)
{
    /// <summary>The number of rounds.</summary>
    public int RoundsOr(int few, int many) => Rounds ?? (IsShort ? few : many);

    public T Choose<T>(T little, T much) => IsShort ? little : much;
}
