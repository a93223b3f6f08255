namespace PartnerMatch.Benchmarks.Generating;

/// <summary>Draws ranks by Zipf's law: rank r, from 0, with a probability that falls as 1 / (r + 1)^exponent.</summary>
internal sealed class Zipf
{
    private readonly double[] _upTo;

    public Zipf(int ranks, double exponent)
    {
        _upTo = new double[ranks];
        double sum = 0;
        for (var rank = 0; rank < ranks; rank++)
        {
            sum += Math.Pow(rank + 1, -exponent);
            _upTo[rank] = sum;
        }
    }

    public int Draw(Random random)
    {
        var at = Array.BinarySearch(_upTo, random.NextDouble() * _upTo[^1]);
        return Math.Min(at < 0 ? ~at : at, _upTo.Length - 1);
    }
}
