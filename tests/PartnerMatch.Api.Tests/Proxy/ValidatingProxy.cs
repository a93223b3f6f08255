using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace PartnerMatch.Api.Tests.Proxy;

/// <summary>
/// Prism, which compares every answer with the published document, and the way from it to the services of the tests: it forwards to one address, and
/// there a header tells which exchange, hence which service, is meant.
/// </summary>
internal sealed partial class ValidatingProxy
{
    private const string ExchangeHeader = "X-Test-Exchange";

    /// <summary>The file that gets a line for each request, which turns the proxy on.</summary>
    public const string Variable = "PARTNERMATCH_THROUGH_PROXY";

    private static readonly string? Tally = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } file ? file : null;

    /// <summary>Prism gets what the test sends and nothing more.</summary>
    private static readonly HttpClient Prism = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false, ActivityHeadersPropagator = null })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    private static readonly Lazy<Task<ValidatingProxy>> Started = new(StartAsync);
    private readonly ConcurrentDictionary<string, Exchange> _exchanges = new();
    private readonly TextWriter _tally;
    private long _last;

    private Uri? _address;

    private ValidatingProxy(TextWriter tally) => _tally = tally;

    /// <summary>What answers are compared with; <c>ContractTests</c> holds that it is what the service serves.</summary>
    public static string DocumentFile => Path.Combine(Root(), "openapi", "partnermatch.v1.json");

    public static bool IsOn => Tally is not null;

    public static Task<ValidatingProxy> Instance => Started.Value;

    /// <summary>Lets Prism forward a request, or show it an answer, and returns what it says of the answer.</summary>
    /// <param name="exchange">What is exchanged.</param>
    /// <param name="forwarded">What Prism gets.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public async Task<HttpResponseMessage> SendAsync(Exchange exchange, HttpRequestMessage forwarded, CancellationToken cancellation)
    {
        var id = Interlocked.Increment(ref _last).ToString(CultureInfo.InvariantCulture);
        _exchanges[id] = exchange;
        forwarded.Headers.Add(ExchangeHeader, id);
        forwarded.RequestUri = new Uri(_address!, forwarded.RequestUri!);
        try
        {
            return await Prism.SendAsync(forwarded, cancellation);
        }
        finally
        {
            _exchanges.TryRemove(id, out _);
        }
    }

    /// <summary>Writes down how a request went.</summary>
    /// <param name="rule">Why not through, if so.</param>
    /// <param name="request">Which.</param>
    /// <param name="status">What was answered.</param>
    public void Count(Rule? rule, HttpRequestMessage request, int status)
    {
        lock (_tally)
        {
            _tally.WriteLine($"{rule?.Way ?? Way.Through}\t{rule?.Name ?? "-"}\t{status}\t{request.Method} {request.RequestUri!.PathAndQuery}");
        }
    }

    private static async Task<ValidatingProxy> StartAsync()
    {
        var proxy = new ValidatingProxy(new StreamWriter(Tally!, append: true) { AutoFlush = true });
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(options =>
        {
            options.AddServerHeader = false;
            options.Limits.MaxRequestBodySize = null;
            options.Limits.MinRequestBodyDataRate = null;
            options.Limits.MinResponseDataRate = null;
        }).UseUrls("http://127.0.0.1:0");
        var router = builder.Build();
        router.Run(context => proxy._exchanges.TryGetValue(context.Request.Headers[ExchangeHeader].ToString(), out var exchange)
            ? exchange.AnswerAsync(context)
            : throw new InvalidOperationException($"{context.Request.Path}: no exchange"));
        await router.StartAsync();
        proxy._address = await StartPrismAsync(router.Urls.Single());
        return proxy;
    }

    private static async Task<Uri> StartPrismAsync(string upstream)
    {
        var program = Path.Combine(Root(), "tests", "clients", "node_modules", ".bin", "prism");
        if (!File.Exists(program))
        {
            throw new FileNotFoundException("Prism is missing: npm --prefix tests/clients ci", program);
        }

        // The shell reads from this process until it ends, however it ends, and Prism ends with it.
        var prism = Process.Start(new ProcessStartInfo("sh", [
            "-c", "\"$@\" & cat > /dev/null; kill $!", "sh",
            program, "proxy", DocumentFile, upstream,
            "--host", "127.0.0.1", "--port", "0", "--cors", "false", "--validate-request", "false"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var address = new TaskCompletionSource<Uri>();
        var said = new ConcurrentQueue<string>();
        void Read(object sender, DataReceivedEventArgs line)
        {
            if (line.Data is null)
            {
                address.TrySetException(new InvalidOperationException($"Prism ended: {string.Join('\n', said)}"));
            }
            else if (!address.Task.IsCompleted)
            {
                said.Enqueue(line.Data);
                if (Listening().Match(line.Data) is { Success: true } found)
                {
                    address.TrySetResult(new Uri(found.Groups[1].Value));
                }
            }
        }

        prism.OutputDataReceived += Read;
        prism.ErrorDataReceived += Read;
        prism.BeginOutputReadLine();
        prism.BeginErrorReadLine();
        return await address.Task;
    }

    private static string Root([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", ".."));

    [GeneratedRegex(@"Prism is listening on (http://[\d.:]+)")]
    private static partial Regex Listening();
}
