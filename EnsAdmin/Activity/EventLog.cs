using System.Text.Json.Serialization;
using EnsAdmin.Data;
using EnsAdmin.Dispatch;
using EnsAdmin.Domain;
using Microsoft.EntityFrameworkCore;

namespace EnsAdmin.Activity;

/// <summary>What became of one event at one webhook; the names are those of the published API.</summary>
/// <param name="EventIngestionTimestamp">When it was accepted.</param>
/// <param name="EventStartTimestamp">When it was first tried; null before.</param>
/// <param name="EventEndTimestamp">When it was delivered or given up; null before.</param>
/// <param name="SlaBreachTimestamp">When it had missed its SLA; null when it has not.</param>
/// <param name="NextAttemptAt">When the next attempt may be made; null where none is to come, or it waits for its webhook, as the reason says.</param>
/// <param name="ExpiresAt">The end of its replay window; null when it has ended.</param>
/// <param name="ConsumerResponse">Of the last attempt; null before the first.</param>
public sealed record EventLogEntry(long DeliveryId, string? RefId, string? RequestId, string EventName, string EventId, string WebHookId, Guid ConsumerGroupId, string Status, int Attempts, string? Reason,
    DateTimeOffset EventIngestionTimestamp, DateTimeOffset? EventStartTimestamp, DateTimeOffset? EventEndTimestamp, DateTimeOffset? SlaBreachTimestamp,
    DateTimeOffset? NextAttemptAt, DateTimeOffset? ExpiresAt, ConsumerResponse? ConsumerResponse);

/// <param name="WebhookHttpStatus">Null when there was no answer.</param>
/// <param name="TimeTaken">Milliseconds.</param>
public sealed record ConsumerResponse(int? WebhookHttpStatus, [property: JsonPropertyName("time_taken")] double TimeTaken);

/// <param name="EventTypes">All names of an event type; null for every type.</param>
/// <param name="SearchKey">An eventId or a refId.</param>
public sealed record EventLogFilter(IReadOnlyList<string>? EventTypes, string? SearchKey, string? RequestId);

/// <param name="NextCursor">To be given as <c>cursor</c> for the next page; null on the last.</param>
public sealed record EventLogPage(IReadOnlyList<EventLogEntry> Logs, long? NextCursor);

/// <param name="AverageDeliveryTime">Milliseconds from accepted to delivered; null while none is delivered.</param>
public sealed record ConsumerGroupMetrics(long TotalEvents, long DeliveredEvents, long FailedEvents, long RetryingEvents, long PendingEvents, long CancelledEvents, long SlaBreaches, double? AverageDeliveryTime);

/// <summary>Reads the event log of an organization.</summary>
public sealed class EventLog(EnsContexts contexts, DueBoard due)
{
    /// <summary>An event may go to every webhook; a request may carry many events.</summary>
    private const int MostEntries = 1000;

    public Task<IReadOnlyList<EventLogEntry>> OfEventAsync(int orgId, string eventId, CancellationToken cancel) => OfAsync(orgId, e => e.Where(x => x.EventId == eventId), cancel);
    public Task<IReadOnlyList<EventLogEntry>> OfRefAsync(int orgId, string refId, CancellationToken cancel) => OfAsync(orgId, e => e.Where(x => x.RefId == refId), cancel);
    public Task<IReadOnlyList<EventLogEntry>> OfRequestAsync(int orgId, string requestId, CancellationToken cancel) => OfAsync(orgId, e => e.Where(x => x.ApiRequestId == requestId), cancel);

    /// <returns>Null when the organization has no such consumer group.</returns>
    public async Task<EventLogPage?> PageAsync(int orgId, Guid consumerGroupId, EventLogFilter filter, bool newestFirst, int limit, long? cursor, CancellationToken cancel)
    {
        await using var db = contexts.Of(orgId);
        if (await WebhookOfAsync(db, consumerGroupId, cancel) is not { } webhookId) return null;
        var deliveries = db.Deliveries.Where(d => d.WebhookId == webhookId);
        if (cursor is { } from) deliveries = newestFirst ? deliveries.Where(d => d.Id < from) : deliveries.Where(d => d.Id > from);
        deliveries = newestFirst ? deliveries.OrderByDescending(d => d.Id) : deliveries.OrderBy(d => d.Id);
        IQueryable<EventMessage> events = db.EventMessages;
        if (filter.EventTypes is { } types) events = events.Where(e => types.Contains(e.EventName));
        if (filter.SearchKey is { } key) events = events.Where(e => e.EventId == key || e.RefId == key);
        if (filter.RequestId is { } request) events = events.Where(e => e.ApiRequestId == request);
        var rows = await ReadAsync(db, deliveries, events, limit + 1, cancel);
        return new EventLogPage([.. rows.Take(limit)], rows.Count > limit ? rows[limit - 1].DeliveryId : null);
    }

