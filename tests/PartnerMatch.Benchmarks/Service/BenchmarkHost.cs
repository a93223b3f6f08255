using System.Globalization;
using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using PartnerMatch.Api.Enterprises;
using PartnerMatch.Benchmarks.Generating;
using PartnerMatch.Benchmarks.Service;
using EnterpriseProfile = PartnerMatch.Ranking.Profiles.EnterpriseProfile;

[assembly: HostingStartup(typeof(BenchmarkHost))]

namespace PartnerMatch.Benchmarks.Service;

/// <summary>
/// The service as it is, in a process of its own, with two addresses more that the product does not have: one that fills the database by the
/// product's own store, and one that answers a fixed body at the end of the service's pipeline.
/// </summary>
internal sealed class BenchmarkHost : IHostingStartup, IStartupFilter
{
    public const string FillPath = "/benchmark/fill";
    public const string FixedBodyPath = "/benchmark/fixed-body";
    private const int Batch = 5000;

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
            FillPath => FillAsync(context),
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

    /// <summary>Stores so many generated enterprises of each side.</summary>
    private static async Task FillAsync(HttpContext context)
    {
        var perSide = int.Parse(context.Request.Query["perSide"]!, CultureInfo.InvariantCulture);
        var store = context.RequestServices.GetRequiredService<EnterpriseStore>();
        var world = World.OfProduct();
        foreach (var batch in world.Subjects(perSide).Concat(world.Candidates(perSide)).Chunk(Batch))
        {
            await store.CreateAsync([.. batch.Select(e => (e.Id, ToRequest(e)))], context.RequestAborted);
        }

        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static EnterpriseRequest ToRequest(EnterpriseProfile profile) => new()
    {
        Name = profile.Name,
        NameRu = profile.NameRu,
        Country = profile.Country,
        Region = profile.Region,
        Location = profile.Location is { } place ? new Location(place.Latitude, place.Longitude) : null,
        Employees = profile.Employees,
        Revenue = profile.Revenue is { } revenue ? new Revenue(revenue.Amount, revenue.Currency) : null,
        Markets = profile.Markets,
        Offers = [.. profile.Offers.Select(o => new OfferEntry { Code = o.Code, Strength = o.Strength })],
        Needs = [.. profile.Needs.Select(n => new NeedEntry { Code = n.Code, Urgency = n.Urgency })],
    };
}
