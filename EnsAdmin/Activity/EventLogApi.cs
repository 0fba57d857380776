using System.Text.Json;
using EnsAdmin.Access;
using EnsAdmin.Catalog;
using EnsAdmin.Domain;
using EnsAdmin.Shared;

namespace EnsAdmin.Activity;

/// <summary>The event log over the API: what became of an event at each webhook, and how a webhook (a consumer group) fares.</summary>
public static class EventLogApi
{
    private const int DefaultLimit = 100;
    private const int MaxLimit = 1000;

    /// <summary>Names of the one order that an index keeps; any other would have to read the whole log for a page.</summary>
    private static readonly string[] SortFields = ["eventIngestionTimestamp", "deliveryId"];

    public static void MapEventLogApi(this IEndpointRouteBuilder routes)
    {
        var log = routes.MapGroup("/v3/webHooks/eventLog").RequireScope(Scopes.DeliveriesRead).RefuseUnknownQuery();
        log.MapGet("{eventId}", (string eventId, EventLog entries, ApiCaller caller, CancellationToken cancel) => OfAsync(entries.OfEventAsync(caller.OrgId, eventId, cancel)));
        log.MapGet("refId/{id}", (string id, EventLog entries, ApiCaller caller, CancellationToken cancel) => OfAsync(entries.OfRefAsync(caller.OrgId, id, cancel)));
        log.MapGet("requestId/{id}", (string id, EventLog entries, ApiCaller caller, CancellationToken cancel) => OfAsync(entries.OfRequestAsync(caller.OrgId, id, cancel)));
        routes.MapGet("/v3/deliveries/{id}", OneAsync).RequireScope(Scopes.DeliveriesRead).RefuseUnknownQuery();
        var group = routes.MapGroup("/v3/events/consumer-groups/{id}").RequireScope(Scopes.DeliveriesRead).RefuseUnknownQuery();
        group.MapGet("logs", LogsAsync);
        group.MapGet("metrics", async (Guid id, DateTimeOffset? since, EventLog entries, ApiCaller caller, CancellationToken cancel) =>
            await entries.MetricsAsync(caller.OrgId, id, since, cancel) is { } metrics ? ApiBody.Ok(metrics) : Unknown(id));
    }

    private static async Task<IResult> OfAsync(Task<IReadOnlyList<EventLogEntry>> entries) => ApiBody.Ok(await entries);

    /// <summary>One delivery with what was sent, with the event as it came, and with what each attempt brought.</summary>
    private static async Task<IResult> OneAsync(long id, DeliveryLog deliveries, ApiCaller caller, CancellationToken cancel)
    {
        if (await deliveries.FindAsync(caller.OrgId, null, id, cancel) is not { } d) return ApiBody.Fail(StatusCodes.Status404NotFound, new ApiError(400, $"There is no delivery {id}."));
        var payload = JsonElement.Parse(d.Body);
        return ApiBody.Ok(new
        {
            deliveryId = d.Id, webHookId = d.WebhookId, d.EventName, d.EventId, d.RefId, requestId = d.ApiRequestId, status = StatusWords.Of(d.Status).Word, attempts = d.Attempts.Count,
            reason = StatusWords.OnItsWay(d.Status, d.Reason, d.Held, d.Failing) ?? d.Reason, nextAttemptAt = StatusWords.NextAttemptAt(d.Status, d.DueAt, d.Held, d.Failing), expiresAt = d.EndedAt is null ? d.ExpiresAt : (DateTimeOffset?)null,
            payload, originalPayload = d.OriginalBody is null ? payload : JsonElement.Parse(d.OriginalBody), enriched = d.OriginalBody is not null, unknown = d.Unknown, maskedAt = d.MaskedAt,
            attemptHistory = d.Attempts.Reverse().Select(Shape),
        });
    }

    private static object Shape(AttemptDetails a) => new
    {
        a.Number, trigger = a.Trigger.ToString(), outcome = a.Outcome.ToString(), a.StatusCode, a.Reason, a.StartedAt, durationMs = a.Duration.TotalMilliseconds,
        request = a.Request.Split('\n'), answerHeaders = a.ResponseHeaders?.Split('\n'), answer = a.ResponseStart,
    };

    private static async Task<IResult> LogsAsync(Guid id, string? eventType, string? eventSearchKey, string? requestId, string? sortBy, int? limit, long? cursor,
        EventLog entries, EventCatalog catalog, ApiCaller caller, CancellationToken cancel)
    {
        if (limit is < 1 or > MaxLimit) return Wrong($"limit must be from 1 to {MaxLimit}.");
        var sort = (sortBy ?? $"{SortFields[0]}:desc").Split(':');
        if (sort is not [var field, "asc" or "desc"] || !SortFields.Contains(field)) return Wrong($"sortBy must be {string.Join(" or ", SortFields)}, followed by :asc or :desc; the log can be read in no other order.");
        var page = await entries.PageAsync(caller.OrgId, id, new EventLogFilter(eventType is null ? null : catalog.SubscriptionNamesFor(eventType), eventSearchKey, requestId), sort[1] == "desc", limit ?? DefaultLimit, cursor, cancel);
        return page is null ? Unknown(id) : ApiBody.Ok(page);
    }

    private static IResult Wrong(string message) => ApiBody.Fail(StatusCodes.Status400BadRequest, new ApiError(400, message));

    private static IResult Unknown(Guid id) => ApiBody.Fail(StatusCodes.Status404NotFound, new ApiError(400, $"There is no consumer group {id}."));
}
