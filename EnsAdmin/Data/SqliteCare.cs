using EnsAdmin.Domain;

namespace EnsAdmin.Data;

/// <summary>
/// The SQL that keeps the queue in order: after a crash, when windows end, when a webhook is deleted or comes back, and when history grows old. All of it
/// works in pieces, so that no event waits long behind it. Runs on the writer's thread inside its transaction.
/// </summary>
public sealed class SqliteCare
{
    private readonly CommitTally _tally;
    private readonly Statement _firstDue, _endTests, _rescue, _release, _expire, _cancel, _hasten, _hastened, _ended, _requeue, _sendNow, _nextDue, _oldDeliveries, _deleteAttempts, _deleteDelivery, _oldEvents, _deleteEvent, _deleteEnriched, _deleteCounts, _deleteJobs, _advanceJob, _countQueued, _shift, _newest, _keyUsed, _sessionSeen, _audit;
    private readonly Statement[] _touch;

    internal SqliteCare(Func<string, Statement> prepare, CommitTally tally)
    {
        _tally = tally;
        const string isWaiting = SqliteHotPath.IsWaiting;
        const string status = "CASE Attempts WHEN 0 THEN 'Queued' ELSE 'ReplayScheduled' END";
        const string ended = "RETURNING WebhookId, OrgId, AcceptedAt, Attempts, \"Trigger\"";
        _firstDue = prepare($"""
            SELECT w.Id, (SELECT MIN(d.DueAt) FROM Deliveries d WHERE d.WebhookId = w.Id AND d.{isWaiting}), p.FailingSince, p.LastAttemptAt, p.AskedUntil, p.CameBackAt
            FROM Webhooks w LEFT JOIN Pulses p ON p.WebhookId = w.Id
            """);
        _endTests = prepare($"UPDATE Deliveries SET Status = 'Cancelled', ClaimId = NULL, EndedAt = ?1, Reason = 'Cut off: the program stopped before its answer was recorded' WHERE Status = 'Claimed' AND \"Trigger\" = 'Test' {ended}");
        _rescue = prepare($"UPDATE Deliveries SET Status = {status}, ClaimId = NULL, DueAt = ?1, Reason = 'Waits again: the program stopped before its result was recorded' WHERE Status = 'Claimed'");
        _release = prepare($"UPDATE Deliveries SET Status = {status}, ClaimId = NULL WHERE Id = ?1 AND ClaimId = ?2");
        _expire = prepare($"""
            UPDATE Deliveries SET Status = 'Expired', EndedAt = ?2, Reason = CASE Attempts WHEN 0 THEN 'Expired: not sent before its replay window ended'
                ELSE 'Expired after ' || Attempts || CASE Attempts WHEN 1 THEN ' attempt' ELSE ' attempts' END
                    || COALESCE('; the last: ' || (SELECT a.Reason FROM Attempts a WHERE a.DeliveryId = Deliveries.Id ORDER BY a.Id DESC LIMIT 1), '') END
            WHERE Id IN (SELECT Id FROM Deliveries WHERE WebhookId = ?1 AND {isWaiting} AND ExpiresAt <= ?2 LIMIT ?3) {ended}
            """);
        _cancel = prepare($"""
            UPDATE Deliveries SET Status = 'Cancelled', EndedAt = ?2, Reason = 'The webhook was deleted'
            WHERE Id IN (SELECT Id FROM Deliveries WHERE WebhookId = ?1 AND {isWaiting} LIMIT ?3) {ended}
            """);
        // What failed since is told by its attempt, and keeps its pause.
        _hasten = prepare($"""
            UPDATE Deliveries SET DueAt = ?4 WHERE Id IN (
                SELECT Id FROM Deliveries d WHERE WebhookId = ?1 AND {isWaiting} AND DueAt > ?4 AND NOT EXISTS (SELECT 1 FROM Attempts a WHERE a.DeliveryId = d.Id AND a.StartedAt >= ?2) LIMIT ?3)
            """);
        _hastened = prepare("UPDATE Pulses SET CameBackAt = NULL WHERE WebhookId = ?1");
        _ended = prepare("""
            SELECT OrgId, AcceptedAt, Attempts, EndedAt, COALESCE(ReplayedAt, AcceptedAt) FROM Deliveries WHERE Id = ?1 AND WebhookId = ?2 AND Status = ?3 AND EndedAt IS NOT NULL AND "Trigger" <> 'Test'
            """);
        _requeue = prepare($"""
            UPDATE Deliveries SET Status = {status}, "Trigger" = 'Manual', DueAt = ?2, ExpiresAt = ?3, EndedAt = NULL, ReplayedAt = ?4, ReplayedAfter = Attempts,
                SlaDueAt = CASE WHEN Status <> 'Delivered' AND SlaDueAt > ?4 THEN SlaDueAt END WHERE Id = ?1
            """);
        _sendNow = prepare("""
            UPDATE Deliveries SET "Trigger" = 'Manual', DueAt = MIN(DueAt, ?3) WHERE Id = ?1 AND WebhookId = ?2 AND Status = 'ReplayScheduled' AND ExpiresAt > ?4
            """);
        _nextDue = prepare($"SELECT MIN(DueAt) FROM Deliveries WHERE WebhookId = ?1 AND {isWaiting}");
        _oldDeliveries = prepare("SELECT Id, AcceptedAt, EndedAt IS NOT NULL FROM Deliveries WHERE Id > ?1 ORDER BY Id LIMIT ?2");
        _deleteAttempts = prepare("DELETE FROM Attempts WHERE DeliveryId = ?1");
        _deleteDelivery = prepare("DELETE FROM Deliveries WHERE Id = ?1");
        _oldEvents = prepare("SELECT Id, AcceptedAt, NOT EXISTS (SELECT 1 FROM Deliveries d WHERE d.EventMessageId = e.Id) FROM EventMessages e WHERE Id > ?1 ORDER BY Id LIMIT ?2");
        _deleteEvent = prepare("DELETE FROM EventMessages WHERE Id = ?1");
        _deleteEnriched = prepare($"DELETE FROM EnrichedBodies WHERE Id >= ?1 * {EnrichedBody.Combinations} AND Id < (?1 + 1) * {EnrichedBody.Combinations}");
        _deleteJobs = prepare("DELETE FROM ReplayJobs WHERE EndedAt < ?1");
        _advanceJob = prepare("UPDATE ReplayJobs SET Cursor = ?2 WHERE Id = ?1 AND State = 'Running'");
        _countQueued = prepare("UPDATE ReplayJobs SET Queued = Queued + ?2 WHERE Id = ?1");
        _shift = prepare("UPDATE Deliveries SET DueAt = DueAt + ?1, ExpiresAt = ExpiresAt + ?1, SlaDueAt = SlaDueAt + ?1 WHERE Id > ?3 AND Id <= ?4 AND EndedAt IS NULL AND AcceptedAt < ?2");
        _newest = prepare("SELECT MAX(Id) FROM Deliveries");
        _touch = [.. new[] { ("__EFMigrationsHistory", "MigrationId"), ("EventMessages", "Id"), ("Deliveries", "Id"), ("Attempts", "Id") }
            .Select(t => prepare($"UPDATE \"{t.Item1}\" SET {t.Item2} = {t.Item2} WHERE {t.Item2} = (SELECT MAX({t.Item2}) FROM \"{t.Item1}\")"))];
        _keyUsed = prepare("UPDATE ApiKeys SET LastUsedAt = ?2 WHERE Id = ?1");
        _sessionSeen = prepare("UPDATE UserSessions SET LastSeenAt = ?2 WHERE Id = ?1");
        _audit = prepare("INSERT INTO AuditEntries (OrgId, At, UserId, KeyId, SessionId, \"By\", RemoteAddress, Action, Subject, Before, After) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)");
        _deleteCounts = prepare("DELETE FROM DeliveryCounts WHERE Hour < ?1 AND Pending <= 0 AND Retrying <= 0");
    }

