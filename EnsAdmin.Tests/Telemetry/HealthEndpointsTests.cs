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

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_is_down_is_in_the_log_once_and_at_each_question_only_where_somebody_wants_it(bool wanted)
    {
        await using var program = await ProgramRun.UpAsync(["--urls=http://127.0.0.1:0", $"--Ens:Ingestion:MinFreeDiskMegabytes={int.MaxValue}", .. wanted ? ["--Logging:LogLevel:Microsoft.Extensions.Diagnostics.HealthChecks=Error"] : Array.Empty<string>()]);
        using var http = new HttpClient { BaseAddress = new Uri(program.Url) };
        for (var i = 0; i < 3; i++)
        {
            using var answer = await http.GetAsync("/health/ready", TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        }

        program.Terminate();
        var lines = (await program.EndAsync()).Output.Split('\n');

        Assert.Single(lines, l => l.Contains("MB of disk are free", StringComparison.Ordinal));
        Assert.Equal(wanted ? 3 : 0, lines.Count(l => l.Contains("HealthChecks", StringComparison.Ordinal)));
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
