using EnsAdmin.Domain;

namespace EnsAdmin.Tests.Domain;

public sealed class ReplayPolicyTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset End = Start.AddHours(24);
    private static readonly ReplayPolicy Policy = new(TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(30));

    [Theory]
    [InlineData(AttemptOutcome.Success, DeliveryStatus.Delivered)]
    [InlineData(AttemptOutcome.ClientError, DeliveryStatus.Rejected)]
    [InlineData(AttemptOutcome.Redirect, DeliveryStatus.Rejected)]
    public void A_final_outcome_stops(AttemptOutcome outcome, DeliveryStatus status) =>
        Assert.Equal(new ReplayDecision.Stop(status), Policy.Decide(outcome, 1, Start, End, 0.5));

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
        {
            var replay = Assert.IsType<ReplayDecision.Replay>(Policy.Decide(outcome, attempt, Start, End, jitter));
            Assert.Equal(seconds, (replay.At - Start).TotalSeconds, 0.01);
        }
    }

    [Fact]
    public void The_last_replay_falls_inside_the_window_and_nothing_follows_it()
    {
        var near = End - TimeSpan.FromMinutes(1);
        var replay = Assert.IsType<ReplayDecision.Replay>(Policy.Decide(AttemptOutcome.ServerError, 50, near, End, 0.5));
        Assert.InRange(replay.At, near, End);
        Assert.Equal(new ReplayDecision.Stop(DeliveryStatus.Expired), Policy.Decide(AttemptOutcome.ServerError, 51, replay.At, End, 0.5));
    }

    [Fact]
    public void Whatever_the_chance_it_is_never_before_the_pause_never_after_the_window_and_ends()
    {
        var chance = new Random(20260301);
        for (var run = 0; run < 500; run++)
        {
            var now = Start;
            var end = Start + TimeSpan.FromSeconds(chance.Next(0, 90_000));
            var attempts = 0;
            while (Policy.Decide(AttemptOutcome.ServerError, ++attempts, now, end, chance.NextDouble()) is ReplayDecision.Replay replay)
            {
                Assert.True(replay.At > now && replay.At <= end);
                now = replay.At + TimeSpan.FromMilliseconds(chance.Next(0, 30_000));
                Assert.True(attempts < 1000);
            }
        }
    }
}
