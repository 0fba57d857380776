using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using EnsAdmin.Access;
using EnsAdmin.Catalog;
using EnsAdmin.Domain;
using EnsAdmin.Shared;
using Microsoft.Extensions.Options;

namespace EnsAdmin.Replays;

/// <summary>What to replay, as the API takes it; everything may be left out.</summary>
/// <param name="Statuses">Of <c>failed</c>, <c>expired</c>, <c>delivered</c>; the first two by default.</param>
/// <param name="DryRun">Only counts.</param>
public sealed record ReplayRequest(
    DateTimeOffset? Since = null, DateTimeOffset? Until = null, string? EventName = null, IReadOnlyList<string>? Statuses = null, IReadOnlyList<long>? DeliveryIds = null, bool DryRun = false);

/// <param name="EventName">Null for the first that the webhook subscribes to.</param>
/// <param name="Source"><c>example</c> or <c>last</c>.</param>
public sealed record TestRequest(string? EventName = null, string? Source = null);

/// <summary>Replays by hand and test events over the API.</summary>
public static class ReplaysApi
{
    private const int MostIds = 10_000;
    private static readonly JsonSerializerOptions Strict = new(JsonSerializerDefaults.Web) { UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow };

    private static readonly Dictionary<string, DeliveryStatus> StatusNames = new(StringComparer.OrdinalIgnoreCase)
    {
        ["failed"] = DeliveryStatus.Rejected, ["expired"] = DeliveryStatus.Expired, ["delivered"] = DeliveryStatus.Delivered,
    };

    public static IServiceCollection AddReplays(this IServiceCollection services) =>
        services.AddSingleton<ReplayBell>().AddSingleton<ReplayStore>().AddSingleton<TestEvents>().AddHostedService<ReplayRunner>();

    public static void MapReplaysApi(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/v3").DisableAntiforgery();
        api.MapPost("deliveries/{id}/replay", async (long id, ReplayStore store, IOptions<OrganizationOptions> org, CancellationToken cancel) =>
            await store.ReplayOneAsync(org.Value.Id, id, cancel) switch
            {
                ReplayOneResult.Replayed => ApiBody.Ok(new { deliveryId = id }, StatusCodes.Status202Accepted),
                ReplayOneResult.NotFound => Fail(404, $"There is no delivery {id}."),
                ReplayOneResult.StillWaiting => Fail(409, $"Delivery {id} still waits for an attempt; it is sent without this."),
                _ => Fail(409, $"Delivery {id} can't be replayed: it is a test, or its webhook was deleted."),
            });
        api.MapPost("webHooks/{id}/replay", StartAsync);
        api.MapGet("webHooks/{id}/replay", async (string id, ReplayStore store, IOptions<OrganizationOptions> org, CancellationToken cancel) =>
            await store.KnowsAsync(org.Value.Id, id) ? ApiBody.Ok((await store.RecentAsync(org.Value.Id, id, 50, cancel)).Select(Shape)) : Unknown(id));
        api.MapDelete("webHooks/{id}/replay/{jobId}", async (string id, long jobId, ReplayStore store, IOptions<OrganizationOptions> org, CancellationToken cancel) =>
            await store.CancelAsync(org.Value.Id, id, jobId, cancel) is { } job ? ApiBody.Ok(Shape(job)) : Fail(404, $"There is no replay {jobId} of webhook '{id}'."));
        api.MapPost("webHooks/{id}/test", TestAsync);
    }

    private static async Task<IResult> StartAsync(string id, HttpContext http, ReplayStore store, EventCatalog catalog, IOptions<OrganizationOptions> org)
    {
        if (!await store.KnowsAsync(org.Value.Id, id)) return Unknown(id);
        var (request, wrong) = await ReadAsync<ReplayRequest>(http);
        if (request is null) return wrong!;
        if (request.Statuses?.FirstOrDefault(s => !StatusNames.ContainsKey(s)) is { } unknown) return Fail(400, $"'{unknown}' is no status to replay; there are {string.Join(", ", StatusNames.Keys)}.", "/statuses");
        if (request.EventName is { } name && catalog.Find(name) is null) return Fail(400, $"There is no event type '{name}'.", "/eventName");
        if (request.DeliveryIds is { Count: 0 or > MostIds }) return Fail(400, $"Give between 1 and {MostIds} ids, or use since and until.", "/deliveryIds");
        if (request.Since >= request.Until) return Fail(400, "since must be before until.", "/since");

        var filter = new ReplayFilter(request.Statuses is { Count: > 0 } statuses ? [.. statuses.Select(s => StatusNames[s]).Distinct()] : ReplayFilter.Undelivered,
            request.Since, request.Until, request.EventName, request.DeliveryIds);
        if (request.DryRun) return ApiBody.Ok(new { total = await store.CountAsync(org.Value.Id, id, filter, http.RequestAborted) });
        return await store.StartAsync(org.Value.Id, id, filter, Editor.Api, http.RequestAborted) is { } job ? ApiBody.Ok(Shape(job), StatusCodes.Status202Accepted) : Unknown(id);
    }

    private static async Task<IResult> TestAsync(string id, HttpContext http, TestEvents tests, EventCatalog catalog, IOptions<OrganizationOptions> org)
    {
        var (request, wrong) = await ReadAsync<TestRequest>(http);
        if (request is null) return wrong!;
        if (request.EventName is { } name && catalog.Find(name) is null) return Fail(400, $"There is no event type '{name}'.", "/eventName");
        if (request.Source is not (null or "example" or "last")) return Fail(400, "source is example or last.", "/source");
        if (await tests.SendAsync(org.Value.Id, id, request.EventName, request.Source == "last", http.RequestAborted) is not { } sent) return Unknown(id);
        return ApiBody.Ok(new
        {
            sent.EventName, sent.EventId, sent.DeliveryId, delivered = sent.Attempt?.Outcome == AttemptOutcome.Success, statusCode = sent.Attempt?.StatusCode,
            reason = sent.Attempt?.Reason ?? "Not sent in time: all of the webhook's connections are in use",
            durationMs = sent.Attempt?.Duration.TotalMilliseconds, answer = sent.Attempt?.ResponseStart is { } start ? Encoding.UTF8.GetString(start) : null,
        });
    }

    /// <summary>An absent body is an empty request.</summary>
    private static async Task<(T? Request, IResult? Wrong)> ReadAsync<T>(HttpContext http) where T : class
    {
        if (http.Request.ContentLength is 0 || (http.Request.ContentLength is null && !http.Request.Headers.ContainsKey("Transfer-Encoding"))) return (Empty<T>(), null);
        try
        {
            return (await JsonSerializer.DeserializeAsync<T>(http.Request.Body, Strict, http.RequestAborted) ?? Empty<T>(), null);
        }
        catch (JsonException e)
        {
            return (null, Fail(400, $"The request could not be read at {e.Path ?? "$"}: {e.Message.Split(" Path:")[0]}"));
        }
    }

    private static T Empty<T>() => JsonSerializer.Deserialize<T>("{}", Strict)!;

    private static object Shape(ReplayJob job) => new
    {
        replayId = job.Id, state = job.State.ToString().ToLowerInvariant(), job.Total, job.Queued, job.CreatedAt, job.CreatedBy, job.EndedAt,
        job.Filter.Since, job.Filter.Until, job.Filter.EventName,
    };

    private static IResult Unknown(string id) => Fail(404, $"There is no webhook '{id}'.");

    private static IResult Fail(int status, string message, string? pointer = null) => ApiBody.Fail(status, new ApiError(status == 404 ? 400 : status, message, pointer));
}
