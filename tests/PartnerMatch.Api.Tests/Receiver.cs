using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace PartnerMatch.Api.Tests;

/// <summary>A message as a receiver of webhooks gets it.</summary>
internal sealed record Message(string Id, string Timestamp, IReadOnlyList<string> Signatures, string Body);

/// <summary>Receives webhooks on this machine.</summary>
internal sealed class Receiver : IAsyncDisposable
{
    private readonly SemaphoreSlim _received = new(0);
    private readonly WebApplication _app;

    private Receiver(WebApplication app) => _app = app;

    public ConcurrentQueue<Message> Waiting { get; } = [];

    public Func<HttpContext, int> Answer { get; set; } = _ => 204;

    public string Url => _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single() + "/hook";

    public static async Task<Receiver> StartAsync(Func<HttpContext, int>? answer = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var receiver = new Receiver(builder.Build());
        receiver.Answer = answer ?? receiver.Answer;
        receiver._app.Run(receiver.ReceiveAsync);
        await receiver._app.StartAsync();
        return receiver;
    }

    public async Task<Message> NextAsync()
    {
        Assert.True(await _received.WaitAsync(TimeSpan.FromMinutes(2)), "No message came.");
        Assert.True(Waiting.TryDequeue(out var message));
        return message;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _received.Dispose();
    }

    private async Task ReceiveAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var headers = context.Request.Headers;
        Waiting.Enqueue(new Message(headers["webhook-id"]!, headers["webhook-timestamp"]!, headers["webhook-signature"].ToString().Split(' '), await reader.ReadToEndAsync()));
        context.Response.StatusCode = Answer(context);
        _received.Release();
    }
}
