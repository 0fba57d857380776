using System.Collections.Concurrent;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace EnsAdmin.Tests.Support;

/// <summary>One call as the receiver saw it.</summary>
/// <param name="Connection">Which connection it came over.</param>
public sealed record ReceivedCall(string Method, string Path, string Connection, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    public string Text => System.Text.Encoding.UTF8.GetString(Body);
    public string EventId => JsonDocument.Parse(Body).RootElement.GetProperty("eventId").GetString()!;
}

/// <summary>A real HTTP server that answers as told and keeps what it got.</summary>
public sealed class Receiver : IAsyncDisposable
{
    private LoopbackServer _server = null!;
    private readonly ConcurrentQueue<ReceivedCall> _calls = new();
    private readonly Lock _lock = new();
    private readonly List<(Func<bool> Holds, TaskCompletionSource Waiter)> _waiters = [];
    private int _inFlight;

    private Receiver() { }

    public string Url => _server.Url;
    public IReadOnlyList<ReceivedCall> Calls => [.. _calls];
    public int MostAtOnce { get; private set; }

    /// <summary>What to answer to the n-th call (from 1); may wait.</summary>
    public Func<int, HttpContext, Task> Answer { get; set; } = (_, http) => Status(http, 200);

    public static Task Status(HttpContext http, int status)
    {
        http.Response.StatusCode = status;
        return http.Response.WriteAsync($"answer {status}");
    }

    /// <summary>Answers these codes in turn, the last one for ever.</summary>
    public Receiver Answering(params int[] statuses)
    {
        Answer = (n, http) => Status(http, statuses[Math.Min(n, statuses.Length) - 1]);
        return this;
    }

    /// <summary>Answers 503, and not to be called again for an hour.</summary>
    public Receiver AskingForAnHour()
    {
        Answer = (_, http) =>
        {
            http.Response.Headers.RetryAfter = "3600";
            return Status(http, 503);
        };
        return this;
    }

    /// <param name="certificate">For a receiver that speaks HTTPS.</param>
    public static async Task<Receiver> StartAsync(X509Certificate2? certificate = null)
    {
        var receiver = new Receiver();
        receiver._server = await LoopbackServer.StartAsync(receiver.TakeAsync, certificate);
        return receiver;
    }

    /// <summary>Completes when so many calls have arrived.</summary>
    public Task<IReadOnlyList<ReceivedCall>> ReceivedAsync(int count) => WhenAsync(() => _calls.Count >= count, $"{count} calls");

    public async Task<IReadOnlyList<ReceivedCall>> WhenAsync(Func<bool> holds, string what)
    {
        var waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (holds()) return Calls;
            _waiters.Add((holds, waiter));
        }

        try
        {
            await waiter.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"Waited for {what}; got {_calls.Count} calls.");
        }

        return Calls;
    }

    private async Task TakeAsync(HttpContext http)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body);
        int number;
        lock (_lock)
        {
            MostAtOnce = Math.Max(MostAtOnce, ++_inFlight);
            _calls.Enqueue(new ReceivedCall(http.Request.Method, http.Request.Path, http.Connection.Id, http.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString()), body.ToArray()));
            number = _calls.Count;
            foreach (var (holds, waiter) in _waiters) if (holds()) waiter.TrySetResult();
        }

        try
        {
            await Answer(number, http);
        }
        finally
        {
            lock (_lock) _inFlight--;
        }
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
