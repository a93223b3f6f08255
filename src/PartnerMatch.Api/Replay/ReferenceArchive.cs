using System.IO.Compression;
using Dapper;
using PartnerMatch.Api.Reference;
using PartnerMatch.Api.Storage;

namespace PartnerMatch.Api.Replay;

/// <summary>Every reference data that was ever served, so that a catalog can be made of it again.</summary>
internal sealed class ReferenceArchive(SqliteDatabase database, ReferenceFolder folder, ReferenceCatalog current, TimeProvider time)
{
    private volatile ReferenceCatalog? _last;

    /// <summary>Keeps the files of the current reference data, unless they are kept already.</summary>
    /// <exception cref="InvalidOperationException">The files are no longer those that the catalog was read from.</exception>
    public async Task KeepAsync(CancellationToken cancellation)
    {
        if (await IsKeptAsync(cancellation))
        {
            return;
        }

        var files = ReferenceFiles.Read(folder.Path);
        if (ReferenceFiles.VersionOf(files) != current.Version)
        {
            throw new InvalidOperationException("The reference data was changed while the service started.");
        }

        await database.WriteAsync(
            transaction => transaction.Connection!.ExecuteAsync(
                "insert into reference_versions (version, content, stored_at) values (@Version, @content, @now)",
                new { current.Version, content = Pack(files), now = time.GetUtcNow().ToUnixTimeMilliseconds() },
                transaction),
            _ => { },
            cancellation);
    }

    /// <summary>The catalog of a version that was served.</summary>
    public async Task<ReferenceCatalog> FindAsync(string version, CancellationToken cancellation)
    {
        // Who replays one score is likely to replay more of the same time.
        var known = current.Version == version ? current : _last;
        if (known?.Version == version)
        {
            return known;
        }

        await using var connection = await database.OpenAsync(cancellation);
        var content = await connection.ExecuteScalarAsync<byte[]>("select content from reference_versions where version = @version", new { version });
        return _last = ReferenceFiles.Load(Unpack(content!));
    }

    private async Task<bool> IsKeptAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        return await connection.ExecuteScalarAsync<bool>("select count(*) from reference_versions where version = @Version", new { current.Version });
    }

    private static byte[] Pack(SortedDictionary<string, byte[]> files)
    {
        using var packed = new MemoryStream();
        using (var archive = new ZipArchive(packed, ZipArchiveMode.Create))
        {
            foreach (var (file, content) in files)
            {
                using var entry = archive.CreateEntry(file, CompressionLevel.Fastest).Open();
                entry.Write(content);
            }
        }

        return packed.ToArray();
    }

    private static SortedDictionary<string, byte[]> Unpack(byte[] packed)
    {
        var files = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        using var archive = new ZipArchive(new MemoryStream(packed));
        foreach (var entry in archive.Entries)
        {
            using var content = new MemoryStream();
            using var stream = entry.Open();
            stream.CopyTo(content);
            files.Add(entry.FullName, content.ToArray());
        }

        return files;
    }
}