    /// <param name="since">Counts what was accepted from the hour of this moment on; null for all that is kept.</param>
    /// <returns>Null when the organization has no such consumer group.</returns>
    public async Task<ConsumerGroupMetrics?> MetricsAsync(int orgId, Guid consumerGroupId, DateTimeOffset? since, CancellationToken cancel)
    {
        await using var db = contexts.Of(orgId);
        if (await WebhookOfAsync(db, consumerGroupId, cancel) is not { } webhookId) return null;
        var from = since is { } s ? s.AddTicks(-(s.UtcTicks % TimeSpan.TicksPerHour)) : DateTimeOffset.MinValue;
        var hours = await db.DeliveryCounts.AsNoTracking().Where(c => c.WebhookId == webhookId && c.Hour >= from).ToListAsync(cancel);
        long Sum(Func<DeliveryCounts, long> of) => hours.Sum(of);
        var delivered = Sum(h => h.Delivered);
        return new ConsumerGroupMetrics(Sum(h => h.Pending + h.Retrying + h.Delivered + h.Failed + h.Expired + h.Cancelled), delivered, Sum(h => h.Failed + h.Expired), Sum(h => h.Retrying),
            Sum(h => h.Pending), Sum(h => h.Cancelled), Sum(h => h.SlaBreaches), delivered == 0 ? null : hours.Sum(h => h.LatencyMs) / delivered);
    }

    private async Task<IReadOnlyList<EventLogEntry>> OfAsync(int orgId, Func<IQueryable<EventMessage>, IQueryable<EventMessage>> which, CancellationToken cancel)
    {
        await using var db = contexts.Of(orgId);
        return await ReadAsync(db, db.Deliveries.OrderByDescending(d => d.Id), which(db.EventMessages), MostEntries, cancel);
    }

    /// <summary>Also of a webhook that was deleted: its history is still there to be read.</summary>
    private static Task<string?> WebhookOfAsync(EnsDbContext db, Guid consumerGroupId, CancellationToken cancel) =>
        db.Webhooks.Where(w => w.ConsumerGroupId == consumerGroupId).Select(w => (string?)w.Id).FirstOrDefaultAsync(cancel);

    private async Task<IReadOnlyList<EventLogEntry>> ReadAsync(EnsDbContext db, IQueryable<Delivery> deliveries, IQueryable<EventMessage> events, int limit, CancellationToken cancel)
    {
        var rows = await (
            from d in deliveries
            join e in events on d.EventMessageId equals e.Id
            join w in db.Webhooks on d.WebhookId equals w.Id
            where d.Trigger != AttemptTrigger.Test
            select new
            {
                d.Id, e.RefId, e.ApiRequestId, e.EventName, e.EventId, d.WebhookId, w.ConsumerGroupId, d.Status, d.Attempts, d.Reason, d.AcceptedAt, d.EndedAt, d.SlaBreachedAt, d.DueAt, d.ExpiresAt, Held = !w.Active,
                First = db.Attempts.Where(a => a.DeliveryId == d.Id).OrderBy(a => a.Id).Select(a => (DateTimeOffset?)a.StartedAt).FirstOrDefault(),
                Last = db.Attempts.Where(a => a.DeliveryId == d.Id).OrderByDescending(a => a.Id).Select(a => new { a.StatusCode, a.DurationMs }).FirstOrDefault(),
            }).Take(limit).ToListAsync(cancel);
        return [.. rows.Select(r => (Row: r, Failing: due.IsFailing(r.WebhookId))).Select(x => new EventLogEntry(x.Row.Id, x.Row.RefId, x.Row.ApiRequestId, x.Row.EventName, x.Row.EventId, x.Row.WebhookId, x.Row.ConsumerGroupId,
            StatusWords.Of(x.Row.Status).Word, x.Row.Attempts, StatusWords.OnItsWay(x.Row.Status, x.Row.Reason, x.Row.Held, x.Failing) ?? x.Row.Reason, x.Row.AcceptedAt, x.Row.First, x.Row.EndedAt, x.Row.SlaBreachedAt,
            StatusWords.NextAttemptAt(x.Row.Status, x.Row.DueAt, x.Row.Held, x.Failing), x.Row.EndedAt is null ? x.Row.ExpiresAt : null, x.Row.Last is null ? null : new ConsumerResponse(x.Row.Last.StatusCode, x.Row.Last.DurationMs)))];
    }
}
