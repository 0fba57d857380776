using System.Net.Http.Json;
using System.Text.Json;
using EnsAdmin.Domain;
using EnsAdmin.Tests.Support;

namespace EnsAdmin.Tests.Scenarios;

/// <summary>Webhooks that point to where nobody outside belongs. Only spellings of the loopback are used, and a receiver listens there to see that no call comes.</summary>
public sealed class BlockedAddressScenarios
{
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("localhost")]
    [InlineData("2130706433")]
    [InlineData("0x7f.1")]
    [InlineData("[::ffff:127.0.0.1]")]
    public async Task A_blocked_address_is_not_called_and_waits_for_the_operator(string host)
    {
        await using var receiver = await Receiver.StartAsync();
        await using var app = RunningApp.Start(settings: ("Ens:Delivery:AllowedNetworks", ""));
        var webhook = await app.CreateWebhookAsync(receiver.Url.Replace("127.0.0.1", host, StringComparison.Ordinal));

        await app.PublishAcceptedAsync(Some.Event("e-1"));

        var delivery = await app.DeliveryAsync(webhook, DeliveryStatus.ReplayScheduled, attempts: 1);
        var attempt = Assert.Single(delivery.Attempts);
        Assert.Equal(AttemptOutcome.Blocked, attempt.Outcome);
        Assert.Contains("Ens:Delivery:AllowedNetworks", attempt.Reason, StringComparison.Ordinal);
        Assert.Empty(receiver.Calls);
    }

    [Fact]
    public async Task A_test_event_to_a_blocked_address_says_so_and_shows_no_answer()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var app = RunningApp.Start(settings: ("Ens:Delivery:AllowedNetworks", ""));
        var webhook = await app.CreateWebhookAsync(receiver.Url);

        using var answer = await app.Http.PostAsJsonAsync($"/v3/webHooks/{webhook}/test", new { eventName = Some.EventName }, TestContext.Current.CancellationToken);

        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Contains("Blocked: 127.0.0.1", text, StringComparison.Ordinal);
        Assert.False(JsonDocument.Parse(text).RootElement.GetProperty("data").GetProperty("delivered").GetBoolean());
        Assert.Empty(receiver.Calls);
    }

    [Fact]
    public async Task What_was_blocked_arrives_once_the_operator_opens_the_network()
    {
        var data = Directory.CreateTempSubdirectory("ens-test").FullName;
        await using var receiver = await Receiver.StartAsync();
        var time = Some.Clock();
        await using (var closed = RunningApp.Start(time, data, ("Ens:Delivery:AllowedNetworks", "")))
        {
            var webhook = await closed.CreateWebhookAsync(receiver.Url);
            await closed.PublishAcceptedAsync(Some.Event("e-1"));
            await closed.DeliveryAsync(webhook, DeliveryStatus.ReplayScheduled, attempts: 1);
        }

        time.Advance(TimeSpan.FromMinutes(1));
        await using (RunningApp.Start(time, data)) await receiver.ReceivedAsync(1);
        Directory.Delete(data, recursive: true);
    }
}
