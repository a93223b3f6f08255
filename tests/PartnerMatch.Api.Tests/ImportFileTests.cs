using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using MiniExcelLibs;

namespace PartnerMatch.Api.Tests;

/// <summary>Files that go out and come back, and files that should not have come.</summary>
public sealed class ImportFileTests(TightFixture api) : IClassFixture<TightFixture>
{
    private const string Main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    private readonly TightFixture _api = api;
    private readonly HttpClient _tight = api.Connect();

    [Theory]
    [InlineData("csv", ImportExtensions.Csv)]
    [InlineData("ndjson", ImportExtensions.Ndjson)]
    [InlineData("xlsx", ImportExtensions.Xlsx)]
    public async Task An_exported_file_changes_nothing_when_it_is_imported_again(string format, string type)
    {
        using var api = new ApiFixture();
        var client = api.Connect();
        await FillAsync(client);
        var before = await client.GetStringAsync("/v1/enterprises/export?format=ndjson");
        using var export = await client.GetAsync($"/v1/enterprises/export?format={format}");
        Assert.Equal(type, export.Content.Headers.ContentType!.MediaType);
        Assert.Equal($"enterprises.{format}", export.Content.Headers.ContentDisposition!.FileName);
        using var imported = await client.ImportAsync(await export.Content.ReadAsByteArrayAsync(), type: type);
        var report = await imported.ReportAsync();
        Assert.Equal((0, 0, 4), ((int)report["created"]!, (int)report["updated"]!, (int)report["unchanged"]!));
        Assert.Equal(before, await client.GetStringAsync("/v1/enterprises/export?format=ndjson"));
    }

    [Theory]
    [InlineData("csv", ImportExtensions.Csv)]
    [InlineData("ndjson", ImportExtensions.Ndjson)]
    [InlineData("xlsx", ImportExtensions.Xlsx)]
    public async Task An_exported_file_fills_an_empty_database_with_the_same(string format, string type)
    {
        using var api = new ApiFixture();
        using var other = new ApiFixture();
        var (client, empty) = (api.Connect(), other.Connect());
        await FillAsync(client);
        var file = await client.GetByteArrayAsync($"/v1/enterprises/export?format={format}");
        using var imported = await empty.ImportAsync(file, type: type);
        Assert.Equal(4, (int)(await imported.ReportAsync())["created"]!);
        Assert.Equal(await ReadAsync(client), await ReadAsync(empty));

        async Task<string> ReadAsync(HttpClient from)
        {
            if (format != "ndjson")
            {
                return await from.GetStringAsync("/v1/enterprises/export?format=csv");
            }

            var lines = (await from.GetStringAsync("/v1/enterprises/export?format=ndjson")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonNode.Parse(l)!.AsObject()).ToArray();
            Assert.All(lines, l => Assert.True(l.Remove("createdAt") && l.Remove("updatedAt") && l.Remove("revision")));
            return string.Join('\n', lines.Select(l => l.ToJsonString()));
        }
    }

    [Fact]
    public async Task Entries_that_differ_by_spaces_alone_are_left_as_they_are()
    {
        using var api = new ApiFixture();
        var client = api.Connect();
        await client.CreateAsync(new { name = "Spaces", country = "BY", region = "BY-HM", certificates = new[] { "ISO", "ISO " }, sources = new[] { " site", "site" } });
        using var again = await client.ImportAsync(await client.GetByteArrayAsync("/v1/enterprises/export"));
        Assert.Equal(1, (int)(await again.ReportAsync())["unchanged"]!);
    }

    [Fact]
    public async Task The_export_takes_the_filters_of_the_list()
    {
        using var api = new ApiFixture();
        var client = api.Connect();
        await FillAsync(client);
        var csv = await client.GetStringAsync("/v1/enterprises/export?region=RU&format=csv");
        Assert.Equal(2, csv.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Length);
        await client.GetAsync("/v1/enterprises/export?format=pdf").ProblemAsync(400);
        await client.GetAsync("/v1/enterprises/export?limit=1").ProblemAsync(400);
        await client.GetAsync("/v1/enterprises/export?region=Mars").ProblemAsync(400);
    }

