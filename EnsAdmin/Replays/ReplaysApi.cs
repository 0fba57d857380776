using System.Globalization;
using System.Text;
using System.Text.Json;
using EnsAdmin.Access;
using EnsAdmin.Catalog;
using EnsAdmin.Dispatch;
using EnsAdmin.Domain;
using EnsAdmin.Shared;
using Microsoft.Extensions.Options;

namespace EnsAdmin.Replays;

/// <summary>Replays by hand and test events over the API.</summary>
public static class ReplaysApi
{
    private const int MostIds = 10_000;
    private static readonly TimeSpan BesideTheCall = TimeSpan.FromSeconds(60);

    private static readonly Dictionary<string, DeliveryStatus> StatusNames = new(StringComparer.OrdinalIgnoreCase)
    {
        ["failed"] = DeliveryStatus.Rejected, ["expired"] = DeliveryStatus.Expired, ["delivered"] = DeliveryStatus.Delivered, ["retrying"] = DeliveryStatus.ReplayScheduled,
    };

    public static IServiceCollection AddReplays(this IServiceCollection services) =>
        services.AddSingleton<ReplayBell>().AddSingleton<ReplayStore>().AddSingleton<TestEvents>().AddHostedService<ReplayRunner>();

    public static void MapReplaysApi(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/v3").DisableAntiforgery();
        api.MapPost("deliveries/{id}/replay", async (long id, HttpContext http, ReplayStore store, ApiCaller caller, CancellationToken cancel) =>
            await store.ReplayOneAsync(caller.OrgId, id, caller.Actor(http), cancel) switch
            {
                ReplayOneResult.Replayed => ApiBody.Ok(new { deliveryId = id }, StatusCodes.Status202Accepted),
                ReplayOneResult.Held => ApiBody.Ok(new { deliveryId = id }, StatusCodes.Status202Accepted, [Held]),
                ReplayOneResult.NotFound => Fail(404, $"There is no delivery {id}."),
                ReplayOneResult.OnItsWay => Fail(409, $"Delivery {id} is being sent, or waits for its first attempt; it is sent without this."),
                _ => Fail(409, $"Delivery {id} can't be replayed: it is a test, or its webhook was deleted."),
            }).RequireScope(Scopes.DeliveriesReplay);
        api.MapPost("webHooks/{id}/replay", StartAsync).RequireScope(Scopes.DeliveriesReplay);
        api.MapGet("webHooks/{id}/replay", async (string id, ReplayStore store, ApiCaller caller, CancellationToken cancel) =>
        {
            if (await store.IsHeldAsync(caller.OrgId, id, cancel) is not { } held) return Unknown(id);
            var jobs = await store.RecentAsync(caller.OrgId, id, 50, cancel);
            return ApiBody.Ok(jobs.Select(Shape), warnings: held && jobs.Any(j => j.State == ReplayJobState.Running) ? [Held] : null);
        }).RequireScope(Scopes.DeliveriesRead);
        api.MapDelete("webHooks/{id}/replay/{replayId}", async (string id, long replayId, HttpContext http, ReplayStore store, ApiCaller caller, CancellationToken cancel) =>
            await store.CancelAsync(caller.OrgId, id, replayId, caller.Actor(http), cancel) is { } job ? ApiBody.Ok(Shape(job)) : Fail(404, $"There is no replay {replayId} of webhook '{id}'.")).RequireScope(Scopes.DeliveriesReplay);
        // Its answer waits for the receiver's.
        var patience = routes.ServiceProvider.GetRequiredService<IOptions<DeliveryOptions>>().Value.RequestTimeout + BesideTheCall;
        api.MapPost("webHooks/{id}/test", TestAsync).RequireScope(Scopes.WebhooksWrite).WithRequestTimeout(patience);
    }

    private static async Task<IResult> StartAsync(string id, HttpContext http, ReplayStore store, EventCatalog catalog, ApiCaller caller)
    {
        if (!await store.KnowsAsync(caller.OrgId, id)) return Unknown(id);
        var (body, refused) = await JsonRequest.ReadAsync(http, mayBeEmpty: true);
        if (body is not { } json) return refused!;
        var fields = new JsonFields(json);
        var (since, until, eventName) = (fields.Moment("since"), fields.Moment("until"), EventName(fields, catalog));
        var statuses = Statuses(fields, fields.Find("deliveryIds") is { ValueKind: JsonValueKind.Array } ? ReplayFilter.Replayable : ReplayFilter.Undelivered);
        var (ids, onlyCount) = (fields.Numbers("deliveryIds"), fields.Flag("dryRun") ?? false);
        if (ids is { Count: 0 or > MostIds }) fields.Wrong("deliveryIds", $"must have between 1 and {MostIds} ids; or use since and until");
        else if (ids is not null && !fields.Errors.Any(e => e.Pointer!.StartsWith("/deliveryIds", StringComparison.Ordinal)))
            foreach (var unknown in await store.UnknownAsync(caller.OrgId, id, ids, http.RequestAborted))
                fields.Errors.Add(new ApiError(400, $"Delivery {unknown} is none of this webhook's, or a test.", string.Create(CultureInfo.InvariantCulture, $"/deliveryIds/{ids.IndexOf(unknown)}")));
        if (since >= until) fields.Wrong("since", "must be before until");
        if (Wrong(fields, "since, until, eventName, statuses, deliveryIds, dryRun") is { } wrong) return wrong;

        var filter = new ReplayFilter(statuses, since, until, eventName, ids);
        if (onlyCount) return ApiBody.Ok(new { total = await store.CountAsync(caller.OrgId, id, filter, http.RequestAborted) });
        if (await store.StartAsync(caller.OrgId, id, filter, caller.Actor(http), http.RequestAborted) is not { } job) return Unknown(id);
        List<ApiWarning> warnings = await store.IsHeldAsync(caller.OrgId, id, http.RequestAborted) == true ? [Held] : [];
        if (ids?.Distinct().Count() is { } asked && asked > job.Total) warnings.Add(new ApiWarning($"{asked - job.Total} of {asked} are left out: being sent, waiting for a first attempt, cancelled, or of another status than was asked for."));
        return ApiBody.Ok(Shape(job), StatusCodes.Status202Accepted, warnings);
    }

