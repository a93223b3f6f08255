namespace PartnerMatch.Ranking.Tests;

/// <summary>
/// The MT19937 generator of Matsumoto and Nishimura as numpy's legacy <c>RandomState(seed)</c> seeds and reads it: published markets that were
/// drawn with numpy can be drawn again.
/// </summary>
internal sealed class MersenneTwister
{
    private const int Size = 624;
    private const int Shift = 397;
    private readonly uint[] _state = new uint[Size];
    private int _next = Size;

    public MersenneTwister(uint seed)
    {
        _state[0] = seed;
        for (var i = 1u; i < Size; i++)
        {
            _state[i] = unchecked(1812433253 * (_state[i - 1] ^ (_state[i - 1] >> 30)) + i);
        }
    }

    /// <summary>A double of 53 random bits in [0, 1).</summary>
    public double NextDouble() => ((Next() >> 5) * 67108864.0 + (Next() >> 6)) / 9007199254740992.0;

    private uint Next()
    {
        if (_next == Size)
        {
            for (var i = 0; i < Size; i++)
            {
                var bits = (_state[i] & 0x80000000) | (_state[(i + 1) % Size] & 0x7fffffff);
                _state[i] = _state[(i + Shift) % Size] ^ (bits >> 1) ^ ((bits & 1) == 0 ? 0 : 0x9908b0df);
            }

            _next = 0;
        }

        var value = _state[_next++];
        value ^= value >> 11;
        value ^= (value << 7) & 0x9d2c5680;
        value ^= (value << 15) & 0xefc60000;
        return value ^ (value >> 18);
    }
}
