using System.Reflection;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.Options;
using PartnerMatch.Api.Http;
using PartnerMatch.Ranking.Scoring;

namespace PartnerMatch.Api.Matches;

/// <summary>
/// 200: a match list as JSON. No answer is longer or asked for more often, so its partners are written straight as UTF-8, in half the
/// serializer's time. The bytes are the serializer's own, which a test reads back and compares; what a list has once is left to it.
/// </summary>
internal sealed class MatchListJson(MatchList list) : IResult, IEndpointMetadataProvider
{
    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) =>
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(MatchList), ["application/json"]));

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        using var json = new JsonText();
        Write(json, httpContext.RequestServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions);
        httpContext.Response.ContentType = "application/json; charset=utf-8";
        httpContext.Response.ContentLength = json.Written.Length;
        await httpContext.Response.Body.WriteAsync(json.Written);
    }

    private void Write(JsonText json, JsonSerializerOptions options)
    {
        json.Raw("{\"items\":["u8);
        for (var i = 0; i < list.Items.Count; i++)
        {
            json.Raw(i == 0 ? [] : ","u8);
            Write(json, list.Items[i]);
        }

        json.Raw("],\"meta\":"u8);
        json.Raw(JsonSerializer.SerializeToUtf8Bytes(list.Meta, options));
        json.Raw(",\"next\":"u8);
        json.Text(list.Next);
        json.Raw("}"u8);
    }

    private static void Write(JsonText json, Match match)
    {
        json.Raw("{\"rank\":"u8);
        json.Number(match.Rank);
        json.Raw(",\"score\":"u8);
        json.Number(match.Score);
        json.Raw(",\"confidence\":"u8);
        json.Number(match.Confidence);
        json.Raw(",\"direction\":"u8);
        json.Name<Direction>(match.Direction);
        json.Raw(",\"enterprise\":{\"id\":"u8);
        json.Text(match.Enterprise.Id);
        json.Raw(",\"name\":"u8);
        json.Text(match.Enterprise.Name);
        json.Raw(",\"nameRu\":"u8);
        json.Text(match.Enterprise.NameRu);
        json.Raw(",\"region\":"u8);
        json.Text(match.Enterprise.Region);
        json.Raw(",\"city\":"u8);
        json.Text(match.Enterprise.City);
        json.Raw("},\"summary\":"u8);
        json.Text(match.Summary);
        json.Raw(",\"contributions\":["u8);
        for (var i = 0; i < match.Contributions.Count; i++)
        {
            json.Raw(i == 0 ? [] : ","u8);
            Write(json, match.Contributions[i]);
        }

        json.Raw("],\"flags\":["u8);
        for (var i = 0; i < match.Flags.Count; i++)
        {
            json.Raw(i == 0 ? [] : ","u8);
            json.Name<MatchNotice>(match.Flags[i]);
        }

        json.Raw("]}"u8);
    }

    private static void Write(JsonText json, MatchContribution contribution)
    {
        json.Raw("{\"component\":"u8);
        json.Text(contribution.Component);
        json.Raw(",\"weight\":"u8);
        json.Number(contribution.Weight);
        json.Raw(",\"value\":"u8);
        json.Number(contribution.Value);
        json.Raw(",\"points\":"u8);
        json.Number(contribution.Points);
        json.Raw(",\"direction\":"u8);
        json.Name<Direction>(contribution.Direction);
        json.Raw(",\"terms\":"u8);
        Write(json, contribution.Terms);
        json.Raw(",\"termCount\":"u8);
        json.Number(contribution.TermCount);
        if (contribution.Other is { } other)
        {
            json.Raw(",\"other\":{\"direction\":"u8);
            json.Name<Direction>(other.Direction);
            json.Raw(",\"value\":"u8);
            json.Number(other.Value);
            json.Raw(",\"terms\":"u8);
            Write(json, other.Terms);
            json.Raw("}"u8);
        }

        json.Raw("}"u8);
    }

    private static void Write(JsonText json, IReadOnlyList<MatchTerm> terms)
    {
        json.Raw("["u8);
        for (var i = 0; i < terms.Count; i++)
        {
            var term = terms[i];
            json.Raw(i == 0 ? "{\"kind\":"u8 : ",{\"kind\":"u8);
            json.Name<TermKind>(term.Kind);
            json.Raw(",\"text\":"u8);
            json.Text(term.Text);
            json.Raw(",\"points\":"u8);
            json.Number(term.Points);
            json.Raw(",\"evidence\":"u8);
            json.Name<Evidence>(term.Evidence);
            json.Raw(",\"from\":"u8);
            json.Text(term.From);
            json.Raw(",\"to\":"u8);
            json.Text(term.To);
            json.Raw(",\"offer\":"u8);
            Write(json, term.Offer);
            json.Raw(",\"need\":"u8);
            Write(json, term.Need);
            json.Raw(",\"via\":"u8);
            Write(json, term.Via);
            json.Raw(",\"link\":"u8);
            json.Name(term.Link);
            json.Raw(",\"market\":"u8);
            json.Text(term.Market);
            json.Raw("}"u8);
        }

        json.Raw("]"u8);
    }

    private static void Write(JsonText json, CodedLabel? label)
    {
        if (label is null)
        {
            json.Raw("null"u8);
            return;
        }

        json.Raw("{\"code\":"u8);
        json.Text(label.Code);
        json.Raw(",\"label\":"u8);
        json.Text(label.Label);
        json.Raw("}"u8);
    }
}
