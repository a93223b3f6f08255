using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace PartnerMatch.Api.Tests;

/// <summary>Goes on to load profiles when it is released; on a database of its own, or on one that is there.</summary>
internal sealed class HeldFixture(string? database = null) : ApiFixture
{
    public TaskCompletionSource Release { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TaskCompletionSource<Uri> Address { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        base.ConfigureWebHost(builder);
        if (database is not null)
        {
            builder.UseSetting("ConnectionStrings:PartnerMatch", $"Data Source={database};Pooling=False");
        }

        builder.ConfigureTestServices(services => services.Insert(0, ServiceDescriptor.Singleton<IHostedService>(provider => new Hold(this, provider.GetRequiredService<IServer>()))));
    }

    private sealed class Hold(HeldFixture fixture, IServer server) : IHostedLifecycleService
    {
        public Task StartedAsync(CancellationToken cancellationToken)
        {
            fixture.Address.SetResult(new Uri(server.Features.Get<IServerAddressesFeature>()!.Addresses.Single()));
            return fixture.Release.Task.WaitAsync(cancellationToken);
        }

        public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