    [Fact]
    public async Task Formulas_are_disarmed_on_the_way_out_and_come_back_as_they_were()
    {
        using var api = new ApiFixture();
        var client = api.Connect();
        using (var imported = await client.ImportAsync("name_en,country,region,city\n\"=HYPERLINK(\"\"http://x\"\")\",BY,Minsk,@SUM(A1)\n"u8.ToArray()))
        {
            await imported.ReportAsync();
        }

        Assert.Equal("=HYPERLINK(\"http://x\")", (string)(await client.GetJsonAsync("/v1/enterprises"))["items"]![0]!["name"]!);
        Assert.Contains(",\"'=HYPERLINK(\"\"http://x\"\")\",,BY,BY-HM,'@SUM(A1),", await client.GetStringAsync("/v1/enterprises/export"), StringComparison.Ordinal);
        var sheet = new MemoryStream(await client.GetByteArrayAsync("/v1/enterprises/export?format=xlsx"));
        Assert.Equal("'=HYPERLINK(\"http://x\")", ((IDictionary<string, object>)MiniExcel.Query(sheet, useHeaderRow: true).Single())["name_en"]);
    }

    [Fact]
    public async Task A_workbook_that_another_program_wrote_is_read()
    {
        using var api = new ApiFixture();
        var client = api.Connect();
        var workbook = new MemoryStream();
        MiniExcel.SaveAs(workbook, new[] { new { name_en = "Plant & Co", country = "Belarus", region = "Minsk", nace = (object)2841, employees = (object)1200, unp = (object)100008115, makes = "лифты; <tractors>" } });
        using var imported = await client.ImportAsync(workbook.ToArray(), type: ImportExtensions.Xlsx);
        Assert.Equal(1, (int)(await imported.ReportAsync())["created"]!);
        var plant = (await client.GetJsonAsync("/v1/enterprises"))["items"]![0]!;
        Assert.Equal(("Plant & Co", "28.41", 1200, "100008115"), ((string)plant["name"]!, (string)plant["activity"]!, (int)plant["employees"]!, (string)plant["identifiers"]![0]!["value"]!));
    }

    [Fact]
    public async Task Shared_texts_formulas_and_gaps_of_a_workbook_are_read()
    {
        var workbook = Workbook(
            """<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="inlineStr"><is><t>country</t></is></c><c r="C1" t="s"><v>1</v></c><c r="D1" t="str"><v>founded</v></c></row><row r="9"><c r="A9" t="str"><f>"A"&amp;"B"</f><v>AB</v></c><c r="B9" t="s"><v>2</v></c><c r="C9" t="s"><v>3</v></c></row>""",
            $"""<sst xmlns="{Main}"><si><t>name_en</t></si><si><r><t>reg</t></r><r><t>ion</t></r></si><si><t>BY</t></si><si><t>Minsk</t></si></sst>""");
        using var imported = await _tight.ImportAsync(workbook, "?dryRun=true", ImportExtensions.Xlsx);
        Assert.Equal(1, (int)(await imported.ReportAsync())["created"]!);
        var wrong = await _tight.ImportAsync(Workbook("""<row r="1"><c r="A1" t="str"><v>name_en</v></c><c r="B1" t="str"><v>country</v></c><c r="C1" t="str"><v>region</v></c></row><row r="5"><c r="A5" t="str"><v>A</v></c></row>"""), type: ImportExtensions.Xlsx).ProblemAsync(422);
        Assert.Equal(5, (int)wrong["import"]!["report"]!["refusedRows"]![0]!["row"]!);
    }

