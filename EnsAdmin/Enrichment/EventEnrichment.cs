using System.Text.Json;
using EnsAdmin.Data;
using EnsAdmin.Domain;

namespace EnsAdmin.Enrichment;

/// <summary>
/// What ingest does with the fragments of its events: makes payloads of what is known before its turn, and on the writer's thread, inside its own transaction, learns, sees
/// whether what was read still holds, looks up anew where it does not, and stores.
/// </summary>
public sealed class EventEnrichment(FragmentReader reader, DirectoryAhead ahead, TimeProvider time)
{
    /// <summary>As <see cref="FragmentReader.Read"/>, of bytes that nobody has parsed.</summary>
    public EventFragments? Read(NewEvent message)
    {
        using var parsed = JsonDocument.Parse(message.Body);
        return reader.Read(message.EventName, parsed.RootElement, message.ApiRequestId);
    }

    /// <summary>Teaches the directory what new events carry.</summary>
    /// <param name="learns">Whether the organization lets them; where it does not, who is said to be deleted is forgotten all the same.</param>
    /// <returns>Whether any of it was new to it.</returns>
    public bool Learn(SqliteHotPath sql, int orgId, IReadOnlyList<(NewEvent Message, EventFragments Fragments)> events, bool learns)
    {
        if (events.Count == 0) return false;
        var before = sql.Directory.Changes.Count;
        new Learner(sql.Directory, orgId, learns, time.GetUtcNow().UtcTicks).Learn(events);
        return sql.Directory.Changes.Count > before;
    }

    /// <summary>Looks up and makes payloads before the transaction, so that the writer's thread has only to store them.</summary>
    /// <param name="events">By their place in the request.</param>
    public PreparedPayloads? Prepare(int orgId, IReadOnlyList<(int Index, NewEvent Message, EventToEnrich Event)> events)
    {
        if (events.Count == 0) return null;
        var needs = Enricher.NeedsOf(events.Select(e => e.Event));
        if (ahead.Look(orgId, needs) is not { } read) return null;
        var made = new Dictionary<(int, EnrichmentFacts), (byte[]?, string?)>(events.Count);
        foreach (var (index, message, e) in events)
            foreach (var wanted in e.Wanted)
                if ((wanted & e.Fragments.Takes) is var facts && facts != 0) made.TryAdd((index, facts), Enricher.Enrich(e.Fragments, facts, read.Facts, message.OccurredAt));
        return new PreparedPayloads(read.Mark, needs, made);
    }

    /// <summary>Stores the payloads of these events: one for all webhooks that ask for the same.</summary>
    /// <param name="prepared">What was made before; it counts while nothing of it has changed since.</param>
    public EnrichedCopies Enrich(SqliteHotPath sql, int orgId, IReadOnlyList<(int Index, long MessageId, NewEvent Message, EventToEnrich Event)> events, PreparedPayloads? prepared)
    {
        var copies = new EnrichedCopies();
        if (events.Count == 0) return copies;
        var holds = prepared is not null && sql.Directory.Changes.AreCurrent(orgId, prepared.Needs, prepared.Mark);
        DirectoryFacts? known = null;
        foreach (var (index, messageId, message, e) in events)
        {
            foreach (var wanted in e.Wanted)
            {
                var facts = wanted & e.Fragments.Takes;
                var id = EnrichedBody.IdOf(messageId, facts);
                if (facts == 0 || copies.Has(id)) continue;
                if (!holds || !prepared!.Made.TryGetValue((index, facts), out var made))
                    made = Enricher.Enrich(e.Fragments, facts, known ??= sql.Directory.Look(orgId, Enricher.NeedsOf(events.Select(x => x.Event))), message.OccurredAt);
                var copy = made is (null, null) ? null : new EnrichedCopy(id, made.Added, made.Unknown);
                copies.Add(id, copy);
                if (copy is not null) sql.InsertEnriched(orgId, copy);
            }
        }

        return copies;
    }

    /// <summary>The same for one event and what one webhook asks for.</summary>
    /// <returns>What to send; null for the event as it came.</returns>
    public EnrichedCopy? Enrich(SqliteHotPath sql, long messageId, NewEvent message, EnrichmentFacts wanted) => wanted == 0 || Read(message) is not { } fragments ? null
        : Enrich(sql, message.OrgId, [(0, messageId, message, new EventToEnrich(fragments, [wanted]))], null).Of(messageId, fragments, wanted);
}

/// <summary>Payloads that were made before the transaction of their events, with what they needed for it; as <see cref="ReadAhead"/>.</summary>
public sealed record PreparedPayloads(long Mark, DirectoryNeeds Needs, IReadOnlyDictionary<(int Index, EnrichmentFacts Facts), (byte[]? Added, string? Unknown)> Made);

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
