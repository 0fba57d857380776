using EnsAdmin.Dispatch;

namespace EnsAdmin.Tests.Dispatch;

public sealed class WebhookHealthTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly WebhookHealth _health = new(TimeSpan.FromHours(1));

    [Fact]
    public void A_minute_of_nothing_but_failures_makes_it_failing()
    {
        Failed(false, Start);
        Failed(false, Start.AddSeconds(59));
        Assert.False(_health.Failing);
        Failed(false, Start.AddSeconds(60));
        Assert.True(_health.Failing);
        Assert.Equal(1, _health.Limit(20));
    }

    [Fact]
    public void A_success_in_between_starts_the_minute_anew()
    {
        Failed(false, Start);
        Assert.False(Succeeded(20));
        Failed(false, Start.AddSeconds(61));
        Assert.False(_health.Failing);
        Assert.Equal(20, _health.Limit(20));
    }

    [Fact]
    public void Pauses_between_probes_grow_to_a_minute()
    {
        var now = Fail();
        var pauses = new List<double>();
        for (var probe = 0; probe < 7; probe++)
        {
            pauses.Add((_health.ProbeAt - now).TotalSeconds);
            now = _health.ProbeAt;
            Failed(true, now);
        }

        Assert.Equal([5, 10, 20, 40, 60, 60, 60], pauses);
    }

    [Fact]
    public void Calls_that_were_in_flight_when_it_began_to_fail_do_not_make_the_pause_longer()
    {
        var now = Fail();
        for (var call = 0; call < 19; call++) Failed(false, now.AddSeconds(1));
        Assert.Equal(now.AddSeconds(5), _health.ProbeAt);
    }

    [Theory]
    [InlineData(600, 600)]
    [InlineData(1, 1)]
    [InlineData(86_400, 3600)]
    public void A_failing_receiver_that_asks_for_a_pause_gets_it_for_what_was_tried_and_is_probed_with_something_new(int asked, int seconds)
    {
        Failed(false, Start);
        var now = Start.AddMinutes(2);
        Failed(false, now, now.AddSeconds(asked));
        Assert.Equal((now.AddSeconds(5), now.AddSeconds(seconds)), (_health.ProbeAt, _health.AheadAt));
        Failed(true, now.AddSeconds(5));
        Assert.Equal(_health.ProbeAt, _health.AheadAt);
    }

    [Fact]
    public void A_refusal_neither_begins_nor_ends_it()
    {
        Assert.Equal(HealthChange.None, _health.Ended(CallVerdict.Refusal, false, Start, null, 20));
        Assert.Equal(HealthChange.None, _health.Ended(CallVerdict.Refusal, false, Start.AddMinutes(2), null, 20));
        Assert.False(_health.Failing);

        var now = Fail().AddSeconds(5);
        Assert.False(_health.ProbesNewest);
        Assert.Equal(HealthChange.None, _health.Ended(CallVerdict.Refusal, true, now, null, 20));
        Assert.Equal((true, true, now.AddSeconds(10)), (_health.Failing, _health.ProbesNewest, _health.ProbeAt));
        _health.Ended(CallVerdict.Refusal, true, now, null, 20);
        Assert.False(_health.ProbesNewest); // In turns: all that is new may be refused.
        _health.Ended(CallVerdict.Refusal, true, now, null, 20);
        _health.ProbeNow(now); // Somebody asks for a delivery of his choice.
        Assert.False(_health.ProbesNewest);
        Assert.True(Succeeded(20));
    }

    [Fact]
    public void After_the_first_success_it_is_ramped_up_to_its_limit()
    {
        Fail();
        Assert.True(Succeeded(20));
        var limits = new List<int>();
        for (var call = 0; call < 20; call++)
        {
            limits.Add(_health.Limit(20));
            Assert.False(Succeeded(20));
        }

        Assert.Equal(2, limits[0]);
        Assert.Equal(limits.Order(), limits);
        Assert.Equal(20, _health.Limit(20));
        Assert.Equal(50, _health.Limit(50));
    }

    [Fact]
    public void A_failure_while_it_is_ramped_up_halves_the_calls()
    {
        Fail();
        Succeeded(20);
        for (var call = 0; call < 6; call++) Succeeded(20);
        Assert.Equal(8, _health.Limit(20));
        Failed(false, Start.AddMinutes(3));
        Assert.Equal(4, _health.Limit(20));
    }

    [Fact]
    public void After_a_restart_it_keeps_to_what_its_receiver_asked_for()
    {
        _health.Resume(Start, Start.AddMinutes(1), Start.AddMinutes(6));
        Assert.Equal((true, Start.AddMinutes(6)), (_health.Failing, _health.AheadAt));
        Assert.True(_health.ProbeAt < Start); // With what is new it is probed at once.
        _health.Resume(Start, Start.AddMinutes(1), DateTimeOffset.MaxValue);
        Assert.Equal(Start.AddMinutes(61), _health.AheadAt);
    }

    private bool Succeeded(int max) => _health.Ended(CallVerdict.Success, false, Start, null, max) == HealthChange.Back;

    private void Failed(bool probe, DateTimeOffset at, DateTimeOffset? retryAt = null) => _health.Ended(CallVerdict.Failure, probe, at, retryAt, 20);

    private DateTimeOffset Fail()
    {
        Failed(false, Start);
        Failed(false, Start.AddMinutes(1));
        return Start.AddMinutes(1);
    }
}