    public static TheoryData<string, byte[], string, string> Malformed => new()
    {
        { ImportExtensions.Csv, [], "$", "empty" },
        { ImportExtensions.Ndjson, [], "$", "empty" },
        { ImportExtensions.Csv, "\n\n"u8.ToArray(), "row 1", "no header" },
        { ImportExtensions.Csv, "name_en,country,region\nA,BY,\"Minsk\nB,BY,Minsk\n"u8.ToArray(), "row 2", "quote" },
        { ImportExtensions.Csv, "name_en,country,region\nA,BY,\"Minsk\"x\n"u8.ToArray(), "row 2", "quote" },
        { ImportExtensions.Csv, Encoding.UTF8.GetBytes("name_en,country,region\nA,BY,\"Minsk" + new string('x', 1_200_000)), "row 2", "quote" },
        { ImportExtensions.Csv, Encoding.UTF8.GetBytes("name_en,country,region\n" + new string(',', 1_000_000) + "\n"), "row 2", "100" },
        { ImportExtensions.Csv, Encoding.UTF8.GetBytes(new string(',', 1_000_000) + "\n"), "row 1", "100" },
        { ImportExtensions.Csv, Encoding.UTF8.GetBytes("name_en,country,region\n" + new string('x', 100_000) + ",BY,Minsk\n"), "row 2, column 1", "characters" },
        { ImportExtensions.Csv, "name_en,country,region,colour\nA,BY,Minsk,red\n"u8.ToArray(), "row 1, column 4", "colour" },
        { ImportExtensions.Csv, "name_en,country,region,region\n"u8.ToArray(), "row 1, column 4", "twice" },
        { ImportExtensions.Csv, "name_en,country\nA,BY\n"u8.ToArray(), "row 1", "region" },
        { ImportExtensions.Csv, "country,region\nBY,Minsk\n"u8.ToArray(), "row 1", "name_en" },
        { ImportExtensions.Csv, "name_en\tcountry\tregion\n"u8.ToArray(), "row 1, column 1", "tabs" },
        { ImportExtensions.Csv, [.. "name_en,country,region\n"u8, 0xCC, 0xE8, 0xED, .. ",BY,Minsk\n"u8], "line 2", "windows-1251" },
        { ImportExtensions.Csv, [.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes("name_en,country,region\n")], "line 1", "UTF-16" },
        { ImportExtensions.Csv, Encoding.Unicode.GetBytes("name_en,country,region\n"), "line 1", "UTF-16" },
        { ImportExtensions.Csv, [.. "name_en,country,region\nA,BY,Minsk"u8, 0xD0], "line 2", "UTF-8" },
        { ImportExtensions.Csv, Encoding.UTF8.GetBytes("name_en,country,region\n" + string.Concat(Enumerable.Repeat("A,BY,Minsk\n", 1001))), "row 1002", "1000" },
        { ImportExtensions.Ndjson, Encoding.UTF8.GetBytes("{}\n" + new string(' ', 10) + new string('x', 1_200_000)), "line 2", "longer" },
        { ImportExtensions.Xlsx, "name_en,country,region\n"u8.ToArray(), "$", "XLSX" },
        { ImportExtensions.Xlsx, Workbook("<row r=\"1\"><c r=\"A1\" t=\"str\"><v>name_en</v></c></row>")[..400], "$", "cut off" },
        { ImportExtensions.Xlsx, Workbook("<row r=\"1\"><c r=\"A1\" t=\"str\"><v>" + new string(' ', 30_000_000) + "</v></c></row>"), "$", "unpacks" },
        { ImportExtensions.Xlsx, WithStatedSize(Workbook("<row r=\"1\"><c r=\"A1\" t=\"str\"><v>name_en</v></c></row>" + string.Concat(Enumerable.Repeat("<row/>", 10_000_000))), 100), "$", "damaged" },
        { ImportExtensions.Xlsx, Workbook("<row r=\"1\"><c r=\"A1\" t=\"str\"><v>" + new string('x', 10_000_000) + "</v></c></row>"), "$", "longer" },
        { ImportExtensions.Xlsx, Workbook("<row r=\"1\"><c r=\"A1\" t=\"str\" z=\"" + new string('x', 10_000_000) + "\"><v>x</v></c></row>"), "$", "longer" },
        { ImportExtensions.Xlsx, Workbook("<row r=\"1\"><c r=\"A1\" t=\"str\"><v>&b;</v></c></row>", prologue: "<!DOCTYPE worksheet [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]>"), "$", "declarations" },
        { ImportExtensions.Xlsx, Workbook("<row r=\"1\"><c r=\"XFD1\" t=\"str\"><v>x</v></c></row>"), "row 1", "100 columns" },
        { ImportExtensions.Xlsx, Workbook("<row r=\"1\"><c r=\"A1\" t=\"s\"><v>7</v></c></row>"), "row 1", "does not have" },
        { ImportExtensions.Xlsx, Workbook("<row r=\"2\"/><row r=\"1\"/>"), "row 3", "number" },
        { ImportExtensions.Xlsx, Workbook("<row r=\"1\"><c"), "$", "damaged" },
        { ImportExtensions.Xlsx, Workbook(string.Concat(Enumerable.Repeat("<a>", 1_000_000))), "$", "levels" },
        { ImportExtensions.Xlsx, Workbook("<row r=\"1\"><c r=\"A1\">" + string.Concat(Enumerable.Repeat("<f>", 1_000_000))), "$", "levels" },
        { ImportExtensions.Xlsx, Workbook(string.Concat(Enumerable.Range(0, 1_000_000).Select(i => $"<a{i:x}/>"))), "$", "names" },
        { ImportExtensions.Xlsx, WithParts(long.MaxValue, long.MaxValue), "$", "unpacks" },
        { ImportExtensions.Xlsx, WithParts(10, -1), "$", "unpacks" },
        { ImportExtensions.Csv, Encoding.UTF8.GetBytes(string.Join(',', Enumerable.Range(0, 300_000).Select(i => $"c{i}")) + "\n"), "row 1", "longer" },
        { ImportExtensions.Xlsx, Workbook(""), "row 1", "no header" },
    };

