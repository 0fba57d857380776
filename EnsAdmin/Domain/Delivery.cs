namespace EnsAdmin.Domain;

/// <summary>Where a delivery stands. The screens say Pending, Sending, Retrying, Success, Failed, Expired, Cancelled.</summary>
public enum DeliveryStatus
{
    /// <summary>Waits for its first attempt.</summary>
    Queued,
    /// <summary>In the hands of the dispatcher until its result is recorded or the program starts again.</summary>
    Claimed,
    /// <summary>Waits for another attempt.</summary>
    ReplayScheduled,
    Delivered,
    /// <summary>The receiver refused it for good (4xx, 3xx).</summary>
    Rejected,
    /// <summary>Its replay window is over.</summary>
    Expired,
    /// <summary>Its webhook was deleted.</summary>
    Cancelled,
}

/// <summary>What came of one HTTP call; a blocked one was not made.</summary>
public enum AttemptOutcome { Success, ClientError, ServerError, Redirect, TimedOut, NoResponse, Blocked }

/// <summary>Why an attempt is made: as the policy says, because somebody asked for a replay, or to try the webhook out.</summary>
public enum AttemptTrigger { Scheduled, Manual, Test }

/// <summary>One accepted event, as it is sent on.</summary>
public sealed class EventMessage
{
    private EventMessage() { }

    public long Id { get; private set; }
    public int OrgId { get; private set; }
    /// <summary>The producer's id, unique within the organization and the same on every replay.</summary>
    public string EventId { get; private set; } = "";
    public string EventName { get; private set; } = "";
    public string? RefId { get; private set; }
    public string? ApiRequestId { get; private set; }
    /// <summary>When it happened, as the producer says.</summary>
    public DateTimeOffset OccurredAt { get; private set; }
    /// <summary>When it was on disk here.</summary>
    public DateTimeOffset AcceptedAt { get; private set; }
    /// <summary>SHA-256 of what the producer sent, to tell a repeat from another event under the same id.</summary>
    public byte[] Fingerprint { get; private set; } = [];
    /// <summary>How many deliveries it had when accepted; a repeat is answered with the same number.</summary>
    public int DeliveryCount { get; private set; }
    /// <summary>The producer's place in its distributed trace, in W3C form, which the calls of webhooks continue; null when it has none.</summary>
    public string? TraceParent { get; private set; }
    /// <summary>When a forgotten customer's identifiers were last taken out of its payload, or of one that was made of it; null where none were.</summary>
    public DateTimeOffset? MaskedAt { get; private set; }
    public byte[] Body { get; private set; } = [];
}

/// <summary>One event on its way to one webhook. Rows are written by the hot path's SQL alone.</summary>
public sealed class Delivery
{
    private Delivery() { }

    public long Id { get; private set; }
    public int OrgId { get; private set; }
    public string WebhookId { get; private set; } = "";
    public long EventMessageId { get; private set; }
    public DeliveryStatus Status { get; private set; }
    /// <summary>How many attempts are recorded.</summary>
    public int Attempts { get; private set; }
    /// <summary>Of the next attempt while it waits, else of the last.</summary>
    public AttemptTrigger Trigger { get; private set; }
    public DateTimeOffset AcceptedAt { get; private set; }
    /// <summary>When somebody last asked for its replay; latency counts from then.</summary>
    public DateTimeOffset? ReplayedAt { get; private set; }
    /// <summary>How many attempts had been made by then.</summary>
    public int ReplayedAfter { get; private set; }
    /// <summary>When the next attempt may be made.</summary>
    public DateTimeOffset DueAt { get; private set; }
    /// <summary>The end of the replay window.</summary>
    public DateTimeOffset ExpiresAt { get; private set; }
    /// <summary>When it is late by its webhook's SLA, as that was when the event was accepted; null where none is tracked, and for a replay by hand.</summary>
    public DateTimeOffset? SlaDueAt { get; private set; }
    /// <summary>Set once, when it was late and not delivered; the breach is counted then.</summary>
    public DateTimeOffset? SlaBreachedAt { get; private set; }
    /// <summary>Fences a stale sender: a result counts only with the claim it was made under.</summary>
    public long? ClaimId { get; private set; }
    /// <summary>When it reached its final status.</summary>
    public DateTimeOffset? EndedAt { get; private set; }
    public AttemptOutcome? LastOutcome { get; private set; }
    /// <summary>The last attempt's reason, or why there was none, in words.</summary>
    public string? Reason { get; private set; }
    /// <summary>What is made of the event for its webhook: <see cref="EnrichedBody.Id"/>. Null where it is sent as it came.</summary>
    public long? EnrichedId { get; private set; }
    /// <summary>Whether that has yet to be made, with what the directory knew when the event was accepted; until then its <see cref="EarlierRecord"/>s are kept.</summary>
    public bool ToEnrich { get; private set; }
}

