using System.Globalization;
using EnsAdmin.Access;
using EnsAdmin.Catalog;
using EnsAdmin.Data;
using EnsAdmin.Dispatch;
using EnsAdmin.Domain;
using EnsAdmin.Shared;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace EnsAdmin.Replays;

/// <summary>What came of asking for the replay of one delivery.</summary>
public enum ReplayOneResult { Replayed, Held, NotFound, OnItsWay, CannotBeReplayed }

/// <summary>Replays by hand: one delivery at once, many as a job that goes on in the background.</summary>
public sealed class ReplayStore(
    EnsContexts contexts, GroupCommitWriter writer, DueBoard due, ChangeFeed changes, ReplayBell bell, EventCatalog catalog, Audit audit, IOptions<DeliveryOptions> options, TimeProvider time)
{
    /// <summary>Makes a delivery due now: an ended one, also a delivered one, with a new replay window; one that waits for another attempt in its own.</summary>
    public async Task<ReplayOneResult> ReplayOneAsync(int orgId, long deliveryId, Actor by, CancellationToken cancel = default)
    {
        await using var db = contexts.Of(orgId);
        var found = await db.Deliveries.AsNoTracking().Where(d => d.Id == deliveryId).Select(d => new { d.WebhookId, d.Status, d.Trigger, d.DueAt, d.EndedAt }).SingleOrDefaultAsync(cancel);
        if (found is null) return ReplayOneResult.NotFound;
        var waits = found.Status == DeliveryStatus.ReplayScheduled;
        if (found.Status == DeliveryStatus.Queued && await IsHeldAsync(orgId, found.WebhookId, cancel) == true) return ReplayOneResult.Held; // Due with the activation in any case.
        if (found.EndedAt is null && !waits) return ReplayOneResult.OnItsWay;
        var now = time.GetUtcNow();
        if (found.Trigger == AttemptTrigger.Test || await writer.FindWebhookAsync(orgId, found.WebhookId) is not { } webhook) return ReplayOneResult.CannotBeReplayed;
        var note = audit.Entry(by, orgId, "delivery.replayed", string.Create(CultureInfo.InvariantCulture, $"delivery {deliveryId} to {webhook.Name}"),
            new { status = found.Status.ToString(), dueAt = waits ? found.DueAt : (DateTimeOffset?)null }, new { status = nameof(DeliveryStatus.ReplayScheduled), dueAt = waits ? now : (DateTimeOffset?)null });
        var replayed = await writer.RunAsync(sql =>
        {
            if (!sql.Care.Requeue(deliveryId, webhook.Id, found.Status, now.UtcTicks, EndOf(webhook, now), first: true)) return false;
            sql.Care.Note(note);
            return true;
        });
        if (!replayed) return ReplayOneResult.OnItsWay;

        due.AddNow(webhook.Id, now);
        changes.Publish(Topics.Deliveries(webhook.Id));
        changes.Publish(Topics.Delivery(deliveryId));
        return webhook.Active ? ReplayOneResult.Replayed : ReplayOneResult.Held;
    }

    /// <summary>Whether the organization has this webhook.</summary>
    public async Task<bool> KnowsAsync(int orgId, string webhookId) => await writer.FindWebhookAsync(orgId, webhookId) is not null;

    /// <summary>Whether what is due for the webhook is held, since it is inactive; null where the organization never had one of this id.</summary>
    public async Task<bool?> IsHeldAsync(int orgId, string webhookId, CancellationToken cancel = default)
    {
        await using var db = contexts.Of(orgId);
        return await db.Webhooks.Where(w => w.Id == webhookId).Select(w => (bool?)(!w.Active && w.DeletedAt == null)).SingleOrDefaultAsync(cancel);
    }

    /// <summary>How many deliveries the filter finds now.</summary>
    public async Task<int> CountAsync(int orgId, string webhookId, ReplayFilter filter, CancellationToken cancel = default)
    {
        await using var db = contexts.Of(orgId);
        return await Found(db, webhookId, filter).CountAsync(cancel);
    }

    /// <summary>Those of these ids that are no deliveries of the webhook, or tests, which are never replayed.</summary>
    public async Task<IReadOnlyList<long>> UnknownAsync(int orgId, string webhookId, IReadOnlyList<long> ids, CancellationToken cancel = default)
    {
        await using var db = contexts.Of(orgId);
        var known = await db.Deliveries.Where(d => d.WebhookId == webhookId && d.Trigger != AttemptTrigger.Test && ids.Contains(d.Id)).Select(d => d.Id).ToListAsync(cancel);
        return [.. ids.Except(known)];
    }

    /// <returns>Null when there is no such webhook.</returns>
    public async Task<ReplayJob?> StartAsync(int orgId, string webhookId, ReplayFilter filter, Actor by, CancellationToken cancel = default)
    {
        await using var db = contexts.Of(orgId);
        if (await NameAsync(db, webhookId, cancel) is not { } webhook) return null;
        var found = await Found(db, webhookId, filter).GroupBy(_ => 1).Select(g => new { Count = g.Count(), LastId = g.Max(d => d.Id) }).SingleOrDefaultAsync(cancel);
        var job = new ReplayJob(orgId, webhookId, filter, found?.Count ?? 0, found?.LastId ?? 0, by.Name, time.GetUtcNow());
        db.ReplayJobs.Add(job);
        audit.Add(db, by, orgId, "replay.started", $"webhook {webhook}", null, Told(filter, job.Total));
        await db.SaveChangesAsync(cancel);
        bell.Ring();
        changes.Publish(Topics.Deliveries(webhookId));
        return job;
    }

    public async Task<IReadOnlyList<ReplayJob>> RecentAsync(int orgId, string webhookId, int count, CancellationToken cancel = default)
    {
        await using var db = contexts.Of(orgId);
        return await db.ReplayJobs.AsNoTracking().Where(j => j.WebhookId == webhookId).OrderByDescending(j => j.Id).Take(count).ToListAsync(cancel);
    }

    /// <summary>Stops a job: what it has made due goes on, nothing more follows.</summary>
    /// <returns>The job; null when there is none.</returns>
    public async Task<ReplayJob?> CancelAsync(int orgId, string webhookId, long jobId, Actor by, CancellationToken cancel = default)
    {
        await using var db = contexts.Of(orgId);
        var now = time.GetUtcNow();
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        var stopped = await db.ReplayJobs.Where(j => j.WebhookId == webhookId && j.Id == jobId && j.State == ReplayJobState.Running)
            .ExecuteUpdateAsync(set => set.SetProperty(j => j.State, ReplayJobState.Cancelled).SetProperty(j => j.EndedAt, now), cancel) == 1;
        var job = await db.ReplayJobs.AsNoTracking().SingleOrDefaultAsync(j => j.WebhookId == webhookId && j.Id == jobId, cancel);
        if (stopped)
        {
            var webhook = await db.Webhooks.Where(w => w.Id == webhookId).Select(w => w.Name).SingleAsync(cancel);
            audit.Add(db, by, orgId, "replay.cancelled", $"webhook {webhook}", new { state = "Running", job!.Total }, new { state = "Cancelled", job.Queued });
            await db.SaveChangesAsync(cancel);
        }

        await transaction.CommitAsync(cancel);
        changes.Publish(Topics.Deliveries(webhookId));
        return job;
    }

    private static Task<string?> NameAsync(EnsDbContext db, string webhookId, CancellationToken cancel) =>
        db.Webhooks.Where(w => w.Id == webhookId && w.DeletedAt == null).Select(w => w.Name).SingleOrDefaultAsync(cancel);

    private static object Told(ReplayFilter filter, int total) => new { total, filter.Since, filter.Until, filter.EventName, statuses = filter.Statuses.Select(s => s.ToString()), chosen = filter.Ids?.Count };

    /// <summary>The end of the replay window of what is made due now (UTC ticks).</summary>
    internal long EndOf(WebhookSnapshot webhook, DateTimeOffset now) => (now + (webhook.ReplayWindow ?? options.Value.ReplayWindow)).UtcTicks;

    /// <summary>What the filter finds; an event type also under its other names.</summary>
    internal IQueryable<Delivery> Found(EnsDbContext db, string webhookId, ReplayFilter filter)
    {
        var statuses = filter.Statuses.ToArray();
        var found = db.Deliveries.AsNoTracking().Where(d => d.WebhookId == webhookId && statuses.Contains(d.Status) && d.Trigger != AttemptTrigger.Test);
        if (filter.Since is { } since) found = found.Where(d => (d.EndedAt ?? d.AcceptedAt) >= since);
        if (filter.Until is { } until) found = found.Where(d => (d.EndedAt ?? d.AcceptedAt) < until);
        if (filter.EventName is { } name)
        {
            var names = catalog.SubscriptionNamesFor(name);
            found = found.Where(d => db.EventMessages.Any(e => e.Id == d.EventMessageId && names.Contains(e.EventName)));
        }

        if (filter.Ids is { } ids) found = found.Where(d => ids.Contains(d.Id));
        return found;
    }
}

/// <summary>Wakes the <see cref="ReplayRunner"/> when a job was added.</summary>
public sealed class ReplayBell : IDisposable
{
    private readonly SemaphoreSlim _rung = new(0, 1);

    public void Ring()
    {
        try
        {
            _rung.Release();
        }
        catch (SemaphoreFullException)
        {
            // It is rung already.
        }
    }

    public void Dispose() => _rung.Dispose();

    public Task WaitAsync(TimeSpan atMost, CancellationToken cancel) => _rung.WaitAsync(atMost, cancel);
}
