using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;

namespace EnsAdmin.Benchmarks;

/// <summary>Events and the clients that send them.</summary>
internal static class Load
{
    public static HttpClient Client { get; } = new(new WithKey { InnerHandler = new SocketsHttpHandler { UseProxy = false, UseCookies = false, MaxConnectionsPerServer = 1024 } }) { Timeout = TimeSpan.FromMinutes(5) };

    /// <summary>The key of each server that wants one, by its host and port.</summary>
    public static ConcurrentDictionary<string, AuthenticationHeaderValue> Keys { get; } = new();

    private static long _number;

    /// <summary>An event of some 700 bytes under an id of its own, that says when it was made.</summary>
    public static string Event(string eventName = "pointsIssued") => string.Create(CultureInfo.InvariantCulture,
        $$$"""{"eventName":"{{{eventName}}}","eventId":"b-{{{Environment.ProcessId}}}-{{{Interlocked.Increment(ref _number)}}}","refId":"1655_{{{_number}}}","apiRequestId":"r-{{{_number}}}","orgId":1655,"createdAt":1760000000000,"data":{"note":"{{{new string('x', 480)}}}","sentAt":{{{Stopwatch.GetTimestamp()}}}}}""");

    public static async Task PostAsync(string url, string body)
    {
        using var answer = await Client.PostAsync(url, new StringContent(body));
        if (!answer.IsSuccessStatusCode) throw new InvalidOperationException($"{url} answered {(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");
    }

    /// <summary>Publishes so many events in arrays of 100.</summary>
    public static Task PublishAsync(string url, int count, Func<int, string> eventName, int clients = 8) =>
        ForAsync(count / 100, clients, i => PostAsync($"{url}/v3/events", Array(i, eventName)));

    /// <summary>The same with arrays that were made before: what is measured is how they are taken.</summary>
    public static Task PublishAsync(string url, IReadOnlyList<string> arrays, int clients = 8) => ForAsync(arrays.Count, clients, i => PostAsync($"{url}/v3/events", arrays[i]));

    /// <summary>Arrays of 100 events.</summary>
    public static string[] Arrays(int count, string eventName) => [.. Enumerable.Range(0, count / 100).Select(i => Array(i, _ => eventName))];

    private static string Array(int number, Func<int, string> eventName) => $"[{string.Join(',', Enumerable.Range(number * 100, 100).Select(n => Event(eventName(n))))}]";

    /// <summary>Runs the work for 0 to count-1 on so many clients; each goes on with the next.</summary>
    public static Task ForAsync(int count, int clients, Func<int, Task> work)
    {
        var next = -1;
        return Task.WhenAll(Enumerable.Range(0, clients).Select(_ => Task.Run(async () =>
        {
            for (int i; (i = Interlocked.Increment(ref next)) < count;) await work(i);
        })));
    }

    /// <summary>Runs the work so many times a second, whatever it takes.</summary>
    public static async Task PaceAsync(int perSecond, TimeSpan duration, Func<int, Task> work)
    {
        var running = new List<Task>();
        var started = Stopwatch.GetTimestamp();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (await timer.WaitForNextTickAsync())
        {
            var elapsed = Stopwatch.GetElapsedTime(started);
            while (running.Count < elapsed.TotalSeconds * perSecond) running.Add(work(running.Count));
            if (elapsed > duration) break;
        }

        await Task.WhenAll(running);
    }

    public static async Task<TimeSpan> TimeAsync(Func<Task> work)
    {
        var started = Stopwatch.GetTimestamp();
        await work();
        return Stopwatch.GetElapsedTime(started);
    }

    private sealed class WithKey : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.Headers.Authorization = Keys.GetValueOrDefault(request.RequestUri!.Authority);
            return base.SendAsync(request, cancellationToken);
        }
    }
}
