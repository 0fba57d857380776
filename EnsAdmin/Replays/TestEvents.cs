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
public sealed record TestResult(string EventName, string EventId, long DeliveryId, AttemptResult? Attempt);

/// <summary>Sends a webhook one event to try it out, also an inactive one. Its id begins with <c>test-</c>, it is enriched like any other, sent once, counts nowhere and teaches nothing.</summary>
public sealed class TestEvents(EnsContexts contexts, GroupCommitWriter writer, Dispatcher dispatcher, EventCatalog catalog, EventEnrichment enrichment, Audit audit)
{
    private const string IdStart = "test-";
    private const int NewestLookedAt = 20_000;

    /// <param name="eventName">An event type of the catalogue; null for the webhook's first.</param>
    /// <param name="likeLast">Sends the last real event of the type where there is one, else its example.</param>
    /// <returns>Null when there is no such webhook or event type.</returns>
    public async Task<TestResult?> SendAsync(int orgId, string webhookId, string? eventName, bool likeLast, Actor by, CancellationToken cancel)
    {
        if (await writer.FindWebhookAsync(orgId, webhookId) is not { } webhook) return null;
        var name = eventName ?? webhook.EventNames[0];
        if (catalog.Find(name) is null) return null;

        var message = JsonNode.Parse((likeLast ? await LastAsync(orgId, name, cancel) : null) ?? Encoding.UTF8.GetBytes(catalog.ExampleOf(name, orgId)))!.AsObject();
        var eventId = $"{IdStart}{Guid.NewGuid():N}";
        message["eventId"] = eventId;
        var body = Encoding.UTF8.GetBytes(message.ToJsonString());
        var note = audit.Entry(by, orgId, "webhook.tested", $"webhook {webhook.Name}", null, new { eventName = name, eventId });
        var test = new NewEvent(orgId, eventId, name, Text(message, "refId"), Text(message, "apiRequestId"), 0, [], body);
        var (deliveryId, result) = await dispatcher.SendTestAsync(webhook, test, (sql, id, e) => enrichment.Enrich(sql, id, e, webhook.Enrichment), note, cancel);
        return new TestResult(name, eventId, deliveryId, result);
    }

    private async Task<byte[]?> LastAsync(int orgId, string eventName, CancellationToken cancel)
    {
        await using var db = contexts.Of(orgId);
        var newest = await db.NewestEventAsync(cancel);
        return await db.EventMessages.Where(e => e.Id > newest - NewestLookedAt && e.EventName == eventName && !e.EventId.StartsWith(IdStart))
            .OrderByDescending(e => e.Id).Select(e => e.Body).FirstOrDefaultAsync(cancel);
    }

    private static string? Text(JsonObject message, string field) => message[field] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
}
