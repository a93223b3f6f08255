using System.Globalization;
using CsvHelper;
using MiniExcelLibs;
using PartnerMatch.Api.Tables;

namespace PartnerMatch.Api.Tests;

/// <summary>Match lists as tables, and the cells of all tables.</summary>
public sealed class TableTests(SampleFixture api) : IClassFixture<SampleFixture>
{
    private readonly HttpClient _client = api.Connect();

    [Theory]
    [InlineData("/v1/enterprises/mzor/matches?limit=5", "id")]
    [InlineData("/v1/pairs?limit=5", "b_id")]
    public async Task A_match_list_as_csv_holds_what_the_json_holds(string path, string idColumn)
    {
        var json = await _client.GetJsonAsync(path);
        using var answer = await SendAsync(path, "text/csv");
        Assert.Equal("text/csv", answer.Content.Headers.ContentType!.MediaType);
        Assert.Equal("Accept", answer.Headers.Vary.Single());
        Assert.Contains("rel=\"next\"", answer.Headers.GetValues("Link").Single(), StringComparison.Ordinal);
        using var csv = new CsvReader(new StreamReader(await answer.Content.ReadAsStreamAsync()), CultureInfo.InvariantCulture);
        var rows = csv.GetRecords<dynamic>().Cast<IDictionary<string, object>>().ToArray();
        Check(json["items"]!.AsArray(), rows, idColumn);
    }

    [Theory]
    [InlineData("/v1/enterprises/mzor/matches?limit=5&lang=ru", "id")]
    [InlineData("/v1/pairs?limit=5&lang=ru", "b_id")]
    public async Task A_match_list_as_workbook_holds_what_the_json_holds(string path, string idColumn)
    {
        var json = await _client.GetJsonAsync(path);
        using var answer = await SendAsync(path, ImportExtensions.Xlsx);
        Assert.Equal(ImportExtensions.Xlsx, answer.Content.Headers.ContentType!.MediaType);
        var sheet = new MemoryStream(await answer.Content.ReadAsByteArrayAsync());
        Check(json["items"]!.AsArray(), [.. MiniExcel.Query(sheet, useHeaderRow: true).Cast<IDictionary<string, object>>()], idColumn);
    }

    [Theory]
    [InlineData("", "application/json")]
    [InlineData("*/*", "application/json")]
    [InlineData("application/*", "application/json")]
    [InlineData("text/*", "text/csv")]
    [InlineData("TEXT/CSV", "text/csv")]
    [InlineData("Text/*", "text/csv")]
    [InlineData("text/html, text/csv;q=0.5", "text/csv")]
    [InlineData("text/csv;q=0.4, application/json;q=0.6", "application/json")]
    [InlineData("application/json;q=0, */*", "text/csv")]
    public async Task The_format_is_what_the_caller_likes_best(string accept, string contentType)
    {
        using var answer = await SendAsync("/v1/pairs?limit=1", accept);
        Assert.Equal(contentType, answer.Content.Headers.ContentType!.MediaType);
    }

    [Theory]
    [InlineData("/v1/pairs", "application/xml")]
    [InlineData("/v1/enterprises/mzor/matches", "text/html, image/*")]
    public async Task What_is_not_offered_is_refused(string path, string accept) => await SendAsync(path, accept).ProblemAsync(406);

    [Fact]
    public async Task A_failure_is_a_problem_whatever_is_accepted() => await SendAsync("/v1/enterprises/nobody/matches", "text/csv").ProblemAsync(404);

    [Theory]
    [InlineData("=1+1", "'=1+1")]
    [InlineData("+7 846", "'+7 846")]
    [InlineData("-", "'-")]
    [InlineData("@SUM(A1)", "'@SUM(A1)")]
    [InlineData("\tx", "'\tx")]
    [InlineData("\rx", "'\rx")]
    [InlineData("'=x", "''=x")]
    [InlineData("'x", "'x")]
    [InlineData("'", "'")]
    [InlineData("x=1", "x=1")]
    [InlineData("", "")]
    public void A_cell_is_escaped_and_comes_back(string text, string cell)
    {
        Assert.Equal(cell, SpreadsheetCell.Escape(text));
        Assert.Equal(text, SpreadsheetCell.Unescape(cell));
    }

    [Fact]
    public void A_list_comes_back_whatever_its_entries()
    {
        string[] entries = ["a", "b; c", "\"d\"", "e \"f\" g", "\"", "\"\"; h", "i\"j;k", "l,m"];
        Assert.Equal(entries, SpreadsheetCell.SplitList(SpreadsheetCell.JoinList(entries)));
        Assert.Equal(["a", "b", "\"c\" d"], SpreadsheetCell.SplitList(" a ;; b;a; \"c\" d ; "));
    }

    private static void Check(System.Text.Json.Nodes.JsonArray items, IDictionary<string, object>[] rows, string idColumn)
    {
        Assert.Equal(items.Count, rows.Length);
        for (var i = 0; i < rows.Length; i++)
        {
            var enterprise = items[i]!["enterprise"] ?? items[i]!["b"];
            Assert.Equal((string)enterprise!["id"]!, rows[i][idColumn]);
            Assert.Equal((string)items[i]!["summary"]!, rows[i]["summary"]);
            Assert.Equal((double)items[i]!["score"]!, Number(rows[i]["score"]), 9);
            foreach (var contribution in items[i]!["contributions"]!.AsArray())
            {
                Assert.Equal((double)contribution!["points"]!, Number(rows[i][(string)contribution["component"]!]), 9);
            }
        }

        static double Number(object cell) => Convert.ToDouble(cell, CultureInfo.InvariantCulture);
    }

    private Task<HttpResponseMessage> SendAsync(string path, string accept)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (accept.Length > 0)
        {
            request.Headers.Accept.ParseAdd(accept);
        }

        return _client.SendAsync(request);
    }
}
