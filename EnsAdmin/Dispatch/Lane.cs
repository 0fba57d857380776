using EnsAdmin.Data;

namespace EnsAdmin.Dispatch;

/// <summary>What the <see cref="DueBoard"/> knows of one webhook; used under its lock alone.</summary>
internal sealed class Lane(string webhookId, WebhookHealth health)
{
    public string WebhookId => webhookId;
    public WebhookHealth Health => health;

    /// <summary>When the next delivery that is not claimed is due (UTC ticks); never later than the truth, <see cref="long.MaxValue"/> when none waits.</summary>
    public long NextDue = long.MaxValue;
    /// <summary>For when a timer is set.</summary>
    public long TimerAt = long.MaxValue;
    /// <summary>Claimed and not started.</summary>
    public readonly Queue<ClaimedDelivery> Ready = new();
    /// <summary>Test deliveries: they go first, whatever the webhook's state.</summary>
    public readonly Queue<ClaimedDelivery> Tests = new();
    /// <summary>A claim is under way.</summary>
    public bool Claiming;
    public int InFlight;
    /// <summary>The webhook is deleted, and what waited for it was told to be cancelled.</summary>
    public bool IsOrphan;
    /// <summary>Deliveries that the transactions of their events are claiming.</summary>
    public int Promised;
    /// <summary>Calls that ended since the last claim began: so many more are claimed ahead, that no call waits for the next commit.</summary>
    public int Ended;

    /// <summary>When it may claim next (UTC ticks): when something is due or, while it is failing, when the next probe is and has something to take.</summary>
    public long ClaimAt => health.Failing ? Math.Max(health.ProbeAt.UtcTicks, Math.Min(health.AheadAt.UtcTicks, NextDue)) : NextDue;

    /// <summary>The clock was set: nothing that was computed from it holds any more.</summary>
    public void ClockSet(DateTimeOffset now, TimeSpan step)
    {
        health.ClockSet(now, step);
        TimerAt = long.MaxValue;
        if (NextDue != long.MaxValue) NextDue = Math.Min(NextDue, now.UtcTicks);
    }

    /// <summary>Begins a turn where the webhook has room for more; null where it has not.</summary>
    /// <param name="share">At most so many.</param>
    public Turn? BeginTurn(WebhookSnapshot webhook, DateTimeOffset now, int share)
    {
        var limit = health.Limit(webhook.MaxConnections);
        var ahead = health.Failing ? 0 : Math.Min(Ended, limit);
        var free = Math.Min(limit + ahead - InFlight - Ready.Count - Promised, share);
        if (free <= 0) return null;
        var turn = new Turn(webhookId, free, NextDue, health.Failing && health.AheadAt <= now, health.ProbesNewest);
        (Claiming, Ended, NextDue) = (true, 0, long.MaxValue);
        return turn;
    }

    /// <summary>Promises a call to a delivery that is being accepted, unless others wait or the receiver is not well.</summary>
    public bool TryPromise(WebhookSnapshot webhook)
    {
        if (Claiming || NextDue != long.MaxValue || health.Failing || InFlight + Ready.Count + Promised >= health.Limit(webhook.MaxConnections)) return false;
        Promised++;
        return true;
    }

    /// <summary>Takes a test back that was not started.</summary>
    public bool Withdraw(ClaimedDelivery test)
    {
        if (!Tests.Contains(test)) return false;
        var others = Tests.Where(t => t != test).ToList();
        Tests.Clear();
        foreach (var other in others) Tests.Enqueue(other);
        return true;
    }

    /// <summary>The delivery to call for now, test deliveries first; null when there is none or no call is free.</summary>
    public ClaimedDelivery? TakeNext(WebhookSnapshot? webhook)
    {
        if (Tests.Count > 0 && InFlight < (webhook?.MaxConnections ?? 1)) return Tests.Dequeue();
        return Ready.Count > 0 && webhook is { Active: true } && InFlight < health.Limit(webhook.MaxConnections) ? Ready.Dequeue() : null;
    }
}

/// <summary>A webhook's turn to claim at most <paramref name="Limit"/> deliveries.</summary>
/// <param name="Ahead">Takes one that may not be due yet, to see whether the receiver is back.</param>
/// <param name="Newest">Takes the newest that was never tried, where there is one.</param>
public sealed record Turn(string WebhookId, int Limit, long DueAt, bool Ahead, bool Newest);

/// <summary>A delivery whose call is in flight.</summary>
/// <param name="IsProbe">Whether its webhook was failing when it started.</param>
public readonly record struct StartedCall(ClaimedDelivery Delivery, bool IsProbe);

/// <summary>What the dispatcher has to do next.</summary>
/// <param name="Turns">Webhooks that may claim.</param>
/// <param name="Released">Claimed deliveries that must not be sent now after all.</param>
/// <param name="Orphans">Deleted webhooks that deliveries still wait for.</param>
public sealed record DueWork(List<Turn> Turns, List<ClaimedDelivery> Released, List<string> Orphans)
{
    public bool IsNone => Turns.Count == 0 && Released.Count == 0 && Orphans.Count == 0;
}
