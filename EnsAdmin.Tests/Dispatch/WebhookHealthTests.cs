using EnsAdmin.Dispatch;

namespace EnsAdmin.Tests.Dispatch;

public sealed class WebhookHealthTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly WebhookHealth _health = new(TimeSpan.FromHours(1));

    [Fact]
    public void A_minute_of_nothing_but_failures_makes_it_failing()
    {
        _health.Failed(false, Start, null);
        _health.Failed(false, Start.AddSeconds(59), null);
        Assert.False(_health.Failing);
        _health.Failed(false, Start.AddSeconds(60), null);
        Assert.True(_health.Failing);
        Assert.Equal(1, _health.Limit(20));
    }

    [Fact]
    public void A_success_in_between_starts_the_minute_anew()
    {
        _health.Failed(false, Start, null);
        Assert.False(_health.Succeeded(20));
        _health.Failed(false, Start.AddSeconds(61), null);
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
            _health.Failed(true, now, null);
        }

        Assert.Equal([5, 10, 20, 40, 60, 60, 60], pauses);
    }

    [Fact]
    public void Calls_that_were_in_flight_when_it_began_to_fail_do_not_make_the_pause_longer()
    {
        var now = Fail();
        for (var call = 0; call < 19; call++) _health.Failed(false, now.AddSeconds(1), null);
        Assert.Equal(now.AddSeconds(5), _health.ProbeAt);
    }

    [Theory]
    [InlineData(600, 600)]
    [InlineData(1, 5)]
    [InlineData(86_400, 3600)]
    public void A_failing_receiver_that_asks_for_a_pause_gets_it_up_to_an_hour(int asked, int seconds)
    {
        _health.Failed(false, Start, null);
        var now = Start.AddMinutes(2);
        _health.Failed(false, now, now.AddSeconds(asked));
        Assert.Equal(now.AddSeconds(seconds), _health.ProbeAt);
    }

    [Fact]
    public void After_the_first_success_it_is_ramped_up_to_its_limit()
    {
        Fail();
        Assert.True(_health.Succeeded(20));
        var limits = new List<int>();
        for (var call = 0; call < 20; call++)
        {
            limits.Add(_health.Limit(20));
            Assert.False(_health.Succeeded(20));
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
        _health.Succeeded(20);
        for (var call = 0; call < 6; call++) _health.Succeeded(20);
        Assert.Equal(8, _health.Limit(20));
        _health.Failed(false, Start.AddMinutes(3), null);
        Assert.Equal(4, _health.Limit(20));
    }

    private DateTimeOffset Fail()
    {
        _health.Failed(false, Start, null);
        _health.Failed(false, Start.AddMinutes(1), null);
        return Start.AddMinutes(1);
    }
}
