using System.Text.RegularExpressions;
using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using EnsAdmin.Domain;
using EnsAdmin.People;
using EnsAdmin.Shared;
using EnsAdmin.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;

namespace EnsAdmin.Tests.Scenarios;

/// <summary>From an empty installation to a delivered event, what each role finds, and who changed what, in the browser.</summary>
public sealed class AccessStories(Browser browser) : IClassFixture<Browser>
{
    [Fact]
    public async Task From_the_setup_address_to_the_first_event_delivered_with_a_key_of_the_page()
    {
        await using var app = RunningApp.Start();
        await using var receiver = await Receiver.StartAsync();
        await using var watched = await browser.OpenAsync();
        var page = watched.Page;
        await page.GotoAsync($"{app.Url.TrimEnd('/')}{Paths.Setup}?token={app.Services.GetRequiredService<Setup>().Open()}");
        await page.GetByLabel("E-mail").FillAsync("jo@example.com");
        await page.GetByLabel("Your name").FillAsync("Jo Rivera");
        await page.GetByLabel("Password").FillAsync(RunningAppPeople.Password);
        await page.GetByLabel("orgId").FillAsync("7");
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync("North Roast");
        await page.GetByRole(AriaRole.Button, new() { Name = "Set up" }).ClickAsync();
        await watched.InteractiveAsync();

        await page.GetByRole(AriaRole.Link, new() { Name = "New notification" }).First.ClickAsync();
        await page.GetByLabel("Webhook name").FillAsync("orders");
        await page.GetByLabel("Webhook URL").FillAsync(receiver.Url);
        await page.GetByRole(AriaRole.Button, new() { Name = "Select events" }).ClickAsync();
        var panel = page.GetByRole(AriaRole.Dialog);
        await panel.GetByLabel("Search events").FillAsync("pointsIss");
        await panel.GetByRole(AriaRole.Checkbox, new() { Name = "pointsIssued" }).CheckAsync();
        await panel.GetByRole(AriaRole.Button, new() { Name = "Done" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Save", Exact = true }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "orders" })).ToBeVisibleAsync();

        await page.GetByRole(AriaRole.Link, new() { Name = "API keys" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "New key" }).First.ClickAsync();
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync("till-server");
        await page.GetByRole(AriaRole.Checkbox, new() { Name = "events:publish" }).CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Create key" }).ClickAsync();
        var key = await page.Locator(".ens-told code").TextContentAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Done" }).ClickAsync();

        using var till = app.Client(key);
        using var published = await till.PostAsync("/v3/events", new StringContent(Some.Event("first-of-all").Replace("1655", "7", StringComparison.Ordinal)), TestContext.Current.CancellationToken);
        Assert.Equal(202, (int)published.StatusCode);
        Assert.Equal("first-of-all", (await receiver.ReceivedAsync(1))[0].EventId);
        await page.GetByRole(AriaRole.Link, new() { Name = "Event Notifications" }).First.ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "orders" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Row, new() { Name = "pointsIssued" })).ToContainTextAsync("Success");
        Assert.Empty(watched.Troubles);
    }

