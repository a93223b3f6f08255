using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;

namespace PartnerMatch.Api.Tests;

/// <summary>A client of the last release works with the document of today. <c>openapi/released.v1.json</c> is replaced when a version is released.</summary>
public sealed class CompatibilityTests
{
    [Fact]
    public void The_published_document_breaks_no_client_of_the_last_release()
    {
        var breaks = Compatibility.FindBreaks(Read("released.v1.json"), Read("partnermatch.v1.json"));
        Assert.True(breaks.Count == 0, string.Join('\n', breaks));
    }

    [Theory]
    [InlineData("paths./v1/corridors.get", null, "GET /v1/corridors is gone")]
    [InlineData("paths./v1/corridors.get.operationId", "\"Corridors\"", "another operationId")]
    [InlineData("paths./v1/enterprises.get.parameters.0.required", "true", "query region is required now")]
    [InlineData("paths./v1/enterprises.get.parameters.0.name", "\"place\"", "query region is gone")]
    [InlineData("paths./v1/enterprises.get.parameters.4.schema.maximum", "50", "lower maximum")]
    [InlineData("paths./v1/enterprises.get.parameters.3.schema.enum.0", "\"sketch\"", "has no value draft any more")]
    [InlineData("paths./v1/enterprises.get.responses.200.headers.Link", null, "no header Link")]
    [InlineData("paths./v1/enterprises.post.responses.201", null, "the answer 201 is gone")]
    [InlineData("paths./v1/enterprises/{id}.patch.requestBody.content.application~json", null, "application/json is no longer taken")]
    [InlineData("components.schemas.Enterprise.properties.city", null, ".city is gone")]
    [InlineData("components.schemas.Enterprise.properties.name.type", "[\"null\",\"string\"]", ".name may be null now")]
    [InlineData("components.schemas.MatchMeta.required", "[]", "may be missing now")]
    [InlineData("components.schemas.EnterpriseRequest.required", "[\"name\",\"country\",\"region\",\"city\"]", ".city is required now")]
    [InlineData("components.schemas.EnterpriseRequest.properties.employees.type", "\"integer\"", ".employees no longer takes null")]
    [InlineData("components.schemas.EnterpriseRequest.properties.name.maxLength", "10", "lower maxLength")]
    [InlineData("components.schemas.IdentifierScheme.enum", "[\"unp\",\"inn\",\"ogrn\"]", "has no value lei any more")]
    public void A_change_that_breaks_clients_is_found(string place, string? value, string expected)
    {
        var released = Read("released.v1.json");
        var changed = released.DeepClone();
        Change(changed, place.Split('.'), value is null ? null : JsonNode.Parse(value));
        Assert.Contains(Compatibility.FindBreaks(released, changed), b => b.Contains(expected, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("paths./v1/more", "{\"get\":{\"operationId\":\"More\",\"responses\":{}}}")]
    [InlineData("components.schemas.Enterprise.properties.motto", "{\"type\":\"string\"}")]
    [InlineData("components.schemas.EnterpriseRequest.properties.motto", "{\"type\":\"string\"}")]
    [InlineData("components.schemas.EnterpriseRequest.required", "[\"name\"]")]
    [InlineData("paths./v1/enterprises.get.parameters.4.schema.maximum", "500")]
    public void A_change_that_only_adds_is_none(string place, string value)
    {
        var released = Read("released.v1.json");
        var changed = released.DeepClone();
        Change(changed, place.Split('.'), JsonNode.Parse(value));
        Assert.Empty(Compatibility.FindBreaks(released, changed));
    }

    /// <summary>Sets a place of the document, or removes it; steps are separated by dots, and <c>~</c> stands for the slash of a media type.</summary>
    private static void Change(JsonNode document, string[] steps, JsonNode? value)
    {
        var parent = steps[..^1].Aggregate(document, (node, step) => node is JsonArray items ? items[int.Parse(step, System.Globalization.CultureInfo.InvariantCulture)]! : node[step]!);
        var last = steps[^1].Replace('~', '/');
        if (parent is JsonArray array)
        {
            array[int.Parse(last, System.Globalization.CultureInfo.InvariantCulture)] = value;
        }
        else if (value is null)
        {
            Assert.True(parent.AsObject().Remove(last), $"there is no {last}");
        }
        else
        {
            parent[last] = value;
        }
    }

    private static JsonNode Read(string file, [CallerFilePath] string here = "") =>
        JsonNode.Parse(File.ReadAllText(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "openapi", file)))!;
}
