using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using EnsAdmin.Domain;
using EnsAdmin.Tests.Support;

namespace EnsAdmin.Tests.Scenarios;

/// <summary>Receivers that answer in every way that hurts.</summary>
[Collection(Alone.Name)]
public sealed class HostileReceiverScenarios
{
    private const string TooLarge = "200 OK (its answer was too large and not read to the end)";
    private const int CallsAtOnce = 500;
    private const int Ordinary = 6000;
    private const long Allowed = 50 * 1024 * 1024;

    /// <summary>Set ENSADMIN_HOSTILE_SECONDS for a longer siege than a test run has time for.</summary>
    private static readonly TimeSpan Siege = TimeSpan.FromSeconds(int.Parse(Environment.GetEnvironmentVariable("ENSADMIN_HOSTILE_SECONDS") ?? (Browser.MustRun ? "20" : "8"), CultureInfo.InvariantCulture));

    [Theory]
    [InlineData("no-answer", AttemptOutcome.TimedOut, "No answer within 2 s")]
    [InlineData("a-byte-a-minute", AttemptOutcome.TimedOut, "The answer did not end within 2 s")]
    [InlineData("slow-headers", AttemptOutcome.TimedOut, "No answer within 2 s")]
    [InlineData("endless", AttemptOutcome.Success, TooLarge)]
    [InlineData("endless-chunks", AttemptOutcome.Success, TooLarge)]
    [InlineData("bomb", AttemptOutcome.Success, TooLarge)]
    [InlineData("many-encodings", AttemptOutcome.Success, "200 OK")]
    [InlineData("other-protocol", AttemptOutcome.ClientError, "101 Switching Protocols")]
    [InlineData("odd-status", AttemptOutcome.ClientError, "999")]
    [InlineData("huge-headers", AttemptOutcome.NoResponse, "The answer's headers were too large")]
    [InlineData("broken-chunks", AttemptOutcome.NoResponse, "The answer broke off")]
    [InlineData("reset", AttemptOutcome.NoResponse, "The answer broke off")]
    [InlineData("continue-storm", AttemptOutcome.TimedOut, "No answer within 2 s")]
    public async Task Each_manner_is_bounded_and_said_in_words(string manner, AttemptOutcome outcome, string reason)
    {
        await using var receiver = new HostileReceiver(manner);
        await using var app = RunningApp.Start(null, null, ("Ens:Delivery:RequestTimeout", "00:00:02"));
        var webhook = await app.CreateWebhookAsync(receiver.Url);

        await app.PublishAcceptedAsync(Some.Event("e-1"));

        var attempt = (await app.DeliveryAsync(webhook, d => d.Attempts.Count > 0)).Attempts[0];
        Assert.Equal((outcome, reason), (attempt.Outcome, attempt.Reason));
        Assert.InRange(attempt.ResponseStart?.Length ?? 0, 0, 4096);
        await Eventually.HoldsAsync(() => Task.FromResult(receiver.InFlight == 0), () => "the connection is let go");
    }

    [Fact]
    public async Task A_receiver_that_never_speaks_TLS_is_said_in_words()
    {
        await using var receiver = new HostileReceiver("no-answer");
        await using var app = RunningApp.Start(null, null, ("Ens:Delivery:RequestTimeout", "00:00:02"));
        var webhook = await app.CreateWebhookAsync(receiver.Url.Replace("http:", "https:", StringComparison.Ordinal));

        await app.PublishAcceptedAsync(Some.Event("e-1"));

        Assert.Equal("No secure connection within 2 s", (await app.DeliveryAsync(webhook, d => d.Attempts.Count > 0)).Attempts[0].Reason);
    }

