using EnsAdmin.Domain;
using EnsAdmin.Tests.Support;
using Microsoft.Playwright;

namespace EnsAdmin.Tests.Scenarios;

/// <summary>Enrichment as a person sets it up and sees what it does.</summary>
public sealed class EnrichmentStories(Browser browser) : IClassFixture<Browser>
{
    [Fact]
    public async Task The_example_in_the_form_follows_the_settings_and_the_delivery_shows_what_was_added()
    {
        await using var world = await EnrichedWorld.StartAsync();
        await using var watched = await browser.OpenAsync(world.App);
        var page = watched.Page;
        await watched.GoAsync(world.App.Url + "o/1655/event-notifications/new");
        var example = page.GetByRole(AriaRole.Group, new() { Name = "Example payload" });
        await Assertions.Expect(page.GetByText("Nothing is asked for.")).ToBeVisibleAsync();
        await Assertions.Expect(example.Locator("ins")).ToHaveCountAsync(0);

        await page.GetByLabel("Till", new() { Exact = true }).CheckAsync();
        await Assertions.Expect(example.Locator("ins", new() { HasText = "\"till\"" })).ToBeVisibleAsync();
        await SeenAsync("\"till\"");
        await Assertions.Expect(example.Locator("ins", new() { HasText = "\"store\"" })).ToHaveCountAsync(0);
        await page.GetByLabel("Store", new() { Exact = true }).CheckAsync();
        await Assertions.Expect(example.Locator("ins", new() { HasText = "\"store\"" })).ToBeVisibleAsync();
        await page.GetByLabel("Till", new() { Exact = true }).UncheckAsync();
        await Assertions.Expect(example.Locator("ins", new() { HasText = "\"till\"" })).ToHaveCountAsync(0);
        await page.Locator(".ens-preview-head select").SelectOptionAsync("pointsIssued");
        await SeenAsync("\"store\"");
        await page.GetByLabel("Available points balance").CheckAsync();
        await SeenAsync("\"availablePointsBalance\"");

        // The picker's example has the same, and its tree says where things come with enrichment alone.
        await page.GetByRole(AriaRole.Button, new() { Name = "Select events" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Schema of transactionAdded" }).ClickAsync();
        await Assertions.Expect(page.GetByText("with enrichment").First).ToBeAttachedAsync();
        await page.GetByRole(AriaRole.Tab, new() { Name = "Example" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Group, new() { Name = "Example", Exact = true }).Locator("ins", new() { HasText = "\"store\"" })).ToBeVisibleAsync();
        await page.GetByLabel("transactionAdded", new() { Exact = true }).CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Done" }).ClickAsync();
        await Assertions.Expect(page.Locator(".ens-preview-head select")).ToHaveValueAsync("transactionAdded");

        await page.GetByLabel("Webhook name").FillAsync("ledger");
        await page.GetByLabel("Webhook URL").FillAsync(world.Receiver.Url);
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "ledger" })).ToBeVisibleAsync();

        var webhook = await world.App.WebhookIdAsync("ledger");
        await world.App.PublishAcceptedAsync("""[{"eventName":"transactionAdded","refId":"r","data":{"enteredBy":{"id":77},"amount":5}},{"eventName":"transactionAdded","refId":"r","data":{"enteredBy":{"id":99}}}]""");
        var rows = await world.App.LogAsync(webhook, r => r.Count == 2 && r.All(x => x.Attempts == 1));
        await watched.GoAsync($"{world.App.Url}o/1655/event-notifications/{webhook}/deliveries/{rows[1].Id}");
        await Assertions.Expect(page.Locator("ins", new() { HasText = "\"Old Harbour\"" })).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Tab, new() { Name = "Original" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Group, new() { Name = "Original payload" })).ToContainTextAsync("\"amount\"");
        await Assertions.Expect(page.GetByRole(AriaRole.Group, new() { Name = "Original payload" })).Not.ToContainTextAsync("Old Harbour");
        await watched.GoAsync($"{world.App.Url}o/1655/event-notifications/{webhook}/deliveries/{rows[0].Id}");
        await Assertions.Expect(page.GetByText("till 99 unknown")).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Tab, new() { Name = "Original" })).ToHaveCountAsync(0);
        Assert.Empty(watched.Troubles);

        // Within the part of the example that is in sight.
        Task SeenAsync(string added) => Eventually.HoldsAsync(() => example.EvaluateAsync<bool>("""
            (view, added) => {
              const mark = [...view.querySelectorAll('ins')].find(i => i.textContent === added)?.getBoundingClientRect(), box = view.getBoundingClientRect();
              return mark && mark.top >= box.top && mark.bottom <= box.bottom;
            }
            """, added), () => $"{added} in sight");
    }

    [Fact]
    public async Task A_delivery_says_in_brief_what_of_many_sources_is_unknown_and_in_full_for_who_asks()
    {
        await using var world = await EnrichedWorld.StartAsync();
        await world.PutAsync("customers", """[{"customerId":43}]""");
        var webhook = await world.WebhookAsync(new { customerIdentifiersToBeEnriched = IdentifierSources.All }, "customerUpdated");
        await world.PublishAsync("customerUpdated", """{"customerIdentifiers":{"customerId":43}}""");
        await using var watched = await browser.OpenAsync(world.App);
        var page = watched.Page;
        await watched.GoAsync($"{world.App.Url}o/1655/event-notifications/{webhook}/deliveries/{(await world.DeliveryAsync()).Id}");
        var full = page.GetByRole(AriaRole.Listitem).Filter(new() { HasText = "Ecommerce, Website identifiers of customer 43 unknown" });
        await Assertions.Expect(full).ToBeHiddenAsync();
        await page.GetByText("InStore, WeChat and 9 more identifiers of customer 43 unknown").ClickAsync();
        await Assertions.Expect(full).ToBeVisibleAsync();
    }
}
