using System.Collections.Concurrent;

namespace EnsAdmin.Shared;

/// <summary>
/// Tells open pages that something changed. Publishing costs a dictionary look-up when nobody listens, never waits and never
/// throws. A burst reaches a subscriber as one call, a window after its first change; calls to one subscriber never overlap.
/// </summary>
public sealed partial class ChangeFeed(TimeProvider time, ILogger<ChangeFeed> logger)
{
    /// <summary>How long changes are gathered before a subscriber hears of them, who says nothing else.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMilliseconds(250);

    /// <summary>The same where changes can go on for long, as while a file is imported, and none of them is waited for.</summary>
    public static readonly TimeSpan CalmWindow = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, Subscription[]> _topics = new(StringComparer.Ordinal);
    private readonly Lock _changingSubscribers = new();

    public void Publish(string topic)
    {
        if (!_topics.TryGetValue(topic, out var subscriptions)) return;
        foreach (var subscription in subscriptions) subscription.Signal();
    }

    /// <summary>Calls <paramref name="onChange"/> on a pool thread after changes of the topic, until the result is disposed.</summary>
    /// <param name="window">How long changes are gathered; null for <see cref="Window"/>.</param>
    public IDisposable Subscribe(string topic, Func<Task> onChange, TimeSpan? window = null)
    {
        var subscription = new Subscription(this, topic, onChange, window ?? Window);
        lock (_changingSubscribers)
        {
            _topics.AddOrUpdate(topic, [subscription], (_, others) => [.. others, subscription]);
        }
        return subscription;
    }

    private void Remove(Subscription subscription)
    {
        lock (_changingSubscribers)
        {
            if (!_topics.TryGetValue(subscription.Topic, out var subscriptions)) return;
            Subscription[] others = [.. subscriptions.Where(s => s != subscription)];
            if (others.Length > 0) _topics[subscription.Topic] = others;
            else _topics.TryRemove(subscription.Topic, out _);
        }
    }

    private sealed class Subscription : IDisposable
    {
        private const int Idle = 0, Armed = 1, Running = 2, RunningAndStale = 3;

        private readonly ChangeFeed _feed;
        private readonly Func<Task> _onChange;
        private readonly TimeSpan _window;
        private readonly ITimer _timer;
        private int _state;
        private volatile bool _disposed;

        public Subscription(ChangeFeed feed, string topic, Func<Task> onChange, TimeSpan window)
        {
            (_feed, Topic, _onChange, _window) = (feed, topic, onChange, window);
            _timer = feed.Time.CreateTimer(_ => _ = RunAsync(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        public string Topic { get; }

        public void Signal()
        {
            if (Interlocked.CompareExchange(ref _state, Armed, Idle) == Idle) Arm();
            // A change during a call may have come after that call read the data, so it needs another call.
            else Interlocked.CompareExchange(ref _state, RunningAndStale, Running);
        }

        private void Arm()
        {
            // A timer disposed meanwhile answers false: nobody listens any more.
            _timer.Change(_window, Timeout.InfiniteTimeSpan);
        }

        private async Task RunAsync()
        {
            Volatile.Write(ref _state, Running);
            try
            {
                if (!_disposed) await _onChange().ConfigureAwait(false);
            }
            catch (Exception e)
            {
                LogSubscriberFailed(_feed.Logger, e, Topic);
            }
            if (Interlocked.CompareExchange(ref _state, Idle, Running) == Running) return;
            Volatile.Write(ref _state, Armed);
            Arm();
        }

        public void Dispose()
        {
            if (_disposed) return;
            _disposed = true;
            _feed.Remove(this);
            _timer.Dispose();
        }
    }

    private TimeProvider Time => time;

    private ILogger Logger => logger;

    [LoggerMessage(Level = LogLevel.Warning, Message = "A live page could not refresh after a change of {Topic}")]
    private static partial void LogSubscriberFailed(ILogger logger, Exception error, string topic);
}