    // Not enumerated when tests are listed: that would build every file and keep it.
    [Theory]
    [MemberData(nameof(Malformed), DisableDiscoveryEnumeration = true)]
    public async Task A_file_that_cannot_be_read_is_refused_with_the_place(string type, byte[] file, string place, string says)
    {
        var problem = await _tight.ImportAsync(file, "?mode=partial", type).ProblemAsync(400);
        var error = problem["errors"]!.AsArray().Single()!;
        Assert.Equal(place, (string)error["path"]!);
        Assert.Contains(says, (string)error["detail"]!, StringComparison.Ordinal);
        Assert.Empty((await _tight.GetJsonAsync("/v1/enterprises"))["items"]!.AsArray());
        Assert.Empty(Directory.EnumerateFiles(_api.ImportsFolder));
    }

    [Theory]
    [InlineData("[]", "$")]
    [InlineData("{\"name\":", "$")]
    [InlineData("{\"name\":\"A\",\"country\":\"BY\",\"region\":\"BY-HM\",\"colour\":1}", "colour")]
    [InlineData("{\"name\":\"A\",\"country\":\"BY\",\"region\":\"BY-HM\",\"employees\":\"x\"}", "employees")]
    [InlineData("{\"name\":\"A\",\"country\":\"BY\",\"region\":\"BY-HM\",\"id\":7}", "id")]
    [InlineData("{\"name\":\"A\",\"name\":\"B\",\"country\":\"BY\",\"region\":\"BY-HM\"}", "name")]
    [InlineData("{\"name\":\"A\",\"country\":\"BY\",\"region\":\"BY-HM\",\"offers\":[{\"code\":\"28.41.22\"},{\"code\":\"99\"}]}", "offers[1].code")]
    [InlineData("{\"name\":\"A\",\"country\":\"BY\"}", "region")]
    [InlineData("{\"name\":\"A\",\"country\":\"BY\",\"region\":\"BY-HM\",\"location\":{\"latitude\":1,\"latitude\":2}}", "latitude")]
    [InlineData("{\"name\":\"\\ud800\",\"country\":\"BY\",\"region\":\"BY-HM\"}", "$")]
    public async Task A_line_that_is_wrong_is_refused_alone(string line, string field)
    {
        using var answer = await _tight.ImportAsync(Encoding.UTF8.GetBytes($"{{\"name\":\"Good\",\"country\":\"BY\",\"region\":\"BY-HM\"}}\n\n{line}\n"), "?mode=partial&dryRun=true", ImportExtensions.Ndjson);
        var report = await answer.ReportAsync();
        Assert.Equal(1, (int)report["created"]!);
        var refused = report["refusedRows"]!.AsArray().Single()!;
        Assert.Equal((3, field), ((int)refused["row"]!, (string)refused["field"]!));
    }

