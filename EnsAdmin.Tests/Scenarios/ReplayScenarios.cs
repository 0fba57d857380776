using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using EnsAdmin.Data;
using EnsAdmin.Domain;
using EnsAdmin.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace EnsAdmin.Tests.Scenarios;

public sealed class ReplayScenarios
{
    private static readonly DateTimeOffset LongAgo = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_failed_delivery_is_replayed_by_hand_with_the_same_bytes()
    {
        await using var receiver = (await Receiver.StartAsync()).Answering(400, 200);
        await using var app = RunningApp.Start();
        var webhook = await app.CreateWebhookAsync(receiver.Url);
        await app.PublishAcceptedAsync(Some.Event("e-1"));
        var failed = await app.DeliveryAsync(webhook, DeliveryStatus.Rejected);

        var answer = await app.Http.PostAsync($"/v3/deliveries/{failed.Id}/replay", null, Cancel);

        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        var delivered = await app.DeliveryAsync(webhook, DeliveryStatus.Delivered);
        Assert.Equal([AttemptTrigger.Manual, AttemptTrigger.Scheduled], delivered.Attempts.Select(a => a.Trigger));
        Assert.Single(receiver.Calls.Select(c => c.Text).Distinct());
        Assert.Equal(HttpStatusCode.NotFound, (await app.Http.PostAsync("/v3/deliveries/999/replay", null, Cancel)).StatusCode);
    }

    [Fact]
    public async Task All_that_failed_is_counted_first_and_then_replayed_and_a_failing_replay_goes_on_by_the_policy()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.Answer = (n, http) => Receiver.Status(http, n <= 120 ? 400 : n == 121 ? 503 : 200);
        await using var app = RunningApp.Start(null, null, ("Ens:Delivery:FirstBackoff", "00:00:00.100"));
        var webhook = await app.CreateWebhookAsync(receiver.Url);
        await app.PublishAcceptedAsync(Some.Events(Enumerable.Range(0, 120).Select(i => $"e-{i}")));
        await receiver.ReceivedAsync(120);
        await FinishedAsync(app, webhook, DeliveryStatus.Rejected, 120);

        var counted = await PostAsync(app, $"/v3/webHooks/{webhook}/replay", new { since = LongAgo, dryRun = true });
        var job = await PostAsync(app, $"/v3/webHooks/{webhook}/replay", new { since = LongAgo });

