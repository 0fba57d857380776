using EnsAdmin.Shared;

namespace EnsAdmin.Hosting;

/// <summary>
/// Keeps pages of other origins from writing over the API: a browser sends their calls along from whoever visits them, without asking. It says where a call comes from
/// in <c>Sec-Fetch-Site</c> and <c>Origin</c>; curl and servers send neither.
/// </summary>
public static class CrossSiteCalls
{
    private const int NotAllowed = 4000;

    public static void UseCrossSiteRefusal(this WebApplication app) => app.UseWhen(http => http.Request.Path.StartsWithSegments("/v3", StringComparison.OrdinalIgnoreCase), api => api.Use((http, next) =>
        Writes(http.Request) && Stranger(http.Request) is { } stranger ? Refused(stranger).ExecuteAsync(http) : next(http)));

    private static bool Writes(HttpRequest request) => !HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method);

    /// <summary>Who else than a page of this address makes the call; null where nobody does.</summary>
    private static string? Stranger(HttpRequest request)
    {
        var origin = request.Headers.Origin.ToString();
        if (origin.Length > 0 && !string.Equals(origin, $"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase)) return origin == "null" ? "a page of no origin" : $"a page of {origin}";
        return request.Headers["Sec-Fetch-Site"].ToString() is "cross-site" or "same-site" ? "a page of another origin" : null;
    }

    private static IResult Refused(string stranger) => ApiBody.Fail(StatusCodes.Status403Forbidden,
        new ApiError(NotAllowed, $"This call comes from {stranger}; a browser may write only from a page of this address. Programs send neither Origin nor Sec-Fetch-Site."));
}
