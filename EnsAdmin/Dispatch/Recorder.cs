using EnsAdmin.Data;
using EnsAdmin.Domain;
using EnsAdmin.Shared;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;

namespace EnsAdmin.Dispatch;

/// <summary>Writes an attempt and what follows from it.</summary>
public sealed partial class Recorder(
    GroupCommitWriter writer, DueBoard due, ClockWatch clock, DispatchMetrics metrics, ChangeFeed changes, IOptions<DeliveryOptions> options, TimeProvider time, Jitter jitter, ILogger<Recorder> log)
{
    /// <summary>The end of the reason of what was refused for good.</summary>
    public const string NotReplayed = ": not replayed";

    private static readonly TimeSpan AfterError = TimeSpan.FromSeconds(1);

    /// <summary>Raised when a delivery that somebody asked to replay has been tried.</summary>
    public event Action? ReplayTried;

    private readonly ReplayPolicy _policy = new(options.Value.FirstBackoff, options.Value.MaxBackoff, options.Value.MaxRetryAfter);

    /// <summary>Writes what came of a call. Keeps trying while the database can't be written.</summary>
    /// <param name="webhook">As the call was made with.</param>
    /// <param name="cameBack">Whether the webhook was failing until this call.</param>
    public Task RecordAsync(ClaimedDelivery claim, WebhookSnapshot webhook, AttemptResult attempt, bool cameBack) =>
        UntilDoneAsync(claim, sql => Record(sql, claim, webhook, attempt, cameBack), recorded => Tell(claim, webhook, attempt, recorded));

    /// <summary>Ends a claimed delivery that no call was made for.</summary>
    /// <param name="reason">Why, in words.</param>
    public Task RecordUnsentAsync(ClaimedDelivery claim, string reason) =>
        UntilDoneAsync(claim, sql => sql.Record(claim, null, false, DeliveryStatus.Cancelled, null, reason, time.GetUtcNow().UtcTicks) ? (DeliveryStatus.Cancelled, null) : null, _ => { });

    private async Task UntilDoneAsync(ClaimedDelivery claim, Func<SqliteHotPath, (DeliveryStatus Status, long? DueAt)?> record, Action<(DeliveryStatus Status, long? DueAt)> tell)
    {
        while (true)
        {
            try
            {
                await clock.FollowAsync();
                if (await writer.RunAsync(record) is not { } recorded) return;
                if (recorded.DueAt is { } at) due.Add(claim.WebhookId, at);
                tell(recorded);
                changes.Publish(Topics.Deliveries(claim.WebhookId));
                changes.Publish(Topics.Delivery(claim.Id));
                if (claim.Trigger == AttemptTrigger.Manual) ReplayTried?.Invoke();
                return;
            }
            catch (WriterStoppedException)
            {
                return; // Stays claimed: the next start sends it again.
            }
            catch (Exception e)
            {
                if (e is not SqliteException) RecordFailed(e, claim.Id); // The writer says so, once for all.
                await Task.Delay(AfterError, time);
            }
        }
    }

    private void Tell(ClaimedDelivery claim, WebhookSnapshot webhook, AttemptResult attempt, (DeliveryStatus Status, long? DueAt) recorded)
    {
        var now = time.GetUtcNow();
        metrics.Recorded(claim, attempt, recorded.Status, now - claim.Since);
        if (!log.IsEnabled(LogLevel.Information)) return;
        Attempted(attempt.Trigger, claim.Attempt, claim.EventName, claim.EventId, claim.OrgId, webhook.Name, claim.WebhookId, claim.Id, attempt.Outcome, attempt.StatusCode, attempt.Reason,
            attempt.Duration.TotalMilliseconds, (now - claim.AcceptedAt).TotalMilliseconds, claim.SlaDueAt is not { } slaDueAt ? "none" : slaDueAt < now.UtcTicks ? "missed" : "not missed", recorded.Status,
            recorded.DueAt is not { } at ? "none" : due.IsFailing(claim.WebhookId) ? "when the webhook answers a probe" : new DateTimeOffset(at, TimeSpan.Zero).ToString("O"));
    }

    /// <returns>Null when the claim no longer holds.</returns>
    private (DeliveryStatus Status, long? DueAt)? Record(SqliteHotPath sql, ClaimedDelivery claim, WebhookSnapshot webhook, AttemptResult attempt, bool cameBack)
    {
        var now = time.GetUtcNow();
        // Its window may have been moved with the clock since it was claimed.
        var expiresAt = claim.ExpiresAt > now ? claim.ExpiresAt : sql.ExpiresAt(claim.Id) ?? claim.ExpiresAt;
        var replayed = attempt.Answer.IsReplayed(webhook.ReplayThrottled);
        var decision = claim.Trigger == AttemptTrigger.Test ? new ReplayDecision.Stop(attempt.Outcome == AttemptOutcome.Success ? DeliveryStatus.Delivered : DeliveryStatus.Rejected)
            : _policy.Decide(attempt.Answer, webhook.ReplayThrottled, claim.Attempt - claim.ReplayedAfter, now, expiresAt, jitter.Next());
        if (decision is ReplayDecision.Replay)
        {
            // Deleted while the call was in flight, it is not called again; changed meanwhile, its new address is not to wait for the old one's sake.
            if (writer.Webhooks.Find(claim.WebhookId) is not { } current) decision = new ReplayDecision.Stop(DeliveryStatus.Cancelled);
            else if (!current.IsCalledLike(webhook)) decision = new ReplayDecision.Replay(now);
        }

        var (status, dueAt) = decision switch
        {
            ReplayDecision.Replay replay => (DeliveryStatus.ReplayScheduled, replay.At.UtcTicks),
            ReplayDecision.Stop stop => (stop.Status, (long?)null),
            _ => throw new InvalidOperationException("An unknown decision."),
        };
        var reason = status switch
        {
            DeliveryStatus.Cancelled => "The webhook was deleted",
            DeliveryStatus.Rejected => attempt.Reason + NotReplayed,
            DeliveryStatus.Expired => $"Expired after {claim.Attempt} {(claim.Attempt == 1 ? "attempt" : "attempts")}; the last: {attempt.Reason}",
            _ => attempt.Reason,
        };
        return sql.Record(claim, attempt, replayed, status, dueAt, reason, now.UtcTicks, cameBack) ? (status, dueAt) : null;
    }

    [LoggerMessage(LogLevel.Information, "{Trigger} attempt {Attempt} of {EventName} {EventId} of organization {OrgId} to webhook '{WebhookName}' {WebhookId}, delivery {DeliveryId}: {Outcome} {StatusCode} '{Reason}' "
        + "in {DurationMs:0.0} ms, {SinceAcceptedMs:0.0} ms after it was accepted (SLA: {Sla}), now {Status}, next attempt: {NextAt}")]
    private partial void Attempted(AttemptTrigger trigger, int attempt, string eventName, string eventId, int orgId, string webhookName, string webhookId, long deliveryId, AttemptOutcome outcome,
        int? statusCode, string reason, double durationMs, double sinceAcceptedMs, string sla, DeliveryStatus status, string nextAt);

    [LoggerMessage(LogLevel.Error, "The result of delivery {Delivery} could not be recorded; trying again")]
    private partial void RecordFailed(Exception e, long delivery);
}
