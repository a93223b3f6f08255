using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using PartnerMatch.Benchmarks.Measuring;

namespace PartnerMatch.Benchmarks.Kernels;

/// <summary>Hands the kernels to BenchmarkDotNet.</summary>
internal static class KernelRun
{
    /// <param name="arguments">Of BenchmarkDotNet's own command line, <c>--filter *</c>.</param>
    /// <param name="file">Where the summary goes, or null.</param>
    public static void Run(string[] arguments, FileInfo? file)
    {
        // In this process: the project that BenchmarkDotNet would generate does not build under the settings of this repository.
        var config = DefaultConfig.Instance
            .AddJob(Job.Default.WithToolchain(InProcessEmitToolchain.Instance))
            .WithArtifactsPath(Path.Combine(AppContext.BaseDirectory, "BenchmarkDotNet.Artifacts"));
        var results = new Results("Kernels", $"kernels {string.Join(' ', arguments)}").Say("By BenchmarkDotNet, over the product's own taxonomy and production links.");
        foreach (var summary in BenchmarkSwitcher.FromAssembly(typeof(KernelRun).Assembly).Run(arguments, config))
        {
            var text = new AccumulationLogger();
            MarkdownExporter.GitHub.ExportToLog(summary, text);
            var log = text.GetLog();
            results.Say(log[log.IndexOf("\n|", StringComparison.Ordinal)..].Trim());
        }

        results.Publish(file);
    }
}
