using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;
using PartnerMatch.Api.Access;
using PartnerMatch.Api.Commands;

namespace PartnerMatch.Api.Tests;

/// <summary>Who may do what, with keys.</summary>
public sealed class AccessTests(ProductionFixture api) : IClassFixture<ProductionFixture>
{
    private static readonly string[] Scopes = ["read", "match", "profiles:write", "missions:write", "admin"];
    private static readonly string[] Open = ["GetLiveness", "GetReadiness"];
    private readonly HttpClient _admin = api.Connect();

    [Fact]
    public async Task A_stream_ends_when_its_key_is_revoked()
    {
        var key = await api.CreateKeyAsync(["read"]);
        using var reader = api.Connect();
        reader.DefaultRequestHeaders.Authorization = ProductionFixture.Bearer((string)key["secret"]!);
        var before = await _admin.CreateAsync(new { name = "Told of", country = "BY", region = "BY-HM" });
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/changes") { Headers = { { "Accept", "text/event-stream" } } };
        using var response = await reader.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        await using var events = SseParser.Create(await response.Content.ReadAsStreamAsync()).EnumerateAsync(patience.Token).GetAsyncEnumerator(patience.Token);
        do
        {
            Assert.True(await events.MoveNextAsync());
        }
        while (!events.Current.Data.Contains((string)before["id"]!, StringComparison.Ordinal));

        Assert.Equal(System.Net.HttpStatusCode.NoContent, (await _admin.DeleteAsync($"/v1/keys/{key["id"]}")).StatusCode);
        await _admin.CreateAsync(new { name = "Not told of", country = "BY", region = "BY-HM" });
        Assert.False(await events.MoveNextAsync());
    }

