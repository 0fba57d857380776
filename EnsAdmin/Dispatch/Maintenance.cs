using EnsAdmin.Data;
using EnsAdmin.Enrichment;
using Microsoft.Data.Sqlite;

namespace EnsAdmin.Dispatch;

/// <summary>
/// Before the dispatcher starts, makes what a former process left claimed wait again and loads what is due. From then on marks, every few seconds, what is
/// past its SLA, ends, every half minute, what is past its window, makes, every minute, payloads that have waited for one and drops what of the directory's past none needs any more, keeps the write-ahead log short, and deletes, every hour, what is older than is kept.
/// </summary>
public sealed partial class Maintenance(GroupCommitWriter writer, DueBoard due, QueueCare care, SlaWatch sla, ClockWatch clock, WriteAheadLog wal, Retention retention, WaitingPayloads payloads, TimeProvider time, ILogger<Maintenance> log) : BackgroundService
{
    private static readonly TimeSpan ProbeInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan SlaInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ExpiryInterval = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan WalInterval = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan WaitingPayloadsInterval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan RetentionInterval = TimeSpan.FromHours(1);

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        writer.Start();
        // One process has the data directory to itself: what is claimed now, nobody is sending.
        var rescued = await writer.RunAsync(sql => sql.Care.Rescue(time.GetUtcNow().UtcTicks));
        if (rescued > 0) Rescued(rescued);
        foreach (var (webhookId, dueAt, failingSince, lastAttemptAt, askedUntil, cameBackAt) in await writer.RunAsync(sql => sql.Care.Start()))
        {
            due.Load(webhookId, dueAt, At(failingSince), At(lastAttemptAt), At(askedUntil));
            // It had come back in the former process's last moments: what failed before is due, as it would have been then.
            if (cameBackAt is { } since) _ = care.HastenAsync(webhookId, since);
        }

        await base.StartAsync(cancellationToken);

        static DateTimeOffset? At(long? ticks) => ticks is { } t ? new DateTimeOffset(t, TimeSpan.Zero) : null;
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(
        EveryAsync(ProbeInterval, writer.ProbeAsync, stoppingToken),
        EveryAsync(SlaInterval, () => sla.MarkAsync(stoppingToken), stoppingToken),
        EveryAsync(ExpiryInterval, ExpireAsync, stoppingToken),
        EveryAsync(WaitingPayloadsInterval, () => MakePayloadsAsync(stoppingToken), stoppingToken),
        EveryAsync(WalInterval, () => Task.Run(wal.Check, stoppingToken), stoppingToken),
        EveryAsync(RetentionInterval, () => retention.DeleteOldAsync(stoppingToken), stoppingToken));

    private async Task MakePayloadsAsync(CancellationToken stopping)
    {
        await payloads.MakeOldAsync(stopping);
        await retention.DropEarlierRecordsAsync(stopping);
    }

    private async Task ExpireAsync()
    {
        foreach (var webhook in writer.Webhooks.All) await care.ExpireAsync(webhook);
    }

    private async Task EveryAsync(TimeSpan interval, Func<Task> pass, CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(interval, time);
        try
        {
            do
            {
                try
                {
                    await clock.FollowAsync();
                    await pass();
                }
                catch (Exception e) when (e is not (OperationCanceledException or WriterStoppedException))
                {
                    if (e is not SqliteException) PassFailed(e, interval); // The writer says so, once for all.
                }
            }
            while (await timer.WaitForNextTickAsync(stopping));
        }
        catch (Exception e) when (e is OperationCanceledException or WriterStoppedException)
        {
            // The program stops.
        }
    }

    [LoggerMessage(LogLevel.Information, "{Count} deliveries were in flight, or next to be, when the program last stopped; they are due again")]
    private partial void Rescued(int count);

    [LoggerMessage(LogLevel.Error, "Maintenance failed; the next pass is in {Interval}")]
    private partial void PassFailed(Exception e, TimeSpan interval);
}
