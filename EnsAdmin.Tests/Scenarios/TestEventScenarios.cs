using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using EnsAdmin.Data;
using EnsAdmin.Domain;
using EnsAdmin.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace EnsAdmin.Tests.Scenarios;

/// <summary>Somebody tries a webhook out.</summary>
public sealed class TestEventScenarios
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_test_event_is_marked_sent_once_and_counted_nowhere_also_to_an_inactive_webhook()
    {
        await using var receiver = (await Receiver.StartAsync()).Answering(503);
        await using var app = RunningApp.Start();
        var webhook = await app.CreateWebhookAsync(receiver.Url);
        await app.SetActiveAsync(webhook, false);

        var sent = await PostAsync(app.Http, $"/v3/webHooks/{webhook}/test", new { });

        Assert.Equal((false, 503, "answer 503"), (sent.GetProperty("delivered").GetBoolean(), sent.GetProperty("statusCode").GetInt32(), sent.GetProperty("answer").GetString()));
        var call = Assert.Single(receiver.Calls);
        Assert.Equal("true", call.Headers["X-EnsAdmin-Test"]);
        Assert.StartsWith("test-", call.EventId);
        var delivery = await app.DeliveryAsync(webhook, DeliveryStatus.Rejected);
        Assert.True(delivery.IsTest);
        await using var db = app.Services.GetRequiredService<EnsContexts>().OfInstallation();
        Assert.Empty(await db.DeliveryCounts.ToListAsync(Cancel));
        Assert.All(await db.Pulses.ToListAsync(Cancel), p => Assert.Equal((0, null), (p.Waiting, p.LastAttemptAt)));
        Assert.Equal(HttpStatusCode.Conflict, (await app.Http.PostAsync($"/v3/deliveries/{delivery.Id}/replay", null, Cancel)).StatusCode);
    }

    [Fact]
    public async Task A_test_event_that_the_end_of_the_program_cut_off_says_so_at_the_next_start_and_is_not_sent_again()
    {
        var data = Directory.CreateTempSubdirectory("ens-test").FullName;
        await using var receiver = await Receiver.StartAsync();
        var time = Some.Clock();
        var first = RunningApp.Start(time, data);
        var webhook = await first.CreateWebhookAsync(receiver.Url);
        await first.Services.GetRequiredService<GroupCommitWriter>().RunAsync(sql =>
        {
            var now = time.GetUtcNow();
            var e = new NewEvent(RunningApp.OrgId, "test-1", Some.EventName, null, null, now.UtcTicks, [1], "{}"u8.ToArray());
            return sql.EnqueueClaimed(sql.LoadWebhooks().Find(webhook)!, sql.InsertEvent(e, 1, now.UtcTicks)!.Value, e, AttemptTrigger.Test, 1, now, now);
        });
        await first.StopAsync();

        await using (var second = RunningApp.Start(time, data))
        {
            var test = await second.DeliveryAsync(webhook, DeliveryStatus.Cancelled);
            Assert.Equal("Cut off: the program stopped before its answer was recorded", test.Reason);
            await using var db = second.Services.GetRequiredService<EnsContexts>().OfInstallation();
            Assert.Equal(0, (await db.Pulses.SingleAsync(Cancel)).Waiting);
            Assert.Empty(await db.DeliveryCounts.ToListAsync(Cancel));
        }

        Assert.Empty(receiver.Calls);
        Directory.Delete(data, recursive: true);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_a_receiver_answers_to_a_test_event_is_shown_to_those_who_may_see_deliveries(bool sees)
    {
        await using var receiver = (await Receiver.StartAsync()).Answering(503);
        await using var app = RunningApp.Start();
        var webhook = await app.CreateWebhookAsync(receiver.Url);
        using var http = app.Client(await app.AddKeyAsync(RunningApp.OrgId, sees ? [Scopes.WebhooksWrite, Scopes.DeliveriesRead] : [Scopes.WebhooksWrite]));

        var sent = await PostAsync(http, $"/v3/webHooks/{webhook}/test", new { });

        Assert.Equal((503, "503 Service Unavailable", sees ? "answer 503" : null), (sent.GetProperty("statusCode").GetInt32(), sent.GetProperty("reason").GetString(), sent.GetProperty("answer").GetString()));
    }

    [Fact]
    public async Task A_test_event_like_the_last_says_when_there_was_none_and_finds_one_that_others_traffic_has_buried()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var app = RunningApp.Start();
        var webhook = await app.CreateWebhookAsync(receiver.Url);
        Assert.Equal(("example", true), await SourceAsync("last"));
        Assert.Equal(("example", false), await SourceAsync("example"));
        await app.PublishAcceptedAsync(Some.Event("e-1").Replace("\"refId\":\"", "\"refId\":\"real-", StringComparison.Ordinal));
        Assert.Equal(("last", false), await SourceAsync("last"));

        await using (var db = app.Services.GetRequiredService<EnsContexts>().OfInstallation())
            await db.Database.ExecuteSqlAsync($"UPDATE sqlite_sequence SET seq = seq + 30000 WHERE name = 'EventMessages'", Cancel);
        await app.PublishAcceptedAsync(Some.Event("e-2", "customerAdded"));

        Assert.Equal(("last", false), await SourceAsync("last"));
        Assert.Contains("real-", receiver.Calls[^1].Text, StringComparison.Ordinal);

        async Task<(string? Source, bool Warned)> SourceAsync(string source)
        {
            using var answer = await app.Http.PostAsJsonAsync($"/v3/webHooks/{webhook}/test", new { source }, Cancel);
            var body = await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel);
            return (body.GetProperty("data").GetProperty("source").GetString(), body.GetProperty("warnings").ToString().Contains("no pointsIssued", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task An_event_type_of_two_names_is_found_under_either_and_the_newest_of_all_types_is_the_last()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var app = RunningApp.Start();
        var webhook = await app.CreateWebhookAsync(receiver.Url, events: ["customerAdded", "IssueBulkCoupon"]);
        var group = (await GetAsync($"/v3/webHooks/{webhook}")).GetProperty("consumerGroupId").GetString();
        await app.PublishAcceptedAsync(Some.Event("e-1", "CouponIssue"));
        await app.DeliveryAsync(webhook, DeliveryStatus.Delivered);

        foreach (var request in new object[] { new { source = "last" }, new { source = "last", eventName = "IssueBulkCoupon" } })
        {
            var sent = await PostAsync(app.Http, $"/v3/webHooks/{webhook}/test", request);
            Assert.Equal(("last", "CouponIssue"), (sent.GetProperty("source").GetString(), sent.GetProperty("eventName").GetString()));
        }

        foreach (var name in new[] { "IssueBulkCoupon", "CouponIssue" })
        {
            Assert.Equal("e-1", Assert.Single((await GetAsync($"/v3/events/consumer-groups/{group}/logs?eventType={name}")).GetProperty("logs").EnumerateArray()).GetProperty("eventId").GetString());
            Assert.Equal(1, (await PostAsync(app.Http, $"/v3/webHooks/{webhook}/replay", new { eventName = name, statuses = new[] { "delivered" }, dryRun = true })).GetProperty("total").GetInt32());
        }

        async Task<JsonElement> GetAsync(string path) => (await app.Http.GetFromJsonAsync<JsonElement>(path, Cancel)).GetProperty("data");
    }

    [Fact]
    public async Task A_test_event_that_finds_no_free_connection_is_not_sent_later_either()
    {
        await using var receiver = await Receiver.StartAsync();
        var answer = new TaskCompletionSource();
        receiver.Answer = (_, http) => answer.Task.WaitAsync(http.RequestAborted);
        var time = Some.Clock();
        await using var app = RunningApp.Start(time);
        var webhook = await app.CreateWebhookAsync(receiver.Url, connections: 1);
        await app.PublishAcceptedAsync(Some.Event("e-1"));
        await receiver.ReceivedAsync(1);

        var testing = PostAsync(app.Http, $"/v3/webHooks/{webhook}/test", new { });
        var waiting = await app.DeliveryAsync(webhook, d => d.IsTest);
        await Eventually.HoldsAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return Task.FromResult(testing.IsCompleted);
        }, () => "an answer");

        var sent = await testing;
        Assert.Equal((waiting.Id, false), (sent.GetProperty("deliveryId").GetInt64(), sent.GetProperty("delivered").GetBoolean()));
        Assert.StartsWith("Not sent", sent.GetProperty("reason").GetString(), StringComparison.Ordinal);
        answer.SetResult();
        await app.LogAsync(webhook, rows => rows[1].Status == DeliveryStatus.Delivered);
        Assert.Equal((DeliveryStatus.Cancelled, 1), ((await app.DeliveryAsync(webhook, d => d.IsTest)).Status, receiver.Calls.Count));
    }

    private static async Task<JsonElement> PostAsync(HttpClient http, string path, object request)
    {
        using var answer = await http.PostAsJsonAsync(path, request, Cancel);
        var body = await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel);
        Assert.True(answer.IsSuccessStatusCode, body.ToString());
        return body.GetProperty("data");
    }
}
