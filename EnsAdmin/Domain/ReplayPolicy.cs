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

/// <summary>
/// Decides what follows an attempt: 2xx is delivered; 3xx and 4xx end it; a 5xx or no answer is replayed with exponential
/// backoff and jitter until the delivery's window is over. Pure: time and chance come from the caller.
/// </summary>
public sealed record ReplayPolicy(TimeSpan FirstBackoff, TimeSpan MaxBackoff)
{
    /// <param name="outcome">What came of the attempt.</param>
    /// <param name="attempt">Its number, from 1.</param>
    /// <param name="now">When it ended.</param>
    /// <param name="expiresAt">The end of the delivery's replay window.</param>
    /// <param name="jitter">A random number in [0, 1).</param>
    public ReplayDecision Decide(AttemptOutcome outcome, int attempt, DateTimeOffset now, DateTimeOffset expiresAt, double jitter)
    {
        switch (outcome)
        {
            case AttemptOutcome.Success:
                return new ReplayDecision.Stop(DeliveryStatus.Delivered);
            case AttemptOutcome.ClientError or AttemptOutcome.Redirect:
                return new ReplayDecision.Stop(DeliveryStatus.Rejected);
        }

        // The last replay falls just inside the window; nearer to its end than a first backoff there is no other.
        if (expiresAt - now < FirstBackoff) return new ReplayDecision.Stop(DeliveryStatus.Expired);
        var (at, last) = (now + Backoff(attempt, jitter), expiresAt - FirstBackoff / 2);
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
