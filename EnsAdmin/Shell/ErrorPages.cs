using EnsAdmin.Shared;
using Microsoft.Net.Http.Headers;

namespace EnsAdmin.Shell;

public static class ErrorPages
{
    /// <summary>Answers a browser's failed page request with a page of ours; APIs and assets keep their bare answers.</summary>
    public static void UseErrorPages(this WebApplication app) => app.UseWhen(WantsPage, pages =>
    {
        pages.UseExceptionHandler(Paths.Error, createScopeForErrors: true);
        pages.UseStatusCodePagesWithReExecute(Paths.NotFound, createScopeForStatusCodePages: true);
    });

    private static bool WantsPage(HttpContext context) =>
        (HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method))
        && !context.Request.Path.StartsWithSegments("/v3", StringComparison.OrdinalIgnoreCase)
        && context.Request.Headers[HeaderNames.Accept].ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);
}
