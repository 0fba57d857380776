using System.Text.RegularExpressions;
using EnsAdmin.Data;
using EnsAdmin.Shared;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.AspNetCore.Routing.Template;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace EnsAdmin.Hosting;

/// <summary>What the API answers where no call of it can: there is no such call, the program stops, the database can't be written, or EnsAdmin has a fault.</summary>
public static partial class ApiFailures
{
    private const int SqliteFull = 13;

    private static readonly IResult TooSlow = ApiBody.Fail(StatusCodes.Status504GatewayTimeout, new ApiError(504, "The call took longer than it may and was ended. What it changed by then stays; an event that is sent again under its eventId is stored once."));

    /// <summary>Levels of an answer's own around what it tells.</summary>
    private const int LevelsAround = 8;

    public static IServiceCollection AddApiFailures(this IServiceCollection services) => services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true)
        .ConfigureHttpJsonOptions(json => json.SerializerOptions.MaxDepth = JsonFaults.MaxDepth + LevelsAround); // Whatever was accepted can be read.

    public static void UseApiFailures(this WebApplication app) => app.UseWhen(http => http.Request.Path.StartsWithSegments("/v3", StringComparison.OrdinalIgnoreCase), api => api.Use(async (http, next) =>
    {
        if (app.Lifetime.ApplicationStopping.IsCancellationRequested && !HttpMethods.IsGet(http.Request.Method))
        {
            await Stopping(http).ExecuteAsync(http);
            return;
        }

        try
        {
            // Said before anybody is asked who they are: there is nothing to guard.
            await (http.GetEndpoint() is RouteEndpoint call && IsOfApi(call) ? next(http) : NoSuchCall(http, app.Services.GetRequiredService<EndpointDataSource>()).ExecuteAsync(http));
        }
        catch (OperationCanceledException) when (http.Features.Get<IHttpRequestTimeoutFeature>() is { RequestTimeoutToken.IsCancellationRequested: true } && !http.Response.HasStarted)
        {
            http.RequestAborted = CancellationToken.None; // It is the end of the call that this token tells, and not of the answer.
            await TooSlow.ExecuteAsync(http);
        }
        catch (Exception e) when (!http.RequestAborted.IsCancellationRequested && !http.Response.HasStarted)
        {
            await Answer(http, e, app.Logger).ExecuteAsync(http);
        }
    }));

    private static IResult Answer(HttpContext http, Exception e, ILogger log)
    {
        switch (e is DbUpdateException { InnerException: { } cause } ? cause : e)
        {
            case BadHttpRequestException bad:
                return ApiBody.Fail(bad.StatusCode, new ApiError(bad.StatusCode, Words(bad)));
            case WriterStoppedException:
                return Stopping(http);
            case SqliteException { SqliteErrorCode: SqliteFull }:
                http.Response.Headers.RetryAfter = "60";
                return ApiBody.Fail(StatusCodes.Status507InsufficientStorage, new ApiError(507, "The disk is full; nothing was stored. Send this again later."));
            case SqliteException:
                http.Response.Headers.RetryAfter = "5";
                return ApiBody.Fail(StatusCodes.Status503ServiceUnavailable, new ApiError(503, "The database cannot be used now; nothing was stored. Send this again later."));
            default:
                Failed(log, e, http.Request.Method, http.Request.Path);
                return ApiBody.Fail(StatusCodes.Status500InternalServerError, new ApiError(500, "EnsAdmin failed to answer this call; its log says why."));
        }
    }

    /// <summary>Routing itself answers with a status alone, and lets a page's or an asset's route stand for a call of the API.</summary>
    private static IResult NoSuchCall(HttpContext http, EndpointDataSource routes)
    {
        var taken = routes.Endpoints.OfType<RouteEndpoint>().Where(e => IsOfApi(e) && new TemplateMatcher(new RouteTemplate(e.RoutePattern), []).TryMatch(http.Request.Path, []))
            .SelectMany(e => e.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? []).Distinct().ToArray();
        if (taken.Length == 0) return ApiBody.Fail(StatusCodes.Status404NotFound, new ApiError(404, $"There is no {http.Request.Method} {http.Request.Path}."));
        http.Response.Headers.Allow = string.Join(", ", taken);
        return ApiBody.Fail(StatusCodes.Status405MethodNotAllowed, new ApiError(405, $"There is no {http.Request.Method} {http.Request.Path}; it takes {http.Response.Headers.Allow}."));
    }

    private static bool IsOfApi(RouteEndpoint endpoint) => endpoint.RoutePattern.PathSegments is [{ Parts: [RoutePatternLiteralPart { Content: "v3" }] }, ..];

    /// <summary>What is wrong with a request that no call has seen, in our words rather than the server's.</summary>
    private static string Words(BadHttpRequestException bad)
    {
        var value = WrongValue().Match(bad.Message);
        if (!value.Success)
        {
            return bad.StatusCode switch
            {
                StatusCodes.Status413PayloadTooLarge => "The request is larger than can be taken.",
                StatusCodes.Status408RequestTimeout => "The request came too slowly.",
                _ => "The request is broken or ended too early.",
            };
        }

        var right = value.Groups["type"].Value switch
        {
            "long" or "int" => "a whole number",
            "DateTimeOffset" => "a time such as 2026-03-01T12:00:00Z",
            "Guid" => "an id such as 0d9a4c1e-5b7f-4c63-9d0e-2f6b8a17c345",
            "bool" => "true or false",
            _ => "another value",
        };
        return $"{value.Groups["name"]} must be {right}, is '{value.Groups["given"]}'.";
    }

    private static IResult Stopping(HttpContext http)
    {
        http.Response.Headers.RetryAfter = "5";
        return ApiBody.Fail(StatusCodes.Status503ServiceUnavailable, new ApiError(503, "EnsAdmin is stopping; nothing was stored. Send this again in a few seconds."));
    }

    [GeneratedRegex("""^Failed to bind parameter "(?:Nullable<)?(?<type>\w+)[>?]* (?<name>\w+)" from "(?<given>.*)"\.$""")]
    private static partial Regex WrongValue();

    [LoggerMessage(LogLevel.Error, "{Method} {Path} failed")]
    private static partial void Failed(ILogger log, Exception e, string method, string path);
}
