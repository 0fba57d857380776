using System.Text.Json;
using EnsAdmin.Domain;
using Microsoft.Data.Sqlite;

namespace EnsAdmin.Data;

/// <summary>
/// The SQL of ingest, claim and record, in one place: prepared once, used by the one thread of <see cref="GroupCommitWriter"/>, always inside its
/// transaction. Instants are UTC ticks. A delivery is <c>Queued</c> before its first recorded attempt and <c>ReplayScheduled</c> after it.
/// </summary>
public sealed class SqliteHotPath : IDisposable
{
    internal const string IsWaiting = "\"Status\" IN ('Queued', 'ReplayScheduled')";

    private readonly SqliteConnection _connection;
    private readonly List<Statement> _prepared = [];
    private readonly CommitTally _tally;
    private readonly Statement _begin, _commit, _rollback, _dataVersion, _webhooks, _headers, _subscriptions, _insertEvent, _findEvent, _insertEnriched, _enriched, _insertDelivery,
        _claim, _claimAny, _claimNewest, _nextDue, _complete, _insertAttempt, _breach, _expiresAt;

    public SqliteHotPath(string connectionString)
    {
        _connection = new SqliteConnection(connectionString);
        _connection.Open();
        // A commit is answered to a producer: it must survive the loss of power.
        Prepare("PRAGMA journal_mode = WAL").Execute();
        Prepare("PRAGMA synchronous = FULL").Execute();
        // Looked-up customers lie anywhere in their table, and must not push out what a commit is about to write.
        Prepare("PRAGMA cache_size = -8192").Execute();

        _begin = Prepare("BEGIN IMMEDIATE");
        _commit = Prepare("COMMIT");
        _rollback = Prepare("ROLLBACK");
        _dataVersion = Prepare("PRAGMA data_version");
        _webhooks = Prepare("SELECT Id, OrgId, Name, Url, Method, Active, MaxConnections, SlaSeconds, ReplayThrottled, ReplayWindowHours, Enrichment FROM Webhooks WHERE DeletedAt IS NULL");
        _headers = Prepare("SELECT WebhookId, Name, ProtectedValue FROM WebhookHeaders ORDER BY Position");
        _subscriptions = Prepare("SELECT WebhookId, EventName FROM Subscriptions");
        _insertEvent = Prepare("""
            INSERT INTO EventMessages (OrgId, EventId, EventName, RefId, ApiRequestId, OccurredAt, AcceptedAt, Fingerprint, DeliveryCount, Body, TraceParent)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
            ON CONFLICT (OrgId, EventId) DO NOTHING
            """);
        _findEvent = Prepare("SELECT Fingerprint, DeliveryCount FROM EventMessages WHERE OrgId = ?1 AND EventId = ?2");
        _insertEnriched = Prepare("INSERT OR IGNORE INTO EnrichedBodies (Id, OrgId, Body, Unknown) VALUES (?1, ?2, ?3, ?4)");
        _enriched = Prepare("UPDATE Deliveries SET ToEnrich = 0 WHERE OrgId = ?1 AND EventMessageId = ?2 AND ToEnrich AND EnrichedId = ?3");
        _insertDelivery = Prepare("""
            INSERT INTO Deliveries (OrgId, WebhookId, EventMessageId, Status, Attempts, "Trigger", AcceptedAt, DueAt, ExpiresAt, SlaDueAt, ClaimId, ReplayedAfter, EnrichedId, ToEnrich)
            VALUES (?1, ?2, ?3, ?4, 0, ?5, ?6, ?6, ?7, ?8, ?9, 0, ?10, ?11)
            """);
        _claim = Prepare(ClaimWhere("DueAt <= ?3 AND"));
        _claimAny = Prepare(ClaimWhere(""));
        // Of those due last; all that is due may be many that were tried.
        _claimNewest = Prepare(ClaimOf($"SELECT Id FROM (SELECT Id, Status, ExpiresAt FROM Deliveries WHERE WebhookId = ?2 AND {IsWaiting} AND DueAt <= ?3 ORDER BY DueAt DESC LIMIT 500) WHERE Status = 'Queued' AND ExpiresAt > ?3 LIMIT ?4"));
        _nextDue = Prepare($"SELECT MIN(DueAt) FROM Deliveries WHERE WebhookId = ?1 AND {IsWaiting} AND ExpiresAt > ?2");
        _complete = Prepare("""
            UPDATE Deliveries SET Status = ?3, Attempts = ?4, "Trigger" = ?5, DueAt = COALESCE(?6, DueAt), EndedAt = ?7, LastOutcome = ?8, Reason = ?9, ClaimId = NULL, ToEnrich = ToEnrich AND ?10
            WHERE Id = ?1 AND ClaimId = ?2
            """);
        _insertAttempt = Prepare("""
            INSERT INTO Attempts (DeliveryId, OrgId, Number, "Trigger", Outcome, StatusCode, Reason, StartedAt, DurationMs, Request, ResponseHeaders, ResponseStart)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
            """);
        _breach = Prepare("UPDATE Deliveries SET SlaBreachedAt = ?2 WHERE Id = ?1 AND SlaBreachedAt IS NULL AND (EndedAt IS NULL OR EndedAt > ?2)");
        _expiresAt = Prepare("SELECT ExpiresAt FROM Deliveries WHERE Id = ?1");
        _tally = new CommitTally(Prepare);
        Care = new SqliteCare(Prepare, _tally);
        Directory = new SqliteDirectory(Prepare);
        Imports = new SqliteImports(Prepare);
    }

