using System.Net.Http.Json;
using System.Text.Json.Nodes;
using EnsAdmin.Activity;
using EnsAdmin.Data;
using EnsAdmin.Domain;
using EnsAdmin.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace EnsAdmin.Tests.Scenarios;

public sealed class EngineScenarios
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_expires_says_whether_it_was_ever_sent_and_what_was_answered_last()
    {
        await using var receiver = await Receiver.StartAsync();
        var answer = new TaskCompletionSource();
        receiver.Answer = async (_, http) => { await answer.Task.WaitAsync(http.RequestAborted); await Receiver.Status(http, 500); };
        var (time, log) = (Some.Clock(), new LogLines());
        await using var app = RunningApp.Start(time, log);
        var webhook = await app.CreateWebhookAsync(receiver.Url, connections: 1);
        await app.PublishAcceptedAsync(Some.Event("e-1"));
        await receiver.ReceivedAsync(1);
        await app.PublishAcceptedAsync(Some.Event("e-2"));
        await app.SetActiveAsync(webhook, false);
        answer.SetResult();
        await app.LogAsync(webhook, rows => rows is [{ Status: DeliveryStatus.Queued }, { Status: DeliveryStatus.ReplayScheduled }]);

        time.Advance(TimeSpan.FromHours(25));

        var expired = await app.LogAsync(webhook, rows => rows.All(r => r.Status == DeliveryStatus.Expired));
        Assert.Equal(["Expired: not sent before its replay window ended", "Expired after 1 attempt; the last: 500 Internal Server Error"], expired.Select(r => r.Reason));
        await Eventually.HoldsAsync(() => Task.FromResult(log.All.Contains($"2 deliveries of organization 1655 to webhook 'orders' {webhook} expired: their replay window is over")), () => "the line that tells it");
    }

    [Fact]
    public async Task A_damaged_page_stops_only_who_needs_it()
    {
        var data = Directory.CreateTempSubdirectory("ens-test").FullName;
        await using var receiver = (await Receiver.StartAsync()).Answering(500);
        var time = Some.Clock();
        var first = RunningApp.Start(time, data);
        var damaged = await first.CreateWebhookAsync(receiver.Url);
        var well = await first.CreateWebhookAsync(receiver.Url, name: "well", events: "customerAdded");
        var large = JsonNode.Parse(Some.Event("e-1"))!;
        large["data"]!["note"] = new string('~', 20_000);
        await first.PublishAcceptedAsync(large.ToJsonString());
        await first.DeliveryAsync(damaged, DeliveryStatus.ReplayScheduled, attempts: 1);
        await first.StopAsync();
        DamagePageOf('~', Path.Combine(data, "ens.db"));

        receiver.Answering(200);
        await using (var second = RunningApp.Start(time, data))
        {
            time.Advance(TimeSpan.FromMinutes(1));
            await second.PublishAcceptedAsync(Some.Event("e-2", "customerAdded"));
            await second.DeliveryAsync(well, DeliveryStatus.Delivered);
            await second.PublishAcceptedAsync(Some.Event("e-3", "customerAdded"));
            await second.LogAsync(well, rows => rows.Count(r => r.Status == DeliveryStatus.Delivered) == 2);
            await second.LogAsync(damaged, rows => rows is [{ Status: DeliveryStatus.ReplayScheduled, Attempts: 1 }]);
        }

        Directory.Delete(data, recursive: true);
    }

    /// <summary>Overwrites a page that holds nothing but one value's bytes.</summary>
    private static void DamagePageOf(char filling, string database)
    {
        const int page = 4096;
        var bytes = File.ReadAllBytes(database);
        var at = Enumerable.Range(0, bytes.Length / page).First(n => bytes.AsSpan(n * page + 4, page - 4).IndexOfAnyExcept((byte)filling) < 0) * page;
        bytes.AsSpan(at, page).Fill(0xFF);
        File.WriteAllBytes(database, bytes);
    }

    [Fact]
    public async Task An_event_with_one_subscriber_costs_at_most_five_statements()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var app = RunningApp.Start();
        await app.CreateWebhookAsync(receiver.Url);
        var writer = app.Services.GetRequiredService<GroupCommitWriter>();
        const int events = 2000;
        var before = await writer.RunAsync(sql => sql.Statements);

        foreach (var piece in Enumerable.Range(0, events).Chunk(100)) await app.PublishAcceptedAsync(Some.Events(piece.Select(i => $"e-{i}")));
        await receiver.ReceivedAsync(events);
        await Eventually.HoldsAsync(async () => (await CountsAsync(app)).Delivered == events, () => "all delivered");

        var each = (await writer.RunAsync(sql => sql.Statements) - before) / (double)events;
        TestContext.Current.TestOutputHelper?.WriteLine($"{each:0.00} statements an event");
        Assert.InRange(each, 3, 5);
    }

    [Fact]
    public async Task An_event_for_an_idle_webhook_is_on_its_way_after_one_commit()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var app = RunningApp.Start(Some.Clock());
        await app.CreateWebhookAsync(receiver.Url);
        var writer = app.Services.GetRequiredService<GroupCommitWriter>();
        var before = await writer.RunAsync(sql => sql.Statements);
        var answer = new TaskCompletionSource();
        receiver.Answer = (_, http) => answer.Task.WaitAsync(http.RequestAborted);

        await app.PublishAcceptedAsync("""{"eventName":"pointsIssued","refId":"1655_1","data":{"totalPointsIssued":1}}"""); // Of nobody, so that nothing is learned.
        await receiver.ReceivedAsync(1);

        // Begin, version of the webhooks, event, delivery, counts, pulse, commit; beside these the end and the beginning of the questions.
        Assert.Equal(7 + 3, await writer.RunAsync(sql => sql.Statements) - before);
        answer.SetResult();
    }

    [Fact]
    public async Task A_refused_array_leaves_no_call_promised()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var app = RunningApp.Start();
        await app.CreateWebhookAsync(receiver.Url, connections: 1);
        await app.PublishAcceptedAsync(Some.Event("e-1", "customerAdded"));

        for (var i = 0; i < 3; i++)
        {
            // The first would be on its way at once, if the second were not the id of another event.
            using var refused = await app.PublishAsync($"[{Some.Event("e-2")},{Some.Event("e-1")}]");
            Assert.Equal(System.Net.HttpStatusCode.Conflict, refused.StatusCode);
        }

        Assert.Empty(receiver.Calls);
        await app.PublishAcceptedAsync(Some.Event("e-2"));
        Assert.Equal("e-2", Assert.Single(await receiver.ReceivedAsync(1)).EventId);
    }

    [Fact]
    public async Task Nothing_that_is_new_overtakes_what_waits()
    {
        await using var receiver = await Receiver.StartAsync();
        var answers = new TaskCompletionSource();
        receiver.Answer = (_, http) => answers.Task.WaitAsync(http.RequestAborted);
        await using var app = RunningApp.Start();
        await app.CreateWebhookAsync(receiver.Url, connections: 2);

        await app.PublishAcceptedAsync(Some.Events(Enumerable.Range(0, 10).Select(i => $"old-{i}")));
        await receiver.ReceivedAsync(2);
        await app.PublishAcceptedAsync(Some.Events(Enumerable.Range(0, 10).Select(i => $"new-{i}")));
        answers.SetResult();

        var calls = await receiver.ReceivedAsync(20);
        Assert.All(calls.Take(10), call => Assert.StartsWith("old-", call.EventId, StringComparison.Ordinal));
        Assert.Equal(2, receiver.MostAtOnce);
    }

    [Fact]
    public async Task Slow_receivers_can_not_take_every_call()
    {
        await using var slow = await Receiver.StartAsync();
        slow.Answer = (_, http) => Task.Delay(Timeout.Infinite, http.RequestAborted);
        await using var good = await Receiver.StartAsync();
        await using var app = RunningApp.Start(null, null, ("Ens:Delivery:ShutdownGrace", "00:00:00"), ("Ens:Delivery:MaxCallsInFlight", "40"));
        for (var i = 0; i < 4; i++) await app.CreateWebhookAsync(slow.Url, name: $"slow-{i}", events: ["pointsIssued"]);
        await app.CreateWebhookAsync(good.Url, name: "good", events: ["customerAdded"]);

        await app.PublishAcceptedAsync(Some.Events(Enumerable.Range(0, 50).Select(i => $"e-{i}")));
        await slow.ReceivedAsync(39);
        for (var i = 0; i < 50; i++) await app.PublishAcceptedAsync(Some.Event($"g-{i}", "customerAdded"));

        await good.ReceivedAsync(50);
        Assert.Equal(39, slow.Calls.Count);
    }

    [Fact]
    public async Task Fewer_connections_allowed_than_in_flight_means_no_new_call_until_they_have_ended()
    {
        await using var receiver = await Receiver.StartAsync();
        var gates = Enumerable.Range(0, 5).Select(_ => new TaskCompletionSource()).ToArray();
        receiver.Answer = async (n, http) => { if (n <= 5) await gates[n - 1].Task; await Receiver.Status(http, 200); };
        await using var app = RunningApp.Start();
        var webhook = await app.CreateWebhookAsync(receiver.Url, connections: 5);
        await app.PublishAcceptedAsync(Some.Events(Enumerable.Range(0, 20).Select(i => $"e-{i}")));
        await receiver.ReceivedAsync(5);

        (await app.Http.PutAsJsonAsync($"/v3/webHooks/{webhook}", new { name = "orders", webHookUrl = receiver.Url, maxAllowedConnections = 1, eventNames = new[] { Some.EventName } }, Cancel)).EnsureSuccessStatusCode();
        await app.Services.GetRequiredService<EnsAdmin.Dispatch.Dispatcher>().FollowWebhooksAsync();
        foreach (var gate in gates.Take(4)) gate.SetResult();
        await app.LogAsync(webhook, rows => rows.Count(r => r.Status == DeliveryStatus.Delivered) == 4);
        Assert.Equal(5, receiver.Calls.Count);
        gates[4].SetResult();

        await receiver.ReceivedAsync(20);
        await app.LogAsync(webhook, rows => rows.All(r => r.Status == DeliveryStatus.Delivered));
    }

    [Fact]
    public async Task Retry_after_is_honoured_and_429_is_replayed_where_the_webhook_asks_for_it()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.Answer = (n, http) =>
        {
            http.Response.Headers.RetryAfter = "120";
            return Receiver.Status(http, n == 1 ? 429 : 200);
        };
        var time = Some.Clock();
        await using var app = RunningApp.Start(time);
        var created = await app.Http.PostAsJsonAsync("/v3/webHooks",
            new { name = "orders", webHookUrl = receiver.Url, maxAllowedConnections = 20, eventNames = new[] { Some.EventName }, replayThrottledEnabled = true, replayWindowInHours = 168 }, Cancel);
        var webhook = (await created.Content.ReadFromJsonAsync<System.Text.Json.JsonElement>(Cancel)).GetProperty("data").GetProperty("webHookId").GetString()!;

        await app.PublishAcceptedAsync(Some.Event("e-1"));
        var waiting = await app.DeliveryAsync(webhook, DeliveryStatus.ReplayScheduled);
        Assert.Equal(TimeSpan.FromSeconds(120), waiting.DueAt - time.GetUtcNow());
        Assert.Equal(TimeSpan.FromDays(7), waiting.ExpiresAt - waiting.AcceptedAt);
        time.Advance(TimeSpan.FromSeconds(120));
        await app.DeliveryAsync(webhook, DeliveryStatus.Delivered);
    }

    [Theory]
    [InlineData("99999", 3600)]
    [InlineData("99999999999999999999", 3600)]
    [InlineData("-99999999999999999999", 6.25)]
    [InlineData("later", 6.25)]
    public async Task Retry_after_counts_up_to_its_bound_however_long_it_is(string asked, double seconds)
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.Answer = (_, http) =>
        {
            http.Response.Headers.RetryAfter = asked;
            return Receiver.Status(http, 503);
        };
        var time = Some.Clock();
        await using var app = RunningApp.Start(time);
        var webhook = await app.CreateWebhookAsync(receiver.Url);

        await app.PublishAcceptedAsync(Some.Event("e-1"));

        Assert.Equal(TimeSpan.FromSeconds(seconds), (await app.DeliveryAsync(webhook, DeliveryStatus.ReplayScheduled)).DueAt - time.GetUtcNow());
    }

    [Fact]
    public async Task A_breach_of_the_sla_is_marked_and_counted_once_while_the_delivery_is_still_open()
    {
        await using var receiver = (await Receiver.StartAsync()).Answering(500, 200);
        var time = Some.Clock();
        await using var app = RunningApp.Start(time);
        var webhook = await app.CreateWebhookAsync(receiver.Url);
        await app.PublishAcceptedAsync(Some.Event("e-1"));
        await app.DeliveryAsync(webhook, DeliveryStatus.ReplayScheduled);
        await app.SetActiveAsync(webhook, false);

        time.Advance(TimeSpan.FromSeconds(40));
        await Eventually.HoldsAsync(async () => (await CountsAsync(app)).SlaBreaches == 1, () => "the breach");
        Assert.True(Assert.Single(await app.LogAsync(webhook, _ => true)) is { SlaBreached: true, Status: DeliveryStatus.ReplayScheduled });
        await app.SetActiveAsync(webhook, true);
        await app.DeliveryAsync(webhook, DeliveryStatus.Delivered);

        var counts = await CountsAsync(app);
        Assert.Equal((1, 1, 0, 0), (counts.SlaBreaches, counts.Delivered, counts.Pending, counts.Retrying));
    }

    [Fact]
    public async Task What_is_older_than_is_kept_is_deleted_and_what_still_waits_is_not()
    {
        await using var receiver = await Receiver.StartAsync();
        var time = Some.Clock();
        await using var app = RunningApp.Start(time, null, ("Ens:Retention:Days", "2"));
        var webhook = await app.CreateWebhookAsync(receiver.Url);
        await app.PublishAcceptedAsync(Some.Events(Enumerable.Range(0, 250).Select(i => $"old-{i}")));
        await Eventually.HoldsAsync(async () => (await CountsAsync(app)).Delivered == 250, () => "all delivered");
        time.Advance(TimeSpan.FromHours(47));
        await app.PublishAcceptedAsync(Some.Event("young"));
        await receiver.ReceivedAsync(251);

        time.Advance(TimeSpan.FromHours(2));
        var left = await app.LogAsync(webhook, rows => rows.Count == 1);

        Assert.Equal("young", left[0].EventId);
        await using var db = app.Services.GetRequiredService<EnsContexts>().OfInstallation();
        await Eventually.HoldsAsync(async () => await db.EventMessages.CountAsync() == 1 && await db.Attempts.CountAsync() == 1, () => "events and attempts are deleted too");
    }

    [Fact]
    public async Task Counts_of_what_waits_longer_than_history_is_kept_stay_true()
    {
        await using var receiver = (await Receiver.StartAsync()).Answering(500);
        var time = Some.Clock();
        await using var app = RunningApp.Start(time, null, ("Ens:Retention:Days", "1"), ("Ens:Delivery:ReplayWindow", "7.00:00:00"));
        var webhook = await app.CreateWebhookAsync(receiver.Url);
        await app.PublishAcceptedAsync(Some.Events(["e-1", "e-2"]));
        await app.LogAsync(webhook, rows => rows.Count == 2 && rows.All(r => r.Status == DeliveryStatus.ReplayScheduled));
        await app.SetActiveAsync(webhook, false);
        await using var other = await Receiver.StartAsync();
        var gone = await app.CreateWebhookAsync(other.Url, name: "gone");
        await app.PublishAcceptedAsync(Some.Event("old"));
        await app.DeliveryAsync(gone, DeliveryStatus.Delivered);

        time.Advance(TimeSpan.FromHours(49));
        await app.LogAsync(gone, rows => rows.Count == 0);
        Assert.Equal(2, (await CountsAsync(app)).Retrying);
        receiver.Answering(200);
        await app.SetActiveAsync(webhook, true);
        await app.LogAsync(webhook, rows => rows.All(r => r.Status == DeliveryStatus.Delivered));

        var counts = await CountsAsync(app);
        Assert.Equal((0, 0, 2), (counts.Pending, counts.Retrying, counts.Delivered));
    }

    private static async Task<(int Pending, int Retrying, int Delivered, int SlaBreaches)> CountsAsync(RunningApp app)
    {
        await using var db = app.Services.GetRequiredService<EnsContexts>().OfInstallation();
        var counts = await db.DeliveryCounts.AsNoTracking().ToListAsync(Cancel);
        return (counts.Sum(c => c.Pending), counts.Sum(c => c.Retrying), counts.Sum(c => c.Delivered), counts.Sum(c => c.SlaBreaches));
    }
}
