namespace EnsAdmin.Domain;

/// <summary>What to do with a delivery after an attempt.</summary>
public abstract record ReplayDecision
{
    private ReplayDecision() { }

    /// <summary>Send it again, not before <paramref name="At"/>.</summary>
    public sealed record Replay(DateTimeOffset At) : ReplayDecision;

    /// <summary>It has reached its final status.</summary>
    public sealed record Stop(DeliveryStatus Status) : ReplayDecision;
}

/// <summary>What an attempt brought, as far as it matters for what follows.</summary>
/// <param name="RetryAt">When the receiver asked to be called again (<c>Retry-After</c>); null when it did not say.</param>
public readonly record struct AttemptAnswer(AttemptOutcome Outcome, int? StatusCode = null, DateTimeOffset? RetryAt = null)
{
    private const int RequestTimeout = 408, TooManyRequests = 429;

    /// <summary>Whether such an answer is replayed: 5xx and no answer always, 429 and 408 where the webhook asks for it, any other never.</summary>
    public bool IsReplayed(bool replayThrottled) => Outcome switch
    {
        AttemptOutcome.Success or AttemptOutcome.Redirect => false,
        AttemptOutcome.ClientError => replayThrottled && StatusCode is RequestTimeout or TooManyRequests,
        _ => true,
    };
}

/// <summary>
/// Decides what follows an attempt: 2xx is delivered; what is not replayed ends it; the rest is replayed with exponential backoff and jitter until the
/// delivery's window is over. A <c>Retry-After</c> makes the pause longer, up to <paramref name="MaxRetryAfter"/>, never shorter. Pure: time and chance
/// come from the caller.
/// </summary>
public sealed record ReplayPolicy(TimeSpan FirstBackoff, TimeSpan MaxBackoff, TimeSpan MaxRetryAfter)
{
    /// <param name="answer">What the attempt brought.</param>
    /// <param name="replayThrottled">Whether the webhook wants 429 and 408 replayed.</param>
    /// <param name="attempt">The attempt's number, from 1.</param>
    /// <param name="now">When it ended.</param>
    /// <param name="expiresAt">The end of the delivery's replay window.</param>
    /// <param name="jitter">A random number in [0, 1).</param>
    public ReplayDecision Decide(AttemptAnswer answer, bool replayThrottled, int attempt, DateTimeOffset now, DateTimeOffset expiresAt, double jitter)
    {
        if (answer.Outcome == AttemptOutcome.Success) return new ReplayDecision.Stop(DeliveryStatus.Delivered);
        if (!answer.IsReplayed(replayThrottled)) return new ReplayDecision.Stop(DeliveryStatus.Rejected);

        // The last replay falls just inside the window; nearer to its end than a first backoff there is no other.
        if (expiresAt - now < FirstBackoff) return new ReplayDecision.Stop(DeliveryStatus.Expired);
        var pause = Backoff(attempt, jitter);
        if (answer.RetryAt is { } asked && asked - now > pause) pause = asked - now < MaxRetryAfter ? asked - now : MaxRetryAfter;
        var (at, last) = (now + pause, expiresAt - FirstBackoff / 2);
        return new ReplayDecision.Replay(at < last ? at : last);
    }

    /// <summary>The doubled pause and up to half of it more, so that neighbours spread out also at the cap of <see cref="MaxBackoff"/>.</summary>
    private TimeSpan Backoff(int attempt, double jitter)
    {
        var doubled = FirstBackoff * Math.Pow(2, Math.Clamp(attempt - 1, 0, 30));
        var cap = MaxBackoff / 1.5;
        return (doubled < cap ? doubled : cap) * (1 + jitter / 2);
    }
}
