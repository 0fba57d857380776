using Bunit;
using EnsAdmin.Activity;
using EnsAdmin.Domain;
using EnsAdmin.Shared;
using EnsAdmin.Tests.Support;
using EnsAdmin.Webhooks;
using Microsoft.Extensions.DependencyInjection;

namespace EnsAdmin.Tests.Activity;

public sealed class DeliveryScreensTests : ScreenTestBase
{
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
    public async Task Chosen_deliveries_are_replayed_and_only_what_has_ended_can_be_chosen()
    {
        var orders = await SaveAsync("orders");
        var refused = await DeliverAsync(orders.Id, "e-1", DeliveryStatus.Rejected, AttemptOutcome.ClientError, 404, "404 Not Found");
        var delivered = await DeliverAsync(orders.Id, "e-2", DeliveryStatus.Delivered);
        await DeliverAsync(orders.Id, "e-3", DeliveryStatus.Delivered);
        await DeliverAsync(orders.Id, "e-4", DeliveryStatus.ReplayScheduled, AttemptOutcome.ServerError, 503, "503 Service Unavailable");
        var log = Render<DeliveryTable>(p => p.Add(x => x.WebhookId, orders.Id));
        Assert.True(log.Find($"[aria-label='Select {Some.EventName} e-4']").HasAttribute("disabled"));

        log.Find("[aria-label='Select all that have ended']").Change(true);
        Assert.Contains("3 selected", log.Markup);
        log.Find($"[aria-label='Select {Some.EventName} e-3']").Change(false);
        await ClickAsync(log, "Replay selected");

        var job = Assert.Single(await Services.GetRequiredService<EnsAdmin.Replays.ReplayStore>().RecentAsync(RunningApp.OrgId, orders.Id, 10, Cancel));
        Assert.Equal(2, job.Total);
        Assert.Equal([refused, delivered], job.Filter.Ids!.Order());
        log.WaitForAssertion(() => Assert.DoesNotContain("selected", log.Find("[role=status]").TextContent));
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
    public async Task An_ended_delivery_can_be_replayed_from_its_page_and_a_waiting_one_can_not()
    {
        var webhook = await SaveAsync("orders");
        var failed = await DeliverAsync(webhook.Id, "e-1", DeliveryStatus.Rejected, AttemptOutcome.ClientError, 400, "400 Bad Request");
        var waiting = await DeliverAsync(webhook.Id, "e-2");

        var ended = Render<DeliveryPage>(p => p.Add(x => x.WebhookId, webhook.Id).Add(x => x.DeliveryId, failed));
        ended.WaitForAssertion(() => Assert.Contains(ended.FindAll("button"), b => b.TextContent.Trim() == "Replay"));
        var open = Render<DeliveryPage>(p => p.Add(x => x.WebhookId, webhook.Id).Add(x => x.DeliveryId, waiting));
        open.WaitForAssertion(() => Assert.Contains("e-2", open.Markup));
        Assert.DoesNotContain(open.FindAll("button"), b => b.TextContent.Trim() == "Replay");
    }
}
