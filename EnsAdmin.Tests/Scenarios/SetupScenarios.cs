using System.Net;
using System.Text.RegularExpressions;
using EnsAdmin.Access;
using EnsAdmin.Domain;
using EnsAdmin.People;
using EnsAdmin.Shared;
using EnsAdmin.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace EnsAdmin.Tests.Scenarios;

public sealed class SetupScenarios
{
    private static readonly (string, string)[] Right =
        [("Given.Email", "jo@example.com"), ("Given.Name", "Jo Rivera"), ("Given.Password", RunningAppPeople.Password), ("Given.OrgId", "7"), ("Given.OrgName", "North Roast"), ("Given.TimeZone", "Europe/Berlin")];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_first_operator_lands_in_the_first_organization_and_the_address_is_good_no_more()
    {
        await using var app = RunningApp.Start();
        var address = Address(app);
        using var http = app.Stranger();

        using var answer = await http.SendFormAsync(address, "setup", Right);

        Assert.Equal("/o/7/event-notifications", answer.Headers.Location?.AbsolutePath);
        using var page = await http.GetAsync(answer.Headers.Location, Cancel);
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.Contains("North Roast", await page.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        Assert.True(Assert.Single(await app.Services.GetRequiredService<Accounts>().AllAsync(Cancel)).IsOperator);
        using var again = await app.Stranger().GetAsync(address, Cancel);
        Assert.Equal(HttpStatusCode.Gone, again.StatusCode);
    }

    [Fact]
    public async Task A_wrong_an_old_and_a_former_starts_address_are_refused()
    {
        var clock = Some.Clock();
        await using var app = RunningApp.Start(clock);
        using var http = app.Stranger();
        var (former, address) = (Address(app), Address(app));

        Assert.Equal(410, await StatusAsync(http, Paths.Setup));
        Assert.Equal(410, await StatusAsync(http, Paths.Setup + "?token=aaaa"));
        Assert.Equal(410, await StatusAsync(http, former));
        Assert.Equal(200, await StatusAsync(http, address));
        clock.Advance(Setup.Lifetime);
        Assert.Equal(410, await StatusAsync(http, address));
    }

    [Fact]
    public async Task A_page_that_was_open_when_the_hour_ended_makes_nobody()
    {
        var clock = Some.Clock();
        await using var app = RunningApp.Start(clock);
        var setup = app.Services.GetRequiredService<Setup>();
        var token = setup.Open();
        clock.Advance(Setup.Lifetime);

        var errors = await setup.RunAsync(token, new SetupInput { Email = "jo@example.com", Name = "Jo", Password = RunningAppPeople.Password, OrgId = "7", OrgName = "North Roast" }, null);

        Assert.Equal("Token", Assert.Single(errors).Field);
        Assert.True(await setup.IsNeededAsync());
    }

    [Theory]
    [InlineData("Given.Email", "jo", "Give an e-mail address")]
    [InlineData("Given.Name", "", "Give a name of 1 to 100")]
    [InlineData("Given.Password", "password1234", "one of the first passwords")]
    [InlineData("Given.OrgId", "0", "The orgId is a whole number")]
    [InlineData("Given.OrgId", "brand", "The orgId is a whole number")]
    [InlineData("Given.OrgName", "", "Give a name of 1 to 100")]
    [InlineData("Given.TimeZone", "Mars/Base", "The time zone is an IANA id")]
    public async Task A_wrong_field_is_named_and_nothing_is_made(string field, string value, string said)
    {
        await using var app = RunningApp.Start();
        using var http = app.Stranger();

        (string Name, string Value)[] given = [.. Right.Select(f => f.Item1 == field ? (field, value) : f)];
        using var answer = await http.SendFormAsync(Address(app), "setup", given);

        var page = WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync(Cancel));
        Assert.Contains(said, page, StringComparison.Ordinal);
        Assert.All(given.Where(f => f.Value.Length > 0), f => Assert.Equal((f.Name, f.Name != "Given.Password"), (f.Name, Regex.IsMatch(page, $"name=\"{f.Name}\"[^>]* value=\"{f.Value}\""))));
        Assert.Empty(await app.Services.GetRequiredService<Accounts>().AllAsync(Cancel));
        Assert.Null(app.Services.GetRequiredService<AccessTable>().FindOrganization(7));
    }

