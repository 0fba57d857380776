using Bunit;
using EnsAdmin.Activity;
using EnsAdmin.Data;
using EnsAdmin.Dispatch;
using EnsAdmin.Domain;
using EnsAdmin.Replays;
using EnsAdmin.Shared;
using EnsAdmin.Tests.Support;
using EnsAdmin.Webhooks;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;

namespace EnsAdmin.Tests.Activity;

public sealed class DeliveryScreensTests : ScreenTestBase
{
    [Theory]
    [InlineData(true, null, "Test pointsIssued to orders, like the last real event: 200 OK in 80 ms")]
    [InlineData(false, "There is none: the example was sent.", "Test pointsIssued to orders, like the example: 200 OK in 80 ms. There is none: the example was sent.")]
    public void What_came_of_a_test_event_says_what_it_was_made_of(bool likeLast, string? instead, string words)
    {
        var messages = Services.GetRequiredService<MudBlazor.ISnackbar>();
        var attempt = new AttemptResult(AttemptTrigger.Test, AttemptOutcome.Success, 200, "200 OK", Clock.GetUtcNow(), TimeSpan.FromMilliseconds(80), "", null, null);

        TestMessage.Show(messages, Services.GetRequiredService<NavigationManager>(), "orders", new EnsAdmin.Replays.TestResult(Some.EventName, "test-1", 1, attempt, likeLast, instead), _ => "");

        Assert.Equal(words, Assert.Single(messages.ShownSnackbars).Message);
    }

    [Fact]
    public async Task The_log_has_the_newest_first_with_status_answer_and_latency()
    {
        var orders = await SaveAsync("orders");
        await DeliverAsync(orders.Id, "11111111-a", DeliveryStatus.Delivered);
        await DeliverAsync(orders.Id, "22222222-b", DeliveryStatus.ReplayScheduled, AttemptOutcome.ServerError, 503, "503 Service Unavailable");

        var rows = Render<WebhookPage>(p => p.Add(x => x.Id, orders.Id)).FindAll("tbody tr");

        Assert.Contains("Retrying", rows[0].TextContent);
        Assert.Contains("503 Service Unavailable; next in 40 s", rows[0].TextContent);
        Assert.Contains("Success", rows[1].TextContent);
        Assert.Contains("84 ms", rows[1].TextContent);
        Assert.Contains("11111111", rows[1].TextContent);
    }

    [Fact]
    public async Task New_deliveries_come_in_on_top_and_push_nothing_off_the_end()
    {
        var orders = await SaveAsync("orders");
        for (var i = 0; i < 51; i++) await DeliverAsync(orders.Id, $"e-{i}");
        var log = Render<DeliveryTable>(p => p.Add(x => x.WebhookId, orders.Id));
        Assert.Equal(50, log.FindAll("tbody tr").Count);

        await DeliverAsync(orders.Id, "fresh");
        Services.GetRequiredService<ChangeFeed>().Publish(Topics.Deliveries(orders.Id));
        Clock.Advance(ChangeFeed.Window);

        log.WaitForAssertion(() => Assert.Equal(51, log.FindAll("tbody tr").Count));
        Assert.Contains("fresh", log.FindAll("tbody tr")[0].TextContent);
        await ClickAsync(log, "Load older");
        Assert.Equal(52, log.FindAll("tbody tr").Count);
    }

    [Fact]
    public async Task Chosen_deliveries_are_replayed_and_what_was_not_tried_yet_can_not_be_chosen()
    {
        var orders = await SaveAsync("orders");
        var refused = await DeliverAsync(orders.Id, "e-1", DeliveryStatus.Rejected, AttemptOutcome.ClientError, 404, "404 Not Found");
        var delivered = await DeliverAsync(orders.Id, "e-2", DeliveryStatus.Delivered);
        await DeliverAsync(orders.Id, "e-3", DeliveryStatus.Delivered);
        var waiting = await DeliverAsync(orders.Id, "e-4", DeliveryStatus.ReplayScheduled, AttemptOutcome.ServerError, 503, "503 Service Unavailable");
        await DeliverAsync(orders.Id, "e-5");
        var log = Render<DeliveryTable>(p => p.Add(x => x.WebhookId, orders.Id));
        Assert.True(log.Find($"[aria-label='Select {Some.EventName} e-5']").HasAttribute("disabled"));

        log.Find("[aria-label='Select all that can be replayed']").Change(true);
        Assert.Contains("4 selected", log.Markup);
        log.Find($"[aria-label='Select {Some.EventName} e-3']").Change(false);
        await ClickAsync(log, "Replay selected");

        var job = Assert.Single(await Services.GetRequiredService<EnsAdmin.Replays.ReplayStore>().RecentAsync(RunningApp.OrgId, orders.Id, 10, Cancel));
        Assert.Equal(3, job.Total);
        Assert.Equal([refused, delivered, waiting], job.Filter.Ids!.Order());
        log.WaitForAssertion(() => Assert.DoesNotContain("selected", log.Find("[role=status]").TextContent));
    }

