using EnsAdmin.Data;
using EnsAdmin.Domain;
using EnsAdmin.Shared;
using Microsoft.Extensions.Options;

namespace EnsAdmin.Dispatch;

/// <summary>
/// Takes due deliveries from the database and hands them to senders, in turns over the webhooks, so that a backlog of one never delays another.
/// If the process dies after the claim, during the call or before the result is recorded, the delivery is still claimed: the next start makes it
/// wait again, and it is sent again under the same eventId.
/// </summary>
public sealed partial class Dispatcher(
    GroupCommitWriter writer, WebhookSender sender, DueBoard due, ChangeFeed changes, IOptions<DeliveryOptions> options, TimeProvider time, Jitter jitter, ILogger<Dispatcher> log)
    : BackgroundService
{
    private static readonly TimeSpan AfterError = TimeSpan.FromSeconds(1);

    private readonly DeliveryOptions _options = options.Value;
    private readonly ReplayPolicy _policy = new(options.Value.FirstBackoff, options.Value.MaxBackoff);
    private readonly CancellationTokenSource _callsEnd = new();
    private long _lastClaim = time.GetUtcNow().UtcTicks;

    /// <summary>Takes up changed webhooks: new limits, activation, deletion.</summary>
    public async Task FollowWebhooksAsync()
    {
        await writer.RefreshWebhooksAsync();
        due.Signal();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (await RunOnceAsync()) continue;
                await due.WaitAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                PassFailed(e);
                await Task.Delay(AfterError, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>Claims what is due and starts its calls.</summary>
    /// <returns>False when there was nothing to claim.</returns>
    private async Task<bool> RunOnceAsync()
    {
        var now = time.GetUtcNow();
        var turns = due.TakeTurns(now, writer.Webhooks, _options.MaxCallsInFlight);
        if (turns.Count == 0) return false;

        var claimId = ++_lastClaim;
        // A sender records its result long before this; only a lost one is taken over.
        var lease = (now + _options.RequestTimeout + TimeSpan.FromMinutes(1)).UtcTicks;
        List<(Turn Turn, List<ClaimedDelivery> Claimed, long? NextDue)> claims;
        try
        {
            claims = await writer.RunAsync(sql => turns.ConvertAll(turn =>
            {
                var claimed = sql.Claim(turn.WebhookId, turn.Limit, claimId, now.UtcTicks, lease);
                return (turn, claimed, sql.NextDue(turn.WebhookId, now.UtcTicks));
            }));
        }
        catch
        {
            foreach (var turn in turns) due.Return(turn, 0, turn.DueAt);
            throw;
        }

        foreach (var (turn, claimed, nextDue) in claims)
        {
            due.Return(turn, claimed.Count, nextDue);
            foreach (var delivery in claimed) _ = DeliverAsync(delivery);
        }

        return true;
    }

    private async Task DeliverAsync(ClaimedDelivery claim)
    {
        var webhook = writer.Webhooks.Find(claim.WebhookId);
        AttemptResult? result = null;
        try
        {
            if (webhook is not null) result = await sender.SendAsync(webhook, claim.Body, AttemptTrigger.Scheduled, _callsEnd.Token);
        }
        catch (OperationCanceledException)
        {
            due.CallEnded(claim.WebhookId); // Stays claimed: the next start sends it again.
            due.RecordEnded();
            return;
        }
        catch (Exception e)
        {
            SenderFailed(e, claim.Id);
            result = new AttemptResult(AttemptTrigger.Scheduled, AttemptOutcome.NoResponse, null, "Not sent: EnsAdmin could not prepare the call; see its log",
                time.GetUtcNow(), TimeSpan.Zero, "", null, null);
        }

        due.CallEnded(claim.WebhookId);
        await RecordAsync(claim, result);
        due.RecordEnded();
    }

    /// <summary>Writes the attempt and what follows from it; keeps trying while the database can't be written.</summary>
    private async Task RecordAsync(ClaimedDelivery claim, AttemptResult? result)
    {
        while (true)
        {
            try
            {
                if (await writer.RunAsync(sql => Record(sql, claim, result)) is not { } recorded) return;
                if (recorded.DueAt is { } at) due.Add(claim.WebhookId, at);
                if (result is not null) Attempted(claim.WebhookId, claim.Id, claim.Attempt, result.Outcome, result.StatusCode, result.Reason, result.Duration.TotalMilliseconds, recorded.Status);
                changes.Publish(Topics.Deliveries(claim.WebhookId));
                changes.Publish(Topics.Delivery(claim.Id));
                return;
            }
            catch (WriterStoppedException)
            {
                return; // Stays claimed: the next start sends it again.
            }
            catch (Exception e)
            {
                RecordFailed(e, claim.Id);
                await Task.Delay(AfterError, time);
            }
        }
    }

    private (DeliveryStatus Status, long? DueAt)? Record(SqliteHotPath sql, ClaimedDelivery claim, AttemptResult? result)
    {
        var now = time.GetUtcNow();
        var deleted = writer.Webhooks.Find(claim.WebhookId) is null;
        var decision = result is null ? new ReplayDecision.Stop(DeliveryStatus.Cancelled)
            : _policy.Decide(result.Outcome, claim.Attempt, now, claim.ExpiresAt, jitter.Next());
        if (deleted && decision is ReplayDecision.Replay) decision = new ReplayDecision.Stop(DeliveryStatus.Cancelled);

        var (status, dueAt) = decision switch
        {
            ReplayDecision.Replay replay => (DeliveryStatus.ReplayScheduled, replay.At.UtcTicks),
            ReplayDecision.Stop stop => (stop.Status, (long?)null),
            _ => throw new InvalidOperationException("An unknown decision."),
        };
        var reason = status switch
        {
            DeliveryStatus.Cancelled => "The webhook was deleted.",
            DeliveryStatus.Rejected => $"{result!.Reason}: not replayed",
            _ => result!.Reason,
        };
        if (!sql.Complete(claim, status, dueAt, dueAt is null ? now.UtcTicks : null, result?.Outcome, reason)) return null;
        if (result is null) return (status, dueAt);
        sql.InsertAttempt(claim, result);
        sql.UpsertPulse(claim.WebhookId, result);
        return (status, dueAt);
    }

    /// <summary>No new claims; calls in flight get <see cref="DeliveryOptions.ShutdownGrace"/>, their results are recorded.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        using var grace = new CancellationTokenSource(_options.ShutdownGrace, time);
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(grace.Token, cancellationToken);
        await due.WaitUntilIdleAsync(bound.Token);
        await _callsEnd.CancelAsync();
    }

    [LoggerMessage(LogLevel.Information, "Attempt {Attempt} of delivery {Delivery} to webhook {Webhook}: {Outcome} {StatusCode} '{Reason}' in {DurationMs:0.0} ms, now {Status}")]
    private partial void Attempted(string webhook, long delivery, int attempt, AttemptOutcome outcome, int? statusCode, string reason, double durationMs, DeliveryStatus status);

    [LoggerMessage(LogLevel.Error, "Claiming failed; trying again soon")]
    private partial void PassFailed(Exception e);

    [LoggerMessage(LogLevel.Error, "Delivery {Delivery} could not be sent")]
    private partial void SenderFailed(Exception e, long delivery);

    [LoggerMessage(LogLevel.Error, "The result of delivery {Delivery} could not be recorded; trying again")]
    private partial void RecordFailed(Exception e, long delivery);
}