    [Fact]
    public async Task Of_many_who_make_the_same_account_or_organization_at_the_same_moment_one_does_and_the_log_tells_of_no_error()
    {
        using var log = new ErrorLog();
        await using var app = log.Start();
        var (accounts, organizations) = (app.Services.GetRequiredService<Accounts>(), app.Services.GetRequiredService<OrganizationStore>());

        var account = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => accounts.AddAsync(new NewAccount("jo@example.com", "Jo Rivera", RunningAppPeople.Password), Some.Actor))));
        var organization = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => organizations.AddAsync(7, "North Roast", "UTC", Some.Actor))));

        foreach (var answers in new[] { account, organization })
        {
            Assert.Single(answers, a => a.Count == 0);
            Assert.All(answers.Where(a => a.Count > 0), a => Assert.EndsWith("already.", Assert.Single(a).Message, StringComparison.Ordinal));
        }

        Assert.Empty(log.Errors);
    }

    [Fact]
    public async Task Settings_make_the_first_operator_unattended()
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, RunningAppPeople.Password + "\n", Cancel);
        await using var app = RunningApp.Start(settings: [("Ens:Bootstrap:Email", "ops@example.com"), ("Ens:Bootstrap:PasswordFile", file), ("Ens:Bootstrap:OrgId", "7"), ("Ens:Bootstrap:OrgName", "North Roast")]);

        using var http = await app.SignedInAsync("ops@example.com");
        Assert.Equal(200, await StatusAsync(http, "/o/7/event-notifications"));
        File.Delete(file);
    }

    [Fact]
    public async Task Settings_that_will_not_do_stop_the_start_with_a_line_that_names_the_key()
    {
        var (exitCode, _, errors) = await ProgramRun.ToTheEndAsync(["--urls=http://127.0.0.1:0", "--Ens:Bootstrap:Email=ops@example.com", "--Ens:Bootstrap:OrgId=7", "--Ens:Bootstrap:PasswordFile=/nowhere"]);
        Assert.Equal(1, exitCode);
        Assert.Contains("Ens:Bootstrap:PasswordFile = \"/nowhere\"", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_console_shows_the_address_until_there_is_an_account()
    {
        await using var run = await ProgramRun.UpAsync("--urls=http://127.0.0.1:0");
        var address = Assert.Single(run.Before, line => line.Contains("/setup?token=", StringComparison.Ordinal)).Split(' ')[^1];
        using var http = new HttpClient();
        Assert.Equal(200, await StatusAsync(http, address));

        await run.AddOperatorAsync("jo@example.com");
        Assert.Equal(410, await StatusAsync(http, address));
        Assert.Contains("\"email\":\"jo@example.com\"", (await run.CommandAsync("user", "list", "--json")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_demo_signs_its_visitor_in_and_says_so()
    {
        await using var run = await ProgramRun.UpAsync("demo", "--urls=http://127.0.0.1:0");
        using var http = new HttpClient(new HttpClientHandler { CookieContainer = new CookieContainer() }) { BaseAddress = new Uri(run.Url) };
        http.DefaultRequestHeaders.Accept.ParseAdd("text/html");

        Assert.Contains("This is the demo", await http.GetStringAsync("/o/1655/event-notifications", Cancel), StringComparison.Ordinal);
    }

    private static string Address(RunningApp app) => $"{Paths.Setup}?token={app.Services.GetRequiredService<Setup>().Open()}";

    private static async Task<int> StatusAsync(HttpClient http, string path)
    {
        using var answer = await http.GetAsync(path, Cancel);
        return (int)answer.StatusCode;
    }
}
