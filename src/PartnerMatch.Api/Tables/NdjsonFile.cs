using System.Text.Json;
using Microsoft.Extensions.Options;

namespace PartnerMatch.Api.Tables;

/// <summary>JSON texts, one a line, as the body of an answer, written as they come.</summary>
/// <param name="name">The file's name without its ending.</param>
/// <param name="items">What each line holds.</param>
internal sealed class NdjsonFile<T>(string name, IAsyncEnumerable<T> items) : IResult
{
    private static readonly byte[] LineEnd = "\n"u8.ToArray();

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        TableFile.StartFile(httpContext, NdjsonLines.ContentType, name + ".ndjson");
        var json = httpContext.RequestServices.GetRequiredService<IOptions<Microsoft.AspNetCore.Http.Json.JsonOptions>>().Value.SerializerOptions;
        var body = httpContext.Response.Body;
        await foreach (var item in items.WithCancellation(httpContext.RequestAborted))
        {
            await body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(item, json), httpContext.RequestAborted);
            await body.WriteAsync(LineEnd, httpContext.RequestAborted);
        }
    }
}
