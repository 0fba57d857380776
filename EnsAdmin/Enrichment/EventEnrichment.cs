using System.Text.Json;
using EnsAdmin.Data;
using EnsAdmin.Domain;

namespace EnsAdmin.Enrichment;

/// <summary>What ingest does with the fragments of its events, inside its own transaction and on the writer's thread: learns, then looks up once for all, then makes the payloads.</summary>
public sealed class EventEnrichment(FragmentReader reader, TimeProvider time)
{
    /// <summary>As <see cref="FragmentReader.Read"/>, of bytes that nobody has parsed.</summary>
    public EventFragments? Read(NewEvent message)
    {
        using var parsed = JsonDocument.Parse(message.Body);
        return reader.Read(message.EventName, parsed.RootElement, message.ApiRequestId);
    }

    /// <summary>Teaches the directory what new events carry.</summary>
    public void Learn(SqliteHotPath sql, int orgId, IReadOnlyList<(NewEvent Message, EventFragments Fragments)> events)
    {
        if (events.Count > 0) new Learner(sql.Directory, orgId, time.GetUtcNow().UtcTicks).Learn(events);
    }

    /// <summary>Makes and stores the payloads of these events, by the ids of the events: one for all webhooks that ask for the same.</summary>
    public EnrichedCopies Enrich(SqliteHotPath sql, int orgId, IReadOnlyList<(long MessageId, NewEvent Message, EventToEnrich Event)> events)
    {
        var copies = new EnrichedCopies();
        if (events.Count == 0) return copies;
        var facts = sql.Directory.Look(orgId, Enricher.NeedsOf(events.Select(e => e.Event)));
        foreach (var (messageId, message, e) in events)
        {
            foreach (var wanted in e.Wanted)
            {
                var id = EnrichedBody.IdOf(messageId, wanted & e.Fragments.Takes);
                if ((wanted & e.Fragments.Takes) == 0 || copies.Has(id)) continue;
                var (body, unknown) = Enricher.Enrich(e.Payload, e.Fragments, wanted & e.Fragments.Takes, facts, message.OccurredAt);
                var copy = body is null && unknown is null ? null : new EnrichedCopy(id, body, unknown);
                copies.Add(id, copy);
                if (copy is not null) sql.InsertEnriched(orgId, copy);
            }
        }

        return copies;
    }
}

/// <summary>The payloads that were made in a transaction.</summary>
public sealed class EnrichedCopies
{
    private readonly Dictionary<long, EnrichedCopy?> _byId = [];

    /// <summary>What to send to a webhook; null for the event as it came.</summary>
    /// <param name="fragments">Of the event; null where it has none.</param>
    public EnrichedCopy? Of(long messageId, EventFragments? fragments, EnrichmentFacts wanted) =>
        fragments is null || (wanted & fragments.Takes) == 0 ? null : _byId.GetValueOrDefault(EnrichedBody.IdOf(messageId, wanted & fragments.Takes));

    internal bool Has(long id) => _byId.ContainsKey(id);

    internal void Add(long id, EnrichedCopy? copy) => _byId.Add(id, copy);
}
