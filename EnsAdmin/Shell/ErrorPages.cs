using EnsAdmin.Shared;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;

namespace EnsAdmin.Shell;

public static class ErrorPages
{
    /// <summary>Answers a browser's failed page request with a page of ours; APIs and assets keep their bare answers.</summary>
    public static void UseErrorPages(this WebApplication app)
    {
        app.UseExceptionHandler(failed => failed.Run(context => WantsPage(context) ? new RazorComponentResult<ErrorDocument>().ExecuteAsync(context) : Task.CompletedTask));
        // Not in a branch of the pipeline: from there the second execution would not find its endpoint.
        app.UseStatusCodePagesWithReExecute(Paths.NotFound, createScopeForStatusCodePages: true);
        app.Use((context, next) =>
        {
            if (!WantsPage(context) && context.Features.Get<IStatusCodePagesFeature>() is { } pages) pages.Enabled = false;
            return next(context);
        });
    }

    private static bool WantsPage(HttpContext context) =>
        (HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method))
        && !context.Request.Path.StartsWithSegments("/v3", StringComparison.OrdinalIgnoreCase)
        && context.Request.Headers[HeaderNames.Accept].ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);
}
