namespace EnsAdmin.Domain;

/// <summary>Where a replay that somebody asked for stands.</summary>
public enum ReplayJobState { Running, Done, Cancelled }

/// <summary>Which deliveries of a webhook to send again.</summary>
/// <param name="Statuses">Some of <see cref="Replayable"/>; by default what failed and what expired.</param>
/// <param name="Since">Accepted at or after; null for no bound.</param>
/// <param name="Until">Accepted before; null for no bound.</param>
/// <param name="EventName">Null for all event types.</param>
/// <param name="Ids">These deliveries only; null for no such bound.</param>
public sealed record ReplayFilter(IReadOnlyList<DeliveryStatus> Statuses, DateTimeOffset? Since = null, DateTimeOffset? Until = null, string? EventName = null, IReadOnlyList<long>? Ids = null)
{
    public static IReadOnlyList<DeliveryStatus> Undelivered { get; } = [DeliveryStatus.Rejected, DeliveryStatus.Expired];

    /// <summary>What can be replayed by hand: what has ended, and what waits for another attempt, which is made due now.</summary>
    public static IReadOnlyList<DeliveryStatus> Replayable { get; } = [DeliveryStatus.Delivered, DeliveryStatus.Rejected, DeliveryStatus.Expired, DeliveryStatus.ReplayScheduled];
}

/// <summary>A replay of many deliveries that somebody asked for: it goes on after a restart where it was.</summary>
public sealed class ReplayJob
{
    private ReplayJob() { }

    /// <param name="total">How many deliveries the filter finds now.</param>
    /// <param name="lastId">The newest delivery there is now: what comes later is not part of it.</param>
    public ReplayJob(int orgId, string webhookId, ReplayFilter filter, int total, long lastId, string by, DateTimeOffset now)
    {
        OrgId = orgId;
        WebhookId = webhookId;
        Filter = filter;
        Total = total;
        LastId = lastId;
        CreatedBy = by;
        CreatedAt = now;
    }

    public long Id { get; private set; }
    public int OrgId { get; private set; }
    public string WebhookId { get; private set; } = "";
    public ReplayFilter Filter { get; private set; } = new(ReplayFilter.Undelivered);
    public ReplayJobState State { get; private set; }
    /// <summary>How many it found when it was made.</summary>
    public int Total { get; private set; }
    /// <summary>How many it has made due again.</summary>
    public int Queued { get; private set; }
    /// <summary>How far it has come: every delivery up to this id is dealt with.</summary>
    public long Cursor { get; private set; }
    public long LastId { get; private set; }
    public string CreatedBy { get; private set; } = "";
    public DateTimeOffset CreatedAt { get; private set; }
    public DateTimeOffset? EndedAt { get; private set; }
}
