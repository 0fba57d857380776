using EnsAdmin.Catalog;
using EnsAdmin.Data;
using EnsAdmin.Dispatch;
using EnsAdmin.Shared;
using Microsoft.Extensions.Options;

namespace EnsAdmin.Ingestion;

/// <summary>Stores events and queues their deliveries in one transaction, all of a request or nothing.</summary>
public sealed class Ingestor(EventReader reader, GroupCommitWriter writer, EventCatalog catalog, Dispatcher dispatcher, DueBoard due, DiskSpace disk, IngestMetrics metrics, ChangeFeed changes, IOptions<DeliveryOptions> delivery, TimeProvider time)
{
    /// <param name="requestId">The request's own id, for events that carry no apiRequestId.</param>
    /// <param name="traceParent">The request's place in a distributed trace; null for none.</param>
    public async Task<IngestResult> IngestAsync(ReadOnlyMemory<byte> body, int orgId, string requestId, string? traceParent)
    {
        var (events, isArray, refusal) = reader.Read(body, orgId, requestId);
        if (refusal is not null) return refusal;
        if (disk.IsLow) return new IngestResult.DiskFull();
        using var claims = dispatcher.OpenClaims();
        if (writer.TryRunAsync(sql => Store(sql, events, traceParent, claims)) is not { } storing) return new IngestResult.Busy();

        Stored stored;
        try
        {
            stored = await storing;
        }
        catch (EventIdTakenException e)
        {
            return new IngestResult.Conflict(new ApiError(409, $"The eventId '{events[e.Index].EventId}' belongs to another event.", isArray ? $"/{e.Index}/eventId" : "/eventId"));
        }

        claims.Start();
        foreach (var (i, accepted) in stored.Accepted.Index())
            if (stored.New[i]) metrics.Accepted(events[i], accepted.Deliveries);
        foreach (var webhookId in stored.Waiting) due.Add(webhookId, stored.Now);
        foreach (var webhookId in stored.Webhooks) changes.Publish(Topics.Deliveries(webhookId));

        return new IngestResult.Accepted(stored.Accepted, isArray);
    }

    private Stored Store(SqliteHotPath sql, IReadOnlyList<NewEvent> events, string? traceParent, DirectClaims claims)
    {
        claims.BeginTransaction();
        var now = time.GetUtcNow();
        var accepted = new List<AcceptedEvent>(events.Count);
        var (webhooks, waiting) = (new HashSet<string>(), new HashSet<string>());
        var isNew = new bool[events.Count];
        for (var i = 0; i < events.Count; i++)
        {
            var e = traceParent is null ? events[i] : events[i] with { TraceParent = traceParent };
            var receivers = Match(e);
            if (sql.InsertEvent(e, receivers.Count, now.UtcTicks) is not { } messageId)
            {
                var known = sql.FindEvent(e.OrgId, e.EventId);
                if (!known.Fingerprint.AsSpan().SequenceEqual(e.Fingerprint)) throw new EventIdTakenException(i);
                accepted.Add(new AcceptedEvent(e.EventId, known.DeliveryCount));
                continue;
            }

            isNew[i] = true;
            foreach (var webhook in receivers)
            {
                webhooks.Add(webhook.Id);
                var expiresAt = now + (webhook.ReplayWindow ?? delivery.Value.ReplayWindow);
                if (claims.TryClaim(sql, webhook, messageId, e, now, expiresAt)) continue;
                sql.Enqueue(webhook, messageId, now.UtcTicks, expiresAt.UtcTicks);
                waiting.Add(webhook.Id);
            }

            accepted.Add(new AcceptedEvent(e.EventId, receivers.Count));
        }

        return new Stored(accepted, isNew, webhooks, waiting, now.UtcTicks);
    }

    /// <summary>The active webhooks that subscribe to the event under any of its names, each once.</summary>
    private List<WebhookSnapshot> Match(NewEvent e) =>
        [.. catalog.SubscriptionNamesFor(e.EventName).SelectMany(name => writer.Webhooks.SubscribedTo(e.OrgId, name)).Where(w => w.Active).DistinctBy(w => w.Id)];

    /// <param name="Waiting">Of the webhooks those that have to claim.</param>
    private sealed record Stored(IReadOnlyList<AcceptedEvent> Accepted, bool[] New, IReadOnlyCollection<string> Webhooks, IReadOnlyCollection<string> Waiting, long Now);

    /// <summary>Leaves the transaction: nothing of the request may stay.</summary>
    private sealed class EventIdTakenException(int index) : Exception
    {
        public int Index => index;
    }
}
