using System.Text.Json;
using EnsAdmin.Access;
using EnsAdmin.Catalog;
using EnsAdmin.Dispatch;
using EnsAdmin.Domain;
using EnsAdmin.Shared;

namespace EnsAdmin.Webhooks;

/// <summary><c>/v3/webHooks</c> in the published shape, on the same rules and the same store as the form.</summary>
public static class WebhooksApi
{
    public static IServiceCollection AddWebhooks(this IServiceCollection services)
    {
        services.AddSingleton<WebhookInputValidator>();
        services.AddSingleton<WebhookList>();
        services.AddSingleton(s =>
        {
            var store = ActivatorUtilities.CreateInstance<WebhookStore>(s);
            var (dispatcher, care) = (s.GetRequiredService<Dispatcher>(), s.GetRequiredService<QueueCare>());
            store.Changed += () => _ = dispatcher.FollowWebhooksAsync();
            store.Mended += id => _ = care.HastenChangedAsync(id);
            return store;
        });
        return services;
    }

    public static void MapWebhooksApi(this IEndpointRouteBuilder routes)
    {
        var webhooks = routes.MapGroup("/v3/webHooks").DisableAntiforgery();
        webhooks.MapGet("", async (WebhookStore store, ApiCaller caller, CancellationToken cancel) =>
            ApiBody.Ok((await store.AllAsync(caller.OrgId, cancel)).Select(Shape))).RequireScope(Scopes.WebhooksRead);
        webhooks.MapGet("eventMetaData", (EventCatalog catalog) => ApiBody.Ok(catalog.All.Select(t => new { active = t.IsCurrent, eventName = t.Name }))).RequireScope(Scopes.WebhooksRead);
        webhooks.MapGet("eventMetaData/{eventName}", (string eventName, EventCatalog catalog) => catalog.Find(eventName) is { } type
            ? ApiBody.Ok(new { active = type.IsCurrent, eventName = type.Name, schema = JsonSerializer.Deserialize<JsonElement>(catalog.RawSchemaOf(type.Name)) })
            : ApiBody.Fail(StatusCodes.Status404NotFound, new ApiError(404, $"There is no event type '{eventName}'.{(catalog.Nearest(eventName) is { Count: > 0 } near ? $" Did you mean {string.Join(" or ", near)}?" : "")}"))).RequireScope(Scopes.WebhooksRead);
        webhooks.MapGet("{id}", async (string id, WebhookStore store, ApiCaller caller, CancellationToken cancel) =>
            await store.FindAsync(caller.OrgId, id, cancel) is { } found ? ApiBody.Ok(Shape(found)) : Unknown(id)).RequireScope(Scopes.WebhooksRead);
        webhooks.MapPost("", (HttpContext http, WebhookStore store, ApiCaller caller) => SaveAsync(http, store, caller, null)).RequireScope(Scopes.WebhooksWrite);
        webhooks.MapPut("{id}", async (string id, HttpContext http, WebhookStore store, ApiCaller caller, CancellationToken cancel) =>
            await store.FindAsync(caller.OrgId, id, cancel) is { } current
                ? await SaveAsync(http, store, caller, current)
                : Unknown(id)).RequireScope(Scopes.WebhooksWrite);
        webhooks.MapDelete("{id}", async (string id, HttpContext http, WebhookStore store, ApiCaller caller, CancellationToken cancel) =>
            await store.DeleteAsync(caller.OrgId, id, caller.Actor(http), cancel) is { } deleted ? ApiBody.Ok(Shape(deleted)) : Unknown(id)).RequireScope(Scopes.WebhooksWrite);
    }

    private static async Task<IResult> SaveAsync(HttpContext http, WebhookStore store, ApiCaller caller, WebhookDetails? current)
    {
        var (body, refused) = await JsonRequest.ReadAsync(http);
        if (body is not { } json) return refused!;
        var request = new WebhookRequest(json, current);
        var result = !request.IsReadable ? new SaveResult.Invalid(await store.CheckAsync(caller.OrgId, current?.Id, request.Input, http.RequestAborted))
            : current is null ? await store.CreateAsync(caller.OrgId, request.Input, caller.Actor(http), http.RequestAborted)
            : await store.UpdateAsync(caller.OrgId, current.Id, request.Input, null, caller.Actor(http), http.RequestAborted);
        return result switch
        {
            SaveResult.Saved saved => ApiBody.Ok(Shape(saved.Webhook), current is null ? StatusCodes.Status201Created : StatusCodes.Status200OK, request.Warnings),
            SaveResult.Invalid invalid => ApiBody.Fail(StatusCodes.Status400BadRequest, request.Errors(invalid.Errors)),
            SaveResult.Conflict => ApiBody.Fail(StatusCodes.Status409Conflict, new ApiError(409, "Somebody else saved this webhook at the same time; read it again.")),
            _ => Unknown(current?.Id ?? ""),
        };
    }

    private static IResult Unknown(string id) => ApiBody.Fail(StatusCodes.Status404NotFound, new ApiError(400, $"There is no webhook '{id}'."));

    private static object Shape(WebhookDetails w) => new
    {
        webHookId = w.Id,
        w.Active,
        w.Name,
        webHookUrl = w.Url,
        methodType = w.Method,
        webHookType = "HTTP",
        webHookHeaders = w.HeaderNames.ToDictionary(name => name, _ => (string?)null), // Values are secrets: they never come back.
        w.EventNames,
        maxAllowedConnections = w.MaxConnections,
        slaInSeconds = w.SlaSeconds,
        replayThrottledEnabled = w.ReplayThrottled,
        replayWindowInHours = w.ReplayWindowHours,
        customerIdentifiersToBeEnriched = w.Enrichment.CustomerIdentifierSources,
        cardNumberEnrichmentEnabled = w.Enrichment.CardNumber,
        tillDetailsEnrichmentEnabled = w.Enrichment.Till,
        storeDetailsEnrichmentEnabled = w.Enrichment.Store,
        awardedReferenceEnrichmentEnabled = w.Enrichment.AwardedReference,
        availablePointsBalanceEnrichmentEnabled = w.Enrichment.AvailablePointsBalance,
        w.ConsumerGroupId,
        attribution = new { createdOn = w.CreatedAt, lastUpdatedOn = w.UpdatedAt, w.CreatedBy, lastUpdatedBy = w.UpdatedBy },
    };
}
