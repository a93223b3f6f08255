using PartnerMatch.Api.Access;
using PartnerMatch.Api.Commands;
using PartnerMatch.Api.Competencies;
using PartnerMatch.Api.Corridors;
using PartnerMatch.Api.Enterprises;
using PartnerMatch.Api.Health;
using PartnerMatch.Api.Http;
using PartnerMatch.Api.Idempotency;
using PartnerMatch.Api.Imports;
using PartnerMatch.Api.Keys;
using PartnerMatch.Api.Matches;
using PartnerMatch.Api.Pairs;
using PartnerMatch.Api.RankingProfiles;
using PartnerMatch.Api.Reference;
using PartnerMatch.Api.Regions;
using PartnerMatch.Api.Replay;
using PartnerMatch.Api.Storage;

if (CommandLine.IsCommand(args))
{
    return await CommandLine.RunAsync(args, WebApplication.CreateBuilder().Configuration, Console.Out, Console.Error);
}

var builder = WebApplication.CreateBuilder(args);
builder.WebHost.ConfigureKestrel(kestrel =>
{
    kestrel.AddServerHeader = false;
    kestrel.Limits.MaxRequestBodySize = BodyLimits.MaxBodySize;
});
builder.Services
    .AddSingleton(TimeProvider.System)
    .AddSingleton(new ReferenceFolder(Path.Combine(Preparation.DbFolder, "reference")))
    .AddSingleton(provider => ReferenceFiles.Load(provider.GetRequiredService<ReferenceFolder>().Path))
    .AddSingleton(provider => SqliteDatabase.From(provider.GetRequiredService<IConfiguration>()))
    .AddSingleton<IdempotencyStore>()
    .AddHostedService<Preparation>()
    .AddAccess(builder.Configuration)
    .AddExceptionHandler<ProblemHandling>()
    .Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true)
    .AddJsonConventions()
    .AddOpenApiDocumentation()
    .AddRegions()
    .AddCorridors()
    .AddCompetencies()
    .AddEnterprises()
    .AddImports()
    .AddKeys()
    .AddMatches()
    .AddPairs()
    .AddRankingProfiles()
    .AddReplay();

var app = builder.Build();

// What the service itself is to blame for is logged, under the trace id that the caller is told.
app.UseExceptionHandler(new ExceptionHandlerOptions
{
    ExceptionHandler = _ => Task.CompletedTask,
    SuppressDiagnosticsCallback = context => context.Exception is BadHttpRequestException,
});
app.UseStatusCodePages(ProblemHandling.WriteStatusAsync);
app.UseSwaggerUI(ui =>
{
    ui.SwaggerEndpoint("/openapi/v1.json", "PartnerMatch v1");
    ui.DocumentTitle = "PartnerMatch";
});
app.UseAccess();
app.Use(BodyEncoding.RequireUtf8Async);
app.UseMiddleware<IdempotencyMiddleware>();
app.MapGet("/", () => Results.Redirect("/swagger")).ExcludeFromDescription().AllowAnonymous();
app.MapOpenApi().AllowAnonymous();
app.MapHealth();

var v1 = app.MapGroup("/v1").CheckRequests();
v1.MapRegions();
v1.MapCorridors();
v1.MapCompetencies();
v1.MapEnterprises();
v1.MapImports();
v1.MapKeys();
v1.MapMatches();
v1.MapPairs();
v1.MapRankingProfiles();

// Endpoints are built when first asked for; asking now makes a missing validator or scope stop the start and not the first request.
AccessRules.RequireScopes(app);
app.Run();
return 0;