    private static async Task<IResult> TestAsync(string id, HttpContext http, TestEvents tests, EventCatalog catalog, ApiCaller caller)
    {
        var (body, refused) = await JsonRequest.ReadAsync(http, mayBeEmpty: true);
        if (body is not { } json) return refused!;
        var fields = new JsonFields(json);
        var (eventName, source) = (EventName(fields, catalog), fields.Text("source"));
        if (source is not (null or "example" or "last")) fields.Wrong("source", "must be example or last");
        if (Wrong(fields, "eventName, source") is { } wrong) return wrong;
        if (await tests.SendAsync(caller.OrgId, id, eventName, source == "last", caller.Actor(http), http.RequestAborted) is not { } sent) return Unknown(id);
        return ApiBody.Ok(new
        {
            sent.EventName, source = sent.LikeLast ? "last" : "example", sent.EventId, sent.DeliveryId, delivered = sent.Attempt?.Outcome == AttemptOutcome.Success, statusCode = sent.Attempt?.StatusCode,
            reason = sent.Attempt?.Reason ?? "Not sent: all of the webhook's connections stayed in use",
            durationMs = sent.Attempt?.Duration.TotalMilliseconds,
            answer = sent.Attempt?.ResponseStart is { } start && http.User.HasClaim(ApiKeys.ScopeClaim, Scopes.DeliveriesRead) ? Encoding.UTF8.GetString(start) : null,
        }, warnings: sent.Instead is { } instead ? [new ApiWarning(instead)] : null);
    }

    private static string? EventName(JsonFields fields, EventCatalog catalog)
    {
        var name = fields.Text("eventName");
        if (name is not null && catalog.Find(name) is null) fields.Errors.Add(new ApiError(400, $"There is no event type '{name}'.", "/eventName"));
        return name;
    }

    /// <param name="all">Where none is asked for.</param>
    private static IReadOnlyList<DeliveryStatus> Statuses(JsonFields fields, IReadOnlyList<DeliveryStatus> all)
    {
        var before = fields.Errors.Count;
        if (fields.Texts("statuses") is not { Count: > 0 } names) return all;
        if (fields.Errors.Count > before) return [];
        foreach (var (i, name) in names.Index().Where(s => !StatusNames.ContainsKey(s.Item)))
            fields.Errors.Add(new ApiError(400, $"'{name}' is no status to replay; there are {string.Join(", ", StatusNames.Keys)}.", string.Create(CultureInfo.InvariantCulture, $"/statuses/{i}")));
        return [.. names.Where(StatusNames.ContainsKey).Select(name => StatusNames[name]).Distinct()];
    }

    private static IResult? Wrong(JsonFields fields, string known)
    {
        fields.Errors.AddRange(fields.Unknown.Select(name => new ApiError(400, $"There is no field '{name}'; there are {known}.", "/" + JsonPointer.Escape(name))));
        return fields.Errors.Count == 0 ? null : ApiBody.Fail(StatusCodes.Status400BadRequest, fields.Errors);
    }

    private static object Shape(ReplayJob job) => new
    {
        replayId = job.Id, state = job.State.ToString().ToLowerInvariant(), job.Total, job.Queued, job.CreatedAt, job.CreatedBy, job.EndedAt,
        job.Filter.Since, job.Filter.Until, job.Filter.EventName, statuses = StatusNames.Where(s => job.Filter.Statuses.Contains(s.Value)).Select(s => s.Key), chosen = job.Filter.Ids?.Count,
    };

    private static readonly ApiWarning Held = new("The webhook is inactive: what is due again is held until it is active.");

    private static IResult Unknown(string id) => Fail(404, $"There is no webhook '{id}'.");

    private static IResult Fail(int status, string message) => ApiBody.Fail(status, new ApiError(status == 404 ? 400 : status, message));
}
