using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;

namespace PartnerMatch.Api.Tests.Proxy;

/// <summary>The proxy finds what is not in the document, and a test that meets it fails.</summary>
public sealed partial class ProxyTests : IClassFixture<ApiFixture>
{
    private readonly HttpClient _client;

    public ProxyTests(ApiFixture api) => _client = api.WithWebHostBuilder(builder => builder
        .ConfigureTestServices(services => services.AddSingleton<IStartupFilter, AnswerAsAsked>())).Connect();

    [ProxyTheory]
    [InlineData("/v1/forms", 418, "application/problem+json", "{}", "Unable to match the returned status code")]
    [InlineData("/v1/forms", 404, "application/problem+json", "{}", "Unable to match the returned status code")]
    [InlineData("/v1/forms", 200, "text/html", "<p>", "does not match the one")]
    [InlineData("/v1/forms", 200, "application/json", "{}", "must have required property 'items'")]
    [InlineData("/v1/forms", 200, "application/json", """{"items":[],"more":1}""", "must NOT have additional properties; found 'more'")]
    [InlineData("/v1/forms", 503, "application/problem+json", """{"status":"high"}""", "property status must be integer")]
    [InlineData("/v1/forms", 503, "text/plain", "busy", "does not match the one")]
    [InlineData("/v1/match-runs/x/events", 200, "text/plain", "tick", "does not match the one")]
    [InlineData("/v1/secrets", 200, "application/json", "{}", "no such path and method")]
    public async Task What_the_document_does_not_say_is_found(string path, int status, string type, string body, string found)
    {
        using var request = Asking(HttpMethod.Get, path, status, type, body);
        var finding = await Assert.ThrowsAsync<ProxyFindingException>(() => _client.SendAsync(request));
        Assert.Contains($"GET {path} answered {status}", finding.Message, StringComparison.Ordinal);
        Assert.Contains(found, finding.Message, StringComparison.Ordinal);
    }

    [ProxyTheory]
    [InlineData("not JSON", "application/json")]
    [InlineData("not UTF-8", "text/csv; charset=utf-16")]
    public async Task So_it_is_where_the_proxy_cannot_carry_the_request(string body, string type)
    {
        using var request = Asking(HttpMethod.Post, "/v1/matches/query", 418, "application/problem+json", "{}");
        request.Content = new ByteArrayContent(Encoding.Unicode.GetBytes(body)) { Headers = { { "Content-Type", type } } };
        await Assert.ThrowsAsync<ProxyFindingException>(() => _client.SendAsync(request));
    }

    /// <summary>A schema that Prism cannot compile would be passed over in silence.</summary>
    [ProxyFact]
    public async Task No_answer_of_the_document_is_passed_over()
    {
        var passedOver = new List<string>();
        var compared = 0;
        foreach (var (path, operations) in JsonNode.Parse(await File.ReadAllTextAsync(ValidatingProxy.DocumentFile))!["paths"]!.AsObject())
        {
            foreach (var (method, operation) in operations!.AsObject())
            {
                foreach (var (status, answer) in operation!["responses"]!.AsObject())
                {
                    foreach (var (type, _) in answer!["content"]?.AsObject().Where(c => c.Key.EndsWith("json", StringComparison.Ordinal) && c.Key != "application/x-ndjson") ?? [])
                    {
                        compared++;
                        using var request = Asking(HttpMethod.Parse(method), Parameter().Replace(path, "x"), int.Parse(status, CultureInfo.InvariantCulture), type, "[]");
                        try
                        {
                            using var passed = await _client.SendAsync(request);
                            passedOver.Add($"{method} {path} {status} {type}");
                        }
                        catch (ProxyFindingException)
                        {
                            // As it should: every answer is an object.
                        }
                    }
                }
            }
        }

        Assert.Empty(passedOver);
        Assert.True(compared > 500, $"{compared} answers");
    }

    private static HttpRequestMessage Asking(HttpMethod method, string path, int status, string type, string body) =>
        new(method, path) { Headers = { { "X-Status", status.ToString(CultureInfo.InvariantCulture) }, { "X-Type", type }, { "X-Body", body } } };

    [GeneratedRegex(@"\{\w+\}")]
    private static partial Regex Parameter();

    /// <summary>Answers what the request asks for, before the service sees it.</summary>
    private sealed class AnswerAsAsked : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app => app.Run(context =>
        {
            var asked = context.Request.Headers;
            context.Response.StatusCode = int.Parse(asked["X-Status"].ToString(), CultureInfo.InvariantCulture);
            context.Response.ContentType = asked["X-Type"];
            return context.Response.WriteAsync(asked["X-Body"].ToString());
        });
    }

    private sealed class ProxyFactAttribute : FactAttribute
    {
        public ProxyFactAttribute() => Skip = Unless;
    }

    private sealed class ProxyTheoryAttribute : TheoryAttribute
    {
        public ProxyTheoryAttribute() => Skip = Unless;
    }

    private static string? Unless => ValidatingProxy.IsOn ? null : $"{ValidatingProxy.Variable} is not set";
}
