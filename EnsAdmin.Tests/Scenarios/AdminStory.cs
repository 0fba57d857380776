using EnsAdmin.Tests.Support;
using Microsoft.Playwright;

namespace EnsAdmin.Tests.Scenarios;

/// <summary>What the screens are for, from the first click to the delivered event and back to nothing.</summary>
public static class AdminStory
{
    public static async Task LiveAsync(WatchedPage watched, string url, string key, Receiver receiver)
    {
        var page = watched.Page;
        var (name, header) = ("points-ledger", "s3cret-header-value");

        // A new notification, with a header and an enrichment.
        await watched.GoAsync(url.TrimEnd('/') + "/o/1655/event-notifications");
        await page.GetByRole(AriaRole.Link, new() { Name = "New notification" }).First.ClickAsync();
        await page.GetByLabel("Webhook name").FillAsync(name);
        await page.GetByLabel("Webhook URL").FillAsync(receiver.Url + "/hooks");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add new key" }).ClickAsync();
        await Assertions.Expect(page.GetByLabel("Key of header 1")).ToBeFocusedAsync(); // Else the focus comes while the value is typed.
        await page.GetByLabel("Key of header 1").FillAsync("X-Brand");
        await page.GetByLabel("Value of header 1").FillAsync(header);
        await page.GetByLabel("Store", new() { Exact = true }).CheckAsync();

        // Two events, chosen after a look at a schema.
        await page.GetByRole(AriaRole.Button, new() { Name = "Select events" }).ClickAsync();
        var panel = page.GetByRole(AriaRole.Dialog);
        await panel.GetByLabel("Search events").FillAsync("pointsIss");
        await panel.GetByLabel("Schema of pointsIssued").ClickAsync();
        await Assertions.Expect(panel.GetByText("customerIdentifiers").First).ToBeVisibleAsync();
        await panel.GetByRole(AriaRole.Checkbox, new() { Name = "pointsIssued" }).CheckAsync();
        await panel.GetByLabel("Search events").FillAsync("customerAdded");
        await panel.GetByRole(AriaRole.Checkbox, new() { Name = "customerAdded" }).CheckAsync();
        await panel.GetByRole(AriaRole.Button, new() { Name = "Done" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.List, new() { Name = "Selected events" }).GetByRole(AriaRole.Listitem)).ToHaveCountAsync(2);
        await page.GetByRole(AriaRole.Button, new() { Name = "Save", Exact = true }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = name })).ToBeVisibleAsync();

        // Found by a search, and changed; the header's value never comes back.
        await page.GetByRole(AriaRole.Link, new() { Name = "Event Notifications" }).First.ClickAsync();
        await page.GetByLabel("Search webhooks").FillAsync("customerAdd");
        await Assertions.Expect(page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("q=customerAdd"));
        await page.GetByRole(AriaRole.Link, new() { Name = name }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Edit" }).ClickAsync();
        await Assertions.Expect(page.GetByLabel("Webhook name")).ToBeDisabledAsync();
        Assert.DoesNotContain(header, await page.ContentAsync());
        await page.GetByLabel("Maximum allowed connections").FillAsync("7");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save", Exact = true }).ClickAsync();
        await Assertions.Expect(page.GetByText("7 connections")).ToBeVisibleAsync();

        // An event is published: it arrives, and the open page shows that it did.
        using var http = new HttpClient { BaseAddress = new Uri(url) };
        http.DefaultRequestHeaders.Authorization = new("Bearer", key);
        using var published = await http.PostAsync("/v3/events", new StringContent(Some.Event("story-1")));
        Assert.Equal(202, (int)published.StatusCode);
        var call = (await receiver.ReceivedAsync(1))[0];
        Assert.Equal((header, "story-1"), (call.Headers["X-Brand"], call.EventId));
        var row = page.GetByRole(AriaRole.Row, new() { Name = "pointsIssued" });
        await Assertions.Expect(row).ToContainTextAsync("Success");
        await row.GetByRole(AriaRole.Link).ClickAsync();
        await Assertions.Expect(page.GetByText("1 · 200 OK")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Tab, new() { Name = "Request" }).ClickAsync();
        await Assertions.Expect(page.GetByText("X-Brand: ••••••")).ToBeVisibleAsync();

        // Deleted from the list's menu, by its name.
        await page.GetByRole(AriaRole.Link, new() { Name = "Event Notifications" }).First.ClickAsync();
        await page.GetByRole(AriaRole.Row, new() { Name = name }).HoverAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = $"Actions for {name}" }).ClickAsync();
        await page.GetByText("Delete", new() { Exact = true }).ClickAsync();
        var question = page.GetByRole(AriaRole.Dialog);
        await Assertions.Expect(question).ToContainTextAsync($"Delete {name}?");
        await question.GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Link, new() { Name = name })).ToHaveCountAsync(0);
    }
}
