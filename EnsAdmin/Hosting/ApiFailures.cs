using System.Text.RegularExpressions;
using EnsAdmin.Data;
using EnsAdmin.Shared;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace EnsAdmin.Hosting;

/// <summary>What the API answers where no call of it can: the program stops, the database can't be written, or EnsAdmin has a fault.</summary>
public static partial class ApiFailures
{
    private const int SqliteFull = 13;

    public static IServiceCollection AddApiFailures(this IServiceCollection services) => services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);

    public static void UseApiFailures(this WebApplication app) => app.UseWhen(http => http.Request.Path.StartsWithSegments("/v3", StringComparison.OrdinalIgnoreCase), api => api.Use(async (http, next) =>
    {
        if (app.Lifetime.ApplicationStopping.IsCancellationRequested && !HttpMethods.IsGet(http.Request.Method))
        {
            await Stopping(http).ExecuteAsync(http);
            return;
        }

        try
        {
            await next(http);
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
                var value = WrongValue().Match(bad.Message);
                return ApiBody.Fail(bad.StatusCode, new ApiError(bad.StatusCode, value.Success ? $"{value.Groups[1]} cannot be '{value.Groups[2]}'." : bad.Message));
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

    private static IResult Stopping(HttpContext http)
    {
        http.Response.Headers.RetryAfter = "5";
        return ApiBody.Fail(StatusCodes.Status503ServiceUnavailable, new ApiError(503, "EnsAdmin is stopping; nothing was stored. Send this again in a few seconds."));
    }

    [GeneratedRegex("""^Failed to bind parameter "\S+ (\w+)" from "(.*)"\.$""")]
    private static partial Regex WrongValue();

    [LoggerMessage(LogLevel.Error, "{Method} {Path} failed")]
    private static partial void Failed(ILogger log, Exception e, string method, string path);
}
