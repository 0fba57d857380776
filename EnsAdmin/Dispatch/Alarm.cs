namespace EnsAdmin.Dispatch;

/// <summary>Wakes the dispatcher: when somebody rings, or when the earliest of the webhooks' timers is over. Used under the board's lock, but for waiting.</summary>
internal sealed class Alarm(TimeProvider time)
{
    // No timer reaches further; a longer pause is simply cut in pieces.
    private static readonly TimeSpan LongestPause = TimeSpan.FromHours(1);

    private readonly PriorityQueue<Lane, long> _timers = new();
    private TaskCompletionSource _rung = NewBell();

    public void Ring() => _rung.TrySetResult();

    /// <summary>Forgets that it was rung: whoever calls this looks at everything there is to do.</summary>
    public void Reset() => _rung = NewBell();

    /// <summary>Sees to it that the webhook is looked at then (UTC ticks), if not before.</summary>
    public void Set(Lane lane, long at)
    {
        if (lane.TimerAt <= at) return;
        lane.TimerAt = at;
        _timers.Enqueue(lane, at);
    }

    /// <summary>Takes a webhook whose timer is over; null when there is none.</summary>
    public Lane? TakeOver(long now)
    {
        if (!_timers.TryPeek(out var lane, out var at) || at > now) return null;
        _timers.Dequeue();
        if (lane.TimerAt == at) lane.TimerAt = long.MaxValue;
        return lane;
    }

    /// <summary>What to wait for, as of now; awaited without the lock.</summary>
    public (Task Rung, long At) Next => (_rung.Task, _timers.TryPeek(out _, out var at) ? at : long.MaxValue);

    public async Task WaitAsync((Task Rung, long At) next, CancellationToken cancel)
    {
        var pause = TimeSpan.FromTicks(Math.Clamp(next.At - time.GetUtcNow().UtcTicks, 0, LongestPause.Ticks));
        var wait = next.Rung.WaitAsync(pause, time, cancel);
        // The clock may have been set forward before the timer was.
        if (time.GetUtcNow().UtcTicks >= next.At) return;
        await wait.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancel.ThrowIfCancellationRequested();
    }

    private static TaskCompletionSource NewBell() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
