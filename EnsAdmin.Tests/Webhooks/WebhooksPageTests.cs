using Bunit;
using EnsAdmin.Data;
using EnsAdmin.Domain;
using EnsAdmin.Shared;
using EnsAdmin.Tests.Support;
using EnsAdmin.Webhooks;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor;

namespace EnsAdmin.Tests.Webhooks;

public sealed class WebhooksPageTests : ScreenTestBase
{
    [Fact]
    public async Task A_row_says_how_its_webhook_fares()
    {
        await DeliverAsync((await SaveAsync("crm")).Id, "e-1", DeliveryStatus.Delivered);
        await DeliverAsync((await SaveAsync("erp")).Id, "e-2", DeliveryStatus.ReplayScheduled, AttemptOutcome.NoResponse, null, "Connection refused");
        await SaveAsync("sms", "pointsIssued", "customerAdded", "tierUpgraded");
        Clock.Advance(TimeSpan.FromSeconds(12.5));

        var rows = Render<WebhooksPage>().FindAll("tbody tr");

        Assert.Equal(["crm", "erp", "sms"], rows.Select(r => r.QuerySelector("a")!.TextContent));
        Assert.Contains("12 s ago", rows[0].TextContent);
        Assert.Contains("Healthy", rows[0].TextContent);
        Assert.Contains("Failing since 10:41 · Connection refused", rows[1].TextContent);
        Assert.Equal("1", rows[1].QuerySelector("[data-label=Waiting]")!.TextContent);
        Assert.Contains("never", rows[2].TextContent);
        Assert.Equal("customerAdded, pointsIssued, tierUpgraded", rows[2].QuerySelector("[role=tooltip]")!.TextContent);
    }

    [Fact]
    public async Task Typing_a_search_replaces_the_address_and_keeps_the_filter()
    {
        await SaveAsync("crm");
        await SaveAsync("erp");
        Navigation.NavigateTo("/o/1655/event-notifications?status=active&page=2");
        var page = Render<WebhooksPage>();

        await page.Find("input").InputAsync("erp");
        Clock.Advance(TimeSpan.FromMilliseconds(300));
        page.WaitForAssertion(() => Assert.EndsWith("?q=erp&status=active", Navigation.Uri));
        Assert.True(((Bunit.TestDoubles.BunitNavigationManager)Navigation).History.First().Options.ReplaceHistoryEntry);
    }

    [Fact]
    public async Task A_list_that_cannot_be_loaded_says_so_and_can_be_tried_again()
    {
        await SaveAsync("crm");
        await using var db = Services.GetRequiredService<EnsContexts>().OfInstallation();
        await db.Database.ExecuteSqlRawAsync("ALTER TABLE Webhooks RENAME TO Gone", Cancel);
        var page = Render<WebhooksPage>();
        page.WaitForAssertion(() => Assert.Contains("The webhooks could not be loaded.", page.Find("[role=alert]").TextContent));

        await db.Database.ExecuteSqlRawAsync("ALTER TABLE Gone RENAME TO Webhooks", Cancel);
        await ClickAsync(page, "Try again");

        page.WaitForAssertion(() => Assert.Equal("crm", page.Find("tbody tr a").TextContent));
    }

    [Fact]
    public async Task A_filter_that_finds_nothing_says_so_and_leads_back_to_all()
    {
        await SaveAsync("crm");
        Navigation.NavigateTo("/o/1655/event-notifications?status=inactive");
        var page = Render<WebhooksPage>();
        Assert.Contains("No webhook is inactive.", page.Markup);

        await ClickAsync(page, "Show all");
        Assert.EndsWith("/o/1655/event-notifications", Navigation.Uri);
    }

    [Fact]
    public async Task Deactivating_from_the_menu_shows_at_once_and_holds_what_waits()
    {
        var crm = await SaveAsync("crm");
        await DeliverAsync(crm.Id, "e-1");
        var page = Render<WebhooksPage>();

        await ClickAsync(page, "Actions for crm");
        await Item("Deactivate").ClickAsync();

        Assert.Contains("Inactive", page.Find("tbody tr").TextContent);
        Assert.Equal("1 held", page.Find("[data-label=Waiting]").TextContent);
    }

    [Fact]
    public async Task Deleting_names_the_webhook_and_what_waits_and_takes_the_row_away()
    {
        var crm = await SaveAsync("crm");
        await DeliverAsync(crm.Id, "e-1");
        var page = Render<WebhooksPage>();

        await ClickAsync(page, "Actions for crm");
        var deleting = Item("Delete").ClickAsync();
        Dialogs.WaitForAssertion(() => Assert.Contains("1 delivery still waits for it and will not be sent.", Dialogs.Markup));
        Assert.Contains("Delete crm?", Dialogs.Markup);
        await ClickAsync(Dialogs, "Delete");
        await deleting;

        page.WaitForAssertion(() => Assert.Contains("No event notifications yet", page.Markup));
    }

