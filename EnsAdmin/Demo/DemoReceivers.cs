using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace EnsAdmin.Demo;

/// <summary>Four receivers on a loopback port of their own: one is well, one is slow, one is down for a while, one refuses everything.</summary>
public sealed class DemoReceivers(TimeProvider time) : IAsyncDisposable
{
    private static readonly TimeSpan Down = TimeSpan.FromSeconds(45);
    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(4);

    private WebApplication? _app;

    /// <returns>The base address.</returns>
    public async Task<string> StartAsync(CancellationToken cancel)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        _app = builder.Build();

        var recoversAt = time.GetUtcNow() + Down;
        _app.MapPost("/crm", () => Results.Json(new { received = true }));
        _app.MapPost("/warehouse", async (CancellationToken gone) =>
        {
            await Task.Delay(Slow, time, gone);
            return Results.Json(new { received = true });
        });
        _app.MapPost("/partner", () => time.GetUtcNow() < recoversAt
            ? Results.Json(new { error = "maintenance" }, statusCode: StatusCodes.Status500InternalServerError)
            : Results.Json(new { received = true }));
        _app.MapPost("/sms", () => Results.Json(new { error = "unknown template" }, statusCode: StatusCodes.Status400BadRequest));
        await _app.StartAsync(cancel);
        return _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null) await _app.DisposeAsync();
    }
}
