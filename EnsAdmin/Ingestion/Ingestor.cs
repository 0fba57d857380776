using EnsAdmin.Access;
using EnsAdmin.Catalog;
using EnsAdmin.Data;
using EnsAdmin.Dispatch;
using EnsAdmin.Domain;
using EnsAdmin.Enrichment;
using EnsAdmin.Shared;
using Microsoft.Extensions.Options;

namespace EnsAdmin.Ingestion;

/// <summary>Stores events and queues their deliveries in one transaction, all of a request or nothing.</summary>
public sealed class Ingestor(EventReader reader, GroupCommitWriter writer, EventCatalog catalog, AccessTable table, FragmentReader fragmentReader, EventEnrichment enrichment, Dispatcher dispatcher, DueBoard due, DiskSpace disk, IngestMetrics metrics, ChangeFeed changes, IOptions<DeliveryOptions> delivery, TimeProvider time)
{
    /// <param name="requestId">The request's own id, for events that carry no apiRequestId.</param>
    /// <param name="traceParent">The request's place in a distributed trace; null for none.</param>
    public async Task<IngestResult> IngestAsync(ReadOnlyMemory<byte> body, int orgId, string requestId, string? traceParent)
    {
        var learns = table.FindOrganization(orgId)?.LearnsFromEvents ?? false;
        var (events, isArray, refusal) = reader.Read(body, orgId, requestId, name => learns || FragmentReader.TellsDeletions(name) || IsEnriched(orgId, name));
        if (refusal is not null) return refusal;
        if (disk.IsLow) return new IngestResult.DiskFull();
        using var claims = dispatcher.OpenClaims();
        if (writer.TryRunAsync(sql => Store(sql, orgId, events, learns, traceParent, claims)) is not { } storing) return new IngestResult.Busy();

        Stored stored;
        try
        {
            stored = await storing;
        }
        catch (EventIdTakenException e)
        {
            return new IngestResult.Conflict(new ApiError(409, $"The eventId '{events[e.Index].Message.EventId}' belongs to another event.", isArray ? $"/{e.Index}/eventId" : "/eventId"));
        }

        claims.Start();
        foreach (var (i, accepted) in stored.Accepted.Index())
            if (stored.New[i]) metrics.Accepted(events[i].Message, accepted.Deliveries);
        foreach (var webhookId in stored.Waiting) due.Add(webhookId, stored.Now);
        foreach (var webhookId in stored.Webhooks) changes.Publish(Topics.Deliveries(webhookId));
        if (stored.Taught) changes.Publish(Topics.Directory(orgId));

        return new IngestResult.Accepted(stored.Accepted, isArray);
    }

    private Stored Store(SqliteHotPath sql, int orgId, IReadOnlyList<PublishedEvent> events, bool learns, string? traceParent, DirectClaims claims)
    {
        claims.BeginTransaction();
        var now = time.GetUtcNow();
        var accepted = new List<AcceptedEvent>(events.Count);
        var isNew = new bool[events.Count];
        var (added, lessons) = (new List<Added>(events.Count), new List<(NewEvent, EventFragments)>());
        for (var i = 0; i < events.Count; i++)
        {
            var e = traceParent is null ? events[i].Message : events[i].Message with { TraceParent = traceParent };
            var receivers = Match(e);
            if (sql.InsertEvent(e, receivers.Count, now.UtcTicks) is not { } messageId)
            {
                var known = sql.FindEvent(e.OrgId, e.EventId);
                if (!known.Fingerprint.AsSpan().SequenceEqual(e.Fingerprint)) throw new EventIdTakenException(i);
                accepted.Add(new AcceptedEvent(e.EventId, known.DeliveryCount));
                continue;
            }

            isNew[i] = true;
            accepted.Add(new AcceptedEvent(e.EventId, receivers.Count));
            // A webhook may have asked for enrichment only since the event was read.
            var fragments = events[i].WasSearched || !AsksAny(receivers) ? events[i].Fragments : fragmentReader.Read(e);
            if (fragments is not null && (learns || fragments.IsDeletion)) lessons.Add((e, fragments)); // Who is deleted is forgotten in any case.
            added.Add(new Added(messageId, e, fragments?.Takes ?? EnrichmentFacts.None, receivers));
        }

        var taught = enrichment.Learn(sql, orgId, lessons, learns);
        return Enqueue(sql, added, claims, now) with { Accepted = accepted, New = isNew, Taught = taught };
    }

    private Stored Enqueue(SqliteHotPath sql, List<Added> added, DirectClaims claims, DateTimeOffset now)
    {
        var (webhooks, waiting) = (new HashSet<string>(), new HashSet<string>());
        foreach (var (messageId, e, takes, receivers) in added)
        {
            foreach (var webhook in receivers)
            {
                webhooks.Add(webhook.Id);
                var expiresAt = now + (webhook.ReplayWindow ?? delivery.Value.ReplayWindow);
                var facts = webhook.Enrichment & takes;
                if (claims.TryClaim(sql, webhook, messageId, e, now, expiresAt, facts)) continue;
                sql.Enqueue(webhook, messageId, now.UtcTicks, expiresAt.UtcTicks, facts);
                waiting.Add(webhook.Id);
            }
        }

        return new Stored([], [], webhooks, waiting, now.UtcTicks);
    }

    /// <summary>Whether a webhook that gets such events asks for enrichment.</summary>
    private bool IsEnriched(int orgId, string eventName) => AsksAny(writer.Webhooks.ReceiversOf(orgId, catalog.SubscriptionNamesFor(eventName)));

    private static bool AsksAny(IReadOnlyList<WebhookSnapshot> receivers)
    {
        foreach (var webhook in receivers)
            if (webhook.Enrichment != EnrichmentFacts.None) return true;
        return false;
    }

    private IReadOnlyList<WebhookSnapshot> Match(NewEvent e) => writer.Webhooks.ReceiversOf(e.OrgId, catalog.SubscriptionNamesFor(e.EventName));

    /// <param name="Waiting">Of the webhooks those that have to claim.</param>
    /// <param name="Taught">Whether the directory has learned something.</param>
    private sealed record Stored(IReadOnlyList<AcceptedEvent> Accepted, bool[] New, IReadOnlyCollection<string> Webhooks, IReadOnlyCollection<string> Waiting, long Now, bool Taught = false);

    /// <param name="Takes">The facts that have a place in it.</param>
    private sealed record Added(long MessageId, NewEvent Message, EnrichmentFacts Takes, IReadOnlyList<WebhookSnapshot> Receivers);

    /// <summary>Leaves the transaction: nothing of the request may stay.</summary>
    private sealed class EventIdTakenException(int index) : Exception
    {
        public int Index => index;
    }
}
