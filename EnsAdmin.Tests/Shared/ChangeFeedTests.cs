using EnsAdmin.Shared;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace EnsAdmin.Tests.Shared;

public sealed class ChangeFeedTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly ChangeFeed _feed;
    private int _calls;

    public ChangeFeedTests() => _feed = new ChangeFeed(_clock, NullLogger<ChangeFeed>.Instance);

    [Fact]
    public void A_change_reaches_its_subscriber_after_the_window()
    {
        using var _ = _feed.Subscribe("a", Count);

        _feed.Publish("a");

        Assert.Equal(0, _calls);
        _clock.Advance(ChangeFeed.Window);
        Assert.Equal(1, _calls);
    }

    [Fact]
    public void A_burst_reaches_a_subscriber_once()
    {
        using var _ = _feed.Subscribe("a", Count);

        for (var i = 0; i < 1000; i++) _feed.Publish("a");
        _clock.Advance(ChangeFeed.Window);

        Assert.Equal(1, _calls);
    }

    [Fact]
    public void A_later_change_is_told_again()
    {
        using var _ = _feed.Subscribe("a", Count);

        _feed.Publish("a");
        _clock.Advance(ChangeFeed.Window);
        _feed.Publish("a");
        _clock.Advance(ChangeFeed.Window);

        Assert.Equal(2, _calls);
    }

    [Fact]
    public void Other_topics_stay_silent()
    {
        using var _ = _feed.Subscribe("a", Count);

        _feed.Publish("b");
        _clock.Advance(ChangeFeed.Window);

        Assert.Equal(0, _calls);
    }

    [Fact]
    public void Every_subscriber_of_a_topic_is_told()
    {
        using var first = _feed.Subscribe("a", Count);
        using var second = _feed.Subscribe("a", Count);

        _feed.Publish("a");
        _clock.Advance(ChangeFeed.Window);

        Assert.Equal(2, _calls);
    }

    [Fact]
    public void A_disposed_subscription_hears_nothing_even_of_changes_on_their_way()
    {
        var gone = _feed.Subscribe("a", Count);
        using var stays = _feed.Subscribe("a", () => Task.CompletedTask);

        _feed.Publish("a");
        gone.Dispose();
        _clock.Advance(ChangeFeed.Window);
        _feed.Publish("a");
        _clock.Advance(ChangeFeed.Window);

        Assert.Equal(0, _calls);
    }

    [Fact]
    public void A_subscriber_that_fails_is_told_of_the_next_change()
    {
        using var _ = _feed.Subscribe("a", () => { _calls++; throw new InvalidOperationException("broken page"); });

        _feed.Publish("a");
        _clock.Advance(ChangeFeed.Window);
        _feed.Publish("a");
        _clock.Advance(ChangeFeed.Window);

        Assert.Equal(2, _calls);
    }

    [Fact]
    public void A_change_during_a_call_brings_exactly_one_more_call_after_it()
    {
        var reading = new TaskCompletionSource();
        using var _ = _feed.Subscribe("a", () => ++_calls == 1 ? reading.Task : Task.CompletedTask);
        _feed.Publish("a");
        _clock.Advance(ChangeFeed.Window);

        _feed.Publish("a");
        _feed.Publish("a");
        _clock.Advance(ChangeFeed.Window * 4);
        Assert.Equal(1, _calls);

        reading.SetResult();
        _clock.Advance(ChangeFeed.Window);
        Assert.Equal(2, _calls);
        _clock.Advance(ChangeFeed.Window * 4);
        Assert.Equal(2, _calls);
    }

    [Fact]
    public void What_changes_all_the_time_is_told_once_a_window_and_at_its_end()
    {
        using var _ = _feed.Subscribe("a", Count, ChangeFeed.CalmWindow);

        for (var i = 0; i < 100; i++)
        {
            _feed.Publish("a");
            _clock.Advance(ChangeFeed.CalmWindow / 20);
        }

        Assert.Equal(5, _calls);
        _feed.Publish("a");
        _clock.Advance(ChangeFeed.CalmWindow * 3);
        Assert.Equal(6, _calls);
    }

    private Task Count()
    {
        _calls++;
        return Task.CompletedTask;
    }
}
