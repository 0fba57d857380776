using System.Net;
using System.Text.Json;
using EnsAdmin.Access;
using EnsAdmin.Domain;
using EnsAdmin.Hosting;
using EnsAdmin.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace EnsAdmin.Tests.Hosting;

/// <summary>What an operator does on the command line, beside a server that runs on the same data.</summary>
public sealed class AdminCommandTests
{
    private const string AnyPort = "--urls=http://127.0.0.1:0";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_organization_and_a_key_that_are_added_beside_a_running_server_are_good_there_and_a_revoked_key_is_refused()
    {
        await using var run = await ProgramRun.UpAsync(AnyPort);
        var key = await run.KeyAsync();
        using var http = new HttpClient { BaseAddress = new Uri(run.Url) };
        http.DefaultRequestHeaders.Authorization = new("Bearer", key);
        async Task<HttpStatusCode> AskAsync() => (await http.GetAsync("/v3/webHooks", Cancel)).StatusCode;

        await Eventually.HoldsAsync(async () => await AskAsync() == HttpStatusCode.OK, () => "the key is known");
        Assert.Equal((0, "", ""), await run.CommandAsync("key", "revoke", key[..ApiKey.IdLength]));
        await Eventually.HoldsAsync(async () => await AskAsync() == HttpStatusCode.Unauthorized, () => "the key is refused");
    }

    [Fact]
    public async Task Lists_are_for_people_and_as_JSON_for_scripts()
    {
        await using var app = RunningApp.Start();

        var (_, organizations, _) = await RunAsync(app, "org", "list", "--json");
        var (_, keys, _) = await RunAsync(app, "key", "list", "--json");
        var (_, table, _) = await RunAsync(app, "key", "list", "--org", "1655");
        var (_, others, _) = await RunAsync(app, "key", "list", "--org", "7", "--json");

        var organization = Assert.Single(JsonDocument.Parse(organizations).RootElement.EnumerateArray());
        Assert.Equal((1655, "Harbour Coffee", "UTC"), (organization.GetProperty("orgId").GetInt32(), organization.GetProperty("name").GetString(), organization.GetProperty("timeZone").GetString()));
        var listed = Assert.Single(JsonDocument.Parse(keys).RootElement.EnumerateArray());
        Assert.Equal((app.Key[..ApiKey.IdLength], Scopes.All.Count), (listed.GetProperty("id").GetString(), listed.GetProperty("scopes").GetArrayLength()));
        Assert.StartsWith("ID ", table, StringComparison.Ordinal);
        Assert.Contains("events:publish,webhooks:read", table, StringComparison.Ordinal);
        Assert.DoesNotContain(app.Key[(ApiKey.IdLength + 1)..], keys + table, StringComparison.Ordinal);
        Assert.Equal("[]", others);
    }

    [Theory]
    [InlineData("There is an organization 1655 already.", "org", "add", "1655", "--name", "Again")]
    [InlineData("The orgId is a whole number from 1 on.", "org", "add", "0", "--name", "None")]
    [InlineData("Give a name of 1 to 100 characters on one line.", "org", "add", "7", "--name", " ")]
    [InlineData("The time zone is an IANA id, such as Europe/Berlin, Asia/Kolkata or UTC.", "org", "add", "7", "--name", "x", "--time-zone", "Mars/Base")]
    [InlineData("There is no organization 7.", "key", "add", "--org", "7", "--scopes", "events:publish")]
    [InlineData("There is no scope 'events:pubish'; there are events:publish, webhooks:read, webhooks:write, deliveries:read, deliveries:replay, directory:read, directory:write.", "key", "add", "--org", "1655", "--scopes", "events:pubish")]
    [InlineData("The expiry must be in the future.", "key", "add", "--org", "1655", "--scopes", "events:publish", "--expires", "2001-01-31")]
    [InlineData("'soon' is no date; give one such as 2027-01-31 or 2027-01-31T12:00:00Z.", "key", "add", "--org", "1655", "--scopes", "events:publish", "--expires", "soon")]
    [InlineData("Give networks in CIDR form, separated by commas, such as 10.1.0.0/16, fd00:1::/32.", "key", "add", "--org", "1655", "--scopes", "events:publish", "--networks", "here")]
    [InlineData("There is no key ens_aaaaaaaaaaaa, or it was revoked before.", "key", "revoke", "ens_aaaaaaaaaaaa")]
    public async Task A_mistake_is_one_line_and_changes_nothing(string said, params string[] args)
    {
        await using var app = RunningApp.Start();
        Assert.Equal((1, "", said), await RunAsync(app, args));
        Assert.Single(await app.Services.GetRequiredService<KeyStore>().AllAsync(RunningApp.OrgId, Cancel));
    }

    [Fact]
    public async Task The_first_organization_can_be_added_before_the_first_start()
    {
        var directory = Directory.CreateTempSubdirectory("ens-first-").FullName;
        try
        {
            var (exitCode, output, errors) = await ProgramRun.ToTheEndAsync(["org", "add", "1655", "--name", "Harbour Coffee", $"--Ens:DataDirectory={directory}/data"]);
            Assert.Equal((0, "", ""), (exitCode, output, errors));
            await using var run = await ProgramRun.UpAsync(AnyPort, $"--Ens:DataDirectory={directory}/data");
            Assert.Contains("Harbour Coffee", (await run.CommandAsync("org", "list", $"--Ens:DataDirectory={directory}/data")).Output, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static async Task<(int ExitCode, string Output, string Errors)> RunAsync(RunningApp app, params string[] args)
    {
        using StringWriter output = new(), errors = new();
        var exitCode = await CommandLine.Read(args, output, errors).Admin!(app.Services, output, errors);
        return (exitCode, output.ToString().TrimEnd(), errors.ToString().TrimEnd());
    }
}
