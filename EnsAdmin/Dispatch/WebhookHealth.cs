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

/// <summary>What a call changes for its webhook.</summary>
public enum HealthChange
{
    None,
    /// <summary>It is failing from now on.</summary>
    Failing,
    /// <summary>It was failing and has come back.</summary>
    Back,
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
    private bool _refused;

    /// <summary>Whether only probes are sent.</summary>
    public bool Failing { get; private set; }

    /// <summary>When the next probe may be sent.</summary>
    public DateTimeOffset ProbeAt { get; private set; }

    /// <summary>From when a probe may take what is not due yet: what the receiver asked for holds for what it was asked of, and not for what is new.</summary>
    public DateTimeOffset AheadAt { get; private set; }

    /// <summary>Whether the next probe is to be the newest that was never tried: the last one, which was not, was refused, as a receiver that is well refuses what it has seen before.</summary>
    public bool ProbesNewest => Failing && _refused;

    /// <summary>Takes up what was known before a restart; it is probed at once, with what is due.</summary>
    /// <param name="askedUntil">When the receiver asked to be called again; null when it did not say.</param>
    public void Resume(DateTimeOffset failingSince, DateTimeOffset lastAttemptAt, DateTimeOffset? askedUntil)
    {
        _failingSince = failingSince;
        Failing = lastAttemptAt - failingSince >= FailingAfter;
        if (askedUntil is { } asked) AheadAt = Bounded(asked, lastAttemptAt);
    }

    /// <summary>How many calls may be in flight, of at most <paramref name="max"/>.</summary>
    public int Limit(int max) => Failing ? 1 : Math.Min(_window, max);

    /// <param name="probe">Whether the call was started while failing: only then the pause grows.</param>
    /// <param name="retryAt">When the receiver asked to be called again.</param>
    /// <param name="max">How many calls the webhook allows.</param>
    public HealthChange Ended(CallVerdict verdict, bool probe, DateTimeOffset now, DateTimeOffset? retryAt, int max)
    {
        if (verdict == CallVerdict.None) return HealthChange.None;
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
                (Failing, _pause, _refused) = (true, FirstPause, false);
                Pause(now, retryAt);
                return HealthChange.Failing;
            }

            return HealthChange.None;
        }

        if (verdict != CallVerdict.Success)
        {
            if (!probe) return HealthChange.None;
            _refused = verdict == CallVerdict.Refusal && !_refused; // In turns: what is refused may be all that is new.
            Pause(now, retryAt);
            return HealthChange.None;
        }

        (Failing, _window, _pause) = (false, 2, FirstPause);
        return HealthChange.Back;
    }

    /// <summary>Somebody asks for an attempt now: the pause ends, and the probe is what was asked for.</summary>
    public void ProbeNow(DateTimeOffset now) => (ProbeAt, _refused) = (now, false);

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
        AheadAt = retryAt is { } asked ? Bounded(asked, now) : ProbeAt;
    }

    private DateTimeOffset Bounded(DateTimeOffset asked, DateTimeOffset now) => asked - now < maxRetryAfter ? asked : now + maxRetryAfter;
}
