using System.Globalization;
using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using PartnerMatch.Benchmarks.Service;

[assembly: HostingStartup(typeof(BenchmarkHost))]

namespace PartnerMatch.Benchmarks.Service;

/// <summary>
/// The service as it is, in a process of its own, with an address more that the product does not have: at the end of the service's pipeline it
/// answers a fixed body, the one that was last put there.
/// </summary>
internal sealed class BenchmarkHost : IHostingStartup, IStartupFilter
{
    public const string FixedBodyPath = "/benchmark/fixed-body";

    private byte[] _body = [];
    private string? _contentType;

    /// <summary>Runs the service until it is told to stop.</summary>
    public static int Serve(string[] args)
    {
        Environment.SetEnvironmentVariable("ASPNETCORE_HOSTINGSTARTUPASSEMBLIES", typeof(BenchmarkHost).Assembly.GetName().Name);
        typeof(global::Program).Assembly.EntryPoint!.Invoke(null, BindingFlags.DoNotWrapExceptions, null, [args], CultureInfo.InvariantCulture);
        return 0;
    }

    void IHostingStartup.Configure(IWebHostBuilder builder) => builder.ConfigureServices(services => services.AddSingleton<IStartupFilter>(this));

    /// <summary>What no endpoint of the product takes arrives here, behind its whole pipeline.</summary>
    Action<IApplicationBuilder> IStartupFilter.Configure(Action<IApplicationBuilder> next) => app =>
    {
        next(app);
        app.Run(context => context.Request.Path.Value switch
        {
            FixedBodyPath when HttpMethods.IsGet(context.Request.Method) => WriteBodyAsync(context),
            FixedBodyPath => ReadBodyAsync(context),
            _ => Task.CompletedTask,
        });
    };

    private Task WriteBodyAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status200OK;
        context.Response.ContentType = _contentType;
        context.Response.ContentLength = _body.Length;
        return context.Response.Body.WriteAsync(_body).AsTask();
    }

    private async Task ReadBodyAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        (_body, _contentType) = (body.ToArray(), context.Request.ContentType);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }
}
