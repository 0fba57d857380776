using Bunit;
using EnsAdmin.Access;
using EnsAdmin.Domain;
using EnsAdmin.Shared;
using EnsAdmin.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace EnsAdmin.Tests.Access;

public sealed class AuditPageTests : ScreenTestBase
{
    [Fact]
    public async Task An_entry_opens_what_was_before_and_after()
    {
        VisitorRole = Role.Admin;
        var saved = await SaveAsync("orders");
        var store = await StoreAsync();
        var input = saved.ToInput();
        (input.Url, input.EventNames) = ("https://elsewhere.example", ["customerAdded"]);
        await store.UpdateAsync(RunningApp.OrgId, saved.Id, input, null, new Actor("Sam Lee", "u-1", RemoteAddress: "10.1.2.3", SessionId: Guid.NewGuid()), Cancel);
        var page = Render<AuditPage>();
        page.WaitForAssertion(() => Assert.Contains("Webhook changed", page.Markup, StringComparison.Ordinal));
        var row = page.FindAll("tbody tr").First(r => r.TextContent.Contains("Webhook changed", StringComparison.Ordinal));
        Assert.Contains("signed in · 10.1.2.3", row.TextContent, StringComparison.Ordinal);

        await page.Find("button[aria-label='Details of Webhook changed, webhook orders']").ClickAsync();

        var changes = page.Find(".ens-changes");
        Assert.Equal(["https://orders.example", Some.EventName], changes.QuerySelectorAll("del").Select(d => d.TextContent));
        Assert.Equal(["https://elsewhere.example", "customerAdded"], changes.QuerySelectorAll("ins").Select(d => d.TextContent));
    }

    [Fact]
    public async Task The_page_shows_what_somebody_else_changes_meanwhile_and_filters_by_action()
    {
        VisitorRole = Role.Admin;
        await SaveAsync("orders");
        var page = Render<AuditPage>();
        page.WaitForAssertion(() => Assert.Contains("webhook orders", page.Markup, StringComparison.Ordinal));

        await SaveAsync("invoices");
        Services.GetRequiredService<ChangeFeed>().Publish(Topics.Audit); // As AccessWatch does.
        Clock.Advance(TimeSpan.FromSeconds(2));
        page.WaitForAssertion(() => Assert.Contains("webhook invoices", page.Markup, StringComparison.Ordinal));

        Navigation.NavigateTo(Paths.Audit(RunningApp.OrgId) + "?action=organization.added");
        page.WaitForAssertion(() => Assert.Equal("organization 1655", Assert.Single(page.FindAll("tbody tr")).QuerySelector("[data-label=What]")!.TextContent));
        Assert.Equal("/o/1655/audit/export?action=organization.added&format=csv", page.FindAll("a[download]")[0].GetAttribute("href"));
    }

    [Fact]
    public async Task Whoever_lost_the_role_while_the_page_was_open_reads_no_more()
    {
        VisitorRole = Role.Viewer;
        await SaveAsync("orders");
        Assert.Throws<NotAllowedException>(() => Render<AuditPage>());
    }
}
