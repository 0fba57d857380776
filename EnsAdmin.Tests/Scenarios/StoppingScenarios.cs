using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using EnsAdmin.Tests.Support;
using Microsoft.Playwright;

namespace EnsAdmin.Tests.Scenarios;

/// <summary>The program is asked to stop, as an operator or a service manager does, while it is busy.</summary>
[Collection(Alone.Name)]
public sealed class StoppingScenarios(Browser browser) : IClassFixture<Browser>
{
    [Fact]
    public async Task New_work_is_refused_while_500_calls_in_flight_are_given_their_time()
    {
        await using var receiver = await Receiver.StartAsync();
        var answers = new TaskCompletionSource();
        var ended = 0;
        receiver.Answer = async (n, http) =>
        {
            // The first half answers when told to, the other half never; after the restart everybody does.
            if (n <= 500) await answers.Task.WaitAsync(http.RequestAborted);
            if (n is > 250 and <= 500) await Task.Delay(Timeout.Infinite, http.RequestAborted);
            await Receiver.Status(http, 200);
            Interlocked.Increment(ref ended);
        };
        var url = $"http://127.0.0.1:{ProgramRun.FreePort()}";
        await using var program = await ProgramRun.ProductAsync("--urls", url, $"--Ens:Delivery:AllowedNetworks={RunningApp.Loopback}", "--Ens:Delivery:MaxCallsInFlight=600", "--Ens:Delivery:ShutdownGrace=00:00:05", "--Logging:LogLevel:Default=Warning");
        using var http = await program.ClientAsync();
        for (var i = 0; i < 10; i++)
        {
            using var created = await http.PostAsJsonAsync("/v3/webHooks", new { name = $"orders {i}", webHookUrl = receiver.Url, maxAllowedConnections = 50, eventNames = new[] { Some.EventName } }, Cancel);
            Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        }

        using (var published = await http.PostAsync("/v3/events", new StringContent(Some.Events(Enumerable.Range(0, 50).Select(i => $"e-{i}"))), Cancel)) Assert.Equal(HttpStatusCode.Accepted, published.StatusCode);
        await receiver.ReceivedAsync(500);

        program.Terminate();
        HttpResponseMessage refused = null!;
        var late = 0;
        await Eventually.HoldsAsync(async () => (refused = await http.PostAsync("/v3/events", new StringContent(Some.Event($"late-{late++}", "customerAdded")))).StatusCode != HttpStatusCode.Accepted, () => "a refusal");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.Equal("5", refused.Headers.RetryAfter?.ToString());
        Assert.Contains("stopping", (await refused.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("errors")[0].GetProperty("message").GetString(), StringComparison.Ordinal);
        answers.SetResult();

        var (exitCode, output) = await program.EndAsync();
        Assert.Equal((0, 250, 500), (exitCode, ended, receiver.Calls.Count));
        Assert.Contains("250 calls had no answer within 00:00:05 of the stop and are cut off; the next start sends them again", output, StringComparison.Ordinal);

        // What was answered is recorded; only what had no answer is sent again.
        await program.AgainAsync();
        await receiver.ReceivedAsync(750);
        await Eventually.HoldsAsync(() => Task.FromResult(ended == 500), () => $"500 answers; {ended} were given");
        Assert.Equal(750, receiver.Calls.Count);
    }

    [Fact]
    public async Task Open_pages_do_not_hold_the_stop_up()
    {
        // More than a test waits.
        await using var program = await ProgramRun.ProductAsync("demo", "--urls=http://127.0.0.1:0", "--Ens:Delivery:ShutdownGrace=00:01:00", "--Logging:LogLevel:Default=Warning");
        await using var list = await browser.OpenAsync();
        await using var form = await browser.OpenAsync();
        await list.GoAsync(program.Url + "/o/1655/event-notifications");
        await form.GoAsync(program.Url + "/o/1655/event-notifications/new");

        program.Terminate();

        Assert.Equal(0, (await program.EndAsync()).ExitCode);
        await Assertions.Expect(list.Page.GetByRole(AriaRole.Dialog)).ToBeVisibleAsync();
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;
}
