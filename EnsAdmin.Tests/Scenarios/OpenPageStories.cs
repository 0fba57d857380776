using EnsAdmin.Domain;
using EnsAdmin.Network;
using EnsAdmin.People;
using EnsAdmin.Shared;
using EnsAdmin.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;

namespace EnsAdmin.Tests.Scenarios;

/// <summary>What becomes of a page that is open while its visitor loses what it was opened by.</summary>
public sealed class OpenPageStories(Browser browser) : IClassFixture<Browser>
{
    private const string List = "o/1655/event-notifications";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_open_page_follows_the_role_and_is_none_any_more_without_one()
    {
        await using var app = RunningApp.Start();
        await using var receiver = await Receiver.StartAsync();
        await app.CreateWebhookAsync(receiver.Url);
        var email = await app.AddUserAsync(Role.Admin);
        await using var watched = await browser.OpenAsync();
        await watched.SignInAsync(app.Url, email);
        await watched.GoAsync(app.Url + List);
        var (page, members, userId) = (watched.Page, app.Services.GetRequiredService<MemberStore>(), (await app.Services.GetRequiredService<Accounts>().FindAsync(email))!.Id);
        await Assertions.Expect(page.GetByRole(AriaRole.Button, new() { Name = "Actions for orders" })).ToBeVisibleAsync();

        Assert.True(await members.SetRoleAsync(RunningApp.OrgId, userId, Role.Viewer, Some.Actor, Cancel));
        await Assertions.Expect(page.GetByRole(AriaRole.Button, new() { Name = "Actions for orders" })).ToHaveCountAsync(0);
        await Assertions.Expect(page.GetByRole(AriaRole.Link, new() { Name = "orders" })).ToBeVisibleAsync();

        await members.RemoveAsync(RunningApp.OrgId, userId, Some.Actor, Cancel);
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Page not found" })).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByText("orders")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task A_browser_that_stays_after_its_session_ended_is_shown_nothing_any_more()
    {
        await using var app = RunningApp.Start();
        await using var receiver = await Receiver.StartAsync();
        await app.CreateWebhookAsync(receiver.Url);
        var email = await app.AddUserAsync(Role.Viewer);
        await using var watched = await browser.OpenAsync();
        await watched.SignInAsync(app.Url, email);
        await watched.GoAsync(app.Url + List);
        var page = watched.Page;
        await Assertions.Expect(page.GetByRole(AriaRole.Link, new() { Name = "orders" })).ToBeVisibleAsync();
        await page.RouteAsync("**/sign-in**", route => route.FulfillAsync(new() { Status = 204 }));

        var accounts = app.Services.GetRequiredService<Accounts>();
        await accounts.EndSessionsAsync((await accounts.FindAsync(email))!.Id, null, Some.Actor);

        // Read by a script: Playwright itself would wait for the page that never comes.
        await Eventually.HoldsAsync(async () => (await page.EvaluateAsync<string>("document.body.innerText")).Trim().Length == 0, () => "an empty page");
        // The connection is still there: over it nothing more is to be had.
        foreach (var path in new[] { Paths.People, Paths.Profile, Paths.EventNotifications(RunningApp.OrgId) })
        {
            await page.EvaluateAsync("path => Blazor.navigateTo(path)", path);
            await Eventually.HoldsAsync(async () => await page.EvaluateAsync<string>("location.pathname") == path, () => path);
            Assert.Equal("", (await page.EvaluateAsync<string>("document.body.innerText")).Trim());
        }
    }

    [Fact]
    public async Task A_page_without_a_connection_whose_session_ends_is_let_go_and_the_log_tells_of_no_error()
    {
        using var log = new ErrorLog();
        await using var app = log.Start(("Ens:Limits:ScriptTimeout", "00:00:01"), ("Ens:Limits:LostPageLifetime", "00:00:03"), ("Ens:Limits:MaxPagesPerPerson", "1"));
        var email = await app.AddUserAsync(Role.Viewer);
        await using var watched = await browser.OpenAsync();
        var connection = await SlowConnection.OfAsync(watched.Page);
        await watched.SignInAsync(app.Url, email);
        var (accounts, pages) = (app.Services.GetRequiredService<Accounts>(), app.Services.GetRequiredService<OpenPages>());
        var userId = (await accounts.FindAsync(email))!.Id;
        Assert.NotNull(pages.Full(userId));

        await connection.CutAsync();
        await accounts.EndSessionsAsync(userId, null, Some.Actor);

        await Eventually.HoldsAsync(() => Task.FromResult(pages.Full(userId) is null), () => "the page is let go");
        Assert.Empty(log.Errors);
    }
}
