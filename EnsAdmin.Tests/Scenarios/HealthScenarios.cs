using EnsAdmin.Activity;
using EnsAdmin.Data;
using EnsAdmin.Domain;
using EnsAdmin.Tests.Support;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace EnsAdmin.Tests.Scenarios;

/// <summary>A webhook that fails, is probed, and comes back.</summary>
public sealed class HealthScenarios
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_receiver_that_comes_back_has_everything_at_once_whatever_the_backoff_had_grown_to()
    {
        await using var receiver = (await Receiver.StartAsync()).Answering(500);
        var time = Some.Clock();
        await using var app = RunningApp.Start(time);
        var webhook = await app.CreateWebhookAsync(receiver.Url);
        var delivery = await app.FailAsync(time, webhook);

        // More than a minute of failures: what comes now waits for a probe.
        receiver.Answering(200);
        await app.PublishAcceptedAsync(Some.Events(Enumerable.Range(2, 100).Select(i => $"e-{i}")));
        Assert.Equal(5, receiver.Calls.Count);
        Assert.True(delivery.DueAt - time.GetUtcNow() > TimeSpan.FromSeconds(60));
        time.Advance(TimeSpan.FromSeconds(5));
        await receiver.ReceivedAsync(106);

        await app.LogAsync(webhook, rows => rows.All(r => r.Status == DeliveryStatus.Delivered));
        Assert.Equal(101, receiver.Calls.Skip(5).Select(c => c.EventId).Distinct().Count());
    }

    [Fact]
    public async Task What_fails_after_the_receiver_came_back_keeps_its_pause()
    {
        await using var receiver = (await Receiver.StartAsync()).Answering(500);
        var time = Some.Clock();
        await using var app = RunningApp.Start(time);
        var webhook = await app.CreateWebhookAsync(receiver.Url);
        await app.PublishAcceptedAsync(Some.Event("e-1"));
        await app.DeliveryAsync(webhook, DeliveryStatus.ReplayScheduled, attempts: 1);
        time.Advance(TimeSpan.FromMilliseconds(100));
        var cameBack = time.GetUtcNow();
        time.Advance(TimeSpan.FromMilliseconds(100));
        await app.PublishAcceptedAsync(Some.Event("e-2"));
        await app.LogAsync(webhook, rows => rows.All(r => r.Status == DeliveryStatus.ReplayScheduled));

        var writer = app.Services.GetRequiredService<GroupCommitWriter>();
        Assert.Equal(1, await writer.RunAsync(sql => sql.Care.Hasten(webhook, cameBack.UtcTicks, cameBack.UtcTicks, 500)));
        Assert.Equal(0, await writer.RunAsync(sql => sql.Care.Hasten(webhook, cameBack.UtcTicks, cameBack.UtcTicks, 500)));
        await using var db = app.Services.GetRequiredService<EnsContexts>().OfInstallation();
        Assert.Equal([cameBack, null], await db.Deliveries.OrderBy(d => d.Id).Select(d => d.DueAt > cameBack ? (DateTimeOffset?)null : d.DueAt).ToListAsync(Cancel));
    }

    [Fact]
    public async Task A_failing_webhook_is_still_probed_one_call_at_a_time_after_a_restart()
    {
        var data = Directory.CreateTempSubdirectory("ens-test").FullName;
        await using var receiver = (await Receiver.StartAsync()).Answering(500);
        var time = Some.Clock();
        var first = RunningApp.Start(time, data);
        var webhook = await first.CreateWebhookAsync(receiver.Url);
        await first.FailAsync(time, webhook);

        await first.PublishAcceptedAsync(Some.Events(Enumerable.Range(2, 40).Select(i => $"e-{i}")));
        await first.StopAsync();
        await using (var second = RunningApp.Start(time, data))
        {
            await receiver.ReceivedAsync(6);
            await second.LogAsync(webhook, rows => rows.Sum(r => r.Attempts) == 6);
            receiver.Answering(200);
            time.Advance(TimeSpan.FromSeconds(10));
            await receiver.ReceivedAsync(47);
        }

        Assert.Equal(41, receiver.Calls.Skip(6).Select(c => c.EventId).Distinct().Count());
        Directory.Delete(data, recursive: true);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_waits_is_due_at_the_next_start_only_where_its_receiver_had_just_come_back(bool cameBack)
    {
        var data = Directory.CreateTempSubdirectory("ens-test").FullName;
        await using var receiver = (await Receiver.StartAsync()).Answering(500);
        var time = Some.Clock();
        var first = RunningApp.Start(time, data);
        var webhook = await first.CreateWebhookAsync(receiver.Url);
        await first.PublishAcceptedAsync(Some.Event("e-1"));
        await first.DeliveryAsync(webhook, DeliveryStatus.ReplayScheduled, attempts: 1);
        time.Advance(TimeSpan.FromSeconds(1));
        receiver.Answering(200);
        await first.PublishAcceptedAsync(Some.Event("e-2"));
        await first.LogAsync(webhook, rows => rows.Count(r => r.Status == DeliveryStatus.Delivered) == 1);
        Assert.Equal(2, receiver.Calls.Count);
        await first.StopAsync();

        // That it is back is on disk, and what waited is not hastened: so it is when the program dies in between.
        if (cameBack) await ChangeAsync(data, "UPDATE Pulses SET CameBackAt = LastSuccessAt");
        await using (var second = RunningApp.Start(time, data))
        {
            if (!cameBack) await second.PublishAcceptedAsync(Some.Event("e-3"));
            var delivered = await second.LogAsync(webhook, rows => rows.Count(r => r.Status == DeliveryStatus.Delivered) == 2);
            Assert.Equal(cameBack, delivered.All(r => r.Status == DeliveryStatus.Delivered));
            await using var db = second.Services.GetRequiredService<EnsContexts>().OfInstallation();
            await Eventually.HoldsAsync(() => db.Pulses.AllAsync(p => p.CameBackAt == null, Cancel), () => "what waited to be due");
        }

        Assert.Equal(["e-1", "e-2", cameBack ? "e-1" : "e-3"], receiver.Calls.Select(c => c.EventId));
        Directory.Delete(data, recursive: true);
    }

    [Fact]
    public async Task A_failing_webhook_that_refuses_its_probe_keeps_its_backlog()
    {
        await using var receiver = (await Receiver.StartAsync()).Answering(500);
        var time = Some.Clock();
        await using var app = RunningApp.Start(time);
        var webhook = await app.CreateWebhookAsync(receiver.Url);
        await app.FailAsync(time, webhook);

        // As a proxy answers before its application is up.
        receiver.Answering(404);
        await app.PublishAcceptedAsync(Some.Events(Enumerable.Range(2, 40).Select(i => $"e-{i}")));
        time.Advance(TimeSpan.FromSeconds(5));
        await app.LogAsync(webhook, rows => rows.Count(r => r.Status == DeliveryStatus.Rejected) == 1);
        Assert.Equal(6, receiver.Calls.Count);
        receiver.Answering(200);
        time.Advance(TimeSpan.FromSeconds(10));
        await app.LogAsync(webhook, rows => rows.Count(r => r.Status == DeliveryStatus.Delivered) == 40);
        Assert.Equal(46, receiver.Calls.Count);
    }

    [Fact]
    public async Task A_receiver_that_came_back_and_refuses_what_it_knows_has_the_newest_events_with_the_next_probe()
    {
        await using var receiver = (await Receiver.StartAsync()).Answering(500);
        var time = Some.Clock();
        await using var app = RunningApp.Start(time);
        var webhook = await app.CreateWebhookAsync(receiver.Url);
        await app.FailAsync(time, webhook);
        await app.PublishAcceptedAsync(Some.Events(Enumerable.Range(2, 40).Select(i => $"e-{i}")));
        receiver.Answer = (n, http) => Receiver.Status(http, receiver.Calls[n - 1].EventId == "live" ? 200 : 409);
        time.Advance(TimeSpan.FromSeconds(5));
        await app.LogAsync(webhook, rows => rows.Count(r => r.Status == DeliveryStatus.Rejected) == 1);

        await app.PublishAcceptedAsync(Some.Event("live"));
        time.Advance(TimeSpan.FromSeconds(10));
        await app.LogAsync(webhook, rows => rows.Count(r => r.Status == DeliveryStatus.Rejected) == 41);
        Assert.Equal(("live", 47), (receiver.Calls[6].EventId, receiver.Calls.Count));
        await using var db = app.Services.GetRequiredService<EnsContexts>().OfInstallation();
        await Eventually.HoldsAsync(() => db.Pulses.AllAsync(p => p.CameBackAt == null && p.LastSuccessAt != null, Cancel), () => "what waited to be due");
    }

    [Fact]
    public async Task Once_a_webhook_is_only_probed_no_date_is_told_that_its_deliveries_do_not_go_by()
    {
        await using var receiver = (await Receiver.StartAsync()).Answering(500);
        var (time, log) = (Some.Clock(), new LogLines());
        await using var app = RunningApp.Start(time, log);
        var webhook = await app.CreateWebhookAsync(receiver.Url);

        var delivery = await app.FailAsync(time, webhook);

        Assert.True(delivery.Failing && delivery.DueAt > time.GetUtcNow());
        List<string> attempts = [];
        await Eventually.HoldsAsync(() => Task.FromResult((attempts = [.. log.All.Where(l => l.Contains("next attempt:", StringComparison.Ordinal))]).Count == 5), () => "the lines of five attempts");
        Assert.EndsWith("next attempt: when the webhook answers a probe", attempts[4], StringComparison.Ordinal);
        Assert.All(attempts.Take(4), line => Assert.Contains("next attempt: 2026-03-01T12:0", line, StringComparison.Ordinal));
    }

    private static async Task ChangeAsync(string dataDirectory, string sql)
    {
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(dataDirectory, "ens.db")};Pooling=False");
        await connection.OpenAsync(Cancel);
        await using var change = new SqliteCommand(sql, connection);
        await change.ExecuteNonQueryAsync(Cancel);
    }
}
