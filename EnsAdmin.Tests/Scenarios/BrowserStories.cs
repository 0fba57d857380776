using System.Net.Http.Json;
using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using EnsAdmin.Domain;
using EnsAdmin.Tests.Support;
using Microsoft.Playwright;

namespace EnsAdmin.Tests.Scenarios;

public sealed class BrowserStories(Browser browser) : IClassFixture<Browser>
{
    [Fact]
    public async Task An_admin_sets_up_a_notification_and_watches_its_event_arrive()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var app = RunningApp.Start();
        await using var page = await browser.OpenAsync(app);

        await AdminStory.LiveAsync(page, app.Url, app.Key, receiver);

        Assert.Empty(page.Troubles);
    }

    [Fact]
    public async Task Two_browsers_see_each_others_changes_without_a_reload()
    {
        await using var app = RunningApp.Start();
        await using var mine = await browser.OpenAsync(app);
        await mine.GoAsync(app.Url + "o/1655/event-notifications");
        await Assertions.Expect(mine.Page.GetByText("No event notifications yet")).ToBeVisibleAsync();

        var id = await app.CreateWebhookAsync("https://example.com/hooks", name: "from-elsewhere");
        await Assertions.Expect(mine.Page.GetByRole(AriaRole.Link, new() { Name = "from-elsewhere" })).ToBeVisibleAsync();
        await app.Http.DeleteAsync($"/v3/webHooks/{id}", TestContext.Current.CancellationToken);
        await Assertions.Expect(mine.Page.GetByText("No event notifications yet")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Switching_the_organization_switches_everything_and_is_remembered()
    {
        await using var app = RunningApp.Start();
        await app.AddOrganizationAsync(7, "North Roast");
        await app.CreateWebhookAsync("https://example.com/hooks", name: "harbour-orders");
        await using var watched = await browser.OpenAsync(app, Role.Operator);
        var page = watched.Page;
        await watched.GoAsync(app.Url + "o/1655/event-notifications");
        await Assertions.Expect(page.GetByRole(AriaRole.Link, new() { Name = "harbour-orders" })).ToBeVisibleAsync();

        var selector = page.GetByLabel("Organization Harbour Coffee");
        await selector.ClickAsync();
        await Assertions.Expect(page.GetByLabel("Search organizations")).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(page.GetByLabel("Search organizations")).ToBeHiddenAsync();
        await Assertions.Expect(selector).ToBeFocusedAsync();
        await selector.PressAsync("Enter");
        await page.GetByLabel("Search organizations").FillAsync("roa");
        await Assertions.Expect(page.GetByRole(AriaRole.List, new() { Name = "Organizations" }).GetByRole(AriaRole.Link)).ToHaveCountAsync(1);
        await page.GetByRole(AriaRole.Link, new() { Name = "North Roast" }).ClickAsync();

        await Assertions.Expect(page).ToHaveURLAsync(app.Url + "o/7/event-notifications");
        await Assertions.Expect(page.GetByText("No event notifications yet")).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByLabel("Search organizations")).ToBeHiddenAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "API keys" }).ClickAsync();
        await Assertions.Expect(page).ToHaveURLAsync(app.Url + "o/7/api-keys");
        await watched.GoAsync(app.Url);
        await Assertions.Expect(page).ToHaveURLAsync(app.Url + "o/7/event-notifications");
        Assert.Empty(watched.Troubles);
    }

    [Fact]
    public async Task A_key_made_on_the_screen_publishes_until_it_is_revoked_there()
    {
        await using var app = RunningApp.Start();
        await using var watched = await browser.OpenAsync(app);
        var page = watched.Page;
        await watched.GoAsync(app.Url + "o/1655/api-keys");

        await page.GetByRole(AriaRole.Button, new() { Name = "New key" }).ClickAsync();
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync("till-server");
        await page.GetByLabel("events:publish").CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Create key" }).ClickAsync();
        using var http = app.Client(await page.Locator(".ens-told code").TextContentAsync());
        await page.GetByRole(AriaRole.Button, new() { Name = "Done" }).ClickAsync();
        using (var published = await http.PostAsync("/v3/events", new StringContent(Some.Event("e-1")), TestContext.Current.CancellationToken)) Assert.Equal(202, (int)published.StatusCode);

        var row = page.GetByRole(AriaRole.Row, new() { Name = "till-server" });
        await row.HoverAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Actions for till-server" }).ClickAsync();
        await page.GetByText("Revoke", new() { Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Revoke" }).ClickAsync();
        await Assertions.Expect(row).ToContainTextAsync("Revoked");
        using var refused = await http.PostAsync("/v3/events", new StringContent(Some.Event("e-2")), TestContext.Current.CancellationToken);
        Assert.Equal(401, (int)refused.StatusCode);
        Assert.Empty(watched.Troubles);
    }

    [Fact]
    public async Task Leaving_with_unsaved_changes_asks_first()
    {
        await using var app = RunningApp.Start();
        await using var watched = await browser.OpenAsync(app);
        var page = watched.Page;
        await watched.GoAsync(app.Url + "o/1655/event-notifications/new");
        await page.GetByLabel("Webhook URL").FillAsync("https://example.com");
        await Assertions.Expect(page.GetByText("Unsaved changes")).ToBeVisibleAsync();

        await page.GetByRole(AriaRole.Link, new() { Name = "Cancel" }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Cancel" }).ClickAsync();
        await Assertions.Expect(page.GetByLabel("Webhook URL")).ToHaveValueAsync("https://example.com");
        await page.GetByRole(AriaRole.Link, new() { Name = "Cancel" }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Leave" }).ClickAsync();
        await Assertions.Expect(page.GetByText("No event notifications yet")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_question_begins_at_Cancel_is_asked_once_and_ends_with_Escape()
    {
        await using var app = RunningApp.Start();
        await using var watched = await browser.OpenAsync(app);
        var page = watched.Page;
        await app.CreateWebhookAsync("https://example.com/hooks", name: "orders");
        await watched.GoAsync(app.Url + "o/1655/event-notifications");
        // A search that shows in the address proves that the router is at work: Back is its business then.
        await page.GetByLabel("Search webhooks").FillAsync("ord");
        await Assertions.Expect(page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("q=ord"));
        await page.GetByRole(AriaRole.Link, new() { Name = "New notification" }).ClickAsync();
        await page.GetByLabel("Webhook URL").FillAsync("https://example.com");
        await Assertions.Expect(page.GetByText("Unsaved changes")).ToBeVisibleAsync();
        var question = page.GetByRole(AriaRole.Dialog);

        await page.GetByRole(AriaRole.Link, new() { Name = "Cancel" }).ClickAsync();
        await Assertions.Expect(question.GetByRole(AriaRole.Button, new() { Name = "Cancel" })).ToBeFocusedAsync();
        // The router takes the step back and asks again; then the key follows.
        await page.EvaluateAsync("() => new Promise(asked => { let steps = 0; addEventListener('popstate', () => ++steps === 2 && setTimeout(asked)); history.back(); })");
        await page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(question).ToHaveCountAsync(0);
        await Assertions.Expect(page.GetByLabel("Webhook URL")).ToHaveValueAsync("https://example.com");

        await page.EvaluateAsync("() => history.back()");
        await question.GetByRole(AriaRole.Button, new() { Name = "Leave" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Link, new() { Name = "orders" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_conflict_comes_into_view_and_says_what_the_other_changed()
    {
        await using var app = RunningApp.Start();
        await using var watched = await browser.OpenAsync(app);
        var id = await app.CreateWebhookAsync("https://example.com/hooks", name: "orders");
        var page = watched.Page;
        await watched.GoAsync(app.Url + $"o/1655/event-notifications/{id}/edit");
        await page.GetByLabel("Maximum allowed connections").FillAsync("7");
        await app.Http.PutAsJsonAsync($"/v3/webHooks/{id}", new { name = "orders", webHookUrl = "https://example.com/theirs", maxAllowedConnections = 20, eventNames = new[] { Some.EventName } }, TestContext.Current.CancellationToken);

        await page.GetByRole(AriaRole.Button, new() { Name = "Save", Exact = true }).ClickAsync();

        var banner = page.GetByRole(AriaRole.Alert);
        await Assertions.Expect(banner).ToContainTextAsync("Webhook URL: https://example.com/theirs (was https://example.com/hooks)");
        await Assertions.Expect(banner).ToBeFocusedAsync();
        await Assertions.Expect(banner).ToBeInViewportAsync(new() { Ratio = 1 });
    }

    [Fact]
    public async Task The_picker_works_by_keyboard_alone_and_escape_leaves_the_choice_as_it_was()
    {
        await using var app = RunningApp.Start();
        await using var watched = await browser.OpenAsync(app);
        var page = watched.Page;
        await watched.GoAsync(app.Url + "o/1655/event-notifications/new");
        await page.GetByRole(AriaRole.Button, new() { Name = "Select events" }).PressAsync("Enter");
        var boxes = page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Group, new() { Name = "Events" }).GetByRole(AriaRole.Checkbox);
        await Assertions.Expect(page.GetByLabel("Search events")).ToBeFocusedAsync();

        await page.Keyboard.PressAsync("ArrowDown");
        await page.Keyboard.PressAsync("ArrowDown");
        await Assertions.Expect(boxes.Nth(1)).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Space");
        await Assertions.Expect(page.GetByText("1 of 77 selected")).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.GetByRole(AriaRole.Tab, new() { Name = "JSON Schema" })).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(page.GetByRole(AriaRole.Tab, new() { Name = "JSON Schema" })).ToHaveCountAsync(0);
        await Assertions.Expect(boxes.Nth(1)).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("End");
        await Assertions.Expect(boxes.Nth(76)).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Home");
        await page.Keyboard.PressAsync("ArrowUp");
        await Assertions.Expect(page.GetByLabel("Search events")).ToBeFocusedAsync();
        foreach (var _ in new[] { "the group's button", "the row", "Done" }) await page.Keyboard.PressAsync("Tab");
        await Assertions.Expect(page.GetByRole(AriaRole.Button, new() { Name = "Done" })).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);
        await Assertions.Expect(page.GetByRole(AriaRole.Button, new() { Name = "Select events" })).ToBeFocusedAsync();
        await Assertions.Expect(page.GetByText("No event is selected yet.")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task The_first_wrong_field_has_the_focus_after_a_failed_save()
    {
        await using var app = RunningApp.Start();
        await using var watched = await browser.OpenAsync(app);
        await app.CreateWebhookAsync("https://example.com/hooks", name: "orders");
        var page = watched.Page;
        await watched.GoAsync(app.Url + "o/1655/event-notifications/new");

        await page.GetByRole(AriaRole.Button, new() { Name = "Add new key" }).ClickAsync();
        await Assertions.Expect(page.GetByLabel("Key of header 1")).ToBeFocusedAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Save", Exact = true }).ClickAsync();
        await Assertions.Expect(page.GetByLabel("Webhook name")).ToBeFocusedAsync();
        await page.GetByLabel("Webhook name").FillAsync("orders");
        await Assertions.Expect(page.GetByText("A webhook of this name exists. Try orders-2.")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task No_screen_has_a_serious_accessibility_violation()
    {
        await using var app = RunningApp.Start();
        await using var watched = await browser.OpenAsync(app);
        await using var receiver = (await Receiver.StartAsync()).Answering(500);
        var webhook = await app.CreateWebhookAsync(receiver.Url);
        await app.PublishAcceptedAsync(Some.Event("e-1"));
        await receiver.ReceivedAsync(1);
        var page = watched.Page;

        await watched.GoAsync(app.Url + "o/1655/event-notifications");
        await Assertions.Expect(page.GetByRole(AriaRole.Link, new() { Name = "orders" })).ToBeVisibleAsync();
        await AssertAccessibleAsync(page, "list");
        await page.GetByRole(AriaRole.Row, new() { Name = "orders" }).HoverAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Actions for orders" }).ClickAsync();
        await page.GetByRole(AriaRole.Menuitem, new() { Name = "Delete" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Dialog)).ToBeVisibleAsync();
        await Assertions.Expect(page.Locator(".mud-popover-open")).ToHaveCountAsync(0);
        await AssertAccessibleAsync(page, "question");
        await watched.GoAsync(app.Url + $"o/1655/event-notifications/{webhook}");
        await page.GetByRole(AriaRole.Row, new() { Name = "pointsIssued" }).GetByRole(AriaRole.Link).WaitForAsync();
        await AssertAccessibleAsync(page, "webhook");
        await page.GetByRole(AriaRole.Row, new() { Name = "pointsIssued" }).GetByRole(AriaRole.Link).ClickAsync();
        await page.GetByText("Attempts").First.WaitForAsync();
        await AssertAccessibleAsync(page, "delivery");
        await watched.GoAsync(app.Url + "o/1655/api-keys");
        await AssertAccessibleAsync(page, "keys");
        await page.GetByRole(AriaRole.Button, new() { Name = "New key" }).ClickAsync();
        await page.GetByLabel("Name", new() { Exact = true }).WaitForAsync();
        await AssertAccessibleAsync(page, "new key");
        await watched.GoAsync(app.Url + "o/1655/event-notifications/new");
        await AssertAccessibleAsync(page, "form");
        await page.GetByRole(AriaRole.Button, new() { Name = "Select events" }).ClickAsync();
        await page.GetByLabel("Schema of pointsIssued").ClickAsync();
        await AssertAccessibleAsync(page, "picker");
    }

    private static async Task AssertAccessibleAsync(IPage page, string screen)
    {
        var result = await page.RunAxe();
        Assert.Empty(result.Violations.Where(v => v.Impact is "serious" or "critical").Select(v => $"{screen}: {v.Id} {string.Join(" | ", v.Nodes.Select(n => n.Html[..Math.Min(160, n.Html.Length)]))}"));
    }
}
