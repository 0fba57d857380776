using System.Text.Json;
using EnsAdmin.Data;
using EnsAdmin.Domain;
using Microsoft.Data.Sqlite;

namespace EnsAdmin.Enrichment;

/// <summary>
/// What the directory learns from events and adds to them. When an event comes in, in its own transaction, it teaches what it carries, and it is settled what its payloads
/// get: the facts that each webhook asks for, as the directory knows them then. They are put together when they are first needed, to be sent or to be shown.
/// </summary>
public sealed partial class EventEnrichment(FragmentReader reader, DirectoryReaders directory, TimeProvider time, ILogger<EventEnrichment> log)
{
    /// <summary>Teaches the directory what new events carry.</summary>
    /// <param name="learns">Whether the organization lets them; where it does not, who is said to be deleted is forgotten all the same.</param>
    /// <returns>Whether any of it was new to it.</returns>
    public bool Learn(SqliteHotPath sql, int orgId, IReadOnlyList<(NewEvent Message, EventFragments Fragments)> events, bool learns)
    {
        if (events.Count == 0) return false;
        var before = sql.Directory.Written;
        new Learner(sql.Directory, orgId, learns, time.GetUtcNow().UtcTicks).Learn(events);
        return sql.Directory.Written > before;
    }

    /// <summary>Of what a webhook asks for, the facts that have a place in an event that nobody has read.</summary>
    public EnrichmentFacts FactsFor(NewEvent message, EnrichmentFacts wanted) => wanted == 0 ? 0 : wanted & (reader.Read(message)?.Takes ?? 0);

    /// <summary>Makes payloads of what the directory knew when their events came in: the same as often as they are made.</summary>
    /// <returns>By their places.</returns>
    /// <exception cref="SqliteException">The directory can't be read.</exception>
    public MadePayload[] Make(IReadOnlyList<PayloadToMake> payloads)
    {
        var read = new EventFragments?[payloads.Count];
        var questions = new List<DirectoryQuestion>(payloads.Count);
        foreach (var (i, payload) in payloads.Index())
        {
            using var message = JsonDocument.Parse(payload.Body);
            if ((read[i] = reader.Read(payload.EventName, message.RootElement, payload.ApiRequestId)) is not { } fragments) continue;
            questions.Add(new DirectoryQuestion(payload.OrgId, payload.EnrichedId, Enricher.NeedsOf(fragments, EnrichedBody.FactsOf(payload.EnrichedId))));
        }

        var answers = new Queue<(DirectoryFacts Known, MadePayload? Made)>(directory.Look(questions));
        return [.. payloads.Select((payload, i) =>
        {
            if (read[i] is not { } fragments) return new MadePayload(null, null);
            var (known, made) = answers.Dequeue();
            return made ?? Enricher.Enrich(fragments, EnrichedBody.FactsOf(payload.EnrichedId), known, payload.OccurredAt);
        })];
    }

    /// <summary>The same where one that can't be made must not hold up the others.</summary>
    /// <returns>By their places; null for what can't be made.</returns>
    public MadePayload?[] TryMake(IReadOnlyList<PayloadToMake> payloads)
    {
        try
        {
            return Make(payloads);
        }
        catch (SqliteException e) when (e.SqliteErrorCode != SqliteCodes.Corrupt)
        {
            return new MadePayload?[payloads.Count]; // None of them can.
        }
        catch (Exception) when (payloads.Count > 1)
        {
            return [.. payloads.Select(p => TryMake([p])[0])];
        }
        catch (Exception e)
        {
            CannotBeMade(e, payloads[0].EventName, EnrichedBody.EventOf(payloads[0].EnrichedId), payloads[0].OrgId);
            return [null];
        }
    }

    /// <summary>The same deliveries with their payloads made, once for all that send the same; those that can't be made as they are.</summary>
    public IReadOnlyList<ClaimedDelivery> Complete(IReadOnlyList<ClaimedDelivery> deliveries)
    {
        var toMake = deliveries.Select(d => d.ToMake).OfType<PayloadToMake>().DistinctBy(p => p.EnrichedId).ToList();
        if (toMake.Count == 0) return deliveries;
        var made = TryMake(toMake).Zip(toMake).ToDictionary(p => p.Second.EnrichedId, p => p.First);
        return [.. deliveries.Select(d => d.ToMake is { } payload && made[payload.EnrichedId] is { } own ? d.With(own) : d)];
    }

    [LoggerMessage(LogLevel.Warning, "The payload of {EventName}, event {EventMessageId} of organization {OrgId}, can't be made with the facts that its webhook asks for")]
    private partial void CannotBeMade(Exception e, string eventName, long eventMessageId, int orgId);
}