    /// <summary>What keeps the queue in order besides its daily way.</summary>
    public SqliteCare Care { get; }

    /// <summary>Stores, tills and customers.</summary>
    public SqliteDirectory Directory { get; }

    /// <summary>How far files have come, and what else changes many rows for the directory.</summary>
    public SqliteImports Imports { get; }

    /// <summary>How many statements have been run.</summary>
    public long Statements { get; private set; }

    /// <summary>How many rows have been changed.</summary>
    public long Changes => SQLitePCL.raw.sqlite3_total_changes(_connection.Handle);

    /// <summary>How long to wait for another program that holds the database.</summary>
    public void WaitForLocks(TimeSpan atMost) => SQLitePCL.raw.sqlite3_busy_timeout(_connection.Handle, (int)atMost.TotalMilliseconds);

    public void Begin() => _begin.Execute();

    /// <returns>How many deliveries it marks as past their SLA.</returns>
    public int Commit()
    {
        var breaches = _tally.Breaches;
        _tally.Write();
        _commit.Execute();
        Directory.Ended();
        return breaches;
    }

    public void Rollback()
    {
        _tally.Clear();
        Directory.Ended();
        _rollback.Execute();
    }

    /// <summary>Changes whenever another connection has committed.</summary>
    public long DataVersion() => _dataVersion.Number()!.Value;

    public WebhookSet LoadWebhooks()
    {
        var headers = _headers.Read(r => (Id: r.Text(0), Pair: KeyValuePair.Create(r.Text(1), r.Text(2)))).ToLookup(x => x.Id, x => x.Pair);
        var events = _subscriptions.Read(r => (Id: r.Text(0), Name: r.Text(1))).ToLookup(x => x.Id, x => x.Name);
        return new WebhookSet(_webhooks.Read(r => new WebhookSnapshot(r.Text(0), r.Int(1), r.Text(2), r.Text(3), r.Text(4), r.Flag(5), r.Int(6), r.Int(7), r.Flag(8),
            r.LongOrNull(9) is { } hours ? TimeSpan.FromHours(hours) : null, [.. events[r.Text(0)]], [.. headers[r.Text(0)]],
            JsonSerializer.Deserialize<PayloadEnrichment>(r.Text(10), JsonSerializerOptions.Default)!.ToFacts())));
    }

    /// <returns>The new row's id, or null when the organization already has an event of this <c>eventId</c>.</returns>
    public long? InsertEvent(NewEvent e, int deliveryCount, long now) =>
        _insertEvent.Insert(e.OrgId, e.EventId, e.EventName, e.RefId, e.ApiRequestId, e.OccurredAt, now, e.Fingerprint, deliveryCount, e.Body, e.TraceParent);

    public StoredEvent FindEvent(int orgId, string eventId) => _findEvent.Read(r => new StoredEvent(r.Blob(0), r.Int(1)), orgId, eventId).Single();

    /// <summary>Stores a payload for all of the event's webhooks that asked for the same, where it has yet to be made for any.</summary>
    /// <param name="id">As <see cref="EnrichedBody.Id"/>.</param>
    public void StoreMade(int orgId, long id, MadePayload made)
    {
        if (_enriched.Execute(orgId, EnrichedBody.EventOf(id), id) > 0) _insertEnriched.Execute(id, orgId, made.Added, made.Unknown);
    }

    /// <summary>Queues an event for a webhook, due at once.</summary>
    /// <param name="facts">What the webhook asks for and has a place in the event.</param>
    public void Enqueue(WebhookSnapshot webhook, long messageId, long now, long expiresAt, EnrichmentFacts facts = EnrichmentFacts.None)
    {
        InsertDelivery(webhook, DeliveryStatus.Queued, AttemptTrigger.Scheduled, messageId, now, expiresAt, SlaDueAt(webhook, now), null, facts);
        _tally.Moved(webhook.Id, webhook.OrgId, now, null, DeliveryStatus.Queued, AttemptTrigger.Scheduled);
    }

