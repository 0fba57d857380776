using EnsAdmin.Domain;

namespace EnsAdmin.Data;

/// <summary>
/// Gathers, while a transaction runs, what it changes in the counts and pulses of webhooks, so that each is written once a commit however many
/// deliveries it moves. Test deliveries are not counted.
/// </summary>
internal sealed class CommitTally
{
    private sealed class Change
    {
        public readonly int[] Moved = new int[Enum.GetValues<DeliveryStatus>().Length];
        public int Breaches;
        public double LatencyMs;
    }

    private sealed class PulseChange
    {
        public int Waiting;
        public AttemptResult? Last;
        public long? SuccessAt;
        public long? FailingSince;
        public long? CameBackAt;
    }

    private readonly Dictionary<(string WebhookId, int OrgId, long Hour), Change> _counts = [];
    private readonly Dictionary<(string WebhookId, int OrgId), PulseChange> _pulses = [];
    private readonly Statement _count, _pulse;

    public CommitTally(Func<string, Statement> prepare)
    {
        _count = prepare("""
            INSERT INTO DeliveryCounts (WebhookId, Hour, OrgId, Pending, Retrying, Delivered, Failed, Expired, Cancelled, SlaBreaches, LatencyMs)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
            ON CONFLICT (WebhookId, Hour) DO UPDATE SET Pending = Pending + excluded.Pending, Retrying = Retrying + excluded.Retrying,
                Delivered = Delivered + excluded.Delivered, Failed = Failed + excluded.Failed, Expired = Expired + excluded.Expired,
                Cancelled = Cancelled + excluded.Cancelled, SlaBreaches = SlaBreaches + excluded.SlaBreaches, LatencyMs = LatencyMs + excluded.LatencyMs
            """);
        _pulse = prepare("""
            INSERT INTO Pulses (WebhookId, Waiting, LastAttemptAt, LastOutcome, LastReason, LastSuccessAt, FailingSince, OrgId, AskedUntil, CameBackAt) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
            ON CONFLICT (WebhookId) DO UPDATE SET Waiting = Waiting + excluded.Waiting, LastAttemptAt = COALESCE(excluded.LastAttemptAt, LastAttemptAt),
                LastOutcome = COALESCE(excluded.LastOutcome, LastOutcome), LastReason = COALESCE(excluded.LastReason, LastReason),
                LastSuccessAt = COALESCE(excluded.LastSuccessAt, LastSuccessAt),
                FailingSince = CASE WHEN ?6 IS NOT NULL THEN excluded.FailingSince ELSE COALESCE(FailingSince, excluded.FailingSince) END,
                AskedUntil = CASE WHEN ?3 IS NOT NULL THEN excluded.AskedUntil ELSE AskedUntil END,
                CameBackAt = COALESCE(excluded.CameBackAt, CameBackAt)
            """);
    }

    /// <summary>Breaches of SLAs gathered so far.</summary>
    public int Breaches => _counts.Values.Sum(c => c.Breaches);

    /// <summary>A delivery accepted at that moment went from one status to another; null before it was there.</summary>
    public void Moved(string webhookId, int orgId, long acceptedAt, DeliveryStatus? from, DeliveryStatus to, AttemptTrigger trigger, double latencyMs = 0)
    {
        var (was, isNow) = (from is { } f && IsWaiting(f), IsWaiting(to));
        if (was != isNow) PulseOf(webhookId, orgId).Waiting += isNow ? 1 : -1;
        if (trigger == AttemptTrigger.Test) return;
        var change = CountsOf(webhookId, orgId, acceptedAt);
        if (from is { } left) change.Moved[(int)left]--;
        change.Moved[(int)to]++;
        change.LatencyMs += latencyMs;
    }

    public void Breached(string webhookId, int orgId, long acceptedAt) => CountsOf(webhookId, orgId, acceptedAt).Breaches++;

    /// <param name="cameBack">Whether its webhook was failing until this attempt.</param>
    public void Attempted(string webhookId, int orgId, AttemptResult attempt, bool replayed, bool cameBack)
    {
        var (pulse, at) = (PulseOf(webhookId, orgId), (attempt.StartedAt + attempt.Duration).UtcTicks);
        pulse.Last = attempt;
        if (cameBack) pulse.CameBackAt = at;
        if (attempt.Outcome == AttemptOutcome.Success) (pulse.SuccessAt, pulse.FailingSince) = (at, null);
        else if (replayed) pulse.FailingSince ??= at;
    }

    /// <summary>Writes what was gathered; the transaction is about to commit.</summary>
    public void Write()
    {
        foreach (var ((webhookId, orgId, hour), c) in _counts)
        {
            int Of(DeliveryStatus status) => c.Moved[(int)status];
            _count.Execute(webhookId, hour, orgId, Of(DeliveryStatus.Queued), Of(DeliveryStatus.ReplayScheduled), Of(DeliveryStatus.Delivered),
                Of(DeliveryStatus.Rejected), Of(DeliveryStatus.Expired), Of(DeliveryStatus.Cancelled), c.Breaches, c.LatencyMs);
        }

        foreach (var ((webhookId, orgId), p) in _pulses)
        {
            _pulse.Execute(webhookId, p.Waiting, p.Last is { } last ? (last.StartedAt + last.Duration).UtcTicks : (long?)null,
                p.Last is { } l ? SqliteHotPath.Name(l.Outcome) : null, p.Last?.Reason, p.SuccessAt, p.FailingSince, orgId, p.Last?.RetryAt?.UtcTicks, p.CameBackAt);
        }

        Clear();
    }

    public void Clear()
    {
        _counts.Clear();
        _pulses.Clear();
    }

    private static bool IsWaiting(DeliveryStatus status) => status is DeliveryStatus.Queued or DeliveryStatus.Claimed or DeliveryStatus.ReplayScheduled;

    private Change CountsOf(string webhookId, int orgId, long acceptedAt)
    {
        var key = (webhookId, orgId, acceptedAt - acceptedAt % TimeSpan.TicksPerHour);
        return _counts.TryGetValue(key, out var change) ? change : _counts[key] = new Change();
    }

    private PulseChange PulseOf(string webhookId, int orgId) => _pulses.TryGetValue((webhookId, orgId), out var pulse) ? pulse : _pulses[(webhookId, orgId)] = new PulseChange();
}