        Assert.Equal((120, 120), (counted.GetProperty("total").GetInt32(), job.GetProperty("total").GetInt32()));
        await FinishedAsync(app, webhook, DeliveryStatus.Delivered, 120);
        Assert.Equal(241, receiver.Calls.Count);
        await Eventually.HoldsAsync(async () => (await JobAsync(app, webhook)).GetProperty("state").GetString() == "done", () => "the replay is done");
        Assert.Equal(120, (await JobAsync(app, webhook)).GetProperty("queued").GetInt32());
        await using var db = app.Services.GetRequiredService<EnsContexts>().OfInstallation();
        Assert.Equal((120, 0), (await db.DeliveryCounts.SumAsync(c => c.Delivered, Cancel), await db.DeliveryCounts.SumAsync(c => c.Failed, Cancel)));
    }

    [Fact]
    public async Task What_expired_in_the_last_hour_is_found_though_it_was_accepted_a_day_before()
    {
        await using var receiver = (await Receiver.StartAsync()).Answering(503);
        var time = Some.Clock();
        await using var app = RunningApp.Start(time);
        var webhook = await app.CreateWebhookAsync(receiver.Url);
        await app.PublishAcceptedAsync(Some.Event("e-1"));
        await app.DeliveryAsync(webhook, DeliveryStatus.ReplayScheduled, attempts: 1);
        await app.SetActiveAsync(webhook, false);
        time.Advance(TimeSpan.FromHours(25));
        await app.DeliveryAsync(webhook, DeliveryStatus.Expired);
        time.Advance(TimeSpan.FromMinutes(30));

        foreach (var (minutes, found) in new[] { (60, 1), (20, 0) })
            Assert.Equal(found, (await PostAsync(app, $"/v3/webHooks/{webhook}/replay", new { since = time.GetUtcNow().AddMinutes(-minutes), dryRun = true })).GetProperty("total").GetInt32());
    }

    [Fact]
    public async Task A_replay_goes_on_after_a_restart_and_can_be_cancelled()
    {
        var data = Directory.CreateTempSubdirectory("ens-test").FullName;
        await using var receiver = (await Receiver.StartAsync()).Answering(400);
        var first = RunningApp.Start(null, data, ("Ens:Delivery:ShutdownGrace", "00:00:00"));
        var webhook = await first.CreateWebhookAsync(receiver.Url, connections: 1);
        await first.PublishAcceptedAsync(Some.Events(Enumerable.Range(0, 60).Select(i => $"e-{i}")));
        await receiver.ReceivedAsync(60);
        await FinishedAsync(first, webhook, DeliveryStatus.Rejected, 60);
        var gate = new TaskCompletionSource();
        receiver.Answer = async (_, http) => { await gate.Task.WaitAsync(http.RequestAborted); await Receiver.Status(http, 200); };
        await PostAsync(first, $"/v3/webHooks/{webhook}/replay", new { });
        await receiver.ReceivedAsync(61);
        await first.StopAsync();

        await using (var second = RunningApp.Start(null, data, ("Ens:Delivery:ShutdownGrace", "00:00:00")))
        {
            var running = await JobAsync(second, webhook);
            Assert.Equal(("running", 60), (running.GetProperty("state").GetString(), running.GetProperty("total").GetInt32()));
            Assert.InRange(running.GetProperty("queued").GetInt32(), 1, 59);
            gate.SetResult();
            await FinishedAsync(second, webhook, DeliveryStatus.Delivered, 60);

            receiver.Answer = (_, http) => Task.Delay(Timeout.Infinite, http.RequestAborted);
            var again = await PostAsync(second, $"/v3/webHooks/{webhook}/replay", new { statuses = new[] { "delivered" } });
            var cancelled = await second.Http.DeleteAsync($"/v3/webHooks/{webhook}/replay/{again.GetProperty("replayId").GetInt64()}", Cancel);
            Assert.Contains("\"cancelled\"", await cancelled.Content.ReadAsStringAsync(Cancel));
        }

        Directory.Delete(data, recursive: true);
    }

    [Theory]
    [InlineData("""{"statuses":["lost"]}""", "/statuses")]
    [InlineData("""{"eventName":"nothingAdded"}""", "/eventName")]
    [InlineData("""{"deliveryIds":[]}""", "/deliveryIds")]
    [InlineData("""{"since":"yesterday"}""", "since")]
    [InlineData("""{"sice":"2026-03-01T00:00:00Z"}""", "sice")]
    public async Task A_replay_that_can_not_be_understood_names_the_field(string request, string field)
    {
        await using var app = RunningApp.Start();
        var webhook = await app.CreateWebhookAsync("https://orders.example");
        using var content = new StringContent(request);
        var answer = await app.Http.PostAsync($"/v3/webHooks/{webhook}/replay", content, Cancel);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(field, await answer.Content.ReadAsStringAsync(Cancel));
    }

    [Fact]
    public async Task A_job_tells_what_was_asked_for_and_ids_that_are_not_the_webhooks_are_refused_by_name()
    {
        await using var receiver = (await Receiver.StartAsync()).Answering(400, 200, 200);
        await using var app = RunningApp.Start();
        var webhook = await app.CreateWebhookAsync(receiver.Url);
        var other = await app.CreateWebhookAsync(receiver.Url, name: "other", events: "customerAdded");
        await app.PublishAcceptedAsync(Some.Event("e-1"));
        var failed = (await app.DeliveryAsync(webhook, DeliveryStatus.Rejected)).Id;
        await app.PublishAcceptedAsync(Some.Event("e-2", "customerAdded"));
        var foreign = (await app.DeliveryAsync(other, DeliveryStatus.Delivered)).Id;

        using var refused = await app.Http.PostAsJsonAsync($"/v3/webHooks/{webhook}/replay", new { deliveryIds = new[] { failed, foreign, 998 } }, Cancel);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Equal([("/deliveryIds/1", $"Delivery {foreign} is none of this webhook's, or a test."), ("/deliveryIds/2", "Delivery 998 is none of this webhook's, or a test.")],
            (await refused.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("errors").EnumerateArray().Select(e => (e.GetProperty("pointer").GetString()!, e.GetProperty("message").GetString()!)));

        await PostAsync(app, $"/v3/webHooks/{webhook}/replay", new { deliveryIds = new[] { failed }, statuses = new[] { "failed" } });
        await app.DeliveryAsync(webhook, DeliveryStatus.Delivered);
        var job = await JobAsync(app, webhook);
        Assert.Equal((1, 1, "[\"failed\"]"), (job.GetProperty("total").GetInt32(), job.GetProperty("chosen").GetInt32(), job.GetProperty("statuses").GetRawText()));
        var whole = await PostAsync(app, $"/v3/webHooks/{webhook}/replay", new { since = LongAgo });
        Assert.Equal((JsonValueKind.Null, "[\"failed\",\"expired\"]"), (whole.GetProperty("chosen").ValueKind, whole.GetProperty("statuses").GetRawText()));
    }

    [Fact]
    public async Task Ids_alone_are_replayed_whatever_became_of_them_and_what_is_left_out_is_told()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var app = RunningApp.Start();
        var webhook = await app.CreateWebhookAsync(receiver.Url);
        await app.PublishAcceptedAsync(Some.Event("e-1"));
        var delivered = (await app.DeliveryAsync(webhook, DeliveryStatus.Delivered)).Id;

        var job = await PostAsync(app, $"/v3/webHooks/{webhook}/replay", new { deliveryIds = new[] { delivered } });
        Assert.Equal(1, job.GetProperty("total").GetInt32());
        await app.DeliveryAsync(webhook, DeliveryStatus.Delivered, attempts: 2);

        using var none = await app.Http.PostAsJsonAsync($"/v3/webHooks/{webhook}/replay", new { deliveryIds = new[] { delivered }, statuses = new[] { "failed" } }, Cancel);
        Assert.StartsWith("1 of 1 are left out", (await none.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("warnings")[0].GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_replay_of_a_webhook_that_is_not_there_is_a_404()
    {
        await using var app = RunningApp.Start();
        foreach (var path in new[] { "/v3/webHooks/000000000000000000000000/replay", "/v3/webHooks/000000000000000000000000/test" })
            Assert.Equal(HttpStatusCode.NotFound, (await app.Http.PostAsJsonAsync(path, new { }, Cancel)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await app.Http.GetAsync("/v3/webHooks/000000000000000000000000/replay", Cancel)).StatusCode);
    }

    [Fact]
    public async Task A_replay_for_an_inactive_webhook_says_that_it_is_held()
    {
        await using var receiver = (await Receiver.StartAsync()).Answering(400, 200);
        await using var app = RunningApp.Start();
        var webhook = await app.CreateWebhookAsync(receiver.Url);
        await app.PublishAcceptedAsync(Some.Events(["e-1", "e-2"]));
        await FinishedAsync(app, webhook, DeliveryStatus.Rejected, 1);
        await FinishedAsync(app, webhook, DeliveryStatus.Delivered, 1);
        var failed = Assert.Single(await app.LogAsync(webhook, _ => true), r => r.Status == DeliveryStatus.Rejected).Id;
        await app.SetActiveAsync(webhook, false);

        using var one = await app.Http.PostAsync($"/v3/deliveries/{failed}/replay", null, Cancel);
        using var many = await app.Http.PostAsJsonAsync($"/v3/webHooks/{webhook}/replay", new { statuses = new[] { "delivered" } }, Cancel);
        using var jobs = await app.Http.GetAsync($"/v3/webHooks/{webhook}/replay", Cancel);

        foreach (var (answer, status) in new[] { (one, HttpStatusCode.Accepted), (many, HttpStatusCode.Accepted), (jobs, HttpStatusCode.OK) })
        {
            Assert.Equal(status, answer.StatusCode);
            Assert.Equal("The webhook is inactive: what is due again is held until it is active.", (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("warnings")[0].GetProperty("message").GetString());
        }

        await app.SetActiveAsync(webhook, true);
        await FinishedAsync(app, webhook, DeliveryStatus.Delivered, 2);
    }

    [Fact]
    public async Task Live_events_go_first_beside_a_replay()
    {
        await using var receiver = await Receiver.StartAsync();
        var refuse = true;
        var replays = new TaskCompletionSource();
        receiver.Answer = async (n, http) =>
        {
            if (n is > 60 and <= 66) await replays.Task.WaitAsync(http.RequestAborted);
            await Receiver.Status(http, refuse ? 400 : 200);
        };
        await using var app = RunningApp.Start(null, null, ("Ens:Delivery:ShutdownGrace", "00:00:00"));
        var webhook = await app.CreateWebhookAsync(receiver.Url, connections: 8);
        await app.PublishAcceptedAsync(Some.Events(Enumerable.Range(0, 60).Select(i => $"old-{i}")));
        await FinishedAsync(app, webhook, DeliveryStatus.Rejected, 60);
        refuse = false;
        await PostAsync(app, $"/v3/webHooks/{webhook}/replay", new { since = LongAgo });
        await receiver.ReceivedAsync(60 + 6);

        // Every call of the replay hangs; what is new has the rest of the connections, at once.
        await app.PublishAcceptedAsync(Some.Events(["live-1", "live-2"]));
        var calls = await receiver.ReceivedAsync(60 + 8);
        Assert.Equal(["live-1", "live-2"], calls.Skip(66).Select(c => c.EventId).Order());
        replays.SetResult();
        await FinishedAsync(app, webhook, DeliveryStatus.Delivered, 62);
    }

    [Fact]
    public async Task A_replay_that_fails_begins_with_the_shortest_pause_again()
    {
        await using var receiver = (await Receiver.StartAsync()).Answering(500, 500, 500, 500, 400, 500, 200);
        var time = Some.Clock();
        await using var app = RunningApp.Start(time);
        var webhook = await app.CreateWebhookAsync(receiver.Url);
        await app.PublishAcceptedAsync(Some.Event("e-1"));
        for (var attempts = 1; attempts <= 4; attempts++)
        {
            var waiting = await app.DeliveryAsync(webhook, DeliveryStatus.ReplayScheduled, attempts);
            time.Advance(waiting.DueAt - time.GetUtcNow());
        }

        var refused = await app.DeliveryAsync(webhook, DeliveryStatus.Rejected, attempts: 5);
        await app.Http.PostAsync($"/v3/deliveries/{refused.Id}/replay", null, Cancel);

        var replayed = await app.DeliveryAsync(webhook, DeliveryStatus.ReplayScheduled, attempts: 6);
        Assert.Equal(TimeSpan.FromSeconds(6.25), replayed.DueAt - time.GetUtcNow());
    }

    private static async Task FinishedAsync(RunningApp app, string webhook, DeliveryStatus status, int count)
    {
        await using var db = app.Services.GetRequiredService<EnsContexts>().OfInstallation();
        await Eventually.HoldsAsync(async () => await db.Deliveries.CountAsync(d => d.WebhookId == webhook && d.Status == status, Cancel) == count, () => $"{count} deliveries {status}");
    }

    private static async Task<JsonElement> PostAsync(RunningApp app, string path, object request)
    {
        using var answer = await app.Http.PostAsJsonAsync(path, request, Cancel);
        var body = await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel);
        Assert.True(answer.IsSuccessStatusCode, body.ToString());
        return body.GetProperty("data");
    }

    private static async Task<JsonElement> JobAsync(RunningApp app, string webhook) =>
        (await app.Http.GetFromJsonAsync<JsonElement>($"/v3/webHooks/{webhook}/replay", Cancel)).GetProperty("data")[0];
}
