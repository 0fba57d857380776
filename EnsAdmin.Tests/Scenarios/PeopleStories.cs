using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using EnsAdmin.Data;
using EnsAdmin.Domain;
using EnsAdmin.People;
using EnsAdmin.Shared;
using EnsAdmin.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;

namespace EnsAdmin.Tests.Scenarios;

/// <summary>How people come in, look after their accounts, and are shut out.</summary>
public sealed class PeopleStories(Browser browser) : IClassFixture<Browser>
{
    private const string List = "o/1655/event-notifications";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task From_the_setup_address_to_a_signed_in_operator_who_signs_out_again()
    {
        await using var app = RunningApp.Start();
        await using var watched = await browser.OpenAsync();
        var page = watched.Page;
        await page.GotoAsync($"{app.Url.TrimEnd('/')}{Paths.Setup}?token={app.Services.GetRequiredService<Setup>().Open()}");
        await AssertAccessibleAsync(page, "setup");
        await page.GetByLabel("E-mail").FillAsync("jo@example.com");
        await page.GetByLabel("Your name").FillAsync("Jo Rivera");
        await page.GetByLabel("Password").FillAsync(RunningAppPeople.Password);
        await page.GetByLabel("orgId").FillAsync("7");
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync("North Roast");
        await page.GetByRole(AriaRole.Button, new() { Name = "Set up" }).ClickAsync();

        await Assertions.Expect(page).ToHaveURLAsync(app.Url + "o/7/event-notifications");
        await watched.InteractiveAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "profile of Jo Rivera" }).ClickAsync();
        await page.GetByText("Sign out", new() { Exact = true }).ClickAsync();
        await Assertions.Expect(page).ToHaveURLAsync(app.Url + "sign-in");
        await AssertAccessibleAsync(page, "sign-in");
        Assert.Empty(watched.Troubles);
    }

    [Fact]
    public async Task An_authenticator_app_is_turned_on_and_asked_for_and_a_recovery_code_stands_in_for_it()
    {
        await using var app = RunningApp.Start();
        var email = await app.AddUserAsync(Role.Viewer);
        await using var watched = await browser.OpenAsync();
        var page = watched.Page;
        await watched.SignInAsync(app.Url, email);
        await watched.GoAsync(app.Url + "profile");
        await AssertAccessibleAsync(page, "profile");
        await page.GetByRole(AriaRole.Button, new() { Name = "Set up an app" }).ClickAsync();
        var key = (await page.Locator(".ens-app code").TextContentAsync())!.Replace(" ", "");
        await AssertAccessibleAsync(page, "app");
        await page.GetByLabel("Code of the app").FillAsync(Totp.Code(key, TimeProvider.System.GetUtcNow()));
        await page.GetByLabel("Your password").FillAsync(RunningAppPeople.Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Turn on" }).ClickAsync();
        var shown = page.GetByRole(AriaRole.List, new() { Name = "Recovery codes" }).GetByRole(AriaRole.Listitem);
        await Assertions.Expect(shown).ToHaveCountAsync(10);
        var codes = await shown.AllTextContentsAsync();

        // The code that turned it on was good once; the next one is of the next half minute, which a clock may be ahead by.
        await using var again = await browser.OpenAsync();
        await PasswordAsync(again.Page, app.Url, email);
        await Assertions.Expect(again.Page.GetByRole(AriaRole.Heading, new() { Name = "Code of your app" })).ToBeVisibleAsync();
        await AssertAccessibleAsync(again.Page, "code");
        await again.Page.GetByLabel("Code").FillAsync(Totp.Code(key, TimeProvider.System.GetUtcNow().AddSeconds(30)));
        await again.Page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await Assertions.Expect(again.Page).ToHaveURLAsync(app.Url + List);

        await using var withoutPhone = await browser.OpenAsync();
        await PasswordAsync(withoutPhone.Page, app.Url, email);
        await withoutPhone.Page.GetByText("Use a recovery code instead").ClickAsync();
        await withoutPhone.Page.GetByLabel("Recovery code").FillAsync(codes[0]);
        await withoutPhone.Page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await Assertions.Expect(withoutPhone.Page).ToHaveURLAsync(app.Url + List);

        await PasswordAsync(page, app.Url, email, signOut: true);
        await page.GetByText("Use a recovery code instead").ClickAsync();
        await page.GetByLabel("Recovery code").FillAsync(codes[0]);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await Assertions.Expect(page.GetByText("This code did not work.")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_passkey_is_made_and_lets_its_owner_in_without_a_password()
    {
        await using var app = RunningApp.Start();
        var email = await app.AddUserAsync(Role.Viewer);
        // A passkey is of a name, and never of an IP address.
        var url = app.Url.Replace("127.0.0.1", "localhost");
        await using var watched = await browser.OpenAsync();
        var page = watched.Page;
        var devices = await page.Context.NewCDPSessionAsync(page);
        await devices.SendAsync("WebAuthn.enable");
        await devices.SendAsync("WebAuthn.addVirtualAuthenticator", new() { ["options"] = new { protocol = "ctap2", transport = "internal", hasResidentKey = true, hasUserVerification = true, isUserVerified = true, automaticPresenceSimulation = true } });
        await watched.SignInAsync(url, email);
        await watched.GoAsync(url + "profile");
        await page.GetByLabel("Name of the new passkey").FillAsync("Work laptop");
        var password = page.Locator("section", new() { HasText = "Name of the new passkey" }).GetByLabel("Current password");
        await password.FillAsync("not the right one");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add a passkey" }).ClickAsync();
        await Assertions.Expect(page.GetByText("This is not your password")).ToBeVisibleAsync();
        await password.FillAsync(RunningAppPeople.Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Add a passkey" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Button, new() { Name = "Remove Work laptop" })).ToBeVisibleAsync();

        await page.Context.ClearCookiesAsync();
        await page.GotoAsync(url + "sign-in");
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in with a passkey" }).ClickAsync();
        await Assertions.Expect(page).ToHaveURLAsync(url + List);
        Assert.DoesNotContain(watched.Troubles, t => !t.Contains("403", StringComparison.Ordinal)); // The wrong password.

        await watched.GoAsync(url + "profile");
        await page.GetByRole(AriaRole.Button, new() { Name = "Remove Work laptop" }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Remove" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Button, new() { Name = "Remove Work laptop" })).ToHaveCountAsync(0);
        await page.Context.ClearCookiesAsync();
        await page.GotoAsync(url + "sign-in");
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in with a passkey" }).ClickAsync();
        await Assertions.Expect(page.GetByText("This passkey was not accepted.")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_viewer_sees_everything_and_no_button_that_would_fail()
    {
        await using var app = RunningApp.Start();
        await using var receiver = (await Receiver.StartAsync()).Answering(404);
        var webhook = await app.CreateWebhookAsync(receiver.Url);
        await app.PublishAcceptedAsync(Some.Event("e-1"));
        var delivery = await app.DeliveryAsync(webhook, DeliveryStatus.Rejected);
        await using var watched = await browser.OpenAsync(app, Role.Viewer);
        var page = watched.Page;

        await watched.GoAsync(app.Url + List);
        await Assertions.Expect(page.GetByRole(AriaRole.Link, new() { Name = "orders" })).ToBeVisibleAsync();
        await AssertNoneAsync(page, "New notification", "Actions for orders");
        await watched.GoAsync(app.Url + $"{List}/{webhook}");
        await Assertions.Expect(page.GetByRole(AriaRole.Row, new() { Name = "pointsIssued" })).ToBeVisibleAsync();
        await AssertNoneAsync(page, "Edit", "Deactivate", "Delete", "Send test event", "Replay failed");
        await watched.GoAsync(app.Url + $"{List}/{webhook}/deliveries/{delivery.Id}");
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "pointsIssued" })).ToBeVisibleAsync();
        await AssertNoneAsync(page, "Replay");
        await page.GetByRole(AriaRole.Link, new() { Name = "API keys" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "API keys" })).ToBeVisibleAsync();
        await AssertNoneAsync(page, "New key", "Actions for test", "Members");
        Assert.Empty(watched.Troubles);

        await watched.GoAsync(app.Url + $"{List}/new");
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "You may not do this" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task An_invitation_makes_a_member_and_works_once()
    {
        await using var app = RunningApp.Start();
        await using var watched = await browser.OpenAsync(app);
        var page = watched.Page;
        await watched.GoAsync(app.Url + "o/1655/members");
        await page.GetByRole(AriaRole.Button, new() { Name = "Invite somebody" }).ClickAsync();
        await page.GetByLabel("E-mail").FillAsync("sam@example.com");
        await page.GetByRole(AriaRole.Button, new() { Name = "Make the link" }).ClickAsync();
        var link = (await page.Locator(".ens-link-line code").TextContentAsync())!;
        await AssertAccessibleAsync(page, "invitation link");
        await page.GetByRole(AriaRole.Button, new() { Name = "Done" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.List, new() { Name = "Open invitations" })).ToContainTextAsync("sam@example.com");

        await using var guest = await browser.OpenAsync();
        await guest.Page.GotoAsync(link);
        await AssertAccessibleAsync(guest.Page, "invitation");
        await guest.Page.GetByLabel("Your name").FillAsync("Sam Lee");
        await guest.Page.GetByLabel("Password").FillAsync(RunningAppPeople.Password);
        await guest.Page.GetByRole(AriaRole.Button, new() { Name = "Create account and join" }).ClickAsync();
        await Assertions.Expect(guest.Page).ToHaveURLAsync(app.Url + List);
        await guest.InteractiveAsync();

        await Assertions.Expect(page.GetByRole(AriaRole.Row, new() { Name = "Sam Lee" })).ToContainTextAsync("Viewer");
        await AssertAccessibleAsync(page, "members");
        await page.GetByRole(AriaRole.Button, new() { Name = "Actions for Sam Lee" }).ClickAsync();
        await page.GetByText("Make an admin").ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Row, new() { Name = "Sam Lee" })).ToContainTextAsync("Admin");
        await guest.Page.GotoAsync(link);
        await Assertions.Expect(guest.Page.GetByRole(AriaRole.Heading, new() { Name = "This link is good no more" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task The_open_page_of_somebody_who_is_disabled_elsewhere_is_left_within_a_minute()
    {
        var clock = Some.Clock();
        await using var app = RunningApp.Start(clock);
        var email = await app.AddUserAsync(Role.Viewer);
        await using var watched = await browser.OpenAsync();
        await watched.SignInAsync(app.Url, email);
        // As another process does it, which can tell this one nothing.
        await using (var db = app.Services.GetRequiredService<EnsContexts>().OfInstallation())
        {
            (await db.Users.SingleAsync(u => u.Email == email, Cancel)).DisabledAt = clock.GetUtcNow();
            await db.SaveChangesAsync(Cancel);
        }

        clock.Advance(CircuitSession.Interval + EnsAdmin.Access.Sessions.Known);

        await Assertions.Expect(watched.Page.GetByRole(AriaRole.Heading, new() { Name = "Sign in" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Signing_out_everywhere_else_takes_the_other_browsers_pages_away_at_once()
    {
        await using var app = RunningApp.Start();
        var email = await app.AddUserAsync(Role.Viewer);
        await using var mine = await browser.OpenAsync();
        await using var other = await browser.OpenAsync();
        await mine.SignInAsync(app.Url, email);
        await other.SignInAsync(app.Url, email);
        await mine.GoAsync(app.Url + "profile");

        await mine.Page.GetByRole(AriaRole.Button, new() { Name = "Sign out everywhere else" }).ClickAsync();

        await Assertions.Expect(other.Page.GetByRole(AriaRole.Heading, new() { Name = "Sign in" })).ToBeVisibleAsync();
        await Assertions.Expect(mine.Page.GetByRole(AriaRole.List, new() { Name = "Sessions" }).GetByRole(AriaRole.Listitem)).ToHaveCountAsync(1);
    }

    private static async Task PasswordAsync(IPage page, string url, string email, bool signOut = false)
    {
        if (signOut) await page.Context.ClearCookiesAsync();
        await page.GotoAsync(url + "sign-in");
        await page.GetByLabel("E-mail").FillAsync(email);
        await page.GetByLabel("Password").FillAsync(RunningAppPeople.Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in", Exact = true }).ClickAsync();
    }

    private static async Task AssertNoneAsync(IPage page, params string[] names)
    {
        foreach (var name in names)
        {
            await Assertions.Expect(page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true })).ToHaveCountAsync(0);
            await Assertions.Expect(page.GetByRole(AriaRole.Link, new() { Name = name, Exact = true })).ToHaveCountAsync(0);
        }
    }

    private static async Task AssertAccessibleAsync(IPage page, string screen)
    {
        var result = await page.RunAxe();
        Assert.Empty(result.Violations.Where(v => v.Impact is "serious" or "critical").Select(v => $"{screen}: {v.Id} {string.Join(" | ", v.Nodes.Select(n => n.Html[..Math.Min(160, n.Html.Length)]))}"));
    }
}
