using EnsAdmin.Data;
using EnsAdmin.Dispatch;
using EnsAdmin.Domain;
using EnsAdmin.Shared;
using Microsoft.EntityFrameworkCore;

namespace EnsAdmin.Replays;

/// <summary>
/// Works through the replay jobs, one of a webhook at a time: makes fewer deliveries due than the webhook has connections and goes on when most of them have
/// been tried, so that a quarter of the connections is always left to live traffic. Where it stands is written in the same transaction: after a crash it goes on there, and nothing is taken twice.
/// </summary>
public sealed partial class ReplayRunner(
    EnsContexts contexts, GroupCommitWriter writer, ReplayStore store, DueBoard due, Recorder recorder, ChangeFeed changes, ReplayBell bell, TimeProvider time, ILogger<ReplayRunner> log)
    : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(30);

    private readonly Dictionary<long, List<long>> _underWay = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        recorder.ReplayTried += bell.Ring;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var running = await PassAsync(stoppingToken);
                await bell.WaitAsync(running ? Pause : Idle, stoppingToken);
                if (running) await Task.Delay(Breath, time, stoppingToken);
            }
            catch (Exception e) when (e is OperationCanceledException or WriterStoppedException)
            {
                return;
            }
            catch (Exception e)
            {
                PassFailed(e);
                await Task.Delay(Idle, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <returns>Whether a job is running.</returns>
    private async Task<bool> PassAsync(CancellationToken cancel)
    {
        await using var all = contexts.OfInstallation();
        var jobs = await all.ReplayJobs.AsNoTracking().Where(j => j.State == ReplayJobState.Running).OrderBy(j => j.Id).ToListAsync(cancel);
        foreach (var gone in _underWay.Keys.Except(jobs.Select(j => j.Id)).ToList()) _underWay.Remove(gone);
        foreach (var job in jobs.DistinctBy(j => j.WebhookId)) await AdvanceAsync(job, cancel);
        return jobs.Count > 0;
    }

    private async Task AdvanceAsync(ReplayJob job, CancellationToken cancel)
    {
        await using var db = contexts.Of(job.OrgId);
        if (await writer.FindWebhookAsync(job.OrgId, job.WebhookId) is not { } webhook)
        {
            await EndAsync(db, job, ReplayJobState.Cancelled, cancel);
            return;
        }

        var atOnce = webhook.MaxConnections - webhook.MaxConnections / 4;
        var untried = await UntriedAsync(db, job, cancel);
        if (untried.Count > atOnce / 2) return;
        // What has ended only since the job was made is not among those that were counted.
        var next = await store.Found(db, job.WebhookId, job.Filter).Where(d => d.Id > job.Cursor && d.Id <= job.LastId && (d.EndedAt == null || d.EndedAt <= job.CreatedAt))
            .OrderBy(d => d.Id).Take(atOnce - untried.Count).Select(d => new { d.Id, d.Status }).ToListAsync(cancel);
        if (next.Count == 0)
        {
            await EndAsync(db, job, ReplayJobState.Done, cancel);
            return;
        }

        var now = time.GetUtcNow();
        var queued = await writer.RunAsync(sql =>
        {
            // Cancelled meanwhile: nothing more follows.
            if (!sql.Care.AdvanceJob(job.Id, next[^1].Id)) return [];
            var taken = next.Where(d => sql.Care.Requeue(d.Id, job.WebhookId, d.Status, now.UtcTicks, store.EndOf(webhook, now), first: false)).Select(d => d.Id).ToList();
            sql.Care.CountQueued(job.Id, taken.Count);
            return taken;
        });
        _underWay[job.Id] = [.. untried, .. queued];
        due.Add(job.WebhookId, now.UtcTicks);
        changes.Publish(Topics.Deliveries(job.WebhookId));
    }

    /// <summary>Those made due that still wait for the attempt that was asked for.</summary>
    private async Task<List<long>> UntriedAsync(EnsDbContext db, ReplayJob job, CancellationToken cancel)
    {
        if (!_underWay.TryGetValue(job.Id, out var ids)) return [];
        return await db.Deliveries.Where(d => ids.Contains(d.Id) && d.Trigger == AttemptTrigger.Manual && d.EndedAt == null).Select(d => d.Id).ToListAsync(cancel);
    }

    private async Task EndAsync(EnsDbContext db, ReplayJob job, ReplayJobState state, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        await db.ReplayJobs.Where(j => j.Id == job.Id && j.State == ReplayJobState.Running)
            .ExecuteUpdateAsync(set => set.SetProperty(j => j.State, state).SetProperty(j => j.EndedAt, now), cancel);
        changes.Publish(Topics.Deliveries(job.WebhookId));
        Ended(job.Id, job.WebhookId, state, job.Queued, job.Total);
    }

    [LoggerMessage(LogLevel.Information, "Replay {Job} of webhook {Webhook} is {State}: {Queued} of {Total} deliveries were made due again")]
    private partial void Ended(long job, string webhook, ReplayJobState state, int queued, int total);

    [LoggerMessage(LogLevel.Error, "Replays could not go on; trying again in half a minute")]
    private partial void PassFailed(Exception e);
}
