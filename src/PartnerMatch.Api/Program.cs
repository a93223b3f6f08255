using PartnerMatch.Api.Competencies;
using PartnerMatch.Api.Corridors;
using PartnerMatch.Api.Enterprises;
using PartnerMatch.Api.Health;
using PartnerMatch.Api.Http;
using PartnerMatch.Api.Imports;
using PartnerMatch.Api.Matches;
using PartnerMatch.Api.Pairs;
using PartnerMatch.Api.RankingProfiles;
using PartnerMatch.Api.Reference;
using PartnerMatch.Api.Regions;
using PartnerMatch.Api.Storage;

var builder = WebApplication.CreateBuilder(args);
builder.WebHost.ConfigureKestrel(kestrel =>
{
    kestrel.AddServerHeader = false;
    kestrel.Limits.MaxRequestBodySize = BodyLimits.MaxBodySize;
});
builder.Services
    .AddSingleton(TimeProvider.System)
    .AddSingleton(_ => ReferenceFiles.Load(Path.Combine(Preparation.DbFolder, "reference")))
    .AddSingleton(provider => new SqliteDatabase(provider.GetRequiredService<IConfiguration>().GetConnectionString("PartnerMatch")
        ?? throw new InvalidOperationException("ConnectionStrings:PartnerMatch is not set.")))
    .AddHostedService<Preparation>()
    .AddExceptionHandler<ProblemHandling>()
    .Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true)
    .AddJsonConventions()
    .AddOpenApiDocumentation()
    .AddRegions()
    .AddCorridors()
    .AddCompetencies()
    .AddEnterprises()
    .AddImports()
    .AddMatches()
    .AddPairs()
    .AddRankingProfiles();

var app = builder.Build();

// What the service itself is to blame for is logged, under the trace id that the caller is told.
app.UseExceptionHandler(new ExceptionHandlerOptions
{
    ExceptionHandler = _ => Task.CompletedTask,
    SuppressDiagnosticsCallback = context => context.Exception is BadHttpRequestException,
});
app.Use(BodyEncoding.RequireUtf8Async);
app.UseStatusCodePages(ProblemHandling.WriteStatusAsync);
app.UseSwaggerUI(ui =>
{
    ui.SwaggerEndpoint("/openapi/v1.json", "PartnerMatch v1");
    ui.DocumentTitle = "PartnerMatch";
});
app.MapGet("/", () => Results.Redirect("/swagger")).ExcludeFromDescription();
app.MapOpenApi();
app.MapHealth();

var v1 = app.MapGroup("/v1").CheckRequests();
v1.MapRegions();
v1.MapCorridors();
v1.MapCompetencies();
v1.MapEnterprises();
v1.MapImports();
v1.MapMatches();
v1.MapPairs();
v1.MapRankingProfiles();

// Endpoints are built when first asked for; asking now makes a missing validator stop the start and not the first request.
_ = ((IEndpointRouteBuilder)app).DataSources.Sum(source => source.Endpoints.Count);
app.Run();
