using PartnerMatch.Api.Access;
using PartnerMatch.Api.Audit;
using PartnerMatch.Api.Changes;
using PartnerMatch.Api.Commands;
using PartnerMatch.Api.Competencies;
using PartnerMatch.Api.Corridors;
using PartnerMatch.Api.Decisions;
using PartnerMatch.Api.Enterprises;
using PartnerMatch.Api.Gaps;
using PartnerMatch.Api.Health;
using PartnerMatch.Api.Http;
using PartnerMatch.Api.Idempotency;
using PartnerMatch.Api.Imports;
using PartnerMatch.Api.Keys;
using PartnerMatch.Api.Limits;
using PartnerMatch.Api.Matches;
using PartnerMatch.Api.MatchRuns;
using PartnerMatch.Api.Pairs;
using PartnerMatch.Api.RankingProfiles;
using PartnerMatch.Api.Reference;
using PartnerMatch.Api.Regions;
using PartnerMatch.Api.Replay;
using PartnerMatch.Api.Storage;
using PartnerMatch.Api.Telemetry;
using PartnerMatch.Api.Watches;
using PartnerMatch.Api.Webhooks;

if (CommandLine.IsCommand(args))
{
    return await CommandLine.RunAsync(args, WebApplication.CreateBuilder().Configuration, Console.Out, Console.Error);
}

var builder = WebApplication.CreateBuilder(args);
builder.WebHost.ConfigureKestrel(kestrel =>
{
    kestrel.AddServerHeader = false;
    kestrel.Limits.MaxRequestBodySize = BodyLimits.MaxBodySize;

    // Who sends its headers a byte at a time holds a connection for no longer; of bodies Kestrel asks 240 bytes a second by itself.
    kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
});
builder.Services
    .AddSingleton(TimeProvider.System)
    .AddSingleton(new ReferenceFolder(Path.Combine(Preparation.DbFolder, "reference")))
    .AddSingleton(provider => ReferenceFiles.Load(provider.GetRequiredService<ReferenceFolder>().Path))
    .AddSingleton(provider => SqliteDatabase.From(provider.GetRequiredService<IConfiguration>(), provider.GetRequiredService<StoreMeter>()))
    .AddSingleton<IdempotencyStore>()
    .AddSingleton<Preparing>()
    .AddHostedService<Preparation>()
    .AddAccess(builder.Configuration)
    .AddExceptionHandler<ProblemHandling>()
    .Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true)
    .AddJsonConventions()
    .AddOpenApiDocumentation()
    .AddOrigins(builder.Configuration)
    .AddAudit()
    .AddChanges()
    .AddRegions()
    .AddCorridors()
    .AddCompetencies()
    .AddDecisions()
    .AddEnterprises()
    .AddGaps()
    .AddImports()
    .AddKeys()
    .AddLimits(builder.Configuration)
    .AddMatches()
    .AddMatchRuns()
    .AddPairs()
    .AddRankingProfiles()
    .AddReplay()
    .AddTelemetry(builder.Configuration)
    .AddWatches()
    .AddWebhooks();

var app = builder.Build();
app.Use(SecurityHeaders.AddAsync);

// What the service itself is to blame for is logged, under the trace id that the caller is told.
app.UseExceptionHandler(new ExceptionHandlerOptions
{
    ExceptionHandler = _ => Task.CompletedTask,
    SuppressDiagnosticsCallback = context => context.Exception is BadHttpRequestException,
});
app.UseStatusCodePages(ProblemHandling.WriteStatusAsync);
if (!app.Environment.IsDevelopment())
{
    app.UseHsts();
}

app.UseOrigins();
if (app.Configuration.GetValue("PartnerMatch:SwaggerUi", app.Environment.IsDevelopment()))
{
    app.UseSwaggerUI(ui =>
    {
        ui.SwaggerEndpoint("/openapi/v1.json", "PartnerMatch v1");
        ui.DocumentTitle = "PartnerMatch";
    });
    app.MapGet("/", () => Results.Redirect("/swagger")).ExcludeFromDescription().AllowAnonymous();
}

app.UseCallers();
app.UseLimits();
app.UseAuthorization();
app.Use(app.Services.GetRequiredService<Preparing>().HoldAsync);
app.Use(BodyEncoding.RequirePlainUtf8Async);
app.UseMiddleware<IdempotencyMiddleware>();
app.MapOpenApi().AllowAnonymous();
app.MapHealth();
app.MapMetrics();

var v1 = app.MapGroup("/v1").CheckRequests().HideDrafts();
v1.MapAudit();
v1.MapChanges();
v1.MapRegions();
v1.MapCorridors();
v1.MapCompetencies();
v1.MapDecisions();
v1.MapEnterprises();
v1.MapGaps();
v1.MapImports();
v1.MapKeys();
v1.MapMatches();
v1.MapMatchRuns();
v1.MapPairs();
v1.MapRankingProfiles();
v1.MapWatches();
v1.MapWebhooks();

// Endpoints are built when first asked for; asking now makes a missing validator or scope stop the start and not the first request.
AccessRules.RequireScopes(app);
app.Run();
return 0;
