using System.Reflection;
using FluentValidation;
using Microsoft.AspNetCore.Mvc;

namespace PartnerMatch.Api.Http;

/// <summary>
/// Validates once, before the handler, loudly. Every body and every set of query parameters has a validator or the service does not
/// start; parameters that an endpoint does not know are refused.
/// </summary>
internal static class RequestChecks
{
    public static TBuilder CheckRequests<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder
    {
        builder.AddEndpointFilterFactory(Create);
        builder.WithMetadata(new ProducesProblemMetadata(400, "The request is not valid; errors names each place."));
        builder.WithMetadata(new ProducesProblemMetadata(500, "The service failed; nothing of the request was stored."));
        builder.WithMetadata(new ProducesProblemMetadata(503, "The service cannot work just now, as while its database is read-only; it recovers by itself. Nothing of the request was stored."));
        builder.WithMetadata(new ProducesProblemMetadata(507, "The disk is full. Nothing of the request was stored."));
        return builder;
    }

    private static EndpointFilterDelegate Create(EndpointFilterFactoryContext factory, EndpointFilterDelegate next)
    {
        var parameters = factory.MethodInfo.GetParameters();
        var queries = parameters.Where(p => p.GetCustomAttribute<AsParametersAttribute>() is not null).ToArray();
        var known = queries.SelectMany(p => QueryNames(p.ParameterType)).ToHashSet(StringComparer.Ordinal);
        var checks = parameters
            .Select((parameter, index) => (parameter, index))
            .Where(p => queries.Contains(p.parameter) || p.parameter.GetCustomAttribute<FromBodyAttribute>() is not null)
            .Select(p => (p.index, where: queries.Contains(p.parameter) ? "query" : "body", validator: FindValidator(factory, p.parameter)))
            .ToArray();
        return async context =>
        {
            var errors = FindQueryErrors(context.HttpContext.Request.Query, known);
            foreach (var (index, where, validator) in checks)
            {
                var argument = context.Arguments[index]!;
                var result = await validator.ValidateAsync(new ValidationContext<object>(argument), context.HttpContext.RequestAborted);
                errors.AddRange(result.Errors.Select(e => new FieldError(where, e.PropertyName, e.ErrorMessage, e.CustomState as IReadOnlyList<string>)));
            }

            return errors.Count > 0 ? new InvalidProblem(errors) : await next(context);
        };
    }

    private static IValidator FindValidator(EndpointFilterFactoryContext factory, ParameterInfo parameter) =>
        (IValidator?)factory.ApplicationServices.GetService(typeof(IValidator<>).MakeGenericType(parameter.ParameterType))
        ?? throw new InvalidOperationException($"{parameter.ParameterType.Name} has no validator: requests would pass unchecked.");

    private static IEnumerable<string> QueryNames(Type type) => type.GetConstructors().Single().GetParameters()
        .Select(p => p.GetCustomAttribute<FromQueryAttribute>()?.Name)
        .OfType<string>();

    private static List<FieldError> FindQueryErrors(IQueryCollection query, HashSet<string> known)
    {
        var errors = new List<FieldError>();
        foreach (var (name, values) in query)
        {
            if (!known.Contains(name))
            {
                errors.Add(new FieldError("query", name, "There is no such parameter here.", known.Count > 0 ? [.. known.Order(StringComparer.Ordinal)] : null));
            }
            else if (values.Count > 1)
            {
                errors.Add(new FieldError("query", name, "The parameter is given more than once."));
            }
            else if (values[0]!.Contains('\0', StringComparison.Ordinal))
            {
                // A number would be read up to there, as if nothing followed.
                errors.Add(new FieldError("query", name, "The value holds a NUL."));
            }
        }

        return errors;
    }
}