    [Theory]
    [InlineData(true, "1 delivery is sent again.")]
    [InlineData(false, "1 delivery is held until the webhook is active.")]
    public async Task A_replay_of_what_failed_says_that_it_was_started_or_is_held(bool active, string words)
    {
        var orders = await SaveAsync("orders");
        await DeliverAsync(orders.Id, "e-1", DeliveryStatus.Rejected, AttemptOutcome.ClientError, 404, "404 Not Found");
        await (await StoreAsync()).SetActiveAsync(RunningApp.OrgId, orders.Id, active, Some.Actor, Cancel);
        var page = Render<WebhookPage>(p => p.Add(x => x.Id, orders.Id));

        await ClickAsync(page, "Replay failed");
        var asked = Popovers.FindAll(".mud-menu-item").First(i => i.TextContent.Contains("the last hour", StringComparison.Ordinal)).ClickAsync();
        Dialogs.WaitForAssertion(() => Assert.Contains(Dialogs.FindAll("button"), b => b.TextContent.Trim() == "Replay"));
        await Dialogs.FindAll("button").Single(b => b.TextContent.Trim() == "Replay").ClickAsync();
        await asked;

        Assert.Equal(words, Assert.Single(Services.GetRequiredService<MudBlazor.ISnackbar>().ShownSnackbars).Message);
        Assert.Equal(active ? "Replaying: 0 of 1 are due again" : "Replaying: 0 of 1 are due again; held until the webhook is active", page.Find(".ens-replay-job span").TextContent);
    }

    [Fact]
    public async Task A_webhook_that_fails_says_since_when_and_an_inactive_one_holds_its_deliveries()
    {
        var orders = await SaveAsync("orders");
        await DeliverAsync(orders.Id, "e-1", DeliveryStatus.ReplayScheduled, AttemptOutcome.ServerError, 500, "500 Internal Server Error");
        var page = Render<WebhookPage>(p => p.Add(x => x.Id, orders.Id));
        Assert.Contains("Failing since 10:41", page.Markup);

        await ClickAsync(page, "Deactivate");
        Assert.Contains("held while the webhook is inactive", page.Find("tbody tr").TextContent);
        Assert.Contains("Activate", page.Markup);
    }

    [Fact]
    public async Task A_delivery_shows_its_attempts_and_counts_down_to_the_next()
    {
        var orders = await SaveAsync("orders");
        var id = await DeliverAsync(orders.Id, "e-1", DeliveryStatus.ReplayScheduled, AttemptOutcome.ServerError, 503, "503 Service Unavailable");
        var page = Render<DeliveryPage>(p => p.Add(x => x.WebhookId, orders.Id).Add(x => x.DeliveryId, id));

        Assert.Contains("1 · 503 Service Unavailable", page.Markup);
        Assert.Contains("84 ms · scheduled", page.Find(".ens-attempt-bad").TextContent);
        Assert.Contains("Next attempt in 40 s", page.Markup);
        Clock.Advance(TimeSpan.FromSeconds(5));
        page.WaitForAssertion(() => Assert.Contains("Next attempt in 35 s", page.Markup));
    }

    [Fact]
    public async Task A_delivery_of_another_webhook_is_not_found()
    {
        var id = await DeliverAsync((await SaveAsync("orders")).Id, "e-1", DeliveryStatus.Delivered);
        var page = Render<DeliveryPage>(p => p.Add(x => x.WebhookId, "0123456789abcdef01234567").Add(x => x.DeliveryId, id));

        Assert.Contains("No such delivery", page.Markup);
        Assert.Contains("No such webhook", Render<WebhookPage>(p => p.Add(x => x.Id, "0123456789abcdef01234567")).Markup);
    }

    [Fact]
    public async Task A_webhook_shows_its_settings_and_the_ids_that_the_log_is_asked_by()
    {
        var input = new WebhookInput
        {
            Name = "erp", Url = "https://erp.example", EventNames = ["customerAdded", "pointsIssued"], Headers = [new HeaderInput { Name = "X-Key", Value = "s3cret" }],
            Store = true, CustomerIdentifierSources = ["Instore"], ReplayWindowHours = 48, ReplayThrottled = true,
        };
        var erp = Assert.IsType<SaveResult.Saved>(await (await StoreAsync()).CreateAsync(RunningApp.OrgId, input, Some.Actor, Cancel)).Webhook;

        var page = Render<WebhookPage>(p => p.Add(x => x.Id, erp.Id));

        var settings = page.Find("dl").TextContent;
        foreach (var words in new[] { "X-Key", "store, InStore identifiers", "48 h", erp.Id, erp.ConsumerGroupId.ToString(), "14 Mar 2026 10:41 by test" }) Assert.Contains(words, settings);
        Assert.DoesNotContain("s3cret", page.Markup);
        Assert.Equal(2, page.Markup.Split("2 events").Length); // It is said once.
        Assert.Contains("Times in UTC", page.Markup);
        Assert.Equal("Edit", page.FindAll(".ens-page-title .ens-actions .mud-button-root")[^1].TextContent.Trim());
    }

