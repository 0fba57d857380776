using System.Net.Http.Json;
using System.Text.Json;
using EnsAdmin.Tests.Support;

namespace EnsAdmin.Tests.Hosting;

public sealed class ConsoleTests
{
    [Fact]
    public async Task An_attempt_is_one_line_with_its_time_and_says_what_comes_next()
    {
        var lines = await LogAsync(200);

        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z info: EnsAdmin\.Dispatch\.Recorder\[\d+\] Scheduled attempt 1 of pointsIssued e-1 .* now Delivered, next attempt: none$", Assert.Single(lines));
    }

    [Fact]
    public async Task An_attempt_that_is_made_again_says_when() =>
        Assert.Matches(@"now ReplayScheduled, next attempt: \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+\+00:00$", Assert.Single(await LogAsync(503)));

    [Fact]
    public async Task The_log_can_be_json_and_then_has_its_time_too()
    {
        var line = JsonDocument.Parse(Assert.Single(await LogAsync(200, ("Logging__Console__FormatterName", "json")))).RootElement;

        Assert.EndsWith("Z", line.GetProperty("Timestamp").GetString(), StringComparison.Ordinal);
        Assert.Equal(("none", "e-1"), (line.GetProperty("State").GetProperty("NextAt").GetString(), line.GetProperty("State").GetProperty("EventId").GetString()));
    }

    /// <summary>The lines of one attempt's event.</summary>
    private static async Task<string[]> LogAsync(int answer, params (string Key, string Value)[] environment)
    {
        await using var receiver = (await Receiver.StartAsync()).Answering(answer);
        await using var program = await ProgramRun.UpAsync(["--urls=http://127.0.0.1:0", $"--Ens:Delivery:AllowedNetworks={RunningApp.Loopback}"], environment);
        using var http = await program.ClientAsync();
        using (var created = await http.PostAsJsonAsync("/v3/webHooks", new { name = "orders", webHookUrl = receiver.Url, maxAllowedConnections = 1, eventNames = new[] { Some.EventName } })) created.EnsureSuccessStatusCode();
        using (var accepted = await http.PostAsync("/v3/events", new StringContent(Some.Event("e-1")))) accepted.EnsureSuccessStatusCode();
        await receiver.ReceivedAsync(1);
        program.Terminate();
        return [.. (await program.EndAsync()).Output.Split('\n').Where(l => l.Contains("e-1", StringComparison.Ordinal))];
    }
}
