using System.Text.RegularExpressions;
using EnsAdmin.Access;
using EnsAdmin.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Playwright;

namespace EnsAdmin.Tests.Scenarios;

/// <summary>What only a browser can see: what is in view, what lies over what, where the focus is.</summary>
public sealed class LayoutStories(Browser browser) : IClassFixture<Browser>
{
    [Fact]
    public async Task The_search_keeps_the_focus_and_the_page_its_width_whatever_a_webhook_is_called()
    {
        await using var app = RunningApp.Start();
        await using var watched = await browser.OpenAsync(app);
        await app.CreateWebhookAsync("https://example.com/hooks", 20, new string('n', 100), ["customerAdded", "promisedToCurrentAlternateCurrencyConversion", "pointsIssued", "tierUpgraded"]);
        var page = watched.Page;
        foreach (var width in new[] { 1440, 768, 390 })
        {
            await page.SetViewportSizeAsync(width, 900);
            await watched.GoAsync(app.Url + "o/1655/event-notifications");
            await page.GetByLabel("Search webhooks").PressSequentiallyAsync("nn");
            await Assertions.Expect(page).ToHaveURLAsync(new Regex("q=nn"));
            await Assertions.Expect(page.GetByLabel("Search webhooks")).ToBeFocusedAsync();
            await page.Locator(".ens-tip-button").FocusAsync();
            await Assertions.Expect(page.GetByRole(AriaRole.Tooltip)).ToBeInViewportAsync(new() { Ratio = 1 });
            Assert.Equal(width, await WidthAsync());
            await page.Locator(".ens-row-name").ClickAsync();
            await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Deliveries" })).ToBeVisibleAsync();
            Assert.Equal(width, await WidthAsync());
        }

        Task<int> WidthAsync() => page.EvaluateAsync<int>("() => document.documentElement.scrollWidth");
    }

    [Theory]
    [InlineData(1440, 70)]
    [InlineData(768, 70)]
    [InlineData(390, 70)]
    public async Task A_row_of_the_directory_is_as_high_as_its_words_however_long_they_are(int width, int highest)
    {
        await using var app = RunningApp.Start();
        await using var watched = await browser.OpenAsync(app);
        var page = watched.Page;
        var many = Enumerable.Range(0, 25).Select(i => $$$"""{"customerId":{{{i + 1_234_567_890}}},"instore":{"id":1,"mobile":"9198123456{{{i:00}}}","email":"a-rather-long-member-name-{{{i}}}@example.com","externalId":"{{{new string('x', 60)}}}","cards":["{{{new string('1', 40)}}}","2"]},"line":{"accounts":[{"accountId":"a"}]},"website":{"accounts":[{"accountId":"a"}]}}""");
        using var put = await app.Http.PutAsync("/v3/directory/customers", new StringContent($"[{string.Join(',', many)}]"), TestContext.Current.CancellationToken);
        Assert.True(put.IsSuccessStatusCode);
        await page.SetViewportSizeAsync(width, 900);
        await watched.GoAsync(app.Url + "o/1655/directory/customers");
        await Assertions.Expect(page.GetByRole(AriaRole.Link, new() { Name = "Customer 1234567890" })).ToBeVisibleAsync();
        Assert.InRange(await page.EvaluateAsync<double>("() => Math.max(...[...document.querySelectorAll('.ens-directory tbody tr')].map(r => r.getBoundingClientRect().height))"), 30, highest);
        Assert.Equal(width, await page.EvaluateAsync<int>("() => document.documentElement.scrollWidth"));
    }

    [Fact]
    public async Task Another_page_of_the_list_is_read_from_its_top()
    {
        await using var app = RunningApp.Start();
        await using var watched = await browser.OpenAsync(app);
        for (var i = 0; i < 30; i++) await app.CreateWebhookAsync("https://example.com/hooks", name: $"shop-{i:00}");
        var page = watched.Page;
        await watched.GoAsync(app.Url + "o/1655/event-notifications");

        await page.GetByRole(AriaRole.Button, new() { Name = "Next page" }).ClickAsync();

        await Assertions.Expect(page.GetByRole(AriaRole.Link, new() { Name = "shop-25" })).ToBeInViewportAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Columnheader, new() { Name = "Webhook" })).ToBeInViewportAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)] // with its line above the title
    public async Task What_is_said_in_passing_leaves_the_buttons_of_the_page_free(bool isDemo)
    {
        await using var app = RunningApp.StartWith(services => services.Replace(ServiceDescriptor.Singleton(new DemoVisitor(isDemo))));
        await using var watched = await browser.OpenAsync(app);
        var id = await app.CreateWebhookAsync("https://example.com/hooks");
        var page = watched.Page;
        foreach (var width in new[] { 1440, 390 })
        {
            await page.SetViewportSizeAsync(width, 900);
            await watched.GoAsync(app.Url + $"o/1655/event-notifications/{id}");
            // Whatever lay over a button would take the click.
            foreach (var (press, then) in new[] { ("Deactivate", "Activate"), ("Activate", "Deactivate"), ("Deactivate", "Activate"), ("Activate", "Deactivate") })
            {
                await page.GetByRole(AriaRole.Button, new() { Name = press, Exact = true }).ClickAsync(new() { Timeout = 2_000 });
                await Assertions.Expect(page.GetByRole(AriaRole.Button, new() { Name = then, Exact = true })).ToBeVisibleAsync();
            }
            Assert.InRange(await page.Locator(".mud-snackbar").CountAsync(), 1, 2);
        }
    }

    [Fact]
    public async Task Escape_closes_a_menu_whether_the_mouse_or_a_key_opened_it()
    {
        await using var app = RunningApp.Start();
        await using var watched = await browser.OpenAsync(app);
        await app.CreateWebhookAsync("https://example.com/hooks", name: "orders");
        var page = watched.Page;
        await watched.GoAsync(app.Url + "o/1655/event-notifications");
        foreach (var name in new[] { "Actions for orders", "profile of" })
        {
            var button = page.GetByRole(AriaRole.Button, new() { Name = name });
            await button.ClickAsync();
            await EscapeAsync(button);
            await button.PressAsync("Enter");
            await Assertions.Expect(page.GetByRole(AriaRole.Menuitem).First).ToBeFocusedAsync();
            await EscapeAsync(button);
        }

        async Task EscapeAsync(ILocator button)
        {
            await Assertions.Expect(button).ToHaveAttributeAsync("aria-expanded", "true");
            await Assertions.Expect(page.GetByRole(AriaRole.Menuitem).First).ToBeVisibleAsync();
            await page.Keyboard.PressAsync("Escape");
            await Assertions.Expect(page.GetByRole(AriaRole.Menuitem)).ToHaveCountAsync(0);
            await Assertions.Expect(button).ToBeFocusedAsync();
        }
    }
}
