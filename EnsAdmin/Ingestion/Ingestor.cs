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
public sealed class Ingestor(EventReader reader, GroupCommitWriter writer, EventCatalog catalog, AccessTable table, EventEnrichment enrichment, Dispatcher dispatcher, DueBoard due, DiskSpace disk, IngestMetrics metrics, ChangeFeed changes, IOptions<DeliveryOptions> delivery, TimeProvider time)
{
    private const int WorthPreparing = 8;

    /// <param name="requestId">The request's own id, for events that carry no apiRequestId.</param>
    /// <param name="traceParent">The request's place in a distributed trace; null for none.</param>
    public async Task<IngestResult> IngestAsync(ReadOnlyMemory<byte> body, int orgId, string requestId, string? traceParent)
    {
        var learns = table.FindOrganization(orgId)?.LearnsFromEvents ?? false;
        var (events, isArray, refusal) = reader.Read(body, orgId, requestId, name => learns || FragmentReader.TellsDeletions(name) || IsEnriched(orgId, name));
        if (refusal is not null) return refusal;
        if (disk.IsLow) return new IngestResult.DiskFull();
        var prepared = Prepare(orgId, events);
        using var claims = dispatcher.OpenClaims();
        if (writer.TryRunAsync(sql => Store(sql, orgId, events, prepared, learns, traceParent, claims)) is not { } storing) return new IngestResult.Busy();

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

    private static readonly HashSet<EnrichmentFacts> NothingWanted = [];

    private Stored Store(SqliteHotPath sql, int orgId, IReadOnlyList<PublishedEvent> events, PreparedPayloads? prepared, bool learns, string? traceParent, DirectClaims claims)
    {
        claims.BeginTransaction();
        var now = time.GetUtcNow();
        var accepted = new List<AcceptedEvent>(events.Count);
        var isNew = new bool[events.Count];
        var (added, lessons, toEnrich) = (new List<Added>(events.Count), new List<(NewEvent, EventFragments)>(), new List<(int, long, NewEvent, EventToEnrich)>());
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
            var wanted = WantedBy(receivers);
            // A webhook may have asked for enrichment only since the event was read.
            var fragments = events[i].WasSearched || wanted.Count == 0 ? events[i].Fragments : enrichment.Read(e);
            if (fragments is not null && (learns || fragments.IsDeletion)) lessons.Add((e, fragments)); // Who is deleted is forgotten in any case.
            if (wanted.Count > 0 && fragments is not null) toEnrich.Add((i, messageId, e, new EventToEnrich(fragments, wanted)));
            added.Add(new Added(messageId, e, fragments, receivers));
        }

        var taught = enrichment.Learn(sql, orgId, lessons, learns);
        return Enqueue(sql, added, enrichment.Enrich(sql, orgId, toEnrich, prepared), claims, now) with { Accepted = accepted, New = isNew, Taught = taught };
    }

    private Stored Enqueue(SqliteHotPath sql, List<Added> added, EnrichedCopies copies, DirectClaims claims, DateTimeOffset now)
    {
        var (webhooks, waiting) = (new HashSet<string>(), new HashSet<string>());
        foreach (var (messageId, e, fragments, receivers) in added)
        {
            foreach (var webhook in receivers)
            {
                webhooks.Add(webhook.Id);
                var expiresAt = now + (webhook.ReplayWindow ?? delivery.Value.ReplayWindow);
                var enriched = copies.Of(messageId, fragments, webhook.Enrichment);
                if (claims.TryClaim(sql, webhook, messageId, e, now, expiresAt, enriched)) continue;
                sql.Enqueue(webhook, messageId, now.UtcTicks, expiresAt.UtcTicks, enriched);
                waiting.Add(webhook.Id);
            }
        }

        return new Stored([], [], webhooks, waiting, now.UtcTicks);
    }

    /// <summary>What can be done before the writer's turn. For a few events it would cost more than it saves: a reader's connection reads every page anew after each commit.</summary>
    private PreparedPayloads? Prepare(int orgId, IReadOnlyList<PublishedEvent> events)
    {
        if (events.Count < WorthPreparing) return null;
        List<(int, NewEvent, EventToEnrich)>? toEnrich = null;
        foreach (var (i, (message, _, fragments)) in events.Index())
            if (fragments is not null && WantedBy(Match(message)) is { Count: > 0 } wanted) (toEnrich ??= []).Add((i, message, new EventToEnrich(fragments, wanted)));
        return toEnrich is null ? null : enrichment.Prepare(orgId, toEnrich);
    }

    private static HashSet<EnrichmentFacts> WantedBy(IReadOnlyList<WebhookSnapshot> receivers)
    {
        HashSet<EnrichmentFacts>? wanted = null;
        foreach (var webhook in receivers)
            if (webhook.Enrichment != 0) (wanted ??= []).Add(webhook.Enrichment);
        return wanted ?? NothingWanted;
    }

    /// <summary>Whether a webhook that gets such events asks for enrichment.</summary>
    private bool IsEnriched(int orgId, string eventName)
    {
        foreach (var webhook in writer.Webhooks.ReceiversOf(orgId, catalog.SubscriptionNamesFor(eventName)))
            if (webhook.Enrichment != EnrichmentFacts.None) return true;
        return false;
    }

    private IReadOnlyList<WebhookSnapshot> Match(NewEvent e) => writer.Webhooks.ReceiversOf(e.OrgId, catalog.SubscriptionNamesFor(e.EventName));

    /// <param name="Waiting">Of the webhooks those that have to claim.</param>
    /// <param name="Taught">Whether the directory has learned something.</param>
    private sealed record Stored(IReadOnlyList<AcceptedEvent> Accepted, bool[] New, IReadOnlyCollection<string> Webhooks, IReadOnlyCollection<string> Waiting, long Now, bool Taught = false);

    private sealed record Added(long MessageId, NewEvent Message, EventFragments? Fragments, IReadOnlyList<WebhookSnapshot> Receivers);

    /// <summary>Leaves the transaction: nothing of the request may stay.</summary>
    private sealed class EventIdTakenException(int index) : Exception
    {
        public int Index => index;
    }
}
