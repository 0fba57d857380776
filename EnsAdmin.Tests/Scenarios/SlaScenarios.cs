using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using EnsAdmin.Domain;
using EnsAdmin.Tests.Support;

namespace EnsAdmin.Tests.Scenarios;

/// <summary>Accepted to delivered against the webhook's SLA, as the metrics of its consumer group have it.</summary>
public sealed class SlaScenarios
{
    [Fact]
    public async Task A_queued_delivery_is_marked_though_an_older_one_has_a_longer_SLA()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.Answer = (_, http) => Task.Delay(Timeout.Infinite, http.RequestAborted);
        var time = Some.Clock();
        await using var app = RunningApp.Start(time, null, ("Ens:Delivery:ShutdownGrace", "00:00:00"), ("Ens:Delivery:RequestTimeout", "00:05:00"));
        var webhook = await app.CreateWebhookAsync(receiver.Url, connections: 1);
        await SetSlaAsync(app, webhook, 3600, receiver.Url);
        await app.PublishAcceptedAsync(Some.Event("patient"));
        await receiver.ReceivedAsync(1);
        await SetSlaAsync(app, webhook, 1, receiver.Url);
        await app.PublishAcceptedAsync(Some.Event("urgent"));

        time.Advance(TimeSpan.FromSeconds(10));

        await Eventually.HoldsAsync(async () => (await MetricsAsync(app, webhook)).GetProperty("slaBreaches").GetInt64() == 1, () => "the breach");
        var rows = await app.LogAsync(webhook, rows => rows.Count == 2);
        Assert.Equal((true, DeliveryStatus.Queued, false), (rows[0].SlaBreached, rows[0].Status, rows[1].SlaBreached));
    }

    [Fact]
    public async Task A_delivery_that_is_refused_too_late_is_a_breach_whoever_notices_first()
    {
        await using var receiver = await Receiver.StartAsync();
        var answer = new TaskCompletionSource();
        receiver.Answer = async (_, http) =>
        {
            await answer.Task;
            await Receiver.Status(http, 400);
        };
        var time = Some.Clock();
        await using var app = RunningApp.Start(time, null, ("Ens:Delivery:RequestTimeout", "00:05:00"));
        var webhook = await app.CreateWebhookAsync(receiver.Url);
        await SetSlaAsync(app, webhook, 2, receiver.Url);
        await app.PublishAcceptedAsync(Some.Event("e-1"));
        await receiver.ReceivedAsync(1);

        time.Advance(TimeSpan.FromSeconds(3)); // Before the next look for late ones, which is every 5 s.
        answer.SetResult();

        await app.DeliveryAsync(webhook, DeliveryStatus.Rejected);
        Assert.Equal(1, (await MetricsAsync(app, webhook)).GetProperty("slaBreaches").GetInt64());
    }

    [Fact]
    public async Task A_replay_by_hand_makes_no_delivery_late_and_no_average_longer()
    {
        await using var receiver = await Receiver.StartAsync();
        var time = Some.Clock();
        await using var app = RunningApp.Start(time);
        var webhook = await app.CreateWebhookAsync(receiver.Url);
        await app.PublishAcceptedAsync(Some.Event("e-1"));
        var delivered = await app.DeliveryAsync(webhook, DeliveryStatus.Delivered);

        time.Advance(TimeSpan.FromHours(2));
        using (var replayed = await app.Http.PostAsync($"/v3/deliveries/{delivered.Id}/replay", null, Cancel)) Assert.Equal(HttpStatusCode.Accepted, replayed.StatusCode);
        await receiver.ReceivedAsync(2);
        await app.DeliveryAsync(webhook, DeliveryStatus.Delivered, attempts: 2);
        time.Advance(TimeSpan.FromSeconds(10)); // Two looks for late ones.

        var metrics = await MetricsAsync(app, webhook);
        Assert.Equal((1, 0, 0.0), (metrics.GetProperty("deliveredEvents").GetInt64(), metrics.GetProperty("slaBreaches").GetInt64(), metrics.GetProperty("averageDeliveryTime").GetDouble()));
        Assert.Equal(TimeSpan.Zero, Assert.Single(await app.LogAsync(webhook, _ => true)).Latency);
    }

    [Theory]
    [InlineData(30, 1)]
    [InlineData(120, 0)]
    public async Task What_is_replayed_by_hand_before_its_SLA_is_over_can_still_be_late(int replayedAfter, int breaches)
    {
        await using var receiver = (await Receiver.StartAsync()).Answering(400, 503);
        var time = Some.Clock();
        await using var app = RunningApp.Start(time);
        var webhook = await app.CreateWebhookAsync(receiver.Url);
        await SetSlaAsync(app, webhook, 60, receiver.Url);
        await app.PublishAcceptedAsync(Some.Event("e-1"));
        var refused = await app.DeliveryAsync(webhook, DeliveryStatus.Rejected);

        time.Advance(TimeSpan.FromSeconds(replayedAfter));
        using (var replayed = await app.Http.PostAsync($"/v3/deliveries/{refused.Id}/replay", null, Cancel)) Assert.Equal(HttpStatusCode.Accepted, replayed.StatusCode);
        await app.DeliveryAsync(webhook, DeliveryStatus.ReplayScheduled, attempts: 2);
        receiver.Answering(200);
        time.Advance(TimeSpan.FromMinutes(2));
        await app.DeliveryAsync(webhook, DeliveryStatus.Delivered);
        Assert.Equal(breaches, (await MetricsAsync(app, webhook)).GetProperty("slaBreaches").GetInt64());
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static async Task SetSlaAsync(RunningApp app, string webhook, int seconds, string url)
    {
        using var saved = await app.Http.PutAsJsonAsync($"/v3/webHooks/{webhook}", new { name = "orders", webHookUrl = url, maxAllowedConnections = 1, slaInSeconds = seconds, eventNames = new[] { Some.EventName } }, Cancel);
        Assert.Equal(HttpStatusCode.OK, saved.StatusCode);
    }

    private static async Task<JsonElement> MetricsAsync(RunningApp app, string webhook)
    {
        var group = (await app.Http.GetFromJsonAsync<JsonElement>($"/v3/webHooks/{webhook}", Cancel)).GetProperty("data").GetProperty("consumerGroupId").GetString();
        return (await app.Http.GetFromJsonAsync<JsonElement>($"/v3/events/consumer-groups/{group}/metrics", Cancel)).GetProperty("data");
    }
}
