using EnsAdmin.Domain;
using EnsAdmin.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace EnsAdmin.Tests.Scenarios;

/// <summary>The system's clock is set while events wait: nothing expires for it, and nothing is held up.</summary>
public sealed class ClockScenarios
{
    [Fact]
    public async Task A_clock_set_a_day_ahead_expires_nothing_not_even_what_is_being_sent()
    {
        await using var receiver = await Receiver.StartAsync();
        var answer = new TaskCompletionSource();
        receiver.Answer = async (n, http) =>
        {
            if (n == 2) await answer.Task;
            await Receiver.Status(http, n <= 2 ? 500 : 200);
        };
        var time = new SettableClock();
        await using var app = RunningApp.Start(time);
        var webhook = await app.CreateWebhookAsync(receiver.Url, connections: 1);
        await app.PublishAcceptedAsync(Some.Event("e-1"));
        await app.DeliveryAsync(webhook, DeliveryStatus.ReplayScheduled, attempts: 1);
        await app.PublishAcceptedAsync(Some.Event("e-2"));
        await receiver.ReceivedAsync(2);

        time.Set(TimeSpan.FromHours(25));
        answer.SetResult();
        await app.LogAsync(webhook, rows => rows.All(r => r.Attempts >= 1));
        await Eventually.HoldsAsync(async () =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return (await app.LogAsync(webhook, rows => rows.Count == 2)).All(r => r.Status == DeliveryStatus.Delivered);
        }, () => "both replays");

        Assert.InRange(time.Elapsed, TimeSpan.Zero, TimeSpan.FromMinutes(2));
    }

    [Fact]
    public async Task What_is_accepted_just_after_the_clock_jumped_a_day_ahead_does_not_wait_for_another_day()
    {
        await using var receiver = await Receiver.StartAsync();
        var answer = new TaskCompletionSource();
        receiver.Answer = async (n, http) =>
        {
            if (n == 1) await answer.Task;
            await Receiver.Status(http, 200);
        };
        var time = new SettableClock();
        await using var app = RunningApp.Start(time);
        await app.CreateWebhookAsync(receiver.Url, connections: 1);
        await app.PublishAcceptedAsync(Some.Event("e-1"));
        await receiver.ReceivedAsync(1);

        time.Set(TimeSpan.FromDays(1));
        await app.PublishAcceptedAsync(Some.Event("e-2"));
        answer.SetResult();

        await receiver.ReceivedAsync(2);
    }

    [Fact]
    public async Task A_clock_set_back_an_hour_holds_nothing_up()
    {
        await using var receiver = (await Receiver.StartAsync()).Answering(500, 200);
        var time = new SettableClock();
        await using var app = RunningApp.Start(time);
        var webhook = await app.CreateWebhookAsync(receiver.Url);
        await app.PublishAcceptedAsync(Some.Event("e-1"));
        await app.DeliveryAsync(webhook, DeliveryStatus.ReplayScheduled, attempts: 1);

        time.Set(-TimeSpan.FromHours(1));
        await Eventually.HoldsAsync(async () =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return (await app.LogAsync(webhook, _ => true))[0].Status == DeliveryStatus.Delivered;
        }, () => "the replay");

        Assert.InRange(time.Elapsed, TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(2));
        await app.PublishAcceptedAsync(Some.Event("e-2"));
        await receiver.ReceivedAsync(3);
    }

    /// <summary>A clock whose hands can be set, while the time that passes is measured on.</summary>
    private sealed class SettableClock() : FakeTimeProvider(Some.Clock().GetUtcNow())
    {
        private readonly DateTimeOffset _start = Some.Clock().GetUtcNow();
        private TimeSpan _step;

        public TimeSpan Elapsed => base.GetUtcNow() - _start;

        public void Set(TimeSpan step) => _step = step;

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + _step;

        public override long GetTimestamp() => base.GetUtcNow().Ticks;
    }
}