    [Fact]
    public async Task Odd_characters_and_rows_without_content_do_no_harm()
    {
        using var api = new ApiFixture();
        var client = api.Connect();
        var sheet = Workbook("""<row r="1"><c r="A1" t="str"><v>name_en</v></c><c r="B1" t="str"><v>country</v></c><c r="C1" t="str"><v>region</v></c></row><row r="2"><c r="A2" t="str"><v>A_xD800_B</v></c><c r="B2" t="str"><v>BY</v></c><c r="C2" t="str"><v>Minsk</v></c></row>""");
        using var workbook = await client.ImportAsync(sheet, type: ImportExtensions.Xlsx);
        Assert.Equal(1, (int)(await workbook.ReportAsync())["created"]!);
        var file = "name_en;country;region\n***;BY;Minsk\n;;\n\n!!!;BY;Minsk\n ; ;\n"u8.ToArray();
        using var first = await client.ImportAsync(file);
        Assert.Equal(2, (int)(await first.ReportAsync())["created"]!);
        using var again = await client.ImportAsync(file);
        Assert.Equal(2, (int)(await again.ReportAsync())["unchanged"]!);
    }

    [Fact]
    public async Task A_header_alone_imports_nothing_and_a_stated_size_of_a_sheet_is_not_believed()
    {
        using var header = await _tight.ImportAsync("name_en;country;region\n"u8.ToArray());
        Assert.Equal(0, (int)(await header.ReportAsync())["rows"]!);
        var watch = System.Diagnostics.Stopwatch.StartNew();
        using var vast = await _tight.ImportAsync(
            Workbook("""<row r="1"><c r="A1" t="str"><v>name_en</v></c><c r="B1" t="str"><v>country</v></c><c r="C1" t="str"><v>region</v></c></row><row r="1048576"><c r="A1048576" t="str"><v>A</v></c><c r="B1048576" t="str"><v>BY</v></c><c r="C1048576" t="str"><v>Minsk</v></c></row>""", dimension: "A1:XFD1048576"),
            "?dryRun=true",
            ImportExtensions.Xlsx);
        Assert.Equal(1, (int)(await vast.ReportAsync())["created"]!);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5));
    }

    [Theory]
    [InlineData("application/json", 415)]
    [InlineData("text/csv; charset=windows-1251", 415)]
    [InlineData("text/plain", 415)]
    [InlineData("text/csv; charset=\"utf-8\"", 200)]
    [InlineData("TEXT/CSV", 200)]
    public async Task Only_the_formats_that_are_named_are_taken(string type, int status)
    {
        using var answer = await _tight.ImportAsync("name_en,country,region\n"u8.ToArray(), type: type);
        Assert.Equal(status, (int)answer.StatusCode);
    }

    [Fact]
    public async Task Too_large_a_file_and_unknown_parameters_are_refused()
    {
        await _tight.ImportAsync(new byte[3_000_001]).ProblemAsync(400);
        await _tight.ImportAsync(Encoding.UTF8.GetBytes(new string('x', 3_000_001))).ProblemAsync(413);
        await _tight.ImportAsync("x"u8.ToArray(), "?mode=some").ProblemAsync(400);
        await _tight.ImportAsync("x"u8.ToArray(), "?dryrun=true").ProblemAsync(400);
        await _tight.GetAsync("/v1/imports/none").ProblemAsync(404);
        await _tight.PostAsync("/v1/imports/none/cancel", null).ProblemAsync(404);
    }

    /// <summary>Texts that files spoil easily.</summary>
    private static async Task FillAsync(HttpClient client)
    {
        await client.CreateAsync(new
        {
            name = "=1+1",
            nameRu = "'=Завод «Туда; и обратно»",
            nameBe = "Завод",
            country = "BY",
            region = "BY-HM",
            city = "-Minsk",
            location = new { latitude = 53.9, longitude = 27.56 },
            activity = "28.41",
            identifiers = new[] { new { scheme = "lei", value = "5493001KJTIIGC8Y1R12" }, new { scheme = "unp", value = "100008115" } },
            employees = 120,
            revenue = new { amount = 1500000.50, currency = "BYN", year = 2025 },
            founded = 1950,
            website = "https://example.by/?a=1,2;3",
            languages = new[] { "ru", "en" },
            markets = new[] { "BY", "RU-SAM" },
            certificates = new[] { "ISO 9001; 2015", "\"quoted\"", "+7", "two\nlines" },
            offers = new object[]
            {
                new { code = "28.41.22", text = "gantry; mills", strength = 0.9 },
                new { code = "28.22.16", strength = 0.35 },
                new { text = "станки токарные" },
                new { text = "zzqx, unheard of" },
                new { code = "28.30.22", text = " spaced " },
            },
            needs = new object[] { new { code = "24.51.13", text = "beds", urgency = 0.4 }, new { text = "литьё" } },
            status = "draft",
            owner = "portal-a",
            contacts = new[] { new { name = "A. Person", email = "a@example.by" }, new { name = "B. Person", email = "b@example.by" } },
            sources = new[] { "company site, 2026-11", "_x0041_ \u0001 \u000b end" },
        });
        await client.CreateAsync(new { name = "Twin", country = "BY", region = "BY-HM", offers = new[] { new { text = "wheeled tractors" }, new { text = "тракторы колёсные" } } });
        await client.CreateAsync(new { name = "Twin", country = "BY", region = "BY-HM", status = "ceased" });
        await client.CreateAsync(new { name = "Самара", country = "RU", region = "RU-SAM", sources = new[] { "\t tab" } });
    }

    /// <summary>A container that says that each part unpacks to so many bytes, whatever it holds.</summary>
    private static byte[] WithStatedSize(byte[] workbook, int size)
    {
        ReadOnlySpan<byte> entry = [(byte)'P', (byte)'K', 1, 2];
        var rest = workbook.AsSpan();
        for (var at = rest.IndexOf(entry); at >= 0; at = rest.IndexOf(entry))
        {
            BitConverter.TryWriteBytes(rest[(at + 24)..], size);
            rest = rest[(at + 4)..];
        }

        return workbook;
    }

    /// <summary>A container (APPNOTE 4.3) whose directory says that its parts, all empty, unpack to so many bytes.</summary>
    private static byte[] WithParts(params long[] sizes)
    {
        var (parts, directory) = (new MemoryStream(), new MemoryStream());
        using var part = new BinaryWriter(parts);
        using var entry = new BinaryWriter(directory);
        foreach (var size in sizes)
        {
            var name = Encoding.ASCII.GetBytes(parts.Length == 0 ? "xl/workbook.xml" : "a");
            var at = (int)parts.Length;
            part.Write([.. "PK\u0003\u0004"u8, 45, 0, .. new byte[20], (byte)name.Length, 0, 0, 0, .. name]);
            entry.Write([.. "PK\u0001\u0002"u8, 45, 0, 45, 0, .. new byte[16], 0xFF, 0xFF, 0xFF, 0xFF, (byte)name.Length, 0, 12, 0, .. new byte[10], .. BitConverter.GetBytes(at)]);
            entry.Write([.. name, 1, 0, 8, 0, .. BitConverter.GetBytes(size)]);
        }

        var count = (byte)sizes.Length;
        return [.. parts.ToArray(), .. directory.ToArray(), .. "PK\u0005\u0006"u8, 0, 0, 0, 0, count, 0, count, 0, .. BitConverter.GetBytes((int)directory.Length), .. BitConverter.GetBytes((int)parts.Length), 0, 0];
    }

    private static byte[] Workbook(string rows, string? shared = null, string prologue = "", string dimension = "A1")
    {
        var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            Write("xl/workbook.xml", $"""<workbook xmlns="{Main}" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>""");
            Write("xl/_rels/workbook.xml.rels", """<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Target="worksheets/sheet1.xml"/></Relationships>""");
            Write("xl/worksheets/sheet1.xml", $"""{prologue}<worksheet xmlns="{Main}"><dimension ref="{dimension}"/><sheetData>{rows}</sheetData></worksheet>""");
            if (shared is not null)
            {
                Write("xl/sharedStrings.xml", shared);
            }

            void Write(string name, string xml)
            {
                using var part = zip.CreateEntry(name).Open();
                part.Write(Encoding.UTF8.GetBytes(xml));
            }
        }

        return stream.ToArray();
    }
}
