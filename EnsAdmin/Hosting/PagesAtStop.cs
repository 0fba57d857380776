namespace EnsAdmin.Hosting;

public static class PagesAtStop
{
    /// <summary>While the program stops, open pages get no new connection: they ask for one at once, and the stop would wait for each of them until its time is over.</summary>
    public static void UsePagesAtStop(this WebApplication app) => app.Use((http, next) =>
    {
        if (!app.Lifetime.ApplicationStopping.IsCancellationRequested || !http.Request.Path.StartsWithSegments("/_blazor")) return next(http);
        http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        return Task.CompletedTask;
    });
}