    [Fact]
    public async Task A_deleted_webhook_is_still_read_with_its_log_and_offers_nothing_to_do()
    {
        var orders = await SaveAsync("orders");
        var refused = await DeliverAsync(orders.Id, "e-1", DeliveryStatus.Rejected, AttemptOutcome.ClientError, 400, "400 Bad Request");
        await (await StoreAsync()).DeleteAsync(RunningApp.OrgId, orders.Id, new EnsAdmin.Domain.Actor("another admin"), Cancel);

        var page = Render<WebhookPage>(p => p.Add(x => x.Id, orders.Id));
        var delivery = Render<DeliveryPage>(p => p.Add(x => x.WebhookId, orders.Id).Add(x => x.DeliveryId, refused));

        Assert.Contains("Deleted on 14 Mar 2026 10:41 by another admin.", page.Find("[role=note]").TextContent);
        Assert.Contains("400 Bad Request", page.Find("tbody tr").TextContent);
        Assert.Equal(["Copy webHookId", "Copy consumerGroupId"], page.FindAll("button").Select(b => b.GetAttribute("aria-label")));
        Assert.Empty(page.FindAll("input"));
        Assert.Contains("its webhook was deleted", delivery.Markup);
        Assert.DoesNotContain(delivery.FindAll("button"), b => b.TextContent.Trim() == "Replay");
        Assert.Contains("No such webhook", Render<WebhookFormPage>(p => p.Add(x => x.Id, orders.Id)).Markup);
    }

    [Fact]
    public async Task What_waits_while_the_webhook_is_only_probed_says_that_it_waits_for_that()
    {
        var orders = await SaveAsync("orders");
        var id = await DeliverAsync(orders.Id, "e-1", DeliveryStatus.ReplayScheduled, AttemptOutcome.NoResponse, null, "Name not found");
        Services.GetRequiredService<DueBoard>().Load(orders.Id, null, Clock.GetUtcNow().AddMinutes(-1), Clock.GetUtcNow(), null);

        Assert.Contains("Name not found; webhook failing, waits for its next attempt", Render<WebhookPage>(p => p.Add(x => x.Id, orders.Id)).Find("tbody tr").TextContent);
        Assert.Contains("Webhook failing; waits for its next attempt", Render<DeliveryPage>(p => p.Add(x => x.WebhookId, orders.Id).Add(x => x.DeliveryId, id)).Find(".ens-attempt-next").TextContent);
    }

    [Fact]
    public async Task The_answer_shows_its_headers_and_its_body_each_under_its_name()
    {
        var orders = await SaveAsync("orders");
        var id = await DeliverAsync(orders.Id, "e-1", DeliveryStatus.Delivered);
        var page = Render<DeliveryPage>(p => p.Add(x => x.WebhookId, orders.Id).Add(x => x.DeliveryId, id));

        await page.FindAll("[role=tab]").Single(t => t.TextContent.Trim() == "Answer").ClickAsync();

        page.WaitForAssertion(() => Assert.Equal(["Headers", "Body"], page.FindAll("h3").Select(h => h.TextContent)));
        Assert.Equal(["Server: test", "thanks"], page.FindAll("h3 + *").Select(e => e.TextContent.Trim()));
    }

    [Fact]
    public async Task An_ended_delivery_can_be_replayed_from_its_page_one_that_was_tried_sent_now_and_one_that_was_not_waits()
    {
        var webhook = await SaveAsync("orders");
        var failed = await DeliverAsync(webhook.Id, "e-1", DeliveryStatus.Rejected, AttemptOutcome.ClientError, 400, "400 Bad Request");
        var retrying = await DeliverAsync(webhook.Id, "e-3", DeliveryStatus.ReplayScheduled, AttemptOutcome.ServerError, 503, "503 Service Unavailable");
        var waiting = await DeliverAsync(webhook.Id, "e-2");

        var ended = Render<DeliveryPage>(p => p.Add(x => x.WebhookId, webhook.Id).Add(x => x.DeliveryId, failed));
        ended.WaitForAssertion(() => Assert.Contains(ended.FindAll("button"), b => b.TextContent.Trim() == "Replay"));
        var tried = Render<DeliveryPage>(p => p.Add(x => x.WebhookId, webhook.Id).Add(x => x.DeliveryId, retrying));
        tried.WaitForAssertion(() => Assert.Contains(tried.FindAll("button"), b => b.TextContent.Trim() == "Send now"));
        var open = Render<DeliveryPage>(p => p.Add(x => x.WebhookId, webhook.Id).Add(x => x.DeliveryId, waiting));
        open.WaitForAssertion(() => Assert.Contains("e-2", open.Markup));
        Assert.DoesNotContain(open.FindAll("button"), b => b.TextContent.Trim() is "Replay" or "Send now");
    }
}