/// <summary>
/// An event's payload with the facts that its webhooks asked for; one for all that asked for the same. Stored with the first attempt, or a few minutes after the event came in
/// where there was none by then; from then on it is what is sent and shown.
/// </summary>
public sealed class EnrichedBody
{
    /// <summary>How many combinations of <see cref="EnrichmentFacts"/> there are.</summary>
    public const long Combinations = 0x1_0000;

    private EnrichedBody() { }

    /// <summary>The event's id times <see cref="Combinations"/>, plus the facts that were asked for: an event's are side by side, and need no index.</summary>
    public long Id { get; private set; }
    public int OrgId { get; private set; }
    /// <summary>As <see cref="PayloadAdditions"/>; null where nothing could be added.</summary>
    public byte[]? Body { get; private set; }
    /// <summary>What was left out because the directory does not know it, in words, one a line; null for nothing.</summary>
    public string? Unknown { get; private set; }

    public static long IdOf(long eventMessageId, EnrichmentFacts facts) => eventMessageId * Combinations + (long)facts;

    /// <summary>The event of an <see cref="Id"/>.</summary>
    public static long EventOf(long id) => id / Combinations;

    /// <summary>The facts of an <see cref="Id"/>.</summary>
    public static EnrichmentFacts FactsOf(long id) => (EnrichmentFacts)(id % Combinations);
}

/// <summary>One HTTP call of a delivery.</summary>
public sealed class DeliveryAttempt
{
    private DeliveryAttempt() { }

    public long Id { get; private set; }
    public long DeliveryId { get; private set; }
    public int OrgId { get; private set; }
    public int Number { get; private set; }
    public AttemptTrigger Trigger { get; private set; }
    public AttemptOutcome Outcome { get; private set; }
    public int? StatusCode { get; private set; }
    public string Reason { get; private set; } = "";
    public DateTimeOffset StartedAt { get; private set; }
    public double DurationMs { get; private set; }
    /// <summary>Method, address and header names of the call, one a line; values of configured headers are masked.</summary>
    public string Request { get; private set; } = "";
    /// <summary>The answer's headers, one a line.</summary>
    public string? ResponseHeaders { get; private set; }
    /// <summary>The first 4 KiB of the answer's body.</summary>
    public byte[]? ResponseStart { get; private set; }
}

/// <summary>How a webhook fares, kept up with every commit so that no page has to count.</summary>
public sealed class WebhookPulse
{
    private WebhookPulse() { }

    public string WebhookId { get; private set; } = "";
    public int OrgId { get; private set; }
    /// <summary>Deliveries that wait for an attempt or are in flight.</summary>
    public int Waiting { get; private set; }
    public DateTimeOffset? LastAttemptAt { get; private set; }
    public AttemptOutcome? LastOutcome { get; private set; }
    public string? LastReason { get; private set; }
    public DateTimeOffset? LastSuccessAt { get; private set; }
    /// <summary>Since when every attempt got an answer that is replayed, or none; null while some succeed.</summary>
    public DateTimeOffset? FailingSince { get; private set; }
    /// <summary>When its receiver asked, with the last answer, to be called again; null when it did not.</summary>
    public DateTimeOffset? AskedUntil { get; private set; }
    /// <summary>When it came back, until what waits for it has been made due.</summary>
    public DateTimeOffset? CameBackAt { get; private set; }
}

/// <summary>A webhook's deliveries of one hour (of acceptance) by where they stand now; test deliveries are not among them.</summary>
public sealed class DeliveryCounts
{
    private DeliveryCounts() { }

    public string WebhookId { get; private set; } = "";
    public DateTimeOffset Hour { get; private set; }
    public int OrgId { get; private set; }
    public int Pending { get; private set; }
    public int Retrying { get; private set; }
    public int Delivered { get; private set; }
    public int Failed { get; private set; }
    public int Expired { get; private set; }
    public int Cancelled { get; private set; }
    public int SlaBreaches { get; private set; }
    /// <summary>Accepted to delivered, summed over <see cref="Delivered"/>.</summary>
    public double LatencyMs { get; private set; }
}
