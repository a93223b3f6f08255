namespace PartnerMatch.Api.Http;

/// <summary>Web pages of which origins may call the service from a browser (CORS): none where <c>PartnerMatch:Origins</c> names none.</summary>
internal static class Origins
{
    private static readonly string[] Exposed = ["ETag", "Link", "Location", "RateLimit", "RateLimit-Policy", "Retry-After", "WWW-Authenticate"];

    public static IServiceCollection AddOrigins(this IServiceCollection services, IConfiguration configuration) => services.AddCors(cors => cors.AddDefaultPolicy(policy => policy
        .WithOrigins(Of(configuration))
        .AllowAnyMethod()
        .AllowAnyHeader()
        .WithExposedHeaders(Exposed)));

    public static void UseOrigins(this WebApplication app)
    {
        if (Of(app.Configuration).Length > 0)
        {
            app.UseCors();
        }
    }

    private static string[] Of(IConfiguration configuration) => configuration.GetSection("PartnerMatch:Origins").Get<string[]>() ?? [];
}
