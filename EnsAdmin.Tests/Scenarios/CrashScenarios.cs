using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using EnsAdmin.Tests.Support;
using Microsoft.Data.Sqlite;

namespace EnsAdmin.Tests.Scenarios;

/// <summary>
/// The program as a process of its own, killed at random moments while 32 producers publish. Set ENSADMIN_KILLS for more kills than a test run has time for.
/// </summary>
[Collection(Alone.Name)]
public sealed class CrashScenarios
{
    private const int Producers = 32;
    private const int Connections = 20;
    private static readonly int Kills = int.Parse(Environment.GetEnvironmentVariable("ENSADMIN_KILLS") ?? (Browser.MustRun ? "20" : "3"), CultureInfo.InvariantCulture);

    [Fact]
    public async Task Every_event_answered_202_arrives_at_every_receiver_whenever_the_program_is_killed()
    {
        await using var first = await CountingReceiver.StartAsync();
        await using var second = await CountingReceiver.StartAsync();
        CountingReceiver[] receivers = [first, second];
        var url = $"http://127.0.0.1:{ProgramRun.FreePort()}";
        await using var program = await ProgramRun.ProductAsync("--urls", url, $"--Ens:Delivery:AllowedNetworks={RunningApp.Loopback}", "--Ens:Delivery:FirstBackoff=00:00:00.200", "--Logging:LogLevel:Default=Warning");
        using var http = await program.ClientAsync();
        foreach (var receiver in receivers)
        {
            using var created = await http.PostAsJsonAsync("/v3/webHooks", new { name = receiver.Url, webHookUrl = receiver.Url, maxAllowedConnections = Connections, eventNames = new[] { Some.EventName } }, Cancel);
            Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        }

        var seed = Environment.TickCount;
        var random = new Random(seed);
        using var publishing = new Publishing(http);
        var claimed = new Dictionary<(string Receiver, string EventId), int>();
        for (var kill = 0; kill < Kills; kill++)
        {
            await publishing.AnsweredAsync(random.Next(1, 400), Cancel);
            publishing.Pause();
            await program.KillAsync();
            foreach (var call in Inspect(program.Directory, receivers)) claimed[call] = claimed.GetValueOrDefault(call) + 1;
            await program.AgainAsync();
            publishing.Resume();
        }

        await publishing.AnsweredAsync(100, Cancel);
        var answered = await publishing.StopAsync();
        await Eventually.HoldsAsync(() => Task.FromResult(receivers.All(r => answered.All(id => r.Seen.TryGetValue(id, out var seen) && seen.Accepted))),
            () => $"{answered.Count} events; missing are {string.Join(", ", receivers.SelectMany(r => answered.Where(id => !r.Seen.TryGetValue(id, out var seen) || !seen.Accepted)).Take(10))}, seed {seed}; not delivered are {NotDelivered(program.Directory)}");
        await Eventually.HoldsAsync(() => Task.FromResult(Count(program.Directory, "SELECT COUNT(*) FROM Deliveries WHERE Status <> 'Delivered'") == 0), () => "every delivery Delivered");

        var repeats = receivers.Sum(r => r.Seen.Values.Sum(s => s.Calls - 1 - s.Refused));
        TestContext.Current.TestOutputHelper?.WriteLine($"{Kills} kills, {answered.Count} events answered 202, {repeats} repeats, {claimed.Values.Sum()} calls claimed at the kills, seed {seed}");
        Assert.All(receivers, r => Assert.All(r.Seen.Values, seen => Assert.True(seen.SameBytes)));
        // A call is made again only where the kill found it under way, and once a kill.
        Assert.All(receivers, r => Assert.All(r.Seen, seen => Assert.InRange(seen.Value.Calls - 1 - seen.Value.Refused, 0, claimed.GetValueOrDefault((r.Url, seen.Key)))));
        Assert.Equal(receivers.Length * Count(program.Directory, "SELECT COUNT(*) FROM EventMessages"), Count(program.Directory, "SELECT COUNT(*) FROM Deliveries"));

        program.Terminate();
        Assert.Equal((0, ""), await program.EndAsync());
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Looks at a copy of what the killed program left; the recovery of the original is the program's own.</summary>
    /// <returns>The deliveries that were claimed, which are those that may be sent again.</returns>
    private static List<(string Receiver, string EventId)> Inspect(string directory, CountingReceiver[] receivers)
    {
        var copy = Directory.CreateTempSubdirectory("ens-killed-").FullName;
        foreach (var file in Directory.GetFiles(Path.Combine(directory, "ens-data"), "ens.db*").Where(f => !f.EndsWith("-shm", StringComparison.Ordinal))) File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        try
        {
            using var connection = Open(copy);
            using var query = new SqliteCommand("SELECT w.Name, e.EventId, d.Status FROM Deliveries d JOIN Webhooks w ON w.Id = d.WebhookId JOIN EventMessages e ON e.Id = d.EventMessageId WHERE d.Status IN ('Claimed', 'Delivered')", connection);
            using var rows = query.ExecuteReader();
            var claimed = new List<(string, string)>();
            while (rows.Read())
            {
                if (rows.GetString(2) == "Claimed") claimed.Add((rows.GetString(0), rows.GetString(1)));
                else Assert.True(receivers.Single(r => r.Url == rows.GetString(0)).Seen[rows.GetString(1)].Accepted, "Delivered, and the receiver knows nothing of it.");
            }

            return claimed;
        }
        finally
        {
            Directory.Delete(copy, recursive: true);
        }
    }

    private static string NotDelivered(string directory)
    {
        using var connection = Open(Path.Combine(directory, "ens-data"));
        using var query = new SqliteCommand("SELECT COUNT(*) || ' ' || Status || ' after ' || Attempts || ' attempts: ' || COALESCE(Reason, '') FROM Deliveries WHERE Status <> 'Delivered' GROUP BY Status, Attempts, Reason LIMIT 20", connection);
        using var rows = query.ExecuteReader();
        var found = new List<string>();
        while (rows.Read()) found.Add(rows.GetString(0));
        return string.Join("; ", found);
    }

    private static int Count(string directory, string sql)
    {
        using var connection = Open(Path.Combine(directory, "ens-data"));
        using var query = new SqliteCommand(sql, connection);
        return Convert.ToInt32(query.ExecuteScalar(), CultureInfo.InvariantCulture);
    }

    private static SqliteConnection Open(string directory)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = Path.Combine(directory, "ens.db"), Pooling = false }.ToString());
        connection.Open();
        return connection;
    }

    /// <summary>Producers that publish without pause, single events and arrays, and send again whatever got no answer.</summary>
    private sealed class Publishing : IDisposable
    {
        private readonly HttpClient _http;
        private readonly CancellationTokenSource _stop = new();
        private readonly ConcurrentQueue<string> _answered = new();
        private readonly Task[] _producers;
        private volatile TaskCompletionSource _up = new();

        public Publishing(HttpClient http)
        {
            _http = http;
            _up.SetResult();
            _producers = [.. Enumerable.Range(0, Producers).Select(ProduceAsync)];
        }

        /// <summary>From now on a call that fails is not made again before <see cref="Resume"/>.</summary>
        public void Pause() => _up = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Resume() => _up.SetResult();

        /// <summary>Completes when so many more events have been answered.</summary>
        public Task AnsweredAsync(int more, CancellationToken cancel)
        {
            var count = _answered.Count + more;
            return Eventually.HoldsAsync(() => Task.FromResult(_answered.Count >= count), () => $"{count} answers; there are {_answered.Count}; {string.Join(", ", _producers.Select(p => p.Exception?.Message).OfType<string>())}").WaitAsync(cancel);
        }

        /// <returns>The ids of all events that were answered 202.</returns>
        public async Task<IReadOnlyCollection<string>> StopAsync()
        {
            await _stop.CancelAsync();
            await Task.WhenAll(_producers);
            return _answered;
        }

        public void Dispose()
        {
            _stop.Cancel();
            _stop.Dispose();
        }

        private async Task ProduceAsync(int producer)
        {
            await Task.Yield();
            for (var i = 0; !_stop.IsCancellationRequested; i++)
            {
                string[] ids = i % 4 == 3 ? [.. Enumerable.Range(0, 20).Select(n => $"{producer}-{i}-{n}")] : [$"{producer}-{i}"];
                var body = ids.Length == 1 ? Some.Event(ids[0]) : Some.Events(ids);
                while (!await TryPublishAsync(body)) await _up.Task.WaitAsync(TimeSpan.FromSeconds(60));
                foreach (var id in ids) _answered.Enqueue(id);
            }
        }

        private async Task<bool> TryPublishAsync(string body)
        {
            try
            {
                using var answer = await _http.PostAsync("/v3/events", new StringContent(body));
                if (answer.StatusCode == HttpStatusCode.TooManyRequests) return false;
                Assert.True(answer.StatusCode == HttpStatusCode.Accepted, await answer.Content.ReadAsStringAsync());
                return JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.TryGetProperty("data", out _);
            }
            catch (Exception e) when (e is HttpRequestException or IOException)
            {
                return false;
            }
        }
    }
}
