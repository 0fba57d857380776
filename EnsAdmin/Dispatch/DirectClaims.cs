using EnsAdmin.Data;
using EnsAdmin.Domain;
using EnsAdmin.Enrichment;

namespace EnsAdmin.Dispatch;

/// <summary>
/// What a request to publish claims in the transaction of its events: deliveries to webhooks that have a call free and nothing waiting, which are on their
/// way after one commit instead of two. If the process dies between the commit and the call, they are claimed, as after any other claim.
/// </summary>
public sealed class DirectClaims : IDisposable
{
    private readonly DueBoard _due;
    private readonly EventEnrichment _enrichment;
    private readonly long _claimId;
    private readonly Action _startCalls;
    private readonly List<string> _promised = [];
    private readonly List<ClaimedDelivery> _claimed = [];

    internal DirectClaims(DueBoard due, EventEnrichment enrichment, long claimId, Action startCalls) => (_due, _enrichment, _claimId, _startCalls) = (due, enrichment, claimId, startCalls);

    /// <summary>Forgets what a transaction before this one had claimed: it was rolled back.</summary>
    public void BeginTransaction() => Dispose();

    /// <summary>Stores the delivery as claimed, where it can be called for at once.</summary>
    /// <returns>False when it has to be queued.</returns>
    public bool TryClaim(SqliteHotPath sql, WebhookSnapshot webhook, long messageId, NewEvent e, DateTimeOffset now, DateTimeOffset expiresAt, EnrichmentFacts facts)
    {
        if (!_due.TryPromise(webhook)) return false;
        _promised.Add(webhook.Id);
        _claimed.Add(sql.EnqueueClaimed(webhook, messageId, e, AttemptTrigger.Scheduled, _claimId, now, expiresAt, facts));
        return true;
    }

    /// <summary>The transaction is committed: calls for what it claimed.</summary>
    public void Start()
    {
        if (_claimed.Count == 0) return;
        var claimed = _claimed.ToArray();
        _promised.Clear();
        _claimed.Clear();
        // The producer is not to wait for the payloads.
        if (Array.Exists(claimed, c => c.ToMake is not null)) _ = Task.Run(() => Start(_enrichment.Complete(claimed)));
        else Start(claimed);
    }

    /// <summary>Takes back what was not started.</summary>
    public void Dispose()
    {
        if (_promised.Count == 0) return;
        _due.TakeBack(_promised);
        _promised.Clear();
        _claimed.Clear();
    }

    private void Start(IReadOnlyList<ClaimedDelivery> claimed)
    {
        _due.Keep(claimed);
        _startCalls();
    }
}
