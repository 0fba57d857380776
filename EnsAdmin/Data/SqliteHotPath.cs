using System.Data;
using EnsAdmin.Domain;
using Microsoft.Data.Sqlite;

namespace EnsAdmin.Data;

/// <summary>
/// The SQL of ingest, claim and record, in one place: prepared once, used by the one thread of <see cref="GroupCommitWriter"/>, always inside its
/// transaction. Instants are UTC ticks.
/// </summary>
public sealed class SqliteHotPath : IDisposable
{
    private const string IsWaiting = "\"Status\" IN ('Queued', 'ReplayScheduled')";

    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _begin, _commit, _rollback, _dataVersion, _webhooks, _headers, _subscriptions, _insertEvent, _findEvent, _insertDelivery,
        _claim, _nextDue, _allNextDue, _complete, _insertAttempt, _pulse, _rescue, _expire;

    public SqliteHotPath(string connectionString)
    {
        _connection = new SqliteConnection(connectionString);
        _connection.Open();
        // A commit is answered to a producer: it must survive the loss of power.
        using (var pragmas = Prepare("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;")) pragmas.ExecuteNonQuery();

        _begin = Prepare("BEGIN IMMEDIATE");
        _commit = Prepare("COMMIT");
        _rollback = Prepare("ROLLBACK");
        _dataVersion = Prepare("PRAGMA data_version");
        _webhooks = Prepare("SELECT Id, OrgId, Name, Url, Method, Active, MaxConnections FROM Webhooks WHERE DeletedAt IS NULL");
        _headers = Prepare("SELECT WebhookId, Name, ProtectedValue FROM WebhookHeaders ORDER BY Position");
        _subscriptions = Prepare("SELECT WebhookId, EventName FROM Subscriptions");
        _insertEvent = Prepare("""
            INSERT INTO EventMessages (OrgId, EventId, EventName, RefId, ApiRequestId, OccurredAt, AcceptedAt, Fingerprint, DeliveryCount, Body)
            VALUES ($org, $event, $name, $ref, $request, $occurred, $now, $print, $count, $body)
            ON CONFLICT (OrgId, EventId) DO NOTHING RETURNING Id
            """, "$org", "$event", "$name", "$ref", "$request", "$occurred", "$now", "$print", "$count", "$body");
        _findEvent = Prepare("SELECT Fingerprint, DeliveryCount FROM EventMessages WHERE OrgId = $org AND EventId = $event", "$org", "$event");
        _insertDelivery = Prepare("""
            INSERT INTO Deliveries (OrgId, WebhookId, EventMessageId, Status, Attempts, AcceptedAt, DueAt, ExpiresAt)
            VALUES ($org, $webhook, $message, 'Queued', 0, $now, $now, $expires)
            """, "$org", "$webhook", "$message", "$now", "$expires");
        _claim = Prepare($"""
            UPDATE Deliveries SET Status = 'Claimed', Attempts = Attempts + 1, ClaimId = $claim, LeaseUntil = $lease
            WHERE Id IN (SELECT Id FROM Deliveries WHERE WebhookId = $webhook AND {IsWaiting} AND DueAt <= $now AND ExpiresAt > $now ORDER BY DueAt LIMIT $limit)
            RETURNING Id, Attempts, ExpiresAt, COALESCE(Body, (SELECT m.Body FROM EventMessages m WHERE m.Id = EventMessageId))
            """, "$claim", "$lease", "$webhook", "$now", "$limit");
        _nextDue = Prepare($"SELECT MIN(DueAt) FROM Deliveries WHERE WebhookId = $webhook AND {IsWaiting} AND ExpiresAt > $now", "$webhook", "$now");
        _allNextDue = Prepare($"SELECT WebhookId, MIN(DueAt) FROM Deliveries WHERE {IsWaiting} GROUP BY WebhookId");
        _complete = Prepare("""
            UPDATE Deliveries SET Status = $status, DueAt = COALESCE($due, DueAt), EndedAt = $ended, LastOutcome = $outcome, Reason = $reason, ClaimId = NULL, LeaseUntil = NULL
            WHERE Id = $id AND Status = 'Claimed' AND ClaimId = $claim
            """, "$status", "$due", "$ended", "$outcome", "$reason", "$id", "$claim");
        _insertAttempt = Prepare("""
            INSERT INTO Attempts (DeliveryId, OrgId, Number, "Trigger", Outcome, StatusCode, Reason, StartedAt, DurationMs, Request, ResponseHeaders, ResponseStart)
            SELECT Id, OrgId, $number, $trigger, $outcome, $code, $reason, $started, $duration, $request, $headers, $start FROM Deliveries WHERE Id = $id
            """, "$id", "$number", "$trigger", "$outcome", "$code", "$reason", "$started", "$duration", "$request", "$headers", "$start");
        _pulse = Prepare("""
            INSERT INTO Pulses (WebhookId, LastAttemptAt, LastOutcome, LastReason, LastSuccessAt, FailingSince)
            VALUES ($webhook, $at, $outcome, $reason, $success, $failing)
            ON CONFLICT (WebhookId) DO UPDATE SET LastAttemptAt = excluded.LastAttemptAt, LastOutcome = excluded.LastOutcome, LastReason = excluded.LastReason,
                LastSuccessAt = COALESCE(excluded.LastSuccessAt, LastSuccessAt),
                FailingSince = CASE WHEN excluded.FailingSince IS NULL THEN NULL ELSE COALESCE(FailingSince, excluded.FailingSince) END
            """, "$webhook", "$at", "$outcome", "$reason", "$success", "$failing");
        _rescue = Prepare("""
            UPDATE Deliveries SET ClaimId = NULL, LeaseUntil = NULL, DueAt = $now,
                Status = CASE WHEN WebhookId IN (SELECT Id FROM Webhooks WHERE DeletedAt IS NULL) THEN 'ReplayScheduled' ELSE 'Cancelled' END,
                Reason = 'Interrupted: the program stopped during the attempt.'
            WHERE Status = 'Claimed' AND LeaseUntil <= $until
            RETURNING WebhookId
            """, "$now", "$until");
        _expire = Prepare($"""
            UPDATE Deliveries SET Status = 'Expired', EndedAt = $now, Reason = 'Expired: its replay window ended before it could be delivered.'
            WHERE Id IN (SELECT Id FROM Deliveries WHERE WebhookId = $webhook AND {IsWaiting} AND DueAt <= $now AND ExpiresAt <= $now LIMIT $limit)
            """, "$webhook", "$now", "$limit");
    }