    [Fact]
    public async Task Five_hundred_of_them_at_once_cost_no_more_than_50_MB_and_hold_up_nobody_else()
    {
        var url = $"http://127.0.0.1:{ProgramRun.FreePort()}";
        await using var program = await ProgramRun.ProductAsync("--urls", url, $"--Ens:Delivery:AllowedNetworks={RunningApp.Loopback}", "--Ens:Delivery:MaxCallsInFlight=700", "--Ens:Delivery:RequestTimeout=00:00:05",
            "--Ens:Delivery:FirstBackoff=00:00:00.100", "--Ens:Delivery:ShutdownGrace=00:00:00", "--Logging:LogLevel:Default=Warning");
        using var http = await program.ClientAsync();
        await using var good = await Receiver.StartAsync();
        await CreateWebhookAsync(http, "good", good.Url, 100, "customerAdded");
        for (var i = 0; i < Ordinary / 100; i++) await PublishAsync(http, Enumerable.Range(0, 100).Select(n => Some.Event($"ordinary-{i}-{n}", "customerAdded")));
        await good.ReceivedAsync(Ordinary);
        // Receivers that fail in the ordinary way belong to an ordinary day as well.
        await using var down = (await Receiver.StartAsync()).Answering(500);
        await CreateWebhookAsync(http, "down", down.Url, 20, "customerUpdated");
        await PublishAsync(http, Enumerable.Range(0, 100).Select(n => Some.Event($"down-{n}", "customerUpdated")));
        await down.ReceivedAsync(500);
        var idle = program.Memory;

        var hostile = HostileReceiver.Manners.Keys.Select(manner => (Manner: manner, Receiver: new HostileReceiver(manner, relents: 25))).ToList();
        try
        {
            foreach (var (manner, receiver) in hostile) await CreateWebhookAsync(http, manner, receiver.Url, HostileReceiver.Holding.Contains(manner) ? CallsAtOnce / HostileReceiver.Holding.Count : 20, Some.EventName);
            for (var i = 0; i < 20; i++) await PublishAsync(http, Enumerable.Range(0, 100).Select(n => Some.Event($"bad-{i}-{n}")));

            var started = Stopwatch.GetTimestamp();
            var memory = new List<long>();
            var (atOnce, looks) = (0, new List<int>());
            for (var n = 0; Stopwatch.GetElapsedTime(started) < Siege; n++)
            {
                await PublishAsync(http, [Some.Event($"good-{n}", "customerAdded")]);
                await good.ReceivedAsync(Ordinary + 1 + n);
                memory.Add(program.Memory - idle);
                looks.Add(hostile.Sum(h => h.Receiver.InFlight));
                atOnce = Math.Max(atOnce, looks[^1]);
            }

            TestContext.Current.TestOutputHelper?.WriteLine($"{Held(memory) / 1e6:0.0} MB over idle ({idle / 1e6:0.0} MB), for a moment {memory.Max() / 1e6:0.0}; {atOnce} hostile calls at once, at half of the looks {looks.Order().ElementAt(looks.Count / 2)} or more; {good.Calls.Count - Ordinary} good events one after the other");
            Assert.InRange(atOnce, CallsAtOnce, int.MaxValue);
            Assert.InRange(Held(memory), long.MinValue, Allowed);
        }
        finally
        {
            foreach (var (_, receiver) in hostile) await receiver.DisposeAsync();
        }
    }

    /// <summary>The most that was held for a second or two: the median of neighbouring looks, so that garbage not yet collected at one of them does not count.</summary>
    private static long Held(List<long> looks) => Enumerable.Range(0, Math.Max(1, looks.Count - 8)).Max(i => looks.Skip(i).Take(9).Order().ElementAt(Math.Min(4, looks.Count / 2)));

    private static async Task CreateWebhookAsync(HttpClient http, string name, string url, int connections, string eventName)
    {
        using var created = await http.PostAsJsonAsync("/v3/webHooks", new { name, webHookUrl = url, maxAllowedConnections = connections, eventNames = new[] { eventName } });
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
    }

    private static async Task PublishAsync(HttpClient http, IEnumerable<string> events)
    {
        using var answer = await http.PostAsync("/v3/events", new StringContent($"[{string.Join(',', events)}]"));
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
    }
}
