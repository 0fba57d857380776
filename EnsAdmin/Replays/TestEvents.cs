using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using EnsAdmin.Access;
using EnsAdmin.Catalog;
using EnsAdmin.Data;
using EnsAdmin.Dispatch;
using EnsAdmin.Domain;
using EnsAdmin.Enrichment;
using Microsoft.EntityFrameworkCore;

namespace EnsAdmin.Replays;

/// <summary>What came of a test event.</summary>
/// <param name="EventId">Begins with <c>test-</c>.</param>
/// <param name="Attempt">Null when it was not sent, since all of the webhook's connections stayed in use.</param>
/// <param name="LikeLast">Whether it was made of a real event, and not of the type's example.</param>
/// <param name="Instead">Why it was made of the example though the last real event was asked for, in a sentence; else null.</param>
public sealed record TestResult(string EventName, string EventId, long DeliveryId, AttemptResult? Attempt, bool LikeLast, string? Instead);

/// <summary>Sends a webhook one event to try it out, also an inactive one. Its id begins with <c>test-</c>, it is enriched like any other, an example as the form shows it, sent once, counts nowhere and teaches nothing.</summary>
public sealed class TestEvents(EnsContexts contexts, GroupCommitWriter writer, Dispatcher dispatcher, EventCatalog catalog, EventEnrichment enrichment, EnrichedExamples examples, Audit audit)
{
    private const string IdStart = "test-";
    private const int NewestLookedAt = 20_000;
    private const int NewestDeliveriesLookedAt = 100_000;

    /// <param name="eventName">An event type of the catalogue; null for the last real event of any that the webhook subscribes to, or the example of its first.</param>
    /// <param name="likeLast">Sends the last real event where there is one, else the example.</param>
    /// <returns>Null when there is no such webhook or event type.</returns>
    public async Task<TestResult?> SendAsync(int orgId, string webhookId, string? eventName, bool likeLast, Actor by, CancellationToken cancel)
    {
        if (await writer.FindWebhookAsync(orgId, webhookId) is not { } webhook) return null;
        IReadOnlyList<string> asked = eventName is null ? webhook.EventNames : [eventName];
        if (catalog.Find(asked[0]) is null) return null;

        var last = likeLast ? await LastAsync(orgId, webhookId, [.. asked.SelectMany(catalog.SubscriptionNamesFor).Distinct()], cancel) : null;
        var name = last?.EventName ?? asked[0];
        var message = last is null ? examples.BareOf(name, orgId) : JsonNode.Parse(last.Body)!.AsObject();
        var eventId = $"{IdStart}{Guid.NewGuid():N}";
        message["eventId"] = eventId;
        var body = Encoding.UTF8.GetBytes(message.ToJsonString());
        var note = audit.Entry(by, orgId, "webhook.tested", $"webhook {webhook.Name}", null, new { eventName = name, eventId });
        var test = new NewEvent(orgId, eventId, name, Text(message, "refId"), Text(message, "apiRequestId"), 0, [], body);
        var (facts, made) = last is null ? examples.Make(name, orgId, body, webhook.Enrichment) : (enrichment.FactsFor(test, webhook.Enrichment), null);
        var (deliveryId, result) = await dispatcher.SendTestAsync(webhook, test, facts, made, note, cancel);
        return new TestResult(name, eventId, deliveryId, result, last is not null, likeLast && last is null ? string.Create(CultureInfo.InvariantCulture,
            $"There is {(asked.Count == 1 ? $"no {name}" : $"none of its {asked.Count} event types")} among the newest {NewestLookedAt:N0} events, nor among the newest {NewestDeliveriesLookedAt:N0} deliveries of this webhook: the example was sent.") : null);
    }

    /// <summary>No index finds events by their type: it is looked for among the newest, then, where others' traffic has buried it, among what this webhook was sent.</summary>
    private async Task<RealEvent?> LastAsync(int orgId, string webhookId, string[] eventNames, CancellationToken cancel)
    {
        await using var db = contexts.Of(orgId);
        var newest = await db.NewestEventAsync(cancel);
        var events = db.EventMessages.Where(e => eventNames.Contains(e.EventName) && !e.EventId.StartsWith(IdStart));
        var found = await events.Where(e => e.Id > newest - NewestLookedAt).OrderByDescending(e => e.Id).Select(e => new RealEvent(e.EventName, e.Body)).FirstOrDefaultAsync(cancel);
        if (found is not null) return found;

        var own = db.Deliveries.Where(d => d.WebhookId == webhookId).OrderByDescending(d => d.Id);
        var oldest = await own.Skip(NewestDeliveriesLookedAt).Select(d => d.Id).FirstOrDefaultAsync(cancel);
        return await own.Where(d => d.Id > oldest).SelectMany(d => events.Where(e => e.Id == d.EventMessageId), (d, e) => new { d.Id, e.EventName, e.Body }).OrderByDescending(x => x.Id).Select(x => new RealEvent(x.EventName, x.Body)).FirstOrDefaultAsync(cancel);
    }

    private sealed record RealEvent(string EventName, byte[] Body);

    private static string? Text(JsonObject message, string field) => message[field] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
}
