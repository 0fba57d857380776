namespace EnsAdmin.Dispatch;

/// <summary>
/// Paces the calls to one webhook by how its receiver fares. Nothing but failures for a minute makes it <see cref="Failing"/>: then one call at a time probes
/// it, with growing pauses. The first success ends that, and the number of calls at once grows from there up to the webhook's own limit. A failure is an
/// answer that is replayed, or none. Pure: the time comes from the caller.
/// </summary>
public sealed class WebhookHealth(TimeSpan maxRetryAfter)
{
    public static readonly TimeSpan FailingAfter = TimeSpan.FromMinutes(1);
    public static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(5);
    public static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);
    private const int Open = int.MaxValue;

    private DateTimeOffset? _failingSince;
    private TimeSpan _pause = FirstPause;
    private int _window = Open;

    /// <summary>Whether only probes are sent.</summary>
    public bool Failing { get; private set; }

    /// <summary>When the next probe may be sent.</summary>
    public DateTimeOffset ProbeAt { get; private set; }

    /// <summary>Takes up what was known before a restart; it is probed at once.</summary>
    public void Resume(DateTimeOffset failingSince, DateTimeOffset lastAttemptAt)
    {
        _failingSince = failingSince;
        Failing = lastAttemptAt - failingSince >= FailingAfter;
    }

    /// <summary>How many calls may be in flight, of at most <paramref name="max"/>.</summary>
    public int Limit(int max) => Failing ? 1 : Math.Min(_window, max);

    /// <returns>True when the webhook was failing until now.</returns>
    public bool Succeeded(int max)
    {
        _failingSince = null;
        if (!Failing)
        {
            if (_window != Open && ++_window >= max) _window = Open;
            return false;
        }

        (Failing, _window, _pause) = (false, 2, FirstPause);
        return true;
    }

    /// <param name="probe">Whether the call was started while failing: only then the pause grows.</param>
    /// <param name="retryAt">When the receiver asked to be called again.</param>
    public void Failed(bool probe, DateTimeOffset now, DateTimeOffset? retryAt)
    {
        _failingSince ??= now;
        if (_window != Open) _window = Math.Max(1, _window / 2);
        if (Failing)
        {
            if (probe) Pause(now, retryAt);
            return;
        }

        if (now - _failingSince < FailingAfter) return;
        Failing = true;
        _pause = FirstPause;
        Pause(now, retryAt);
    }

    /// <summary>Somebody asks for an attempt now: the pause ends.</summary>
    public void ProbeNow(DateTimeOffset now) => ProbeAt = now;

    /// <summary>The clock was set to that moment, by so much.</summary>
    public void ClockSet(DateTimeOffset now, TimeSpan step)
    {
        _failingSince += step;
        ProbeNow(now);
    }

    private void Pause(DateTimeOffset now, DateTimeOffset? retryAt)
    {
        ProbeAt = now + _pause;
        _pause = _pause * 2 < LongestPause ? _pause * 2 : LongestPause;
        if (retryAt is { } asked && asked > ProbeAt) ProbeAt = asked - now < maxRetryAfter ? asked : now + maxRetryAfter;
    }
}
