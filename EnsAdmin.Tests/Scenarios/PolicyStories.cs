using EnsAdmin.Domain;
using EnsAdmin.Shared;
using EnsAdmin.Tests.Support;
using Microsoft.AspNetCore.Components;
using Microsoft.Playwright;

namespace EnsAdmin.Tests.Scenarios;

/// <summary>What browsers are told to refuse, and what pages may take, in a real browser.</summary>
public sealed class PolicyStories(Browser browser) : IClassFixture<Browser>
{
    [Fact]
    public async Task A_script_in_the_page_is_refused_and_the_watch_sees_it()
    {
        await using var app = RunningApp.Start();
        await using var page = await browser.OpenAsync(app);
        await page.GoAsync(app.Url + "o/1655/event-notifications");

        await page.Page.EvaluateAsync("""
            () => new Promise(refused => {
              document.addEventListener('securitypolicyviolation', () => refused());
              const script = document.createElement('script');
              script.textContent = 'window.ran = true';
              document.body.append(script);
            })
            """);

        Assert.Null(await page.Page.EvaluateAsync<bool?>("() => window.ran ?? null"));
        await Eventually.HoldsAsync(() => Task.FromResult(page.Troubles.Any(t => t.Contains("Content Security Policy", StringComparison.Ordinal))), () => string.Join('\n', page.Troubles));
    }

    [Fact]
    public async Task No_screen_needs_what_is_refused()
    {
        await using var receiver = (await Receiver.StartAsync()).Answering(500);
        await using var app = RunningApp.Start();
        var webhook = await app.CreateWebhookAsync(receiver.Url);
        await app.PublishAcceptedAsync(Some.Event("e-1"));
        await app.DeliveryAsync(webhook, DeliveryStatus.ReplayScheduled, attempts: 1);
        await using var page = await browser.OpenAsync(app, Role.Operator);
        await page.Page.AddInitScriptAsync("addEventListener('securitypolicyviolation', e => console.error(`refused: ${e.violatedDirective} ${e.blockedURI}`))");

        var templates = typeof(Program).Assembly.GetTypes().SelectMany(t => t.GetCustomAttributes(typeof(RouteAttribute), false).Cast<RouteAttribute>()).Select(r => r.Template).Distinct().ToList();
        Assert.True(templates.Count > 10);
        foreach (var template in templates.Where(t => t != Paths.NotFound))
        {
            var path = template.Replace("{OrgId:int}", "1655", StringComparison.Ordinal);
            path = System.Text.RegularExpressions.Regex.Replace(path, @"\{(\w+)[^}]*\}", m => m.Groups[1].Value.Contains("Webhook", StringComparison.OrdinalIgnoreCase) ? webhook : "1");
            await page.Page.GotoAsync(app.Url.TrimEnd('/') + path, new() { WaitUntil = WaitUntilState.NetworkIdle });
        }

        await page.GoAsync(app.Url + $"o/1655/event-notifications/{webhook}/edit");
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Select events" }).ClickAsync();
        await Assertions.Expect(page.Page.GetByRole(AriaRole.Dialog)).ToBeVisibleAsync();
        Assert.DoesNotContain(page.Troubles, t => t.Contains("refused", StringComparison.OrdinalIgnoreCase) || t.Contains("Content Security Policy", StringComparison.Ordinal));
    }

    [Fact]
    public async Task One_person_opens_so_many_pages_and_no_more()
    {
        await using var app = RunningApp.Start(settings: ("Ens:Limits:MaxPagesPerPerson", "2"));
        await using var first = await browser.OpenAsync(app, Role.Viewer);
        await first.GoAsync(app.Url + "o/1655/event-notifications");
        var second = await first.Page.Context.NewPageAsync();
        await second.GotoAsync(app.Url + "o/1655/event-notifications");
        await second.Locator("[data-interactive=true]").First.WaitForAsync(new() { State = WaitForSelectorState.Attached });

        var third = await first.Page.Context.NewPageAsync();
        var answer = await third.GotoAsync(app.Url + "o/1655/event-notifications");
        Assert.Equal(429, answer!.Status);
        await Assertions.Expect(third.GetByRole(AriaRole.Heading)).ToHaveTextAsync("Too many pages are open");

        await second.CloseAsync(new() { RunBeforeUnload = true });
        await Eventually.HoldsAsync(async () => (await third.ReloadAsync())!.Status == 200, () => "room for another page");
        await Assertions.Expect(first.Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToBeVisibleAsync();
    }
}
