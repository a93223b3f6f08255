using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace PartnerMatch.Benchmarks.Service;

/// <summary>The load generator wrk (Debian: apt-get install wrk), run beside the service.</summary>
internal static partial class Wrk
{
    public const int Threads = 2;
    public const int Connections = 16;

    /// <summary>Loads an address for a while; a script says which requests where they differ.</summary>
    /// <param name="address">The address, or the host where a script names the paths.</param>
    /// <param name="duration">Whole seconds.</param>
    /// <param name="script">Lua, or null.</param>
    /// <exception cref="InvalidOperationException">wrk is missing, or an answer was an error.</exception>
    public static Load Run(Uri address, TimeSpan duration, string? script = null)
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, script ?? "");
            using var process = Start(["--threads", Text(Threads), "--connections", Text(Connections), "--duration", Text((int)duration.TotalSeconds), "--timeout", "30s", "--latency", "--script", file, address.ToString()]);
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 && !output.Contains("Non-2xx", StringComparison.Ordinal) && !output.Contains("Socket errors", StringComparison.Ordinal)
                ? new Load(Rate(output), Latency(output, "50"), Latency(output, "99"))
                : throw new InvalidOperationException($"wrk failed:\n{output}");
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static Process Start(string[] arguments)
    {
        try
        {
            return Process.Start(new ProcessStartInfo("wrk", arguments) { RedirectStandardOutput = true })!;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new InvalidOperationException("wrk is not installed (Debian: apt-get install wrk).", e);
        }
    }

    private static double Rate(string output) => double.Parse(RatePattern().Match(output).Groups[1].Value, CultureInfo.InvariantCulture);

    /// <summary>In milliseconds.</summary>
    private static double Latency(string output, string percentile)
    {
        var match = LatencyPattern().Matches(output).First(m => m.Groups[1].Value == percentile);
        return double.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture) * match.Groups[3].Value switch { "us" => 0.001, "ms" => 1, _ => 1000 };
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex(@"Requests/sec:\s+([\d.]+)")]
    private static partial Regex RatePattern();

    [GeneratedRegex(@"^\s+(50|75|90|99)%\s+([\d.]+)(us|ms|s)", RegexOptions.Multiline)]
    private static partial Regex LatencyPattern();
}

/// <summary>What a load found.</summary>
/// <param name="RequestsPerSecond">Answered.</param>
/// <param name="P50">Milliseconds.</param>
/// <param name="P99">Milliseconds.</param>
internal sealed record Load(double RequestsPerSecond, double P50, double P99);