    [Fact]
    public async Task Every_operation_refuses_who_is_not_known_and_who_lacks_its_scope()
    {
        var operations = await FindOperationsAsync();
        Assert.True(operations.Count > 25);
        using var stranger = await api.CreateClientAsync([]);
        var clients = new Dictionary<string, HttpClient>();
        foreach (var scope in Scopes)
        {
            clients[scope] = await api.CreateClientAsync([.. Scopes.Where(s => s != scope && s != "admin")]);
        }

        foreach (var (id, method, path, operation) in operations)
        {
            var security = operation["security"]?.AsArray();
            if (Open.Contains(id))
            {
                Assert.Empty(security ?? []);
                continue;
            }

            var needed = (string)security!.Single()!["bearer"]!.AsArray().Single()!;
            Assert.All(["401", "403"], status => Assert.NotNull(operation["responses"]![status]));
            using var unknown = await stranger.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));
            Assert.True((int)unknown.StatusCode == 401, $"{id} without a key: {unknown.StatusCode}");
            Assert.Equal("Bearer", unknown.Headers.WwwAuthenticate.ToString());
            Assert.Equal("application/problem+json", unknown.Content.Headers.ContentType?.MediaType);
            using var lacking = await clients[needed].SendAsync(new HttpRequestMessage(new HttpMethod(method), path));
            Assert.True((int)lacking.StatusCode == 403, $"{id} without {needed}: {lacking.StatusCode}");
            Assert.Contains($"scope=\"{needed}\"", lacking.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Who_is_not_known_is_not_told_what_there_is_not()
    {
        using var stranger = await api.CreateClientAsync([]);
        await stranger.GetAsync("/v1/nothing").ProblemAsync(401);
        await stranger.DeleteAsync("/v1/regions").ProblemAsync(401);
        await stranger.PostAsync("/v1/enterprises", ClientExtensions.Json("{}", "text/plain")).ProblemAsync(401);
        await _admin.GetAsync("/v1/nothing").ProblemAsync(404);
        await _admin.DeleteAsync("/v1/regions").ProblemAsync(405);
        await _admin.PostAsync("/v1/enterprises", ClientExtensions.Json("{}", "text/plain")).ProblemAsync(415);
    }

    [Theory]
    [InlineData("read", "/v1/enterprises")]
    [InlineData("match", "/v1/pairs")]
    [InlineData("profiles:write", "/v1/imports/none")]
    [InlineData("admin", "/v1/keys")]
    public async Task The_scope_alone_is_enough(string scope, string path)
    {
        using var client = await api.CreateClientAsync([scope]);
        using var response = await client.GetAsync(path);
        Assert.True(response.IsSuccessStatusCode || response.StatusCode == System.Net.HttpStatusCode.NotFound, $"{response.StatusCode}");
    }

    [Theory]
    [InlineData("Bearer pmk_0123456789abcdef_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("Bearer pmk_short")]
    [InlineData("Bearer")]
    [InlineData("Basic YWRtaW46YWRtaW4=")]
    [InlineData("Bearer eyJhbGciOiJub25lIn0.e30.")]
    public async Task What_is_no_key_is_refused(string header)
    {
        using var client = await api.CreateClientAsync([]);
        client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", header);
        using var response = await client.GetAsync("/v1/regions");
        Assert.True((int)response.StatusCode is 401 or 429);
    }

    [Fact]
    public async Task A_key_with_a_changed_secret_is_refused()
    {
        var secret = (string)(await api.CreateKeyAsync(["read"]))["secret"]!;
        using var client = await api.CreateClientAsync([]);
        client.DefaultRequestHeaders.Authorization = ProductionFixture.Bearer(secret);
        await client.GetJsonAsync("/v1/regions");
        client.DefaultRequestHeaders.Authorization = ProductionFixture.Bearer(secret[..^2] + (secret[^2] == 'A' ? "B" : "A") + secret[^1]);
        await client.GetAsync("/v1/regions").ProblemAsync(401);
    }

    [Fact]
    public async Task A_revoked_key_is_refused_at_once_and_stays_listed()
    {
        var issued = await api.CreateKeyAsync(["read"]);
        var id = (string)issued["id"]!;
        using var client = await api.CreateClientAsync([]);
        client.DefaultRequestHeaders.Authorization = ProductionFixture.Bearer((string)issued["secret"]!);
        await client.GetJsonAsync("/v1/regions");
        Assert.Equal(System.Net.HttpStatusCode.NoContent, (await _admin.DeleteAsync($"/v1/keys/{id}")).StatusCode);
        await client.GetAsync("/v1/regions").ProblemAsync(401);
        Assert.Equal(System.Net.HttpStatusCode.NoContent, (await _admin.DeleteAsync($"/v1/keys/{id}")).StatusCode);
        Assert.NotNull((await _admin.GetJsonAsync($"/v1/keys/{id}"))["revokedAt"]);
        await _admin.PostAsJsonAsync($"/v1/keys/{id}/rotate", new { }).ProblemAsync(409);
        await _admin.DeleteAsync("/v1/keys/none").ProblemAsync(404);
        await _admin.GetAsync("/v1/keys/none").ProblemAsync(404);
        await _admin.PostAsJsonAsync("/v1/keys/none/rotate", new { }).ProblemAsync(404);
    }

    [Theory]
    [InlineData(1, 200)]
    [InlineData(0, 401)]
    public async Task A_rotated_key_is_valid_for_the_overlap_beside_the_new_one(double overlapHours, int status)
    {
        var old = await api.CreateKeyAsync(["read", "match"], "portal", DateTimeOffset.UtcNow.AddDays(10));
        using var response = await _admin.PostAsJsonAsync($"/v1/keys/{old["id"]}/rotate", new { overlapHours });
        Assert.Equal(System.Net.HttpStatusCode.Created, response.StatusCode);
        var renewed = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        Assert.True(JsonNode.DeepEquals(old["scopes"], renewed["scopes"]));
        Assert.Equal("portal", (string?)renewed["owner"]);
        Assert.True((DateTimeOffset)renewed["expiresAt"]! >= (DateTimeOffset)old["expiresAt"]!);
        using var client = await api.CreateClientAsync([]);
        client.DefaultRequestHeaders.Authorization = ProductionFixture.Bearer((string)renewed["secret"]!);
        await client.GetJsonAsync("/v1/regions");
        client.DefaultRequestHeaders.Authorization = ProductionFixture.Bearer((string)old["secret"]!);
        Assert.Equal(status, (int)(await client.GetAsync("/v1/regions")).StatusCode);
    }

    [Fact]
    public async Task Keys_are_listed_page_by_page_without_their_secrets()
    {
        var secret = (string)(await api.CreateKeyAsync(["read"]))["secret"]!;
        var ids = new List<string>();
        for (var next = "/v1/keys?limit=2"; next is not null;)
        {
            var page = await _admin.GetJsonAsync(next);
            Assert.DoesNotContain(secret[^43..], page.ToJsonString(), StringComparison.Ordinal);
            ids.AddRange(page["items"]!.AsArray().Select(k => (string)k!["id"]!));
            next = (string?)page["next"];
        }

        Assert.Equal(ids.Count, ids.Distinct().Count());
        Assert.Contains(secret[4..20], ids);
        await using var file = new FileStream(api.DatabaseFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(file, System.Text.Encoding.Latin1);
        Assert.DoesNotContain(secret[^43..], await reader.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"name":"","scopes":["read"]}""", "name")]
    [InlineData("""{"name":"x","scopes":[]}""", "scopes")]
    [InlineData("""{"name":"x","scopes":["read","read"]}""", "scopes")]
    [InlineData("""{"name":"x","scopes":["root"]}""", "scopes[0]")]
    [InlineData("""{"name":"x","scopes":["read"],"owner":" "}""", "owner")]
    [InlineData("""{"name":"x","scopes":["admin"],"owner":"portal"}""", "owner")]
    [InlineData("""{"name":"x","scopes":["read"],"expiresAt":"2020-01-01T00:00:00Z"}""", "expiresAt")]
    [InlineData("""{"name":"x","scopes":["read"],"secret":"mine"}""", "secret")]
    public async Task A_key_that_makes_no_sense_is_refused_by_field(string body, string path) =>
        Assert.Contains(path, (await _admin.PostAsync("/v1/keys", ClientExtensions.Json(body)).ProblemAsync(400)).Paths());

    [Fact]
    public async Task An_overlap_that_is_too_long_and_a_foreign_cursor_are_refused()
    {
        var id = (string)(await api.CreateKeyAsync(["read"]))["id"]!;
        Assert.Contains("overlapHours", (await _admin.PostAsJsonAsync($"/v1/keys/{id}/rotate", new { overlapHours = 721 }).ProblemAsync(400)).Paths());
        Assert.Contains("cursor", (await _admin.GetAsync("/v1/keys?cursor=zzz").ProblemAsync(400)).Paths());
    }

    private async Task<IReadOnlyList<(string Id, string Method, string Path, JsonNode Operation)>> FindOperationsAsync()
    {
        var document = JsonNode.Parse(await _admin.GetStringAsync("/openapi/v1.json"))!;
        return [.. document["paths"]!.AsObject().SelectMany(p => p.Value!.AsObject().Select(o =>
            ((string)o.Value!["operationId"]!, o.Key.ToUpperInvariant(), System.Text.RegularExpressions.Regex.Replace(p.Key, "{[^}]*}", "x"), o.Value!)))];
    }
}

/// <summary>How the service starts with and without keys, and what tokens of an issuer may do.</summary>
public sealed class AccessStartTests
{
    private const string Issuer = "https://issuer.example";
    private static readonly SymmetricSecurityKey SigningKey = new(Enumerable.Range(1, 32).Select(b => (byte)b).ToArray());

    [Fact]
    public void Production_does_not_start_without_a_key_or_an_issuer()
    {
        using var api = new ApiFixture();
        using var production = api.WithWebHostBuilder(builder => builder.UseEnvironment("Production"));
        var refusal = Assert.Throws<InvalidOperationException>(() => production.Connect());
        Assert.Contains("keys create", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_issuer_without_an_audience_does_not_start()
    {
        using var api = new ApiFixture();
        using var careless = api.WithWebHostBuilder(builder => builder.UseSetting("PartnerMatch:Tokens:Authority", Issuer));
        Assert.Contains("Audience", Assert.Throws<InvalidOperationException>(() => careless.Connect()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Development_runs_open_until_it_starts_with_a_key()
    {
        using var api = new ApiFixture();
        string secret;
        using (var open = api.WithWebHostBuilder(_ => { }))
        {
            using var client = open.Connect();
            await client.GetJsonAsync("/v1/keys");
            using var created = await client.PostAsJsonAsync("/v1/keys", new { name = "reader", scopes = new[] { "read" } });
            secret = (string)JsonNode.Parse(await created.Content.ReadAsStringAsync())!["secret"]!;
            await client.GetJsonAsync("/v1/keys");

            // A key that is sent counts even so.
            client.DefaultRequestHeaders.Authorization = ProductionFixture.Bearer(secret);
            await client.GetJsonAsync("/v1/regions");
            await client.GetAsync("/v1/keys").ProblemAsync(403);
        }

        using var closed = api.WithWebHostBuilder(_ => { });
        using var later = closed.Connect();
        await later.GetAsync("/v1/regions").ProblemAsync(401);
        later.DefaultRequestHeaders.Authorization = ProductionFixture.Bearer(secret);
        await later.GetJsonAsync("/v1/regions");

        // The use of a key is written down in the background, at the latest when the service stops.
        closed.Dispose();
        using var last = api.WithWebHostBuilder(_ => { });
        using var reader = last.Connect();
        var settings = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { ["ConnectionStrings:PartnerMatch"] = $"Data Source={api.DatabaseFile};Pooling=False" }).Build();
        using var output = new StringWriter();
        Assert.Equal(0, await CommandLine.RunAsync(["keys", "create", "--name", "root", "--scopes", "admin", "--expires", "1d"], settings, output, TextWriter.Null));
        reader.DefaultRequestHeaders.Authorization = ProductionFixture.Bearer(output.ToString().Trim());
        var keys = (await reader.GetJsonAsync("/v1/keys"))["items"]!.AsArray();
        Assert.NotNull(keys.Single(k => (string)k!["name"]! == "reader")!["lastUsedAt"]);
        Assert.NotNull(keys.Single(k => (string)k!["name"]! == "root")!["expiresAt"]);
    }

    [Theory]
    [InlineData("keys", "create", "--scopes", "read")]
    [InlineData("keys", "create", "--name", "x")]
    [InlineData("keys", "create", "--name", "x", "--scopes", "everything")]
    [InlineData("keys", "create", "--name", "x", "--scopes", "read", "--expires", "soon")]
    [InlineData("keys", "create", "--name", "x", "--scopes", "admin", "--owner", "portal")]
    [InlineData("key")]
    public async Task A_command_that_makes_no_sense_makes_no_key(params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        Assert.NotEqual(0, await CommandLine.RunAsync(args, new ConfigurationBuilder().Build(), output, error));
        Assert.NotEmpty(error.ToString());
        Assert.DoesNotContain("pmk_", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tokens_of_the_issuer_are_taken_for_what_their_scopes_say()
    {
        using var api = new ApiFixture();
        using var trusting = Trusting(api);
        Assert.Equal(401, await StatusAsync(trusting, null, "/v1/regions"));
        Assert.Equal(200, await StatusAsync(trusting, Token(new() { ["scope"] = "openid read" }), "/v1/regions"));
        Assert.Equal(200, await StatusAsync(trusting, Token(new() { ["scp"] = new[] { "match" } }), "/v1/pairs"));
        Assert.Equal(403, await StatusAsync(trusting, Token(new() { ["scope"] = "openid match" }), "/v1/regions"));
        Assert.Equal(403, await StatusAsync(trusting, Token(new() { ["scope"] = "read", ["actor"] = "key:1", ["roles"] = "admin" }), "/v1/keys"));
        Assert.Equal(401, await StatusAsync(trusting, Token(new() { ["scope"] = "read" }, audience: "another"), "/v1/regions"));
        Assert.Equal(401, await StatusAsync(trusting, Token(new() { ["scope"] = "read" }, issuer: "https://other.example"), "/v1/regions"));
        Assert.Equal(401, await StatusAsync(trusting, Token(new() { ["scope"] = "read" }, expires: DateTime.UtcNow.AddHours(-1)), "/v1/regions"));
        Assert.Equal(401, await StatusAsync(trusting, "eyJhbGciOiJub25lIn0.eyJzY29wZSI6InJlYWQifQ.", "/v1/regions"));
    }

    [Fact]
    public async Task What_one_portal_was_answered_is_replayed_to_no_other_though_one_subject_calls_for_both()
    {
        using var api = new ApiFixture();
        using var trusting = Trusting(api);
        var created = new List<JsonNode>();
        foreach (var owner in new[] { "north", "south", "north" })
        {
            using var client = trusting.Connect();
            client.DefaultRequestHeaders.Authorization = ProductionFixture.Bearer(Token(new() { ["scope"] = "profiles:write", ["owner"] = owner }));
            client.DefaultRequestHeaders.Add("Idempotency-Key", "of-a-gateway");
            created.Add(await client.CreateAsync(new { name = "Sent for several", country = "BY", region = "BY-HM" }));
        }

        Assert.Equal(["north", "south", "north"], created.Select(c => (string?)c["owner"]));
        Assert.Equal((string)created[0]["id"]!, (string)created[2]["id"]!);
    }

    [Fact]
    public async Task Guessing_is_slowed_down_and_valid_keys_pass_meanwhile()
    {
        using var production = new ProductionFixture();
        using var valid = await production.CreateClientAsync(["read"]);
        using var guessing = await production.CreateClientAsync([]);
        guessing.DefaultRequestHeaders.Authorization = ProductionFixture.Bearer("pmk_0123456789abcdef_" + new string('A', 43));
        var statuses = new List<int>();
        for (var i = 0; i < 25; i++)
        {
            statuses.Add((int)(await guessing.GetAsync("/v1/regions")).StatusCode);
        }

        Assert.Equal(401, statuses[0]);
        Assert.Equal(429, statuses[^1]);
        using var refused = await guessing.GetAsync("/v1/regions");
        Assert.NotNull(refused.Headers.RetryAfter);
        await valid.GetJsonAsync("/v1/regions");
    }

    [Fact]
    public void An_endpoint_that_does_not_say_who_may_call_it_stops_the_start()
    {
        var app = WebApplication.CreateBuilder().Build();
        app.MapGet("/forgotten", () => "everything");
        Assert.Contains("/forgotten", Assert.Throws<InvalidOperationException>(() => AccessRules.RequireScopes(app)).Message, StringComparison.Ordinal);
        var twice = WebApplication.CreateBuilder().Build();
        twice.MapGroup("/group").Needs(Scope.Read).MapGet("/", () => "everything").Needs(Scope.Admin);
        Assert.Throws<InvalidOperationException>(() => AccessRules.RequireScopes(twice));
    }

    private static WebApplicationFactory<Program> Trusting(ApiFixture api) => api.WithWebHostBuilder(builder => builder
        .UseEnvironment("Production")
        .UseSetting("PartnerMatch:Tokens:Authority", Issuer)
        .UseSetting("PartnerMatch:Tokens:Audience", "partnermatch")
        .ConfigureTestServices(services => services.PostConfigure<JwtBearerOptions>(JwtBearerDefaults.AuthenticationScheme, options =>
        {
            var issuer = new OpenIdConnectConfiguration { Issuer = Issuer };
            issuer.SigningKeys.Add(SigningKey);
            options.ConfigurationManager = new Microsoft.IdentityModel.Protocols.StaticConfigurationManager<OpenIdConnectConfiguration>(issuer);
        })));

    private static async Task<int> StatusAsync(WebApplicationFactory<Program> api, string? token, string path)
    {
        using var client = api.Connect();
        client.DefaultRequestHeaders.Authorization = token is null ? null : ProductionFixture.Bearer(token);
        using var response = await client.GetAsync(path);
        return (int)response.StatusCode;
    }

    private static string Token(Dictionary<string, object> claims, string issuer = Issuer, string audience = "partnermatch", DateTime? expires = null) => new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
    {
        Issuer = issuer,
        Audience = audience,
        NotBefore = DateTime.UtcNow.AddHours(-2),
        Expires = expires ?? DateTime.UtcNow.AddMinutes(5),
        Claims = new Dictionary<string, object>(claims) { ["sub"] = "someone" },
        SigningCredentials = new SigningCredentials(SigningKey, SecurityAlgorithms.HmacSha256),
    });
}
