using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EnsAdmin.Tests.Support;

/// <summary>What one receiver saw of one event.</summary>
/// <param name="Calls">How often it was called.</param>
/// <param name="Refused">How many of the calls it answered with 503.</param>
/// <param name="Accepted">Whether it answered 200 once.</param>
/// <param name="SameBytes">Whether every call had the same body.</param>
public sealed record Seen(int Calls, int Refused, bool Accepted, bool SameBytes, ulong Hash);

/// <summary>A receiver for many events: it counts calls by event, answers after some milliseconds and refuses the first call of every twentieth.</summary>
public sealed class CountingReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, Seen> _seen = new();

    private CountingReceiver(WebApplication app) => _app = app;

    public string Url { get; private set; } = "";

    public IReadOnlyDictionary<string, Seen> Seen => _seen;

    public static async Task<CountingReceiver> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var receiver = new CountingReceiver(app);
        app.Run(receiver.TakeAsync);
        await app.StartAsync();
        receiver.Url = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        return receiver;
    }

    private async Task TakeAsync(HttpContext http)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body);
        using var json = JsonDocument.Parse(body.ToArray());
        var eventId = json.RootElement.GetProperty("eventId").GetString()!;
        var hash = BitConverter.ToUInt64(SHA256.HashData(body.ToArray()));
        var now = _seen.AddOrUpdate(eventId, _ => new Seen(1, 0, false, true, hash), (_, seen) => seen with { Calls = seen.Calls + 1, SameBytes = seen.SameBytes && seen.Hash == hash });
        var refuse = now is { Calls: 1 } && hash % 20 == 0;
        await Task.Delay(TimeSpan.FromMilliseconds(hash % 10)); // A receiver has work to do.
        _seen.AddOrUpdate(eventId, _ => now, (_, seen) => refuse ? seen with { Refused = seen.Refused + 1 } : seen with { Accepted = true });
        http.Response.StatusCode = refuse ? 503 : 200;
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }
}