    [Theory]
    [InlineData("abc")]
    [InlineData("-3")]
    [InlineData("99999999999")]
    [InlineData("99")]
    public async Task An_address_with_a_page_that_is_none_shows_one_that_is(string page)
    {
        await SaveAsync("crm");
        Navigation.NavigateTo($"/o/1655/event-notifications?page={page}&size=7&sort=bogus");
        Assert.Equal("crm", Render<WebhooksPage>().WaitForElement("tbody tr a").TextContent);
    }

    [Fact]
    public async Task Pages_can_be_leafed_through_and_made_longer()
    {
        for (var i = 1; i <= 51; i++) await SaveAsync($"shop-{i:00}");
        Navigation.NavigateTo("/o/1655/event-notifications");
        var page = Render<WebhooksPage>();
        Assert.Contains("1–25 of 51 webhooks", page.Markup);

        await ClickAsync(page, "Last page");
        page.WaitForAssertion(() => Assert.Equal("shop-51", Assert.Single(page.FindAll("tbody tr a")).TextContent));
        Assert.Contains("Page 3 of 3", page.Markup);
        await page.Find(".ens-page-size select").ChangeAsync("50");
        page.WaitForAssertion(() => Assert.Contains("1–50 of 51 webhooks", page.Markup));
        Assert.EndsWith("?size=50", Navigation.Uri);
    }

    [Fact]
    public async Task What_fails_and_what_refuses_everything_can_be_listed_alone()
    {
        await DeliverAsync((await SaveAsync("crm")).Id, "e-1", DeliveryStatus.Delivered);
        await DeliverAsync((await SaveAsync("erp")).Id, "e-2", DeliveryStatus.ReplayScheduled, AttemptOutcome.NoResponse, null, "Connection refused");
        await DeliverAsync((await SaveAsync("sms")).Id, "e-3", DeliveryStatus.Rejected, AttemptOutcome.ClientError, 400, "400 Bad Request");
        Navigation.NavigateTo("/o/1655/event-notifications");
        var page = Render<WebhooksPage>();
        Assert.Contains("ens-chip-failed", page.FindAll("tbody tr")[2].InnerHtml);

        await ClickAsync(page, "Needs attention 2");

        page.WaitForAssertion(() => Assert.Equal(["erp", "sms"], page.FindAll("tbody tr a").Select(a => a.TextContent)));
        Assert.EndsWith("?status=attention", Navigation.Uri);
    }

    [Fact]
    public async Task Where_there_are_no_heads_to_sort_by_there_is_a_choice_of_orders()
    {
        await SaveAsync("crm");
        await SaveAsync("erp", "pointsIssued", "customerAdded");
        Navigation.NavigateTo("/o/1655/event-notifications");
        var page = Render<WebhooksPage>();

        await page.Find(".ens-sort select").ChangeAsync("-events");

        page.WaitForAssertion(() => Assert.Equal("erp", page.Find("tbody tr a").TextContent));
        Assert.EndsWith("?sort=-events", Navigation.Uri);
    }

    [Fact]
    public async Task The_menu_of_a_row_has_what_can_be_done_and_is_gone_when_the_question_comes()
    {
        await SaveAsync("crm");
        var page = Render<WebhooksPage>();

        await ClickAsync(page, "Actions for crm");
        Assert.Equal(["Edit", "Send test event", "Deactivate", "Delete"], Popovers.WaitForElements(".mud-menu-item").Select(i => i.TextContent.Trim()));
        var deleting = Item("Delete").ClickAsync();

        Dialogs.WaitForAssertion(() => Assert.Contains("Delete crm?", Dialogs.Markup));
        Assert.Empty(Popovers.FindAll(".mud-popover-open"));
        await ClickAsync(Dialogs, "Cancel");
        await deleting;
    }

    [Fact]
    public async Task Deliveries_refresh_the_list_at_most_every_two_seconds()
    {
        var crm = await SaveAsync("crm");
        var page = Render<WebhooksPage>();
        await DeliverAsync(crm.Id, "e-1", DeliveryStatus.Delivered);

        Services.GetRequiredService<ChangeFeed>().Publish(Topics.Deliveries(crm.Id));
        Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Contains("never", page.Markup);
        Clock.Advance(TimeSpan.FromSeconds(1));
        page.WaitForAssertion(() => Assert.Contains("Healthy", page.Markup));
    }

    private AngleSharp.Dom.IElement Item(string words) => Popovers.WaitForElements(".mud-menu-item").Single(i => i.TextContent.Trim() == words);
}
