using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using PartnerMatch.Api.Reference;
using PartnerMatch.Api.Storage;

namespace PartnerMatch.Api.Tests;

/// <summary>The service on a SQLite file of its own, deleted afterwards.</summary>
public class ApiFixture : WebApplicationFactory<Program>
{
    /// <summary>Read once for all: it never changes, and a copy for each fixture would take most of the time and memory of the tests.</summary>
    private static readonly Lazy<ReferenceCatalog> Reference = new(() => ReferenceFiles.Load(Path.Combine(Preparation.DbFolder, "reference")));

    private readonly string _folder = Directory.CreateTempSubdirectory("partnermatch-test-").FullName;

    public string DatabaseFile => Path.Combine(_folder, "test.db");

    public string ImportsFolder => Path.Combine(_folder, "imports");

    public string RunsFolder => Path.Combine(_folder, "match-runs");

    protected virtual bool WithSample => false;

    protected virtual string EnvironmentName => "Development";

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        builder.UseEnvironment(EnvironmentName);
        builder.UseSetting("ConnectionStrings:PartnerMatch", $"Data Source={DatabaseFile};Pooling=False");
        builder.UseSetting("PartnerMatch:SampleData", WithSample ? "true" : "false");
        builder.UseSetting("Logging:LogLevel:Default", "Warning");
        builder.ConfigureTestServices(services => services.AddSingleton(_ => Reference.Value));
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing && Directory.Exists(_folder))
        {
            SqliteConnection.ClearAllPools();
            Directory.Delete(_folder, recursive: true);
        }
    }
}

/// <summary>The same with the sample loaded; tests on it only read.</summary>
public sealed class SampleFixture : ApiFixture
{
    protected override bool WithSample => true;
}

internal static class ClientExtensions
{
    public static async Task<JsonNode> GetJsonAsync(this HttpClient client, string path)
    {
        using var response = await client.GetAsync(path);
        var body = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{path}: {(int)response.StatusCode} {body}");
        return JsonNode.Parse(body)!;
    }

    public static async Task<JsonNode> CreateAsync(this HttpClient client, object enterprise)
    {
        using var response = await client.PostAsJsonAsync("/v1/enterprises", enterprise);
        var body = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == System.Net.HttpStatusCode.Created, body);
        return JsonNode.Parse(body)!;
    }

    /// <summary>Replaces what is stored, whichever version that is.</summary>
    public static Task<HttpResponseMessage> ReplaceAsync(this HttpClient client, string path, object body) => client.SendVersionedAsync(HttpMethod.Put, path, body, "*");

    /// <summary>Patches what is stored, whichever version that is.</summary>
    public static async Task<HttpResponseMessage> MergeAsync(this HttpClient client, string path, HttpContent patch)
    {
        using var request = new HttpRequestMessage(HttpMethod.Patch, path) { Content = patch, Headers = { { "If-Match", "*" } } };
        return await client.SendAsync(request);
    }

    /// <summary>Removes what is stored, whichever version that is.</summary>
    public static Task<HttpResponseMessage> RemoveAsync(this HttpClient client, string path) => client.SendVersionedAsync(HttpMethod.Delete, path, null, "*");

    /// <summary>Sends a JSON body, if any, with the version that it changes, if any.</summary>
    public static async Task<HttpResponseMessage> SendVersionedAsync(this HttpClient client, HttpMethod method, string path, object? body, string? ifMatch)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        if (ifMatch is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        }

        return await client.SendAsync(request);
    }

    /// <summary>Checks that the answer is a problem of that status, and returns it.</summary>
    public static async Task<JsonNode> ProblemAsync(this Task<HttpResponseMessage> sending, int status)
    {
        using var response = await sending;
        var body = await response.Content.ReadAsStringAsync();
        Assert.True((int)response.StatusCode == status, $"expected {status}, got {(int)response.StatusCode}: {body}");
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        var problem = JsonNode.Parse(body)!;
        Assert.Equal(status, (int)problem["status"]!);
        Assert.StartsWith("urn:partnermatch:problem:", (string)problem["type"]!, StringComparison.Ordinal);
        Assert.False(string.IsNullOrEmpty((string?)problem["traceId"]));
        return problem;
    }

    public static IEnumerable<string> Paths(this JsonNode problem) => problem["errors"]!.AsArray().Select(e => (string)e!["path"]!);

    public static StringContent Json(string body, string type = "application/json") => new(body, System.Text.Encoding.UTF8, type);

    public static JsonSerializerOptions Indented { get; } = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
