using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

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
    private LoopbackServer _server = null!;
    private readonly ConcurrentDictionary<string, Seen> _seen = new();

    private CountingReceiver() { }

    public string Url => _server.Url;

    public IReadOnlyDictionary<string, Seen> Seen => _seen;

    public static async Task<CountingReceiver> StartAsync()
    {
        var receiver = new CountingReceiver();
        receiver._server = await LoopbackServer.StartAsync(receiver.TakeAsync);
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

    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
