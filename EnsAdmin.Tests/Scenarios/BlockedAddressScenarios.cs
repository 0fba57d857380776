using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using EnsAdmin.Domain;
using EnsAdmin.Tests.Support;

namespace EnsAdmin.Tests.Scenarios;

/// <summary>Webhooks that point to where nobody outside belongs. Only spellings of the loopback are used, and a receiver listens there to see that no call comes.</summary>
public sealed class BlockedAddressScenarios
{
    private static readonly (string, string) Closed = ("Ens:Delivery:AllowedNetworks", "");

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("localhost")]
    [InlineData("2130706433")]
    [InlineData("0x7f.1")]
    [InlineData("[::ffff:127.0.0.1]")]
    [InlineData("localhost.")]
    [InlineData("127.0.0.1.")]
    [InlineData("2130706433.")]
    [InlineData("127.1.")]
    public async Task What_was_saved_before_the_network_was_closed_is_not_called_and_waits_for_the_operator(string host)
    {
        await using var receiver = await Receiver.StartAsync();
        await using var data = new TemporaryDirectory();
        string webhook;
        await using (var open = RunningApp.Start(dataDirectory: data.Path)) webhook = await open.CreateWebhookAsync(At(receiver, host));
        await using var app = RunningApp.Start(dataDirectory: data.Path, settings: Closed);

        await app.PublishAcceptedAsync(Some.Event("e-1"));

        var delivery = await app.DeliveryAsync(webhook, DeliveryStatus.ReplayScheduled, attempts: 1);
        var attempt = Assert.Single(delivery.Attempts);
        Assert.Equal(AttemptOutcome.Blocked, attempt.Outcome);
        Assert.Contains("Ens:Delivery:AllowedNetworks", attempt.Reason, StringComparison.Ordinal);
        Assert.Empty(receiver.Calls);
    }

    [Theory]
    [InlineData("localhost.")]
    [InlineData("127.0.0.1.")]
    [InlineData("2130706433.")]
    [InlineData("127.1.")]
    public async Task A_host_that_ends_in_a_dot_is_called_where_its_network_is_open(string host)
    {
        await using var receiver = await Receiver.StartAsync();
        await using var app = RunningApp.Start();
        var webhook = await app.CreateWebhookAsync(At(receiver, host));

        await app.PublishAcceptedAsync(Some.Event("e-1"));

        await app.DeliveryAsync(webhook, DeliveryStatus.Delivered);
        Assert.Single(receiver.Calls);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("2130706433")]
    [InlineData("0x7f.1")]
    [InlineData("0177.0.0.1")]
    [InlineData("[::1]")]
    [InlineData("[::ffff:127.0.0.1]")]
    [InlineData("127.0.0.1.")]
    [InlineData("127。0。0。1")]
    [InlineData("localhost")]
    [InlineData("LOCALHOST.")]
    [InlineData("ens.localhost")]
    public async Task A_blocked_address_is_refused_when_it_is_saved(string host)
    {
        await using var app = RunningApp.Start(settings: Closed);

        using var answer = await app.Http.PostAsJsonAsync("/v3/webHooks", new { name = "orders", webHookUrl = $"http://{host}:9/", maxAllowedConnections = 20, eventNames = new[] { Some.EventName } }, Cancel);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        var text = await answer.Content.ReadAsStringAsync(Cancel);
        Assert.Contains("webHookUrl", text, StringComparison.Ordinal);
        Assert.Contains("Ens:Delivery:AllowedNetworks", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_saved_before_the_network_was_closed_can_be_deactivated_and_not_be_given_another_blocked_address()
    {
        await using var data = new TemporaryDirectory();
        const string url = "http://127.0.0.1:9/";
        string webhook;
        await using (var open = RunningApp.Start(dataDirectory: data.Path)) webhook = await open.CreateWebhookAsync(url);
        await using var app = RunningApp.Start(dataDirectory: data.Path, settings: Closed);

        Task<HttpResponseMessage> PutAsync(string to) =>
            app.Http.PutAsJsonAsync($"/v3/webHooks/{webhook}", new { name = "orders", webHookUrl = to, active = false, maxAllowedConnections = 20, eventNames = new[] { Some.EventName } }, Cancel);
        using var deactivated = await PutAsync(url);
        using var moved = await PutAsync("http://127.0.0.2:9/");

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.BadRequest), (deactivated.StatusCode, moved.StatusCode));
        Assert.False((await deactivated.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("data").GetProperty("active").GetBoolean());
    }

    [Fact]
    public async Task A_test_event_to_a_blocked_address_says_so_and_shows_no_answer()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var app = RunningApp.Start((_, _) => Task.FromResult<IPAddress[]>([IPAddress.Loopback]), Closed);
        var webhook = await app.CreateWebhookAsync(At(receiver, "orders.example"));

        using var answer = await app.Http.PostAsJsonAsync($"/v3/webHooks/{webhook}/test", new { eventName = Some.EventName }, Cancel);

        var text = await answer.Content.ReadAsStringAsync(Cancel);
        Assert.Contains("Blocked: ", text, StringComparison.Ordinal);
        Assert.False(JsonDocument.Parse(text).RootElement.GetProperty("data").GetProperty("delivered").GetBoolean());
        Assert.Empty(receiver.Calls);
    }

    [Fact]
    public async Task A_replay_by_hand_of_what_was_delivered_before_the_network_was_closed_is_blocked()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var data = new TemporaryDirectory();
        string webhook;
        long delivered;
        await using (var open = RunningApp.Start(dataDirectory: data.Path))
        {
            webhook = await open.CreateWebhookAsync(receiver.Url);
            await open.PublishAcceptedAsync(Some.Event("e-1"));
            delivered = (await open.DeliveryAsync(webhook, DeliveryStatus.Delivered)).Id;
        }

        await using var app = RunningApp.Start(dataDirectory: data.Path, settings: Closed);
        using (var replayed = await app.Http.PostAsync($"/v3/deliveries/{delivered}/replay", null, Cancel)) Assert.Equal(HttpStatusCode.Accepted, replayed.StatusCode);

        var attempt = (await app.DeliveryAsync(webhook, DeliveryStatus.ReplayScheduled, attempts: 2)).Attempts[0];
        Assert.Equal((AttemptOutcome.Blocked, AttemptTrigger.Manual), (attempt.Outcome, attempt.Trigger));
        Assert.Single(receiver.Calls);
    }

    [Fact]
    public async Task What_was_blocked_arrives_once_the_operator_opens_the_network()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var data = new TemporaryDirectory();
        var time = Some.Clock();
        string webhook;
        await using (var open = RunningApp.Start(time, data.Path)) webhook = await open.CreateWebhookAsync(receiver.Url);
        await using (var closed = RunningApp.Start(time, data.Path, Closed))
        {
            await closed.PublishAcceptedAsync(Some.Event("e-1"));
            await closed.DeliveryAsync(webhook, DeliveryStatus.ReplayScheduled, attempts: 1);
        }

        time.Advance(TimeSpan.FromMinutes(1));
        await using (RunningApp.Start(time, data.Path)) await receiver.ReceivedAsync(1);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static string At(Receiver receiver, string host) => receiver.Url.Replace("127.0.0.1", host, StringComparison.Ordinal);

    private sealed class TemporaryDirectory : IAsyncDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("ens-test").FullName;

        public ValueTask DisposeAsync()
        {
            Directory.Delete(Path, recursive: true);
            return default;
        }
    }
}
