using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EnsAdmin.Benchmarks;

/// <summary>
/// The receiver: reads the body and answers 200 (202 at <c>/accept</c>). It counts calls, holds them while it is closed, answers after 10 s at
/// <c>/slow</c>, and notes how long each took from the moment that its body names.
/// </summary>
internal static class Sink
{
    private static readonly byte[] SentAt = "\"sentAt\":"u8.ToArray();
    private static readonly ConcurrentQueue<double> Latencies = new();
    private static long _calls;
    private static TaskCompletionSource _open = Opened();

    public static async Task RunAsync()
    {
        var builder = WebApplication.CreateSlimBuilder(["--urls=http://127.0.0.1:0", "--AllowedHosts=*"]);
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.MapGet("/calls", () => Interlocked.Read(ref _calls));
        app.MapPost("/close", () => { _open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously); });
        app.MapPost("/open", () => { _open.TrySetResult(); });
        app.MapPost("/latencies", () =>
        {
            var sorted = Latencies.Order().ToArray();
            Latencies.Clear();
            return sorted.Length == 0 ? "0;0;0" : string.Create(CultureInfo.InvariantCulture, $"{sorted[sorted.Length / 2]};{sorted[sorted.Length * 99 / 100]};{sorted.Length}");
        });
        app.MapPost("/accept", async http => { await ReadAsync(http); http.Response.StatusCode = 202; });
        app.MapPost("/slow", async http => { await ReadAsync(http); await Task.Delay(10_000, http.RequestAborted); });
        app.MapPost("/{**any}", async http =>
        {
            var now = await ReadAsync(http);
            if (!_open.Task.IsCompleted) await _open.Task;
            if (now is { } sent) Latencies.Enqueue(Stopwatch.GetElapsedTime(sent).TotalMilliseconds);
            Interlocked.Increment(ref _calls);
        });
        await app.StartAsync();
        Console.WriteLine($"ready {app.Urls.Single()}");
        await app.WaitForShutdownAsync();
    }

    private static TaskCompletionSource Opened()
    {
        var open = new TaskCompletionSource();
        open.SetResult();
        return open;
    }

    private static async Task<long?> ReadAsync(HttpContext http)
    {
        var buffer = new byte[4096];
        var length = 0;
        for (int n; length < buffer.Length && (n = await http.Request.Body.ReadAsync(buffer.AsMemory(length))) > 0;) length += n;
        var at = buffer.AsSpan(0, length).IndexOf(SentAt);
        return at < 0 ? null : long.Parse(Encoding.ASCII.GetString(buffer.AsSpan(at + SentAt.Length, 20)).Split('}', ',')[0], CultureInfo.InvariantCulture);
    }
}
