using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.Mvc.Testing.Handlers;

namespace PartnerMatch.Api.Tests.Proxy;

/// <summary>All clients of the tests; they go through the validating proxy where that is on.</summary>
internal static class Clients
{
    /// <summary>A client of a service in this process.</summary>
    /// <param name="service">The service.</param>
    /// <param name="address">What the service is called, if not what it says.</param>
    /// <param name="asked">By which rule all that this client sends goes, where it does not follow from the requests.</param>
    public static HttpClient Connect(this WebApplicationFactory<Program> service, string? address = null, Rule? asked = null)
    {
        // One that listens knows its address from then on.
        service.StartServer();
        return service.CreateDefaultClient(
            address is null ? service.ClientOptions.BaseAddress : new Uri(address),
            [new RedirectHandler(), .. ValidatingProxy.IsOn ? [new ProxyHandler(asked)] : Array.Empty<DelegatingHandler>()]);
    }

    /// <summary>A client of a service that listens.</summary>
    /// <param name="address">Where it listens.</param>
    public static HttpClient ConnectTo(Uri address) => new(ValidatingProxy.IsOn ? new ProxyHandler(null) { InnerHandler = new SocketsHttpHandler() } : new SocketsHttpHandler()) { BaseAddress = address };
}