    /// <summary>Stores a delivery that is claimed from the first, so that its call can start after the commit. A test has no SLA.</summary>
    /// <inheritdoc cref="Enqueue"/>
    public ClaimedDelivery EnqueueClaimed(WebhookSnapshot webhook, long messageId, NewEvent e, AttemptTrigger trigger, long claimId, DateTimeOffset now, DateTimeOffset expiresAt, EnrichmentFacts facts = EnrichmentFacts.None)
    {
        var slaDueAt = trigger == AttemptTrigger.Test ? null : SlaDueAt(webhook, now.UtcTicks);
        var id = InsertDelivery(webhook, DeliveryStatus.Claimed, trigger, messageId, now.UtcTicks, expiresAt.UtcTicks, slaDueAt, claimId, facts);
        _tally.Moved(webhook.Id, webhook.OrgId, now.UtcTicks, null, DeliveryStatus.Queued, trigger);
        return new ClaimedDelivery(id, webhook.OrgId, webhook.Id, claimId, 1, trigger, now, expiresAt, slaDueAt, e.Body, e.EventId, e.EventName, e.TraceParent)
        {
            ToMake = facts == 0 ? null : new PayloadToMake(EnrichedBody.IdOf(messageId, facts), webhook.OrgId, e.EventName, e.ApiRequestId, e.OccurredAt, e.Body),
        };
    }

    /// <summary>Hands at most <paramref name="limit"/> waiting deliveries of a webhook, the longest due first, to the holder of <paramref name="claimId"/>.</summary>
    /// <param name="ahead">Takes also those that are not due yet: a failing webhook is probed with whatever waits.</param>
    /// <param name="newest">Takes those that were never tried, the newest first, where there are any.</param>
    public List<ClaimedDelivery> Claim(string webhookId, int limit, long claimId, long now, bool ahead, bool newest = false)
    {
        if (newest && _claimNewest.Read(Read, claimId, webhookId, now, limit) is { Count: > 0 } claimed) return claimed;
        return (ahead ? _claimAny : _claim).Read(Read, claimId, webhookId, now, limit);

        ClaimedDelivery Read(Row r)
        {
            var (orgId, body, made, eventName) = (r.Int(1), r.Blob(7), r.BlobOrNull(13), r.Text(9));
            return new ClaimedDelivery(r.Long(0), orgId, webhookId, claimId, r.Int(2) + 1, TriggerOf(r.Text(3)), new DateTimeOffset(r.Long(4), TimeSpan.Zero), new DateTimeOffset(r.Long(5), TimeSpan.Zero),
                r.LongOrNull(6), PayloadAdditions.Apply(body, made), r.Text(8), eventName, r.TextOrNull(10))
            {
                ReplayedAt = r.LongOrNull(11) is { } replayedAt ? new DateTimeOffset(replayedAt, TimeSpan.Zero) : null, ReplayedAfter = r.Int(12),
                ToMake = made is null && r.LongOrNull(14) is { } id ? new PayloadToMake(id, orgId, eventName, r.TextOrNull(15), r.Long(16), body) : null,
            };
        }
    }

    /// <returns>When the webhook's next delivery is due; null when none waits.</returns>
    public long? NextDue(string webhookId, long now) => _nextDue.Number(webhookId, now);

    /// <summary>When a delivery's window ends; null when it is not there any more.</summary>
    public DateTimeOffset? ExpiresAt(long deliveryId) => _expiresAt.Number(deliveryId) is { } ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;

