using System.Diagnostics;
using EnsAdmin.Access;
using EnsAdmin.Data;
using EnsAdmin.Domain;
using EnsAdmin.Shared;
using Microsoft.Extensions.Options;

namespace EnsAdmin.Ingestion;

/// <summary><c>POST /v3/events</c>: publishes one event or an array. 202 means it is on disk.</summary>
public static class EventsApi
{
    public static IServiceCollection AddIngestion(this IServiceCollection services) => services.AddSingleton<EventReader>().AddSingleton<IngestBuffer>().AddSingleton<IngestMetrics>().AddSingleton<Ingestor>()
        .AddSingleton(s => ActivatorUtilities.CreateInstance<DiskSpace>(s, s.GetRequiredService<IOptions<IngestionOptions>>().Value.MinFreeDiskMegabytes));

    public static void MapEventsApi(this IEndpointRouteBuilder routes) => routes.MapPost("/v3/events", PublishAsync).DisableAntiforgery().RequireScope(Scopes.EventsPublish);

    private static async Task<IResult> PublishAsync(HttpContext http, Ingestor ingestor, IngestBuffer buffer, IngestMetrics metrics, IOptions<IngestionOptions> options, ApiCaller caller)
    {
        var sentParent = http.Request.Headers.TraceParent.ToString();
        using var span = IngestMetrics.Start(sentParent);
        // What nobody traces costs no row a trace.
        var traceParent = span is { Recorded: true } ? span.Id : ActivityContext.TryParse(sentParent, null, out _) ? sentParent : null;
        // Also what is answered further out, since the database fails, is known here.
        http.Response.OnStarting(() =>
        {
            if (http.Response.StatusCode != StatusCodes.Status202Accepted) metrics.Refused(http.Response.StatusCode);
            span?.SetTag("http.response.status_code", http.Response.StatusCode);
            return Task.CompletedTask;
        });
        using var room = buffer.Open();
        return await ReadBodyAsync(http, options.Value.MaxRequestBytes, room) ?? await AnswerAsync(http, ingestor, room.Body, caller.OrgId, traceParent);
    }

    private static async Task<IResult> AnswerAsync(HttpContext http, Ingestor ingestor, ReadOnlyMemory<byte> body, int orgId, string? traceParent)
    {
        var requestId = http.Request.Headers["X-CAP-REQUEST-ID"].FirstOrDefault(id => id is { Length: > 0 and <= 128 }) ?? Guid.NewGuid().ToString("N");
        switch (await ingestor.IngestAsync(body, orgId, requestId, traceParent))
        {
            case IngestResult.Accepted accepted:
                return ApiBody.Ok(accepted.IsArray ? accepted.Events : accepted.Events[0], StatusCodes.Status202Accepted);
            case IngestResult.Invalid invalid:
                return ApiBody.Fail(StatusCodes.Status400BadRequest, invalid.Errors);
            case IngestResult.TooLarge large:
                return ApiBody.Fail(StatusCodes.Status413PayloadTooLarge, large.Error);
            case IngestResult.Conflict conflict:
                return ApiBody.Fail(StatusCodes.Status409Conflict, conflict.Error);
            case IngestResult.DiskFull:
                http.Response.Headers.RetryAfter = "60";
                return ApiBody.Fail(StatusCodes.Status507InsufficientStorage, new ApiError(507, "The disk has too little room for more events; nothing was stored. Send this again later."));
            default:
                return Busy(http);
        }
    }

    private static IResult Busy(HttpContext http)
    {
        http.Response.Headers.RetryAfter = "1";
        return ApiBody.Fail(StatusCodes.Status429TooManyRequests, new ApiError(429, "More events are waiting than can be taken; send this again in a second."));
    }

    /// <returns>Null when the room has the whole body.</returns>
    private static async Task<IResult?> ReadBodyAsync(HttpContext http, int limit, IngestBuffer.Room room)
    {
        var tooLarge = ApiBody.Fail(StatusCodes.Status413PayloadTooLarge, new ApiError(413, $"A request may have at most {limit} bytes."));
        if (http.Request.Headers.ContentEncoding.ToString() is { Length: > 0 } packed)
            return ApiBody.Fail(StatusCodes.Status415UnsupportedMediaType, new ApiError(415, $"Content-Encoding '{packed}' is not taken; send the JSON as it is."));
        http.UseOwnBound();
        if (http.Request.ContentLength > limit) return tooLarge;
        for (int n; (n = await http.Request.Body.ReadAsync(room.Free(), http.RequestAborted)) > 0;)
        {
            if (room.Length + n > limit) return tooLarge;
            if (!room.TryGrow(n)) return Busy(http);
        }

        return null;
    }
}
