using System.Buffers;
using System.Text;
using PartnerMatch.Api.Tables;

namespace PartnerMatch.Api.Imports;

/// <summary>The files of imports that are not over: the body as it was sent, and the rows that were read from it.</summary>
internal sealed class ImportFiles(ImportSettings settings)
{
    private const int BufferSize = 128 * 1024;

    /// <summary>Where the rows of an import are staged.</summary>
    public string StageOf(string id) => Path.Combine(settings.Folder!, id + ".stage");

    public Stream Open(string id) => new FileStream(BodyOf(id), FileMode.Open, FileAccess.Read, FileShare.Read, BufferSize, FileOptions.Asynchronous | FileOptions.SequentialScan);

    /// <summary>Whether the body is still there.</summary>
    public bool Exists(string id) => File.Exists(BodyOf(id));

    /// <summary>
    /// Keeps a body on disk while it arrives, and looks at its form: too large, empty, not UTF-8, or a workbook that unpacks to too much.
    /// A body that breaks off leaves nothing.
    /// </summary>
    public async Task<SpooledBody> KeepAsync(string id, Stream body, ImportFormat format, CancellationToken cancellation)
    {
        Directory.CreateDirectory(settings.Folder!);
        var kept = false;
        try
        {
            var spooled = await CopyAsync(id, body, format, cancellation);
            kept = spooled is { IsTooLarge: false, Error: null };
            return spooled;
        }
        finally
        {
            if (!kept)
            {
                Remove(id);
            }
        }
    }

    /// <summary>Removes what is left of an import.</summary>
    public void Remove(string id)
    {
        File.Delete(BodyOf(id));
        File.Delete(StageOf(id));
    }

    /// <summary>Removes what belongs to no import that goes on: the service was stopped while a body arrived.</summary>
    public void RemoveOthers(IReadOnlyCollection<string> unfinished)
    {
        if (Directory.Exists(settings.Folder))
        {
            foreach (var file in Directory.EnumerateFiles(settings.Folder).Where(f => Path.GetExtension(f) is ".body" or ".stage" && !unfinished.Contains(Path.GetFileNameWithoutExtension(f))))
            {
                File.Delete(file);
            }
        }
    }

    private string BodyOf(string id) => Path.Combine(settings.Folder!, id + ".body");

    private async Task<SpooledBody> CopyAsync(string id, Stream body, ImportFormat format, CancellationToken cancellation)
    {
        await using var file = new FileStream(BodyOf(id), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0, FileOptions.Asynchronous);
        var encoding = format == ImportFormat.Xlsx ? null : new Utf8Check();
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            long size = 0;
            for (int length; (length = await body.ReadAsync(buffer, cancellation)) > 0;)
            {
                size += length;
                if (size > settings.MaxSize)
                {
                    return new SpooledBody(size, IsTooLarge: true, null);
                }

                if (encoding?.FindError(buffer.AsSpan(0, length)) is { } error)
                {
                    return new SpooledBody(size, IsTooLarge: false, error);
                }

                await file.WriteAsync(buffer.AsMemory(0, length), cancellation);
            }

            file.Flush(flushToDisk: true);
            file.Position = 0;
            return new SpooledBody(
                size,
                IsTooLarge: false,
                size == 0 ? new MalformedTableException("$", "The file is empty.")
                    : encoding is null ? XlsxTable.FindContainerError(file, settings.MaxUnpackedSize)
                    : encoding.FindErrorAtEnd());
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Finds the first byte that is not UTF-8, across the borders of what arrives at once.</summary>
    private sealed class Utf8Check
    {
        private readonly byte[] _rest = new byte[8];
        private int _restLength;
        private long _line = 1;
        private bool _isStart = true;

        public MalformedTableException? FindError(ReadOnlySpan<byte> bytes)
        {
            if (_isStart)
            {
                _isStart = false;
                if (bytes is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..])
                {
                    return new("line 1", "The file is UTF-16. Save it as UTF-8.");
                }
            }

            // A character that was cut in two is put together first.
            while (_restLength > 0 && bytes.Length > 0)
            {
                _rest[_restLength++] = bytes[0];
                bytes = bytes[1..];
                var status = Rune.DecodeFromUtf8(_rest.AsSpan(0, _restLength), out _, out _);
                if (status == OperationStatus.InvalidData)
                {
                    return NotUtf8(_rest[0]);
                }

                _restLength = status == OperationStatus.Done ? 0 : _restLength;
            }

            var complete = bytes[..^IncompleteTail(bytes)];
            if (complete.IndexOf((byte)0) is var zero && zero >= 0)
            {
                return new($"line {_line + complete[..zero].Count((byte)'\n')}", "The file has a zero byte: it is no text, or UTF-16. Save it as UTF-8.");
            }

            if (!System.Text.Unicode.Utf8.IsValid(complete))
            {
                while (Rune.DecodeFromUtf8(complete, out var rune, out var length) == OperationStatus.Done)
                {
                    _line += rune.Value == '\n' ? 1 : 0;
                    complete = complete[length..];
                }

                return NotUtf8(complete[0]);
            }

            _line += complete.Count((byte)'\n');
            bytes[complete.Length..].CopyTo(_rest);
            _restLength += bytes.Length - complete.Length;
            return null;
        }

        public MalformedTableException? FindErrorAtEnd() => _restLength > 0 ? NotUtf8(_rest[0]) : null;

        private MalformedTableException NotUtf8(byte value) => new($"line {_line}", $"The byte 0x{value:X2} is not UTF-8. Save the file as UTF-8 (not as windows-1251 or another code page).");

        /// <summary>How many bytes at the end begin a character that goes on.</summary>
        private static int IncompleteTail(ReadOnlySpan<byte> bytes)
        {
            for (var tail = 1; tail <= Math.Min(3, bytes.Length); tail++)
            {
                if ((bytes[^tail] & 0xC0) == 0xC0)
                {
                    return Rune.DecodeFromUtf8(bytes[^tail..], out _, out _) == OperationStatus.NeedMoreData ? tail : 0;
                }
            }

            return 0;
        }
    }
}

/// <summary>A body that arrived.</summary>
/// <param name="Size">Its bytes, as far as they were read.</param>
/// <param name="IsTooLarge">Whether it is larger than is taken.</param>
/// <param name="Error">Why it cannot be read, or null.</param>
internal sealed record SpooledBody(long Size, bool IsTooLarge, MalformedTableException? Error);