    /// <summary>For each webhook that ever was: when its next delivery is due (null: none waits) and, as <see cref="WebhookPulse"/>, how it fared.</summary>
    public List<(string WebhookId, long? DueAt, long? FailingSince, long? LastAttemptAt, long? AskedUntil, long? CameBackAt)> Start() =>
        _firstDue.Read(r => (r.Text(0), r.LongOrNull(1), r.LongOrNull(2), r.LongOrNull(3), r.LongOrNull(4), r.LongOrNull(5)));

    /// <summary>What waited for the webhook when it came back has been made due.</summary>
    public void Hastened(string webhookId) => _hastened.Execute(webhookId);

    /// <summary>Makes what a former process left claimed wait again. Only for the start: whoever is sending now would be overtaken.</summary>
    /// <returns>How many. Tests are not among them: they end.</returns>
    public int Rescue(long now)
    {
        End(_endTests, DeliveryStatus.Cancelled, now);
        return _rescue.Execute(now);
    }

    /// <summary>Gives back a claimed delivery that was not sent.</summary>
    public void Release(ClaimedDelivery claim) => _release.Execute(claim.Id, claim.ClaimId);

    /// <summary>Ends at most <paramref name="limit"/> waiting deliveries whose window is over.</summary>
    public int Expire(string webhookId, long now, int limit) => End(_expire, DeliveryStatus.Expired, webhookId, now, limit);

    /// <summary>Ends at most <paramref name="limit"/> waiting deliveries of a deleted webhook.</summary>
    public int Cancel(string webhookId, long now, int limit) => End(_cancel, DeliveryStatus.Cancelled, webhookId, now, limit);

    /// <summary>Makes at most <paramref name="limit"/> waiting deliveries of a webhook due now: those that were not tried since it came back.</summary>
    public int Hasten(string webhookId, long since, long now, int limit) => _hasten.Execute(webhookId, since, limit, now);

