using EnsAdmin.Data;
using EnsAdmin.Shared;

namespace EnsAdmin.Dispatch;

/// <summary>
/// Before the dispatcher starts, makes what a former process left claimed wait again; from then on, every half minute, takes over claims whose lease
/// has ended and expires deliveries whose window is over.
/// </summary>
public sealed partial class Maintenance(GroupCommitWriter writer, DueBoard due, ChangeFeed changes, TimeProvider time, ILogger<Maintenance> log) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);
    private const int ExpiredPerPass = 1000;

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        writer.Start();
        // One process has the data directory to itself: what is claimed now, nobody is sending.
        await RescueAsync(until: long.MaxValue);
        foreach (var (webhookId, dueAt) in await writer.RunAsync(sql => sql.AllNextDue())) due.Add(webhookId, dueAt);
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await timer.WaitForNextTickAsync(stoppingToken);
                await RescueAsync(until: time.GetUtcNow().UtcTicks);
                foreach (var webhook in writer.Webhooks.All) await ExpireAsync(webhook.Id);
            }
            catch (Exception e) when (e is OperationCanceledException or WriterStoppedException)
            {
                return;
            }
            catch (Exception e)
            {
                PassFailed(e);
            }
        }
    }

    private async Task RescueAsync(long until)
    {
        var now = time.GetUtcNow().UtcTicks;
        foreach (var webhookId in await writer.RunAsync(sql => sql.Rescue(now, until)))
        {
            due.Add(webhookId, now);
            changes.Publish(Topics.Deliveries(webhookId));
        }
    }

    private async Task ExpireAsync(string webhookId)
    {
        var now = time.GetUtcNow().UtcTicks;
        while (await writer.RunAsync(sql => sql.Expire(webhookId, now, ExpiredPerPass)) is > 0 and var expired)
        {
            Expired(expired, webhookId);
            changes.Publish(Topics.Deliveries(webhookId));
        }
    }

    [LoggerMessage(LogLevel.Warning, "{Count} deliveries to webhook {Webhook} expired unsent: their replay window is over")]
    private partial void Expired(int count, string webhook);

    [LoggerMessage(LogLevel.Error, "Maintenance failed; the next pass is in half a minute")]
    private partial void PassFailed(Exception e);
}
