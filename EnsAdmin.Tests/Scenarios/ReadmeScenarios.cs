using System.Net;
using System.Text.RegularExpressions;
using EnsAdmin.Tests.Support;

namespace EnsAdmin.Tests.Scenarios;

/// <summary>What a newcomer pastes from README.md does what it says there.</summary>
public sealed partial class ReadmeScenarios
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_webhook_of_the_readme_gets_its_event_and_the_log_tells_of_it()
    {
        var readme = await File.ReadAllTextAsync(Path.Combine(Root(), "README.md"), Cancel);
        var bodies = Call().Matches(readme).ToDictionary(m => m.Groups["path"].Value, m => m.Groups["body"].Value);
        await using var receiver = await Receiver.StartAsync();
        await using var app = RunningApp.Start();

        Assert.All(bodies.Values, body => Assert.True(body.All(char.IsAscii), body));
        var webhook = bodies["/v3/webHooks"].Replace("http://127.0.0.1:9000", receiver.Url, StringComparison.Ordinal);
        Assert.NotEqual(bodies["/v3/webHooks"], webhook);
        using (var created = await app.Http.PostAsync("/v3/webHooks", new StringContent(webhook), Cancel)) Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        await app.PublishAcceptedAsync(bodies["/v3/events"]);

        Assert.Contains("1655_42", (await receiver.ReceivedAsync(1))[0].Text, StringComparison.Ordinal);
        await Eventually.HoldsAsync(async () => (await app.Http.GetStringAsync(LogCall().Match(readme).Value, Cancel)).Contains("\"status\":\"Success\"", StringComparison.Ordinal), () => "the event in the log");
    }

    [Fact]
    public async Task The_directory_of_the_readme_is_written_and_found()
    {
        var readme = await File.ReadAllTextAsync(Path.Combine(Root(), "README.md"), Cancel);
        await using var app = RunningApp.Start();
        var calls = DirectoryCall().Matches(readme);
        Assert.Equal(["stores", "tills", "customers"], calls.Select(c => c.Groups["kind"].Value));

        foreach (Match call in calls)
        {
            var type = call.Groups["type"].Value is { Length: > 0 } given ? given : "application/x-www-form-urlencoded"; // As curl says it.
            using var answer = await app.Http.PutAsync($"/v3/directory/{call.Groups["kind"].Value}", new StringContent(call.Groups["body"].Value, System.Text.Encoding.UTF8, type), Cancel);
            Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Cancel));
        }

        Assert.Contains("\"customerId\":42", await app.Http.GetStringAsync("/v3/directory/customers?search=9198", Cancel), StringComparison.Ordinal);
    }

    private static string Root()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "EnsAdmin.sln"))) directory = directory.Parent!;
        return directory.FullName;
    }

    [GeneratedRegex(@"curl [^\n]*http://localhost:5080(?<path>/v3/\w+) -d '(?<body>[^']+)'")]
    private static partial Regex Call();

    [GeneratedRegex(@"curl -X PUT [^\n]*/v3/directory/(?<kind>\w+)(?: -H ""Content-Type: (?<type>[^""]+)"")? -d '(?<body>[^']+)'")]
    private static partial Regex DirectoryCall();

    [GeneratedRegex(@"/v3/webHooks/eventLog/refId/[^\s`…]+$", RegexOptions.Multiline)]
    private static partial Regex LogCall();
}
