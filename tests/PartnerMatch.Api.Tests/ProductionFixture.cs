using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using PartnerMatch.Api.Commands;

namespace PartnerMatch.Api.Tests;

/// <summary>The same as Production starts it: with a first key, which its clients send.</summary>
public class ProductionFixture : ApiFixture
{
    private string? _adminKey;

    protected override string EnvironmentName => "Production";

    /// <summary>A client with a key of its own; with no key where no scope is named.</summary>
    public async Task<HttpClient> CreateClientAsync(string[] scopes, string? owner = null)
    {
        var client = this.Connect();
        client.DefaultRequestHeaders.Authorization = scopes.Length == 0 ? null : Bearer((string)(await CreateKeyAsync(scopes, owner))["secret"]!);
        return client;
    }

    public async Task<JsonNode> CreateKeyAsync(string[] scopes, string? owner = null, DateTimeOffset? expiresAt = null)
    {
        using var admin = this.Connect();
        using var response = await admin.PostAsJsonAsync("/v1/keys", new { name = "test", scopes, owner, expiresAt });
        Assert.Equal(System.Net.HttpStatusCode.Created, response.StatusCode);
        return JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
    }

    public static System.Net.Http.Headers.AuthenticationHeaderValue Bearer(string secret) => new("Bearer", secret);

    protected override IHost CreateHost(IHostBuilder builder)
    {
        var settings = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { ["ConnectionStrings:PartnerMatch"] = $"Data Source={DatabaseFile};Pooling=False" }).Build();
        using var output = new StringWriter();
        Assert.Equal(0, CommandLine.RunAsync(["keys", "create", "--name", "first", "--scopes", "admin"], settings, output, TextWriter.Null).GetAwaiter().GetResult());
        _adminKey = output.ToString().Trim();
        return base.CreateHost(builder);
    }

    protected override void ConfigureClient(HttpClient client)
    {
        base.ConfigureClient(client);
        client.DefaultRequestHeaders.Authorization = Bearer(_adminKey!);
    }
}
