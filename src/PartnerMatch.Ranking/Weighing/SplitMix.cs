namespace PartnerMatch.Ranking.Weighing;

/// <summary>A sequence of numbers that look random and follow from their seed alone: SplitMix64 (Steele, Lea and Flood 2014).</summary>
/// <param name="seed">Names the sequence.</param>
public sealed class SplitMix(ulong seed)
{
    private ulong _state = seed;

    /// <summary>The next number, evenly spread over [0,1).</summary>
    public double NextShare() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>The next whole number, evenly spread over [0,<paramref name="below"/>).</summary>
    public int NextBelow(int below) => (int)(NextShare() * below);

    private ulong Next()
    {
        unchecked
        {
            var z = _state += 0x9E3779B97F4A7C15;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return z ^ (z >> 31);
        }
    }
}