    /// <summary>Sets what became of a claimed delivery and stores its attempt.</summary>
    /// <param name="attempt">Null when none was made.</param>
    /// <param name="replayed">Whether the attempt's answer is of the kind that is replayed.</param>
    /// <param name="cameBack">Whether the webhook was failing until this attempt.</param>
    /// <returns>False when the claim no longer holds; nothing is changed then.</returns>
    public bool Record(ClaimedDelivery claim, AttemptResult? attempt, bool replayed, DeliveryStatus status, long? dueAt, string reason, long now, bool cameBack = false)
    {
        var made = attempt is null ? claim.Attempt - 1 : claim.Attempt;
        var trigger = dueAt is null ? claim.Trigger : AttemptTrigger.Scheduled;
        var stillToEnrich = claim.ToMake is not null || (attempt is null && claim.Made is null);
        if (_complete.Execute(claim.Id, claim.ClaimId, Name(status), made, Name(trigger), dueAt, dueAt is null ? now : (long?)null, attempt is null ? default(SqlValue) : Name(attempt.Outcome), reason, stillToEnrich ? 1 : 0) != 1)
            return false;
        if (claim.Made is var (enrichedId, payload)) _insertEnriched.Execute(enrichedId, claim.OrgId, payload.Added, payload.Unknown);
        var latency = status == DeliveryStatus.Delivered ? Math.Max(0, TimeSpan.FromTicks(now - claim.Since.UtcTicks).TotalMilliseconds) : 0;
        _tally.Moved(claim.WebhookId, claim.OrgId, claim.AcceptedAt.UtcTicks, StatusBefore(claim.Attempt - 1), status, claim.Trigger, latency);
        if (claim.SlaDueAt < now) Breach(claim.Id, claim.WebhookId, claim.OrgId, claim.AcceptedAt.UtcTicks, claim.SlaDueAt.Value);
        if (attempt is null) return true;

        _insertAttempt.Execute(claim.Id, claim.OrgId, claim.Attempt, Name(attempt.Trigger), Name(attempt.Outcome), attempt.StatusCode, attempt.Reason,
            attempt.StartedAt.UtcTicks, attempt.Duration.TotalMilliseconds, attempt.Request, attempt.ResponseHeaders, attempt.ResponseStart);
        if (claim.Trigger != AttemptTrigger.Test) _tally.Attempted(claim.WebhookId, claim.OrgId, attempt, replayed, cameBack);
        return true;
    }

    /// <summary>Marks a delivery that is not delivered in time; counted once.</summary>
    public void Breach(long deliveryId, string webhookId, int orgId, long acceptedAt, long slaDueAt)
    {
        if (_breach.Execute(deliveryId, slaDueAt) == 1) _tally.Breached(webhookId, orgId, acceptedAt);
    }

    public void Dispose()
    {
        foreach (var statement in _prepared) statement.Dispose();
        _connection.Dispose();
    }

    /// <summary>Enum names are constants of the metadata: no allocation a call.</summary>
    internal static string Name<T>(T value) where T : struct, Enum => Enum.GetName(value)!;

    /// <summary>The status in which a delivery with so many recorded attempts waits.</summary>
    internal static DeliveryStatus StatusBefore(int attempts) => attempts == 0 ? DeliveryStatus.Queued : DeliveryStatus.ReplayScheduled;

    private long InsertDelivery(WebhookSnapshot webhook, DeliveryStatus status, AttemptTrigger trigger, long messageId, long now, long expiresAt, long? slaDueAt, long? claimId, EnrichmentFacts facts) =>
        _insertDelivery.Insert(webhook.OrgId, webhook.Id, messageId, Name(status), Name(trigger), now, expiresAt, slaDueAt, claimId, facts == 0 ? (long?)null : EnrichedBody.IdOf(messageId, facts), facts == 0 ? 0 : 1)!.Value;

    private static long? SlaDueAt(WebhookSnapshot webhook, long now) => webhook.SlaSeconds == 0 ? null : now + webhook.SlaSeconds * TimeSpan.TicksPerSecond;

    private static AttemptTrigger TriggerOf(string name) => name == nameof(AttemptTrigger.Manual) ? AttemptTrigger.Manual : AttemptTrigger.Scheduled;

    private static string ClaimWhere(string due) => ClaimOf($"SELECT Id FROM Deliveries WHERE WebhookId = ?2 AND {IsWaiting} AND {due} ExpiresAt > ?3 ORDER BY DueAt LIMIT ?4");

    private static string ClaimOf(string ids) => $"""
        UPDATE Deliveries SET Status = 'Claimed', ClaimId = ?1 WHERE Id IN ({ids})
        RETURNING Id, OrgId, Attempts, "Trigger", AcceptedAt, ExpiresAt, SlaDueAt, (SELECT m.Body FROM EventMessages m WHERE m.Id = EventMessageId),
            (SELECT m.EventId FROM EventMessages m WHERE m.Id = EventMessageId), (SELECT m.EventName FROM EventMessages m WHERE m.Id = EventMessageId),
            (SELECT m.TraceParent FROM EventMessages m WHERE m.Id = EventMessageId), ReplayedAt, ReplayedAfter,
            (SELECT b.Body FROM EnrichedBodies b WHERE b.Id = EnrichedId), CASE WHEN ToEnrich THEN EnrichedId END,
            CASE WHEN ToEnrich THEN (SELECT m.ApiRequestId FROM EventMessages m WHERE m.Id = EventMessageId) END, CASE WHEN ToEnrich THEN (SELECT m.OccurredAt FROM EventMessages m WHERE m.Id = EventMessageId) END
        """;

    private Statement Prepare(string sql)
    {
        var statement = new Statement(_connection.Handle!, sql, () => Statements++);
        _prepared.Add(statement);
        return statement;
    }
}
