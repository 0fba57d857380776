using System.Net;
using System.Net.Http.Json;
using EnsAdmin.Domain;
using EnsAdmin.Tests.Support;

namespace EnsAdmin.Tests.Scenarios;

/// <summary>What waits is not kept waiting once its cause is gone, or somebody asks for it. Within seconds: nothing is due by itself for an hour.</summary>
public sealed class SendNowScenarios
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("webHookUrl")]
    [InlineData("methodType")]
    [InlineData("webHookHeaders")]
    [InlineData("active")]
    public async Task What_waits_is_sent_at_once_when_its_webhook_is_changed_so_that_it_may_succeed(string mended)
    {
        await using var receiver = (await Receiver.StartAsync()).AskingForAnHour();
        await using var second = await Receiver.StartAsync();
        var time = Some.Clock();
        await using var app = RunningApp.Start(time);
        var webhook = await app.CreateWebhookAsync(receiver.Url);
        await app.PublishAcceptedAsync(Some.Events(Enumerable.Range(1, 60).Select(i => $"e-{i}")));
        await app.LogAsync(webhook, rows => rows.Count(r => r.Status == DeliveryStatus.ReplayScheduled) == 50);
        if (mended == "active") await PutAsync(app, webhook, new() { ["webHookUrl"] = receiver.Url, ["active"] = false });

        time.Advance(TimeSpan.FromSeconds(1));
        receiver.Answering(200);
        await PutAsync(app, webhook, new() { ["webHookUrl"] = receiver.Url, [mended] = mended switch
        {
            "webHookUrl" => second.Url,
            "methodType" => "PUT",
            "webHookHeaders" => new { authorization = "renewed" },
            _ => true,
        } });

        var calls = await (mended == "webHookUrl" ? second : receiver).ReceivedAsync(mended == "webHookUrl" ? 60 : 120);
        Assert.Equal(60, calls.TakeLast(60).Select(c => c.EventId).Distinct().Count());
        await app.LogAsync(webhook, rows => rows.All(r => r.Status == DeliveryStatus.Delivered));
    }

    [Fact]
    public async Task A_change_of_anything_else_leaves_the_pause_that_the_receiver_asked_for()
    {
        await using var receiver = (await Receiver.StartAsync()).AskingForAnHour();
        var time = Some.Clock();
        await using var app = RunningApp.Start(time);
        var webhook = await app.CreateWebhookAsync(receiver.Url);
        await app.PublishAcceptedAsync(Some.Event("e-1"));
        await app.DeliveryAsync(webhook, DeliveryStatus.ReplayScheduled);

        await PutAsync(app, webhook, new() { ["webHookUrl"] = receiver.Url, ["slaInSeconds"] = 60 });

        // What comes later has been sent: whatever the change made due would have been, too.
        receiver.Answering(404);
        await app.PublishAcceptedAsync(Some.Event("e-2"));
        await app.DeliveryAsync(webhook, DeliveryStatus.Rejected);
        Assert.Equal(["e-1", "e-2"], receiver.Calls.Select(c => c.EventId));
        Assert.Equal(time.GetUtcNow().AddHours(1), (await app.LogAsync(webhook, _ => true))[1].DueAt);
    }

    [Fact]
    public async Task What_was_on_its_way_to_the_former_address_does_not_wait_for_its_sake()
    {
        await using var former = (await Receiver.StartAsync()).AskingForAnHour();
        await using var now = await Receiver.StartAsync();
        var (answer, refuse) = (new TaskCompletionSource(), former.Answer);
        former.Answer = async (n, http) => { await answer.Task.WaitAsync(http.RequestAborted); await refuse(n, http); };
        await using var app = RunningApp.Start(Some.Clock());
        var webhook = await app.CreateWebhookAsync(former.Url);
        await app.PublishAcceptedAsync(Some.Event("e-1"));
        await former.ReceivedAsync(1);

        await PutAsync(app, webhook, new() { ["webHookUrl"] = now.Url });
        answer.SetResult();

        Assert.Equal("e-1", Assert.Single(await now.ReceivedAsync(1)).EventId);
        await app.DeliveryAsync(webhook, DeliveryStatus.Delivered, attempts: 2);
    }

    [Fact]
    public async Task A_failing_webhook_with_another_address_is_probed_at_once_and_with_one_call()
    {
        await using var receiver = (await Receiver.StartAsync()).Answering(500);
        await using var second = (await Receiver.StartAsync()).Answering(500);
        var time = Some.Clock();
        await using var app = RunningApp.Start(time);
        var webhook = await app.CreateWebhookAsync(receiver.Url);
        await app.FailAsync(time, webhook);
        await app.PublishAcceptedAsync(Some.Events(Enumerable.Range(2, 40).Select(i => $"e-{i}")));
        await PutAsync(app, webhook, new() { ["webHookUrl"] = second.Url });

        await app.LogAsync(webhook, rows => rows.Sum(r => r.Attempts) == 6);
        Assert.Equal((5, 1), (receiver.Calls.Count, second.Calls.Count));
        second.Answering(200);
        time.Advance(TimeSpan.FromMinutes(1));
        await app.LogAsync(webhook, rows => rows.All(r => r.Status == DeliveryStatus.Delivered));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_waits_for_another_attempt_is_sent_when_somebody_asks_for_it_with_its_attempts_and_its_window_kept(bool bySelection)
    {
        await using var receiver = (await Receiver.StartAsync()).AskingForAnHour();
        var time = Some.Clock();
        await using var app = RunningApp.Start(time);
        var webhook = await app.CreateWebhookAsync(receiver.Url);
        await app.PublishAcceptedAsync(Some.Event("e-1"));
        var waiting = await app.DeliveryAsync(webhook, DeliveryStatus.ReplayScheduled);

        time.Advance(TimeSpan.FromMinutes(5));
        receiver.Answering(503, 503, 200);
        async Task AskAsync(bool chosen)
        {
            using var asked = chosen ? await app.Http.PostAsJsonAsync($"/v3/webHooks/{webhook}/replay", new { deliveryIds = new[] { waiting.Id }, statuses = new[] { "retrying" } }, Cancel)
                : await app.Http.PostAsync($"/v3/deliveries/{waiting.Id}/replay", null, Cancel);
            Assert.True(asked.StatusCode == HttpStatusCode.Accepted, await asked.Content.ReadAsStringAsync(Cancel));
        }

        await AskAsync(bySelection);
        var again = await app.DeliveryAsync(webhook, DeliveryStatus.ReplayScheduled, attempts: 2);
        Assert.Equal((waiting.ExpiresAt, AttemptTrigger.Manual), (again.ExpiresAt, again.Attempts[0].Trigger));
        await AskAsync(chosen: false);
        Assert.Equal([3, 2, 1], (await app.DeliveryAsync(webhook, DeliveryStatus.Delivered)).Attempts.Select(a => a.Number));
    }

    [Fact]
    public async Task A_failing_webhook_is_probed_with_what_somebody_asks_for_and_not_with_what_has_waited_longest()
    {
        await using var receiver = (await Receiver.StartAsync()).Answering(500);
        var time = Some.Clock();
        await using var app = RunningApp.Start(time);
        var webhook = await app.CreateWebhookAsync(receiver.Url);
        var failed = await app.FailAsync(time, webhook);
        await app.PublishAcceptedAsync(Some.Events(Enumerable.Range(2, 40).Select(i => $"e-{i}")));

        using var asked = await app.Http.PostAsync($"/v3/deliveries/{failed.Id}/replay", null, Cancel);

        Assert.Equal(HttpStatusCode.Accepted, asked.StatusCode);
        Assert.Equal("e-1", (await receiver.ReceivedAsync(6))[5].EventId);
    }

    [Fact]
    public async Task What_is_being_sent_is_not_sent_a_second_time()
    {
        await using var receiver = await Receiver.StartAsync();
        var answer = new TaskCompletionSource();
        receiver.Answer = (_, http) => answer.Task.WaitAsync(http.RequestAborted);
        await using var app = RunningApp.Start();
        var webhook = await app.CreateWebhookAsync(receiver.Url);
        await app.PublishAcceptedAsync(Some.Event("e-1"));
        await receiver.ReceivedAsync(1);

        using var refused = await app.Http.PostAsync($"/v3/deliveries/{(await app.DeliveryAsync(webhook, DeliveryStatus.Claimed)).Id}/replay", null, Cancel);

        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
        Assert.Contains("is being sent", await refused.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        answer.SetResult();
        await app.DeliveryAsync(webhook, DeliveryStatus.Delivered, attempts: 1);
    }

    /// <summary>Changes these fields of the webhook.</summary>
    private static async Task PutAsync(RunningApp app, string webhook, Dictionary<string, object> fields)
    {
        Dictionary<string, object> whole = new() { ["name"] = "orders", ["maxAllowedConnections"] = 20, ["eventNames"] = new[] { Some.EventName } };
        foreach (var (name, value) in fields) whole[name] = value;
        using var answer = await app.Http.PutAsJsonAsync($"/v3/webHooks/{webhook}", whole, Cancel);
        Assert.True(answer.StatusCode == HttpStatusCode.OK, await answer.Content.ReadAsStringAsync(Cancel));
    }
}