    public void Begin() => _begin.ExecuteNonQuery();

    public void Commit() => _commit.ExecuteNonQuery();

    public void Rollback() => _rollback.ExecuteNonQuery();

    /// <summary>Changes whenever another connection has committed.</summary>
    public long DataVersion() => (long)_dataVersion.ExecuteScalar()!;

    public WebhookSet LoadWebhooks()
    {
        var headers = Read(_headers, r => (Id: r.GetString(0), Pair: KeyValuePair.Create(r.GetString(1), r.GetString(2)))).ToLookup(x => x.Id, x => x.Pair);
        var events = Read(_subscriptions, r => (Id: r.GetString(0), Name: r.GetString(1))).ToLookup(x => x.Id, x => x.Name);
        return new WebhookSet(Read(_webhooks, r => new WebhookSnapshot(r.GetString(0), r.GetInt32(1), r.GetString(2), r.GetString(3), r.GetString(4),
            r.GetBoolean(5), r.GetInt32(6), [.. events[r.GetString(0)]], [.. headers[r.GetString(0)]])));
    }

    /// <returns>The new row's id, or null when the organization already has an event of this <c>eventId</c>.</returns>
    public long? InsertEvent(NewEvent e, int deliveryCount, long now) =>
        (long?)With(_insertEvent, e.OrgId, e.EventId, e.EventName, e.RefId, e.ApiRequestId, e.OccurredAt, now, e.Fingerprint, deliveryCount, e.Body).ExecuteScalar();

    public StoredEvent FindEvent(int orgId, string eventId) =>
        Read(With(_findEvent, orgId, eventId), r => new StoredEvent(r.GetFieldValue<byte[]>(0), r.GetInt32(1))).Single();

