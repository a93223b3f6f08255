using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Configuration;
using PartnerMatch.Api.Commands;

namespace PartnerMatch.Api.Tests;

/// <summary>The database under many at once, on a disk that is full or takes no writes, copied and put back.</summary>
public sealed class StorageTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    [Fact]
    public async Task Sixty_four_writers_and_readers_at_once_lose_nothing()
    {
        var client = api.Connect();
        var writers = Enumerable.Range(0, 64).Select(async writer =>
        {
            var ids = new List<string>();
            for (var i = 0; i < 4; i++)
            {
                ids.Add((string)(await client.CreateAsync(new { name = $"Writer {writer} number {i}", country = "BY", region = "BY-HM", status = "draft" }))["id"]!);
            }

            return ids;
        }).ToArray();
        var readers = Enumerable.Range(0, 64).Select(async _ =>
        {
            for (var i = 0; i < 4; i++)
            {
                await client.GetJsonAsync("/v1/enterprises?q=writer&limit=5");
            }
        }).ToArray();
        await Task.WhenAll(readers);
        var written = (await Task.WhenAll(writers)).SelectMany(ids => ids).ToHashSet();
        var stored = new HashSet<string>();
        for (string? page = "/v1/enterprises?q=writer&limit=100"; page is not null;)
        {
            var list = await client.GetJsonAsync(page);
            stored.UnionWith(list["items"]!.AsArray().Select(e => (string)e!["id"]!));
            page = (string?)list["next"];
        }

        Assert.Equal(64 * 4, written.Count);
        Assert.Equal(written, stored);
    }

    /// <summary>Looked for in the bytes of the files, where a deletion alone would leave them.</summary>
    [Fact]
    public async Task Erased_contacts_are_gone_from_the_files()
    {
        using var own = new ApiFixture();
        var client = own.Connect();
        string[] people = ["erased-for-good@example.by", "deleted-with-all@example.by", "erased-too@example.by"];
        var ids = new List<string>();
        foreach (var email in people)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/enterprises") { Content = ClientExtensions.Json($$"""{"name":"Works of {{email}}","country":"BY","region":"BY-HM","contacts":[{"name":"A. Person","email":"X{{email}}"}]}""") };
            request.Headers.Add("Idempotency-Key", email);
            using var created = await client.SendAsync(request);
            Assert.Equal(HttpStatusCode.Created, created.StatusCode);
            ids.Add((string)JsonNode.Parse(await created.Content.ReadAsStringAsync())!["id"]!);
        }

        Assert.All(people, email => Assert.True(IsInFiles("X" + email)));
        foreach (var path in new[] { $"/v1/enterprises/{ids[0]}/contacts", $"/v1/enterprises/{ids[1]}", $"/v1/enterprises/{ids[2]}/contacts" })
        {
            using var erased = await client.RemoveAsync(path);
            Assert.Equal(HttpStatusCode.NoContent, erased.StatusCode);
        }

        Assert.All(people, email => Assert.False(IsInFiles("X" + email)));
        Assert.Empty((await client.GetJsonAsync($"/v1/enterprises/{ids[0]}"))["contacts"]!.AsArray());
        Assert.Equal(2, (await client.GetJsonAsync("/v1/changes"))["items"]!.AsArray().Count(c => (string)c!["type"]! == "enterprise.contacts-erased"));
        await client.DeleteAsync("/v1/enterprises/nobody/contacts").ProblemAsync(404);

        bool IsInFiles(string text) => Directory.EnumerateFiles(Path.GetDirectoryName(own.DatabaseFile)!, "*.db*").Any(file =>
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var bytes = new MemoryStream();
            stream.CopyTo(bytes);
            return bytes.GetBuffer().AsSpan(0, (int)bytes.Length).IndexOf(System.Text.Encoding.UTF8.GetBytes(text)) >= 0;
        });
    }

    [SmallDiskFact]
    public async Task A_full_disk_is_told_and_what_was_acknowledged_stays()
    {
        using var disk = new SmallDisk();
        using var own = new ApiFixture();
        using var service = own.WithWebHostBuilder(builder => builder.UseSetting("ConnectionStrings:PartnerMatch", $"Data Source={disk.Folder}/full.db;Pooling=False"));
        var client = service.Connect();
        var acknowledged = (string)(await client.CreateAsync(new { name = "Before the disk was full", country = "BY", region = "BY-HM" }))["id"]!;
        disk.Fill();
        var problem = await WriteUntilRefusedAsync(client, 507);
        Assert.Equal("urn:partnermatch:problem:storage-full", (string)problem["type"]!);
        using (var unready = await client.GetAsync("/readyz"))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, unready.StatusCode);
            var state = JsonNode.Parse(await unready.Content.ReadAsStringAsync())!;
            Assert.Equal((false, false, "refused: full"), ((bool)state["ready"]!, (bool)state["writes"]!["ready"]!, (string)state["writes"]!["state"]!));
            Assert.All((string[])["database", "reference", "index", "imports", "matchRuns"], part => Assert.True((bool)state[part]!["ready"]!, $"{part}: {state}"));
        }

        Assert.Equal("Before the disk was full", (string)(await client.GetJsonAsync($"/v1/enterprises/{acknowledged}"))["name"]!);
        Assert.Empty((await client.GetJsonAsync("/v1/enterprises?q=refused"))["items"]!.AsArray());

        // Whoever asks is told that there is room, before anybody writes.
        disk.Empty();
        Assert.Equal("accepted", (string)(await client.GetJsonAsync("/readyz"))["writes"]!["state"]!);
        Assert.Equal("There is room again", (string)(await client.CreateAsync(new { name = "There is room again", country = "BY", region = "BY-HM" }))["name"]!);
    }

    [SmallDiskFact]
    public async Task A_disk_that_takes_no_writes_is_told_and_writes_go_on_when_it_does_again()
    {
        using var disk = new SmallDisk();
        using var own = new ApiFixture();
        using var service = own.WithWebHostBuilder(builder => builder.UseSetting("ConnectionStrings:PartnerMatch", $"Data Source={disk.Folder}/read.db;Pooling=False"));
        var client = service.Connect();
        var id = (string)(await client.CreateAsync(new { name = "Readable all the time", country = "BY", region = "BY-HM" }))["id"]!;
        disk.MakeReadOnly();
        await client.GetJsonAsync($"/v1/enterprises/{id}");
        using (var refused = await client.PostAsync("/v1/enterprises", ClientExtensions.Json("""{"name":"Refused","country":"BY","region":"BY-HM"}""")))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
            Assert.Equal(TimeSpan.FromSeconds(10), refused.Headers.RetryAfter!.Delta);
        }

        disk.MakeWritable();
        await client.CreateAsync(new { name = "Writable again", country = "BY", region = "BY-HM" });
        Assert.Empty((await client.GetJsonAsync("/v1/enterprises?q=refused"))["items"]!.AsArray());
    }

    [Fact]
    public async Task A_backup_of_the_running_service_can_be_restored()
    {
        using var folder = new TemporaryFolder();
        var (database, backup) = (Path.Combine(folder.Path, "restored.db"), Path.Combine(folder.Path, "backup.db"));
        var client = api.Connect();
        var id = (string)(await client.CreateAsync(new { name = "In the backup", country = "BY", region = "BY-HM", contacts = new[] { new { name = "A. Person", email = "a@example.by" } } }))["id"]!;
        Assert.Equal(0, (await RunAsync(api.DatabaseFile, "backup", backup)).ExitCode);
        await client.CreateAsync(new { name = "After the backup", country = "BY", region = "BY-HM" });
        Assert.Equal(0, (await RunAsync(database, "restore", backup)).ExitCode);

        using var own = new ApiFixture();
        using var service = own.WithWebHostBuilder(builder => builder.UseSetting("ConnectionStrings:PartnerMatch", $"Data Source={database};Pooling=False"));
        var restored = service.Connect();
        Assert.Equal("a@example.by", (string)(await restored.GetJsonAsync($"/v1/enterprises/{id}"))["contacts"]![0]!["email"]!);
        Assert.Empty((await restored.GetJsonAsync("/v1/enterprises?q=after the backup"))["items"]!.AsArray());

        // It runs: nothing may be restored over it, and what exists is not overwritten unasked.
        var (inUse, error) = await RunAsync(database, "restore", backup, "--replace");
        Assert.Equal(1, inUse);
        Assert.Contains("in use", error, StringComparison.Ordinal);
        Assert.Equal(1, (await RunAsync(database, "backup", backup)).ExitCode);
        await service.DisposeAsync();
        Assert.Contains("--replace", (await RunAsync(database, "restore", backup)).Error, StringComparison.Ordinal);
        Assert.Equal(0, (await RunAsync(database, "restore", backup, "--replace")).ExitCode);
    }

    [Fact]
    public async Task A_file_that_is_no_backup_of_this_program_is_not_restored()
    {
        using var folder = new TemporaryFolder();
        var (database, file) = (Path.Combine(folder.Path, "kept.db"), Path.Combine(folder.Path, "file.db"));
        Assert.Contains("no file", (await RunAsync(database, "restore", file)).Error, StringComparison.Ordinal);
        await File.WriteAllTextAsync(file, "This is not a database, however long it is.");
        Assert.Contains("damaged", (await RunAsync(database, "restore", file)).Error, StringComparison.Ordinal);
        File.Delete(file);
        Execute(file, "create table other (x)");
        Assert.Contains("no database of this program", (await RunAsync(database, "restore", file)).Error, StringComparison.Ordinal);
        Execute(file, "create table SchemaVersions (ScriptName text); insert into SchemaVersions values ('9999_from_the_future.sqlite.sql')");
        Assert.Contains("newer version", (await RunAsync(database, "restore", file)).Error, StringComparison.Ordinal);
        Assert.False(File.Exists(database));
    }

    private static void Execute(string file, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={file};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static async Task<JsonNode> WriteUntilRefusedAsync(HttpClient client, int status)
    {
        // What is free within the log and the database is used up first.
        for (var i = 0; i < 2000; i++)
        {
            using var answer = await client.PostAsync("/v1/enterprises", ClientExtensions.Json($$"""{"name":"Filler {{i}}","country":"BY","region":"BY-HM","sources":["{{new string('s', 200)}}"]}"""));
            if (answer.StatusCode != HttpStatusCode.Created)
            {
                Assert.Equal(status, (int)answer.StatusCode);
                return JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
            }
        }

        throw new InvalidOperationException("The disk was never full.");
    }

    private static async Task<(int ExitCode, string Error)> RunAsync(string database, params string[] arguments)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("ConnectionStrings:PartnerMatch", $"Data Source={database}")]).Build();
        using var output = new StringWriter();
        using var error = new StringWriter();
        return (await CommandLine.RunAsync(arguments, configuration, output, error), error.ToString());
    }
}
