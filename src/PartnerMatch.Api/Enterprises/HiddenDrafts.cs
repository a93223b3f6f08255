using System.Reflection;
using PartnerMatch.Api.Access;
using PartnerMatch.Api.Http;
using PartnerMatch.Api.Matches;
using PartnerMatch.Ranking.Profiles;

namespace PartnerMatch.Api.Enterprises;

/// <summary>
/// To a caller that is bound to an owner, the drafts of others do not exist, under whatever address they are asked for. In the paths of
/// this API <c>id</c>, <c>a</c> and <c>b</c> name enterprises.
/// </summary>
internal static class HiddenDrafts
{
    private static readonly string[] Names = ["id", "a", "b"];

    public static TBuilder HideDrafts<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder
    {
        builder.AddEndpointFilterFactory(Create);
        return builder;
    }

    /// <summary>
    /// For an operation that answers of an id that nothing bears as of any other: of a hidden draft, too, or that it is not there would tell that it is.
    /// </summary>
    public static RouteHandlerBuilder AnswersOfAnyId(this RouteHandlerBuilder builder) => builder.WithMetadata(new AnswersOfAnyIdMetadata());

    private static EndpointFilterDelegate Create(EndpointFilterFactoryContext factory, EndpointFilterDelegate next)
    {
        var places = factory.MethodInfo.GetParameters().Where(IsEnterpriseId).Select(p => p.Position).ToArray();
        return places.Length == 0 ? next : async context =>
        {
            if (Caller.Current.Owner is not null && context.HttpContext.GetEndpoint()?.Metadata.GetMetadata<AnswersOfAnyIdMetadata>() is null)
            {
                var services = context.HttpContext.RequestServices;
                var profiles = services.GetRequiredService<EnterpriseDirectory>().Current.Index;
                var drafts = places.Select(p => context.GetArgument<string>(p)).Where(id => profiles.Find(id)?.Status == ProfileStatus.Draft);
                foreach (var id in drafts)
                {
                    if (await services.GetRequiredService<EnterpriseStore>().FindAsync(id, context.HttpContext.RequestAborted) is null)
                    {
                        return new NotFoundProblem("enterprise", id);
                    }
                }
            }

            return await next(context);
        };
    }

    private static bool IsEnterpriseId(ParameterInfo parameter) => parameter.ParameterType == typeof(string) && Names.Contains(parameter.Name);

    private sealed class AnswersOfAnyIdMetadata;
}
