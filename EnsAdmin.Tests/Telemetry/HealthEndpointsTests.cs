using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using EnsAdmin.Data;
using EnsAdmin.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace EnsAdmin.Tests.Telemetry;

public sealed class HealthEndpointsTests
{
    [Fact]
    public async Task A_running_program_is_live_and_ready()
    {
        await using var app = RunningApp.Start();

        Assert.Equal((HttpStatusCode.OK, "up"), await StatusAsync(app, "live"));
        Assert.Equal((HttpStatusCode.OK, "up"), await StatusAsync(app, "ready"));
    }

    [Fact]
    public async Task With_too_little_disk_it_is_live_and_not_ready()
    {
        await using var app = RunningApp.Start(settings: ("Ens:Ingestion:MinFreeDiskMegabytes", $"{int.MaxValue}"));

        Assert.Equal((HttpStatusCode.OK, "up"), await StatusAsync(app, "live"));
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "down"), await StatusAsync(app, "ready"));
        Assert.Equal("down", await CheckAsync(app, "disk"));
        Assert.Equal("up", await CheckAsync(app, "writer"));
        Assert.Equal("up", await CheckAsync(app, "dispatcher"));
    }

    [Fact]
    public async Task A_writer_that_does_not_get_on_makes_it_not_ready_until_it_does()
    {
        await using var app = RunningApp.Start();
        using var go = new ManualResetEventSlim();
        var stuck = app.Services.GetRequiredService<GroupCommitWriter>().RunAsync(_ =>
        {
            go.Wait(TestContext.Current.CancellationToken);
            return true;
        });

        Assert.Equal("down", await CheckAsync(app, "writer"));
        Assert.Equal((HttpStatusCode.OK, "up"), await StatusAsync(app, "live"));

        go.Set();
        await stuck;
        Assert.Equal((HttpStatusCode.OK, "up"), await StatusAsync(app, "ready"));
    }

    [Fact]
    public async Task A_dispatcher_that_can_claim_nothing_makes_it_not_ready_until_it_can()
    {
        await using var receiver = (await Receiver.StartAsync()).Answering(500, 200);
        var time = Some.Clock();
        await using var app = RunningApp.Start(time);
        var webhook = await app.CreateWebhookAsync(receiver.Url);
        await app.PublishAcceptedAsync(Some.Event("e-1"));
        await app.DeliveryAsync(webhook, EnsAdmin.Domain.DeliveryStatus.ReplayScheduled);
        using var go = new ManualResetEventSlim();
        var stuck = app.Services.GetRequiredService<GroupCommitWriter>().RunAsync(_ =>
        {
            go.Wait(TestContext.Current.CancellationToken);
            return true;
        });

        Assert.Equal("up", await CheckAsync(app, "dispatcher"));
        time.Advance(TimeSpan.FromSeconds(10)); // The delivery is due: a turn begins, and does not end.
        await Eventually.HoldsAsync(async () =>
        {
            time.Advance(TimeSpan.FromSeconds(5));
            return await CheckAsync(app, "dispatcher") == "down";
        }, () => "a dispatcher that is down");

        go.Set();
        await stuck;
        await receiver.ReceivedAsync(2);
        await Eventually.HoldsAsync(async () => await CheckAsync(app, "dispatcher") == "up", () => "a dispatcher that is up");
    }

    private static async Task<(HttpStatusCode, string?)> StatusAsync(RunningApp app, string what)
    {
        var (status, body) = await AskAsync(app, what);
        return (status, body.GetProperty("status").GetString());
    }

    private static async Task<string?> CheckAsync(RunningApp app, string name) => (await AskAsync(app, "ready")).Body.GetProperty("checks").GetProperty(name).GetProperty("status").GetString();

    private static async Task<(HttpStatusCode Status, JsonElement Body)> AskAsync(RunningApp app, string what)
    {
        using var answer = await app.Http.GetAsync($"/health/{what}", TestContext.Current.CancellationToken);
        return (answer.StatusCode, await answer.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken));
    }
}
