using System.Collections.Concurrent;
using EnsAdmin.Domain;

namespace EnsAdmin.Data;

/// <summary>An event ready to be stored; times in UTC ticks.</summary>
/// <param name="TraceParent">In W3C form.</param>
public sealed record NewEvent(int OrgId, string EventId, string EventName, string? RefId, string? ApiRequestId, long OccurredAt, byte[] Fingerprint, byte[] Body, string? TraceParent = null);

/// <summary>What is known of an event that is already stored.</summary>
public readonly record struct StoredEvent(byte[] Fingerprint, int DeliveryCount);

/// <summary>A delivery in the hands of the dispatcher.</summary>
/// <param name="Attempt">The number of the attempt to make, from 1.</param>
/// <param name="SlaDueAt">UTC ticks; null when no SLA is tracked.</param>
public sealed record ClaimedDelivery(long Id, int OrgId, string WebhookId, long ClaimId, int Attempt, AttemptTrigger Trigger, DateTimeOffset AcceptedAt,
    DateTimeOffset ExpiresAt, long? SlaDueAt, byte[] Body, string EventId, string EventName, string? TraceParent)
{
    /// <summary>When somebody last asked for its replay.</summary>
    public DateTimeOffset? ReplayedAt { get; init; }

    /// <summary>How many attempts had been made by then; the pauses of the policy begin anew after them.</summary>
    public int ReplayedAfter { get; init; }

    /// <summary>From when its latency counts.</summary>
    public DateTimeOffset Since => ReplayedAt ?? AcceptedAt;

    /// <summary>What <c>Body</c> has yet to be made of; null where it is what to send.</summary>
    public PayloadToMake? ToMake { get; init; }

    /// <summary>What was made for it since it was claimed, to be stored under an <see cref="EnrichedBody.Id"/> with its attempt.</summary>
    public (long EnrichedId, MadePayload Payload)? Made { get; private init; }

    /// <summary>The same with what was made of <see cref="ToMake"/>.</summary>
    public ClaimedDelivery With(MadePayload made) => this with { Made = (ToMake!.EnrichedId, made), ToMake = null, Body = PayloadAdditions.Apply(Body, made.Added) };
}

/// <summary>An event whose payload has yet to be made for some of its webhooks.</summary>
/// <param name="EnrichedId">As <see cref="EnrichedBody.Id"/>.</param>
/// <param name="OccurredAt">UTC ticks.</param>
/// <param name="Body">The event's own.</param>
public sealed record PayloadToMake(long EnrichedId, int OrgId, string EventName, string? ApiRequestId, long OccurredAt, byte[] Body);

/// <summary>A payload that was made for some of an event's webhooks.</summary>
/// <param name="Added">As <see cref="PayloadAdditions"/>; null where nothing could be added: the event's own is sent.</param>
/// <param name="Unknown">What was left out, in words, one a line; null for nothing.</param>
public sealed record MadePayload(byte[]? Added, string? Unknown);

/// <summary>What came of one HTTP call.</summary>
/// <param name="Request">Method, address and headers, one a line; values of configured headers masked.</param>
/// <param name="ResponseStart">The first 4 KiB of the answer's body.</param>
public sealed record AttemptResult(AttemptTrigger Trigger, AttemptOutcome Outcome, int? StatusCode, string Reason, DateTimeOffset StartedAt,
    TimeSpan Duration, string Request, string? ResponseHeaders, byte[]? ResponseStart)
{
    /// <summary>When the receiver asked to be called again; null when it did not say, or nothing sensible.</summary>
    public DateTimeOffset? RetryAt { get; init; }

    public AttemptAnswer Answer => new(Outcome, StatusCode, RetryAt);
}

/// <summary>A webhook as ingest and dispatch need it.</summary>
/// <param name="ReplayWindow">Null for the installation's own.</param>
/// <param name="Headers">Names and encrypted values.</param>
public sealed record WebhookSnapshot(string Id, int OrgId, string Name, string Url, string Method, bool Active, int MaxConnections, int SlaSeconds,
    bool ReplayThrottled, TimeSpan? ReplayWindow, IReadOnlyList<string> EventNames, IReadOnlyList<KeyValuePair<string, string>> Headers, EnrichmentFacts Enrichment)
{
    /// <summary>Whether a call is made the same way: the address, the method and the headers are those of another state of the webhook.</summary>
    public bool IsCalledLike(WebhookSnapshot other) => Url == other.Url && Method == other.Method && Headers.SequenceEqual(other.Headers);
}

/// <summary>All webhooks that are not deleted, as one committed state of the database had them.</summary>
public sealed class WebhookSet
{
    public static WebhookSet Empty { get; } = new([]);

    private readonly Dictionary<string, WebhookSnapshot> _byId;
    private readonly ILookup<(int OrgId, string EventName), WebhookSnapshot> _byEvent;
    private readonly ConcurrentDictionary<(int OrgId, string EventName), IReadOnlyList<WebhookSnapshot>> _receivers = new();

    public WebhookSet(IReadOnlyCollection<WebhookSnapshot> webhooks)
    {
        _byId = webhooks.ToDictionary(w => w.Id);
        _byEvent = webhooks.SelectMany(w => w.EventNames, (w, name) => (w, name)).ToLookup(x => (x.w.OrgId, x.name), x => x.w);
        ActiveCount = webhooks.Count(w => w.Active);
    }

    public IReadOnlyCollection<WebhookSnapshot> All => _byId.Values;

    public int ActiveCount { get; }

    public WebhookSnapshot? Find(string id) => _byId.GetValueOrDefault(id);

    /// <summary>The active webhooks that subscribe to an event type under any of its names, each once.</summary>
    /// <param name="names">The event's own name first.</param>
    public IReadOnlyList<WebhookSnapshot> ReceiversOf(int orgId, IReadOnlyList<string> names)
    {
        var key = (orgId, names[0]);
        return _receivers.TryGetValue(key, out var known) ? known
            : _receivers[key] = [.. names.SelectMany(name => _byEvent[(orgId, name)]).Where(w => w.Active).DistinctBy(w => w.Id)];
    }
}
