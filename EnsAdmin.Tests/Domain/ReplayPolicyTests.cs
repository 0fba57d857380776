using EnsAdmin.Domain;

namespace EnsAdmin.Tests.Domain;

public sealed class ReplayPolicyTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset End = Start.AddHours(24);
    private static readonly ReplayPolicy Policy = new(TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(30), TimeSpan.FromHours(1));

    [Theory]
    [InlineData(AttemptOutcome.Success, 200, DeliveryStatus.Delivered)]
    [InlineData(AttemptOutcome.ClientError, 404, DeliveryStatus.Rejected)]
    [InlineData(AttemptOutcome.ClientError, 429, DeliveryStatus.Rejected)]
    [InlineData(AttemptOutcome.ClientError, 408, DeliveryStatus.Rejected)]
    [InlineData(AttemptOutcome.Redirect, 302, DeliveryStatus.Rejected)]
    public void A_final_outcome_stops(AttemptOutcome outcome, int code, DeliveryStatus status) =>
        Assert.Equal(new ReplayDecision.Stop(status), Policy.Decide(new(outcome, code), false, 1, Start, End, 0.5));

    [Theory]
    [InlineData(429, true)]
    [InlineData(408, true)]
    [InlineData(400, false)]
    [InlineData(410, false)]
    public void A_webhook_may_ask_for_replays_of_429_and_408_alone(int code, bool replayed) =>
        Assert.Equal(replayed, Policy.Decide(new(AttemptOutcome.ClientError, code), true, 1, Start, End, 0.5) is ReplayDecision.Replay);

    [Theory]
    [InlineData(1, 0.0, 5)]
    [InlineData(1, 0.5, 6.25)]
    [InlineData(2, 0.0, 10)]
    [InlineData(5, 0.0, 80)]
    [InlineData(40, 0.0, 1200)]
    [InlineData(40, 0.999999, 1800)]
    public void No_answer_is_replayed_after_a_doubling_pause(int attempt, double jitter, double seconds)
    {
        foreach (var outcome in new[] { AttemptOutcome.ServerError, AttemptOutcome.TimedOut, AttemptOutcome.NoResponse })
            Assert.Equal(seconds, PauseAfter(new(outcome), attempt, jitter), 0.01);
    }

    [Theory]
    [InlineData(60, 60)] // Longer than the pause: as asked.
    [InlineData(2, 5)] // Shorter: never before the pause.
    [InlineData(-30, 5)] // In the past.
    [InlineData(7200, 3600)] // Absurdly late: an hour at most.
    public void Retry_after_makes_the_pause_longer_within_bounds(int asked, double seconds) =>
        Assert.Equal(seconds, PauseAfter(new(AttemptOutcome.ServerError, 503, Start.AddSeconds(asked)), 1, 0), 0.01);

    [Fact]
    public void Retry_after_past_the_window_still_leaves_a_last_replay_inside_it()
    {
        var end = Start.AddMinutes(10);
        var replay = Assert.IsType<ReplayDecision.Replay>(Policy.Decide(new(AttemptOutcome.ServerError, 503, Start.AddMinutes(30)), false, 1, Start, end, 0));
        Assert.InRange(replay.At, end.AddSeconds(-5), end);
    }

    [Fact]
    public void The_last_replay_falls_inside_the_window_and_nothing_follows_it()
    {
        var near = End - TimeSpan.FromMinutes(1);
        var replay = Assert.IsType<ReplayDecision.Replay>(Policy.Decide(new(AttemptOutcome.ServerError), false, 50, near, End, 0.5));
        Assert.InRange(replay.At, near, End);
        Assert.Equal(new ReplayDecision.Stop(DeliveryStatus.Expired), Policy.Decide(new(AttemptOutcome.ServerError), false, 51, replay.At, End, 0.5));
    }

    [Fact]
    public void Whatever_the_chance_it_is_never_before_the_pause_never_after_the_window_and_ends()
    {
        var chance = new Random(20260301);
        for (var run = 0; run < 500; run++)
        {
            var now = Start;
            var end = Start + TimeSpan.FromSeconds(chance.Next(0, 7 * 86_400));
            var attempts = 0;
            while (true)
            {
                DateTimeOffset? asked = chance.Next(3) == 0 ? now.AddSeconds(chance.Next(-1000, 10_000)) : null;
                if (Policy.Decide(new(AttemptOutcome.ServerError, 503, asked), false, ++attempts, now, end, chance.NextDouble()) is not ReplayDecision.Replay replay) break;
                Assert.True(replay.At > now && replay.At <= end);
                Assert.True(replay.At - now >= TimeSpan.FromSeconds(2.5));
                now = replay.At + TimeSpan.FromMilliseconds(chance.Next(0, 30_000));
                Assert.True(attempts < 2000);
            }
        }
    }

    private static double PauseAfter(AttemptAnswer answer, int attempt, double jitter) =>
        (Assert.IsType<ReplayDecision.Replay>(Policy.Decide(answer, false, attempt, Start, End, jitter)).At - Start).TotalSeconds;
}