    public void InsertDelivery(int orgId, string webhookId, long messageId, long now, long expiresAt) =>
        With(_insertDelivery, orgId, webhookId, messageId, now, expiresAt).ExecuteNonQuery();

    /// <summary>Hands at most <paramref name="limit"/> due deliveries of a webhook to the holder of <paramref name="claimId"/> and counts their attempt.</summary>
    public List<ClaimedDelivery> Claim(string webhookId, int limit, long claimId, long now, long leaseUntil) =>
        Read(With(_claim, claimId, leaseUntil, webhookId, now, limit), r => new ClaimedDelivery(r.GetInt64(0), webhookId, claimId, r.GetInt32(1),
            new DateTimeOffset(r.GetInt64(2), TimeSpan.Zero), r.GetFieldValue<byte[]>(3)));

    /// <returns>When the webhook's next delivery is due; null when none waits.</returns>
    public long? NextDue(string webhookId, long now) => With(_nextDue, webhookId, now).ExecuteScalar() as long?;

    public List<(string WebhookId, long DueAt)> AllNextDue() => Read(_allNextDue, r => (r.GetString(0), r.GetInt64(1)));

    /// <summary>Sets what became of a claimed delivery.</summary>
    /// <returns>False when the claim no longer holds; nothing is changed then.</returns>
    public bool Complete(ClaimedDelivery claim, DeliveryStatus status, long? dueAt, long? endedAt, AttemptOutcome? outcome, string reason) =>
        With(_complete, Name(status), dueAt, endedAt, outcome is { } o ? Name(o) : null, reason, claim.Id, claim.ClaimId).ExecuteNonQuery() == 1;

    public void InsertAttempt(ClaimedDelivery claim, AttemptResult a) =>
        With(_insertAttempt, claim.Id, claim.Attempt, Name(a.Trigger), Name(a.Outcome), a.StatusCode, a.Reason, a.StartedAt.UtcTicks,
            a.Duration.TotalMilliseconds, a.Request, a.ResponseHeaders, a.ResponseStart).ExecuteNonQuery();

    public void UpsertPulse(string webhookId, AttemptResult a)
    {
        var at = (a.StartedAt + a.Duration).UtcTicks;
        var failing = a.Outcome is AttemptOutcome.ServerError or AttemptOutcome.TimedOut or AttemptOutcome.NoResponse;
        With(_pulse, webhookId, at, Name(a.Outcome), a.Reason, a.Outcome == AttemptOutcome.Success ? at : null, failing ? at : null).ExecuteNonQuery();
    }

    /// <summary>Makes claimed deliveries wait again whose lease ended by <paramref name="until"/>.</summary>
    /// <returns>The webhooks concerned.</returns>
    public HashSet<string> Rescue(long now, long until) => [.. Read(With(_rescue, now, until), r => r.GetString(0))];

    /// <summary>Ends at most <paramref name="limit"/> waiting deliveries whose window is over.</summary>
    public int Expire(string webhookId, long now, int limit) => With(_expire, webhookId, now, limit).ExecuteNonQuery();

    public void Dispose() => _connection.Dispose();

    private SqliteCommand Prepare(string sql, params string[] parameters)
    {
        var command = _connection.CreateCommand();
        command.CommandText = sql;
        foreach (var name in parameters) command.Parameters.Add(new SqliteParameter { ParameterName = name });
        return command;
    }

    private static SqliteCommand With(SqliteCommand command, params ReadOnlySpan<object?> values)
    {
        for (var i = 0; i < values.Length; i++) command.Parameters[i].Value = values[i] ?? DBNull.Value;
        return command;
    }

    private static List<T> Read<T>(SqliteCommand command, Func<SqliteDataReader, T> row)
    {
        using var reader = command.ExecuteReader();
        var rows = new List<T>();
        while (reader.Read()) rows.Add(row(reader));
        return rows;
    }

    // Enum names are constants of the metadata: no allocation a call.
    private static string Name<T>(T value) where T : struct, Enum => Enum.GetName(value)!;
}
