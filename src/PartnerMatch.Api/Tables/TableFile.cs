using System.Reflection;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using PartnerMatch.Api.Http;

namespace PartnerMatch.Api.Tables;

/// <summary>How a list can be had.</summary>
internal enum ListFormat
{
    Json,
    Csv,
    Xlsx,
}

/// <summary>Chooses by the Accept header (RFC 9110, section 12.5.1).</summary>
internal static class ListFormats
{
    private static readonly (ListFormat Format, string ContentType)[] Offered =
    [
        (ListFormat.Json, "application/json"),
        (ListFormat.Csv, CsvTable.ContentType),
        (ListFormat.Xlsx, XlsxTable.ContentType),
    ];

    /// <summary>What the caller likes best of what is offered, JSON where it does not say; null where it takes none.</summary>
    public static ListFormat? Choose(HttpContext context)
    {
        context.Response.Headers.Append(HeaderNames.Vary, HeaderNames.Accept);
        var accepted = context.Request.GetTypedHeaders().Accept;
        if (accepted.Count == 0)
        {
            return ListFormat.Json;
        }

        var best = Offered.Select(o => (o.Format, Quality: QualityOf(o.ContentType, accepted))).MaxBy(o => o.Quality);
        return best.Quality > 0 ? best.Format : null;
    }

    public static string ContentTypeOf(ListFormat format) => Offered.Single(o => o.Format == format).ContentType;

    /// <summary>By the most specific range that matches.</summary>
    private static double QualityOf(string contentType, IEnumerable<MediaTypeHeaderValue> accepted)
    {
        var type = new MediaTypeHeaderValue(contentType);
        return accepted
            .Where(range => AreSame(type.MediaType, range.MediaType) || range.MatchesAllTypes || (range.MatchesAllSubTypes && AreSame(type.Type, range.Type)))
            .OrderByDescending(range => range.MatchesAllTypes ? 0 : range.MatchesAllSubTypes ? 1 : 2)
            .Select(range => range.Quality ?? 1)
            .FirstOrDefault();

        static bool AreSame(StringSegment one, StringSegment other) => one.Equals(other, StringComparison.OrdinalIgnoreCase);
    }
}

/// <summary>A table as the body of an answer, written as its rows come.</summary>
/// <param name="format">CSV or XLSX.</param>
/// <param name="name">The file's name without its ending.</param>
/// <param name="rows">The header, then the rows; texts and numbers.</param>
internal sealed class TableFile(ListFormat format, string name, IAsyncEnumerable<IReadOnlyList<object?>> rows) : IResult, IEndpointMetadataProvider
{
    /// <summary>CSV or XLSX.</summary>
    public ListFormat Format => format;

    /// <summary>All rows, where they are a page of a list; null where they are written as they come.</summary>
    public IReadOnlyList<IReadOnlyList<object?>>? Page { get; private init; }

    /// <summary>A page of a list.</summary>
    public static TableFile Of(ListFormat format, string name, IEnumerable<IReadOnlyList<object?>> rows)
    {
        IReadOnlyList<IReadOnlyList<object?>> page = [.. rows];
        return new TableFile(format, name, page.ToAsyncEnumerable()) { Page = page };
    }

    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) => builder.Metadata.Add(new GivesFileMetadata(CsvTable.ContentType, XlsxTable.ContentType));

    public Task ExecuteAsync(HttpContext httpContext)
    {
        StartFile(httpContext, ListFormats.ContentTypeOf(format) + (format == ListFormat.Csv ? "; charset=utf-8" : ""), $"{name}.{(format == ListFormat.Csv ? "csv" : "xlsx")}");

        // The archive writes its last bytes of each part synchronously, which only the pipe takes.
        return format == ListFormat.Csv
            ? CsvTable.WriteAsync(httpContext.Response.Body, rows, httpContext.RequestAborted)
            : XlsxTable.WriteAsync(httpContext.Response.BodyWriter.AsStream(leaveOpen: true), rows, httpContext.RequestAborted);
    }

    public static void StartFile(HttpContext context, string contentType, string fileName)
    {
        context.Response.ContentType = contentType;
        context.Response.Headers.ContentDisposition = $"attachment; filename=\"{fileName}\"";
    }
}

/// <summary>406: none of the formats that the caller takes is offered.</summary>
internal sealed class NotAcceptableProblem()
    : ProblemResult(Problem.Of(406, "not-acceptable", "The list cannot be had in that format.", $"It is offered as application/json, {CsvTable.ContentType} and {XlsxTable.ContentType}.")), IEndpointMetadataProvider
{
    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) => Describe(builder, 406, "None of the accepted formats is offered: application/json, text/csv or XLSX.");
}
