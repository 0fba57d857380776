using EnsAdmin.Activity;
using EnsAdmin.Domain;
using EnsAdmin.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace EnsAdmin.Tests.Scenarios;

public sealed class DeliveryScenarios
{
    [Fact]
    public async Task An_event_reaches_its_webhook_once_with_the_bytes_that_were_published()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var app = RunningApp.Start();
        var webhook = await app.CreateWebhookAsync(receiver.Url + "/hooks");
        var sent = Some.Event("e-1");

        await app.PublishAcceptedAsync(sent);

        var call = Assert.Single(await receiver.ReceivedAsync(1));
        Assert.Equal(("POST", "/hooks", "application/json"), (call.Method, call.Path, call.Headers["Content-Type"]));
        Assert.Equal(sent, call.Text);
        var delivery = await app.DeliveryAsync(webhook, DeliveryStatus.Delivered);
        Assert.Equal((1, "200 OK"), (delivery.Attempts.Count, delivery.Reason));
        Assert.Equal("answer 200", delivery.Attempts[0].ResponseStart);
        Assert.Single(receiver.Calls);
    }

    [Fact]
    public async Task A_5xx_answer_is_replayed_with_the_same_eventId_and_bytes_until_it_succeeds()
    {
        await using var receiver = (await Receiver.StartAsync()).Answering(500, 500, 200);
        var time = Some.Clock();
        await using var app = RunningApp.Start(time);
        var webhook = await app.CreateWebhookAsync(receiver.Url);

        await app.PublishAcceptedAsync(Some.Event("e-1"));
        await app.DeliveryAsync(webhook, DeliveryStatus.ReplayScheduled, attempts: 1);
        time.Advance(TimeSpan.FromSeconds(10));
        await app.DeliveryAsync(webhook, DeliveryStatus.ReplayScheduled, attempts: 2);
        time.Advance(TimeSpan.FromSeconds(20));
        var delivery = await app.DeliveryAsync(webhook, DeliveryStatus.Delivered);

        Assert.Equal([AttemptOutcome.Success, AttemptOutcome.ServerError, AttemptOutcome.ServerError], delivery.Attempts.Select(a => a.Outcome));
        Assert.Equal(3, receiver.Calls.Count);
        Assert.Single(receiver.Calls.Select(c => c.Text).Distinct());
    }

    [Theory]
    [InlineData(404)]
    [InlineData(400)]
    [InlineData(302)]
    public async Task A_4xx_or_3xx_answer_is_never_replayed(int status)
    {
        await using var receiver = (await Receiver.StartAsync()).Answering(status);
        var time = Some.Clock();
        await using var app = RunningApp.Start(time);
        var webhook = await app.CreateWebhookAsync(receiver.Url);

        await app.PublishAcceptedAsync(Some.Event("e-1"));
        var delivery = await app.DeliveryAsync(webhook, DeliveryStatus.Rejected);
        time.Advance(TimeSpan.FromHours(2));
        await app.PublishAcceptedAsync(Some.Event("e-2"));
        await receiver.ReceivedAsync(2);

        Assert.EndsWith(": not replayed", delivery.Reason);
        Assert.Equal(["e-1", "e-2"], receiver.Calls.Select(c => c.EventId));
    }

    [Fact]
    public async Task No_answer_for_30_seconds_is_timed_out_and_replayed()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.Answer = (n, http) => n == 1 ? Task.Delay(Timeout.Infinite, http.RequestAborted) : Receiver.Status(http, 200);
        var time = Some.Clock();
        await using var app = RunningApp.Start(time);
        var webhook = await app.CreateWebhookAsync(receiver.Url);

        await app.PublishAcceptedAsync(Some.Event("e-1"));
        await receiver.ReceivedAsync(1);
        time.Advance(TimeSpan.FromSeconds(30));
        var waiting = await app.DeliveryAsync(webhook, DeliveryStatus.ReplayScheduled);
        time.Advance(TimeSpan.FromSeconds(10));
        await app.DeliveryAsync(webhook, DeliveryStatus.Delivered);

        Assert.Equal((AttemptOutcome.TimedOut, "No answer within 30 s"), (waiting.Attempts[0].Outcome, waiting.Reason));
        Assert.Equal(2, receiver.Calls.Count);
    }

    [Fact]
    public async Task A_refused_connection_is_said_in_words_and_expires_after_24_hours()
    {
        var time = Some.Clock();
        string url;
        await using (var gone = await Receiver.StartAsync()) url = gone.Url;
        await using var app = RunningApp.Start(time);
        var webhook = await app.CreateWebhookAsync(url);

        await app.PublishAcceptedAsync(Some.Event("e-1"));
        var delivery = await app.DeliveryAsync(webhook, DeliveryStatus.ReplayScheduled);
        Assert.Equal("Connection refused", delivery.Reason);
        for (var attempt = 1; delivery.Status == DeliveryStatus.ReplayScheduled; attempt++)
        {
            Assert.True(delivery.DueAt < delivery.ExpiresAt);
            time.Advance(delivery.DueAt - time.GetUtcNow());
            delivery = await app.DeliveryAsync(webhook, d => d.Attempts.Count > attempt && d.Status != DeliveryStatus.Claimed);
        }

        Assert.Equal(DeliveryStatus.Expired, delivery.Status);
        Assert.InRange(delivery.EndedAt!.Value - delivery.AcceptedAt, TimeSpan.FromHours(23.9), TimeSpan.FromHours(24));
    }

    [Fact]
    public async Task The_connection_limit_holds_under_load()
    {
        await using var receiver = await Receiver.StartAsync();
        var gate = new TaskCompletionSource();
        receiver.Answer = async (n, http) => { if (n <= 3) await gate.Task; await Receiver.Status(http, 200); };
        await using var app = RunningApp.Start();
        await app.CreateWebhookAsync(receiver.Url, connections: 3);

        await app.PublishAcceptedAsync(Some.Events(Enumerable.Range(0, 200).Select(i => $"e-{i}")));
        await receiver.ReceivedAsync(3);
        gate.SetResult();
        await receiver.ReceivedAsync(200);

        Assert.Equal(3, receiver.MostAtOnce);
        Assert.Equal(200, receiver.Calls.Select(c => c.EventId).Distinct().Count());
    }

    [Fact]
    public async Task A_restart_goes_on_with_the_queue_and_repeats_what_was_in_flight()
    {
        var data = Directory.CreateTempSubdirectory("ens-test").FullName;
        await using var receiver = await Receiver.StartAsync();
        receiver.Answer = (n, http) => n <= 2 ? Task.Delay(Timeout.Infinite, http.RequestAborted) : Receiver.Status(http, 200);
        var first = RunningApp.Start(null, data, ("Ens:Delivery:ShutdownGrace", "00:00:00"));
        var webhook = await first.CreateWebhookAsync(receiver.Url, connections: 2);
        await first.PublishAcceptedAsync(Some.Events(["e-0", "e-1", "e-2", "e-3", "e-4"]));
        await receiver.ReceivedAsync(2);
        await first.StopAsync();

        await using (var second = RunningApp.Start(null, data))
        {
            await receiver.ReceivedAsync(7);
            Assert.Equal(5, receiver.Calls.Skip(2).Select(c => c.EventId).Distinct().Count());
            await second.LogAsync(webhook, rows => rows.Count == 5 && rows.All(r => r.Status == DeliveryStatus.Delivered));
        }

        Directory.Delete(data, recursive: true);
    }

    [Fact]
    public async Task Stopping_waits_for_the_calls_in_flight_and_records_them()
    {
        var data = Directory.CreateTempSubdirectory("ens-test").FullName;
        await using var receiver = await Receiver.StartAsync();
        var gate = new TaskCompletionSource();
        receiver.Answer = async (_, http) => { await gate.Task; await Receiver.Status(http, 200); };
        var first = RunningApp.Start(null, data);
        var webhook = await first.CreateWebhookAsync(receiver.Url);
        await first.PublishAcceptedAsync(Some.Event("e-1"));
        await receiver.ReceivedAsync(1);
        var stopping = first.StopAsync();
        gate.SetResult();
        await stopping;

        await using (var second = RunningApp.Start(null, data)) await second.DeliveryAsync(webhook, DeliveryStatus.Delivered);
        Assert.Single(receiver.Calls);
        Directory.Delete(data, recursive: true);
    }

    [Fact]
    public async Task A_deleted_webhook_gets_nothing_more_and_its_queue_is_cancelled()
    {
        await using var receiver = (await Receiver.StartAsync()).Answering(500);
        await using var other = await Receiver.StartAsync();
        var time = Some.Clock();
        await using var app = RunningApp.Start(time);
        var webhook = await app.CreateWebhookAsync(receiver.Url);
        var kept = await app.CreateWebhookAsync(other.Url, name: "other");
        await app.PublishAcceptedAsync(Some.Event("e-1"));
        await app.DeliveryAsync(webhook, DeliveryStatus.ReplayScheduled);

        (await app.Http.DeleteAsync($"/v3/webHooks/{webhook}", TestContext.Current.CancellationToken)).EnsureSuccessStatusCode();
        await app.PublishAcceptedAsync(Some.Event("e-2"));
        // A call on its way would be given up when an hour passes.
        await app.LogAsync(kept, rows => rows.Count == 2 && rows.All(r => r.Status == DeliveryStatus.Delivered));
        time.Advance(TimeSpan.FromHours(1));
        await app.PublishAcceptedAsync(Some.Event("e-3"));
        await other.ReceivedAsync(3);

        Assert.Single(receiver.Calls);
        await app.DeliveryAsync(webhook, DeliveryStatus.Cancelled);
    }

    [Fact]
    public async Task A_deactivated_webhook_keeps_its_queue_and_resumes_when_activated()
    {
        await using var receiver = (await Receiver.StartAsync()).Answering(500, 200);
        var time = Some.Clock();
        await using var app = RunningApp.Start(time);
        var webhook = await app.CreateWebhookAsync(receiver.Url);
        await app.PublishAcceptedAsync(Some.Event("e-1"));
        await app.DeliveryAsync(webhook, DeliveryStatus.ReplayScheduled);

        await app.SetActiveAsync(webhook, false);
        await app.PublishAcceptedAsync(Some.Event("e-2"));
        time.Advance(TimeSpan.FromHours(1));
        var held = await app.LogAsync(webhook, _ => true);
        await app.SetActiveAsync(webhook, true);
        await app.DeliveryAsync(webhook, DeliveryStatus.Delivered);

        Assert.Equal(DeliveryStatus.ReplayScheduled, Assert.Single(held).Status);
        Assert.Equal(["e-1", "e-1"], receiver.Calls.Select(c => c.EventId));
    }

    [Fact]
    public async Task A_dead_webhook_does_not_slow_its_neighbour()
    {
        await using var dead = await Receiver.StartAsync();
        dead.Answer = (_, http) => Task.Delay(Timeout.Infinite, http.RequestAborted);
        await using var good = await Receiver.StartAsync();
        await using var app = RunningApp.Start(null, null, ("Ens:Delivery:ShutdownGrace", "00:00:00"));
        await app.CreateWebhookAsync(dead.Url, name: "dead");
        await app.CreateWebhookAsync(good.Url, name: "good");

        await app.PublishAcceptedAsync(Some.Events(Enumerable.Range(0, 300).Select(i => $"e-{i}")));

        await good.ReceivedAsync(300);
        Assert.Equal(20, dead.MostAtOnce);
    }

    [Fact]
    public async Task A_coupon_issue_event_reaches_subscribers_of_either_name_once()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var app = RunningApp.Start();
        await app.CreateWebhookAsync(receiver.Url + "/bulk", name: "bulk", events: ["IssueBulkCoupon"]);
        await app.CreateWebhookAsync(receiver.Url + "/both", name: "both", events: ["IssueBulkCoupon", "CouponIssue"]);

        var answer = await app.PublishAsync(Some.Event("e-1", "CouponIssue"));

        Assert.Contains("\"deliveries\":2", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(["/both", "/bulk"], (await receiver.ReceivedAsync(2)).Select(c => c.Path).Order());
    }
}
