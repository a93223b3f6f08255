using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace PartnerMatch.Api.Http;

/// <summary>JSON in UTF-8 as it grows, in a buffer of the pool: values as the serializer writes them by <see cref="JsonConventions"/>, everything between them as it is given.</summary>
internal sealed class JsonText : IDisposable
{
    private const int FirstSize = 256 * 1024;

    /// <summary>What one character takes at most: \uXXXX.</summary>
    private const int MostBytesPerCharacter = 6;

    /// <summary>What a number takes at most.</summary>
    private const int MostBytesPerNumber = 32;
    private static readonly JavaScriptEncoder Encoder = JsonConventions.Encoder;
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(FirstSize);
    private int _length;

    /// <summary>What has been written; gone when this is disposed.</summary>
    public ReadOnlyMemory<byte> Written => _buffer.AsMemory(0, _length);

    /// <summary>Braces, commas and names of members; or JSON that is made already.</summary>
    public void Raw(ReadOnlySpan<byte> json)
    {
        json.CopyTo(Free(json.Length));
        _length += json.Length;
    }

    public void Text(string? value)
    {
        if (value is null)
        {
            Raw("null"u8);
            return;
        }

        var free = Free((value.Length * MostBytesPerCharacter) + 2);
        var length = Encoding.UTF8.GetBytes(value, free[1..]);
        if (Encoder.FindFirstCharacterToEncodeUtf8(free.Slice(1, length)) >= 0)
        {
            var escaped = JsonEncodedText.Encode(value, Encoder).EncodedUtf8Bytes;
            escaped.CopyTo(free[1..]);
            length = escaped.Length;
        }

        free[0] = free[length + 1] = (byte)'"';
        _length += length + 2;
    }

    public void Number(double? value)
    {
        if (value is not { } number)
        {
            Raw("null"u8);
            return;
        }

        Utf8Formatter.TryFormat(number, Free(MostBytesPerNumber), out var length);
        _length += length;
    }

    public void Number(int value)
    {
        Utf8Formatter.TryFormat(value, Free(MostBytesPerNumber), out var length);
        _length += length;
    }

    /// <summary>An enum's value in kebab-case.</summary>
    public void Name<T>(T? value)
        where T : struct, Enum => Raw(value is { } name ? Names<T>.Quoted[name] : "null"u8);

    public void Dispose() => ArrayPool<byte>.Shared.Return(Interlocked.Exchange(ref _buffer, []));

    private Span<byte> Free(int size)
    {
        if (_buffer.Length - _length < size)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(2 * _buffer.Length, _length + size));
            Written.CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }

        return _buffer.AsSpan(_length);
    }

    private static class Names<T>
        where T : struct, Enum
    {
        public static readonly Dictionary<T, byte[]> Quoted = Enum.GetValues<T>().ToDictionary(v => v, v => Encoding.UTF8.GetBytes($"\"{Kebab.Of(v)}\""));
    }
}
