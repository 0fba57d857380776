namespace EnsAdmin.Dispatch;

/// <summary>What a call says of its receiver.</summary>
public enum CallVerdict
{
    /// <summary>Nothing: it was a test, or cut off by the program's end.</summary>
    None,
    /// <summary>2xx.</summary>
    Success,
    /// <summary>An answer that ends the delivery: a receiver that is well may say so, and one that is not, as a proxy before it is up.</summary>
    Refusal,
    /// <summary>An answer that is replayed, or none.</summary>
    Failure,
}

/// <summary>
/// Paces the calls to one webhook by how its receiver fares. No success and failures for a minute make it <see cref="Failing"/>: then one call at a time probes
/// it, with growing pauses. The first success ends that, and the number of calls at once grows from there up to the webhook's own limit. Pure: the time comes
/// from the caller.
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

    /// <summary>From when a probe may take what is not due yet: what the receiver asked for holds for what it was asked of, and not for what is new.</summary>
    public DateTimeOffset AheadAt { get; private set; }

    /// <summary>Takes up what was known before a restart; it is probed at once.</summary>
    public void Resume(DateTimeOffset failingSince, DateTimeOffset lastAttemptAt)
    {
        _failingSince = failingSince;
        Failing = lastAttemptAt - failingSince >= FailingAfter;
    }

    /// <summary>How many calls may be in flight, of at most <paramref name="max"/>.</summary>
    public int Limit(int max) => Failing ? 1 : Math.Min(_window, max);

    /// <param name="probe">Whether the call was started while failing: only then the pause grows.</param>
    /// <param name="retryAt">When the receiver asked to be called again.</param>
    /// <param name="max">How many calls the webhook allows.</param>
    /// <returns>True when the webhook was failing and has come back.</returns>
    public bool Ended(CallVerdict verdict, bool probe, DateTimeOffset now, DateTimeOffset? retryAt, int max)
    {
        if (verdict == CallVerdict.None) return false;
        if (verdict == CallVerdict.Success) _failingSince = null;
        if (verdict == CallVerdict.Failure)
        {
            _failingSince ??= now;
            if (_window != Open) _window = Math.Max(1, _window / 2);
        }

        if (!Failing)
        {
            if (verdict != CallVerdict.Failure) Grow(max);
            else if (now - _failingSince >= FailingAfter)
            {
                (Failing, _pause) = (true, FirstPause);
                Pause(now, retryAt);
            }

            return false;
        }

        if (verdict != CallVerdict.Success)
        {
            if (probe) Pause(now, retryAt);
            return false;
        }

        (Failing, _window, _pause) = (false, 2, FirstPause);
        return true;
    }

    /// <summary>Somebody asks for an attempt now: the pause ends.</summary>
    public void ProbeNow(DateTimeOffset now) => ProbeAt = now;

    /// <summary>The clock was set to that moment, by so much.</summary>
    public void ClockSet(DateTimeOffset now, TimeSpan step)
    {
        _failingSince += step;
        AheadAt = now;
        ProbeNow(now);
    }

    private void Grow(int max)
    {
        if (_window != Open && ++_window >= max) _window = Open;
    }

    private void Pause(DateTimeOffset now, DateTimeOffset? retryAt)
    {
        ProbeAt = now + _pause;
        _pause = _pause * 2 < LongestPause ? _pause * 2 : LongestPause;
        AheadAt = retryAt is not { } asked ? ProbeAt : asked - now < maxRetryAfter ? asked : now + maxRetryAfter;
    }
}
