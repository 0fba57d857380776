using System.Text;
using EnsAdmin.Data;
using EnsAdmin.Dispatch;
using EnsAdmin.Domain;
using EnsAdmin.Enrichment;
using Microsoft.EntityFrameworkCore;

namespace EnsAdmin.Activity;

/// <summary>A row of a webhook's delivery log.</summary>
/// <param name="Reason">What came of the last attempt, in words; null before the first.</param>
/// <param name="Latency">From accepted, or from when its replay was asked for, to delivered; null while it is not delivered.</param>
/// <param name="DueAt">When the next attempt may be made.</param>
public sealed record DeliveryRow(long Id, string EventName, string EventId, DateTimeOffset OccurredAt, DeliveryStatus Status, string? Reason,
    int Attempts, TimeSpan? Latency, DateTimeOffset DueAt, bool SlaBreached, bool IsTest = false);

/// <summary>One page of the log, newest first. <paramref name="NextBefore"/> is null on the last page.</summary>
public sealed record DeliveryRows(IReadOnlyList<DeliveryRow> Rows, long? NextBefore);

/// <summary>One HTTP call as the delivery page shows it.</summary>
/// <param name="Request">Method, address and headers, one a line; values of configured headers masked.</param>
/// <param name="ResponseStart">The first 4 KiB of the answer.</param>
public sealed record AttemptDetails(int Number, AttemptTrigger Trigger, AttemptOutcome Outcome, int? StatusCode, string Reason, DateTimeOffset StartedAt,
    TimeSpan Duration, string Request, string? ResponseHeaders, string? ResponseStart);

/// <summary>A delivery with everything that was tried.</summary>
/// <param name="Body">The JSON that is sent, the same on every replay.</param>
/// <param name="OriginalBody">The event as it came, where the body has more than that; else null.</param>
/// <param name="Held">Whether its webhook is inactive: what waits is not sent.</param>
/// <param name="Failing">Whether its webhook fails: what waits is not sent when it is due, while one call at a time probes it.</param>
/// <param name="Deleted">Whether its webhook was deleted: nothing can be replayed.</param>
public sealed record DeliveryDetails(long Id, string WebhookId, string WebhookName, string EventName, string EventId, string? RefId, string? ApiRequestId, DateTimeOffset OccurredAt,
    DateTimeOffset AcceptedAt, DeliveryStatus Status, string? Reason, DateTimeOffset DueAt, DateTimeOffset ExpiresAt, DateTimeOffset? EndedAt, string Body, bool Held, bool IsTest,
    IReadOnlyList<AttemptDetails> Attempts, bool Failing, bool Deleted, string? OriginalBody = null)
{
    /// <summary>What the webhook asked for and the directory did not know, in words.</summary>
    public IReadOnlyList<string> Unknown { get; init; } = [];

    /// <summary>When a forgotten customer's identifiers were last taken out of its payload; null where none were.</summary>
    public DateTimeOffset? MaskedAt { get; init; }
}

/// <summary>Reads what was sent to a webhook.</summary>
public sealed class DeliveryLog(EnsContexts contexts, EventEnrichment enrichment, DueBoard due, TimeProvider time)
{
    /// <param name="before">The <see cref="DeliveryRows.NextBefore"/> of the page before; null for the newest.</param>
    public async Task<DeliveryRows> PageAsync(int orgId, string webhookId, long? before = null, int size = 50, CancellationToken cancel = default)
    {
        await using var db = contexts.Of(orgId);
        var rows = await (
            from d in db.Deliveries.AsNoTracking()
            where d.WebhookId == webhookId && (before == null || d.Id < before)
            join e in db.EventMessages on d.EventMessageId equals e.Id
            orderby d.Id descending
            select new { d.Id, e.EventName, e.EventId, e.OccurredAt, d.Status, d.Reason, d.Attempts, d.AcceptedAt, d.ReplayedAt, d.EndedAt, d.DueAt, d.SlaDueAt, d.SlaBreachedAt, d.Trigger })
            .Take(size + 1).ToListAsync(cancel);

        var now = time.GetUtcNow();
        return new DeliveryRows(
            [.. rows.Take(size).Select(d => new DeliveryRow(d.Id, d.EventName, d.EventId, d.OccurredAt, d.Status, d.Reason, d.Attempts,
                d.Status == DeliveryStatus.Delivered ? d.EndedAt - (d.ReplayedAt ?? d.AcceptedAt) : null, d.DueAt,
                d.SlaBreachedAt is not null || (d.EndedAt is null && d.SlaDueAt < now), d.Trigger == AttemptTrigger.Test))],
            rows.Count > size ? rows[size - 1].Id : null);
    }

    /// <param name="webhookId">Null for whichever it went to.</param>
    public async Task<DeliveryDetails?> FindAsync(int orgId, string? webhookId, long id, CancellationToken cancel = default)
    {
        await using var db = contexts.Of(orgId);
        var found = await (
            from d in db.Deliveries.AsNoTracking()
            where d.Id == id && (webhookId == null || d.WebhookId == webhookId)
            join e in db.EventMessages on d.EventMessageId equals e.Id
            join w in db.Webhooks on d.WebhookId equals w.Id
            // One statement: a delivery is never shown with the attempts of another moment.
            select new
            {
                Delivery = d, Event = e, Webhook = w.Name, Held = !w.Active, Deleted = w.DeletedAt != null,
                Enriched = db.EnrichedBodies.Where(b => b.Id == d.EnrichedId).Select(b => new MadePayload(b.Body, b.Unknown)).FirstOrDefault(),
                Attempts = db.Attempts.Where(a => a.DeliveryId == d.Id).OrderByDescending(a => a.Id).ToList(),
            }).AsSingleQuery().SingleOrDefaultAsync(cancel);
        if (found is null) return null;

        var (delivery, message, made) = (found.Delivery, found.Event, found.Enriched);
        if (made is null && delivery is { ToEnrich: true, EnrichedId: { } enrichedId })
            made = enrichment.TryMake([new PayloadToMake(enrichedId, orgId, message.EventName, message.ApiRequestId, message.OccurredAt.UtcTicks, message.Body)])[0] ?? new MadePayload(null, "the payload can't be made at the moment; this is the event as it came");
        return new DeliveryDetails(delivery.Id, delivery.WebhookId, found.Webhook, message.EventName, message.EventId, message.RefId, message.ApiRequestId, message.OccurredAt,
            delivery.AcceptedAt, delivery.Status, delivery.Reason, delivery.DueAt, delivery.ExpiresAt, delivery.EndedAt,
            Encoding.UTF8.GetString(PayloadAdditions.Apply(message.Body, made?.Added)), found.Held, delivery.Trigger == AttemptTrigger.Test,
            [.. found.Attempts.Select(a => new AttemptDetails(a.Number, a.Trigger, a.Outcome, a.StatusCode, a.Reason, a.StartedAt,
                TimeSpan.FromMilliseconds(a.DurationMs), a.Request, a.ResponseHeaders, a.ResponseStart is null ? null : Encoding.UTF8.GetString(a.ResponseStart)))], due.IsFailing(delivery.WebhookId), found.Deleted,
            made?.Added is null ? null : Encoding.UTF8.GetString(message.Body))
        {
            Unknown = made?.Unknown?.Split('\n') ?? [], MaskedAt = message.MaskedAt,
        };
    }
}