    [Fact]
    public async Task An_open_audit_shows_what_another_browser_changes_and_what_it_was_before()
    {
        await using var app = RunningApp.Start();
        await using var receiver = await Receiver.StartAsync();
        var webhook = await app.CreateWebhookAsync(receiver.Url);
        await using var reader = await browser.OpenAsync(app);
        await using var editor = await browser.OpenAsync(app);
        await reader.GoAsync(app.Url + "o/1655/audit");
        await Assertions.Expect(reader.Page.GetByRole(AriaRole.Row, new() { Name = "Webhook added" })).ToBeVisibleAsync();

        await editor.GoAsync(app.Url + $"o/1655/event-notifications/{webhook}/edit");
        await editor.Page.GetByLabel("Maximum allowed connections").FillAsync("7");
        await editor.Page.GetByRole(AriaRole.Button, new() { Name = "Save", Exact = true }).ClickAsync();

        var row = reader.Page.GetByRole(AriaRole.Row, new() { Name = "Webhook changed" });
        await Assertions.Expect(row).ToContainTextAsync("Admin of the test");
        await row.GetByRole(AriaRole.Button).ClickAsync();
        await Assertions.Expect(reader.Page.Locator(".ens-changes")).ToHaveTextAsync(new Regex(@"Max connections\s*20\s*→\s*7"));
        await AssertAccessibleAsync(reader.Page, "audit");
        var download = await reader.Page.RunAndWaitForDownloadAsync(() => reader.Page.GetByRole(AriaRole.Link, new() { Name = "CSV" }).ClickAsync());
        Assert.Contains("webhook.changed", await File.ReadAllTextAsync(await download.PathAsync(), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        await reader.Page.GetByLabel("Action", new() { Exact = true }).SelectOptionAsync("webhook.added");
        await Assertions.Expect(row).ToHaveCountAsync(0);
        Assert.Empty(reader.Troubles);
    }

    [Theory]
    [InlineData(Role.Viewer)]
    [InlineData(Role.Admin)]
    public async Task On_every_page_that_opens_every_link_and_every_button_leads_to_what_the_role_may(Role role)
    {
        await using var app = RunningApp.Start();
        await using var receiver = (await Receiver.StartAsync()).Answering(404);
        var webhook = await app.CreateWebhookAsync(receiver.Url);
        await app.PublishAcceptedAsync(Some.Event("e-1"));
        var delivery = await app.DeliveryAsync(webhook, DeliveryStatus.Rejected);
        await app.Services.GetRequiredService<InvitationStore>().AddAsync(RunningApp.OrgId, "sam@example.com", Role.Viewer, Some.Actor, TestContext.Current.CancellationToken);
        await app.AddRecordsAsync(delivery.Id);
        using var http = await app.SignedInAsync(role);
        await using var watched = await browser.OpenAsync(app, role);
        var page = watched.Page;
        var (walked, pressed) = (0, 0);

        foreach (var path in Pages(webhook, delivery.Id))
        {
            using var answer = await http.GetAsync(path, TestContext.Current.CancellationToken);
            if ((int)answer.StatusCode == 403) continue;
            Assert.Equal((path, 200), (path, (int)answer.StatusCode));
            walked++;
            await watched.GoAsync(app.Url.TrimEnd('/') + path);
            await SettledAsync(page);
            foreach (var link in await page.EvaluateAsync<string[]>("() => [...document.querySelectorAll('a[href]')].filter(a => a.origin === location.origin).map(a => a.pathname)"))
            {
                using var led = await http.GetAsync(link, TestContext.Current.CancellationToken);
                Assert.True((int)led.StatusCode < 400, $"{path} has a link to {link}, which answers {(int)led.StatusCode} to a {role}.");
            }

            var buttons = await page.Locator("main button:visible:enabled").CountAsync();
            for (var i = 0; i < buttons; i++, pressed++)
            {
                if (i > 0) await watched.GoAsync(app.Url.TrimEnd('/') + path);
                await SettledAsync(page);
                var button = page.Locator("main button:visible:enabled").Nth(i);
                if (await button.CountAsync() == 0) continue;
                var name = await button.EvaluateAsync<string>("b => b.getAttribute('aria-label') || b.textContent.trim()");
                // Signing out everywhere else would end the other browser of this very walk.
                if (name.StartsWith("Sign out", StringComparison.Ordinal)) continue;
                await button.ClickAsync();
                await SettledAsync(page);
                Assert.True(await page.GetByText("You may not do this").CountAsync() == 0 && await page.GetByText("Something went wrong").CountAsync() == 0, $"\"{name}\" on {path} fails for a {role}.");
            }
        }

        Assert.InRange(walked, role == Role.Viewer ? 4 : 7, 100);
        Assert.InRange(pressed, 5, 1000);
        Assert.Empty(watched.Troubles);
    }

    [Fact]
    public async Task The_system_page_and_the_audit_of_the_installation_tell_an_operator_how_it_fares()
    {
        await using var app = RunningApp.Start();
        await using var watched = await browser.OpenAsync(app, Role.Operator);
        var page = watched.Page;
        await watched.GoAsync(app.Url + "system");
        foreach (var part in new[] { "Database writer", "Disk", "Dispatcher" })
            await Assertions.Expect(page.GetByRole(AriaRole.Listitem).Filter(new() { HasText = part })).ToContainTextAsync("Works");
        await Assertions.Expect(page.GetByRole(AriaRole.Row, new() { Name = "Ens:DataDirectory" })).ToContainTextAsync(app.DataDirectory);
        await AssertAccessibleAsync(page, "system");
        await page.GetByRole(AriaRole.Link, new() { Name = "Audit of the installation" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Row, new() { Name = "Settings changed" })).ToContainTextAsync("Installation");
        await Assertions.Expect(page.GetByRole(AriaRole.Row, new() { Name = "Organization added" })).ToContainTextAsync("Harbour Coffee");
        await page.GetByLabel("Where").SelectOptionAsync("0");
        await Assertions.Expect(page.GetByRole(AriaRole.Row, new() { Name = "Organization added" })).ToHaveCountAsync(0);
        await AssertAccessibleAsync(page, "installation audit");
        Assert.Empty(watched.Troubles);
    }

    [Fact]
    public async Task An_invitation_is_mailed_where_a_mail_server_is_set_and_a_failure_is_told_at_the_dialog()
    {
        await using var mail = new MailServer { Unknown = "nobody@" };
        await using var app = RunningApp.Start(settings: [("Ens:Smtp:Host", "127.0.0.1"), ("Ens:Smtp:Port", $"{mail.Port}"), ("Ens:Smtp:Tls", "None"), ("Ens:Smtp:From", "ens@example.com")]);
        await using var watched = await browser.OpenAsync(app);
        var page = watched.Page;
        foreach (var (email, words) in new[] { ("sam@example.com", "It was mailed to sam@example.com."), ("nobody@example.com", "It was not mailed: the mail server does not take mail for this address (550).") })
        {
            await watched.GoAsync(app.Url + "o/1655/members");
            await page.GetByRole(AriaRole.Button, new() { Name = "Invite somebody" }).ClickAsync();
            await page.GetByLabel("E-mail").FillAsync(email);
            await page.GetByRole(AriaRole.Button, new() { Name = "Invite", Exact = true }).ClickAsync();
            await Assertions.Expect(page.GetByRole(AriaRole.Dialog)).ToContainTextAsync(words);
            var link = (await page.Locator(".ens-link-line code").TextContentAsync())!;
            Assert.Contains("/invitation?token=", link, StringComparison.Ordinal);
            if (email.StartsWith("sam", StringComparison.Ordinal)) Assert.Contains(link[link.IndexOf("token=", StringComparison.Ordinal)..][6..40], Assert.Single(mail.Mails).Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Who_signs_in_by_the_provider_comes_to_the_page_and_out_again()
    {
        await using var provider = await OpenIdProvider.StartAsync();
        await using var app = RunningApp.Start(settings: provider.Settings());
        await app.AddUserAsync(Role.Operator);
        provider.Claims = OpenIdProvider.Person("sam", "sam@example.com", "team");
        await using var watched = await browser.OpenAsync();
        var page = watched.Page;
        await page.GotoAsync(app.Url + "o/1655/members");
        await AssertAccessibleAsync(page, "sign-in with a provider");
        await page.GetByRole(AriaRole.Link, new() { Name = "Sign in with Harbour ID" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Row, new() { Name = "sam of the provider" })).ToContainTextAsync("Admin");
        await watched.InteractiveAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "profile of sam" }).ClickAsync();
        await page.GetByText("Sign out", new() { Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Sign out of Harbour ID too" }).ClickAsync();
        await Assertions.Expect(page).ToHaveURLAsync(app.Url + "sign-in");
        Assert.Equal(1, provider.SignedOut);
        Assert.Empty(watched.Troubles);
    }

    /// <summary>Every page of the program, with ids that lead somewhere.</summary>
    private static IEnumerable<string> Pages(string webhook, long delivery) => typeof(Program).Assembly.GetTypes()
        .SelectMany(t => t.GetCustomAttributes(typeof(Microsoft.AspNetCore.Components.RouteAttribute), false)).Cast<Microsoft.AspNetCore.Components.RouteAttribute>().Select(r => r.Template)
        .Except([Paths.NotFound, Paths.SignIn, Paths.SecondFactor, Paths.Setup, Paths.Invitation, Paths.Home])
        .Select(t => Regex.Replace(t.Replace("{OrgId:int}", "1655", StringComparison.Ordinal), @"\{(\w+)(:\w+)?\}", m => m.Groups[2].Value == ":long" || t.Contains("/directory/", StringComparison.Ordinal) ? $"{delivery}" : webhook)).Order(StringComparer.Ordinal);

    /// <summary>Nothing is on its way any more.</summary>
    private static async Task SettledAsync(IPage page)
    {
        await page.Locator(".mud-skeleton").First.WaitForAsync(new() { State = WaitForSelectorState.Detached });
        await page.EvaluateAsync("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))");
    }

    private static async Task AssertAccessibleAsync(IPage page, string screen)
    {
        var result = await page.RunAxe();
        Assert.Empty(result.Violations.Where(v => v.Impact is "serious" or "critical").Select(v => $"{screen}: {v.Id} {string.Join(" | ", v.Nodes.Select(n => n.Html[..Math.Min(160, n.Html.Length)]))}"));
    }
}