    /// <summary>
    /// Makes a delivery due now because somebody asked for it: one that waits for another attempt in its own window, one that has ended with a new one. The SLA of
    /// that counts on where it is not over yet, and else was kept or missed before; its latency counts anew, from now.
    /// </summary>
    /// <param name="status">The status it was seen in; when it has left that, nothing is done.</param>
    /// <param name="first">Whether it goes before all that is due.</param>
    public bool Requeue(long deliveryId, string webhookId, DeliveryStatus status, long now, long expiresAt, bool first)
    {
        var dueAt = first ? Math.Min(now, (_nextDue.Number(webhookId) ?? now) - 1) : now;
        if (status == DeliveryStatus.ReplayScheduled) return _sendNow.Execute(deliveryId, webhookId, dueAt, now) == 1;
        if (_ended.Read(r => (OrgId: r.Int(0), AcceptedAt: r.Long(1), Attempts: r.Int(2), EndedAt: r.Long(3), Since: r.Long(4)), deliveryId, webhookId, SqliteHotPath.Name(status)) is not [var d]) return false;
        _requeue.Execute(deliveryId, dueAt, expiresAt, now);
        var latency = status == DeliveryStatus.Delivered ? Math.Max(0, TimeSpan.FromTicks(d.EndedAt - d.Since).TotalMilliseconds) : 0;
        _tally.Moved(webhookId, d.OrgId, d.AcceptedAt, status, SqliteHotPath.StatusBefore(d.Attempts), AttemptTrigger.Manual, -latency);
        return true;
    }

    /// <summary>Moves every date of what has not ended by so many ticks, since the clock was set: of the deliveries accepted before a moment, after one id, up to another.</summary>
    public void Shift(long ticks, long before, long after, long to) => _shift.Execute(ticks, before, after, to);

    /// <summary>The newest delivery's id; 0 when there is none.</summary>
    public long Newest() => _newest.Number() ?? 0;

    /// <summary>Writes to every table that the daily work writes to, and changes nothing.</summary>
    public bool Probe()
    {
        foreach (var table in _touch) table.Execute();
        return true;
    }

    /// <summary>Notes how far a replay job has come.</summary>
    /// <returns>False when it is not running any more.</returns>
    public bool AdvanceJob(long jobId, long cursor) => _advanceJob.Execute(jobId, cursor) == 1;

    public void CountQueued(long jobId, int count) => _countQueued.Execute(jobId, count);

    /// <summary>Looks at the next <paramref name="limit"/> deliveries in the order of their acceptance and deletes those that ended, with their attempts.</summary>
    /// <param name="after">Where the piece before stopped; 0 for the first.</param>
    /// <param name="before">Stops at the first that was accepted later.</param>
    /// <returns>Where it stopped; null at the end.</returns>
    public long? DeleteDeliveries(long after, long before, int limit) => DeleteOld(_oldDeliveries, after, before, limit, id =>
    {
        _deleteAttempts.Execute(id);
        _deleteDelivery.Execute(id);
    });

    /// <summary>The same for events that no delivery is left of, with what was made of them.</summary>
    public long? DeleteEvents(long after, long before, int limit) => DeleteOld(_oldEvents, after, before, limit, id =>
    {
        _deleteEnriched.Execute(id);
        _deleteEvent.Execute(id);
    });

    /// <summary>Notes when an API key was last used.</summary>
    public bool KeyUsed(string keyId, long now) => _keyUsed.Execute(keyId, now) == 1;

    /// <summary>Notes when a signed-in person was last there.</summary>
    public bool SessionSeen(Guid id, long now) => _sessionSeen.Execute(id.ToString().ToUpperInvariant(), now) == 1; // As EF writes it.

    /// <summary>Notes a change that is made in this transaction.</summary>
    public void Note(AuditEntry e) =>
        _audit.Execute(e.OrgId, e.At.UtcTicks, e.UserId, e.KeyId, e.SessionId?.ToString().ToUpperInvariant(), e.By, e.RemoteAddress, e.Action, e.Subject, e.Before, e.After);

    /// <summary>Deletes counts and replay jobs that are older; not the counts of an hour whose deliveries may still be there or still wait.</summary>
    public void DeleteSums(long before)
    {
        _deleteCounts.Execute(before - TimeSpan.TicksPerHour);
        _deleteJobs.Execute(before);
    }

    private static long? DeleteOld(Statement next, long after, long before, int limit, Action<long> delete)
    {
        var seen = next.Read(r => (Id: r.Long(0), AcceptedAt: r.Long(1), CanGo: r.Flag(2)), after, limit);
        var old = seen.TakeWhile(x => x.AcceptedAt < before).ToList();
        foreach (var x in old.Where(x => x.CanGo)) delete(x.Id);
        return old.Count < limit ? null : old[^1].Id;
    }

    private int End(Statement statement, DeliveryStatus to, params ReadOnlySpan<SqlValue> values)
    {
        var ended = statement.Read(r => (WebhookId: r.Text(0), OrgId: r.Int(1), AcceptedAt: r.Long(2), Attempts: r.Int(3), Test: r.Text(4) == nameof(AttemptTrigger.Test)), values);
        foreach (var d in ended)
            _tally.Moved(d.WebhookId, d.OrgId, d.AcceptedAt, SqliteHotPath.StatusBefore(d.Attempts), to, d.Test ? AttemptTrigger.Test : AttemptTrigger.Scheduled);
        return ended.Count;
    }
}
